//! Who is told of what happens.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::vec::Vec;

#[cfg(feature = "tracing")]
use tracing::Span;

use super::Counts;
use crate::error::Error;
use crate::net::Address;

/// Is told of what happens in a server, where it happens: it should be quick, and must not block.
/// If it panics, the server goes on.
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

    /// The span that a session goes on in, its layers included: what is said within it is said of
    /// this session. Of several who observe, the first that has one gives it.
    #[cfg(feature = "tracing")]
    fn span(&self, session: &Counts) -> Span {
        let _ = session;
        Span::none()
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

/// All who are told.
#[derive(Clone, Default)]
pub(super) struct Observers(Arc<Vec<Arc<dyn Observe>>>);

impl Observers {
    pub(super) fn push(&mut self, observe: impl Observe) {
        Arc::make_mut(&mut self.0).push(Arc::new(observe));
    }

    /// That one panics ends nobody's session, and keeps nothing from the others: its message is
    /// where panics are told.
    pub(super) fn tell(&self, what: impl Fn(&dyn Observe)) {
        for observe in &*self.0 {
            let _ = catch_unwind(AssertUnwindSafe(|| what(&**observe)));
        }
    }

    /// The span of the first who has one for this session.
    #[cfg(feature = "tracing")]
    pub(super) fn scope(&self, session: impl Fn() -> Counts) -> Scope {
        let mut spans = self.0.iter().map(|observe| {
            let span = catch_unwind(AssertUnwindSafe(|| observe.span(&session())));
            span.unwrap_or_else(|_| Span::none())
        });
        Scope(spans.find(|span| !span.is_none()).unwrap_or_else(Span::none))
    }

    #[cfg(not(feature = "tracing"))]
    pub(super) fn scope(&self, _: impl Fn() -> Counts) -> Scope {
        Scope
    }
}

/// The span of a session, where one is opened.
#[cfg(feature = "tracing")]
pub(super) struct Scope(Span);

/// No span: nobody opens one.
#[cfg(not(feature = "tracing"))]
pub(super) struct Scope;

impl Scope {
    #[cfg(feature = "tracing")]
    pub(super) fn around<F: Future>(self, task: F) -> tracing::instrument::Instrumented<F> {
        tracing::Instrument::instrument(task, self.0)
    }

    #[cfg(not(feature = "tracing"))]
    pub(super) fn around<F>(self, task: F) -> F {
        task
    }
}
