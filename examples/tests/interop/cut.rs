//! What the originals of packetstream and tinyproto say, cut at every byte: whatever is missing,
//! our side comes to an end, is told of it, and takes nothing for whole that is not.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};

use framer_protocols::packetstream::{Left, Record, Right, left, right};
use framer_protocols::tinyproto::{
    Accepted, Answer, Client, Hello, Ready, Server, Size, client, server,
};
use framer_runtime::Error;
use framer_runtime::blocking::Connection;
use framer_runtime::connection::Sender;
use framer_runtime::machine::Machine;
use framer_runtime::violation::Rule;

use crate::peers::Peer;
use crate::tinyproto;

/// A socket of which all that is read is taken down.
struct Noted {
    socket: TcpStream,
    read: Vec<u8>,
}

impl Read for Noted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.socket.read(buffer)?;
        self.read.extend_from_slice(&buffer[..count]);
        Ok(count)
    }
}

impl Write for Noted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// What was taken down, up to some byte; what is written goes nowhere.
struct Again<'r>(&'r [u8]);

impl Read for Again<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Again<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What our side came to.
struct Came {
    /// Requests that were answered, or messages that have come.
    whole: usize,
    /// What still waits, when the end is told.
    waiting: usize,
    ended: Result<(), Error>,
}

/// Lets `talk` go on with the original, then with each beginning of what that said.
fn at_every_byte(socket: TcpStream, talk: fn(&mut dyn Stream) -> Came) -> usize {
    let mut noted = Noted { socket, read: Vec::new() };
    let all = talk(&mut noted);
    assert!(all.ended.is_ok() && all.waiting == 0, "{:?}, {} wait", all.ended, all.waiting);
    for end in 0..noted.read.len() {
        let came = talk(&mut Again(&noted.read[..end]));
        assert!(came.whole <= all.whole, "{end}");
        match came.ended {
            Ok(()) => assert_eq!(came.waiting, 0, "{end}: they are told of no end"),
            Err(Error::Violation(violation)) => {
                let told = matches!(violation.rule, Rule::EndOfStream { .. });
                assert!(told, "{end}: {violation}");
            }
            Err(other) => panic!("{end}: {other}"),
        }
    }
    let read = noted.read.len();
    // The original may still be heard out.
    drop(noted);
    read
}

trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

/// Starts the original as a client of what listens here.
fn calling(peer: Peer, script: &str) -> (Child, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port().to_string();
    let child = started(peer, script, &[&port]);
    (child, listener.accept().expect("a client").0)
}

/// Starts the original as a server, which tells its port.
fn called(peer: Peer, script: &str) -> (Child, TcpStream) {
    let mut child = started(peer, script, &[]);
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("its output");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let port: u16 = line.trim().parse().expect("a port");
    (child, TcpStream::connect(("127.0.0.1", port)).expect("a server"))
}

fn started(peer: Peer, script: &str, arguments: &[&str]) -> Child {
    let mut command = peer.command();
    command.args(["-c", script]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("it starts")
}

/// How many requests each side makes.
const REQUESTS: u64 = 12;

const ASKING: &str = r#"
import socket, sys
from cs.packetstream import PacketConnection

def ask(asking):
    results = [asking.submit(place, 0, bytes([place]) * place * 5) for place in range(12)]
    for result in results:
        result()
"#;

const PACKETSTREAM_CLIENT: &str = r#"
connected = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
asking = PacketConnection((connected.fileno(), connected.makefile("wb")), "asking")
with asking:
    ask(asking)
"#;

const PACKETSTREAM_SERVER: &str = r#"
def answer(kind, flags, payload):
    return flags, bytes(payload)[::-1]

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
accepted = listener.accept()[0]
both = PacketConnection((accepted.fileno(), accepted.makefile("wb")), "both", request_handler=answer)
with both:
    ask(both)
    both.join_recv()
"#;

/// The end: no request of this kind is answered.
const END: Option<u64> = Some(0);

fn record(tag: u64, flags: u64, kind: Option<u64>, payload: &[u8]) -> Record<'_> {
    Record { tag, flags, channel: None, kind, payload }
}

/// Gives each event to `on`, which says whether it goes on; how it ended.
fn hear<M: Machine>(
    conn: &mut Connection<&mut dyn Stream, M>,
    mut on: impl FnMut(M::Event<'_>, Sender<'_, M>) -> bool,
) -> Result<(), Error> {
    while let Some((event, reply)) = conn.next()? {
        if !on(event, reply) {
            break;
        }
    }
    conn.flush()
}

/// Asks and answers until both sides have said that they ask no more.
fn both_ask(stream: &mut dyn Stream) -> Came {
    let mut conn = Connection::new(stream, Left::new());
    let mut waiting = BTreeSet::new();
    let (mut whole, mut asked) = (0, 0);
    for tag in 2..REQUESTS + 2 {
        conn.send(record(tag, 0, Some(tag), &tag.to_be_bytes())).expect("it may be asked");
        waiting.insert(tag);
    }
    let ended = hear(&mut conn, |left::Event::Record(got), mut reply| {
        match got.kind {
            None => {
                assert!(waiting.remove(&got.tag), "{} was answered twice", got.tag);
                let backwards: Vec<u8> = got.tag.to_be_bytes().into_iter().rev().collect();
                assert_eq!((got.flags, got.payload), (1, &backwards[..]));
                whole += 1;
            }
            END => {}
            Some(_) => {
                asked += 1;
                reply.send(record(got.tag, 1, None, got.payload)).expect("it was asked");
            }
        }
        let over = got.kind == END && got.tag == 0;
        if asked == REQUESTS && waiting.is_empty() && !over {
            asked = 0;
            reply.send(record(0, 0, END, b"")).expect("nothing more is asked");
        }
        !over
    });
    Came { whole, waiting: waiting.len(), ended }
}

/// Answers what is asked.
fn answers(stream: &mut dyn Stream) -> Came {
    let mut conn = Connection::new(stream, Right::new());
    let mut whole = 0;
    let ended = hear(&mut conn, |right::Event::Record(got), mut reply| match got.kind {
        END if got.tag == 0 => {
            reply.send(record(0, 0, END, b"")).expect("its end is answered with ours");
            false
        }
        END => true,
        _ => {
            assert_eq!(got.payload.len() % 5, 0);
            whole += 1;
            reply.send(record(got.tag, 1, None, got.payload)).expect("it was asked");
            true
        }
    });
    Came { whole, waiting: 0, ended }
}

pub(crate) fn packetstream_asks() {
    let script = format!("{ASKING}{PACKETSTREAM_CLIENT}");
    let (mut child, socket) = calling(Peer::Packetstream, &script);
    let count = at_every_byte(socket, answers);
    child.wait().expect("its status");
    assert!(count > 300, "{count}");
}

pub(crate) fn packetstream_answers() {
    let script = format!("{ASKING}{PACKETSTREAM_SERVER}");
    let (mut child, socket) = called(Peer::Packetstream, &script);
    let count = at_every_byte(socket, both_ask);
    child.wait().expect("its status");
    assert!(count > 300, "{count}");
}

const TINYPROTO_CLIENT: &str = r#"
import socket, sys, tinyproto
class Asking(tinyproto.TinyProtoConnection):
    def pre_loop(self):
        for message in (b"hello", b"", bytes(range(200)), b"\xff\x00"):
            self.transmit(message)
            assert bytes(self.receive()) == message
        self.shutdown = True
asking = Asking(socket.create_connection(("127.0.0.1", int(sys.argv[1]))))
asking.start()
asking._connection_loop_thread.join()
"#;

/// The messages of both sides, of which the third is the longest.
fn messages() -> [Vec<u8>; 4] {
    [b"hello".to_vec(), Vec::new(), (0..200).collect(), b"\xff\0".to_vec()]
}

/// Sends each message and wants it back.
fn sends(stream: &mut dyn Stream) -> Came {
    let messages = messages();
    let size = |place: usize| Size::new(u32::try_from(messages[place].len()).expect("short"));
    let mut conn = Connection::new(stream, Client::new());
    conn.send(Hello::from(Ready)).expect("hello");
    let (mut whole, mut back) = (0, Vec::new());
    let ended = hear(&mut conn, |event, mut reply| {
        match event {
            client::Event::Ready(_) => reply.send(size(0)).expect("the first"),
            client::Event::Accepted(_) if !messages[whole].is_empty() => {
                reply.send(client::Message::Payload(&messages[whole])).expect("it was accepted");
            }
            client::Event::Size(_) => reply.send(Answer::from(Accepted)).expect("it is taken"),
            client::Event::Payload(part) => back.extend_from_slice(part),
            client::Event::PayloadEnd => {
                assert_eq!(back, messages[whole], "nothing is whole that was cut");
                back.clear();
                whole += 1;
                if whole < messages.len() {
                    reply.send(size(whole)).expect("the next");
                }
            }
            _ => {}
        }
        whole < messages.len()
    });
    // What is accepted, and not back, is told by the end, whichever it is.
    Came { whole, waiting: 0, ended }
}

/// Sends back what comes.
fn echoes(stream: &mut dyn Stream) -> Came {
    let messages = messages();
    let mut conn = Connection::new(stream, Server::new());
    conn.send(Hello::from(Ready)).expect("hello");
    let (mut whole, mut message) = (0, Vec::new());
    let ended = hear(&mut conn, |event, mut reply| {
        match event {
            server::Event::Size(_) => reply.send(Answer::from(Accepted)).expect("it is taken"),
            server::Event::Payload(part) => message.extend_from_slice(part),
            server::Event::PayloadEnd => {
                assert_eq!(message, messages[whole], "nothing is whole that was cut");
                whole += 1;
                let size = u32::try_from(message.len()).expect("short");
                reply.send(Size::new(size)).expect("it goes back");
            }
            server::Event::Accepted(_) => {
                let message = std::mem::take(&mut message);
                if !message.is_empty() {
                    reply.send(server::Message::Payload(&message)).expect("it was accepted");
                }
            }
            _ => {}
        }
        true
    });
    Came { whole, waiting: 0, ended }
}

pub(crate) fn tinyproto_asks() {
    let (mut child, socket) = calling(Peer::Tinyproto, TINYPROTO_CLIENT);
    let count = at_every_byte(socket, echoes);
    child.wait().expect("its status");
    assert!(count > 200, "{count}");
}

pub(crate) fn tinyproto_answers() {
    let (mut child, socket) = called(Peer::Tinyproto, tinyproto::SERVER);
    let count = at_every_byte(socket, sends);
    child.wait().expect("its status");
    assert!(count > 200, "{count}");
}
