//! Sessions over datagrams on tokio: what is wrong with one of them is no end, and DNS is one application over
//! UDP and TCP.

use std::sync::Arc;
use std::time::Duration;

use framer_examples::dns::{self, Zone};
use framer_protocols::dns::{Framed, Message, Outcome, tcp, udp};
use framer_runtime::Error;
use framer_runtime::frame::Frame;
use framer_runtime::machine::Described;
use framer_runtime::net::{Schemes, Server};
use framer_runtime::requests::{Client, Failed, Part, Requests};
use framer_runtime::tokio::{Connection, Datagrams};
use framer_runtime::violation::Rule;
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::Instant;

framer_runtime::framer! {
    frame Ask { id: u16, text: utf8 to end }
    frame Told { id: u16, text: utf8 to end }
    protocol Echo over datagram {
        roles client, server;
        client speaks Ask;
        server speaks Told;
        pending by id max 16 within 2 s;
        state Open within 1 min else close { client Ask => awaits { _ => stay }; }
    }
}

use echo::client;

/// A client, and the other end, by hand.
fn by_hand() -> (Datagrams<DuplexStream, echo::Client>, DuplexStream) {
    let (near, far) = duplex(4096);
    (Datagrams::new(near, echo::Client::new()), far)
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_datagram_is_no_end() {
    let (mut client, mut far) = by_hand();
    client.send(echo::Ask::new(7, "hello")).await.expect("it is sent");
    far.write_all(&[0]).await.expect("it is read");
    let Err(Error::Violation(violation)) = client.next().await.map(|_| ()) else { panic!() };
    assert_eq!((violation.start, violation.end), (0, 1));
    far.write_all(b"\0\x08hello").await.expect("it is read");
    let Err(Error::Violation(violation)) = client.next().await.map(|_| ()) else { panic!() };
    assert!(matches!(violation.rule, Rule::UnexpectedReply { .. }), "{violation}");
    assert_eq!((violation.start, violation.end), (1, 8));
    far.write_all(b"\0\x07hello").await.expect("it is read");
    let Ok(Some((client::Event::Told(told), _))) = client.next().await else { panic!() };
    assert_eq!(told.text, "hello");
}

#[tokio::test(start_paused = true)]
async fn who_is_not_answered_is_told() {
    let (mut client, mut far) = by_hand();
    let began = Instant::now();
    client.send(echo::Ask::new(7, "hello")).await.expect("it is sent");
    let Err(Error::Unanswered(unanswered)) = client.next().await.map(|_| ()) else { panic!() };
    assert_eq!((unanswered.frame, unanswered.key), ("Ask", 7.into()));
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    // It goes on, and the number is free again.
    client.send(echo::Ask::new(7, "hello")).await.expect("it is sent");
    far.write_all(b"\0\x07again").await.expect("it is read");
    let Ok(Some((client::Event::Told(told), _))) = client.next().await else { panic!() };
    assert_eq!(told.text, "again");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_lasted_too_long_is_over() {
    let (mut client, _far) = by_hand();
    let Err(Error::Violation(violation)) = client.next().await.map(|_| ()) else { panic!() };
    assert!(matches!(violation.rule, Rule::TimeLimit { millis: 60_000, .. }), "{violation}");
    assert!(matches!(client.next().await, Ok(None)));
}

/// Of a client that asks, those that are answered have their answers, in whatever order; the other is told so.
#[tokio::test(start_paused = true)]
async fn requests_over_datagrams() {
    let (near, mut far) = duplex(4096);
    let heard = |client::Event::Told(told): client::Event<'_>| told.text.to_owned();
    let requests = Requests::<echo::Client, _>::new(heard);
    let (client, driver) = requests.client(Datagrams::new(near, echo::Client::new()));
    tokio::spawn(driver.run());
    let ask = |text: &'static str| {
        client.ask(Part::new(move |id, speaker| {
            speaker.send(echo::Ask::new(u16::try_from(id).expect("sixteen at most"), text))
        }))
    };
    let peer = async {
        let mut asked = [0; 9];
        far.read_exact(&mut asked).await.expect("it asks");
        assert_eq!(&asked, b"\0\x01a\0\x02b\0\x03c");
        for datagram in [b"\0\x03C", b"\0\x09X", b"\0\x01A"] {
            far.write_all(datagram).await.expect("it is read");
            // The next is a datagram of its own.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        far
    };
    let began = Instant::now();
    let (a, b, c, mut far) = tokio::join!(ask("a"), ask("b"), ask("c"), peer);
    assert_eq!((a, b, c), (Ok("A".into()), Err(Failed::TimedOut), Ok("C".into())));
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    let again = async {
        let mut asked = [0; 3];
        far.read_exact(&mut asked).await.expect("it asks");
        assert_eq!(&asked, b"\0\x01d", "the smallest that is free");
        far.write_all(b"\0\x01D").await.expect("it is read");
    };
    assert_eq!(tokio::join!(ask("d"), again).0, Ok("D".into()));
    // What was given up may still be answered: its number is nobody else's for a while.
    let late = async {
        let mut asked = [0; 6];
        far.read_exact(&mut asked).await.expect("it asks");
        assert_eq!(&asked, b"\0\x01e\0\x03f");
        for datagram in [b"\0\x02B", b"\0\x01E", b"\0\x03F"] {
            far.write_all(datagram).await.expect("it is read");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let (e, f, ()) = tokio::join!(ask("e"), ask("f"), late);
    assert_eq!((e, f), (Ok("E".into()), Ok("F".into())));
}

/// What is asked of the example's zone, without a number.
fn query(name: &[&str], kind: u16) -> Vec<u8> {
    let mut bytes = b"\0\0\x01\0\0\x01\0\0\0\0\0\0".to_vec();
    for label in name {
        bytes.push(u8::try_from(label.len()).expect("a label"));
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&[0, 1]);
    bytes
}

/// The same with a number.
fn numbered(query: &[u8], id: u64) -> Message<'_> {
    let id = u16::try_from(id).expect("of 16 bits");
    Message { id, ..Message::decode(query).expect("a query") }
}

/// Every question at once, and what is answered to each.
async fn ask_all<M: Described>(
    client: Client<M, Vec<u8>>,
    part: impl Fn(Vec<u8>) -> Part<M>,
) -> Vec<Vec<u8>> {
    let names: [&[&str]; 4] = [
        &["example", "test"],
        &["www", "example", "test"],
        &["a", "wild", "example", "test"],
        &["not", "example", "test"],
    ];
    let questions = names.into_iter().flat_map(|name| [1, 6, 15, 16, 255].map(|kind| (name, kind)));
    let asked = questions.map(|(name, kind)| client.ask(part(query(name, kind))));
    let answers = join_all(asked).await;
    answers.into_iter().map(|answer| answer.expect("it is answered")).collect()
}

/// All but the number.
fn without_number(message: Message<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    Message { id: 0, ..message }.encode(&mut bytes).expect("a message");
    bytes
}

/// Numbers that are not the smallest.
fn ids() -> impl FnMut() -> u64 + Send {
    let mut last = 1_u64;
    move || {
        last = last * 48_271 % 65_521;
        last
    }
}

/// One application answers over datagrams and over a stream, and says the same.
#[tokio::test]
async fn dns_is_one_application_over_both() {
    let schemes = Schemes::default();
    let urls = ["udp://127.0.0.1:0", "tcp://127.0.0.1:0"];
    let server = Server::bind(&schemes, urls).await.expect("it listens");
    let urls: Vec<String> = server.urls().map(str::to_owned).collect();
    let zone = Arc::new(Zone::example().expect("a zone"));
    tokio::spawn(server.serve(move |stream, _| {
        let zone = Arc::clone(&zone);
        async move { dns::serve(stream, &zone).await }
    }));

    let stream = schemes.connect(&urls[0]).await.expect("it connects");
    let heard =
        |udp::client::Event::Message(message): udp::client::Event<'_>| without_number(message);
    let requests = Requests::<udp::Client, _>::new(heard).ids(ids());
    let (client, driver) = requests.client(Datagrams::new(stream, udp::Client::new()));
    tokio::spawn(driver.run());
    let part = |query: Vec<u8>| Part::new(move |id, speaker| speaker.send(numbered(&query, id)));
    let over_udp = ask_all(client, part).await;

    let stream = schemes.connect(&urls[1]).await.expect("it connects");
    let heard =
        |tcp::client::Event::Framed(framed): tcp::client::Event<'_>| without_number(framed.message);
    let requests = Requests::<tcp::Client, _>::new(heard).ids(ids());
    let (client, driver) = requests.client(Connection::new(stream, tcp::Client::new()));
    tokio::spawn(driver.run());
    let part = |query: Vec<u8>| {
        Part::new(move |id, speaker| speaker.send(Framed::new(numbered(&query, id))))
    };
    assert_eq!(ask_all(client, part).await, over_udp);

    let outcomes = over_udp.iter().map(|answer| {
        let answer = Message::decode(answer).expect("an answer");
        (answer.code, answer.answers.len())
    });
    let known = outcomes.clone().take(15).all(|(code, _)| code == Outcome::NoError);
    assert!(known && outcomes.clone().skip(15).all(|told| told == (Outcome::NameError, 0)));
    assert!(outcomes.take(5).map(|(_, count)| count).eq([0, 1, 1, 1, 5]));
}
