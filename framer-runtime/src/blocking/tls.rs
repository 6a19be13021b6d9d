//! TLS under blocking connections, with rustls.

use core::fmt;
use core::ops::{Deref, DerefMut};
use std::boxed::Box;
use std::format;
use std::io::{self, IoSlice, Read, Write};
use std::string::String;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{
    ClientConfig, ClientConnection, CommonState, ConnectionCommon, ServerConfig, ServerConnection,
    SideData, StreamOwned,
};

/// A stream without TLS or under it, for [`Connection::upgrade`](super::Connection::upgrade).
///
/// ```no_run
/// # fn example(
/// #     config: std::sync::Arc<rustls::ClientConfig>,
/// #     machine: framer_runtime::framers::Framers,
/// # ) -> Result<(), framer_runtime::Error> {
/// use std::net::TcpStream;
///
/// use framer_runtime::blocking::{Connection, MaybeTls};
///
/// let socket = MaybeTls::plain(TcpStream::connect("mail.example.org:25")?);
/// let mut connection = Connection::new(socket, machine);
/// // Behind an event that tells of the upgrade:
/// connection.upgrade(|stream| stream.connect(config, "mail.example.org"))?;
/// # Ok(())
/// # }
/// ```
pub struct MaybeTls<S: Read + Write>(Layer<S>);

enum Layer<S: Read + Write> {
    Plain(S),
    Server(Box<Over<ServerConnection, S>>),
    Client(Box<Over<ClientConnection, S>>),
}

type Over<C, S> = StreamOwned<C, S>;

impl<S: Read + Write> MaybeTls<S> {
    /// A stream without TLS.
    pub const fn plain(stream: S) -> MaybeTls<S> {
        MaybeTls(Layer::Plain(stream))
    }

    /// What rustls knows of the layer, as the protocol by ALPN and the peer's certificates; `None`
    /// without TLS.
    pub fn state(&self) -> Option<&CommonState> {
        match &self.0 {
            Layer::Plain(_) => None,
            Layer::Server(stream) => Some(&stream.conn),
            Layer::Client(stream) => Some(&stream.conn),
        }
    }

    /// The stream itself, for its time limits.
    pub const fn socket(&self) -> &S {
        match &self.0 {
            Layer::Plain(stream) => stream,
            Layer::Server(stream) => &stream.sock,
            Layer::Client(stream) => &stream.sock,
        }
    }

    /// Goes on under TLS, as its server, once both sides have shaken hands.
    ///
    /// # Errors
    /// A handshake that fails, or [`io::ErrorKind::InvalidInput`] if it is under TLS already.
    pub fn accept(self, config: Arc<ServerConfig>) -> io::Result<MaybeTls<S>> {
        let stream = self.without_tls()?;
        let connection = ServerConnection::new(config).map_err(io::Error::other)?;
        Ok(MaybeTls(Layer::Server(Box::new(shaken(connection, stream)?))))
    }

    /// Goes on under TLS, as the client of the server called `name`, a host's name or address, once
    /// both sides have shaken hands.
    ///
    /// # Errors
    /// A handshake that fails, or [`io::ErrorKind::InvalidInput`] if it is under TLS already, or
    /// `name` is none.
    pub fn connect(self, config: Arc<ClientConfig>, name: &str) -> io::Result<MaybeTls<S>> {
        let stream = self.without_tls()?;
        let server = ServerName::try_from(String::from(name))
            .map_err(|error| invalid(format!("`{name}`: {error}")))?;
        let connection = ClientConnection::new(config, server).map_err(io::Error::other)?;
        Ok(MaybeTls(Layer::Client(Box::new(shaken(connection, stream)?))))
    }

    /// Says to the peer that nothing follows, as TLS has to. Without TLS there is nothing to say: it
    /// is the end of the socket that tells it.
    ///
    /// # Errors
    /// What the stream says.
    pub fn close(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Layer::Plain(_) => {}
            Layer::Server(stream) => stream.conn.send_close_notify(),
            Layer::Client(stream) => stream.conn.send_close_notify(),
        }
        self.flush()
    }

    fn without_tls(self) -> io::Result<S> {
        match self.0 {
            Layer::Plain(stream) => Ok(stream),
            Layer::Server(_) | Layer::Client(_) => Err(invalid(String::from("already under TLS"))),
        }
    }

    /// Whatever reads and writes now.
    fn layer(&mut self) -> &mut dyn Duplex {
        match &mut self.0 {
            Layer::Plain(stream) => stream,
            Layer::Server(stream) => stream,
            Layer::Client(stream) => stream,
        }
    }
}

/// What reads and writes.
trait Duplex: Read + Write {}

impl<S: Read + Write> Duplex for S {}

fn invalid(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, reason)
}

/// Shakes hands, so that what fails is told here, and not of what is read later.
fn shaken<C, S, D>(mut connection: C, mut stream: S) -> io::Result<Over<C, S>>
where
    C: Deref<Target = ConnectionCommon<D>> + DerefMut,
    S: Read + Write,
    D: SideData,
{
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    stream.flush()?;
    Ok(StreamOwned::new(connection, stream))
}

impl<S: Read + Write> fmt::Debug for MaybeTls<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tls = self.state().and_then(|state| state.protocol_version());
        formatter.debug_struct("MaybeTls").field("tls", &tls).finish_non_exhaustive()
    }
}

impl<S: Read + Write> Read for MaybeTls<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.layer().read(buffer)
    }
}

impl<S: Read + Write> Write for MaybeTls<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.layer().write(bytes)
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.layer().write_vectored(parts)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.layer().flush()
    }
}
