//! Peers that are slow, and programs that are: whoever waits does so in bounded memory and on a small stack,
//! and no longer than the description says. The clock is virtual.

use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use framer_runtime::Error;
use framer_runtime::connection::Limits;
use framer_runtime::testing::{Faults, tokio::streams};
use framer_runtime::tokio::Connection;
use framer_runtime::violation::Rule;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex};
use tokio::time::{Instant, sleep, timeout};

framer_runtime::framer! {
    delimiter LF = "\n";
    frame Line in until LF max 80 { text: utf8 to end }
    protocol Talk over stream {
        roles client, server;
        client speaks Line;
        server speaks Line;
        state Open within 10 s else close {
            client Line => stay;
            server Line => stay;
        }
    }
}

use talk::server::Event;
use talk::{Line, Server};

/// How long it went on, and the rule that ended it.
async fn ended(began: Instant, result: Result<(), Error>) -> (u64, Rule) {
    match result {
        Err(Error::Violation(violation)) => (began.elapsed().as_secs(), violation.rule),
        other => panic!("{other:?}"),
    }
}

const TIME_LIMIT: Rule = Rule::TimeLimit { millis: 10_000, state: "Open" };

async fn hear<S>(side: &mut Connection<S, Server>) -> Result<usize, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut count = 0;
    while let Some((Event::Line(_), _)) = side.next().await? {
        count += 1;
    }
    Ok(count)
}

#[tokio::test(start_paused = true)]
async fn a_byte_a_second_is_no_frame() {
    let slow = Faults::none().cut_into(1..=1).apart(Duration::from_secs(1));
    let (stream, mut peer) = streams(0, slow, Faults::none());
    let began = Instant::now();
    // A line would be 60 bytes long.
    peer.write_all(&[b'x'; 60]).await.expect("there is room");
    let mut side = Connection::new(stream, Server::new());
    let heard = hear(&mut side).await.map(|_| ());
    assert_eq!(ended(began, heard).await, (10, TIME_LIMIT));
}

#[tokio::test(start_paused = true)]
async fn a_line_every_nine_seconds_goes_on() {
    let (mut peer, stream) = duplex(64);
    let began = Instant::now();
    tokio::spawn(async move {
        for _ in 0..20 {
            sleep(Duration::from_secs(9)).await;
            peer.write_all(b"hello\n").await.expect("it is read");
        }
        sleep(Duration::from_secs(3600)).await;
    });
    let mut side = Connection::new(stream, Server::new());
    let heard = hear(&mut side).await.map(|_| ());
    assert_eq!(ended(began, heard).await, (20 * 9 + 10, TIME_LIMIT));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_holds_what_the_limit_says() {
    let (mut peer, stream) = duplex(256);
    let limits = Limits { input_bytes: 1024, output_bytes: 1024, output_low_bytes: 512 };
    let mut side = Connection::with_limits(stream, Server::new(), limits);
    let began = Instant::now();
    let mut said = 0;
    let failed = loop {
        match side.send(Line::new("a line of twenty-one")).await {
            Ok(()) => said += 21,
            Err(error) => break Err(error),
        }
    };
    // What is said is progress, too: the limit counts from the last line.
    assert_eq!(ended(began, failed).await, (10, TIME_LIMIT));
    assert!((1024..=256 + 1024 + 21).contains(&said), "{said} bytes were taken");
    drop(side);
    let mut read = Vec::new();
    peer.read_to_end(&mut read).await.expect("the stream ended");
    assert_eq!(read.len(), 256);
}

/// A program that gives up waiting in the middle of a line goes on where it was.
#[tokio::test(start_paused = true)]
async fn a_million_pauses() {
    let (mut peer, stream) = duplex(64);
    let mut side = Connection::new(stream, Server::new());
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000 {
        peer.write_all(b"li").await.expect("it is written");
        for _ in 0..1_000 {
            assert!(pin!(side.next()).poll(&mut context).is_pending());
        }
        peer.write_all(b"ne\n").await.expect("it is written");
        let Ok(Some((Event::Line(line), mut reply))) = side.next().await else { panic!() };
        assert_eq!(line.text, "line");
        reply.send(Line::new("ok")).expect("it may be said");
        side.flush().await.expect("it is written");
        let mut answer = [0; 3];
        peer.read_exact(&mut answer).await.expect("it answers");
    }
}

/// What was paused costs the peer nothing but time.
#[tokio::test(start_paused = true)]
async fn who_is_not_listened_to_waits() {
    let (mut peer, stream) = duplex(64);
    let mut side = Connection::new(stream, Server::new());
    let talks = tokio::spawn(async move {
        for _ in 0..100 {
            peer.write_all(b"hello\n").await.expect("it is read");
        }
        peer
    });
    let waits = timeout(Duration::from_secs(5), sleep(Duration::from_secs(6))).await;
    assert!(waits.is_err() && !talks.is_finished());
    for _ in 0..100 {
        assert!(matches!(side.next().await, Ok(Some((Event::Line(_), _)))));
    }
    drop(talks.await.expect("it does not panic"));
    assert!(matches!(side.next().await, Ok(None)));
}
