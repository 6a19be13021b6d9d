//! Time limits of streams, by URL and as a layer. The clock is virtual.

use std::io;
use std::time::Duration;

use framer_runtime::net::{Address, Memory, Patience, Scheme, Schemes, Server, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex, split};
use tokio::time::{Instant, sleep, timeout};

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A stream that is waited for so long, and its other end, with room for eight bytes.
fn stream(patience: Patience) -> (Stream, DuplexStream) {
    let (one, other) = duplex(8);
    let address = Address::Other("pipe:".to_owned());
    (patience.around(Stream::new(one, address.clone(), address)), other)
}

/// What was told, and after how many milliseconds.
async fn told<T: std::fmt::Debug>(work: impl Future<Output = io::Result<T>>) -> (String, u128) {
    let began = Instant::now();
    let error = work.await.expect_err("it is late");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    (error.to_string(), began.elapsed().as_millis())
}

#[tokio::test(start_paused = true)]
async fn who_reads_waits_so_long() {
    let (mut one, mut other) = stream(Patience::new().read(seconds(3)));
    // Who does not read waits for nothing.
    sleep(seconds(100)).await;
    let late = ("the peer is waited for no longer".to_owned(), 3000);
    assert_eq!(told(one.read_u8()).await, late);
    // It stays so until something comes.
    assert_eq!(told(one.read_u8()).await.1, 0);
    other.write_all(b"ab").await.expect("it is written");
    assert_eq!(one.read_u8().await.expect("it is there"), b'a');
    assert_eq!(one.read_u8().await.expect("it is there"), b'b');
    // Every byte is waited for anew, and a read that was given up goes on.
    for _ in 0..5 {
        let byte = async {
            assert!(timeout(seconds(2), one.read_u8()).await.is_err());
            other.write_all(b"c").await.expect("it is written");
            one.read_u8().await.expect("it is there")
        };
        assert_eq!(byte.await, b'c');
    }
    assert!(timeout(seconds(2), one.read_u8()).await.is_err());
    assert_eq!(told(one.read_u8()).await.1, 1000);
}

#[tokio::test(start_paused = true)]
async fn who_writes_waits_so_long() {
    let (mut one, mut other) = stream(Patience::new().write(seconds(3)));
    let late = ("the peer is waited for no longer".to_owned(), 3000);
    assert_eq!(told(one.write_all(b"123456789")).await, late);
    assert_eq!(other.read(&mut [0; 8]).await.expect("it is there"), 8);
    one.write_all(b"9").await.expect("there is room");
    // Reading is not limited.
    assert!(timeout(seconds(100), one.read_u8()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_an_idle_stream_is_told() {
    let (one, mut other) = stream(Patience::new().idle(seconds(10)).read(seconds(100)));
    let (mut reader, mut writer) = split(one);
    let reading = tokio::spawn(async move { told(reader.read_u8()).await });
    // What is written is a byte, too, though another task writes it.
    for _ in 0..5 {
        sleep(seconds(8)).await;
        writer.write_all(b"!").await.expect("there is room");
    }
    assert_eq!(reading.await.expect("it does not panic"), ("idle".to_owned(), 50_000));
    // Nobody is told who does not wait, and what has room is written.
    sleep(seconds(100)).await;
    writer.write_all(b"!!!").await.expect("there is room");
    assert_eq!(told(writer.write_all(b"!")).await, ("idle".to_owned(), 10_000));
    assert_eq!(other.read(&mut [0; 9]).await.expect("they are there"), 8);
}

#[tokio::test(start_paused = true)]
async fn a_url_says_how_long() {
    let schemes = Schemes::default();
    let to = "memory:it?idle_within=5&read_within=60&write_within=60";
    let mut listening = schemes.listen(to).await.expect("it listens");
    assert_eq!(listening.url(), "memory:it");
    let (opened, accepted) = tokio::join!(schemes.connect("memory:it?read_within=2"), async {
        listening.accept().await?.ready().await
    });
    let (mut opened, mut accepted) = (opened.expect("it opens"), accepted.expect("it is ready"));
    assert_eq!(told(opened.read_u8()).await.1, 2000);
    assert_eq!(told(accepted.read_u8()).await, ("idle".to_owned(), 3000));
    // Over a socket, with options of its own.
    let schemes = Schemes::default();
    let to = "tcp://127.0.0.1:0?backlog=3&read_within=1";
    let listening = schemes.listen(to).await.expect("it listens");
    assert!(!listening.url().contains('?'));
    let refused = [
        ("read_within=0", "`0` is no value of it"),
        ("idle_within=-1", "`-1` is no value of it"),
        ("write_within=1.5", "`1.5` is no value of it"),
        ("read_within=1&read_within=1", "it stands there twice"),
    ];
    for (query, reason) in refused {
        let url = format!("memory:it?{query}");
        let error = schemes.connect(&url).await.expect_err("it says nothing");
        let name = query.split('=').next().unwrap_or_default();
        assert_eq!(error.to_string(), format!("`{url}`: option `{name}`: {reason}"));
    }
    let unknown = schemes.connect("memory:it?read_within=1&size=3").await.expect_err("not known");
    assert_eq!(unknown.to_string(), "`memory:it?size=3`: option `size`: it is not known here");
}

#[tokio::test(start_paused = true)]
async fn longer_than_a_clock_goes_is_for_ever() {
    let forever = Duration::MAX;
    let (mut one, _other) = stream(Patience::new().read(forever).write(forever).idle(forever));
    assert!(timeout(seconds(1_000_000), one.read_u8()).await.is_err());
    assert!(timeout(seconds(1_000_000), one.write_all(&[0; 9])).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_server_is_rid_of_who_is_silent() {
    let memory = Memory::default();
    let patience = Patience::new().read(seconds(30));
    let schemes = Schemes::default()
        .with("memory", Scheme::new(memory.clone()))
        .with("patient", Scheme::new(memory).wrapped(patience));
    let server = Server::bind(&schemes, ["patient:it"]).await.expect("it listens");
    let live = server.live();
    tokio::spawn(server.serve(|mut stream, _| async move {
        loop {
            stream.read_u8().await?;
        }
    }));
    let mut drips = schemes.connect("memory:it").await.expect("it opens");
    let _silent = schemes.connect("memory:it").await.expect("it opens");
    for _ in 0..10 {
        sleep(seconds(29)).await;
        drips.write_all(b"!").await.expect("it is written");
    }
    let totals = live.totals();
    assert_eq!((totals.begun, totals.live, totals.failed, totals.received), (2, 1, 1, 9));
}
