//! Streams by URL: the same conversation over every transport, what a URL may say, what is tried and
//! what is refused, layers around streams, and the peers of a UDP socket.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use framer_runtime::net::{
    Accepted, Address, Listener, Listening, Pending, Scheme, Schemes, Stream, Tcp, Tls, Transport,
    Wrapper,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use url::Url;

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

async fn refused(url: &str) -> String {
    let schemes = Schemes::default();
    let connect = schemes.connect(url).await.expect_err("no such URL");
    let listen = schemes.listen(url).await.map(|_| ()).expect_err("no such URL");
    assert_eq!(connect.kind(), io::ErrorKind::InvalidInput, "{connect}");
    assert_eq!(connect.to_string(), listen.to_string());
    connect.to_string()
}

#[tokio::test]
async fn a_url_that_says_nothing_is_told() {
    assert_eq!(refused("127.0.0.1:25").await, "`127.0.0.1:25`: relative URL without a base");
    assert_eq!(
        refused("ftp://localhost:25").await,
        "`ftp://localhost:25`: no scheme `ftp`; known are memory, tcp, udp, unix"
    );
    for url in ["tcp://localhost", "tcp:25", "udp://localhost"] {
        assert_eq!(refused(url).await, format!("`{url}`: a host and a port are needed"));
    }
    for url in ["tcp://localhost:25/path", "tcp://name@localhost:25", "udp://:word@localhost:25"] {
        let told = refused(url).await;
        assert!(told.ends_with("nothing but a host, a port and options is known here"), "{told}");
    }
    let option = |name: &str, reason: &str| format!(": option `{name}`: {reason}");
    for (url, reason) in [
        ("tcp://[::1]:25?nodely=true", option("nodely", "it is not known here")),
        ("tcp://[::1]:25?nodelay=1", option("nodelay", "`1` is no value of it")),
        ("tcp://[::1]:25?backlog=1&backlog=2", option("backlog", "it stands there twice")),
        ("udp://[::1]:25?idle=-1", option("idle", "`-1` is no value of it")),
        ("udp://[::1]:25?new_idle=x", option("new_idle", "`x` is no value of it")),
        ("unix:/tmp/x?mode=1000", option("mode", "`1000` is no value of it")),
        ("unix:/tmp/x?mode=%2B600", option("mode", "`+600` is no value of it")),
        ("unix:/tmp/x?mode=rw", option("mode", "`rw` is no value of it")),
        ("unix:/tmp/x?owner=me", option("owner", "it is not known here")),
        ("memory:x?size=3", option("size", "it is not known here")),
    ] {
        assert_eq!(refused(url).await, format!("`{url}`{reason}"));
    }
    for url in ["unix:", "unix://host/path"] {
        assert_eq!(refused(url).await, format!("`{url}`: a path is needed, and nothing else"));
    }
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
async fn an_abandoned_unix_socket_is_replaced_and_nothing_else() {
    let schemes = Schemes::default();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let url = format!("unix:{}", path.display());
    // As a process leaves it that was killed.
    drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
    assert!(path.exists());
    let listening = schemes.listen(&url).await.expect("nobody listens there");
    let in_use = schemes.listen(&url).await.map(|_| ()).expect_err("somebody does now");
    assert_eq!(in_use.kind(), io::ErrorKind::AddrInUse);
    drop(listening);
    std::fs::write(&path, "mine").expect("a file");
    let file = schemes.listen(&url).await.map(|_| ()).expect_err("it is no socket");
    assert_eq!(file.kind(), io::ErrorKind::AddrInUse);
    assert_eq!(std::fs::read(&path).expect("it is there"), b"mine");
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

/// Says a line before everything else, and takes that of the other side.
struct Greets(&'static str);

impl Greets {
    async fn greet(&self, mut stream: Stream) -> io::Result<Stream> {
        stream.write_all(self.0.as_bytes()).await?;
        stream.flush().await?;
        let mut theirs = vec![0; self.0.len()];
        stream.read_exact(&mut theirs).await?;
        match theirs == self.0.as_bytes() {
            true => Ok(stream),
            false => Err(io::Error::other("another greeting")),
        }
    }
}

impl Wrapper for Greets {
    fn connected<'a>(&'a self, stream: Stream, _: &'a Url) -> Pending<'a, Stream> {
        Box::pin(self.greet(stream))
    }

    fn accepted(&self, stream: Stream) -> Pending<'_, Stream> {
        Box::pin(self.greet(stream))
    }
}

#[tokio::test]
async fn layers_lie_around_each_other() {
    let (server, client) = tls();
    let layers = |first, second| {
        let scheme = Scheme::new(Tcp).wrapped(Greets(first));
        let scheme = scheme.wrapped(server.clone().and(client.clone())).wrapped(Greets(second));
        Schemes::default().with("layered", scheme)
    };
    let schemes = layers("out;", "in;");
    let to = |listening: &Listening| format!("layered://localhost:{}", port(listening));
    converse(&schemes, "layered://127.0.0.1:0", to).await;
    // A layer that fails loses the stream, not the listener.
    let mut listening = schemes.listen("layered://127.0.0.1:0").await.expect("it listens");
    let to = to(&listening);
    for (first, second) in [("OUT;", "in;"), ("out;", "IN;")] {
        let others = layers(first, second);
        let accepted = async { listening.accept().await.expect("a stream").ready().await };
        let (opened, accepted) = tokio::join!(others.connect(&to), accepted);
        assert!(opened.is_err() && accepted.is_err());
    }
    pair(&schemes, &mut listening, &to).await;
}

#[tokio::test]
async fn who_is_slow_keeps_nobody_waiting() {
    let schemes = Schemes::default().with("greeted", Scheme::new(Tcp).wrapped(Greets("hi")));
    let mut listening = schemes.listen("greeted://127.0.0.1:0").await.expect("it listens");
    let address = listening.local().socket().expect("TCP");
    let mut silent =
        Schemes::default().connect(&format!("tcp://{address}")).await.expect("it opens");
    let slow: Accepted = listening.accept().await.expect("a stream");
    assert_eq!(slow.peer(), silent.local());
    let waiting = tokio::spawn(slow.ready());
    pair(&schemes, &mut listening, &format!("greeted://{address}")).await;
    assert!(!waiting.is_finished());
    assert_eq!(read(&mut silent, 2).await, b"hi");
    drop(silent);
    let lost = waiting.await.expect("it ran").expect_err("the peer is gone");
    assert_eq!(lost.kind(), io::ErrorKind::UnexpectedEof);
}

/// TLS for both sides, with ALPN.
fn tls() -> (Tls, Tls) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("it is made");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let certificate = made.cert.der().clone();
    let server = ServerConfig::builder().with_no_client_auth();
    let server = server.with_single_cert(vec![certificate.clone()], key).expect("they fit");
    let mut roots = RootCertStore::empty();
    roots.add(certificate).expect("a certificate");
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    (Tls::server(Arc::new(server)), Tls::client(Arc::new(client)))
}

#[tokio::test]
async fn tls_by_its_scheme_and_in_mid_stream() {
    let (server, client) = tls();
    let both = server.clone().and(client.clone());
    let schemes = Schemes::default().with("tls", Scheme::new(Tcp).wrapped(both));
    let to = |listening: &Listening| format!("tls://localhost:{}", port(listening));
    converse(&schemes, "tls://127.0.0.1:0", to).await;
    // The certificate is of another name.
    let mut listening = schemes.listen("tls://127.0.0.1:0").await.expect("it listens");
    let wrong = listening.url().to_owned();
    let accepted = async { listening.accept().await.expect("a stream").ready().await };
    let (opened, accepted) = tokio::join!(schemes.connect(&wrong), accepted);
    assert!(opened.is_err() && accepted.is_err());

    let mut listening = schemes.listen("memory:tls").await.expect("it listens");
    let (opened, accepted) = pair(&schemes, &mut listening, "memory:tls").await;
    let (opened, accepted) =
        tokio::join!(client.connect(opened, "localhost"), server.accept(accepted));
    let (mut opened, mut accepted) = (opened.expect("TLS"), accepted.expect("TLS"));
    opened.write_all(b"under TLS").await.expect("it is written");
    opened.flush().await.expect("it is written");
    assert_eq!(read(&mut accepted, 9).await, b"under TLS");
    // What it is not for.
    let kind = |result: io::Result<Stream>| result.expect_err("it is not for that").kind();
    assert_eq!(kind(client.accept(opened).await), io::ErrorKind::InvalidInput);
    assert_eq!(kind(server.connect(accepted, "localhost").await), io::ErrorKind::InvalidInput);
}

/// A transport of the program's own.
struct Loop;

impl Transport for Loop {
    fn connect<'a>(&'a self, url: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async move {
            let (stream, mut other) = tokio::io::duplex(64);
            tokio::spawn(async move {
                let (mut reader, mut writer) = tokio::io::split(&mut other);
                tokio::io::copy(&mut reader, &mut writer).await
            });
            let address = Address::Other(url.to_string());
            Ok(Stream::new(stream, address.clone(), address))
        })
    }

    fn listen<'a>(&'a self, _: &'a Url) -> Pending<'a, Box<dyn Listener>> {
        Box::pin(async { Err(io::Error::from(io::ErrorKind::Unsupported)) })
    }
}

#[tokio::test]
async fn a_scheme_of_ones_own() {
    let schemes = Schemes::default().with("loop", Scheme::new(Loop));
    let mut stream = schemes.connect("loop:back").await.expect("it opens");
    stream.write_all(b"again").await.expect("it is written");
    assert_eq!(read(&mut stream, 5).await, b"again");
    assert_eq!(stream.peer().to_string(), "loop:back");
    let listening = schemes.listen("loop:back").await.map(|_| ());
    assert_eq!(listening.expect_err("it cannot").kind(), io::ErrorKind::Unsupported);
}

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

#[tokio::test]
async fn a_unix_socket_that_another_has_put_there_stays() {
    let schemes = Schemes::default();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let url = format!("unix:{}", path.display());
    let old = schemes.listen(&url).await.expect("it listens");
    std::fs::remove_file(&path).expect("it is there");
    let mut new = schemes.listen(&url).await.expect("it listens");
    drop(old);
    pair(&schemes, &mut new, &url).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_find_a_unix_socket_abandoned_one_has_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for round in 0..200 {
        let path = folder.path().join(round.to_string());
        drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
        let url = format!("unix:{}", path.display());
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move { Schemes::default().listen(&url).await })
            })
            .collect();
        let mut listening = Vec::new();
        for task in tasks {
            match task.await.expect("it does not panic") {
                Ok(one) => listening.push(one),
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::AddrInUse, "{error}"),
            }
        }
        assert_eq!(listening.len(), 1);
        let mut opened = Schemes::default().connect(&url).await.expect("it opens");
        opened.write_all(b"hello").await.expect("it is written");
        // The others looked whether anybody is there, and were gone.
        while {
            let accepted = listening[0].accept().await.expect("a stream").ready().await;
            accepted.expect("it is ready").read_exact(&mut [0; 5]).await.is_err()
        } {}
    }
}

#[tokio::test]
async fn the_file_of_a_unix_socket_has_its_mode() {
    use std::os::unix::fs::PermissionsExt;

    let schemes = Schemes::default();
    let folder = tempfile::tempdir().expect("a folder");
    for mode in [0o600, 0o660, 0o777] {
        let path = folder.path().join("s");
        let url = format!("unix:{}?mode={mode:o}", path.display());
        let mut listening = schemes.listen(&url).await.expect("it listens");
        let permissions = std::fs::metadata(&path).expect("it is there").permissions();
        assert_eq!(permissions.mode() & 0o777, mode);
        let to = listening.url().to_owned();
        pair(&schemes, &mut listening, &to).await;
    }
    let nowhere = schemes.listen("unix:/nobody/listens/here").await.map(|_| ());
    assert_eq!(nowhere.expect_err("no such folder").kind(), io::ErrorKind::NotFound);
}
