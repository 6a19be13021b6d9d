//! NATS: a client with nats-server, a server with nats-py, with and without TLS.

use std::net::SocketAddr;
use std::path::Path;

use framer_examples::tls;
use framer_protocols::nats::client::{Event as Told, Message as Asked};
use framer_protocols::nats::server::{Event, Message};
use framer_protocols::nats::{self as wire, Name};
use framer_runtime::Error;
use framer_runtime::net::{Stream, Tls};
use framer_runtime::tokio::Connection;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::from_peers::succeeds;
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

type Client = Connection<Stream, wire::Client>;

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

async fn connect(address: SocketAddr, tls: Option<Tls>) -> Client {
    let socket = TcpStream::connect(address).await.expect("a server");
    let mut client =
        Connection::new(Stream::try_from(socket).expect("its ends"), wire::Client::new());
    assert!(next(&mut client).await.starts_with("Info(Info"));
    if let Some(tls) = tls {
        assert_eq!(next(&mut client).await, "Upgrade(Tls)");
        let upgrade = client.upgrade(async |stream| tls.connect(stream, "localhost").await);
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

async fn talk(address: SocketAddr, tls: Option<Tls>) {
    let (mut one, mut other) = (connect(address, tls.clone()).await, connect(address, tls).await);
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
    let trusting = tls::client_for(Path::new(&cert)).expect("a certificate");
    for tls in [None, Some(Tls::client(trusting))] {
        let address = free_port();
        let mut command = Peer::NatsServer.command();
        command.args(["-a", "127.0.0.1", "-p", &address.port().to_string()]);
        if tls.is_some() {
            command.args(["--tls", "--tlscert", &cert, "--tlskey", &key]);
        }
        let server = foreign(&mut command, address);
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(talk(server.address, tls));
    }
}

// ---- The server ----

/// A subscription, and how many messages it takes yet.
struct Subscription {
    subject: String,
    queue: Option<String>,
    id: String,
    left: Option<u64>,
}

/// A message on its way.
#[derive(Default)]
struct Incoming {
    subject: String,
    reply: Option<String>,
    headers: Option<u32>,
    data: Vec<u8>,
}

/// Whether a subject is one of those that another stands for.
fn matches(wanted: &str, subject: &str) -> bool {
    let (mut wanted, mut subject) = (wanted.split('.'), subject.split('.'));
    loop {
        match (wanted.next(), subject.next()) {
            (None, None) => return true,
            (Some(">"), Some(_)) => return true,
            (Some(one), Some(other)) if one == "*" || one == other => {}
            _ => return false,
        }
    }
}

type Served = Connection<Stream, wire::Server>;

/// Gives a message to those who want it, to one of each queue.
async fn deliver(
    connection: &mut Served,
    subscriptions: &mut Vec<Subscription>,
    message: &Incoming,
) -> Result<(), Error> {
    let mut queues: Vec<String> = Vec::new();
    for subscription in &mut *subscriptions {
        let wanted = matches(&subscription.subject, &message.subject);
        if !wanted || subscription.queue.as_ref().is_some_and(|queue| queues.contains(queue)) {
            continue;
        }
        queues.extend(subscription.queue.clone());
        if let Some(left) = &mut subscription.left {
            *left -= 1;
        }
        let size = u32::try_from(message.data.len()).expect("it was let in");
        let (subject, id) = (message.subject.as_str(), subscription.id.as_str());
        let reply = message.reply.as_deref().map(Name::new);
        match message.headers {
            None => connection.send(wire::Msg { subject, id, reply, size }).await?,
            Some(headers) => {
                connection.send(wire::HMsg { subject, id, reply, headers, size }).await?;
            }
        }
        for part in message.data.chunks(8192) {
            connection.send(Message::Payload(part)).await?;
        }
    }
    subscriptions.retain(|subscription| subscription.left != Some(0));
    Ok(())
}

/// Serves a client by itself: it hears what it publishes.
async fn serve(socket: TcpStream, tls: Option<Tls>) -> Result<(), Error> {
    let mut connection =
        Connection::new(Stream::try_from(socket).expect("its ends"), wire::Server::new());
    let json =
        r#"{"server_id":"x","version":"2.9.0","proto":1,"headers":true,"max_payload":1048576"#;
    let end = if tls.is_some() { r#","tls_required":true}"# } else { "}" };
    connection.send(wire::Info::new(&format!("{json}{end}"))).await?;
    let mut subscriptions: Vec<Subscription> = Vec::new();
    let mut incoming = Incoming::default();
    while let Some((event, mut reply)) = connection.next().await? {
        let owned = |name: Option<Name<'_>>| name.map(|name| name.text.to_owned());
        match event {
            Event::Upgrade(_) => {
                let tls = tls.as_ref().expect("it was said to be required");
                connection.upgrade(async |stream| tls.accept(stream).await).await?;
            }
            Event::Connect(_) | Event::Pong(_) => {}
            Event::Ping(_) => reply.send(wire::Pong)?,
            Event::Sub(sub) => subscriptions.push(Subscription {
                subject: sub.subject.to_owned(),
                queue: owned(sub.queue),
                id: sub.id.to_owned(),
                left: None,
            }),
            Event::Unsub(unsub) => match unsub.after {
                None => subscriptions.retain(|subscription| subscription.id != unsub.id),
                Some(after) => {
                    for subscription in &mut subscriptions {
                        if subscription.id == unsub.id {
                            subscription.left = Some(after.messages);
                        }
                    }
                }
            },
            Event::Pub(wire::Pub { subject, reply, .. }) => {
                let (subject, reply) = (subject.to_owned(), owned(reply));
                incoming = Incoming { subject, reply, ..Incoming::default() };
            }
            Event::HPub(wire::HPub { subject, reply, headers, .. }) => {
                let (subject, reply, headers) = (subject.to_owned(), owned(reply), Some(headers));
                incoming = Incoming { subject, reply, headers, data: Vec::new() };
            }
            Event::Payload(part) => incoming.data.extend_from_slice(part),
            Event::PayloadEnd => {
                deliver(&mut connection, &mut subscriptions, &incoming).await?;
            }
        }
    }
    Ok(())
}

const CLIENT: &str = r#"
import asyncio, ssl, sys, nats
async def main(port, authority):
    options = {}
    if authority:
        options["tls"] = ssl.create_default_context(cafile=authority)
        options["tls_hostname"] = "localhost"
    nc = await nats.connect("nats://127.0.0.1:" + port, allow_reconnect=False, **options)
    sub = await nc.subscribe("a.*")
    await nc.publish("a.b", b"x\r\nPING\r\n")
    await nc.publish("a.c", b"", headers={"Bar": "Baz"})
    await nc.publish("b", b"nobody")
    await nc.publish("a.1", bytes(range(256)) * 4000, reply="12")
    one, two, three = [await sub.next_msg(timeout=10) for _ in range(3)]
    assert (one.subject, one.data, one.reply, one.headers) == ("a.b", b"x\r\nPING\r\n", "", None), one
    assert (two.subject, two.data, two.headers) == ("a.c", b"", {"Bar": "Baz"}), two
    assert (three.data, three.reply) == (bytes(range(256)) * 4000, "12")
    async def answer(message):
        await message.respond(message.data.upper())
    await nc.subscribe("ask", "workers", cb=answer)
    await nc.subscribe("ask", "workers", cb=answer)
    for text in (b"one", b"two"):
        reply = await nc.request("ask", text, timeout=10)
        assert reply.data == text.upper(), reply
    await sub.unsubscribe(limit=4)
    await nc.publish("a.b", b"the last")
    assert (await sub.next_msg(timeout=10)).data == b"the last"
    await nc.publish("a.b", b"one too many")
    await nc.flush(timeout=10)
    await nc.close()
    print("done")
asyncio.run(main(*(sys.argv[1:] + [""])[:2]))
"#;

pub(crate) fn nats_py_asks() {
    let directory = TempDir::new().expect("a directory");
    let (cert, key) = certificate(directory.path());
    let runtime = Runtime::new().expect("a runtime");
    for secured in [false, true] {
        let (cert, key) = (Path::new(&cert), Path::new(&key));
        let config = secured.then(|| tls::server(cert, key).expect("a certificate"));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let port = listener.local_addr().expect("its address").port().to_string();
        let served = runtime.spawn(async move {
            let (socket, _) = listener.accept().await.expect("a client");
            serve(socket, config.map(Tls::server)).await
        });
        let mut command = Peer::NatsPy.command();
        command.args(["-c", CLIENT, &port]);
        if secured {
            command.arg(cert);
        }
        assert_eq!(succeeds(&mut command).trim(), "done");
        runtime.block_on(served).expect("it ends").expect("no fault");
    }
}
