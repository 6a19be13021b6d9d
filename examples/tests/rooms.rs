//! The programs `echo` and `chat` over every transport that a URL can name.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use framer_runtime::net::{Scheme, Schemes, Stream, Tcp, Tls};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::time::timeout;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

/// A program that listens at these URLs, until it is dropped, and where.
struct Program(Child, Vec<String>);

impl Program {
    fn start(program: &str, urls: &[&str]) -> Program {
        let mut child =
            Command::new(program).args(urls).stdout(Stdio::piped()).spawn().expect("it starts");
        let stdout = BufReader::new(child.stdout.take().expect("its output"));
        let lines = stdout.lines().take(urls.len()).map(|line| line.expect("a line"));
        let places = lines.map(|line| {
            let place = line.rsplit(' ').next().expect("an address").to_owned();
            // TCP is what an address is of that says nothing else.
            if place.contains(':') && !place.starts_with(|first: char| first.is_ascii_digit()) {
                place
            } else {
                format!("tcp://{place}")
            }
        });
        let places = places.collect();
        Program(child, places)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Trusts whoever is there: the program makes a certificate of its own.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

fn schemes() -> Schemes {
    let config = ClientConfig::builder().dangerous();
    let config = config.with_custom_certificate_verifier(Arc::new(Anyone)).with_no_client_auth();
    Schemes::default().with("tls", Scheme::new(Tcp).wrapped(Tls::client(Arc::new(config))))
}

async fn say(stream: &mut BufStream<Stream>, line: &str) {
    stream.write_all(line.as_bytes()).await.expect("it is written");
    stream.flush().await.expect("it is written");
}

async fn hear(stream: &mut BufStream<Stream>) -> String {
    let mut line = String::new();
    let heard = timeout(Duration::from_secs(20), stream.read_line(&mut line)).await;
    heard.expect("it is heard").expect("it comes");
    line
}

#[tokio::test]
async fn one_room_over_every_transport() {
    let folder = tempfile::tempdir().expect("a folder");
    let unix = format!("unix:{}", folder.path().join("room").display());
    let urls = ["tcp://127.0.0.1:0", "tls://127.0.0.1:0", "udp://127.0.0.1:0", unix.as_str()];
    let program = Program::start(env!("CARGO_BIN_EXE_chat"), &urls);
    let schemes = schemes();
    let mut guests = Vec::new();
    // Two come by the same socket, and neither has a name.
    for place in program.1.iter().chain([&program.1[3]]) {
        let stream = schemes.connect(place).await.expect("it opens");
        let mut guest = BufStream::new(stream);
        // Each says something, so that it is known to be there, and those before it hear it.
        say(&mut guest, "hello\n").await;
        for other in &mut guests {
            assert_eq!(hear(other).await, "hello\n");
        }
        guests.push(guest);
    }
    for speaker in 0..guests.len() {
        let said = format!("this is number {speaker}\n");
        say(&mut guests[speaker], &said).await;
        for (place, guest) in guests.iter_mut().enumerate() {
            if place != speaker {
                assert_eq!(hear(guest).await, said);
            }
        }
    }
}

#[tokio::test]
async fn what_is_told_comes_back() {
    let urls = ["tcp://127.0.0.1:0", "udp://127.0.0.1:0"];
    let program = Program::start(env!("CARGO_BIN_EXE_echo"), &urls);
    for place in &program.1 {
        let stream = schemes().connect(place).await.expect("it opens");
        let mut stream = BufStream::new(stream);
        say(&mut stream, "one\ntwo\n").await;
        assert_eq!(hear(&mut stream).await, "one\n");
        assert_eq!(hear(&mut stream).await, "two\n");
    }
}
