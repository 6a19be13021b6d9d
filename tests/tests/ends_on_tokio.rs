//! The end of the stream at every byte, for programs on tokio: both sides of packetstream ask at
//! once, each question is a task that waits, and each task is told.

use std::collections::BTreeMap;
use std::time::Duration;

use framer_protocols::packetstream::{Left, Record, Right, left, right};
use framer_runtime::Error;
use framer_runtime::machine::Machine;
use framer_runtime::testing::Faults;
use framer_runtime::testing::tokio::{SimulatedStream, streams};
use framer_runtime::tokio::Connection;
use framer_tests::frames::encoded;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

/// How many questions each side asks.
const QUESTIONS: u64 = 6;

/// Either role: all that it hears is records.
trait Role: Machine {
    fn record(event: Self::Event<'_>) -> Record<'_>;
}

impl Role for Left {
    fn record(event: Self::Event<'_>) -> Record<'_> {
        let left::Event::Record(record) = event;
        record
    }
}

impl Role for Right {
    fn record(event: Self::Event<'_>) -> Record<'_> {
        let right::Event::Record(record) = event;
        record
    }
}

/// What came of one side.
#[derive(Debug, Default)]
struct Came {
    /// The tasks that were answered, and those that were told that there will be no answer.
    answered: usize,
    failed: usize,
    /// How many bytes of whole records it has read.
    read: u64,
}

/// Asks, answers, and leaves when both are done, if it is the one to leave.
async fn drive<M: Role>(
    connection: &mut Connection<SimulatedStream, M>,
    waiting: &mut BTreeMap<u64, oneshot::Sender<u64>>,
    read: &mut u64,
    leaves: bool,
) -> Result<(), Error>
where
    for<'m> M::Message<'m>: From<Record<'m>>,
{
    for tag in 0..QUESTIONS {
        let asked = Record { tag, flags: 0, channel: None, kind: Some(1), payload: b"how?" };
        connection.send(asked).await?;
    }
    let mut answered = 0;
    while !(leaves && answered == QUESTIONS && waiting.is_empty()) {
        let Some((event, mut reply)) = connection.next().await? else { return Ok(()) };
        let record = M::record(event);
        *read += u64::try_from(encoded(record).len()).expect("short");
        if record.kind.is_some() {
            reply.send(Record { kind: None, flags: 1, payload: b"so", ..record })?;
            answered += 1;
        } else {
            let waits = waiting.remove(&record.tag).expect("it is answered once");
            waits.send(record.tag).expect("it waits");
        }
    }
    connection.flush().await
}

/// One side, from its beginning until each of its tasks was told.
async fn side<M: Role>(
    stream: SimulatedStream,
    machine: M,
    leaves: bool,
) -> (Came, Result<(), Error>)
where
    for<'m> M::Message<'m>: From<Record<'m>>,
{
    let (mut waiting, mut tasks) = (BTreeMap::new(), JoinSet::new());
    for tag in 0..QUESTIONS {
        let (told, waits) = oneshot::channel();
        waiting.insert(tag, told);
        tasks.spawn(waits);
    }
    let mut came = Came::default();
    let mut connection = Connection::new(stream, machine);
    let ended = drive(&mut connection, &mut waiting, &mut came.read, leaves).await;
    drop((connection, waiting));
    while let Some(told) = tasks.join_next().await {
        *(if told.expect("no panic").is_ok() { &mut came.answered } else { &mut came.failed }) += 1;
    }
    (came, ended)
}

/// Both sides over these ways.
async fn both(to_left: Faults, to_right: Faults) -> [(Came, Result<(), Error>); 2] {
    let (here, there) = streams(0, to_left, to_right);
    let left = side(here, Left::new(), true);
    let right = side(there, Right::new(), false);
    let both = async { tokio::join!(left, right) };
    // Nobody waits for longer than a loss takes to arrive.
    let both = timeout(Duration::from_millis(10), both).await.expect("somebody waits");
    both.into()
}

#[tokio::test(start_paused = true)]
async fn at_every_byte() {
    let whole = |pieces| Faults::none().cut_into(pieces..=pieces);
    let [(left, _), (right, ended)] = both(whole(usize::MAX), whole(usize::MAX)).await;
    assert_eq!((left.answered, right.answered), (6, 6));
    ended.expect("it ended in order");
    let (began, mut count, mut failed) = (Instant::now(), 0, 0);
    for pieces in [1, usize::MAX] {
        for bytes in 0..left.read.max(right.read) {
            let faults = || whole(pieces);
            let ends = [
                (faults().closed_after(bytes), faults()),
                (faults(), faults().closed_after(bytes)),
                (faults().reset_after(bytes), faults()),
                (faults(), faults().reset_after(bytes)),
                (faults().closed_after(bytes), faults().closed_after(bytes)),
            ];
            for (to_left, to_right) in ends {
                for (came, _) in both(to_left, to_right).await {
                    assert_eq!(came.answered + came.failed, 6, "{bytes}: {came:?}");
                    assert!(came.read <= left.read.max(right.read));
                    failed += came.failed;
                }
                count += 1;
            }
        }
    }
    assert!(count > 500 && failed > count, "{count} ends, {failed} questions failed");
    assert!(began.elapsed() < Duration::from_secs(10));
}
