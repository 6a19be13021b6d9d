//! NATS: a client with nats-server, with and without TLS.

use std::net::SocketAddr;
use std::path::Path;

use framer_examples::tls;
use framer_protocols::nats::client::{Event as Told, Message as Asked};
use framer_protocols::nats::{self as wire, Name};
use framer_runtime::tls::MaybeTls;
use framer_runtime::tokio::Connection;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::peers::Peer;
use crate::server::{foreign, free_port};

/// A certificate of 127.0.0.1 and its key, as two PEM files.
fn certificate(directory: &Path) -> (String, String) {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let place = |name: &str| directory.join(name).to_string_lossy().into_owned();
    let (cert, key) = (place("cert.pem"), place("key.pem"));
    std::fs::write(&cert, made.cert.pem()).expect("a file");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    (cert, key)
}

// ---- The client ----

type Client = Connection<MaybeTls<TcpStream>, wire::Client>;

/// The next thing the server says that is no question whether we are there.
async fn next(client: &mut Client) -> String {
    loop {
        let (event, mut reply) = client.next().await.expect("no fault").expect("not the end");
        match event {
            Told::Ping(_) => reply.send(wire::Pong).expect("it is due"),
            event => return format!("{event:?}"),
        }
    }
}

/// The next message: its subject, who is to be answered, and all it holds.
async fn message(client: &mut Client) -> (String, Option<String>, Vec<u8>) {
    let (mut subject, mut reply, mut data) = (String::new(), None, Vec::new());
    loop {
        match client.next().await.expect("no fault").expect("not the end").0 {
            Told::Msg(wire::Msg { subject: of, reply: to, .. })
            | Told::HMsg(wire::HMsg { subject: of, reply: to, .. }) => {
                of.clone_into(&mut subject);
                reply = to.map(|to| to.text.to_owned());
            }
            Told::Payload(part) => data.extend_from_slice(part),
            Told::PayloadEnd => return (subject, reply, data),
            other => panic!("{other:?}"),
        }
    }
}

async fn connect(address: SocketAddr, connector: Option<TlsConnector>) -> Client {
    let socket = TcpStream::connect(address).await.expect("a server");
    let mut client = Connection::new(MaybeTls::plain(socket), wire::Client::new());
    assert!(next(&mut client).await.starts_with("Info(Info"));
    if let Some(connector) = connector {
        assert_eq!(next(&mut client).await, "Upgrade(Tls)");
        let name = ServerName::try_from("localhost").expect("a name");
        let upgrade = client.upgrade(async |socket| socket.connect(&connector, name).await);
        upgrade.await.expect("a handshake");
    }
    let json = r#"{"verbose":true,"headers":true,"lang":"rust","version":"0"}"#;
    client.send(wire::Connect::new(json)).await.expect("it may be said");
    assert_eq!(next(&mut client).await, "Okay(Okay)");
    client.send(wire::Ping).await.expect("it may be asked");
    assert_eq!(next(&mut client).await, "Pong(Pong)");
    client
}

/// Says it, and hears that it was taken.
async fn said<'m>(client: &mut Client, message: impl Into<Asked<'m>>) {
    client.send(message).await.expect("it may be said");
    assert_eq!(next(client).await, "Okay(Okay)");
}

async fn publish(client: &mut Client, head: impl Into<Asked<'_>>, payload: &[u8]) {
    client.send(head).await.expect("it may be said");
    for part in payload.chunks(8192) {
        client.send(Asked::Payload(part)).await.expect("it was announced");
        client.flush().await.expect("it is read");
    }
    assert_eq!(next(client).await, "Okay(Okay)");
}

async fn talk(address: SocketAddr, connector: Option<TlsConnector>) {
    let (mut one, mut other) =
        (connect(address, connector.clone()).await, connect(address, connector).await);
    said(&mut one, wire::Sub::new("a.*", "7")).await;
    said(&mut one, wire::Sub { subject: "q", queue: Some(Name::new("g")), id: "8" }).await;
    one.send(wire::Ping).await.expect("it may be asked");
    assert_eq!(next(&mut one).await, "Pong(Pong)");
    publish(&mut other, wire::Pub::new("a.b", 7), b"x\r\nPING").await;
    assert_eq!(message(&mut one).await, ("a.b".to_owned(), None, b"x\r\nPING".to_vec()));
    let with_reply = wire::Pub { subject: "q", reply: Some(Name::new("back")), size: 0 };
    publish(&mut other, with_reply, b"").await;
    assert_eq!(message(&mut one).await, ("q".to_owned(), Some("back".to_owned()), Vec::new()));
    let headed = b"NATS/1.0\r\nBar: Baz\r\n\r\nHello";
    publish(&mut other, wire::HPub::new("a.1", 22, 27), headed).await;
    assert_eq!(message(&mut one).await, ("a.1".to_owned(), None, headed.to_vec()));
    let reply = Some(Name::new("12"));
    let head = wire::HPub { subject: "a.1", reply, headers: 22, size: 27 };
    publish(&mut other, head, headed).await;
    let wanted = ("a.1".to_owned(), Some("12".to_owned()), headed.to_vec());
    assert_eq!(message(&mut one).await, wanted);
    let large: Vec<u8> = (0..900_000_u32).map(|place| place.to_le_bytes()[0]).collect();
    publish(&mut other, wire::Pub::new("a.large", 900_000), &large).await;
    assert_eq!(message(&mut one).await.2, large);
    // One more, and then no more.
    said(&mut one, wire::Unsub { id: "7", after: Some(wire::After::new(6)) }).await;
    said(&mut one, wire::Unsub::new("8")).await;
    one.send(wire::Ping).await.expect("it may be asked");
    assert_eq!(next(&mut one).await, "Pong(Pong)");
    for size in [1, 2, 1] {
        publish(&mut other, wire::Pub::new("a.b", size), &b"ab"[..size as usize]).await;
    }
    publish(&mut other, wire::Pub::new("q", 1), b"x").await;
    for _ in 0..2 {
        message(&mut one).await;
    }
    one.send(wire::Sub::new("a..b", "9")).await.expect("it may be said");
    assert!(next(&mut one).await.contains("Invalid Subject"));
}

pub(crate) fn nats_server_answers() {
    let directory = TempDir::new().expect("a directory");
    let (cert, key) = certificate(directory.path());
    let trusting = tls::connector_for(Path::new(&cert)).expect("a certificate");
    for connector in [None, Some(trusting)] {
        let address = free_port();
        let mut command = Peer::NatsServer.command();
        command.args(["-a", "127.0.0.1", "-p", &address.port().to_string()]);
        if connector.is_some() {
            command.args(["--tls", "--tlscert", &cert, "--tlskey", &key]);
        }
        let server = foreign(&mut command, address);
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(talk(server.address, connector));
    }
}
