//! Streams that can go on under TLS.

use std::boxed::Box;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

/// A stream without TLS or under it, for [`Connection::upgrade`](crate::tokio::Connection::upgrade).
#[derive(Debug)]
pub struct MaybeTls<S>(Layer<S>);

#[derive(Debug)]
enum Layer<S> {
    Plain(S),
    Server(Box<server::TlsStream<S>>),
    Client(Box<client::TlsStream<S>>),
}

impl<S> MaybeTls<S> {
    /// A stream without TLS.
    pub const fn plain(stream: S) -> MaybeTls<S> {
        MaybeTls(Layer::Plain(stream))
    }

    /// Whether it is under TLS.
    pub const fn is_tls(&self) -> bool {
        !matches!(self.0, Layer::Plain(_))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> MaybeTls<S> {
    /// Goes on under TLS, as its server.
    ///
    /// # Errors
    /// A handshake that fails, or [`io::ErrorKind::InvalidInput`] if it is under TLS already.
    pub async fn accept(self, acceptor: &TlsAcceptor) -> io::Result<MaybeTls<S>> {
        let stream = acceptor.accept(self.without_tls()?).await?;
        Ok(MaybeTls(Layer::Server(Box::new(stream))))
    }

    /// Goes on under TLS, as the client of the server called `name`.
    ///
    /// # Errors
    /// A handshake that fails, or [`io::ErrorKind::InvalidInput`] if it is under TLS already.
    pub async fn connect(
        self,
        connector: &TlsConnector,
        name: ServerName<'static>,
    ) -> io::Result<MaybeTls<S>> {
        let stream = connector.connect(name, self.without_tls()?).await?;
        Ok(MaybeTls(Layer::Client(Box::new(stream))))
    }

    fn without_tls(self) -> io::Result<S> {
        match self.0 {
            Layer::Plain(stream) => Ok(stream),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "already under TLS")),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for MaybeTls<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Layer::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Layer::Server(stream) => Pin::new(stream).poll_read(context, buffer),
            Layer::Client(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for MaybeTls<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().0 {
            Layer::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Layer::Server(stream) => Pin::new(stream).poll_write(context, bytes),
            Layer::Client(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().0 {
            Layer::Plain(stream) => Pin::new(stream).poll_write_vectored(context, parts),
            Layer::Server(stream) => Pin::new(stream).poll_write_vectored(context, parts),
            Layer::Client(stream) => Pin::new(stream).poll_write_vectored(context, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.0 {
            Layer::Plain(stream) => stream.is_write_vectored(),
            Layer::Server(stream) => stream.is_write_vectored(),
            Layer::Client(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Layer::Plain(stream) => Pin::new(stream).poll_flush(context),
            Layer::Server(stream) => Pin::new(stream).poll_flush(context),
            Layer::Client(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Layer::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Layer::Server(stream) => Pin::new(stream).poll_shutdown(context),
            Layer::Client(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
