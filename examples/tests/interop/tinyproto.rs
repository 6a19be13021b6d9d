//! tinyproto with the original, which asks and answers.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use framer_protocols::tinyproto::{self, Accepted, Answer, Hello, Ready, Size, client, server};
use framer_runtime::blocking::Connection;

use crate::peers::Peer;

/// It sends messages, and wants each back.
const CLIENT: &str = r#"
import socket, sys, tinyproto
class Asking(tinyproto.TinyProtoConnection):
    def pre_loop(self):
        for message in (b"hello", b"", bytes(range(256)) * 300, b"\xff\x00"):
            self.transmit(message)
            assert bytes(self.receive()) == message
        print("done")
        self.shutdown = True
asking = Asking(socket.create_connection(("127.0.0.1", int(sys.argv[1]))))
asking.start()
asking._connection_loop_thread.join()
"#;

pub(crate) fn tinyproto_asks() {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("its address").port().to_string();
    let child = Peer::Tinyproto
        .command()
        .args(["-c", CLIENT, &port])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let (socket, _) = socket.accept().expect("a client");
    let mut conn = Connection::new(socket, tinyproto::Server::new());
    conn.send(Hello::from(Ready)).expect("hello");
    let mut message = Vec::new();
    while let Some((event, mut reply)) = conn.next().expect("no fault") {
        match event {
            server::Event::Size(_) => reply.send(Answer::from(Accepted)).expect("it is taken"),
            server::Event::Payload(part) => message.extend(part),
            server::Event::PayloadEnd => {
                let size = Size::new(u32::try_from(message.len()).expect("a size"));
                reply.send(size).expect("it goes back");
            }
            server::Event::Accepted(_) => {
                let message = std::mem::take(&mut message);
                if !message.is_empty() {
                    reply.send(server::Message::Payload(&message)).expect("it was accepted");
                }
            }
            _ => {}
        }
    }
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "done");
}

/// It sends back what comes.
pub(crate) const SERVER: &str = r#"
import socket, tinyproto
class Echo(tinyproto.TinyProtoConnection):
    def transmission_received(self, message):
        self.transmit(bytes(message))
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
echo = Echo(listener.accept()[0])
echo.start()
echo._connection_loop_thread.join()
"#;

pub(crate) fn tinyproto_answers() {
    let mut child = Peer::Tinyproto
        .command()
        .args(["-c", SERVER])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let port: u16 = lines.next().expect("a line").expect("text").parse().expect("a port");
    let socket = TcpStream::connect(("127.0.0.1", port)).expect("a server");
    let mut conn = Connection::new(socket, tinyproto::Client::new());
    conn.send(Hello::from(Ready)).expect("hello");
    let large = [7; 100_000];
    let messages = [&b"hello"[..], b"", &large, b"\0\xff"];
    let (mut place, mut back) = (0, Vec::<u8>::new());
    while let Some((event, mut reply)) = conn.next().expect("no fault") {
        match event {
            client::Event::Ready(_) => {
                reply.send(Size::new(5)).expect("the first");
            }
            client::Event::Accepted(_) if !messages[place].is_empty() => {
                reply.send(client::Message::Payload(messages[place])).expect("it was accepted");
            }
            client::Event::Size(_) => reply.send(Answer::from(Accepted)).expect("it is taken"),
            client::Event::Payload(part) => back.extend(part),
            client::Event::PayloadEnd => {
                assert_eq!(back, messages[place]);
                back.clear();
                place += 1;
                let Some(message) = messages.get(place) else { break };
                let size = u32::try_from(message.len()).expect("a size");
                reply.send(Size::new(size)).expect("the next");
            }
            _ => {}
        }
    }
    assert_eq!(place, messages.len());
    drop(conn);
    child.wait().expect("its status");
}
