//! What a session knows of itself.

use core::fmt;
use core::future::poll_fn;
use core::mem::take;
use core::task::{Context, Poll, Waker};
use std::sync::Arc;
use std::vec::Vec;

use super::live::{Facts, whole};

/// Whether a session is to end, and who waits for that. A watch of tokio would do, but who waits
/// for it takes ten times as much.
pub(super) struct Ending {
    due: bool,
    /// How many have waited.
    count: u64,
    /// Each under the number of the [`Session`] that waits.
    waiting: Vec<(u64, Waker)>,
}

impl Ending {
    pub(super) const fn new(due: bool) -> Ending {
        Ending { due, count: 0, waiting: Vec::new() }
    }

    /// It is due; who is to be woken.
    pub(super) fn end(&mut self) -> impl Iterator<Item = Waker> + use<> {
        self.due = true;
        take(&mut self.waiting).into_iter().map(|(_, waker)| waker)
    }

    /// Whether it is due: otherwise the waker is kept under `place`, or a new one.
    fn poll_due(&mut self, place: &mut Option<u64>, context: &Context<'_>) -> Poll<()> {
        if self.due {
            return Poll::Ready(());
        }
        let place = *place.get_or_insert_with(|| {
            self.count = self.count.saturating_add(1);
            self.count
        });
        match self.waiting.iter_mut().find(|(other, _)| *other == place) {
            Some((_, waker)) => waker.clone_from(context.waker()),
            None => {
                // There is one as a rule.
                self.waiting.reserve_exact(1);
                self.waiting.push((place, context.waker().clone()));
            }
        }
        Poll::Pending
    }

    const fn is_due(&self) -> bool {
        self.due
    }

    fn forget(&mut self, place: u64) {
        self.waiting.retain(|(other, _)| *other != place);
    }
}

/// What a session knows of itself, and of the server.
pub struct Session {
    facts: Arc<Facts>,
    /// Where it waits for the end.
    place: Option<u64>,
}

impl Session {
    pub(super) fn of(facts: &Arc<Facts>) -> Session {
        Session { facts: Arc::clone(facts), place: None }
    }

    /// Which session of the server it is, from 1.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.facts.id
    }

    /// What [`Live::sessions`](super::Live::sessions) shows of it beside what it counts: the state
    /// of its protocol, for example.
    pub fn set_state(&self, state: &str) {
        let mut shown = whole(&self.facts.state);
        shown.clear();
        shown.push_str(state);
    }

    /// Reads nothing more from the peer until [`resume`](Session::resume), as
    /// [`Live::pause`](super::Live::pause).
    pub fn pause(&self) {
        self.facts.meter.gate().shut();
    }

    /// Reads from the peer again.
    pub fn resume(&self) {
        self.facts.meter.gate().open();
    }

    /// Whether the server is to stop: then a session ends as soon as it can. Of a session that is
    /// over, it says so, too.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        whole(&self.facts.ending).is_due()
    }

    /// Waits until the server is to stop, or the session is over.
    pub async fn stopping(&mut self) {
        poll_fn(|context| whole(&self.facts.ending).poll_due(&mut self.place, context)).await;
    }
}

impl Clone for Session {
    fn clone(&self) -> Session {
        Session::of(&self.facts)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            whole(&self.facts.ending).forget(place);
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Session({}, {})", self.facts.id, whole(&self.facts.ends).1)
    }
}
