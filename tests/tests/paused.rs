//! Reading that is paused and resumed from outside, and streams of which one side has ended.

use std::time::Duration;

use framer_runtime::Error;
use framer_runtime::net::{Live, Memory, Scheme, Schemes, Server, Session, Stream, Tcp, Tls};
use framer_runtime::tokio::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

framer_runtime::framer! {
    delimiter LF = "\n";
    frame Line in until LF max 80 { text: utf8 to end }
    /// Either side says what it likes.
    protocol Talk over stream {
        roles client, server;
        client speaks Line;
        server speaks Line;
        pending fifo max 4;
        state Open within 1 h else close { client Line => stay; server Line => stay; }
    }
}

/// How often reading is paused and resumed.
const TIMES: u64 = 1_000_000;

async fn serve<S>(session: impl Fn(Stream, Session) -> S + Send + Sync + 'static) -> (Schemes, Live)
where
    S: Future<Output = Result<(), Error>> + Send + 'static,
{
    let schemes = Schemes::default();
    let server = Server::bind(&schemes, ["memory:it"]).await.expect("it listens");
    let live = server.live();
    tokio::spawn(server.serve(session));
    (schemes, live)
}

/// Lets everything go on that can.
async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

#[tokio::test]
async fn a_peer_waits_while_reading_is_paused() {
    let (schemes, live) = serve(|stream, _| async move {
        let mut connection = Connection::new(stream, talk::Server::new());
        while let Some((talk::server::Event::Line(line), mut reply)) = connection.next().await? {
            reply.send(talk::Line::new(line.text))?;
        }
        Ok(())
    })
    .await;
    let stream = schemes.connect("memory:it").await.expect("it opens");
    let mut client = Connection::new(stream, talk::Client::new());
    settle().await;
    assert!(live.pause(1));
    client.send(talk::Line::new("one")).await.expect("it may be said");
    client.flush().await.expect("there is room");
    settle().await;
    assert_eq!(live.totals().received, 0);
    // Twice is once, and what is sent the other way goes on.
    assert!(live.pause(1) && live.resume(1));
    let Ok(Some((talk::client::Event::Line(line), _))) = client.next().await else { panic!() };
    assert_eq!(line.text, "one");
    assert_eq!((live.totals().received, live.totals().sent), (4, 4));
    // A peer that does not wait fills the pipe, and no more is held for it.
    assert!(live.pause(1));
    let (mut stream, _) = client.into_parts().await.expect("it is there");
    let filled = timeout(Duration::from_millis(50), stream.write_all(&[b'\n'; 1 << 20])).await;
    assert!(filled.is_err());
    assert_eq!(live.totals().received, 4);
    // An end is heard once reading goes on.
    drop(stream);
    settle().await;
    assert_eq!(live.totals().live, 1);
    assert!(live.resume(1));
    while live.totals().live > 0 {
        yield_now().await;
    }
    assert!(!live.pause(1) && !live.resume(1) && !live.pause(2));
}

/// Says lines until the other side has heard enough.
async fn says_lines(schemes: &Schemes, count: u64) {
    let mut stream = schemes.connect("memory:it").await.expect("it opens");
    let lines = b"\n".repeat(1000);
    for _ in 0..count / 1000 {
        stream.write_all(&lines).await.expect("it is written");
    }
    stream.shutdown().await.expect("it ends");
    assert_eq!(stream.read(&mut [0]).await.expect("it ends"), 0);
}

/// Counts lines, with reading paused behind each of them.
async fn counts(stream: Stream, known: Session, resume: bool) -> Result<(), Error> {
    let mut connection = Connection::new(stream, talk::Server::new());
    let mut count = 0;
    while connection.next().await?.is_some() {
        count += 1;
        known.pause();
        if resume {
            known.resume();
        }
    }
    assert_eq!(count, TIMES);
    connection.shutdown().await
}

#[tokio::test]
async fn a_session_pauses_a_million_times() {
    let (schemes, live) = serve(|stream, known| counts(stream, known, true)).await;
    says_lines(&schemes, TIMES).await;
    assert_eq!((live.totals().well, live.totals().received), (1, TIMES));
}

#[tokio::test]
async fn a_session_is_resumed_a_million_times() {
    let (schemes, live) = serve(|stream, known| counts(stream, known, false)).await;
    let resumed = async {
        let mut times = 0;
        while live.totals().well == 0 || times < TIMES {
            live.resume(1);
            times += 1;
            if times % 64 == 0 {
                yield_now().await;
            }
        }
    };
    tokio::join!(says_lines(&schemes, TIMES), resumed);
    assert_eq!((live.totals().well, live.totals().received), (1, TIMES));
}

#[tokio::test]
async fn each_side_ends_by_itself() {
    let (tls, certificate) = framer_examples::tls::self_signed("localhost").expect("it is made");
    let client = framer_examples::tls::client_with([certificate]).expect("a certificate");
    let tls = Tls::server(tls).and(Tls::client(client));
    let schemes = Schemes::default()
        .with("tls", Scheme::new(Tcp).wrapped(tls.clone()))
        .with("piped", Scheme::new(Memory::default()));
    let folder = tempfile::tempdir().expect("a folder");
    let socket = format!("unix:{}", folder.path().join("s").display());
    for at in ["tcp://127.0.0.1:0", "tls://127.0.0.1:0", socket.as_str(), "piped:it"] {
        let server = Server::bind(&schemes, [at]).await.expect("it listens");
        let to = server.urls().next().expect("one").replace("tls://127.0.0.1", "tls://localhost");
        let live = server.live();
        tokio::spawn(server.serve(|stream, _| async move {
            let mut connection = Connection::new(stream, talk::Server::new());
            let mut heard = String::new();
            while let Some((talk::server::Event::Line(line), _)) = connection.next().await? {
                heard.push_str(line.text);
            }
            // The client has ended, and hears all the same.
            for _ in 0..3 {
                sleep(Duration::from_millis(5)).await;
                connection.send(talk::Line::new(&heard)).await?;
                connection.flush().await?;
            }
            connection.shutdown().await
        }));
        let mut client =
            Connection::new(schemes.connect(&to).await.expect("it opens"), talk::Client::new());
        for word in ["this ", "is ", "all"] {
            client.send(talk::Line::new(word)).await.expect("it may be said");
        }
        client.shutdown().await.expect("it ends");
        let mut heard = Vec::new();
        while let Some((talk::client::Event::Line(line), _)) =
            client.next().await.expect("no fault")
        {
            heard.push(line.text.to_owned());
        }
        assert_eq!(heard, ["this is all"; 3], "{at}");
        while live.totals().live > 0 {
            yield_now().await;
        }
        assert_eq!(live.totals().well, 1, "{at}");
    }
}
