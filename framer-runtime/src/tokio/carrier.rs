//! What carries a session, for who drives one without knowing which.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::{Connection, Datagrams};
use crate::error::{Error, lost};
use crate::machine::{Described, Machine, Progress};
use crate::requests::{Speaker, To};
use crate::session::Session;

/// What carries a session: [`Connection`] over a stream, [`Datagrams`] over datagrams. Who drives one drives
/// either.
pub trait Carry {
    /// What it carries the session of.
    type Machine: Described;

    /// Whether what breaks a rule, or is not answered, is no end.
    const DATAGRAMS: bool;

    /// Where the session stands.
    fn session(&self) -> &Session;

    /// Gives `hear` what the peer said next.
    ///
    /// # Errors
    /// What the peer did wrong, where that is final.
    fn hear<R>(
        &mut self,
        hear: impl FnOnce(<Self::Machine as Machine>::Event<'_>) -> R,
    ) -> Result<Progress<R>, Error>;

    /// Gives `say` what speaks.
    fn say<R>(&mut self, say: impl FnOnce(&mut Speaker<'_, Self::Machine>) -> R) -> R;

    /// Whether nothing waits to be sent.
    fn is_written(&self) -> bool;

    /// Whether no further message is taken before enough was written.
    fn is_full(&self) -> bool;

    /// Writes what waits to be sent.
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Reads what there is, where more is needed; `false` at the end.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>>;

    /// Ends this side of the stream.
    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// The peer's bytes have ended.
    ///
    /// # Errors
    /// A violation, where they ended inside of something.
    fn end_of_stream(&mut self) -> Result<(), Error>;

    /// Tells the time; until when that is enough.
    ///
    /// # Errors
    /// A violation, where the state has lasted too long.
    fn deadline(&mut self) -> Result<Option<Instant>, Error>;
}

impl<S: AsyncRead + AsyncWrite + Unpin, M: Described> Carry for Connection<S, M> {
    type Machine = M;

    const DATAGRAMS: bool = false;

    fn session(&self) -> &Session {
        self.machine().engine().session()
    }

    fn hear<R>(&mut self, hear: impl FnOnce(M::Event<'_>) -> R) -> Result<Progress<R>, Error> {
        Ok(self.connection.poll()?.map(|(event, _)| hear(event)))
    }

    fn say<R>(&mut self, say: impl FnOnce(&mut Speaker<'_, M>) -> R) -> R {
        say(&mut Speaker(To::Stream(self.connection.sender())))
    }

    fn is_written(&self) -> bool {
        self.connection.transmit().is_empty()
    }

    fn is_full(&self) -> bool {
        self.connection.is_full()
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_write(context, |_| false)
    }

    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        self.poll_read(context).map_ok(|count| count > 0)
    }

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream.as_mut().ok_or_else(lost)?).poll_shutdown(context)
    }

    fn end_of_stream(&mut self) -> Result<(), Error> {
        Ok(self.connection.end_of_stream()?)
    }

    fn deadline(&mut self) -> Result<Option<Instant>, Error> {
        Connection::deadline(self)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, M: Described> Carry for Datagrams<S, M> {
    type Machine = M;

    const DATAGRAMS: bool = true;

    fn session(&self) -> &Session {
        self.machine().engine().session()
    }

    /// What breaks a rule is dropped: anyone can send it.
    fn hear<R>(&mut self, hear: impl FnOnce(M::Event<'_>) -> R) -> Result<Progress<R>, Error> {
        if self.datagram.is_empty() {
            return Ok(Progress::More(1));
        }
        let heard = match self.session.receive(&self.datagram) {
            Ok(Progress::Event((event, _))) => Progress::Event(hear(event)),
            Ok(Progress::Closed) => Progress::Closed,
            Ok(Progress::More(_) | Progress::Owed) | Err(_) => Progress::More(1),
        };
        self.datagram.clear();
        Ok(heard)
    }

    fn say<R>(&mut self, say: impl FnOnce(&mut Speaker<'_, M>) -> R) -> R {
        say(&mut Speaker(To::Datagrams(self.session.sender())))
    }

    fn is_written(&self) -> bool {
        self.session.transmit().is_none()
    }

    fn is_full(&self) -> bool {
        self.session.is_full()
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_write(context)
    }

    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        self.poll_read(context)
    }

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn end_of_stream(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn deadline(&mut self) -> Result<Option<Instant>, Error> {
        let deadline = Datagrams::deadline(self)?;
        // Who waits is told by what is outstanding no more.
        while self.session.unanswered().is_some() {}
        Ok(deadline)
    }
}
