//! Connections over anything that reads and writes, for a thread that may wait.

#[cfg(feature = "blocking-tls")]
mod tls;

use std::io::{Read, Write};

use crate::connection::{self, Limits, Turn};
use crate::error::{Error, lost};
use crate::framers::Framers;
use crate::machine::{Machine, Progress};
use crate::violation::Misuse;

#[cfg(feature = "blocking-tls")]
pub use tls::MaybeTls;

/// A connection over a blocking stream.
///
/// The time limits of the description are not watched here: set those of the socket.
#[derive(Debug)]
pub struct Connection<S, M> {
    stream: Option<S>,
    connection: connection::Connection<M>,
}

impl<S: Read + Write, M: Machine> Connection<S, M> {
    /// A connection at its beginning.
    pub fn new(stream: S, machine: M) -> Connection<S, M> {
        Connection::with_limits(stream, machine, Limits::default())
    }

    /// The same with limits of its own.
    pub fn with_limits(stream: S, machine: M, limits: Limits) -> Connection<S, M> {
        Connection {
            stream: Some(stream),
            connection: connection::Connection::new(machine, limits),
        }
    }

    /// Goes on with a stream of which something else has read `received` already, and not used it.
    pub fn from_parts(stream: S, received: &[u8], machine: M) -> Connection<S, M> {
        let connection =
            connection::Connection::with_received(machine, Limits::default(), received);
        Connection { stream: Some(stream), connection }
    }

    /// The machine, for its state.
    pub fn machine(&self) -> &M {
        self.connection.machine()
    }

    /// The stream; `None` once it was lost in an upgrade that failed.
    pub fn stream(&self) -> Option<&S> {
        self.stream.as_ref()
    }

    /// Waits for the next event. `None` when the session is over.
    ///
    /// What was sent before is written first, once for all that was received together.
    ///
    /// # Errors
    /// Whatever ends the connection; [`Misuse::Owed`] if the peer waits for a reply.
    #[allow(clippy::should_implement_trait, reason = "an event borrows the connection")]
    pub fn next(&mut self) -> Result<Option<Turn<'_, M>>, Error> {
        // An event must find room for its answer.
        if self.connection.is_full() {
            self.flush()?;
        }
        loop {
            match self.connection.ready()? {
                Progress::Event(()) => break,
                Progress::More(_) => {}
                Progress::Owed => {
                    self.flush()?;
                    return Err(Misuse::Owed.into());
                }
                Progress::Closed => {
                    self.flush()?;
                    return Ok(None);
                }
            }
            self.flush()?;
            let stream = self.stream.as_mut().ok_or_else(lost)?;
            match stream.read(self.connection.spare())? {
                0 => {
                    self.connection.end_of_stream()?;
                    return Ok(None);
                }
                count => self.connection.filled(count),
            }
        }
        match self.connection.poll()? {
            Progress::Event(event) => Ok(Some(event)),
            Progress::Closed => Ok(None),
            Progress::More(_) | Progress::Owed => Err(Misuse::Owed.into()),
        }
    }

    /// Says something. It is written with the next [`Connection::next`] or
    /// [`Connection::flush`], or when too much waits.
    ///
    /// # Errors
    /// Why it cannot be said, or what the stream says.
    pub fn send<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Result<(), Error> {
        if self.connection.is_full() {
            self.flush()?;
        }
        Ok(self.connection.send(message)?)
    }

    /// Writes what waits to be sent.
    ///
    /// # Errors
    /// What the stream says.
    pub fn flush(&mut self) -> Result<(), Error> {
        let stream = self.stream.as_mut().ok_or_else(lost)?;
        let pending = self.connection.transmit();
        if !pending.is_empty() {
            stream.write_all(pending)?;
            let count = pending.len();
            self.connection.transmitted(count);
        }
        Ok(stream.flush()?)
    }

    /// Writes what waits to be sent, hands the stream to another layer and goes on inside it.
    ///
    /// # Errors
    /// What the stream or the layer says; then the connection is lost. [`Misuse::NotUpgraded`] as of
    /// [`upgraded`](crate::connection::Connection::upgraded); then nothing has happened.
    pub fn upgrade(&mut self, layer: impl FnOnce(S) -> std::io::Result<S>) -> Result<(), Error> {
        self.flush()?;
        self.connection.upgraded()?;
        let stream = self.stream.take().ok_or_else(lost)?;
        self.stream = Some(layer(stream)?);
        Ok(())
    }

    /// Goes on with another protocol over the same stream, behind an upgrade to it. Bytes that
    /// were received behind an upgrade that carries them are the first that it reads.
    ///
    /// # Errors
    /// [`Misuse::NotUpgraded`], if no event has told of an upgrade.
    pub fn continue_with<N: Machine>(self, machine: N) -> Result<Connection<S, N>, Misuse> {
        let Connection { stream, connection } = self;
        Ok(Connection { stream, connection: connection.continue_with(machine)? })
    }

    /// Writes what waits to be sent. The stream, and the bytes of it that were received and not
    /// taken, for what goes on without a machine.
    ///
    /// # Errors
    /// What the stream says.
    pub fn into_parts(mut self) -> Result<(S, std::vec::Vec<u8>), Error> {
        self.flush()?;
        let stream = self.stream.take().ok_or_else(lost)?;
        Ok((stream, self.connection.into_received()))
    }
}

impl<S> Connection<S, Framers> {
    /// How it is cut, to be switched.
    pub fn framers(&mut self) -> &mut Framers {
        self.connection.framers()
    }
}
