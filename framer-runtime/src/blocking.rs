//! Connections over anything that reads and writes, for a thread that may wait.

#[cfg(feature = "blocking-tls")]
mod tls;

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use crate::connection::{self, Adapter, Limits, Next, Turn, turn};
use crate::error::{Error, lost};
use crate::framers::Framers;
use crate::machine::Machine;
use crate::memory::Standard;
use crate::violation::Misuse;

#[cfg(feature = "blocking-tls")]
pub use tls::MaybeTls;

/// The shortest time that a stream is asked to wait: of none, sockets make an error.
const LEAST_WAIT: Duration = Duration::from_millis(1);

/// Tells a stream how long its next read or write may take.
type SetTimeout<S> = fn(&S, Option<Duration>) -> io::Result<()>;

/// A connection over a blocking stream.
///
/// A thread that waits looks at no clock. The time limits of the description are kept where the
/// stream wakes it: with [`with_timeout`](Connection::with_timeout), the connection tells the
/// stream how long it may wait. Without, a stream that has a timeout of its own gives [`Error::Io`]
/// of the kind `WouldBlock` or
/// `TimedOut` after it, or, if the state has lasted too long by then, the violation. After such an error the
/// call can be made again: nothing is lost.
///
/// ```no_run
/// use std::net::TcpStream;
/// # use framer_runtime::blocking::Connection;
/// # fn machine() -> framer_runtime::framers::Framers { unimplemented!() }
///
/// let stream = TcpStream::connect("mail.example.org:25")?;
/// let connection = Connection::new(stream, machine()).with_timeout(TcpStream::set_read_timeout);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Connection<S, M> {
    stream: Option<S>,
    connection: connection::Connection<M>,
    began: Instant,
    set_timeout: Option<SetTimeout<S>>,
    /// What the stream was told last.
    timeout: Option<Duration>,
}

impl<S, M: Machine> Adapter for Connection<S, M> {
    type Machine = M;
    type Memory = Standard;

    fn connection(&mut self) -> &mut connection::Connection<M> {
        &mut self.connection
    }
}

impl<S: Read + Write, M: Machine> Connection<S, M> {
    /// A connection at its beginning.
    pub fn new(stream: S, machine: M) -> Connection<S, M> {
        Connection::with_limits(stream, machine, Limits::default())
    }

    /// The same with limits of its own.
    pub fn with_limits(stream: S, machine: M, limits: Limits) -> Connection<S, M> {
        Connection::over(stream, connection::Connection::new(machine, limits))
    }

    /// Goes on with a stream of which something else has read `received` already, and not used it.
    pub fn from_parts(stream: S, received: &[u8], machine: M) -> Connection<S, M> {
        let limits = Limits::default();
        Connection::over(stream, connection::Connection::with_received(machine, limits, received))
    }

    fn over(stream: S, connection: connection::Connection<M>) -> Connection<S, M> {
        let began = Instant::now();
        Connection { stream: Some(stream), connection, began, set_timeout: None, timeout: None }
    }

    /// Has `set` tell the stream how long it may wait, so that the time limits of the description
    /// are kept: `TcpStream::set_read_timeout`, for example, or a function that sets that of
    /// writing, too. The stream must be one that waits.
    #[must_use]
    pub fn with_timeout(self, set: fn(&S, Option<Duration>) -> io::Result<()>) -> Connection<S, M> {
        Connection { set_timeout: Some(set), ..self }
    }

    /// The machine, for its state.
    pub fn machine(&self) -> &M {
        self.connection.machine()
    }

    /// The stream; `None` once it was lost in an upgrade that failed.
    pub fn stream(&self) -> Option<&S> {
        self.stream.as_ref()
    }

    /// The same to be changed, behind [`flush`](Connection::flush): its time limits, or the end of
    /// this side, behind which the peer is still heard.
    pub fn stream_mut(&mut self) -> Option<&mut S> {
        self.stream.as_mut()
    }

    /// Waits for the next event. `None` when the session is over.
    ///
    /// What was sent before is written first, once for all that was received together.
    ///
    /// # Errors
    /// Whatever ends the connection; [`Misuse::Owed`] if the peer waits for a reply.
    #[allow(clippy::should_implement_trait, reason = "an event borrows the connection")]
    pub fn next(&mut self) -> Result<Option<Turn<'_, M>>, Error> {
        let mut this = self;
        // An event must find room for its answer.
        if this.connection.is_full() {
            this.flush()?;
        }
        loop {
            let (next, back) = match turn(this)? {
                Ok(turn) => return Ok(Some(turn)),
                Err(lacks) => lacks,
            };
            this = back;
            this.flush()?;
            if let Next::End(end) = next {
                return Ok(end.map(|()| None)?);
            }
            if let Some(count) = this.read()?
                && !this.connection.came(count)?
            {
                return Ok(None);
            }
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
        loop {
            self.wait_no_longer()?;
            let stream = self.stream.as_mut().ok_or_else(lost)?;
            let pending = self.connection.transmit();
            if pending.is_empty() {
                let flushed = stream.flush();
                match self.waited(flushed)? {
                    Some(()) => return Ok(()),
                    None => continue,
                }
            }
            let written = stream.write(pending);
            match self.waited(written)? {
                Some(0) => return Err(io::Error::from(ErrorKind::WriteZero).into()),
                Some(count) => self.connection.transmitted(count),
                None => {}
            }
        }
    }

    /// Writes what waits to be sent, hands the stream to another layer and goes on inside it.
    ///
    /// # Errors
    /// What the stream or the layer says; then the connection is lost. [`Misuse::NotUpgraded`] as
    /// of [`upgraded`](crate::connection::Connection::upgraded); then nothing has happened.
    pub fn upgrade(&mut self, layer: impl FnOnce(S) -> io::Result<S>) -> Result<(), Error> {
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
        let Connection { stream, connection, began, set_timeout, timeout } = self;
        let connection = connection.continue_with(machine)?;
        Ok(Connection { stream, connection, began, set_timeout, timeout })
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

    /// Reads once; `None` if that is to be done again.
    fn read(&mut self) -> Result<Option<usize>, Error> {
        self.wait_no_longer()?;
        let stream = self.stream.as_mut().ok_or_else(lost)?;
        let count = stream.read(self.connection.room()?);
        self.waited(count)
    }

    /// Tells the stream how long it may wait, unless the state has lasted too long already.
    fn wait_no_longer(&mut self) -> Result<(), Error> {
        let now = self.began.elapsed();
        self.connection.handle_time(now)?;
        let (Some(set), Some(stream)) = (self.set_timeout, &self.stream) else { return Ok(()) };
        let next = self.connection.next_time();
        let timeout = next.map(|next| next.saturating_sub(now).max(LEAST_WAIT));
        if timeout != self.timeout {
            set(stream, timeout)?;
            self.timeout = timeout;
        }
        Ok(())
    }

    /// What the stream gave; `None` if it is to be asked again.
    fn waited<T>(&mut self, given: io::Result<T>) -> Result<Option<T>, Error> {
        let error = match given {
            Ok(given) => return Ok(Some(given)),
            Err(error) => error,
        };
        match error.kind() {
            ErrorKind::Interrupted => Ok(None),
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                self.connection.handle_time(self.began.elapsed())?;
                // It waited as long as it was told to; who else made it wake has to know of it.
                if self.timeout.is_some() { Ok(None) } else { Err(error.into()) }
            }
            _ => Err(error.into()),
        }
    }
}

impl<S> Connection<S, Framers> {
    /// How it is cut, to be switched.
    pub fn framers(&mut self) -> &mut Framers {
        self.connection.framers()
    }
}
