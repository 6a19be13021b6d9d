//! The place of a session in its server.

use std::sync::Arc;

use super::Place;
use super::counted::Counted;
use super::facts::{Facts, How};
use super::observe::{Ended, Scope};
use super::session::Session;
use crate::error::Error;
use crate::net::Stream;
use crate::net::stream::{Ends, Returned};

/// A session in the table of its server, until it is dropped. However it ends, that is told, and
/// its room given up.
pub(super) struct Entry {
    place: Arc<Place>,
    facts: Arc<Facts>,
}

impl Entry {
    /// A session begins, for which room has been taken.
    pub(super) fn new(place: &Arc<Place>, ends: &Ends) -> Entry {
        let facts = place.shared.table.enter(ends);
        Entry { place: Arc::clone(place), facts }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn facts(&self) -> Arc<Facts> {
        Arc::clone(&self.facts)
    }

    /// What its task goes on in.
    pub(super) fn scope(&self) -> Scope {
        self.place.shared.observe.scope(|| self.facts.counts())
    }

    pub(super) fn session(&self) -> Session {
        Session::of(&self.facts)
    }

    /// Its stream is there, whose layers may have told who the peer is: lets `session` go on over
    /// it, its bytes counted.
    pub(super) fn begin<S>(
        &self,
        mut stream: Stream,
        session: &impl Fn(Stream, Session) -> S,
    ) -> (S, Returned) {
        self.facts.set_ends(stream.ends());
        self.place.shared.observe.tell(|observe| observe.begun(&self.facts.counts()));
        let inner = stream.taken();
        let counted = stream.over(Counted::new(inner, Arc::clone(&self.facts)));
        let (stream, returned) = counted.lent();
        (session(stream, self.session()), returned)
    }

    pub(super) fn ended(self, how: Result<(), Error>) {
        self.facts.set_how(if how.is_ok() { How::Well } else { How::Failed });
        self.tell(&how.map_or_else(Ended::Failed, |()| Ended::Well));
    }

    fn tell(&self, how: &Ended) {
        self.place.shared.observe.tell(|observe| observe.ended(&self.facts.counts(), how));
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if self.facts.how() == How::CutOff {
            self.tell(&Ended::CutOff);
        }
        self.place.shared.table.leave(&self.facts);
        self.place.room.add_permits(1);
    }
}
