//! The stream of one peer.

use core::pin::Pin;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use core::task::{Context, Poll, ready};
use std::boxed::Box;
use std::format;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::vec::Vec;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::DATAGRAM_BYTES;
use crate::net::invalid;

/// When the last datagram of a peer came. What is sent to it counts only where the program chose
/// it: nobody need be there to take it.
#[derive(Clone, Debug)]
pub(super) struct Activity {
    began: Instant,
    millis: Arc<AtomicU64>,
}

impl Activity {
    pub(super) fn new() -> Activity {
        Activity { began: Instant::now(), millis: Arc::default() }
    }

    pub(super) fn now(&self) {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.millis.store(millis, Ordering::Relaxed);
    }

    /// For how long none came, in milliseconds.
    pub(super) fn silent_millis(&self) -> u128 {
        self.began.elapsed().as_millis().saturating_sub(self.millis.load(Ordering::Relaxed).into())
    }
}

/// The peer of a session, and which of its sessions it is.
pub(super) type Key = (SocketAddr, u64);

/// The stream of one peer.
pub(super) struct Session {
    pub(super) key: Key,
    pub(super) socket: Arc<UdpSocket>,
    /// The socket knows no other peer.
    pub(super) connected: bool,
    pub(super) incoming: mpsc::Receiver<io::Result<Vec<u8>>>,
    /// How many bytes wait in it.
    pub(super) waiting: Arc<AtomicUsize>,
    pub(super) ended: mpsc::UnboundedSender<Key>,
    pub(super) activity: Activity,
    /// What is not read yet of the last datagram.
    pub(super) unread: Vec<u8>,
    /// Waits until the system has room for another datagram.
    pub(super) writable: Option<Writable>,
}

type Writable = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

impl Session {
    fn send(&self, datagram: &[u8]) -> io::Result<usize> {
        match self.connected {
            true => self.socket.try_send(datagram),
            false => self.socket.try_send_to(datagram, self.key.0),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Where nobody is told, there is no table to be told of.
        let _ = self.ended.send(self.key);
    }
}

impl AsyncRead for Session {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.unread.is_empty() {
            match ready!(self.incoming.poll_recv(context)) {
                // One without a byte says nothing, and is not the end.
                Some(datagram) => {
                    self.unread = datagram?;
                    self.waiting.fetch_sub(self.unread.len(), Ordering::Relaxed);
                }
                None => return Poll::Ready(Ok(())),
            }
        }
        let count = self.unread.len().min(buffer.remaining());
        let rest = self.unread.split_off(count);
        buffer.put_slice(&self.unread);
        self.unread = rest;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Session {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.len() > DATAGRAM_BYTES {
            let len = bytes.len();
            let reason = format!("a datagram of {len} bytes, of {DATAGRAM_BYTES} at most");
            return Poll::Ready(Err(invalid(reason)));
        }
        loop {
            if let Some(writable) = &mut self.writable {
                ready!(writable.as_mut().poll(context))?;
                self.writable = None;
            }
            match self.send(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let socket = Arc::clone(&self.socket);
                    self.writable = Some(Box::pin(async move { socket.writable().await }));
                }
                sent => {
                    if self.connected {
                        self.activity.now();
                    }
                    return Poll::Ready(sent);
                }
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Nothing tells the peer: its own stream ends when nothing has come for long enough.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
