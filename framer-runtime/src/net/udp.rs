//! Streams over UDP: one for each peer.

mod session;
mod table;

use core::time::Duration;
use std::boxed::Box;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::UdpSocket;
use url::Url;

use self::table::Table;
use super::tcp::{addresses, no_address};
use super::{Listener, Options, Pending, Stream, Transport};

/// The longest datagram, in bytes.
const DATAGRAM_BYTES: usize = 65_507;

/// Streams over UDP, one for each peer: `udp://host:port`.
///
/// What is written at once is one datagram, and what is read is one after the other. More than
/// 65,507 bytes at once are refused with [`io::ErrorKind::InvalidInput`], and never torn: where one
/// part was lost, the others would be read as what they are not. A connection writes all that waits
/// to be sent, so that several frames share a datagram; flushed behind each, every frame has its
/// own. Datagrams may be lost, come twice, or in another order, and nothing here mends that: so it
/// is for protocols whose frames stand for themselves.
///
/// | option | | without it |
/// |---|---|---|
/// | `sessions=1024` | peers that a listener knows at once; datagrams of others are dropped | 1024 |
/// | `idle=60` | seconds without a datagram of a peer, after which its stream ends; of a stream that was opened, without one either way | 60 |
/// | `new_idle=10` | the same until the second datagram of a peer, at a listener | 10 |
/// | `waiting_bytes=65536` | bytes of a peer that wait to be read, in 64 datagrams at most; further datagrams are dropped | 65,536 |
///
/// Anyone can write another's address on a datagram: a listener has streams of peers that are not
/// there, until they have been silent for `new_idle`, and what is said to them goes to whoever has
/// that address. A protocol for strangers lets a peer say something that only it can know before it
/// is told much.
#[derive(Clone, Copy, Debug, Default)]
pub struct Udp;

impl Transport for Udp {
    fn connect<'a>(&'a self, url: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async move {
            let settings = Settings::of(url)?;
            let peer = addresses(url).await?.into_iter().next().ok_or_else(|| no_address(url))?;
            let any: SocketAddr = match peer {
                SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
                SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
            };
            let socket = UdpSocket::bind(any).await?;
            // The system then drops what others send.
            socket.connect(peer).await?;
            Table::connected(Arc::new(socket), peer, settings)
        })
    }

    fn listen<'a>(&'a self, url: &'a Url) -> Pending<'a, Box<dyn Listener>> {
        Box::pin(async move {
            let settings = Settings::of(url)?;
            let mut failed = None;
            for address in addresses(url).await? {
                match UdpSocket::bind(address).await {
                    Ok(socket) => return Table::listening(Arc::new(socket), settings),
                    Err(error) => failed = Some(error),
                }
            }
            Err(failed.unwrap_or_else(|| no_address(url)))
        })
    }
}

/// What the options of a URL come to.
#[derive(Clone, Copy, Debug)]
struct Settings {
    sessions: usize,
    idle: Duration,
    new_idle: Duration,
    waiting_bytes: usize,
}

impl Settings {
    fn of(url: &Url) -> io::Result<Settings> {
        let mut options = Options::of(url)?;
        let settings = Settings {
            sessions: options.take("sessions")?.unwrap_or(1024),
            idle: Duration::from_secs(options.take("idle")?.unwrap_or(60)),
            new_idle: Duration::from_secs(options.take("new_idle")?.unwrap_or(10)),
            waiting_bytes: options.take("waiting_bytes")?.unwrap_or(64 * 1024),
        };
        options.none_left()?;
        Ok(settings)
    }
}
