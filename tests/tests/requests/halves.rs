//! A connection as a stream and a sink.

use std::time::Duration;

use framer_runtime::Error;
use framer_runtime::tokio::Connection;
use framer_runtime::violation::Rule;
use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncWriteExt, duplex};
use tokio::time::Instant;

use super::{Word, ask, asking, done, lines, of_client, of_server, text, text_of};

/// A connection as a stream and a sink, in halves: what waits for a reply comes once that is said
/// by the other.
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
