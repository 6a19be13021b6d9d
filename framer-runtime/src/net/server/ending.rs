//! Whether a session is to end.

use core::mem;
use core::num::NonZeroU64;
use core::task::{Context, Poll, Waker};
use std::vec::Vec;

/// Whether a session is to end, and who waits for that. A watch of tokio would do, but who waits
/// for it takes ten times as much.
pub(super) struct Ending {
    due: bool,
    /// The next one that waits.
    next: NonZeroU64,
    /// Each under the number of the [`Session`](super::Session) that waits.
    waiting: Vec<(NonZeroU64, Waker)>,
}

impl Ending {
    pub(super) const fn new(due: bool) -> Ending {
        Ending { due, next: NonZeroU64::MIN, waiting: Vec::new() }
    }

    /// It is due; who is to be woken.
    pub(super) fn end(&mut self) -> impl Iterator<Item = Waker> + use<> {
        self.due = true;
        mem::take(&mut self.waiting).into_iter().map(|(_, waker)| waker)
    }

    /// Whether it is due: otherwise the waker is kept under `place`, or a new one.
    pub(super) fn poll_due(
        &mut self,
        place: &mut Option<NonZeroU64>,
        context: &Context<'_>,
    ) -> Poll<()> {
        if self.due {
            return Poll::Ready(());
        }
        let next = self.next.saturating_add(1);
        let place = *place.get_or_insert_with(|| mem::replace(&mut self.next, next));
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

    pub(super) const fn is_due(&self) -> bool {
        self.due
    }

    pub(super) fn forget(&mut self, place: NonZeroU64) {
        self.waiting.retain(|(other, _)| *other != place);
    }
}
