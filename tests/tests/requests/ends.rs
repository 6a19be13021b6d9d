//! How a connection ends, and what those are told who wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use framer_runtime::Error;
use framer_runtime::connection::Limits;
use framer_runtime::requests::{Answer, Driver, Failed, Heard, Request};
use framer_runtime::tokio::Connection;
use framer_runtime::violation::{Misuse, Rule};
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::{Instant, sleep};
use tower::service_fn;

use super::{Word, ask, asking, done, echo, lines, of_client, of_server, serving, slowly, text};

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

/// A stream that ends in the payload of a request cuts it: the service that reads it is told so.
#[tokio::test]
async fn the_end_in_the_payload_of_a_request_is_told() {
    let (mut near, far) = duplex(1024);
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = Arc::new(std::sync::Mutex::new(Some(tell)));
    let service = service_fn(move |mut heard: Heard<Word>| {
        let tell = Arc::clone(&tell);
        async move {
            let mut words = Vec::new();
            let failed = loop {
                match heard.next().await {
                    Ok(word) => words.push(word.expect("nothing is whole that was cut")),
                    Err(failed) => break failed,
                }
            };
            let tell = tell.lock().expect("no panic").take().expect("there is one request");
            tell.send((words, failed)).expect("it is awaited");
            Ok::<_, Failed>(Answer::from(done("cut")))
        }
    });
    let served = serving(far, service);
    near.write_all(b"5 put\nab").await.expect("it is read");
    near.shutdown().await.expect("its end");
    let words = vec![text("put"), Word::Data(b"ab".to_vec())];
    assert_eq!(told.await.expect("it is told"), (words, Failed::Closed));
    let Err(Error::Violation(violation)) = served.await.expect("no panic") else { panic!() };
    assert_eq!((violation.rule, violation.start), (Rule::EndOfStream { have: 0 }, 8));
    // What it says of it is said still.
    let mut said = String::new();
    near.read_to_string(&mut said).await.expect("it answers");
    assert_eq!(said, "done 0 cut\n");
}

/// A peer that does not read what was to wait for more has as long as the description says.
#[tokio::test(start_paused = true)]
async fn the_grace_of_writing_does_not_outlast_a_peer_that_does_not_read() {
    let (mut near, far) = duplex(8);
    let requests = of_client().flush_grace(Duration::from_millis(10));
    let driver = requests.serve(Connection::new(far, lines::Server::new()), service_fn(echo));
    let began = Instant::now();
    let stop = sleep(Duration::from_millis(5));
    let served = tokio::spawn(driver.run_until(stop));
    near.write_all(b"0 longer than the pipe\n").await.expect("it is read");
    let ended = served.await.expect("no panic");
    let Err(Error::Violation(violation)) = ended else { panic!("{ended:?}") };
    assert!(matches!(violation.rule, Rule::TimeLimit { millis: 3_600_000, .. }), "{violation}");
    assert_eq!(began.elapsed(), Duration::from_secs(3600));
    let mut said = Vec::new();
    near.read_to_end(&mut said).await.expect("what was in the pipe");
    assert_eq!(said, b"done 0 l");
}
