//! Streams from anywhere by URL, under one interface.
//!
//! | scheme | |
//! |---|---|
//! | `tcp://host:port` | TCP; a name is looked up |
//! | `udp://host:port` | UDP, a stream for each peer; [`Udp`] tells what that means |
//! | `unix:/path` | a Unix socket |
//! | `memory:name` | pipes within the process, for tests |
//!
//! [`Schemes`] knows them, and those that a program adds. A [`Scheme`] is a [`Transport`] and the [`Wrapper`]s
//! around each of its streams, TLS for example.
//!
//! ```
//! # async fn example() -> std::io::Result<()> {
//! use framer_runtime::net::Schemes;
//!
//! let schemes = Schemes::default();
//! let mut listening = schemes.listen("tcp://127.0.0.1:0").await?;
//! let url = listening.url().to_owned();
//! let (client, server) = tokio::join!(
//!     schemes.connect(&url),
//!     async { listening.accept().await?.ready().await },
//! );
//! assert_eq!(client?.local(), server?.peer());
//! # Ok(())
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
//! ```

mod address;
pub(crate) mod memory;
mod options;
mod patience;
mod schemes;
mod server;
mod stream;
mod tcp;
#[cfg(feature = "tls")]
mod tls;
mod udp;
#[cfg(unix)]
mod unix;

pub use address::Address;
pub use memory::Memory;
pub use options::Options;
pub use patience::Patience;
pub use schemes::{Accepted, Listening, Scheme, Schemes};
#[cfg(feature = "tracing")]
pub use server::Traced;
pub use server::{Counts, Ended, Live, Observe, Server, Session, Stopped, Totals};
pub use stream::{Duplex, Stream};
pub use tcp::Tcp;
#[cfg(feature = "tls")]
pub use tls::{Secured, Tls};
pub use udp::Udp;
#[cfg(unix)]
pub use unix::Unix;

pub use url::Url;

use std::boxed::Box;
use std::io;
use std::pin::Pin;

/// What may take its time, and may fail.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

/// A way to carry bytes: where streams are opened, and where they are waited for.
pub trait Transport: Send + Sync + 'static {
    /// Opens a stream to `url`.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::InvalidInput`] for a URL that says nothing to it.
    fn connect<'a>(&'a self, url: &'a Url) -> Pending<'a, Stream>;

    /// Begins to listen at `url`.
    ///
    /// # Errors
    /// As [`Transport::connect`].
    fn listen<'a>(&'a self, url: &'a Url) -> Pending<'a, Box<dyn Listener>>;
}

/// Where streams are waited for.
pub trait Listener: Send + 'static {
    /// The next stream. The future may be dropped at any time: no stream is lost.
    ///
    /// # Errors
    /// What the system says. The next one may be waited for.
    fn accept(&mut self) -> Pending<'_, Stream>;

    /// Where it listens.
    fn local(&self) -> Address;
}

/// A layer around a stream, which it may have to talk over before the stream is there: TLS, or a
/// header of who is behind a proxy.
pub trait Wrapper: Send + Sync + 'static {
    /// Goes around a stream that was opened to `url`.
    ///
    /// # Errors
    /// What the layer says; then the stream is lost.
    fn connected<'a>(&'a self, stream: Stream, url: &'a Url) -> Pending<'a, Stream>;

    /// Goes around a stream that was accepted.
    ///
    /// # Errors
    /// As [`Wrapper::connected`].
    fn accepted(&self, stream: Stream) -> Pending<'_, Stream>;
}

/// The URL says nothing to its transport.
fn invalid(reason: impl Into<std::string::String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, reason.into())
}
