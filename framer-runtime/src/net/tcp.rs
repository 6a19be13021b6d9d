//! Streams over TCP.

use core::time::Duration;
use std::boxed::Box;
use std::format;
use std::io;
use std::net::SocketAddr;
use std::vec::Vec;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};
use url::Url;

use super::{Address, Listener, Options, Pending, Stream, Transport, invalid};

/// Streams over TCP, IPv4 and IPv6: `tcp://host:port`. A name that has several addresses is tried
/// at each, and listened to at the first that can be had.
///
/// | option | | without it |
/// |---|---|---|
/// | `nodelay=true` | frames are sent at once, and not held back to go with others | `true`: they are written in batches already |
/// | `keepalive=60` | seconds of silence until the system asks whether the peer is there | it never asks |
/// | `send_buffer=65536`, `receive_buffer=65536` | bytes the system holds | the system's choice |
/// | `backlog=1024` | connections that wait to be accepted | 1024 |
/// | `only_v6=true` | `[::]` takes no connections of IPv4 | the system's choice |
#[derive(Clone, Copy, Debug, Default)]
pub struct Tcp;

impl Transport for Tcp {
    fn connect<'a>(&'a self, url: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async move {
            let settings = Settings::of(url)?;
            let mut failed = None;
            for address in addresses(url).await? {
                let opened = async { settings.socket(address)?.connect(address).await };
                match opened.await {
                    Ok(stream) => return settings.stream(stream, address),
                    Err(error) => failed = Some(error),
                }
            }
            Err(failed.unwrap_or_else(|| no_address(url)))
        })
    }

    fn listen<'a>(&'a self, url: &'a Url) -> Pending<'a, Box<dyn Listener>> {
        Box::pin(async move {
            let settings = Settings::of(url)?;
            let mut failed = None;
            for address in addresses(url).await? {
                match settings.listen(address) {
                    Ok(listener) => {
                        let local = Address::Tcp(listener.local_addr()?);
                        return Ok(
                            Box::new(Open { listener, local, settings }) as Box<dyn Listener>
                        );
                    }
                    Err(error) => failed = Some(error),
                }
            }
            Err(failed.unwrap_or_else(|| no_address(url)))
        })
    }
}

struct Open {
    listener: TcpListener,
    local: Address,
    settings: Settings,
}

impl Listener for Open {
    fn accept(&mut self) -> Pending<'_, Stream> {
        Box::pin(async {
            loop {
                let (stream, peer) = match self.listener.accept().await {
                    Ok(accepted) => accepted,
                    // The peer did not wait for it.
                    Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                    Err(error) => return Err(error),
                };
                // Whoever is gone already has a stream no more: that is no trouble of the
                // listener's.
                if let Ok(stream) = self.settings.stream(stream, peer) {
                    return Ok(stream);
                }
            }
        })
    }

    fn local(&self) -> Address {
        self.local.clone()
    }
}

/// What the options of a URL come to.
#[derive(Clone, Copy, Debug)]
struct Settings {
    nodelay: bool,
    keepalive: Option<Duration>,
    send_buffer: Option<u32>,
    receive_buffer: Option<u32>,
    backlog: u32,
    only_v6: Option<bool>,
}

impl Settings {
    fn of(url: &Url) -> io::Result<Settings> {
        let mut options = Options::of(url)?;
        let settings = Settings {
            nodelay: options.take("nodelay")?.unwrap_or(true),
            keepalive: options.take("keepalive")?.map(Duration::from_secs),
            send_buffer: options.take("send_buffer")?,
            receive_buffer: options.take("receive_buffer")?,
            backlog: options.take("backlog")?.unwrap_or(1024),
            only_v6: options.take("only_v6")?,
        };
        options.none_left()?;
        Ok(settings)
    }

    /// A socket for one side of a stream. How much it holds must be said before it is open.
    fn socket(&self, address: SocketAddr) -> io::Result<TcpSocket> {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        if let Some(bytes) = self.send_buffer {
            socket.set_send_buffer_size(bytes)?;
        }
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        Ok(socket)
    }

    fn keep_alive(&self, socket: &SockRef<'_>) -> io::Result<()> {
        match self.keepalive {
            Some(silence) => socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(silence)),
            None => Ok(()),
        }
    }

    fn listen(&self, address: SocketAddr) -> io::Result<TcpListener> {
        let socket = self.socket(address)?;
        // What the system does not take is told now, and not of each stream.
        self.keep_alive(&SockRef::from(&socket))?;
        // A server that was restarted need not wait for what is left of old connections.
        #[cfg(not(windows))]
        socket.set_reuseaddr(true)?;
        if let (Some(only), SocketAddr::V6(_)) = (self.only_v6, address) {
            SockRef::from(&socket).set_only_v6(only)?;
        }
        socket.bind(address)?;
        socket.listen(self.backlog)
    }

    /// What may be said of a stream that is open.
    fn set(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(self.nodelay)?;
        self.keep_alive(&SockRef::from(stream))
    }

    fn stream(&self, stream: TcpStream, peer: SocketAddr) -> io::Result<Stream> {
        self.set(&stream)?;
        let local = stream.local_addr()?;
        Ok(Stream::new(stream, Address::Tcp(local), Address::Tcp(peer)))
    }
}

/// The addresses of the host in `url`.
pub(super) async fn addresses(url: &Url) -> io::Result<Vec<SocketAddr>> {
    let host = url.host_str().filter(|host| !host.is_empty());
    let (Some(host), Some(port)) = (host, url.port_or_known_default()) else {
        return Err(invalid(format!("`{url}`: a host and a port are needed")));
    };
    if !matches!(url.path(), "" | "/") || !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(format!(
            "`{url}`: nothing but a host, a port and options is known here"
        )));
    }
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok(lookup_host((host, port)).await?.collect())
}

pub(super) fn no_address(url: &Url) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("`{url}`: the host has no address"))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    fn settings(query: &str) -> Settings {
        let url = Url::parse(&format!("tcp://[::1]:0?{query}")).expect("a URL");
        Settings::of(&url).expect("they are known")
    }

    /// What the system says of a socket, of both ends of a stream as much as of a listener.
    #[tokio::test]
    async fn options_are_what_the_socket_says() {
        let any: SocketAddr = (Ipv6Addr::UNSPECIFIED, 0).into();
        for only in [true, false] {
            let of_listener = settings(&format!("only_v6={only}"));
            let listener = of_listener.listen(any).expect("it listens");
            assert_eq!(SockRef::from(&listener).only_v6().expect("it says so"), only);
        }
        let local: SocketAddr = (Ipv6Addr::LOCALHOST, 0).into();
        let listener = settings("receive_buffer=70000&send_buffer=50000&backlog=1");
        let listener = listener.listen(local).expect("it listens");
        let address = listener.local_addr().expect("it has one");
        for (query, nodelay, keepalive) in
            [("", true, None), ("nodelay=false&keepalive=77", false, Some(77))]
        {
            let query = format!("receive_buffer=60000&send_buffer=40000&{query}");
            let settings = settings(&query);
            let opened = settings.socket(address).expect("a socket").connect(address).await;
            let opened = opened.expect("it opens");
            let (accepted, _) = listener.accept().await.expect("it is there");
            for (stream, received, sent) in [(&opened, 60_000, 40_000), (&accepted, 70_000, 50_000)]
            {
                settings.set(stream).expect("they can be had");
                let socket = SockRef::from(stream);
                assert_eq!(stream.nodelay().expect("it says so"), nodelay);
                assert_eq!(socket.keepalive().expect("it says so"), keepalive.is_some());
                if let Some(seconds) = keepalive {
                    let time = socket.tcp_keepalive_time().expect("it says so");
                    assert_eq!(time, Duration::from_secs(seconds));
                }
                // Linux says twice as much: what it needs itself is in it.
                let sizes = (socket.recv_buffer_size(), socket.send_buffer_size());
                let sizes = (sizes.0.expect("it says so"), sizes.1.expect("it says so"));
                let both = [(received, sent), (2 * received, 2 * sent)];
                assert!(both.contains(&sizes), "{sizes:?}");
            }
        }
    }
}
