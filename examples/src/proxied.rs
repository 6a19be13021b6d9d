//! The PROXY protocol around streams: what stands behind a proxy learns whom the proxy speaks for.

use std::ffi::OsStr;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use framer_protocols::proxy::{
    Ends, Ends4, Ends6, EndsUnix, Header, Line, Line4, Line6, Local, Proxied, Tcp4, Tcp6, Text,
    Udp4, Udp6, UnixDatagram, UnixStream, Unknown, Unspecified,
};
use framer_runtime::cutter::{Cutter, Cutting};
use framer_runtime::frame::Frame;
use framer_runtime::net::{Address, Pending, Stream, Url, Wrapper};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The longest name of a Unix socket in a header, in bytes.
const NAME_BYTES: usize = 108;

/// What a header is written as. Both versions are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// A line of text, which tells of TCP only.
    One,
    /// Bytes.
    Two,
}

/// Both ends of a client's connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its own.
    pub peer: Address,
    /// What it reached.
    pub local: Address,
}

/// The PROXY protocol, as a layer.
///
/// An accepted stream is then between the ends of the client's connection. One that does not begin
/// with a header is refused: whoever reaches such a server may say that it is anyone, so it listens
/// where only proxies come. Nothing behind the header is read.
#[derive(Clone, Debug)]
pub struct Behind {
    version: Version,
    client: Option<Client>,
}

impl Behind {
    /// Writes this version to streams that are opened, and nobody is spoken for.
    #[must_use]
    pub const fn new(version: Version) -> Behind {
        Behind { version, client: None }
    }

    /// Speaks for this client on streams that are opened.
    #[must_use]
    pub fn speaking_for(self, client: Client) -> Behind {
        Behind { client: Some(client), ..self }
    }

    async fn write(&self, mut stream: Stream) -> io::Result<Stream> {
        let mut bytes = Vec::new();
        match self.version {
            Version::One => write_text(self.client.as_ref(), &mut bytes)?,
            Version::Two => write_bytes(self.client.as_ref(), &mut bytes)?,
        }
        stream.write_all(&bytes).await?;
        stream.flush().await?;
        Ok(stream)
    }
}

impl Wrapper for Behind {
    fn connected<'a>(&'a self, stream: Stream, _: &'a Url) -> Pending<'a, Stream> {
        Box::pin(self.write(stream))
    }

    fn accepted(&self, mut stream: Stream) -> Pending<'_, Stream> {
        Box::pin(async {
            let client = read(&mut stream).await?;
            Ok(match client {
                Some(Client { peer, local }) => stream.between(local, peer),
                None => stream,
            })
        })
    }
}

/// Reads a header, and nothing behind it; whom it speaks for.
async fn read(stream: &mut Stream) -> io::Result<Option<Client>> {
    let mut cutter = Cutter::<Header<'_>>::new(0);
    loop {
        let least = match cutter.poll().map_err(refused)? {
            Cutting::Frame(header) => return client(&header),
            Cutting::Malformed(violation) => return Err(refused(violation)),
            Cutting::More(least) => least,
        };
        // So many are missing at least: none of them is behind the header.
        let room = cutter.spare();
        let count = least.min(room.len());
        let count = stream.read(room.get_mut(..count).unwrap_or_default()).await?;
        if count == 0 {
            cutter.end_of_stream().map_err(refused)?;
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        cutter.filled(count);
    }
}

fn refused(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// Whom a header speaks for; nobody, where it cannot tell or the proxy speaks for itself.
fn client(header: &Header<'_>) -> io::Result<Option<Client>> {
    let (peer, local) = match header {
        Header::Text(text) => match text.line {
            Line::Line4(line) => (
                tcp(line.source.parse::<Ipv4Addr>(), line.source_port)?,
                tcp(line.target.parse::<Ipv4Addr>(), line.target_port)?,
            ),
            Line::Line6(line) => (
                tcp(line.source.parse::<Ipv6Addr>(), line.source_port)?,
                tcp(line.target.parse::<Ipv6Addr>(), line.target_port)?,
            ),
            Line::Unknown(_) => return Ok(None),
        },
        Header::Local(_) => return Ok(None),
        Header::Proxied(proxied) => match proxied.ends {
            Ends::Unspecified(_) => return Ok(None),
            Ends::Tcp4(Tcp4 { ends, .. }) => both(Address::Tcp, four(&ends)),
            Ends::Udp4(Udp4 { ends, .. }) => both(Address::Udp, four(&ends)),
            Ends::Tcp6(Tcp6 { ends, .. }) => both(Address::Tcp, six(&ends)?),
            Ends::Udp6(Udp6 { ends, .. }) => both(Address::Udp, six(&ends)?),
            Ends::UnixStream(UnixStream { ends, .. })
            | Ends::UnixDatagram(UnixDatagram { ends, .. }) => {
                both(Address::Unix, (named(ends.source), named(ends.target)))
            }
        },
    };
    Ok(Some(Client { peer, local }))
}

fn tcp<A: Into<IpAddr>>(
    address: Result<A, std::net::AddrParseError>,
    port: u16,
) -> io::Result<Address> {
    Ok(Address::Tcp(SocketAddr::new(address.map_err(refused)?.into(), port)))
}

fn both<A>(address: fn(A) -> Address, (source, target): (A, A)) -> (Address, Address) {
    (address(source), address(target))
}

fn four(ends: &Ends4) -> (SocketAddr, SocketAddr) {
    let address = |bits: u32, port| SocketAddr::from((Ipv4Addr::from_bits(bits), port));
    (address(ends.source, ends.source_port), address(ends.target, ends.target_port))
}

fn six(ends: &Ends6<'_>) -> io::Result<(SocketAddr, SocketAddr)> {
    let address = |bytes: &[u8], port| {
        let bytes: [u8; 16] = bytes.try_into().map_err(refused)?;
        io::Result::Ok(SocketAddr::from((Ipv6Addr::from(bytes), port)))
    };
    Ok((address(ends.source, ends.source_port)?, address(ends.target, ends.target_port)?))
}

/// A name up to the first zero.
fn named(name: &[u8]) -> Option<PathBuf> {
    let name = name.split(|byte| *byte == 0).next().filter(|name| !name.is_empty());
    name.map(|name| PathBuf::from(OsStr::from_bytes(name)))
}

/// Writes a header of version 1, which can tell of TCP only.
fn write_text(client: Option<&Client>, out: &mut Vec<u8>) -> io::Result<()> {
    let ends = client.map(|Client { peer, local }| (peer, local));
    let (source, target) = match ends {
        Some((Address::Tcp(source), Address::Tcp(target))) => (*source, *target),
        _ => return put(Text { line: Unknown::new(b"").into() }, out),
    };
    let (source_port, target_port) = (source.port(), target.port());
    match (source.ip(), target.ip()) {
        (IpAddr::V4(source), IpAddr::V4(target)) => {
            let (source, target) = (source.to_string(), target.to_string());
            let line = Line4 { source: &source, target: &target, source_port, target_port };
            put(Text { line: line.into() }, out)
        }
        (source, target) => {
            let (source, target) = (wide(source).to_string(), wide(target).to_string());
            let line = Line6 { source: &source, target: &target, source_port, target_port };
            put(Text { line: line.into() }, out)
        }
    }
}

/// Writes a header of version 2.
fn write_bytes(client: Option<&Client>, out: &mut Vec<u8>) -> io::Result<()> {
    let more = (&[]).into();
    let Some(Client { peer, local }) = client else {
        return put(Local { family: 0, ignored: b"" }, out);
    };
    let (source, target) = match (peer, local) {
        (Address::Unix(source), Address::Unix(target)) => {
            let (source, target) = (padded(source.as_deref())?, padded(target.as_deref())?);
            let ends = EndsUnix { source: &source, target: &target };
            return put(Proxied { ends: UnixStream { ends, more }.into() }, out);
        }
        (Address::Tcp(source), Address::Tcp(target))
        | (Address::Udp(source), Address::Udp(target)) => (*source, *target),
        _ => return put(Proxied { ends: Unspecified { ignored: b"" }.into() }, out),
    };
    let is_tcp = matches!(peer, Address::Tcp(_));
    let (source_port, target_port) = (source.port(), target.port());
    if let (IpAddr::V4(source), IpAddr::V4(target)) = (source.ip(), target.ip()) {
        let (source, target) = (source.to_bits(), target.to_bits());
        let ends = Ends4 { source, target, source_port, target_port };
        let ends = if is_tcp { Tcp4 { ends, more }.into() } else { Udp4 { ends, more }.into() };
        return put(Proxied { ends }, out);
    }
    let (source, target) = (wide(source.ip()).octets(), wide(target.ip()).octets());
    let ends = Ends6 { source: &source, target: &target, source_port, target_port };
    let ends = if is_tcp { Tcp6 { ends, more }.into() } else { Udp6 { ends, more }.into() };
    put(Proxied { ends }, out)
}

fn put<'h>(header: impl Into<Header<'h>>, out: &mut Vec<u8>) -> io::Result<()> {
    let header: Header<'_> = header.into();
    header.encode(out).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

/// The address of version 6 that means the same.
fn wide(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

/// A name with the zeros that fill its field.
fn padded(name: Option<&Path>) -> io::Result<[u8; NAME_BYTES]> {
    let name = name.map(|name| name.as_os_str().as_bytes()).unwrap_or_default();
    let mut padded = [0; NAME_BYTES];
    match padded.get_mut(..name.len()) {
        Some(room) => room.copy_from_slice(name),
        None => {
            let reason = format!("a name of {} bytes, of {NAME_BYTES} at most", name.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
    }
    Ok(padded)
}
