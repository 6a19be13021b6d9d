//! Connections over tokio's streams.

use std::io;
use std::time::Duration;
use std::vec::Vec;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use crate::connection::{self, Limits, Turn};
use crate::error::{Error, lost};
use crate::framers::Framers;
use crate::machine::{Machine, Progress};
use crate::violation::Misuse;

/// A connection over a stream of tokio.
#[derive(Debug)]
pub struct Connection<S, M> {
    stream: Option<S>,
    connection: connection::Connection<M>,
    began: Instant,
}

impl<S: AsyncRead + AsyncWrite + Unpin, M: Machine> Connection<S, M> {
    /// A connection at its beginning.
    pub fn new(stream: S, machine: M) -> Connection<S, M> {
        Connection::with_limits(stream, machine, Limits::default())
    }

    /// The same with limits of its own.
    pub fn with_limits(stream: S, machine: M, limits: Limits) -> Connection<S, M> {
        Connection {
            stream: Some(stream),
            connection: connection::Connection::new(machine, limits),
            began: Instant::now(),
        }
    }

    /// Goes on with a stream of which something else has read `received` already, and not used it: a
    /// `tokio_util::codec::Framed`, for example, whose parts they are.
    pub fn from_parts(stream: S, received: &[u8], machine: M) -> Connection<S, M> {
        Connection {
            stream: Some(stream),
            connection: connection::Connection::with_received(machine, Limits::default(), received),
            began: Instant::now(),
        }
    }

    /// The machine, for its state.
    pub fn machine(&self) -> &M {
        self.connection.machine()
    }

    /// The stream; `None` once it was lost in an upgrade that failed.
    pub fn stream(&self) -> Option<&S> {
        self.stream.as_ref()
    }

    /// Waits for the next event, as long as the state of the session allows. `None` when the
    /// session is over.
    ///
    /// What was sent before is written first, once for all that was received together. The
    /// future may be dropped at any time: nothing is lost.
    ///
    /// # Errors
    /// Whatever ends the connection; [`Misuse::Owed`] if the peer waits for a reply.
    pub async fn next(&mut self) -> Result<Option<Turn<'_, M>>, Error> {
        // An event must find room for its answer.
        if self.connection.is_full() {
            self.flush().await?;
        }
        loop {
            match self.connection.ready()? {
                Progress::Event(()) => break,
                Progress::More(_) => {}
                Progress::Owed => {
                    self.flush().await?;
                    return Err(Misuse::Owed.into());
                }
                Progress::Closed => {
                    self.flush().await?;
                    return Ok(None);
                }
            }
            self.flush().await?;
            if self.read().await? == Some(0) {
                self.connection.end_of_stream()?;
                return Ok(None);
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
    pub async fn send<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Result<(), Error> {
        if self.connection.is_full() {
            self.flush().await?;
        }
        Ok(self.connection.send(message)?)
    }

    /// Writes what waits to be sent, as long as the state of the session allows.
    ///
    /// # Errors
    /// What the stream says, or that the peer does not read.
    pub async fn flush(&mut self) -> Result<(), Error> {
        loop {
            let deadline = self.deadline()?;
            let stream = self.stream.as_mut().ok_or_else(lost)?;
            let pending = self.connection.transmit();
            if pending.is_empty() {
                match within(deadline, stream.flush()).await? {
                    Some(()) => return Ok(()),
                    None => continue,
                }
            }
            match within(deadline, stream.write(pending)).await? {
                Some(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Some(count) => self.connection.transmitted(count),
                None => {}
            }
        }
    }

    /// Writes what waits to be sent, hands the stream to another layer and goes on inside it,
    /// as long as the state of the session allows.
    ///
    /// # Errors
    /// What the stream or the layer says; then the connection is lost. [`Misuse::NotUpgraded`] as of
    /// [`upgraded`](crate::connection::Connection::upgraded); then nothing has happened.
    pub async fn upgrade(
        &mut self,
        layer: impl AsyncFnOnce(S) -> io::Result<S>,
    ) -> Result<(), Error> {
        self.flush().await?;
        let deadline = self.deadline()?;
        self.connection.upgraded()?;
        let stream = self.stream.take().ok_or_else(lost)?;
        let upgraded = within(deadline, layer(stream)).await?;
        self.stream = Some(upgraded.ok_or_else(|| io::Error::from(io::ErrorKind::TimedOut))?);
        Ok(())
    }

    /// Goes on with another protocol over the same stream, behind an upgrade to it. Bytes that
    /// were received behind an upgrade that carries them are the first that it reads.
    ///
    /// # Errors
    /// [`Misuse::NotUpgraded`], if no event has told of an upgrade.
    pub fn continue_with<N: Machine>(self, machine: N) -> Result<Connection<S, N>, Misuse> {
        let Connection { stream, connection, began } = self;
        Ok(Connection { stream, connection: connection.continue_with(machine)?, began })
    }

    /// Writes what waits to be sent. The stream, and the bytes of it that were received and not
    /// taken, for what goes on without a machine.
    ///
    /// # Errors
    /// What the stream says, or that the peer does not read.
    pub async fn into_parts(mut self) -> Result<(S, Vec<u8>), Error> {
        self.flush().await?;
        let stream = self.stream.take().ok_or_else(lost)?;
        Ok((stream, self.connection.into_received()))
    }

    /// Writes what waits to be sent and ends this side of the stream.
    ///
    /// # Errors
    /// What the stream says.
    pub async fn shutdown(&mut self) -> Result<(), Error> {
        self.flush().await?;
        Ok(self.stream.as_mut().ok_or_else(lost)?.shutdown().await?)
    }

    /// Reads once; `None` if the state of the session has changed by its time limit instead.
    async fn read(&mut self) -> Result<Option<usize>, Error> {
        let deadline = self.deadline()?;
        let stream = self.stream.as_mut().ok_or_else(lost)?;
        let count = within(deadline, stream.read(self.connection.spare())).await?;
        self.connection.filled(count.unwrap_or(0));
        Ok(count)
    }

    /// Until when to wait.
    fn deadline(&mut self) -> Result<Option<Instant>, Error> {
        let now = Instant::now().saturating_duration_since(self.began);
        self.connection.handle_time(now)?;
        Ok(self.connection.next_time().and_then(|next: Duration| self.began.checked_add(next)))
    }
}

impl<S> Connection<S, Framers> {
    /// How it is cut, to be switched.
    pub fn framers(&mut self) -> &mut Framers {
        self.connection.framers()
    }
}

/// What the work comes to, or `None` at the deadline.
async fn within<T>(
    deadline: Option<Instant>,
    work: impl Future<Output = io::Result<T>>,
) -> io::Result<Option<T>> {
    match deadline {
        Some(deadline) => timeout_at(deadline, work).await.ok().transpose(),
        None => work.await.map(Some),
    }
}
