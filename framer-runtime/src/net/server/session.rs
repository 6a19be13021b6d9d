//! What a session knows of itself.

use core::fmt;
use core::future::poll_fn;
use core::num::NonZeroU64;
use std::sync::Arc;

use super::facts::Facts;

/// What a session knows of itself, and of the server.
pub struct Session {
    facts: Arc<Facts>,
    /// Where it waits for the end.
    place: Option<NonZeroU64>,
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
        self.facts.set_state(state);
    }

    /// Reads nothing more from the peer until [`resume`](Session::resume), as
    /// [`Live::pause`](super::Live::pause).
    pub fn pause(&self) {
        self.facts.shut();
    }

    /// Reads from the peer again.
    pub fn resume(&self) {
        self.facts.open();
    }

    /// Whether the server is to stop: then a session ends as soon as it can. Of a session that is
    /// over, it says so, too.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.facts.ending(|ending| ending.is_due())
    }

    /// Waits until the server is to stop, or the session is over.
    pub fn stopping(&mut self) -> impl Future<Output = ()> + Send + '_ {
        poll_fn(|context| self.facts.ending(|ending| ending.poll_due(&mut self.place, context)))
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
            self.facts.ending(|ending| ending.forget(place));
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Session({}, {})", self.facts.id, self.facts.ends().1)
    }
}
