//! Connections over tokio's streams.

mod alarm;
#[cfg(feature = "tower")]
mod carrier;
mod datagrams;

use core::future::poll_fn;
use core::mem::MaybeUninit;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::boxed::Box;
use std::io;
use std::time::Duration;
use std::vec::Vec;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::{Instant, timeout_at};

#[cfg(feature = "tower")]
pub use carrier::Carry;
pub use datagrams::Datagrams;

pub(crate) use alarm::Alarm;

use crate::connection::{self, Adapter, Limits, Next, Turn, turn};
use crate::error::{Error, lost};
use crate::framers::Framers;
use crate::machine::Machine;
use crate::memory::Standard;
use crate::violation::Misuse;

/// How much is read at once where a connection holds no memory to receive into, in bytes. It lies on
/// the stack, so that a connection that waits costs nothing of it.
const READ_BYTES: usize = 16 * 1024;

/// A connection over a stream of tokio.
///
/// While nothing comes and nothing is to be sent, it holds no buffer.
#[derive(Debug)]
pub struct Connection<S, M> {
    stream: Option<S>,
    connection: connection::Connection<M>,
    began: Instant,
    /// How much may wait to be sent when who has waited for room goes on.
    low_bytes: usize,
    /// Few have one.
    grace: Option<Box<Grace>>,
    alarm: Alarm,
}

/// How long what was said may wait for more to be written with it.
#[derive(Debug)]
struct Grace {
    time: Duration,
    /// Until when, where something waits.
    flush_at: Option<Instant>,
}

impl<S, M: Machine> Adapter for Connection<S, M> {
    type Machine = M;
    type Memory = Standard;

    fn connection(&mut self) -> &mut connection::Connection<M> {
        &mut self.connection
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, M: Machine> Connection<S, M> {
    /// A connection at its beginning.
    pub fn new(stream: S, machine: M) -> Connection<S, M> {
        Connection::with_limits(stream, machine, Limits::default())
    }

    /// The same with limits of its own.
    pub fn with_limits(stream: S, machine: M, limits: Limits) -> Connection<S, M> {
        Connection::over(stream, connection::Connection::new(machine, limits), limits)
    }

    /// Goes on with a stream of which something else has read `received` already, and not used it: a
    /// `tokio_util::codec::Framed`, for example, whose parts they are.
    pub fn from_parts(stream: S, received: &[u8], machine: M) -> Connection<S, M> {
        let limits = Limits::default();
        let connection = connection::Connection::with_received(machine, limits, received);
        Connection::over(stream, connection, limits)
    }

    fn over(stream: S, connection: connection::Connection<M>, limits: Limits) -> Connection<S, M> {
        Connection {
            stream: Some(stream),
            connection,
            began: Instant::now(),
            low_bytes: limits.output_low_bytes.min(limits.output_bytes.saturating_sub(1)),
            grace: None,
            alarm: Alarm::new(),
        }
    }

    /// Lets [`next`](Connection::next) wait so long for more to be said before it writes, so that
    /// little messages of several turns go out together. Without it, it writes before it waits.
    #[must_use]
    pub fn flush_grace(mut self, grace: Duration) -> Connection<S, M> {
        let grace = Grace { time: grace, flush_at: None };
        self.grace = (!grace.time.is_zero()).then(|| Box::new(grace));
        self
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
    #[allow(clippy::should_implement_trait, reason = "an event borrows the connection")]
    pub fn next(&mut self) -> impl Future<Output = Result<Option<Turn<'_, M>>, Error>> {
        // It holds nothing else, whatever it waits for.
        let mut waiting = Some(self);
        poll_fn(move |context| {
            let Some(mut this) = waiting.take() else { return Poll::Ready(Ok(None)) };
            loop {
                // An event must find room for its answer.
                if this.poll_room(context)?.is_pending() {
                    break;
                }
                let (next, back) = match turn(this)? {
                    Ok(turn) => return Poll::Ready(Ok(Some(turn))),
                    Err(lacks) => lacks,
                };
                this = back;
                match this.poll_next(context, next)? {
                    Poll::Ready(true) => {}
                    Poll::Ready(false) => return Poll::Ready(Ok(None)),
                    Poll::Pending => break,
                }
            }
            waiting = Some(this);
            Poll::Pending
        })
    }

    /// Waits until there is room for what is said next.
    fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if !self.connection.is_full() {
            return Poll::Ready(Ok(()));
        }
        self.poll_write_in_time(context, |connection| !connection.is_full())
    }

    /// Writes what waits, and does what is to be done for the next event; whether there may be one.
    fn poll_next(&mut self, context: &mut Context<'_>, next: Next) -> Poll<Result<bool, Error>> {
        loop {
            if matches!(next, Next::End(_)) || !self.may_wait() {
                ready!(self.poll_write_in_time(context, |_| false))?;
            }
            if let Next::End(end) = next {
                return Poll::Ready(Ok(end.map(|()| false)?));
            }
            let deadline = self.deadline()?.into_iter().chain(self.flush_at()).min();
            match self.poll_read(context)? {
                Poll::Pending => ready!(self.alarm.poll_until(context, deadline)),
                Poll::Ready(0) => {
                    if self.flush_at().is_some() {
                        ready!(self.poll_write_in_time(context, |_| false))?;
                    }
                    self.connection.end_of_stream()?;
                    return Poll::Ready(Ok(false));
                }
                Poll::Ready(_) => return Poll::Ready(Ok(true)),
            }
        }
    }

    /// Says something. It is written with the next [`Connection::next`] or
    /// [`Connection::flush`], or when too much waits.
    ///
    /// # Errors
    /// Why it cannot be said, or what the stream says.
    pub async fn send<'m>(&mut self, message: impl Into<M::Message<'m>>) -> Result<(), Error> {
        if self.connection.is_full() {
            let low_bytes = self.low_bytes;
            self.write(|connection| connection.transmit().len() <= low_bytes).await?;
        }
        Ok(self.connection.send(message)?)
    }

    /// Writes what waits to be sent, as long as the state of the session allows.
    ///
    /// # Errors
    /// What the stream says, or that the peer does not read.
    pub async fn flush(&mut self) -> Result<(), Error> {
        self.write(|_| false).await
    }

    /// Writes until it is `enough`, or all is written and flushed.
    async fn write(
        &mut self,
        enough: impl Fn(&connection::Connection<M>) -> bool,
    ) -> Result<(), Error> {
        poll_fn(|context| self.poll_write_in_time(context, &enough)).await
    }

    /// The same, as long as the state of the session allows.
    fn poll_write_in_time(
        &mut self,
        context: &mut Context<'_>,
        enough: impl Fn(&connection::Connection<M>) -> bool,
    ) -> Poll<Result<(), Error>> {
        loop {
            let deadline = self.deadline()?;
            if let Poll::Ready(written) = self.poll_write(context, &enough)? {
                return Poll::Ready(Ok(written));
            }
            ready!(self.alarm.poll_until(context, deadline));
        }
    }

    fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        enough: impl Fn(&connection::Connection<M>) -> bool,
    ) -> Poll<io::Result<()>> {
        let stream = self.stream.as_mut().ok_or_else(lost)?;
        loop {
            let pending = self.connection.transmit();
            if pending.is_empty() {
                if let Some(grace) = &mut self.grace {
                    grace.flush_at = None;
                }
                return Pin::new(stream).poll_flush(context);
            }
            if enough(&self.connection) {
                return Poll::Ready(Ok(()));
            }
            match ready!(Pin::new(&mut *stream).poll_write(context, pending))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.connection.transmitted(count),
            }
        }
    }

    /// Until when what was said last may wait.
    fn flush_at(&self) -> Option<Instant> {
        self.grace.as_ref()?.flush_at
    }

    /// Whether what is to be sent may still wait for more.
    fn may_wait(&mut self) -> bool {
        let Some(grace) = &mut self.grace else { return false };
        if self.connection.transmit().is_empty() {
            return false;
        }
        let now = Instant::now();
        let until = *grace.flush_at.get_or_insert_with(|| now + grace.time);
        now < until && !self.connection.is_full()
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
        let Connection { stream, connection, began, low_bytes, grace, alarm } = self;
        let connection = connection.continue_with(machine)?;
        Ok(Connection { stream, connection, began, low_bytes, grace, alarm })
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

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let stream = Pin::new(self.stream.as_mut().ok_or_else(lost)?);
        let connection = &mut self.connection;
        let (polled, count) = if connection.rests() {
            let mut space = [MaybeUninit::uninit(); READ_BYTES];
            let room = connection.free_bytes().min(READ_BYTES);
            let mut buffer = ReadBuf::uninit(space.get_mut(..room).unwrap_or_default());
            let polled = stream.poll_read(context, &mut buffer);
            (polled, connection.receive(buffer.filled()))
        } else {
            let mut buffer = ReadBuf::new(connection.spare());
            let polled = stream.poll_read(context, &mut buffer);
            let count = buffer.filled().len();
            connection.filled(count);
            (polled, count)
        };
        if polled.is_pending() {
            connection.rest();
        }
        polled.map_ok(|()| count)
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
pub(crate) async fn within<T, E>(
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, E>>,
) -> Result<Option<T>, E> {
    match deadline {
        Some(deadline) => timeout_at(deadline, work).await.ok().transpose(),
        None => work.await.map(Some),
    }
}
