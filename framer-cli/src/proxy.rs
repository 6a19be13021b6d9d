//! What is passed on between clients and a server, and told meanwhile.

pub(crate) mod datagrams;
pub(crate) mod streams;

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use framer_runtime::protocol::Role;

use crate::error::Error;
use crate::wire::conversation::{Conversation, Layers, Spoken};
use crate::wire::event::Event;
use crate::wire::output::Output;

/// What all connections share.
#[derive(Clone)]
pub(crate) struct Between {
    spoken: Spoken,
    layers: &'static Layers,
    output: Arc<Mutex<Output>>,
    count: Arc<AtomicUsize>,
}

/// A connection that is watched.
#[derive(Clone)]
struct Watched {
    number: usize,
    conversation: Arc<Mutex<Conversation<'static>>>,
    output: Arc<Mutex<Output>>,
}

impl Between {
    pub(crate) fn new(spoken: Spoken, layers: &'static Layers) -> Between {
        let output = Output::new(spoken.audience, spoken.protocol.roles()[0]);
        Between {
            spoken,
            layers,
            output: Arc::new(Mutex::new(output)),
            count: Arc::new(AtomicUsize::new(0)),
        }
    }

    /// A connection begins.
    fn watch(&self, client: SocketAddr, server: SocketAddr) -> Result<Watched, Error> {
        let conversation = Conversation::new(self.spoken, self.layers, None);
        let watched = Watched {
            number: self.count.fetch_add(1, Ordering::Relaxed),
            conversation: Arc::new(Mutex::new(conversation)),
            output: Arc::clone(&self.output),
        };
        let (client, server) = (client.to_string(), server.to_string());
        watched.tell(&[Event::Connection { client, server }])?;
        Ok(watched)
    }
}

impl Watched {
    /// Tells bytes of a stream, which are passed on only then, so that no answer is told before them.
    fn bytes(&self, from: Role, bytes: &[u8]) -> Result<(), Error> {
        // What a panic of another thread has left says still what came.
        let mut conversation = self.conversation.lock().unwrap_or_else(PoisonError::into_inner);
        let events = conversation.feed(from, bytes);
        self.tell(&events)
    }

    /// Tells a datagram.
    fn datagram(&self, from: Role, bytes: &[u8]) -> Result<(), Error> {
        let mut conversation = self.conversation.lock().unwrap_or_else(PoisonError::into_inner);
        let events = conversation.datagram(from, bytes);
        self.tell(&events)
    }

    /// The connection is over.
    fn finish(&self) -> Result<(), Error> {
        let mut conversation = self.conversation.lock().unwrap_or_else(PoisonError::into_inner);
        let events = conversation.finish();
        self.tell(&events)
    }

    fn tell(&self, events: &[Event]) -> Result<(), Error> {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        events.iter().try_for_each(|event| output.event(event, Some(self.number)))
    }
}

/// A connection could not be watched to its end, and the others go on: unless nobody reads what is told
/// of them any more.
fn ended(error: &Error) {
    if error.is_broken_pipe() {
        std::process::exit(0);
    }
    error.tell();
}

/// The first of the addresses that are meant.
fn address(named: &str) -> Result<SocketAddr, Error> {
    let missing = || std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    let found = named.to_socket_addrs().and_then(|mut all| all.next().ok_or_else(missing));
    found.map_err(|error| Error::Network { address: named.to_owned(), error })
}

/// Tells where clients may connect.
fn listening(at: std::io::Result<SocketAddr>) {
    if let Ok(at) = at {
        anstream::eprintln!("listening on {at}");
    }
}
