//! Connections over the streams of `embedded-io-async`, for a task of a device.

use core::time::Duration;

use ::embedded_io_async::{Read, Write};

use crate::connection::{self, Adapter, Next, Turn, turn};
pub use crate::embedded::{Error, Parts};
use crate::machine::Machine;
use crate::memory::{Memory, Standard};
use crate::violation::{Misuse, Violation};

/// A connection over a stream of `embedded-io-async`.
///
/// It is put over a [`connection::Connection`], which says where bytes are held: with
/// [`connection::Connection::fixed`], nothing needs a heap.
///
/// The traits know no clock, so the caller tells the time: [`handle_time`](Connection::handle_time)
/// before it waits, and no longer than up to [`next_time`](Connection::next_time), with whatever
/// the executor has for that. The future of `next` may be dropped at any time if those of the
/// stream's `read` and `write` may.
///
/// ```
/// # mod embassy_time {
/// #     use core::time::Duration;
/// #     pub async fn with_timeout<T>(_: Duration, work: impl Future<Output = T>) -> Result<T, ()> {
/// #         Ok(work.await)
/// #     }
/// # }
/// framer_runtime::framer! {
///     delimiter LF = "\n";
///     frame Line in until LF max 80 { text: utf8 to end }
///     protocol Echo over stream {
///         roles client, server;
///         client speaks Line;
///         server speaks Line;
///         pending fifo max 4;
///         state Open within 1 min else close { client Line => awaits { _ => stay }; }
///     }
/// }
/// use core::time::Duration;
///
/// use embassy_time::with_timeout;
/// use embedded_io_async::{Read, Write};
/// use framer_runtime::connection;
/// use framer_runtime::embedded_io_async::{Connection, Error};
/// use framer_runtime::machine::Machine;
///
/// async fn serve<S>(uart: S, now: impl Fn() -> Duration) -> Result<(), Error<S::Error>>
/// where
///     S: Read + Write,
/// {
///     let mut input = [0; 2 * echo::Server::INPUT_BOUND];
///     let mut output = [0; echo::Server::OUTPUT_BOUND];
///     let server = connection::Connection::fixed(echo::Server::new(), &mut input, &mut output);
///     let mut connection = Connection::new(uart, server);
///     loop {
///         connection.handle_time(now())?;
///         let until = connection.next_time().unwrap_or(Duration::MAX);
///         let event = with_timeout(until.saturating_sub(now()), connection.next()).await;
///         match event {
///             // Too late for the state, maybe: the next turn of the loop tells.
///             Err(_) => {}
///             Ok(event) => match event? {
///                 Some((echo::server::Event::Line(line), mut reply)) => reply.send(line)?,
///                 None => return Ok(()),
///             },
///         }
///     }
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
    pub async fn next(&mut self) -> Result<Option<Turn<'_, M, H>>, Error<S::Error>> {
        let mut this = self;
        // An event must find room for its answer.
        if this.connection.is_full() {
            this.flush().await?;
        }
        loop {
            let (next, back) = match turn(this)? {
                Ok(turn) => return Ok(Some(turn)),
                Err(lacks) => lacks,
            };
            this = back;
            this.flush().await?;
            if let Next::End(end) = next {
                return Ok(end.map(|()| None)?);
            }
            let count = this.stream.read(this.connection.room()?).await.map_err(Error::Io)?;
            if !this.connection.came(count)? {
                return Ok(None);
            }
        }
    }

    /// Says something. It is written with the next [`Connection::next`] or
    /// [`Connection::flush`], or when too much waits.
    ///
    /// # Errors
    /// Why it cannot be said, or what the stream says.
    pub async fn send<'m>(
        &mut self,
        message: impl Into<M::Message<'m>>,
    ) -> Result<(), Error<S::Error>> {
        let message = message.into();
        match self.connection.say(&message) {
            Err(Misuse::Full { .. }) => {
                self.flush().await?;
                Ok(self.connection.say(&message)?)
            }
            said => Ok(said?),
        }
    }

    /// Writes what waits to be sent.
    ///
    /// # Errors
    /// What the stream says.
    pub async fn flush(&mut self) -> Result<(), Error<S::Error>> {
        loop {
            let pending = self.connection.transmit();
            if pending.is_empty() {
                return self.stream.flush().await.map_err(Error::Io);
            }
            match self.stream.write(pending).await.map_err(Error::Io)? {
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
    pub async fn into_parts(mut self) -> Result<Parts<S, M, H>, Error<S::Error>> {
        self.flush().await?;
        Ok((self.stream, self.connection))
    }
}
