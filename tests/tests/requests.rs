//! Requests and responses over described protocols: in order and by key, of either side and of both.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use framer_runtime::Error;
use framer_runtime::connection::Limits;
use framer_runtime::requests::{Answer, Client, Driver, Failed, Heard, Part, Request, Requests};
use framer_runtime::tokio::Connection;
use framer_runtime::violation::{Misuse, Rule};
use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep};
use tower::{Service, ServiceExt, service_fn};

framer_runtime::framer! {
    delimiter LF = "\n";
    /// What is asked, and how long what comes behind it is.
    frame Ask in until LF max 64 { size: dec u32 [1..=6], " ", text: utf8 to end }
    /// A part of an answer, or the last of it and how long what comes behind that is.
    enum Told in until LF max 64 {
        More { word "more", " ", text: utf8 to end },
        Done { word "done", " ", size: dec u32 [1..=6], " ", text: utf8 to end },
    }
    frame Body(size: u64) { stream data: bytes [size] }
    protocol Lines over stream {
        roles client, server;
        client speaks Ask;
        server speaks Told;
        pending fifo max 4;
        state Open within 1 h else close {
            client Ask => { client then Body(size) } awaits {
                More => again,
                Done => stay { server then Body(size) },
            };
        }
    }
}

use lines::{Ask, Done, More, client, server};

/// What a program makes of events.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Text(String),
    Data(Vec<u8>),
    End,
}

fn text(text: &str) -> Word {
    Word::Text(text.to_owned())
}

type Asking = Client<lines::Client, Word>;
type Answering = Result<Answer<lines::Server>, Failed>;

fn of_server() -> Requests<lines::Client, Word> {
    Requests::new(|event: client::Event<'_>| match event {
        client::Event::More(more) => text(more.text),
        client::Event::Done(done) => text(done.text),
        client::Event::Body(data) => Word::Data(data.to_vec()),
        client::Event::BodyEnd => Word::End,
    })
}

fn of_client() -> Requests<lines::Server, Word> {
    Requests::new(|event: server::Event<'_>| match event {
        server::Event::Ask(ask) => text(ask.text),
        server::Event::Body(data) => Word::Data(data.to_vec()),
        server::Event::BodyEnd => Word::End,
    })
}

/// A client, driven, over one end of a pipe.
fn asking(stream: DuplexStream) -> Asking {
    let (client, driver) = of_server().client(Connection::new(stream, lines::Client::new()));
    tokio::spawn(driver.run());
    client
}

/// What a server of `service` comes to.
fn serving<V>(stream: DuplexStream, service: V) -> tokio::task::JoinHandle<Result<(), Error>>
where
    V: Service<Heard<Word>, Response = Answer<lines::Server>, Error = Failed> + Send + 'static,
    V::Future: Send + 'static,
{
    let driver = of_client().serve(Connection::new(stream, lines::Server::new()), service);
    tokio::spawn(async { driver.run().await.map(|upgrade| assert!(upgrade.is_none())) })
}

/// Asks without a body.
fn ask(text: &str) -> Part<lines::Client> {
    let text = text.to_owned();
    Part::new(move |_, speaker| speaker.send(Ask::new(0, &text)))
}

fn done(text: &str) -> Part<lines::Server> {
    let text = text.to_owned();
    Part::new(move |_, speaker| speaker.send(Done::new(0, &text)))
}

fn text_of(word: Result<Word, Failed>) -> Result<String, Failed> {
    word.map(|word| match word {
        Word::Text(text) => text,
        other => panic!("{other:?} is no text"),
    })
}

async fn echo(heard: Heard<Word>) -> Answering {
    Ok(Answer::from(done(&text_of(heard.one().await)?)))
}

/// Waits as long as the text says, and says it.
async fn slowly(heard: Heard<Word>) -> Answering {
    let text = text_of(heard.one().await)?;
    sleep(Duration::from_millis(text.parse().expect("a number"))).await;
    Ok(Answer::from(done(&text)))
}

#[tokio::test(start_paused = true)]
async fn replies_come_in_the_order_of_the_requests() {
    let (near, far) = duplex(1024);
    let client = asking(near);
    serving(far, service_fn(slowly));
    let began = Instant::now();
    let order = Arc::new(AtomicUsize::new(0));
    let asked = ["400", "300", "200", "100"].map(|millis| {
        let (client, order) = (client.clone(), Arc::clone(&order));
        async move {
            let said = text_of(client.ask(ask(millis)).await).expect("it answers");
            assert_eq!(said, millis);
            (order.fetch_add(1, Ordering::Relaxed), began.elapsed().as_millis())
        }
    });
    // They are worked on at once, and the first holds up the others.
    assert_eq!(join_all(asked).await, [(0, 400), (1, 400), (2, 400), (3, 400)]);
}

/// More requests than may be outstanding wait for a place; none is refused.
#[tokio::test(start_paused = true)]
async fn as_many_as_the_description_lets_be_outstanding() {
    let (near, far) = duplex(1024);
    let client = asking(near);
    serving(far, service_fn(slowly));
    let began = Instant::now();
    let asked = (0..100).map(|_| client.ask(ask("10")));
    assert!(join_all(asked).await.into_iter().all(|said| said == Ok(text("10"))));
    assert_eq!(began.elapsed().as_millis(), 100 / 4 * 10);
}

#[tokio::test]
async fn layers_go_over_a_client() {
    let (near, far) = duplex(1024);
    let client = asking(near);
    let silent = service_fn(async |_: Heard<Word>| std::future::pending::<Answering>().await);
    serving(far, silent);
    let layered = tower::ServiceBuilder::new().timeout(Duration::from_millis(20)).service(client);
    let failed = layered.oneshot(Request::from(ask("hello"))).await.expect_err("nobody answers");
    assert!(failed.is::<tower::timeout::error::Elapsed>(), "{failed}");
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_as_long_as_it_says() {
    let (near, far) = duplex(1024);
    let client = asking(near);
    serving(far, service_fn(slowly));
    let late = Request::from(ask("200")).within(Duration::from_millis(100));
    assert_eq!(client.ask(late).await, Err(Failed::TimedOut));
    // The answer of the one that was given up is nobody else's.
    let soon = Request::from(ask("20")).within(Duration::from_millis(150));
    assert_eq!(client.ask(soon).await, Ok(text("20")));
}

/// A request that was given up before it was said is not said.
#[tokio::test(start_paused = true)]
async fn what_is_cancelled_in_time_is_not_said() {
    let (near, far) = duplex(1024);
    let client = asking(near);
    let heard = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&heard);
    serving(
        far,
        service_fn(move |heard| {
            count.fetch_add(1, Ordering::Relaxed);
            slowly(heard)
        }),
    );
    let four = join_all((0..4).map(|_| client.ask(ask("100"))));
    let never = Request::from(ask("1")).within(Duration::from_millis(50));
    let (four, never) = tokio::join!(four, client.ask(never));
    assert!(four.into_iter().all(|said| said == Ok(text("100"))));
    assert_eq!(never, Err(Failed::TimedOut), "there was no place");

    let mut waiting = client.clone();
    let (first, second) = (waiting.ready().await.expect("a place").call(ask("1").into()), client);
    drop(first);
    assert_eq!(second.ask(ask("2")).await, Ok(text("2")));
    assert_eq!(heard.load(Ordering::Relaxed), 5);
}

/// A reply of many parts, with a payload behind the last: and whoever does not read it holds up the
/// rest of the connection, not the memory.
#[tokio::test(start_paused = true)]
async fn replies_again_and_payloads_come_in_parts() {
    let (near, far) = duplex(256);
    let client = asking(near);
    serving(
        far,
        service_fn(async |heard: Heard<Word>| {
            let asked = text_of(heard.one().await)?;
            if asked == "short" {
                return Ok(Answer::from(done("it is")));
            }
            let more = |number: u32| {
                let text = number.to_string();
                Part::new(move |_, speaker| speaker.send(More::new(&text)))
            };
            let last = Part::new(|_, speaker| speaker.send(Done::new(6, "end")));
            let data = |data: &'static [u8]| {
                Part::new(move |_, speaker| speaker.send(server::Message::Body(data)))
            };
            let body = [last, data(b"abc"), data(b"def")];
            let rest = stream::iter(1..1000).map(more).chain(stream::iter(body));
            Ok::<_, Failed>(Answer::from(more(0)).then(rest))
        }),
    );
    let mut long = client.ask_for_all(ask("long")).await.expect("it answers");
    let short = tokio::spawn(async move { client.ask(ask("short")).await });
    sleep(Duration::from_secs(1)).await;
    assert!(!short.is_finished(), "it is read behind the other");
    for number in 0..1000 {
        assert_eq!(long.next().await, Ok(Some(text(&number.to_string()))));
    }
    assert_eq!(long.next().await, Ok(Some(text("end"))));
    let mut data = Vec::new();
    while let Some(Ok(Word::Data(part))) = long.next().await.transpose() {
        data.extend(part);
    }
    assert_eq!((&data[..], long.next().await), (&b"abcdef"[..], Ok(None)));
    assert_eq!(short.await.expect("no panic"), Ok(text("it is")));
}

/// Whoever drops the rest of an answer lets the connection go on.
#[tokio::test(start_paused = true)]
async fn nobody_need_read_a_long_answer() {
    let (near, far) = duplex(256);
    let client = asking(near);
    serving(
        far,
        service_fn(async |heard: Heard<Word>| {
            let asked = text_of(heard.one().await)?;
            let more = |_| Part::new(|_, speaker| speaker.send(More::new("x")));
            let parts = stream::iter(0..1000).map(more);
            let last = stream::once(async move { done(&asked) });
            let first = Part::new(|_, speaker| speaker.send(More::new("x")));
            Ok::<_, Failed>(Answer::from(first).then(parts.chain(last)))
        }),
    );
    for _ in 0..10 {
        assert_eq!(client.ask(ask("again")).await, Ok(text("x")));
    }
}

/// A body is asked for as the connection takes it, and the service reads it as it comes.
#[tokio::test(start_paused = true)]
async fn bodies_flow_through() {
    const PIECES: u32 = 2_000;
    let (near, far) = duplex(512);
    let client = asking(near);
    let produced = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&produced);
    serving(
        far,
        service_fn(move |mut heard: Heard<Word>| {
            let seen = Arc::clone(&seen);
            async move {
                assert_eq!(heard.next().await, Ok(Some(text("put"))));
                sleep(Duration::from_secs(1)).await;
                let ahead = seen.load(Ordering::Relaxed);
                let mut sum = 0_u64;
                while let Some(Word::Data(data)) = heard.next().await? {
                    sum += data.iter().map(|byte| u64::from(*byte)).sum::<u64>();
                }
                let said = format!("{sum} {}", if ahead < 1_500 { "bounded" } else { "all" });
                Ok::<_, Failed>(Answer::from(done(&said)))
            }
        }),
    );
    let pieces = stream::iter(0..PIECES).map(move |_| {
        produced.fetch_add(1, Ordering::Relaxed);
        Part::new(|_, speaker| speaker.send(client::Message::Body(&[3; 100])))
    });
    let head = Part::new(|_, speaker| speaker.send(Ask::new(PIECES * 100, "put")));
    let said = client.ask(Request::new(head).then(pieces)).await;
    assert_eq!(said, Ok(text("600000 bounded")));
}

/// What cannot be said is told to who asks, and nobody else is touched.
#[tokio::test]
async fn what_cannot_be_said_is_told() {
    let (near, far) = duplex(1024);
    let client = asking(near);
    serving(far, service_fn(echo));
    let wrong = client.ask(ask("two\nlines")).await;
    assert!(matches!(wrong, Err(Failed::Misuse(Misuse::Encode(_)))), "{wrong:?}");
    assert_eq!(client.ask(ask("one")).await, Ok(text("one")));
}

/// At every byte at which the stream ends, everybody who waits is told so, and why.
#[tokio::test(start_paused = true)]
async fn every_waiter_is_told_of_the_end() {
    let answers = b"done 0 one\nmore 2\ndone 3 two\nabcdone 0 three\n";
    for cut in 0..=answers.len() {
        let (near, mut far) = duplex(1024);
        let client = asking(near);
        let all = join_all(["1", "2", "3"].map(|text| async {
            let mut heard = client.ask_for_all(ask(text)).await?;
            let mut words = Vec::new();
            while let Some(word) = heard.next().await? {
                words.push(word);
            }
            Ok(words.len())
        }));
        let peer = async {
            let mut asked = [0; 12];
            far.read_exact(&mut asked).await.expect("it asks");
            far.write_all(&answers[..cut]).await.expect("it reads");
            drop(far);
        };
        let (said, ()) = tokio::join!(all, peer);
        let whole = [(11, 2), (11 + 7 + 11 + 3, 4), (answers.len(), 2)];
        for (place, ((end, words), said)) in whole.iter().zip(&said).enumerate() {
            match said {
                Ok(count) => assert!(cut >= *end && count == words, "{place} at {cut}: {count}"),
                Err(failed) => {
                    assert!(cut < *end, "{place} at {cut}: {failed}");
                    let told = matches!(failed, Failed::Closed)
                        || matches!(failed, Failed::Violation(violation)
                            if matches!(violation.rule, Rule::EndOfStream { .. }));
                    assert!(told, "{failed:?}");
                }
            }
        }
        let late = client.ask(ask("4")).await;
        assert!(matches!(late, Err(Failed::Closed | Failed::Violation(_))), "{late:?}");
    }
}

#[tokio::test]
async fn a_violation_is_told_to_all() {
    let (near, mut far) = duplex(1024);
    let client = asking(near);
    let both = join_all([client.ask(ask("1")), client.ask(ask("2"))]);
    let (said, written) = tokio::join!(both, far.write_all(b"nonsense\n"));
    written.expect("it is read");
    for said in said {
        let Err(Failed::Violation(violation)) = said else { panic!("{said:?}") };
        assert_eq!(violation.start, 0);
    }
}

/// What a service fails with ends the connection; what it does not answer, too.
#[tokio::test]
async fn a_service_that_fails_ends_the_connection() {
    let (near, far) = duplex(1024);
    let client = asking(near);
    let served = serving(far, service_fn(async |_| Err(Failed::NoReply)));
    assert!(client.ask(ask("1")).await.is_err());
    let ended = served.await.expect("no panic");
    assert!(matches!(&ended, Err(Error::Io(error)) if error.to_string() == "nothing answers it"));

    let (near, far) = duplex(1024);
    let client = asking(near);
    let served = serving(far, service_fn(async |_| Ok(Answer::none())));
    assert!(client.ask(ask("1")).await.is_err());
    let ended = served.await.expect("no panic");
    assert!(matches!(ended, Err(Error::Misuse(Misuse::Owed))), "{ended:?}");
}

/// A server that is to stop answers what it has heard; what it has not, is told.
#[tokio::test(start_paused = true)]
async fn stopping_under_load_answers_or_fails_every_request() {
    for moment in [0, 5, 14, 25, 50, 70] {
        let (near, far) = duplex(64);
        let client = asking(near);
        let driver =
            of_client().serve(Connection::new(far, lines::Server::new()), service_fn(slowly));
        let stop = sleep(Duration::from_millis(moment));
        let served = tokio::spawn(driver.run_until(stop));
        let said = join_all((0..20).map(|_| client.ask(ask("10")))).await;
        assert!(served.await.expect("no panic").expect("it ends well").is_none());
        let answered = said.iter().take_while(|said| **said == Ok(text("10"))).count();
        let failed = said.iter().filter(|said| said.is_err()).count();
        assert_eq!(answered + failed, 20, "{moment}");
        let rounds = usize::try_from(moment / 10).expect("a few");
        let most = (rounds * 4 + 4).min(20);
        assert!((rounds.min(5) * 4..=most).contains(&answered), "{answered} at {moment}");
    }
}

/// A peer that asks and does not read the answers holds no more than may be outstanding.
#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_is_not_served_without_end() {
    let (mut near, far) = duplex(256);
    let heard = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&heard);
    let service = service_fn(move |heard| {
        count.fetch_add(1, Ordering::Relaxed);
        echo(heard)
    });
    let limits = Limits { input_bytes: 1024, output_bytes: 1024, output_low_bytes: 512 };
    let connection = Connection::with_limits(far, lines::Server::new(), limits);
    tokio::spawn(of_client().serve(connection, service).run());
    let flood = b"0 0123456789012345678901234567890123456789\n".repeat(1000);
    let flooding = tokio::time::timeout(Duration::from_secs(10), near.write_all(&flood)).await;
    assert!(flooding.is_err(), "all of it was taken");
    // 256 bytes in the pipe, 1,024 and one more answer in the output, and four that wait.
    let answer = "done 0 \n".len() + 40;
    let most = (256 + 1024) / answer + 2 + 4;
    let heard = heard.load(Ordering::Relaxed);
    assert!((20..=most).contains(&heard), "{heard} were heard, {most} at most");
}

/// What is said within the grace goes out together.
#[tokio::test(start_paused = true)]
async fn little_requests_go_out_together() {
    let (near, mut far) = duplex(1024);
    let requests = of_server().flush_grace(Duration::from_millis(10));
    let (client, driver) = requests.client(Connection::new(near, lines::Client::new()));
    tokio::spawn(driver.run());
    let began = Instant::now();
    let asked = join_all((0..3).map(|number| {
        let client = client.clone();
        async move {
            sleep(Duration::from_millis(4 * number)).await;
            client.ask(ask("x")).await
        }
    }));
    let peer = async {
        let mut asked = [0; 64];
        let count = far.read(&mut asked).await.expect("it asks");
        assert_eq!((count, began.elapsed().as_millis()), (12, 10));
        far.write_all(b"done 0 a\ndone 0 b\ndone 0 c\n").await.expect("it reads");
    };
    let (said, ()) = tokio::join!(asked, peer);
    assert_eq!(said, ["a", "b", "c"].map(|said| Ok(text(said))));
}

/// A driver whose clients are gone ends its side of the stream, once all is answered.
#[tokio::test]
async fn who_asks_no_more_ends_the_connection() {
    let (near, mut far) = duplex(1024);
    let (client, driver) = of_server().client(Connection::new(near, lines::Client::new()));
    let driven: Driver<_, _, _> = driver;
    let driven = tokio::spawn(driven.run());
    let asked = tokio::spawn(async move { client.ask(ask("x")).await });
    let mut bytes = [0; 4];
    far.read_exact(&mut bytes).await.expect("it asks");
    far.write_all(b"done 0 y\n").await.expect("it reads");
    assert_eq!(asked.await.expect("no panic"), Ok(text("y")));
    assert_eq!(far.read(&mut bytes).await.expect("it ends"), 0);
    assert!(driven.await.expect("no panic").expect("it ends well").is_none());
}

/// A connection as a stream and a sink, in halves: what waits for a reply comes once that is said by the other.
#[tokio::test(start_paused = true)]
async fn a_stream_and_a_sink() {
    let (near, far) = duplex(16);
    let client = asking(near);
    let (mut say, mut hear) =
        of_client().messages(Connection::new(far, lines::Server::new())).split();
    let answering = tokio::spawn(async move {
        while let Some(heard) = hear.next().await {
            match heard? {
                Word::Text(text) => say.send(done(&text)).await?,
                Word::Data(_) | Word::End => {}
            }
        }
        Ok::<_, Error>(())
    });
    let asked = join_all(["1", "2", "3", "4", "5", "6"].map(|text| client.ask(ask(text)))).await;
    assert!(
        asked
            .into_iter()
            .map(|said| text_of(said).expect("an answer"))
            .eq(["1", "2", "3", "4", "5", "6"])
    );
    drop(client);
    answering.await.expect("no panic").expect("it ends well");
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_as_its_connection_does() {
    let (near, mut far) = duplex(64);
    let mut messages = of_server().messages(Connection::new(near, lines::Client::new()));
    messages.send(ask("1")).await.expect("it is written");
    far.write_all(b"done 0 one\ndone 0 tw").await.expect("it is read");
    assert_eq!(messages.next().await.expect("an answer").expect("it is read"), text("one"));
    assert_eq!(messages.next().await.expect("its end").expect("it is read"), Word::End);
    messages.send(ask("2")).await.expect("it is written");
    drop(far);
    let Some(Err(Error::Violation(violation))) = messages.next().await else { panic!() };
    assert_eq!((violation.rule, violation.start), (Rule::EndOfStream { have: 9 }, 11));
    assert!(messages.next().await.is_none());

    let (near, _far) = duplex(64);
    let mut silent = of_server().messages(Connection::new(near, lines::Client::new()));
    let began = Instant::now();
    let Some(Err(Error::Violation(violation))) = silent.next().await else { panic!() };
    assert!(matches!(violation.rule, Rule::TimeLimit { .. }), "{violation}");
    assert_eq!((began.elapsed(), silent.next().await.is_none()), (Duration::from_secs(3600), true));
}

/// A stream that keeps what is written until it is flushed: all of it leaves, however slowly the peer reads.
#[tokio::test(start_paused = true)]
async fn what_is_said_leaves_a_stream_that_keeps_it() {
    let (near, mut far) = duplex(3);
    let buffered = tokio::io::BufStream::new(near);
    let connection = Connection::new(buffered, lines::Client::new());
    let (client, driver) = of_server().client(connection);
    tokio::spawn(driver.run());
    let peer = async {
        let mut asked = Vec::new();
        while !asked.ends_with(b"\n") {
            sleep(Duration::from_millis(1)).await;
            asked.push(far.read_u8().await.expect("it asks"));
        }
        far.write_all(b"done 0 yes\n").await.expect("it reads");
        asked
    };
    let (said, asked) = tokio::join!(client.ask(ask("a question of some length")), peer);
    assert_eq!((said, &asked[..]), (Ok(text("yes")), &b"0 a question of some length\n"[..]));
}

/// Who has given up is not waited for, neither for a place nor at the end.
#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_peer_that_says_nothing() {
    let (near, _far) = duplex(1024);
    let (client, driver) = of_server().client(Connection::new(near, lines::Client::new()));
    let driven = tokio::spawn(driver.run());
    let began = Instant::now();
    let late = |_| client.ask(Request::from(ask("x")).within(Duration::from_secs(1)));
    let said = join_all((0..6).map(late)).await;
    assert!(said.into_iter().all(|said| said == Err(Failed::TimedOut)));
    drop(client);
    assert!(driven.await.expect("no panic").expect("it ends well").is_none());
    assert_eq!(began.elapsed(), Duration::from_secs(1));
}

/// A long answer whose end waits for its reader is all there, though nobody asks any more.
#[tokio::test(start_paused = true)]
async fn the_end_of_a_long_answer_is_not_lost() {
    let (near, mut far) = duplex(4096);
    let client = asking(near);
    far.write_all(&[&b"more x\n".repeat(40)[..], b"done 0 y\n"].concat()).await.expect("it reads");
    let mut heard = client.ask_for_all(ask("x")).await.expect("it answers");
    drop(client);
    sleep(Duration::from_secs(1)).await;
    let mut count = 0;
    while heard.next().await.expect("all of it").is_some() {
        count += 1;
    }
    assert_eq!(count, 42);
}
