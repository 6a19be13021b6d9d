//! packetstream with the original: requests of both sides at once, answered in any order.

use std::io::{BufRead, BufReader};
use std::process::{ChildStdout, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use framer_protocols::packetstream::{Left, Record, Right, left, right};
use framer_runtime::machine::Described;
use framer_runtime::requests::{Answer, Failed, Heard, Part, Requests};
use framer_runtime::tokio::Connection;
use futures_util::future::join_all;
use tokio::net::{TcpListener, TcpStream};
use tower::service_fn;

use crate::peers::Peer;

/// It asks 10,000 times before it looks at an answer, and wants every seventh request to fail.
const ASKING: &str = r#"
import socket, sys
from cs.packetstream import PacketConnection

def ask(asking, count):
    results = [asking.submit(place % 7, place % 4, bytes([place % 256]) * (place % 300)) for place in range(count)]
    for place, result in enumerate(results):
        ok, flags, payload = result()
        if place % 7 == 0:
            assert (ok, flags, bytes(payload)) == (False, 0, b"no"), (place, ok, flags, payload)
        else:
            assert (ok, flags, bytes(payload)) == (True, place % 4, bytes([place % 256]) * (place % 300)), place
    print("done", flush=True)
"#;

/// The original connects, asks, and says that it will ask no more.
const CLIENT: &str = r#"
connected = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
asking = PacketConnection((connected.fileno(), connected.makefile("wb")), "asking")
with asking:
    ask(asking, 10000)
"#;

/// The original answers with what it was asked, backwards, while it asks itself.
const SERVER: &str = r#"
def answer(kind, flags, payload):
    if kind == 9:
        raise ValueError("no")
    return flags, bytes(payload)[::-1]

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
accepted = listener.accept()[0]
both = PacketConnection((accepted.fileno(), accepted.makefile("wb")), "both", request_handler=answer)
with both:
    ask(both, 10000)
    both.join_recv()
"#;

/// How many requests each side asks.
const REQUESTS: u64 = 10_000;

/// The end: no request of this kind is answered.
const END: Option<u64> = Some(0);

/// A record by itself. Of the channels, only 0 works there.
struct Own {
    tag: u64,
    flags: u64,
    kind: Option<u64>,
    payload: Vec<u8>,
}

impl From<Record<'_>> for Own {
    fn from(Record { tag, flags, kind, payload, .. }: Record<'_>) -> Own {
        Own { tag, flags, kind, payload: payload.to_vec() }
    }
}

/// Says a record on channel 0, with the number of the request where no tag is given.
fn say<M: Described>(tag: Option<u64>, flags: u64, kind: Option<u64>, payload: Vec<u8>) -> Part<M>
where
    for<'m> Record<'m>: Into<M::Message<'m>>,
{
    Part::new(move |id, speaker| {
        let tag = tag.unwrap_or(id);
        speaker.send(Record { tag, flags, channel: None, kind, payload: &payload })
    })
}

/// Answers what [`ASKING`] asks as it wants it, in an order of its own, and counts that. The end is answered by who has
/// not said it first.
async fn answer<M: Described>(
    heard: Heard<Own>,
    answered: Arc<AtomicU64>,
    ends_first: bool,
) -> Result<Answer<M>, Failed>
where
    for<'m> Record<'m>: Into<M::Message<'m>>,
{
    let asked = heard.one().await?;
    match asked.kind {
        END if asked.tag == 0 && !ends_first => Ok(Answer::from(say(Some(0), 0, END, Vec::new()))),
        END => Ok(Answer::none()),
        kind => {
            let millis = (asked.tag * 7919) % 17;
            tokio::time::sleep(Duration::from_millis(millis)).await;
            answered.fetch_add(1, Ordering::Relaxed);
            // Kinds are one more on the wire, and the lowest flag says whether it was done.
            let fails = kind == Some(1);
            let (flags, payload) =
                if fails { (0, b"no".to_vec()) } else { (asked.flags << 1 | 1, asked.payload) };
            Ok(Answer::from(say(Some(asked.tag), flags, None, payload)))
        }
    }
}

fn run(conversation: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(conversation);
}

fn next(lines: &mut std::io::Lines<BufReader<ChildStdout>>) -> String {
    lines.next().expect("a line").expect("text")
}

pub(crate) fn packetstream_asks() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port().to_string();
        let mut child = Peer::Packetstream
            .command()
            .args(["-c", &format!("{ASKING}{CLIENT}"), &port])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let (socket, _) = listener.accept().await.expect("a client");
        let requests = Requests::<Right, Own>::new(|event| match event {
            right::Event::Record(record) => record.into(),
        });
        let answered = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&answered);
        let service = service_fn(move |heard| answer(heard, Arc::clone(&count), false));
        let connection = Connection::new(socket, Right::new());
        requests.serve(connection, service).run().await.expect("no fault");
        assert_eq!(answered.load(Ordering::Relaxed), REQUESTS);
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        assert_eq!(next(&mut lines), "done");
        child.wait().expect("its status");
    });
}

/// What is asked of the original at a place, and whether it fails.
fn question(place: u64) -> (u64, Vec<u8>, bool) {
    let payload = place.to_be_bytes().repeat(usize::try_from(place % 50).expect("it is small"));
    // One more on the wire than the kind that fails there.
    let fails = place.is_multiple_of(10);
    (if fails { 10 } else { place % 9 + 1 }, payload, fails)
}

pub(crate) fn packetstream_answers() {
    run(async {
        let mut child = Peer::Packetstream
            .command()
            .args(["-c", &format!("{ASKING}{SERVER}")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let port: u16 = next(&mut lines).parse().expect("a port");
        let socket = TcpStream::connect(("127.0.0.1", port)).await.expect("a server");
        let requests = Requests::<Left, Own>::new(|event| match event {
            left::Event::Record(record) => record.into(),
        });
        // It answers no tag a second time, and 0 and 1 are those of the ends.
        let mut tags = 2..;
        let requests = requests.ids(move || tags.next().expect("there are enough"));
        let answered = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&answered);
        let service = service_fn(move |heard| answer(heard, Arc::clone(&count), true));
        let (client, driver) = requests.both(Connection::new(socket, Left::new()), service);
        let driven = tokio::spawn(driver.run());
        let asked = (0..REQUESTS).map(|place| {
            let client = &client;
            async move {
                let (kind, payload, fails) = question(place);
                let backwards: Vec<u8> = payload.iter().rev().copied().collect();
                let got = client.ask(say(None, place % 3, Some(kind), payload)).await;
                let got = got.expect("it is answered");
                if fails {
                    assert_eq!(got.flags, 0, "{place}");
                } else {
                    assert_eq!((got.flags, got.payload), ((place % 3) << 1 | 1, backwards));
                }
            }
        });
        join_all(asked).await;
        while answered.load(Ordering::Relaxed) < REQUESTS {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let end = client.ask_for_all(say(Some(0), 0, END, Vec::new())).await;
        assert_eq!(end.expect("it is said").one().await.map(|_| ()), Err(Failed::NoReply));
        assert_eq!(next(&mut lines), "done");
        driven.await.expect("no panic").expect("no fault");
        child.wait().expect("its status");
    });
}
