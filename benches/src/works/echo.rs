//! W9: servers on TCP that say what they are told, by what of the processor a message takes of each.
//!
//! Each has a thread of its own with a runtime of its own. A client says 64 messages at once, and
//! the next when all of them have come back.

mod servers;

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::FileExt;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::TcpListener;

use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;

/// How many messages are on their way at once.
const DEPTH: usize = 64;

/// How many bytes each has behind its length.
const SIZE: usize = 32;

/// How often they are said in a run.
const TURNS: usize = 500;

/// The work and its cases.
pub(crate) fn group() -> Group<'static> {
    let messages: &'static [u8] = inputs::sized(DEPTH * (4 + SIZE), SIZE).leak();
    let case = |name, kind, serve: fn(tokio::net::TcpStream) -> Served| {
        let mut echo = Echo::start(serve);
        Case::timed(name, kind, move || echo.run(messages))
    };
    Group {
        work: "W9",
        title: "TCP echo of a u32 length and 32 bytes, 64 at once; the server's processor time",
        bytes: TURNS * messages.len(),
        goal: None,
        cases: vec![
            case("framer, a protocol", Kind::Ours, |socket| Box::pin(servers::protocol(socket))),
            case("framer, framers by hand", Kind::Ours, |socket| {
                Box::pin(servers::framers(socket))
            }),
            case("tokio-util Framed, split, forward", Kind::Peer, |socket| {
                Box::pin(servers::forward(socket))
            }),
            case("tokio-util Framed, next and send", Kind::Peer, |socket| {
                Box::pin(servers::next_and_send(socket))
            }),
            case("by hand", Kind::Limit, |socket| Box::pin(servers::by_hand(socket))),
            case("what is read, written", Kind::Floor, |socket| Box::pin(servers::copied(socket))),
        ],
    }
}

/// What serves a connection.
type Served = std::pin::Pin<Box<dyn Future<Output = anyhow::Result<()>>>>;

/// A server, and who asks it.
struct Echo {
    /// `None` once it is to end.
    socket: Option<TcpStream>,
    /// How long the server's thread has had the processor, in nanoseconds, first of other things.
    schedule: File,
    thread: Option<JoinHandle<anyhow::Result<()>>>,
    echoed: Vec<u8>,
}

impl Echo {
    /// # Panics
    /// If the system refuses a thread or a connection, or does not tell what a thread takes.
    fn start(serve: fn(tokio::net::TcpStream) -> Served) -> Echo {
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            // Of this thread, whoever reads it.
            let schedule = File::open("/proc/thread-self/schedstat")?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                tell.send((listener.local_addr()?, schedule))?;
                let (socket, _) = listener.accept().await?;
                socket.set_nodelay(true)?;
                serve(socket).await
            })
        });
        let (address, schedule): (SocketAddr, File) = told.recv().expect("a server that listens");
        let socket = TcpStream::connect(address).expect("a server that listens");
        socket.set_nodelay(true).expect("a socket");
        Echo { socket: Some(socket), schedule, thread: Some(thread), echoed: Vec::new() }
    }

    /// Says all of them so often; what the server took for it.
    fn run(&mut self, messages: &[u8]) -> (Tally, Duration) {
        let mut tally = Tally::default();
        let before = self.taken();
        let socket = self.socket.as_mut().expect("a server that has not ended");
        self.echoed.resize(messages.len(), 0);
        for _ in 0..TURNS {
            socket.write_all(messages).expect("a server that reads");
            socket.read_exact(&mut self.echoed).expect("a server that answers");
            assert!(self.echoed == messages, "it says something else");
            tally.see(&self.echoed);
            tally.frames += DEPTH as u64;
        }
        (tally, self.taken() - before)
    }

    /// The processor time of the server so far, with what the system did for it.
    fn taken(&self) -> Duration {
        let mut text = [0; 64];
        let count = self.schedule.read_at(&mut text, 0).expect("what the thread takes");
        let text = std::str::from_utf8(&text[..count]).expect("digits");
        let (taken, _) = text.split_once(' ').expect("several numbers");
        Duration::from_nanos(taken.parse().expect("nanoseconds"))
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        drop(self.socket.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join().expect("a server that does not panic");
            ended.expect("a server that ends with its connection");
        }
    }
}
