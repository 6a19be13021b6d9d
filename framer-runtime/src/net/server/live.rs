//! The sessions that go on.

use core::fmt;
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::vec::Vec;

use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::Stopped;
use super::facts::{Counts, Facts, How, whole};
use crate::find::wide;
use crate::net::stream::Ends;

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
    /// The last session has ended.
    none: Notify,
}

#[derive(Default)]
struct Sessions {
    /// How many there have been.
    begun: u64,
    live: BTreeMap<u64, Arc<Facts>>,
    /// What has ended, or was never begun.
    past: Totals,
    /// The same when the server was told to stop.
    before: Option<Totals>,
    /// Whether whatever is left is cut off.
    over: bool,
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

impl Table {
    pub(super) fn new() -> (Table, watch::Receiver<Option<Stop>>) {
        let (stop, stopping) = watch::channel(None);
        (Table { stop, sessions: Mutex::default(), none: Notify::new() }, stopping)
    }

    /// A session begins.
    pub(super) fn enter(&self, ends: &Ends) -> Arc<Facts> {
        let mut sessions = whole(&self.sessions);
        sessions.begun = sessions.begun.saturating_add(1);
        // Who comes while it is told to stop is told so, too.
        let stopping = self.stop.borrow().is_some();
        let facts = Arc::new(Facts::new(sessions.begun, ends, stopping));
        sessions.live.insert(facts.id, Arc::clone(&facts));
        facts
    }

    /// A session has ended.
    pub(super) fn leave(&self, facts: &Facts) {
        let mut sessions = whole(&self.sessions);
        sessions.live.remove(&facts.id);
        let past = &mut sessions.past;
        past.moved(facts.bytes());
        let ended = match facts.how() {
            How::Well => &mut past.well,
            How::Failed => &mut past.failed,
            How::CutOff => &mut past.cut_off,
        };
        *ended = ended.saturating_add(1);
        if sessions.live.is_empty() {
            self.none.notify_one();
        }
        drop(sessions);
        facts.over();
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
    pub(super) fn abortable(&self, facts: &Facts, task: AbortHandle) {
        let sessions = whole(&self.sessions);
        if sessions.over {
            task.abort();
        } else if sessions.live.contains_key(&facts.id) {
            facts.set_task(task);
        }
    }

    /// Cuts off all that go on, and whatever begins yet.
    fn cut_off(&self) {
        let mut sessions = whole(&self.sessions);
        sessions.over = true;
        let live: Vec<_> = sessions.live.values().map(Arc::clone).collect();
        // What ends leaves the table.
        drop(sessions);
        for facts in live {
            facts.abort();
        }
    }

    /// Waits until the sessions have ended, as long as `stop` allows. Nothing more is accepted.
    pub(super) async fn stopped(&self, stop: &mut watch::Receiver<Option<Stop>>) -> Stopped {
        while !whole(&self.sessions).live.is_empty() {
            let Stop { deadline } = *stop.borrow_and_update().as_ref().unwrap_or(&Stop::now());
            tokio::select! {
                () = self.none.notified() => {}
                // The later word counts.
                Ok(()) = stop.changed() => {}
                () = sleep_until(deadline), if !whole(&self.sessions).over => self.cut_off(),
            }
        }
        let sessions = whole(&self.sessions);
        let (before, past) = (sessions.before.unwrap_or(sessions.past), sessions.past);
        let finished = |totals: Totals| totals.well.saturating_add(totals.failed);
        Stopped {
            finished: narrow(finished(past).saturating_sub(finished(before))),
            cut_off: narrow(past.cut_off.saturating_sub(before.cut_off)),
        }
    }
}

/// When it is dropped, all sessions are cut off.
pub(super) struct CutOff(pub(super) Arc<Table>);

impl Drop for CutOff {
    fn drop(&mut self) {
        self.0.cut_off();
    }
}

/// As many as there have been tasks at once.
fn narrow(sessions: u64) -> usize {
    usize::try_from(sessions).unwrap_or(usize::MAX)
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
        whole(&self.table.sessions).live.values().map(|facts| facts.counts()).collect()
    }

    /// What has happened since the server began.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let sessions = whole(&self.table.sessions);
        let live = wide(sessions.live.len());
        let mut totals = Totals { begun: sessions.begun, live, ..sessions.past };
        for facts in sessions.live.values() {
            totals.moved(facts.bytes());
        }
        totals
    }

    /// Reads nothing more from the peer of a session until [`resume`](Live::resume); whether it was
    /// there. What was received before is still told, and then the peer has to wait. The time
    /// limits of the protocol and of the stream go on.
    pub fn pause(&self, id: u64) -> bool {
        self.find(id).inspect(|facts| facts.shut()).is_some()
    }

    /// Reads from the peer of a session again; whether it was there.
    pub fn resume(&self, id: u64) -> bool {
        self.find(id).inspect(|facts| facts.open()).is_some()
    }

    /// Cuts a session off, without a word to its peer; whether it was there.
    pub fn abort(&self, id: u64) -> bool {
        self.find(id).is_some_and(|facts| facts.abort())
    }

    fn find(&self, id: u64) -> Option<Arc<Facts>> {
        whole(&self.table.sessions).live.get(&id).map(Arc::clone)
    }

    /// Accepts nothing more, and tells the sessions to end. Those that go on after `grace` are cut
    /// off. Told again, the later word counts.
    pub fn stop(&self, grace: Duration) {
        let mut sessions = whole(&self.table.sessions);
        sessions.before = sessions.before.or(Some(sessions.past));
        // Who enters behind this sees that it is told to stop.
        self.table.stop.send_replace(Some(Stop::within(grace)));
        let live: Vec<_> = sessions.live.values().map(Arc::clone).collect();
        drop(sessions);
        live.iter().for_each(|facts| facts.end());
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Live").field(&self.sessions()).finish()
    }
}
