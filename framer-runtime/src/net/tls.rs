//! TLS around streams, with rustls.

use core::fmt;
use std::boxed::Box;
use std::format;
use std::io;
use std::string::{String, ToString};
use std::vec::Vec;

use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{CommonState, ProtocolVersion};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use url::Url;

use super::{Pending, Stream, Wrapper, invalid};

/// TLS around streams: as a [`Wrapper`] from their beginning, and in mid-stream, as after STARTTLS.
///
/// What it offers and asks for is in the configurations of rustls, an `Arc<ServerConfig>` and an
/// `Arc<ClientConfig>`: protocols by ALPN, certificates of clients, versions. What came of it is in
/// [`Secured`].
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
    /// A handshake that fails; [`io::ErrorKind::InvalidInput`], if this is for streams that are
    /// opened.
    pub async fn accept(&self, mut stream: Stream) -> io::Result<Stream> {
        let acceptor = self.acceptor.as_ref();
        let acceptor = acceptor.ok_or_else(|| invalid("no TLS for streams that are accepted"))?;
        let layer = acceptor.accept(stream.taken()).await?;
        let connection = layer.get_ref().1;
        let secured = Secured::of(connection, connection.server_name());
        Ok(stream.over(layer).knowing(secured))
    }

    /// Goes on under TLS, as the client of the server called `name`, a host's name or address.
    ///
    /// # Errors
    /// A handshake that fails; [`io::ErrorKind::InvalidInput`], if this is for streams that are
    /// accepted, or `name` is none.
    pub async fn connect(&self, mut stream: Stream, name: &str) -> io::Result<Stream> {
        let connector = self.connector.as_ref();
        let connector = connector.ok_or_else(|| invalid("no TLS for streams that are opened"))?;
        let server = ServerName::try_from(String::from(name))
            .map_err(|error| invalid(format!("`{name}`: {error}")))?;
        let layer = connector.connect(server, stream.taken()).await?;
        let secured = Secured::of(layer.get_ref().1, Some(name));
        Ok(stream.over(layer).knowing(secured))
    }
}

/// What a handshake of TLS has settled; [`Stream::known`] gives it, whatever lies around the layer.
///
/// ```
/// use framer_runtime::net::{Secured, Stream};
///
/// /// Whether the peer showed a certificate and speaks HTTP/2.
/// fn is_known(stream: &Stream) -> bool {
///     stream.known::<Secured>().is_some_and(|secured| {
///         secured.alpn() == Some(b"h2") && !secured.certificates().is_empty()
///     })
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secured {
    version: Option<ProtocolVersion>,
    alpn: Option<Vec<u8>>,
    certificates: Vec<CertificateDer<'static>>,
    server: Option<String>,
}

impl Secured {
    fn of(connection: &CommonState, server: Option<&str>) -> Secured {
        Secured {
            version: connection.protocol_version(),
            alpn: connection.alpn_protocol().map(<[u8]>::to_vec),
            certificates: connection.peer_certificates().unwrap_or_default().to_vec(),
            server: server.map(String::from),
        }
    }

    /// The version of TLS.
    #[must_use]
    pub const fn version(&self) -> Option<ProtocolVersion> {
        self.version
    }

    /// The protocol that both sides agreed upon by ALPN; `None`, if either said nothing of it.
    #[must_use]
    pub fn alpn(&self) -> Option<&[u8]> {
        self.alpn.as_deref()
    }

    /// What the peer showed of itself, its own certificate first, all found good by the
    /// configuration. A client shows none unless the server asks.
    #[must_use]
    pub fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }

    /// The name of the server that the client asked for; `None`, if it named none, as where it has
    /// only an address.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
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
