//! The peers of a UDP socket.

use std::io;
use std::time::Duration;

use framer_runtime::net::Schemes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{pair, port, read};

#[tokio::test]
async fn the_peers_of_a_udp_socket() {
    let schemes = Schemes::default();
    let mut listening =
        schemes.listen("udp://127.0.0.1:0?sessions=2&waiting_bytes=7").await.expect("it listens");
    let to = listening.url().to_owned();
    let (mut one, mut of_one) = pair(&schemes, &mut listening, &to).await;
    let (mut two, mut of_two) = pair(&schemes, &mut listening, &to).await;
    // Each has its own, and what is written at once comes as one.
    one.write_all(b"from one").await.expect("it is sent");
    two.write_all(b"from two").await.expect("it is sent");
    of_two.write_all(b"to two").await.expect("it is sent");
    assert_eq!(read(&mut of_one, 8).await, b"from one");
    assert_eq!(read(&mut of_two, 8).await, b"from two");
    assert_eq!(read(&mut two, 6).await, b"to two");
    // A third is one too many, until one is gone.
    let mut three = schemes.connect(&to).await.expect("it opens");
    three.write_all(b"early").await.expect("it is sent");
    let nobody = tokio::time::timeout(Duration::from_millis(50), listening.accept()).await;
    assert!(nobody.is_err());
    drop(of_one);
    tokio::time::sleep(Duration::from_millis(20)).await;
    three.write_all(b"late").await.expect("it is sent");
    let mut of_three =
        listening.accept().await.expect("there is room").ready().await.expect("it is");
    assert_eq!(read(&mut of_three, 4).await, b"late");
    // What nobody reads in time is lost; what was kept is whole.
    for number in 0..9 {
        three.write_all(&[b'0' + number; 3]).await.expect("it is sent");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(read(&mut of_three, 6).await, b"000111");
    // More than a datagram holds is not torn, and nothing of it is sent.
    let long = three.write(&vec![0; 65_508]).await.expect_err("too long");
    assert_eq!(long.kind(), io::ErrorKind::InvalidInput);
    assert_eq!(long.to_string(), "a datagram of 65508 bytes, of 65507 at most");
    assert_eq!(three.write(&vec![0; 65_507]).await.expect("it is sent"), 65_507);
    // The socket lives as long as one of its streams.
    drop(listening);
    two.write_all(b"still").await.expect("it is sent");
    assert_eq!(read(&mut of_two, 5).await, b"still");
    drop((of_two, of_three));
    let free = async {
        while schemes.listen(&to).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), free).await.expect("the port is free again");
}

#[tokio::test]
async fn a_silent_peer_of_a_udp_socket_ends() {
    let schemes = Schemes::default();
    let mut listening = schemes.listen("udp://127.0.0.1:0?idle=1").await.expect("it listens");
    let to = listening.url().to_owned();
    let (mut opened, mut accepted) = pair(&schemes, &mut listening, &to).await;
    let mut rest = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(10), accepted.read_to_end(&mut rest)).await;
    assert_eq!(end.expect("it ends").expect("as a stream does"), 0);
    // Whoever speaks again is a new one.
    opened.write_all(b"again").await.expect("it is sent");
    let mut again = listening.accept().await.expect("a stream").ready().await.expect("it is");
    assert_eq!(read(&mut again, 5).await, b"again");
    assert_eq!(again.peer(), accepted.peer());
    // The old stream takes nothing of the new one with it.
    drop(accepted);
    tokio::time::sleep(Duration::from_millis(20)).await;
    opened.write_all(b"and again").await.expect("it is sent");
    assert_eq!(read(&mut again, 9).await, b"and again");
}

#[tokio::test]
async fn that_nobody_is_there_is_told() {
    let schemes = Schemes::default();
    let listening = schemes.listen("tcp://127.0.0.1:0").await.expect("it listens");
    let port = port(&listening);
    // Nobody has the port of the same number, as a rule: an answer of the system says so.
    let mut stream = schemes.connect(&format!("udp://127.0.0.1:{port}")).await.expect("it opens");
    stream.write_all(b"hello?").await.expect("it is sent");
    let told = tokio::time::timeout(Duration::from_secs(5), stream.read_u8()).await;
    let error = told.expect("it is told").expect_err("nobody is there");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

/// A peer that is gone cannot be told from one that is silent, however much is said to it.
#[tokio::test]
async fn what_is_said_to_a_silent_peer_does_not_keep_it() {
    let schemes = Schemes::default();
    let mut listening = schemes.listen("udp://127.0.0.1:0?idle=1").await.expect("it listens");
    let to = listening.url().to_owned();
    let (opened, mut accepted) = pair(&schemes, &mut listening, &to).await;
    drop(opened);
    let ends = async {
        loop {
            accepted.write_all(b"still there?").await.expect("it is sent");
            let silence = Duration::from_millis(100);
            if let Ok(end) = tokio::time::timeout(silence, accepted.read(&mut [0])).await {
                break end.expect("as a stream does");
            }
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(10), ends).await.expect("it ends"), 0);
}

/// Whoever forges addresses has one datagram of each, as a rule.
#[tokio::test]
async fn a_peer_of_one_datagram_holds_its_place_for_a_moment() {
    let schemes = Schemes::default();
    let at = "udp://127.0.0.1:0?sessions=2&idle=60&new_idle=1";
    let mut listening = schemes.listen(at).await.expect("it listens");
    let to = listening.url().to_owned();
    let (mut known, mut of_known) = pair(&schemes, &mut listening, &to).await;
    known.write_all(b"again").await.expect("it is sent");
    assert_eq!(read(&mut of_known, 5).await, b"again");
    let (_forged, mut of_forged) = pair(&schemes, &mut listening, &to).await;
    let began = std::time::Instant::now();
    assert_eq!(of_forged.read(&mut [0]).await.expect("as a stream does"), 0);
    assert!((900..10_000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    // Its place is free, and the other is still there.
    pair(&schemes, &mut listening, &to).await;
    known.write_all(b"still").await.expect("it is sent");
    assert_eq!(read(&mut of_known, 5).await, b"still");
}
