//! Layers around streams.

use std::io;
use std::sync::Arc;

use framer_runtime::net::{
    Accepted, Listening, Pending, Scheme, Schemes, Stream, Tcp, Tls, Wrapper,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use url::Url;

use super::{converse, pair, port, read};

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
