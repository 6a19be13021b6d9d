//! A stream, whatever carries it.

use core::any::Any;
use core::fmt;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::boxed::Box;
use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex, PoisonError};
use std::vec::Vec;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Address;

/// What reads and writes.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + ?Sized> Duplex for S {}

/// A stream, whatever carries it, where its ends are, and what its layers know.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use framer_runtime::net::{Address, Stream};
///
/// /// What a layer of one's own knows of the peer.
/// struct User(&'static str);
///
/// let (stream, _peer) = tokio::io::duplex(64);
/// let address = Address::Other("pipe:".to_owned());
/// let stream = Stream::new(stream, address.clone(), address).knowing(User("alice"));
/// assert_eq!(stream.known::<User>().map(|user| user.0), Some("alice"));
/// # })
/// ```
pub struct Stream {
    inner: Box<dyn Duplex>,
    /// In a box, since a stream is moved about.
    facts: Box<Facts>,
}

/// The two ends of a stream: this one, and the peer's.
pub(super) type Ends = Arc<(Address, Address)>;

/// What is known of a stream.
struct Facts {
    ends: Ends,
    known: Vec<Box<dyn Any + Send + Sync>>,
    /// Who is given what carries it when it is dropped.
    lent: Option<Arc<Lent>>,
}

/// What carried a stream that is dropped.
type Lent = Mutex<Option<Box<dyn Duplex>>>;

impl Stream {
    /// A stream of one's own.
    pub fn new(inner: impl Duplex + 'static, local: Address, peer: Address) -> Stream {
        let ends = Arc::new((local, peer));
        let facts = Facts { ends, known: Vec::new(), lent: None };
        Stream { inner: Box::new(inner), facts: Box::new(facts) }
    }

    /// This end.
    #[must_use]
    pub fn local(&self) -> &Address {
        &self.facts.ends.0
    }

    /// The other end.
    #[must_use]
    pub fn peer(&self) -> &Address {
        &self.facts.ends.1
    }

    /// The same stream between other ends: those that a proxy stands between, for example.
    #[must_use]
    pub fn between(mut self, local: Address, peer: Address) -> Stream {
        self.facts.ends = Arc::new((local, peer));
        self
    }

    /// Both ends.
    pub(super) fn ends(&self) -> &Ends {
        &self.facts.ends
    }

    /// The same stream, of which `fact` is known, too: what a layer has learned, for whoever asks
    /// for a fact of this type.
    #[must_use]
    pub fn knowing<T: Any + Send + Sync>(mut self, fact: T) -> Stream {
        self.facts.known.push(Box::new(fact));
        self
    }

    /// What is known of this type. Where several layers have learned such a fact, it is what the
    /// last of them has.
    #[must_use]
    pub fn known<T: Any>(&self) -> Option<&T> {
        self.facts.known.iter().rev().find_map(|fact| fact.downcast_ref())
    }

    /// Puts a layer around what carries it, between the same ends.
    ///
    /// # Errors
    /// What the layer says; then the stream is lost.
    pub async fn wrapped<L, F>(
        mut self,
        layer: impl FnOnce(Box<dyn Duplex>) -> F,
    ) -> io::Result<Stream>
    where
        L: Duplex + 'static,
        F: Future<Output = io::Result<L>>,
    {
        let layer = layer(self.taken()).await?;
        Ok(self.over(layer))
    }

    /// The same stream over a layer around what carried it.
    pub(super) fn over(mut self, layer: impl Duplex + 'static) -> Stream {
        self.inner = Box::new(layer);
        self
    }

    /// What carries it. Nothing is left in its place.
    pub(super) fn taken(&mut self) -> Box<dyn Duplex> {
        mem::replace(&mut self.inner, Box::new(tokio::io::empty()))
    }

    /// The same stream, and what carries it once it is dropped, with all that was put around it
    /// meanwhile.
    pub(super) fn lent(mut self) -> (Stream, Returned) {
        let lent = Arc::<Lent>::default();
        self.facts.lent = Some(Arc::clone(&lent));
        (self, Returned(lent))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Some(lent) = self.facts.lent.take() {
            *lent.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.taken());
        }
    }
}

/// What carries a stream that was lent, once that is dropped.
pub(super) struct Returned(Arc<Lent>);

impl Returned {
    /// Says to the peer that this is the end, as TLS has to, if the stream has been dropped; it may
    /// take so long.
    pub(super) async fn close(self, within: Duration) {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut inner) = inner {
            // A peer who does not listen need not be told.
            let _ = timeout(within, inner.shutdown()).await;
        }
    }
}

impl TryFrom<TcpStream> for Stream {
    type Error = io::Error;

    /// A stream that was opened or accepted elsewhere.
    fn try_from(stream: TcpStream) -> io::Result<Stream> {
        let (local, peer) = (stream.local_addr()?, stream.peer_addr()?);
        Ok(Stream::new(stream, Address::Tcp(local), Address::Tcp(peer)))
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Stream({} - {})", self.local(), self.peer())
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
