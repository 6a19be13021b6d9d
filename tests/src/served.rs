//! A server that answers each frame by what it is, and notes all it sees.

use framer_protocols::smtp::server::Event;
use framer_protocols::smtp::{Reply, Server};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::Progress;
use framer_runtime::violation::{Misuse, Violation};

/// A session that was greeted.
#[derive(Debug)]
pub struct Served {
    /// The connection.
    pub conn: Connection<Server>,
    /// The events as text, without the parts of payloads.
    pub events: Vec<String>,
    /// All payloads, one behind the other.
    pub payload: Vec<u8>,
}

impl Default for Served {
    fn default() -> Served {
        Served::new()
    }
}

impl Served {
    /// A session at its beginning.
    ///
    /// # Panics
    /// If it cannot be greeted.
    #[must_use]
    pub fn new() -> Served {
        let mut conn = Connection::new(Server::new(), Limits::default());
        conn.send(Reply::new(220, "ready")).expect("a greeting");
        Served { conn, events: Vec::new(), payload: Vec::new() }
    }

    /// Gives the server bytes, and answers all that they hold.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        let mut left = bytes;
        loop {
            let taken = self.conn.receive(left);
            left = left.get(taken..).unwrap_or_default();
            if !self.step()? && taken == 0 {
                return Ok(());
            }
        }
    }

    /// One event; whether there was one.
    fn step(&mut self) -> Result<bool, Violation> {
        let Progress::Event((event, mut sender)) = self.conn.poll()? else { return Ok(false) };
        if let Event::Content(part) | Event::Chunk(part) = event {
            self.payload.extend(part);
            return Ok(true);
        }
        self.events.push(format!("{event:?}"));
        let code = match event {
            // What is to be answered follows.
            Event::Bdat(_) | Event::Upgrade(_) => return Ok(true),
            Event::Data(_) => 354,
            Event::Auth(_) => 334,
            Event::StartTls(_) => 220,
            Event::Quit(_) => 221,
            Event::Refused(_) => 503,
            Event::Malformed(_) => 501,
            _ => 250,
        };
        let offers = "here\nSTARTTLS\nCHUNKING\nAUTH PLAIN";
        let text = if matches!(event, Event::Ehlo(_)) { offers } else { "so" };
        match sender.send(Reply::new(code, text)) {
            Ok(()) => {}
            // A refused BDAT was answered before its chunk.
            Err(Misuse::Unasked { .. }) if matches!(event, Event::ChunkEnd) => {}
            Err(misuse) => panic!("{event:?}: {misuse}"),
        }
        let written = self.conn.transmit().len();
        self.conn.transmitted(written);
        Ok(true)
    }

    /// How many events have this name.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        self.events.iter().filter(|event| event.split('(').next() == Some(name)).count()
    }
}
