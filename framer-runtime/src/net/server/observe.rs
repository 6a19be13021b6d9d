//! Who is told of what happens.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Counts;
use super::live::Entry;
use crate::error::Error;
use crate::net::Address;

/// Is told of what happens in a server, where it happens: it should be quick, and must not block. If
/// it panics, the server goes on.
pub trait Observe: Send + Sync + 'static {
    /// The system had no stream to give at `local`. The server tries again.
    fn not_accepted(&self, local: &Address, error: &io::Error) {
        let _ = (local, error);
    }

    /// There was no place for a peer.
    fn refused(&self, peer: &Address) {
        let _ = peer;
    }

    /// A stream is there, with its layers, and its session begins.
    fn begun(&self, session: &Counts) {
        let _ = session;
    }

    /// A session has ended, or the layers of its stream have failed.
    fn ended(&self, session: &Counts, how: &Ended) {
        let _ = (session, how);
    }
}

/// How a session ended.
#[derive(Debug)]
pub enum Ended {
    /// By itself, well.
    Well,
    /// With an error, its own or of the layers of its stream.
    Failed(Error),
    /// It was cut off, or it panicked.
    CutOff,
}

/// Tells who observes. That it panics ends nobody else's session: its message is where panics are
/// told.
pub(super) fn tell(observe: &dyn Observe, what: impl FnOnce(&dyn Observe)) {
    let _ = catch_unwind(AssertUnwindSafe(|| what(observe)));
}

/// Nobody is told.
pub(super) struct Silent;

impl Observe for Silent {}

/// Sees to it that the end of a session is told, however it ends.
pub(super) struct Watched {
    observe: Arc<dyn Observe>,
    entry: Entry,
    told: bool,
}

impl Watched {
    pub(super) fn new(observe: Arc<dyn Observe>, entry: Entry) -> Watched {
        Watched { observe, entry, told: false }
    }

    pub(super) fn entry(&self) -> &Entry {
        &self.entry
    }

    pub(super) fn begun(&self) {
        tell(&*self.observe, |observe| observe.begun(&self.entry.counts()));
    }

    pub(super) fn ended(mut self, how: Result<(), Error>) {
        self.told = true;
        let how = how.map_or_else(Ended::Failed, |()| Ended::Well);
        tell(&*self.observe, |observe| observe.ended(&self.entry.counts(), &how));
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if !self.told {
            tell(&*self.observe, |observe| observe.ended(&self.entry.counts(), &Ended::CutOff));
        }
    }
}
