//! TFTP with tftp-hpa's client and with tftpy, both ways.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use framer_protocols::tftp::client::Event as Told;
use framer_protocols::tftp::server::Event;
use framer_protocols::tftp::{self, Ack, Data, Failure, ReadRequest, Reason, WriteRequest};
use framer_runtime::datagram::Datagrams;
use framer_runtime::machine::{Described, Progress};
use tempfile::TempDir;

use crate::from_peers::succeeds;
use crate::peers::Peer;
use crate::server::free_port;

const BLOCK: usize = 512;

type Files = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// A server on a port of its own, as long as the tests run.
fn server(files: &Files) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("its address");
    let files = Arc::clone(files);
    thread::spawn(move || {
        let mut buffer = [0; 2048];
        while let Ok((len, peer)) = socket.recv_from(&mut buffer) {
            let (first, files) = (buffer[..len].to_vec(), Arc::clone(&files));
            thread::spawn(move || transfer(first, peer, &files));
        }
    });
    address
}

/// Sends all that waits to be sent.
fn flush<M: Described>(session: &mut Datagrams<M>, socket: &UdpSocket, peer: SocketAddr) {
    while let Some(datagram) = session.transmit() {
        socket.send_to(datagram, peer).expect("it is sent");
        session.transmitted();
    }
}

/// The block of a file, counted from 1.
fn block(file: &[u8], number: u16) -> Option<&[u8]> {
    let begin = usize::from(number.checked_sub(1)?) * BLOCK;
    let rest = file.get(begin..)?;
    Some(rest.get(..BLOCK).unwrap_or(rest))
}

/// One transfer, from a port of its own.
fn transfer(first: Vec<u8>, peer: SocketAddr, files: &Files) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a time limit");
    let mut session = Datagrams::new(tftp::Server::new(), 64 * 1024);
    let (mut name, mut file, mut done) = (String::new(), Vec::new(), false);
    let mut datagram = first;
    loop {
        let turn = session.receive(&datagram).expect("what a client says");
        let Progress::Event((event, mut reply)) = turn else { return };
        let stored = || files.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::ReadRequest(request) => match stored().get(request.file) {
                Some(found) => {
                    file.clone_from(found);
                    let data = block(&file, 1).unwrap_or_default();
                    reply.send(Data::new(1, data)).expect("the first block");
                }
                None => {
                    let failure = Failure::new(Reason::FileNotFound, b"no such file");
                    reply.send(failure).expect("it may be said");
                    done = true;
                }
            },
            Event::Ack(ack) => match block(&file, ack.block + 1) {
                Some(data) => reply.send(Data::new(ack.block + 1, data)).expect("a block"),
                None => return,
            },
            Event::WriteRequest(request) => {
                request.file.clone_into(&mut name);
                reply.send(Ack::new(0)).expect("it may come");
            }
            Event::Data(data) => {
                // What comes again is in the file already.
                if usize::from(data.block) == file.len() / BLOCK + 1 && !done {
                    file.extend_from_slice(data.data);
                    done = data.data.len() < BLOCK;
                }
                reply.send(Ack::new(data.block)).expect("it has come");
            }
            Event::Failure(_) => return,
        }
        // Who hears of the last block may ask for the file at once.
        if done && !name.is_empty() {
            stored().insert(std::mem::take(&mut name), std::mem::take(&mut file));
        }
        flush(&mut session, &socket, peer);
        let mut buffer = vec![0; 2048];
        match socket.recv_from(&mut buffer) {
            Ok((len, from)) if from == peer => buffer.truncate(len),
            _ => return,
        }
        datagram = buffer;
    }
}

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|place| (place * 7 % 251).to_le_bytes()[0]).collect()
}

const LENGTHS: [usize; 5] = [0, 1, 511, 512, 100_000];

pub(crate) fn tftp_hpa() {
    let files = Files::default();
    let port = server(&files).port().to_string();
    let directory = TempDir::new().expect("a directory");
    for len in LENGTHS {
        let (there, back) = (directory.path().join("there"), directory.path().join("back"));
        std::fs::write(&there, content(len)).expect("a file");
        let tftp = |command: &str, from: &str, to: &str| {
            let arguments = ["-m", "octet", "127.0.0.1", &port, "-c", command, from, to];
            succeeds(Peer::Tftp.command().args(arguments));
        };
        tftp("put", &there.to_string_lossy(), "name");
        tftp("get", "name", &back.to_string_lossy());
        assert_eq!(std::fs::read(&back).expect("the file"), content(len), "{len}");
    }
}

const CLIENT: &str = r#"
import sys, os, tftpy, logging
logging.disable(logging.CRITICAL)
client = tftpy.TftpClient("127.0.0.1", int(sys.argv[1]))
there, back = (os.path.join(sys.argv[2], name) for name in ("there", "back"))
for length in (0, 1, 511, 512, 100000):
    data = bytes(i * 7 % 251 for i in range(length))
    with open(there, "wb") as file:
        file.write(data)
    client.upload("name", there)
    client.download("name", back)
    with open(back, "rb") as file:
        assert file.read() == data, length
try:
    client.download("nothing", back)
    raise SystemExit("no error")
except tftpy.TftpShared.TftpFileNotFoundError:
    pass
print("done")
"#;

const SERVER: &str = r#"
import sys, tftpy, logging
logging.disable(logging.CRITICAL)
print("listening on 127.0.0.1:" + sys.argv[1], flush=True)
tftpy.TftpServer(sys.argv[2]).listen("127.0.0.1", int(sys.argv[1]))
"#;

pub(crate) fn tftpy_asks() {
    let files = Files::default();
    let port = server(&files).port().to_string();
    let directory = TempDir::new().expect("a directory");
    let mut command = Peer::Tftpy.command();
    let out = succeeds(command.args(["-c", CLIENT, &port]).arg(directory.path()));
    assert_eq!(out.trim(), "done");
}

pub(crate) fn tftpy_answers() {
    let directory = TempDir::new().expect("a directory");
    let port = free_port().port().to_string();
    let mut command = Peer::Tftpy.command();
    command.args(["-c", SERVER, &port]).arg(directory.path());
    let server = crate::server::Server::spawn(&mut command);
    for len in LENGTHS {
        put(server.address, "name", &content(len));
        // The last block may be told before the file is.
        let stored = directory.path().join("name");
        let is_there = || std::fs::read(&stored).is_ok_and(|file| file == content(len));
        (0..500).take_while(|_| !is_there()).for_each(|_| thread::sleep(Duration::from_millis(10)));
        assert!(is_there(), "{len}");
        assert_eq!(get(server.address, "name").as_deref(), Ok(&content(len)[..]), "{len}");
    }
    assert_eq!(get(server.address, "nothing"), Err(Reason::FileNotFound));
}

/// A client's session: what it says first is said again until someone answers.
struct Client {
    socket: UdpSocket,
    session: Datagrams<tftp::Client>,
    buffer: [u8; 2048],
    peer: SocketAddr,
    answered: bool,
}

impl Client {
    fn new(server: SocketAddr) -> Client {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        socket.set_read_timeout(Some(Duration::from_millis(200))).expect("a time limit");
        let session = Datagrams::new(tftp::Client::new(), 64 * 1024);
        Client { socket, session, buffer: [0; 2048], peer: server, answered: false }
    }

    /// Says it, again and again, and hears the answer.
    fn ask<'m>(&mut self, message: impl Into<tftp::client::Message<'m>>) -> Told<'_> {
        self.session.send(message).expect("it may be said");
        let said = self.session.transmit().expect("a datagram").to_vec();
        self.session.transmitted();
        for _ in 0..50 {
            self.socket.send_to(&said, self.peer).expect("it is sent");
            let Ok((len, from)) = self.socket.recv_from(&mut self.buffer) else { continue };
            if !self.answered {
                (self.peer, self.answered) = (from, true);
            }
            assert_eq!(from, self.peer);
            let turn = self.session.receive(&self.buffer[..len]).expect("what a server says");
            let Progress::Event((event, _)) = turn else { panic!("no event") };
            return event;
        }
        panic!("no answer");
    }
}

fn put(server: SocketAddr, name: &str, file: &[u8]) {
    let mut client = Client::new(server);
    let mut expected = 0;
    let mut told = client.ask(WriteRequest::new(name, "octet"));
    loop {
        match told {
            Told::Ack(ack) if ack.block == expected => {}
            other => panic!("{other:?}"),
        }
        expected += 1;
        let Some(data) = block(file, expected) else { return };
        told = client.ask(Data::new(expected, data));
    }
}

fn get(server: SocketAddr, name: &str) -> Result<Vec<u8>, Reason> {
    let mut client = Client::new(server);
    let mut told = client.ask(ReadRequest::new(name, "octet"));
    let mut file = Vec::new();
    loop {
        let data = match told {
            Told::Data(data) => data,
            Told::Failure(failure) => return Err(failure.code),
            other => panic!("{other:?}"),
        };
        assert_eq!(usize::from(data.block), file.len() / BLOCK + 1);
        file.extend_from_slice(data.data);
        let (number, last) = (data.block, data.data.len() < BLOCK);
        if last {
            client.session.send(Ack::new(number)).expect("the last");
            flush(&mut client.session, &client.socket, client.peer);
            return Ok(file);
        }
        told = client.ask(Ack::new(number));
    }
}
