//! Requests whose replies come in any order, asked by either side and by both: packetstream.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use framer_protocols::packetstream::{Left, Record, Right, left, right};
use framer_runtime::Error;
use framer_runtime::frame::Frame;
use framer_runtime::machine::Described;
use framer_runtime::requests::{Answer, Client, Failed, Heard, Part, Request, Requests};
use framer_runtime::tokio::Connection;
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::sleep;
use tower::service_fn;

/// A record, by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Own {
    tag: u64,
    flags: u64,
    channel: Option<u64>,
    kind: Option<u64>,
    payload: Vec<u8>,
}

impl From<Record<'_>> for Own {
    fn from(Record { tag, flags, channel, kind, payload }: Record<'_>) -> Own {
        Own { tag, flags, channel, kind, payload: payload.to_vec() }
    }
}

fn of_left() -> Requests<Left, Own> {
    Requests::new(|left::Event::Record(record): left::Event<'_>| record.into())
}

fn of_right() -> Requests<Right, Own> {
    Requests::new(|right::Event::Record(record): right::Event<'_>| record.into())
}

/// Asks for `kind` on a channel.
fn ask<M: Described>(channel: Option<u64>, kind: u64, payload: Vec<u8>) -> Part<M>
where
    for<'m> Record<'m>: Into<M::Message<'m>>,
{
    Part::new(move |tag, speaker| {
        speaker.send(Record { tag, flags: 0, channel, kind: Some(kind), payload: &payload })
    })
}

/// Answers with the payload backwards, and fails what is of kind 9.
fn answer<M: Described>(asked: Own) -> Answer<M>
where
    for<'m> Record<'m>: Into<M::Message<'m>>,
{
    let Own { tag, channel, kind, mut payload, .. } = asked;
    payload.reverse();
    let (flags, payload) = if kind == Some(9) { (0, b"no".to_vec()) } else { (1, payload) };
    Answer::from(Part::new(move |_, speaker| {
        speaker.send(Record { tag, flags, channel, kind: None, payload: &payload })
    }))
}

/// Numbers in an order of their own.
struct Shuffled(u64);

impl Shuffled {
    fn next(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// Asks 10,000 times, and looks at each answer.
async fn ask_all<M: Described>(client: Client<M, Own>, salt: u64)
where
    for<'m> Record<'m>: Into<M::Message<'m>>,
{
    let asked = (0..10_000_u64).map(|number| {
        let client = client.clone();
        async move {
            let payload = [number.to_be_bytes(), salt.to_be_bytes()].concat();
            let backwards: Vec<u8> = payload.iter().rev().copied().collect();
            let channel = (number % 5 > 0).then_some(number % 5);
            let kind = if number % 10 == 0 { 9 } else { 1 };
            let got = client.ask(ask(channel, kind, payload)).await.expect("it is answered");
            assert_eq!((got.channel, got.kind), (channel, None));
            match kind {
                9 => assert_eq!((got.flags, &got.payload[..]), (0, &b"no"[..])),
                _ => assert_eq!((got.flags, got.payload), (1, backwards)),
            }
        }
    });
    join_all(asked).await;
}

/// Both sides ask 10,000 times at once through a narrow pipe, and answer in an order of their own: nobody waits for
/// ever, and no more keys are used than requests may be outstanding.
#[tokio::test(start_paused = true)]
async fn both_sides_ask_ten_thousand_times() {
    let (near, far) = duplex(100);
    let tags = Arc::new(Mutex::new(HashSet::new()));
    let (seen, order) = (Arc::clone(&tags), Arc::new(Mutex::new(Shuffled(7))));
    let service = move |heard: Heard<Own>| {
        let (seen, order) = (Arc::clone(&seen), Arc::clone(&order));
        async move {
            let asked = heard.one().await?;
            seen.lock().expect("no panic").insert(asked.tag);
            let millis = order.lock().expect("no panic").next(50);
            sleep(Duration::from_millis(millis)).await;
            Ok::<_, Failed>(asked)
        }
    };
    let served = service.clone();
    let left_service = service_fn(move |heard| {
        let asked = served(heard);
        async { Ok::<_, Failed>(answer::<Left>(asked.await?)) }
    });
    let right_service = service_fn(move |heard| {
        let asked = service(heard);
        async { Ok::<_, Failed>(answer::<Right>(asked.await?)) }
    });
    let (left, driver) = of_left().both(Connection::new(near, Left::new()), left_service);
    let driven = tokio::spawn(driver.run());
    let (right, driver) = of_right().both(Connection::new(far, Right::new()), right_service);
    tokio::spawn(driver.run());
    tokio::join!(ask_all(left, 1), ask_all(right, 2));
    assert_eq!(tags.lock().expect("no panic").iter().max(), Some(&1024));
    driven.abort();
}

/// The other end of a driven client, by hand.
fn by_hand() -> (Client<Left, Own>, DuplexStream) {
    let (near, far) = duplex(4096);
    let (client, driver) = of_left().client(Connection::new(near, Left::new()));
    tokio::spawn(driver.run());
    (client, far)
}

fn response(tag: u64, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let record = Record { tag, flags: 1, channel: None, kind: None, payload };
    record.encode(&mut bytes).expect("a record");
    bytes
}

/// At every byte at which the stream ends, whoever was answered has the answer, and everybody else is told.
#[tokio::test(start_paused = true)]
async fn no_waiter_is_left_at_the_end() {
    let responses: Vec<Vec<u8>> = [(2, "second"), (3, "third"), (1, "first")]
        .map(|(tag, text)| response(tag, text.as_bytes()))
        .to_vec();
    let all = responses.concat();
    for cut in 0..=all.len() {
        let (client, mut far) = by_hand();
        let asked = join_all((0..3).map(|_| client.ask(ask(None, 1, Vec::new()))));
        let peer = async {
            let mut asked = [0; 12];
            far.read_exact(&mut asked).await.expect("it asks");
            far.write_all(&all[..cut]).await.expect("it reads");
            drop(far);
        };
        let (said, ()) = tokio::join!(asked, peer);
        let ends = [all.len(), responses[0].len(), responses[0].len() + responses[1].len()];
        for ((said, end), text) in said.into_iter().zip(ends).zip(["first", "second", "third"]) {
            match said {
                Ok(got) => assert!(cut >= end && got.payload == text.as_bytes(), "{text} at {cut}"),
                Err(failed) => {
                    assert!(cut < end, "{text} at {cut}: {failed}");
                    let Failed::Violation(violation) = failed else { panic!("{failed:?}") };
                    let start = u64::try_from(cut).expect("a place");
                    assert!(violation.start <= start && violation.end == start, "{violation:?}");
                }
            }
        }
    }
}

/// The key of a request that was given up is not used again before its answer has come.
#[tokio::test(start_paused = true)]
async fn a_key_is_taken_until_it_is_answered() {
    let (client, mut far) = by_hand();
    let late = Request::from(ask(None, 1, Vec::new())).within(Duration::from_secs(1));
    assert_eq!(client.ask(late).await, Err(Failed::TimedOut));
    let mut asked = [0; 4];
    far.read_exact(&mut asked).await.expect("it asks");
    assert_eq!(asked[1], 1, "the tag");
    for (tag, also) in [(2, None), (2, Some(1)), (1, None)] {
        let answering = async {
            far.read_exact(&mut asked).await.expect("it asks");
            assert_eq!(u64::from(asked[1]), tag);
            // The late answer comes with the second one, and is nobody's.
            let mut bytes = also.map_or(Vec::new(), |also| response(also, b"late"));
            bytes.extend(response(tag, b"here"));
            far.write_all(&bytes).await.expect("it reads");
        };
        let (said, ()) = tokio::join!(client.ask(ask(None, 1, Vec::new())), answering);
        assert_eq!(said.expect("it is answered").payload, b"here");
    }
}

/// Keys are the program's to choose, where they should be hard to guess; what is in use is not
/// given again.
#[tokio::test(start_paused = true)]
async fn keys_of_ones_own() {
    let (near, mut far) = duplex(4096);
    let mut given = [77, 77, 77, 5].into_iter().cycle();
    let requests = of_left().ids(move || given.next().expect("there is always one"));
    let (client, driver) = requests.client(Connection::new(near, Left::new()));
    tokio::spawn(driver.run());
    let both = join_all((0..2).map(|_| client.ask(ask(None, 1, Vec::new()))));
    let peer = async {
        let mut asked = [0; 8];
        far.read_exact(&mut asked).await.expect("it asks");
        assert_eq!((asked[1], asked[5]), (77, 5));
        far.write_all(&[response(5, b"b"), response(77, b"a")].concat()).await.expect("it reads");
    };
    let (said, ()) = tokio::join!(both, peer);
    assert!(said.into_iter().map(|said| said.expect("an answer").payload).eq([b"a", b"b"]));
}

/// An answer to nothing is the peer's fault, and told to all.
#[tokio::test]
async fn an_answer_to_nothing_ends_the_connection() {
    let (near, mut far) = duplex(4096);
    let (client, driver) = of_left().client(Connection::new(near, Left::new()));
    let driven = tokio::spawn(driver.run());
    let (said, written) = tokio::join!(client.ask(ask(None, 1, Vec::new())), async {
        far.write_all(&response(9, b"x")).await
    });
    written.expect("it is read");
    assert!(matches!(said, Err(Failed::Violation(_))), "{said:?}");
    assert!(matches!(driven.await.expect("no panic"), Err(Error::Violation(_))));
}

/// A service that asks when nothing is asked any more is told so, and answers.
#[tokio::test(start_paused = true)]
async fn a_service_that_asks_at_the_end_goes_on() {
    let (mut near, far) = duplex(4096);
    let asking = Arc::new(Mutex::new(None::<Client<Right, Own>>));
    let known = Arc::clone(&asking);
    let service = service_fn(move |heard: Heard<Own>| {
        let client = known.lock().expect("no panic").clone().expect("it is known");
        async move {
            let asked = heard.one().await?;
            sleep(Duration::from_millis(10)).await;
            let told = client.ask(ask(None, 1, Vec::new())).await;
            assert_eq!(told, Err(Failed::Closed));
            Ok::<_, Failed>(answer::<Right>(asked))
        }
    });
    let (client, driver) = of_right().both(Connection::new(far, Right::new()), service);
    *asking.lock().expect("no panic") = Some(client);
    let driven = tokio::spawn(driver.run());
    let record = Record { tag: 5, flags: 0, channel: None, kind: Some(1), payload: b"ab" };
    let mut bytes = Vec::new();
    record.encode(&mut bytes).expect("a record");
    near.write_all(&bytes).await.expect("it is read");
    near.shutdown().await.expect("its end");
    assert!(driven.await.expect("no panic").expect("it ends well").is_none());
    let mut answered = Vec::new();
    near.read_to_end(&mut answered).await.expect("it answers");
    assert_eq!(answered, response(5, b"ba"));
}
