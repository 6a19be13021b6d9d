//! The sessions that go on.

use core::fmt;
use core::pin::Pin;
use core::sync::atomic::{AtomicU64, Ordering};
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::boxed::Box;
use std::collections::BTreeMap;
use std::io::{self, IoSlice};
use std::string::String;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::vec::Vec;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::net::{Address, Duplex, Stream};

/// When sessions are to have ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    pub(super) deadline: Instant,
}

/// Longer than anything is waited for.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

impl Stop {
    fn within(grace: Duration) -> Stop {
        Stop { deadline: Instant::now() + grace.min(FOR_EVER) }
    }

    pub(super) fn now() -> Stop {
        Stop::within(Duration::ZERO)
    }
}

/// All sessions of a server.
pub(super) struct Table {
    stop: watch::Sender<Option<Stop>>,
    sessions: Mutex<Sessions>,
}

#[derive(Default)]
struct Sessions {
    /// How many there have been.
    begun: u64,
    live: BTreeMap<u64, One>,
    /// What those had received and sent that have ended.
    received: u64,
    sent: u64,
}

struct One {
    facts: Arc<Facts>,
    task: Option<AbortHandle>,
}

/// What is known of a session.
struct Facts {
    id: u64,
    /// This end, and the peer's.
    ends: Mutex<(Address, Address)>,
    since: Instant,
    received: AtomicU64,
    sent: AtomicU64,
    state: Mutex<String>,
}

/// What is known of a session, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Which session of the server it is, from 1.
    pub id: u64,
    /// The server's end.
    pub local: Address,
    /// The peer's.
    pub peer: Address,
    /// How long it has gone on, its layers included.
    pub age: Duration,
    /// Bytes that the session has read.
    pub received: u64,
    /// Bytes that it has written.
    pub sent: u64,
    /// What it said of itself last; see [`Session::set_state`].
    pub state: String,
}

impl Facts {
    fn counts(&self) -> Counts {
        let (local, peer) = whole(&self.ends).clone();
        Counts {
            id: self.id,
            local,
            peer,
            age: self.since.elapsed(),
            received: self.received.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
            state: whole(&self.state).clone(),
        }
    }
}

/// What a thread that panicked has left is whole: each change is one step.
fn whole<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Table {
    pub(super) fn new() -> (Table, watch::Receiver<Option<Stop>>) {
        let (stop, stopping) = watch::channel(None);
        (Table { stop, sessions: Mutex::default() }, stopping)
    }

    /// A session begins.
    pub(super) fn enter(self: &Arc<Table>, local: &Address, peer: &Address) -> Entry {
        let mut sessions = whole(&self.sessions);
        sessions.begun = sessions.begun.saturating_add(1);
        let facts = Arc::new(Facts {
            id: sessions.begun,
            ends: Mutex::new((local.clone(), peer.clone())),
            since: Instant::now(),
            received: AtomicU64::default(),
            sent: AtomicU64::default(),
            state: Mutex::default(),
        });
        sessions.live.insert(facts.id, One { facts: Arc::clone(&facts), task: None });
        Entry { table: Arc::clone(self), facts }
    }

    /// A session can be cut off by this.
    pub(super) fn abortable(&self, id: u64, task: AbortHandle) {
        // One that is over already is not there any more.
        if let Some(one) = whole(&self.sessions).live.get_mut(&id) {
            one.task = Some(task);
        }
    }
}

/// The place of a session in the table, until it is dropped.
pub(super) struct Entry {
    table: Arc<Table>,
    facts: Arc<Facts>,
}

impl Entry {
    pub(super) fn id(&self) -> u64 {
        self.facts.id
    }

    pub(super) fn counts(&self) -> Counts {
        self.facts.counts()
    }

    pub(super) fn session(&self) -> Session {
        Session { facts: Arc::clone(&self.facts), stop: self.table.stop.subscribe() }
    }

    /// The stream, with its bytes counted. Its layers may have told who the peer is.
    pub(super) fn begun(&self, mut stream: Stream) -> Stream {
        *whole(&self.facts.ends) = (stream.local().clone(), stream.peer().clone());
        let facts = Arc::clone(&self.facts);
        let inner = stream.taken();
        stream.over(Counted { inner, facts })
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut sessions = whole(&self.table.sessions);
        sessions.live.remove(&self.facts.id);
        let counts = self.facts.counts();
        sessions.received = sessions.received.saturating_add(counts.received);
        sessions.sent = sessions.sent.saturating_add(counts.sent);
    }
}

/// What a session knows of itself, and of the server.
#[derive(Clone)]
pub struct Session {
    facts: Arc<Facts>,
    stop: watch::Receiver<Option<Stop>>,
}

impl Session {
    /// Which session of the server it is, from 1.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.facts.id
    }

    /// What [`Live::sessions`] shows of it beside what it counts: the state of its protocol, for
    /// example.
    pub fn set_state(&self, state: &str) {
        let mut shown = whole(&self.facts.state);
        shown.clear();
        shown.push_str(state);
    }

    /// Whether the server is to stop: then a session ends as soon as it can.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stop.borrow().is_some()
    }

    /// Waits until the server is to stop.
    pub async fn stopping(&mut self) {
        // Without a table, nobody could tell that it is not.
        let _ = self.stop.wait_for(Option::is_some).await;
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Session({}, {})", self.facts.id, whole(&self.facts.ends).1)
    }
}

/// What goes on in a server, and how to stop it. A clone shows the same.
#[derive(Clone)]
pub struct Live {
    table: Arc<Table>,
}

impl Live {
    pub(super) fn new(table: &Arc<Table>) -> Live {
        Live { table: Arc::clone(table) }
    }

    /// The sessions that go on, in the order in which they began.
    #[must_use]
    pub fn sessions(&self) -> Vec<Counts> {
        whole(&self.table.sessions).live.values().map(|one| one.facts.counts()).collect()
    }

    /// How many sessions have begun.
    #[must_use]
    pub fn begun(&self) -> u64 {
        whole(&self.table.sessions).begun
    }

    /// How many bytes all sessions have received and sent, those that have ended too.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        let sessions = whole(&self.table.sessions);
        let all = sessions.live.values().map(|one| one.facts.counts());
        all.fold((sessions.received, sessions.sent), |(received, sent), one| {
            (received.saturating_add(one.received), sent.saturating_add(one.sent))
        })
    }

    /// Cuts a session off, without a word to its peer; whether it was there.
    pub fn abort(&self, id: u64) -> bool {
        let task = whole(&self.table.sessions).live.get(&id).and_then(|one| one.task.clone());
        task.inspect(AbortHandle::abort).is_some()
    }

    /// Accepts nothing more, and tells the sessions to end. Those that go on after `grace` are cut
    /// off. Told again, the later word counts.
    pub fn stop(&self, grace: Duration) {
        self.table.stop.send_replace(Some(Stop::within(grace)));
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Live").field(&self.sessions()).finish()
    }
}

/// A stream whose bytes are counted.
struct Counted {
    inner: Box<dyn Duplex>,
    facts: Arc<Facts>,
}

impl Counted {
    fn wrote(&self, count: usize) {
        self.facts.sent.fetch_add(crate::find::wide(count), Ordering::Relaxed);
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        let count = buffer.filled().len().saturating_sub(before);
        self.facts.received.fetch_add(crate::find::wide(count), Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(context, bytes))?;
        self.wrote(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write_vectored(context, parts))?;
        self.wrote(written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
