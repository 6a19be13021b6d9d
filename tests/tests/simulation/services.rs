//! Both sides of packetstream ask as clients and answer as services, over streams of tokio.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use framer_protocols::packetstream::{Left, Record, Right, left, right};
use framer_runtime::machine::Described;
use framer_runtime::requests::{Answer, Client, Failed, Heard, Part, Request, Requests};
use framer_runtime::testing::tokio::streams;
use framer_runtime::testing::{Chance, Faults, seeds};
use framer_runtime::tokio::Connection;
use futures_util::future::join_all;
use tokio::time::{sleep, timeout};
use tower::service_fn;

use crate::SEEDS;

/// How many questions each side asks.
const QUESTIONS: u64 = 40;

/// How long a program waits: the description leaves that to it.
const PATIENCE: Duration = Duration::from_secs(600);

/// What is kept of a record: its tag, its channel, whether it asks, and its payload.
type Own = (u64, Option<u64>, bool, Vec<u8>);

fn own(record: Record<'_>) -> Own {
    (record.tag, record.channel, record.kind.is_some(), record.payload.to_vec())
}

fn question<M: Described>(number: u64) -> Request<M>
where
    for<'m> Record<'m>: Into<M::Message<'m>>,
{
    let channel = Some(number % 3).filter(|channel| *channel > 0);
    let part = Part::new(move |tag, speaker| {
        let payload = number.to_be_bytes();
        speaker.send(Record { tag, flags: 0, channel, kind: Some(1), payload: &payload })
    });
    Request::from(part).within(PATIENCE)
}

fn answer<M: Described>((tag, channel, asks, mut payload): Own) -> Answer<M>
where
    for<'m> Record<'m>: Into<M::Message<'m>>,
{
    assert!(asks, "a service is given what is asked");
    payload.reverse();
    Answer::from(Part::new(move |_, speaker| {
        speaker.send(Record { tag, flags: 1, channel, kind: None, payload: &payload })
    }))
}

fn up_to(chance: &Mutex<Chance>, millis: u64) -> Duration {
    Duration::from_millis(chance.lock().expect("no panic").below(millis))
}

/// Asks now and then; how many questions were answered.
async fn ask_all<M: Described>(client: Client<M, Own>, chance: Arc<Mutex<Chance>>) -> u64
where
    for<'m> Record<'m>: Into<M::Message<'m>>,
{
    let asked = (0..QUESTIONS).map(|number| {
        let (client, wait) = (client.clone(), up_to(&chance, 10_000));
        async move {
            sleep(wait).await;
            let said = client.ask(question(number)).await;
            let Ok((_, channel, asks, mut payload)) = said else { return 0 };
            payload.reverse();
            let wanted = Some(number % 3).filter(|channel| *channel > 0);
            assert_eq!((asks, channel, &payload[..]), (false, wanted, &number.to_be_bytes()[..]));
            1
        }
    });
    join_all(asked).await.into_iter().sum()
}

/// How many of the questions of both sides were answered.
async fn run(mut chance: Chance, to_left: Faults, to_right: Faults) -> u64 {
    let (near, far) = streams(chance.split(), to_left, to_right);
    let chance = Arc::new(Mutex::new(chance));
    let waits = Arc::clone(&chance);
    let wait = move |heard: Heard<Own>| {
        let wait = up_to(&waits, 3000);
        async move {
            sleep(wait).await;
            heard.one().await
        }
    };
    let also = wait.clone();
    let service = service_fn(move |heard| {
        let asked = wait(heard);
        async { Ok::<_, Failed>(answer::<Left>(asked.await?)) }
    });
    let requests = Requests::new(|left::Event::Record(record): left::Event<'_>| own(record));
    let (left, driver) = requests.both(Connection::new(near, Left::new()), service);
    let left_driven = tokio::spawn(driver.run());
    let service = service_fn(move |heard| {
        let asked = also(heard);
        async { Ok::<_, Failed>(answer::<Right>(asked.await?)) }
    });
    let requests = Requests::new(|right::Event::Record(record): right::Event<'_>| own(record));
    let (right, driver) = requests.both(Connection::new(far, Right::new()), service);
    let right_driven = tokio::spawn(driver.run());

    let asked = async { tokio::join!(ask_all(left, Arc::clone(&chance)), ask_all(right, chance)) };
    // A request waits for a place, and then for its answer.
    let asked = timeout(PATIENCE * 2, asked).await;
    let (of_left, of_right) = asked.expect("each is answered or told");
    left_driven.abort();
    right_driven.abort();
    of_left + of_right
}

#[tokio::test(start_paused = true)]
async fn each_question_is_answered_or_told() {
    for seed in seeds(SEEDS / 4) {
        let mut chance = Chance::from(&seed);
        let (to_left, to_right) = (Faults::any(&mut chance), Faults::any(&mut chance));
        assert!(run(chance, to_left, to_right).await <= 2 * QUESTIONS);
        // Where nothing is lost, all are answered.
        let mut chance = Chance::from(&seed);
        let slow = Faults::none().delayed(Duration::ZERO..=Duration::from_secs(1));
        let slow = slow.cut_into(1..=5).window(1 + usize::from(chance.below(2) == 1) * 50);
        assert_eq!(run(chance, slow.clone(), slow).await, 2 * QUESTIONS);
    }
}
