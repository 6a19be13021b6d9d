//! The PROXY protocol as a layer: what is written, what is read and whom it speaks for, in any
//! pieces, and headers that are refused.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use framer_examples::proxied::{Behind, Client, Version};
use framer_examples::tls;
use framer_protocols::proxy::{Ends, Fact, Header, TlsFact};
use framer_runtime::frame::Frame;
use framer_runtime::net::{
    Address, Counts, Ended, Memory, Observe, Scheme, Schemes, Secured, Server, Stream, Tcp, Tls,
    Wrapper,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::sleep;
use url::Url;

const SIGNATURE: &[u8] = b"\r\n\r\n\x00\r\nQUIT\n";

/// A header of version 2.
fn bytes(command: u8, family: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("it fits").to_be_bytes();
    [SIGNATURE, &[command, family], &length, content].concat()
}

fn tcp(peer: &str, local: &str) -> Client {
    let address = |text: &str| Address::Tcp(text.parse().expect("an address"));
    Client { peer: address(peer), local: address(local) }
}

fn udp(peer: &str, local: &str) -> Client {
    let address = |text: &str| Address::Udp(text.parse().expect("an address"));
    Client { peer: address(peer), local: address(local) }
}

fn unix(peer: Option<&str>, local: Option<&str>) -> Client {
    let address = |name: Option<&str>| Address::Unix(name.map(PathBuf::from));
    Client { peer: address(peer), local: address(local) }
}

fn none() -> Address {
    Address::Other("test:".to_owned())
}

fn streams(room: usize) -> (DuplexStream, Stream) {
    let (other, one) = duplex(room);
    (other, Stream::new(one, none(), none()))
}

/// What a layer writes to a stream that it opens.
async fn written(behind: Behind) -> io::Result<Vec<u8>> {
    let (mut other, stream) = streams(1 << 17);
    let url = Url::parse("test:").expect("a URL");
    let mut stream = behind.connected(stream, &url).await?;
    stream.write_all(b"rest").await?;
    drop(stream);
    let mut bytes = Vec::new();
    other.read_to_end(&mut bytes).await?;
    assert_eq!(bytes.split_off(bytes.len() - 4), b"rest");
    Ok(bytes)
}

/// Whom a header speaks for. What follows it is left for the session, however it comes.
async fn read(header: &[u8]) -> io::Result<Option<Client>> {
    let mut told = Vec::new();
    // The room is how much is read at once: a byte, and all.
    for room in [1, 1 << 17] {
        let (mut other, stream) = streams(room);
        let all = [header, b"rest"].concat();
        let writing = tokio::spawn(async move {
            // Whoever is refused is not read to the end.
            let _ = other.write_all(&all).await;
        });
        let accepted = Behind::new(Version::Two).accepted(stream).await;
        if let Ok(mut stream) = accepted {
            let client = Client { peer: stream.peer().clone(), local: stream.local().clone() };
            told.push(Ok((client.peer != none()).then_some(client)));
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await?;
            assert_eq!(rest, b"rest");
        } else {
            told.push(Err(accepted.expect_err("it was refused")));
        }
        writing.await.expect("it does not panic");
    }
    let (last, first) = (told.pop().expect("two"), told.pop().expect("two"));
    match (&first, &last) {
        (Ok(first), Ok(last)) => assert_eq!(first, last),
        (Err(first), Err(last)) => assert_eq!(first.to_string(), last.to_string()),
        _ => panic!("{first:?}, {last:?}"),
    }
    last
}

#[tokio::test]
async fn what_is_written_is_read() {
    let (one, two) = (Version::One, Version::Two);
    let v4 = tcp("192.0.2.1:56324", "198.51.100.2:443");
    let v6 = tcp("[2001:db8::1]:1", "[2001:db8::2]:65535");
    let mixed = tcp("192.0.2.1:1", "[2001:db8::2]:2");
    let wide = tcp("[::ffff:192.0.2.1]:1", "[2001:db8::2]:2");
    let datagrams = udp("192.0.2.1:56324", "198.51.100.2:53");
    let named = unix(Some("/run/client"), None);
    let longest = format!("/{}", "n".repeat(107));
    let long = unix(Some(&longest), Some("/s"));
    let other = Client { peer: none(), local: none() };
    let ends4 = b"\xc0\x00\x02\x01\xc6\x33\x64\x02\xdc\x04";
    let name = |name: &str| [name.as_bytes(), &vec![0; 108 - name.len()]].concat();
    let db8 = |last: u8| [b"\x20\x01\x0d\xb8".as_slice(), &[0; 11], &[last]].concat();
    for (version, client, header, means) in [
        (one, &v4, b"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n".to_vec(), Some(&v4)),
        (one, &v6, b"PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n".to_vec(), Some(&v6)),
        (one, &mixed, b"PROXY TCP6 ::ffff:192.0.2.1 2001:db8::2 1 2\r\n".to_vec(), Some(&wide)),
        // Of these, a line cannot tell.
        (one, &datagrams, b"PROXY UNKNOWN\r\n".to_vec(), None),
        (one, &named, b"PROXY UNKNOWN\r\n".to_vec(), None),
        (two, &v4, bytes(0x21, 0x11, &[ends4.as_slice(), b"\x01\xbb"].concat()), Some(&v4)),
        (
            two,
            &datagrams,
            bytes(0x21, 0x12, &[ends4.as_slice(), b"\x00\x35"].concat()),
            Some(&datagrams),
        ),
        (
            two,
            &v6,
            bytes(0x21, 0x21, &[db8(1), db8(2), b"\x00\x01\xff\xff".to_vec()].concat()),
            Some(&v6),
        ),
        (two, &named, bytes(0x21, 0x31, &[name("/run/client"), name("")].concat()), Some(&named)),
        (two, &long, bytes(0x21, 0x31, &[name(&longest), name("/s")].concat()), Some(&long)),
        (two, &other, bytes(0x21, 0x00, b""), None),
    ] {
        let behind = Behind::new(version).speaking_for(client.clone());
        assert_eq!(written(behind).await.expect("it is written"), header);
        assert_eq!(read(&header).await.expect("it is read"), means.cloned());
    }
    // Nobody is spoken for.
    for (version, header) in [(one, b"PROXY UNKNOWN\r\n".to_vec()), (two, bytes(0x20, 0, b""))] {
        assert_eq!(written(Behind::new(version)).await.expect("it is written"), header);
        assert_eq!(read(&header).await.expect("it is read"), None);
    }
    let long = unix(Some(&format!("{longest}n")), None);
    let refused = written(Behind::new(two).speaking_for(long)).await.expect_err("too long");
    assert_eq!(refused.to_string(), "a name of 109 bytes, of 108 at most");
}

#[tokio::test]
async fn what_is_not_looked_at() {
    // The longest line, and the longest content.
    let line = format!("PROXY UNKNOWN {}\r\n", "f".repeat(91));
    assert_eq!(line.len(), 107);
    assert_eq!(read(line.as_bytes()).await.expect("it is read"), None);
    for header in [
        bytes(0x20, 0xff, &[0; 65_535]),
        bytes(0x20, 0x11, b"\x01"),
        bytes(0x21, 0x00, &[0xff; 65_535]),
    ] {
        assert_eq!(read(&header).await.expect("it is read"), None);
    }
    let ends = [&[0; 12], [0xee, 0x00, 0x01, 0x07].as_slice()].concat();
    let client = read(&bytes(0x21, 0x11, &ends)).await.expect("it is read");
    assert_eq!(client, Some(tcp("0.0.0.0:0", "0.0.0.0:0")));
}

#[test]
fn what_else_a_proxy_knows() {
    let fact = |kind: u8, value: &[u8]| {
        let length = u16::try_from(value.len()).expect("it fits").to_be_bytes();
        [&[kind], length.as_slice(), value].concat()
    };
    let tls = [
        b"\x05\x00\x00\x00\x00".to_vec(),
        fact(0x21, b"TLSv1.3"),
        fact(0x22, "Bärbel".as_bytes()),
        fact(0x28, b"der"),
    ];
    let more = [
        fact(0x01, b"h2"),
        fact(0x02, b"example.org"),
        fact(0x03, b"\x01\x02\x03\x04"),
        fact(0x04, b"\0\0"),
        fact(0x05, b"one of many"),
        fact(0x20, &tls.concat()),
        fact(0x30, b"blue"),
        fact(0xe0, b"own"),
    ];
    let header = bytes(0x21, 0x11, &[vec![0; 12], more.concat()].concat());
    let Ok(Header::Proxied(proxied)) = Header::decode(&header) else { panic!("it is one") };
    let Ends::Tcp4(ends) = proxied.ends else { panic!("it is over IPv4") };
    let mut told = Vec::new();
    for more in ends.more {
        told.push(match more.fact {
            Fact::Alpn(alpn) => format!("{}", alpn.protocol.escape_ascii()),
            Fact::Authority(authority) => authority.name.to_owned(),
            Fact::Checksum(checksum) => format!("{:08x}", checksum.crc),
            Fact::Nothing(nothing) => format!("{} bytes", nothing.ignored.len()),
            Fact::UniqueId(id) => format!("{}", id.id.escape_ascii()),
            Fact::Tls(tls) => {
                let flags = (tls.tls, tls.certificate, tls.certificate_in_session, tls.verified);
                assert_eq!(flags, (true, false, true, 0));
                let facts = tls.more.iter().map(|more| match more.fact {
                    TlsFact::TlsVersion(version) => version.version.to_owned(),
                    TlsFact::CommonName(name) => name.name.to_owned(),
                    fact => format!("{fact:?}"),
                });
                facts.collect::<Vec<_>>().join(" ")
            }
            Fact::Namespace(namespace) => namespace.name.to_owned(),
            Fact::OtherFact(other) => format!("{:#x}", other.kind),
        });
    }
    let other = "OtherTlsFact(OtherTlsFact { kind: 40, value: [100, 101, 114] })";
    let tls = format!("TLSv1.3 Bärbel {other}");
    let known =
        ["h2", "example.org", "01020304", "2 bytes", "one of many", tls.as_str(), "blue", "0xe0"];
    assert_eq!(told, known);
    let mut again = Vec::new();
    Header::Proxied(proxied).encode(&mut again).expect("it is written");
    assert_eq!(again, header);
}

#[tokio::test]
async fn what_is_no_header_is_refused() {
    let long = format!("PROXY UNKNOWN {}\r\n", "f".repeat(92));
    for line in [
        "GET / HTTP/1.1\r\n",
        "\r\n\r\n",
        "proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1  192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n",
        "PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2 192.0.2.2 1 2\r\n",
        "PROXY TCP4 ::1 ::1 1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\r\n",
        "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY TCP6 2001:db8:::1 ::1 1 2\r\n",
        "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
        "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY UNKNOWN \n\r\n",
        &long,
    ] {
        let refused = read(line.as_bytes()).await.expect_err(line);
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData, "{line}");
    }
    let ends = [0; 12];
    for header in [
        // Other versions, commands, families and transports.
        bytes(0x11, 0x11, &ends),
        bytes(0x31, 0x11, &ends),
        bytes(0x22, 0x11, &ends),
        bytes(0x21, 0x10, &ends),
        bytes(0x21, 0x13, &ends),
        bytes(0x21, 0x41, &ends),
        // Too short for the ends, and what else is known beyond the end.
        bytes(0x21, 0x11, b""),
        bytes(0x21, 0x11, &[0; 11]),
        bytes(0x21, 0x21, &[0; 35]),
        bytes(0x21, 0x31, &[0; 215]),
        bytes(0x21, 0x11, &[ends.as_slice(), b"\x04"].concat()),
        bytes(0x21, 0x11, &[ends.as_slice(), b"\x04\x00\x01"].concat()),
        bytes(0x21, 0x11, &[ends.as_slice(), b"\x03\x00\x03\x00\x00\x00"].concat()),
        bytes(0x21, 0x11, &[ends.as_slice(), &b"\x04\x00\x00".repeat(129)].concat()),
    ] {
        let refused = read(&header).await.expect_err("no header");
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData, "{header:x?}");
    }
}

#[tokio::test]
async fn a_header_that_ends_too_early_is_refused() {
    let line = b"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n".to_vec();
    for header in [line, bytes(0x21, 0x11, &[0; 12]), bytes(0x20, 0, b"rest")] {
        for cut in 0..header.len() {
            let (mut other, stream) = streams(1 << 17);
            other.write_all(&header[..cut]).await.expect("it is written");
            drop(other);
            let refused = Behind::new(Version::One).accepted(stream).await.expect_err("cut off");
            let kind =
                if cut == 0 { io::ErrorKind::UnexpectedEof } else { io::ErrorKind::InvalidData };
            assert_eq!(refused.kind(), kind, "{cut} bytes: {refused}");
        }
    }
}

/// How sessions ended.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Observe for Seen {
    fn ended(&self, session: &Counts, how: &Ended) {
        let told = match how {
            Ended::Failed(error) => format!("{}: {error}", session.peer),
            how => format!("{}: {how:?}", session.peer),
        };
        self.0.lock().expect("whole").push(told);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_knows_its_clients_and_waits_for_no_header() {
    let memory = Memory::default();
    let client = tcp("192.0.2.1:1", "198.51.100.2:25");
    let behind = Behind::new(Version::Two).speaking_for(client);
    let schemes = Schemes::default()
        .with("memory", Scheme::new(memory.clone()))
        .with("behind", Scheme::new(memory).wrapped(behind));
    let seen = Seen::default();
    let server = Server::bind(&schemes, ["behind:it"]).await.expect("it listens");
    let server = server.layers_within(Duration::from_secs(3)).observed(seen.clone());
    let live = server.live();
    tokio::spawn(server.serve(|mut stream, _| async move {
        let told = format!("{} at {}", stream.peer(), stream.local());
        Ok(stream.write_all(told.as_bytes()).await?)
    }));
    let mut opened = schemes.connect("behind:it").await.expect("it opens");
    let mut told = String::new();
    opened.read_to_string(&mut told).await.expect("it ends");
    assert_eq!(told, "tcp://192.0.2.1:1 at tcp://198.51.100.2:25");
    // Whoever says nothing is cut off; nothing is said to it.
    let mut silent = schemes.connect("memory:it").await.expect("it opens");
    silent.write_all(b"PROXY TCP4 ").await.expect("it is written");
    sleep(Duration::from_millis(2999)).await;
    assert_eq!(live.sessions().len(), 1);
    assert_eq!(silent.read(&mut [0]).await.expect("it ends"), 0);
    let seen = seen.0.lock().expect("whole").clone();
    assert_eq!(seen, ["tcp://192.0.2.1:1: Well", "memory:it: timed out"]);
}

#[tokio::test]
async fn the_header_comes_before_tls() {
    let (server, certificate) = tls::self_signed("localhost").expect("it is made");
    let client = tls::client_with([certificate]).expect("a certificate");
    let tls = Tls::server(server).and(Tls::client(client));
    let behind = Behind::new(Version::One);
    let behind = behind.speaking_for(tcp("[2001:db8::1]:1", "[2001:db8::2]:2"));
    let scheme = Scheme::new(Tcp).wrapped(behind).wrapped(tls);
    let schemes = Schemes::default().with("both", scheme);
    let mut listening = schemes.listen("both://127.0.0.1:0").await.expect("it listens");
    let to = listening.url().replace("127.0.0.1", "localhost");
    let accepted = async { listening.accept().await.expect("a stream").ready().await };
    let (opened, accepted) = tokio::join!(schemes.connect(&to), accepted);
    let (opened, accepted) = (opened.expect("it opens"), accepted.expect("it is ready"));
    assert_eq!(accepted.peer().to_string(), "tcp://[2001:db8::1]:1");
    assert_eq!(accepted.local().to_string(), "tcp://[2001:db8::2]:2");
    let secured = accepted.known::<Secured>().expect("it is under TLS");
    assert_eq!(secured.server(), Some("localhost"));
    assert!(opened.known::<Secured>().is_some());
}
