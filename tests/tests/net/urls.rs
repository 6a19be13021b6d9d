//! What a URL may say, and schemes of a program's own.

use std::io;

use framer_runtime::net::{Address, Listener, Pending, Scheme, Schemes, Stream, Transport};
use tokio::io::AsyncWriteExt;
use url::Url;

use super::read;

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
