//! TLS around streams, with rustls.

use core::fmt;
use std::boxed::Box;
use std::format;
use std::io;
use std::string::{String, ToString};

use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use url::Url;

use super::{Pending, Stream, Wrapper, invalid};

/// TLS around streams: as a [`Wrapper`] from their beginning, and in mid-stream, as after STARTTLS.
///
/// What it offers and asks for is in the configurations of rustls, an `Arc<ServerConfig>` and an
/// `Arc<ClientConfig>`: protocols by ALPN, certificates of clients, versions.
///
/// ```no_run
/// # fn example(config: std::sync::Arc<tokio_rustls::rustls::ServerConfig>) {
/// use framer_runtime::net::{Scheme, Schemes, Tcp, Tls};
///
/// let schemes = Schemes::default().with("tls", Scheme::new(Tcp).wrapped(Tls::server(config)));
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Tls {
    acceptor: Option<TlsAcceptor>,
    connector: Option<TlsConnector>,
}

impl Tls {
    /// For streams that are accepted.
    #[must_use]
    pub fn server(config: impl Into<TlsAcceptor>) -> Tls {
        Tls { acceptor: Some(config.into()), connector: None }
    }

    /// For streams that are opened.
    #[must_use]
    pub fn client(config: impl Into<TlsConnector>) -> Tls {
        Tls { acceptor: None, connector: Some(config.into()) }
    }

    /// For both, each with what either is for.
    #[must_use]
    pub fn and(self, other: Tls) -> Tls {
        Tls {
            acceptor: other.acceptor.or(self.acceptor),
            connector: other.connector.or(self.connector),
        }
    }

    /// Goes on under TLS, as its server.
    ///
    /// # Errors
    /// A handshake that fails; [`io::ErrorKind::InvalidInput`], if this is for streams that are opened.
    pub async fn accept(&self, stream: Stream) -> io::Result<Stream> {
        let acceptor = self.acceptor.as_ref();
        let acceptor = acceptor.ok_or_else(|| invalid("no TLS for streams that are accepted"))?;
        stream.wrapped(|inner| acceptor.accept(inner)).await
    }

    /// Goes on under TLS, as the client of the server called `name`, a host's name or address.
    ///
    /// # Errors
    /// A handshake that fails; [`io::ErrorKind::InvalidInput`], if this is for streams that are
    /// accepted, or `name` is none.
    pub async fn connect(&self, stream: Stream, name: &str) -> io::Result<Stream> {
        let connector = self.connector.as_ref();
        let connector = connector.ok_or_else(|| invalid("no TLS for streams that are opened"))?;
        let server = ServerName::try_from(String::from(name))
            .map_err(|error| invalid(format!("`{name}`: {error}")))?;
        stream.wrapped(|inner| connector.connect(server, inner)).await
    }
}

impl Wrapper for Tls {
    fn connected<'a>(&'a self, stream: Stream, url: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async move {
            let host = url.host_str().unwrap_or_default();
            let host = host.trim_start_matches('[').trim_end_matches(']').to_string();
            self.connect(stream, &host).await
        })
    }

    fn accepted(&self, stream: Stream) -> Pending<'_, Stream> {
        Box::pin(self.accept(stream))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Tls")
            .field("accepts", &self.acceptor.is_some())
            .field("connects", &self.connector.is_some())
            .finish()
    }
}
