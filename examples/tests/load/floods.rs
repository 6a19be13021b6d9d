//! Clients that break every rule, at every one of our servers, while others do as they should.

use std::process::Command;
use std::time::Duration;

use framer_runtime::testing::{Chance, seeds};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::connections;
use crate::server::Server;

/// How many floods an ordinary run has.
const FLOODS: u64 = 4;

/// How long who does not read is left alone, and how long one of the others may wait.
const DEAF: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(60);

/// A server, how a right conversation begins, and how what it answers does.
struct Program {
    path: &'static str,
    opening: &'static [u8],
    answer: &'static [u8],
}

const PROGRAMS: &[Program] = &[
    Program {
        path: env!("CARGO_BIN_EXE_smtpd"),
        opening: b"EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRSET\r\n",
        answer: b"220 localhost ESMTP",
    },
    Program {
        path: env!("CARGO_BIN_EXE_kv"),
        opening: b"*1\r\n$4\r\nPING\r\n",
        answer: b"+PONG\r\n",
    },
    Program {
        path: env!("CARGO_BIN_EXE_httpd"),
        opening: b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        answer: b"HTTP/1.1 200 ",
    },
    Program {
        path: env!("CARGO_BIN_EXE_ws_echo"),
        opening:
            b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        answer: b"HTTP/1.1 101 ",
    },
    Program {
        path: env!("CARGO_BIN_EXE_mqttd"),
        opening: b"\x10\x0e\0\x04MQTT\x04\x02\0\x3c\0\x02me\xc0\0",
        answer: b"\x20\x02\0\0",
    },
    Program {
        path: env!("CARGO_BIN_EXE_modbusd"),
        opening: b"\0\x01\0\0\0\x06\x01\x03\0\0\0\x02",
        answer: b"\0\x01\0\0\0\x07\x01\x03\x04",
    },
    Program {
        path: env!("CARGO_BIN_EXE_dns"),
        opening: b"\0\x11\0\x07\0\0\0\x01\0\0\0\0\0\0\0\0\x01\0\x01",
        answer: b"\0",
    },
];

impl Program {
    /// What a client says that means harm.
    fn harm(&self, chance: &mut Chance) -> Vec<u8> {
        let below = |chance: &mut Chance, count| usize::try_from(chance.below(count)).expect("few");
        let mut said = match chance.below(4) {
            0 => Vec::new(),
            1 => self.opening.to_vec(),
            2 => self.opening.repeat(below(chance, 1000)),
            _ => {
                let mut changed = self.opening.repeat(1 + below(chance, 20));
                for _ in 0..1 + chance.below(5) {
                    let place = below(chance, u64::try_from(changed.len()).expect("few"));
                    changed[place] = u8::try_from(chance.below(256)).expect("a byte");
                }
                changed
            }
        };
        let count = below(chance, 1 << 17);
        match chance.below(3) {
            0 => {}
            1 => said.resize(said.len() + count, u8::try_from(chance.below(256)).expect("a byte")),
            _ => said.extend((0..count).map(|_| u8::try_from(chance.below(256)).expect("a byte"))),
        }
        said
    }
}

/// Says it all, hears something or nothing, and goes.
async fn flood(mut socket: TcpStream, said: Vec<u8>, hears: bool, lost: bool) {
    let mut heard = [0; 4096];
    let (mut reads, mut writes) = socket.split();
    let conversation = async {
        let hearing = async { while hears && matches!(reads.read(&mut heard).await, Ok(1..)) {} };
        let saying = async {
            // The server may have hung up before it has heard it all.
            let _ = writes.write_all(&said).await;
            let _ = writes.shutdown().await;
        };
        tokio::join!(hearing, saying)
    };
    let _ = timeout(DEAF, conversation).await;
    if lost {
        socket.set_zero_linger().expect("an option");
    }
}

/// Does as it should, and is answered.
async fn ask(address: std::net::SocketAddr, program: &Program) {
    let mut socket = TcpStream::connect(address).await.expect("it listens");
    socket.write_all(program.opening).await.expect("it listens");
    let mut answer = vec![0; program.answer.len()];
    let told = timeout(PATIENCE, socket.read_exact(&mut answer)).await;
    told.expect("nobody waits for ever").expect("an answer");
    assert_eq!(answer, program.answer, "{}", program.path);
}

#[tokio::test]
async fn floods_of_violations_leave_nothing() {
    let count = connections().div_ceil(4);
    let directory = tempfile::TempDir::new().expect("a directory");
    for program in PROGRAMS {
        let mut command = Command::new(program.path);
        if program.path.ends_with("smtpd") {
            command.arg("--maildir").arg(directory.path());
        }
        let server = Server::start(&mut command);
        let (address, descriptors) = (server.address, server.descriptors());
        for seed in seeds(FLOODS) {
            let mut chance = Chance::from(&seed);
            let mut clients = JoinSet::new();
            for _ in 0..count {
                let said = program.harm(&mut chance);
                let (hears, lost) = (chance.below(2) == 0, chance.below(2) == 0);
                clients.spawn(async move {
                    let socket = TcpStream::connect(address).await.expect("it listens");
                    flood(socket, said, hears, lost).await;
                });
            }
            ask(address, program).await;
            clients.join_all().await;
            ask(address, program).await;
            server.let_go(descriptors).await;
            let held = server.assert_held(count);
            println!("{}: {count} at once, {held} bytes", program.path);
        }
    }
}
