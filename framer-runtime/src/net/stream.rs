//! A stream, whatever carries it.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::io::{self, IoSlice};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Address;

/// What reads and writes.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + ?Sized> Duplex for S {}

/// A stream, whatever carries it, and where its ends are.
pub struct Stream {
    inner: Box<dyn Duplex>,
    local: Address,
    peer: Address,
}

impl Stream {
    /// A stream of one's own.
    pub fn new(inner: impl Duplex + 'static, local: Address, peer: Address) -> Stream {
        Stream { inner: Box::new(inner), local, peer }
    }

    /// This end.
    #[must_use]
    pub const fn local(&self) -> &Address {
        &self.local
    }

    /// The other end.
    #[must_use]
    pub const fn peer(&self) -> &Address {
        &self.peer
    }

    /// The same stream between other ends: those that a proxy stands between, for example.
    #[must_use]
    pub fn between(self, local: Address, peer: Address) -> Stream {
        Stream { local, peer, ..self }
    }

    /// Puts a layer around what carries it, between the same ends.
    ///
    /// # Errors
    /// What the layer says; then the stream is lost.
    pub async fn wrapped<L, F>(self, layer: impl FnOnce(Box<dyn Duplex>) -> F) -> io::Result<Stream>
    where
        L: Duplex + 'static,
        F: Future<Output = io::Result<L>>,
    {
        let Stream { inner, local, peer } = self;
        Ok(Stream { inner: Box::new(layer(inner).await?), local, peer })
    }

    /// The same for a layer that has nothing to say before it is there.
    pub(super) fn inside<L: Duplex + 'static>(
        self,
        layer: impl FnOnce(Box<dyn Duplex>) -> L,
    ) -> Stream {
        let Stream { inner, local, peer } = self;
        Stream { inner: Box::new(layer(inner)), local, peer }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Stream({} - {})", self.local, self.peer)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}
