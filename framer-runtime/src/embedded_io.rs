//! Connections over the streams of `embedded-io`, for a thread of a device that may wait, or a loop
//! that looks after several things.

use core::time::Duration;

use ::embedded_io::{Read, ReadReady, Write};

use crate::connection::{self, Adapter, Next, Turn, turn};
pub use crate::embedded::{Error, Parts};
use crate::machine::{Machine, Progress};
use crate::memory::{Memory, Standard};
use crate::violation::{Misuse, Violation};

/// A connection over a stream of `embedded-io`.
///
/// It is put over a [`connection::Connection`], which says where bytes are held: with
/// [`connection::Connection::fixed`], nothing needs a heap.
///
/// The traits know no clock, so the caller tells the time: [`handle_time`](Connection::handle_time)
/// before it waits, and again no later than at [`next_time`](Connection::next_time). A stream that
/// waits for ever keeps it from that; with [`try_next`](Connection::try_next) one thread looks
/// after the time, this stream and others.
///
/// ```
/// framer_runtime::framer! {
///     delimiter LF = "\n";
///     frame Line in until LF max 80 { text: utf8 to end }
///     protocol Echo over stream {
///         roles client, server;
///         client speaks Line;
///         server speaks Line;
///         pending fifo max 4;
///         state Open { client Line => awaits { _ => stay }; }
///     }
/// }
/// use framer_runtime::connection;
/// use framer_runtime::embedded_io::{Connection, Error};
/// use framer_runtime::machine::Machine;
///
/// fn serve<S: embedded_io::Read + embedded_io::Write>(uart: S) -> Result<(), Error<S::Error>> {
///     let mut input = [0; 2 * echo::Server::INPUT_BOUND];
///     let mut output = [0; echo::Server::OUTPUT_BOUND];
///     let server = connection::Connection::fixed(echo::Server::new(), &mut input, &mut output);
///     let mut connection = Connection::new(uart, server);
///     while let Some((echo::server::Event::Line(line), mut reply)) = connection.next()? {
///         reply.send(line)?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Connection<S, M, H: Memory = Standard> {
    stream: S,
    connection: connection::Connection<M, H>,
}

impl<S, M: Machine, H: Memory> Adapter for Connection<S, M, H> {
    type Machine = M;
    type Memory = H;

    fn connection(&mut self) -> &mut connection::Connection<M, H> {
        &mut self.connection
    }
}

impl<S: Read + Write, M: Machine, H: Memory> Connection<S, M, H> {
    /// Goes on with `connection` over a stream.
    pub const fn new(stream: S, connection: connection::Connection<M, H>) -> Connection<S, M, H> {
        Connection { stream, connection }
    }

    /// The machine, for its state.
    pub fn machine(&self) -> &M {
        self.connection.machine()
    }

    /// The stream.
    pub const fn stream(&self) -> &S {
        &self.stream
    }

    /// Waits for the next event. `None` when the session is over.
    ///
    /// What was sent before is written first, once for all that was received together.
    ///
    /// # Errors
    /// Whatever ends the connection; [`Misuse::Owed`] if the peer waits for a reply.
    #[allow(clippy::should_implement_trait, reason = "an event borrows the connection")]
    pub fn next(&mut self) -> Result<Option<Turn<'_, M, H>>, Error<S::Error>> {
        match self.look(|_| Ok(true))? {
            Progress::Event(turn) => Ok(Some(turn)),
            _ => Ok(None),
        }
    }

    /// Says something. It is written with the next [`Connection::next`] or
    /// [`Connection::flush`], or when too much waits.
    ///
    /// # Errors
    /// Why it cannot be said, or what the stream says.
    pub fn send<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Result<(), Error<S::Error>> {
        let message = message.into();
        match self.connection.say(&message) {
            Err(Misuse::Full { .. }) => {
                self.flush()?;
                Ok(self.connection.say(&message)?)
            }
            said => Ok(said?),
        }
    }

    /// Writes what waits to be sent.
    ///
    /// # Errors
    /// What the stream says.
    pub fn flush(&mut self) -> Result<(), Error<S::Error>> {
        loop {
            let pending = self.connection.transmit();
            if pending.is_empty() {
                return self.stream.flush().map_err(Error::Io);
            }
            match self.stream.write(pending).map_err(Error::Io)? {
                0 => return Err(Error::WriteZero),
                count => self.connection.transmitted(count),
            }
        }
    }

    /// It is `now`, counted from when the connection began.
    ///
    /// # Errors
    /// [`Rule::TimeLimit`](crate::violation::Rule::TimeLimit), where the state ends the session.
    pub fn handle_time(&mut self, now: Duration) -> Result<(), Violation> {
        self.connection.handle_time(now)
    }

    /// When [`Connection::handle_time`] is to be called at the latest, on the same clock.
    pub fn next_time(&self) -> Option<Duration> {
        self.connection.next_time()
    }

    /// Goes on with another protocol over the same stream, behind an upgrade to it. Bytes that
    /// were received behind an upgrade that carries them are the first that it reads.
    ///
    /// # Errors
    /// As [`continue_with`](connection::Connection::continue_with) of the connection without I/O.
    pub fn continue_with<N: Machine>(self, machine: N) -> Result<Connection<S, N, H>, Misuse> {
        let Connection { stream, connection } = self;
        Ok(Connection { stream, connection: connection.continue_with(machine)? })
    }

    /// Writes what waits to be sent. The stream, and the connection without I/O: for an upgrade,
    /// tell it that it was [`upgraded`](connection::Connection::upgraded), and put both together
    /// again around the other layer.
    ///
    /// # Errors
    /// What the stream says.
    pub fn into_parts(mut self) -> Result<Parts<S, M, H>, Error<S::Error>> {
        self.flush()?;
        Ok((self.stream, self.connection))
    }

    /// Writes what waits, and reads for as long as `goes_on` until an event is there.
    fn look(
        &mut self,
        goes_on: impl Fn(&mut S) -> Result<bool, S::Error>,
    ) -> Result<Progress<Turn<'_, M, H>>, Error<S::Error>> {
        let mut this = self;
        // An event must find room for its answer.
        if this.connection.is_full() {
            this.flush()?;
        }
        loop {
            let (next, back) = match turn(this)? {
                Ok(turn) => return Ok(Progress::Event(turn)),
                Err(lacks) => lacks,
            };
            this = back;
            this.flush()?;
            if let Next::End(end) = next {
                return Ok(end.map(|()| Progress::Closed)?);
            }
            if !goes_on(&mut this.stream).map_err(Error::Io)? {
                return Ok(Progress::More(1));
            }
            let count = this.stream.read(this.connection.room()?).map_err(Error::Io)?;
            if !this.connection.came(count)? {
                return Ok(Progress::Closed);
            }
        }
    }
}

impl<S: Read + Write + ReadReady, M: Machine, H: Memory> Connection<S, M, H> {
    /// The next event, if it is there: it does not wait for bytes, only until what was sent before
    /// is written. [`Progress::More`] where the stream has none now, [`Progress::Closed`] when the
    /// session is over.
    ///
    /// # Errors
    /// As [`Connection::next`].
    pub fn try_next(&mut self) -> Result<Progress<Turn<'_, M, H>>, Error<S::Error>> {
        self.look(S::read_ready)
    }
}
