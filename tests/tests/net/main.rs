//! Streams by URL: the same conversation over every transport, what a URL may say, what is tried
//! and what is refused, layers around streams, and the peers of a UDP socket.

mod layers;
mod udp;
mod unix;
mod urls;

use std::io;
use std::time::Duration;

use framer_runtime::net::{Address, Listening, Schemes, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Both ends of a stream: its opener's, and its acceptor's.
async fn pair(schemes: &Schemes, listening: &mut Listening, to: &str) -> (Stream, Stream) {
    let accepted = async { listening.accept().await.expect("a stream").ready().await };
    let opened = async {
        let mut stream = schemes.connect(to).await?;
        // Over UDP, there is nobody until something is said.
        stream.write_all(b"hello").await?;
        stream.flush().await?;
        io::Result::Ok(stream)
    };
    let (opened, accepted) = tokio::join!(opened, accepted);
    let (opened, mut accepted) = (opened.expect("it opens"), accepted.expect("it is ready"));
    assert_eq!(read(&mut accepted, 5).await, b"hello");
    (opened, accepted)
}

/// The port that it was given.
fn port(listening: &Listening) -> u16 {
    listening.local().socket().expect("an address of the internet").port()
}

async fn read(stream: &mut Stream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).await.expect("they come");
    bytes
}

/// A conversation over whatever `at` leads to.
async fn converse(
    schemes: &Schemes,
    at: &str,
    to: impl Fn(&Listening) -> String,
) -> (Address, Address) {
    let mut listening = schemes.listen(at).await.expect("it listens");
    let to = to(&listening);
    let (mut opened, mut accepted) = pair(schemes, &mut listening, &to).await;
    accepted.write_all(b"welcome").await.expect("it is written");
    accepted.flush().await.expect("it is written");
    assert_eq!(read(&mut opened, 7).await, b"welcome");
    assert_eq!(opened.local(), accepted.peer());
    assert_eq!(opened.peer(), accepted.local());
    (accepted.local().clone(), accepted.peer().clone())
}

#[tokio::test]
async fn one_conversation_over_every_transport() {
    let schemes = Schemes::default();
    let itself = |listening: &Listening| listening.url().to_owned();
    for at in ["tcp://127.0.0.1:0", "tcp://[::1]:0", "udp://127.0.0.1:0", "udp://[::1]:0"] {
        let (local, peer) = converse(&schemes, at, itself).await;
        assert!(local.socket().is_some_and(|address| address.port() > 0), "{local}");
        assert!(peer.to_string().starts_with(&at[..6]), "{peer}");
    }
    let by_name = |listening: &Listening| format!("tcp://localhost:{}", port(listening));
    converse(&schemes, "tcp://localhost:0", by_name).await;
    let (local, _) = converse(&schemes, "memory:one", itself).await;
    assert_eq!(local.to_string(), "memory:one");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a b%20#?.sock");
    let url = Address::Unix(Some(path.clone())).to_string();
    assert!(url.ends_with("a%20b%2520%23%3F.sock"), "{url}");
    let (local, peer) = converse(&schemes, &url, itself).await;
    assert_eq!((local, peer), (Address::Unix(Some(path.clone())), Address::Unix(None)));
    assert!(!path.exists(), "a listener takes its socket with it");
}

#[tokio::test]
async fn where_nobody_listens() {
    let schemes = Schemes::default();
    let listening = schemes.listen("tcp://127.0.0.1:0").await.expect("it listens");
    let gone = listening.url().to_owned();
    drop(listening);
    for url in [gone.as_str(), "memory:nobody", "unix:/nobody/listens/here"] {
        let error = schemes.connect(url).await.expect_err("nobody is there");
        let kinds = [io::ErrorKind::ConnectionRefused, io::ErrorKind::NotFound];
        assert!(kinds.contains(&error.kind()), "{url}: {error}");
    }
    let first = schemes.listen("memory:name").await.expect("it listens");
    let second = schemes.listen("memory:name").await.map(|_| ()).expect_err("one at a time");
    assert_eq!(second.kind(), io::ErrorKind::AddrInUse);
    drop(first);
    schemes.listen("memory:name").await.expect("it is free again");
}

#[tokio::test]
async fn options_reach_the_socket() {
    let schemes = Schemes::default();
    let only = "tcp://[::]:0?only_v6=true&backlog=8&receive_buffer=65536&send_buffer=65536";
    let listening = schemes.listen(only).await.expect("it listens");
    let port = port(&listening);
    let v4 = schemes.connect(&format!("tcp://127.0.0.1:{port}")).await;
    assert_eq!(v4.expect_err("IPv6 only").kind(), io::ErrorKind::ConnectionRefused);
    let v6 = format!("tcp://[::1]:{port}?keepalive=30&nodelay=false");
    schemes.connect(&v6).await.expect("it opens");
    let both = schemes.listen("tcp://[::]:0?only_v6=false").await.expect("it listens");
    let port = self::port(&both);
    schemes.connect(&format!("tcp://127.0.0.1:{port}")).await.expect("it opens");
}

/// Who opens a stream and resets it keeps nobody waiting.
#[tokio::test]
async fn who_resets_is_passed_over() {
    let schemes = Schemes::default();
    let mut listening = schemes.listen("tcp://127.0.0.1:0").await.expect("it listens");
    let to = listening.url().to_owned();
    for _ in 0..20 {
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", port(&listening))).await;
        let stream = stream.expect("it opens");
        // A reset instead of an end.
        stream.set_zero_linger().expect("it can");
        drop(stream);
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    let mut honest = schemes.connect(&to).await.expect("it opens");
    honest.write_all(b"!").await.expect("it is written");
    let accepted = async {
        loop {
            let mut stream =
                listening.accept().await.expect("a stream").ready().await.expect("it is");
            if stream.read_u8().await.is_ok() {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), accepted).await.expect("it is accepted");
}

#[tokio::test]
async fn what_the_system_does_not_take_is_told_at_once() {
    let listening = Schemes::default().listen("tcp://127.0.0.1:0?keepalive=999999").await;
    assert!(listening.is_err());
}
