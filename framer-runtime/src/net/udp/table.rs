//! The peers of one socket.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::boxed::Box;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::vec;
use std::vec::Vec;

use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::Settings;
use super::session::{Activity, Key, Session};
use crate::net::{Address, Listener, Pending, Stream};

/// How many streams of new peers wait to be accepted. Datagrams of further ones are dropped.
const BACKLOG: usize = 64;

/// How many datagrams of a peer wait to be read.
const WAITING: usize = 64;

/// The longest time after which silence is noticed.
const TICK: Duration = Duration::from_secs(1);

/// How long to wait where the system says that the socket is broken.
const PAUSE: Duration = Duration::from_millis(50);

/// The peers of one socket, whose datagrams a task hands to their streams. It ends with the last
/// of them, and of those who wait for more.
pub(super) struct Table {
    socket: Arc<UdpSocket>,
    local: SocketAddr,
    /// The socket knows this peer only.
    connected: Option<SocketAddr>,
    settings: Settings,
    peers: BTreeMap<SocketAddr, Peer>,
    ended: mpsc::UnboundedSender<Key>,
    /// How many streams there have been.
    opened: u64,
}

struct Peer {
    id: u64,
    datagrams: mpsc::Sender<io::Result<Vec<u8>>>,
    activity: Activity,
    /// Whether more than one datagram came of it, or the program chose it: then it is likely to be
    /// there.
    is_known: bool,
    /// How many bytes wait to be read.
    waiting: Arc<AtomicUsize>,
}

impl Peer {
    /// How long it may be silent.
    fn patience(&self, settings: &Settings) -> Duration {
        if self.is_known { settings.idle } else { settings.idle.min(settings.new_idle) }
    }

    /// What is not read in time is lost, as it may be on the way.
    fn hand(&self, datagram: &[u8], max: usize) {
        let waiting = self.waiting.load(Ordering::Relaxed);
        if waiting > 0 && waiting.saturating_add(datagram.len()) > max {
            return;
        }
        // Before it can be read.
        self.waiting.fetch_add(datagram.len(), Ordering::Relaxed);
        if self.datagrams.try_send(Ok(datagram.to_vec())).is_err() {
            self.waiting.fetch_sub(datagram.len(), Ordering::Relaxed);
        }
    }
}

impl Table {
    /// The stream of the only peer of a socket.
    pub(super) fn connected(
        socket: Arc<UdpSocket>,
        peer: SocketAddr,
        settings: Settings,
    ) -> io::Result<Stream> {
        let (mut table, ended) = Table::new(socket, Some(peer), settings)?;
        let stream = table.open(peer);
        tokio::spawn(table.run(ended, None));
        Ok(stream)
    }

    /// Waits for peers.
    pub(super) fn listening(
        socket: Arc<UdpSocket>,
        settings: Settings,
    ) -> io::Result<Box<dyn Listener>> {
        let (table, ended) = Table::new(socket, None, settings)?;
        let local = table.local;
        let (accepted, incoming) = mpsc::channel(BACKLOG);
        tokio::spawn(table.run(ended, Some(accepted)));
        Ok(Box::new(Open { incoming, local }))
    }

    fn new(
        socket: Arc<UdpSocket>,
        connected: Option<SocketAddr>,
        settings: Settings,
    ) -> io::Result<(Table, mpsc::UnboundedReceiver<Key>)> {
        let local = socket.local_addr()?;
        let (ended, all_ended) = mpsc::unbounded_channel();
        let peers = BTreeMap::new();
        Ok((Table { socket, local, connected, settings, peers, ended, opened: 0 }, all_ended))
    }

    /// A stream of a peer that has none.
    fn open(&mut self, peer: SocketAddr) -> Stream {
        self.opened = self.opened.wrapping_add(1);
        let (datagrams, incoming) = mpsc::channel(WAITING);
        let (activity, waiting) = (Activity::new(), Arc::new(AtomicUsize::new(0)));
        let session = Session {
            key: (peer, self.opened),
            socket: Arc::clone(&self.socket),
            connected: self.connected.is_some(),
            incoming,
            waiting: Arc::clone(&waiting),
            ended: self.ended.clone(),
            activity: activity.clone(),
            unread: Vec::new(),
            writable: None,
        };
        let is_known = self.connected.is_some();
        let known = Peer { id: self.opened, datagrams, activity, is_known, waiting };
        self.peers.insert(peer, known);
        let ends = (Address::Udp(self.local), Address::Udp(peer));
        Stream::new(session, ends.0, ends.1)
    }

    async fn run(
        mut self,
        mut ended: mpsc::UnboundedReceiver<Key>,
        mut accepted: Option<mpsc::Sender<Stream>>,
    ) {
        let mut buffer = vec![0; usize::from(u16::MAX)];
        let settings = self.settings;
        let shortest = settings.idle.min(settings.new_idle);
        let mut tick = interval((shortest / 4).clamp(Duration::from_millis(1), TICK));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while accepted.is_some() || !self.peers.is_empty() {
            tokio::select! {
                received = self.socket.recv_from(&mut buffer) => match received {
                    Ok((len, peer)) => {
                        let datagram = buffer.get(..len).unwrap_or_default();
                        self.take(datagram, peer, accepted.as_ref());
                    }
                    Err(error) => self.broken(error).await,
                },
                Some((peer, id)) = ended.recv() => {
                    if self.peers.get(&peer).is_some_and(|known| known.id == id) {
                        self.peers.remove(&peer);
                    }
                }
                () = none_waits(accepted.as_ref()) => accepted = None,
                _ = tick.tick() => {
                    self.peers.retain(|_, known| {
                        known.activity.silent_millis() < known.patience(&settings).as_millis()
                    });
                }
            }
        }
    }

    /// Hands a datagram to the stream of its peer; one of a new peer opens a stream, where there is
    /// room for another.
    fn take(&mut self, datagram: &[u8], peer: SocketAddr, accepted: Option<&mpsc::Sender<Stream>>) {
        if let Some(known) = self.peers.get_mut(&peer) {
            known.is_known = true;
            known.activity.now();
            known.hand(datagram, self.settings.waiting_bytes);
            return;
        }
        let Some(accepted) = accepted else { return };
        if self.peers.len() >= self.settings.sessions {
            return;
        }
        let Ok(place) = accepted.try_reserve() else { return };
        let stream = self.open(peer);
        if let Some(known) = self.peers.get(&peer) {
            known.hand(datagram, self.settings.waiting_bytes);
        }
        place.send(stream);
    }

    /// The system says that nobody is there, or worse.
    async fn broken(&mut self, error: io::Error) {
        match self.connected.and_then(|peer| self.peers.remove(&peer)) {
            Some(peer) => {
                let _ = peer.datagrams.try_send(Err(error));
            }
            None => sleep(PAUSE).await,
        }
    }
}

/// Nobody waits for streams of new peers any more.
async fn none_waits(accepted: Option<&mpsc::Sender<Stream>>) {
    match accepted {
        Some(accepted) => accepted.closed().await,
        None => core::future::pending().await,
    }
}

struct Open {
    incoming: mpsc::Receiver<Stream>,
    local: SocketAddr,
}

impl Listener for Open {
    fn accept(&mut self) -> Pending<'_, Stream> {
        Box::pin(async {
            let stream = self.incoming.recv().await;
            stream.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))
        })
    }

    fn local(&self) -> Address {
        Address::Udp(self.local)
    }
}
