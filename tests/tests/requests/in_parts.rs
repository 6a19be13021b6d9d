//! Requests and answers of several parts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use framer_runtime::Error;
use framer_runtime::requests::{Answer, Failed, Heard, Part, Request};
use framer_runtime::tokio::Connection;
use framer_runtime::violation::Misuse;
use futures_util::{StreamExt, stream};
use tokio::io::{AsyncWriteExt, duplex};
use tokio::time::sleep;
use tower::service_fn;

use super::lines::{self, Ask, Done, client, server};
use super::{Word, ask, asking, done, more, of_server, served, serving, text, text_of};

/// A reply of many parts, with a payload behind the last: and whoever does not read it holds up the
/// rest of the connection, not the memory.
#[tokio::test(start_paused = true)]
async fn replies_again_and_payloads_come_in_parts() {
    let client = served(
        256,
        service_fn(async |heard: Heard<Word>| {
            let asked = text_of(heard.one().await)?;
            if asked == "short" {
                return Ok(Answer::from(done("it is")));
            }
            let again = (1..1000).map(|number: u32| more(&number.to_string()));
            let last = Part::new(|_, speaker| speaker.send(Done::new(6, "end")));
            let data = |data: &'static [u8]| {
                Part::new(move |_, speaker| speaker.send(server::Message::Body(data)))
            };
            let body = [last, data(b"abc"), data(b"def")];
            let rest = stream::iter(again.chain(body));
            Ok::<_, Failed>(Answer::from(more("0")).then(rest))
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
    let client = served(
        256,
        service_fn(async |heard: Heard<Word>| {
            let asked = text_of(heard.one().await)?;
            let again = (0..1000).map(|_| more("x"));
            let rest = stream::iter(again.chain([done(&asked)]));
            Ok::<_, Failed>(Answer::from(more("x")).then(rest))
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
    let produced = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&produced);
    let client = served(
        512,
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

/// A payload of which less is said than was announced: who asked is told so, and the connection is
/// over, since nothing can be said behind it.
#[tokio::test]
async fn what_is_shorter_than_it_says_is_told() {
    let (near, _far) = duplex(1024);
    let (client, driver) = of_server().client(Connection::new(near, lines::Client::new()));
    let driven = tokio::spawn(driver.run());
    let head = Part::new(|_, speaker| speaker.send(Ask::new(5, "put")));
    let piece = Part::new(|_, speaker| speaker.send(client::Message::Body(b"abc")));
    let short = Request::new(head).then(stream::iter([piece]));
    let (before, said) = tokio::join!(client.ask(ask("before")), client.ask(short));
    let misuse = Misuse::Unfinished { frame: "Body" };
    assert_eq!((before, said), (Err(Failed::Closed), Err(Failed::Misuse(misuse))));
    assert_eq!(client.ask(ask("behind")).await, Err(Failed::Closed));
    let ended = driven.await.expect("no panic");
    assert!(matches!(&ended, Err(Error::Misuse(told)) if *told == misuse), "{ended:?}");

    // Without any of it.
    let (near, _far) = duplex(1024);
    let client = asking(near);
    let nothing = Part::new(|_, speaker| speaker.send(Ask::new(1, "put")));
    assert_eq!(client.ask(nothing).await, Err(Failed::Misuse(misuse)));
}

/// The same of an answer.
#[tokio::test]
async fn an_answer_that_is_shorter_than_it_says_ends_the_connection() {
    let (near, far) = duplex(1024);
    let client = asking(near);
    let served = serving(
        far,
        service_fn(async |_| {
            let head = Part::new(|_, speaker| speaker.send(Done::new(5, "take")));
            let piece = Part::new(|_, speaker| speaker.send(server::Message::Body(b"abc")));
            Ok::<_, Failed>(Answer::from(head).then(stream::iter([piece])))
        }),
    );
    let mut said = client.ask_for_all(ask("give")).await;
    let mut words = Vec::new();
    let told = match &mut said {
        Ok(heard) => loop {
            match heard.next().await {
                Ok(word) => words.push(word.expect("nothing is whole that was cut")),
                Err(failed) => break failed,
            }
        },
        Err(failed) => *failed,
    };
    assert!([text("take"), Word::Data(b"abc".to_vec())].starts_with(&words), "{words:?}");
    assert!(matches!(told, Failed::Closed | Failed::Violation(_)), "{told:?}");
    let misuse = Misuse::Unfinished { frame: "Body" };
    let ended = served.await.expect("no panic");
    assert!(matches!(&ended, Err(Error::Misuse(told)) if *told == misuse), "{ended:?}");
}
