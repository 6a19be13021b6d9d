//! The sessions that go on.

use core::fmt;
use core::task::Waker;
use core::time::Duration;
use std::collections::BTreeMap;
use std::string::String;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::vec::Vec;

use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::counted::{Counted, Gate, Meter};
use super::session::{Ending, Session};
use crate::find::wide;
use crate::net::stream::Ends;
use crate::net::{Address, Stream};

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
    /// What has ended, or was never begun.
    past: Totals,
}

/// What has happened in a server since it began, at one moment: counters for whatever shows them.
///
/// All of `begun` are either `live` or ended in one of three ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Streams that were accepted and had a place, those whose layers have failed among them.
    pub begun: u64,
    /// Sessions that go on.
    pub live: u64,
    /// Sessions that ended well.
    pub well: u64,
    /// Sessions that ended with an error, or whose layers have failed.
    pub failed: u64,
    /// Sessions that were cut off, or panicked.
    pub cut_off: u64,
    /// Peers for whom there was no place, of those who were told so.
    pub refused: u64,
    /// How often the system had no stream to give.
    pub not_accepted: u64,
    /// Bytes that all sessions have read.
    pub received: u64,
    /// Bytes that they have written.
    pub sent: u64,
}

impl Totals {
    fn moved(&mut self, (received, sent): (u64, u64)) {
        self.received = self.received.saturating_add(received);
        self.sent = self.sent.saturating_add(sent);
    }
}

struct One {
    facts: Arc<Facts>,
    task: Option<AbortHandle>,
}

impl One {
    fn facts(&self) -> Arc<Facts> {
        Arc::clone(&self.facts)
    }
}

/// What is known of a session.
pub(super) struct Facts {
    pub(super) id: u64,
    pub(super) ends: Mutex<Ends>,
    since: Instant,
    pub(super) meter: Meter,
    pub(super) state: Mutex<String>,
    pub(super) ending: Mutex<Ending>,
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
    /// The session is to end.
    fn end(&self) {
        let waiting = whole(&self.ending).end();
        waiting.into_iter().for_each(Waker::wake);
    }

    fn counts(&self) -> Counts {
        let (local, peer) = (**whole(&self.ends)).clone();
        let (received, sent) = self.meter.bytes();
        Counts {
            id: self.id,
            local,
            peer,
            age: self.since.elapsed(),
            received,
            sent,
            state: whole(&self.state).clone(),
        }
    }
}

/// What a thread that panicked has left is whole: each change is one step.
pub(super) fn whole<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Table {
    pub(super) fn new() -> (Table, watch::Receiver<Option<Stop>>) {
        let (stop, stopping) = watch::channel(None);
        (Table { stop, sessions: Mutex::default() }, stopping)
    }

    /// A session begins.
    pub(super) fn enter(self: &Arc<Table>, ends: &Ends) -> Entry {
        let mut sessions = whole(&self.sessions);
        sessions.begun = sessions.begun.saturating_add(1);
        let facts = Arc::new(Facts {
            id: sessions.begun,
            ends: Mutex::new(Arc::clone(ends)),
            since: Instant::now(),
            meter: Meter::default(),
            state: Mutex::default(),
            // Who comes while it is told to stop is told so, too.
            ending: Mutex::new(Ending::new(self.stop.borrow().is_some())),
        });
        sessions.live.insert(facts.id, One { facts: Arc::clone(&facts), task: None });
        Entry { table: Arc::clone(self), facts, how: How::CutOff }
    }

    /// There was no place for a peer.
    pub(super) fn refused(&self) {
        let past = &mut whole(&self.sessions).past;
        past.refused = past.refused.saturating_add(1);
    }

    /// The system had no stream to give.
    pub(super) fn not_accepted(&self) {
        let past = &mut whole(&self.sessions).past;
        past.not_accepted = past.not_accepted.saturating_add(1);
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
    how: How,
}

/// How a session has ended, when its place is given up.
#[derive(Clone, Copy)]
pub(super) enum How {
    Well,
    Failed,
    CutOff,
}

impl Entry {
    pub(super) fn id(&self) -> u64 {
        self.facts.id
    }

    pub(super) fn counts(&self) -> Counts {
        self.facts.counts()
    }

    pub(super) fn session(&self) -> Session {
        Session::of(&self.facts)
    }

    /// The stream, with its bytes counted. Its layers may have told who the peer is.
    pub(super) fn begun(&self, mut stream: Stream) -> Stream {
        *whole(&self.facts.ends) = Arc::clone(stream.ends());
        let inner = stream.taken();
        stream.over(Counted::new(inner, Arc::clone(&self.facts)))
    }

    pub(super) fn ended(&mut self, how: How) {
        self.how = how;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // Who waits beside the session for it to end need not do so any longer.
        self.facts.end();
        let mut sessions = whole(&self.table.sessions);
        sessions.live.remove(&self.facts.id);
        let past = &mut sessions.past;
        past.moved(self.facts.meter.bytes());
        let ended = match self.how {
            How::Well => &mut past.well,
            How::Failed => &mut past.failed,
            How::CutOff => &mut past.cut_off,
        };
        *ended = ended.saturating_add(1);
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

    /// What has happened since the server began.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let sessions = whole(&self.table.sessions);
        let live = wide(sessions.live.len());
        let mut totals = Totals { begun: sessions.begun, live, ..sessions.past };
        for one in sessions.live.values() {
            totals.moved(one.facts.meter.bytes());
        }
        totals
    }

    /// Reads nothing more from the peer of a session until [`resume`](Live::resume); whether it was
    /// there. What was received before is still told, and then the peer has to wait. The time
    /// limits of the protocol and of the stream go on.
    pub fn pause(&self, id: u64) -> bool {
        self.gate(id, Gate::shut)
    }

    /// Reads from the peer of a session again; whether it was there.
    pub fn resume(&self, id: u64) -> bool {
        self.gate(id, Gate::open)
    }

    fn gate(&self, id: u64, turn: impl FnOnce(&Gate)) -> bool {
        let facts = whole(&self.table.sessions).live.get(&id).map(One::facts);
        facts.inspect(|facts| turn(facts.meter.gate())).is_some()
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
        let live: Vec<_> = whole(&self.table.sessions).live.values().map(One::facts).collect();
        live.iter().for_each(|facts| facts.end());
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Live").field(&self.sessions()).finish()
    }
}
