//! What is outstanding, counted.

use super::outstanding::Exchange;
use crate::few::Queue;
use crate::protocol::Role;

/// What awaits replies, and what stands behind it and awaits none, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending<const PLACES: usize> {
    exchanges: Queue<Exchange, PLACES>,
    counts: [Counts; 2],
}

/// How many of a role there are.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    all: u32,
    /// Those whose replies come in their order.
    ordered: u32,
}

impl<const PLACES: usize> Pending<PLACES> {
    pub(super) fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// How many of `role` there are.
    pub(super) fn of(&self, role: Role) -> usize {
        usize::try_from(self.counts[role.index()].all).unwrap_or(usize::MAX)
    }

    /// Whether one of `role` is answered in its order.
    pub(super) fn is_ordered(&self, role: Role) -> bool {
        self.counts[role.index()].ordered > 0
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.exchanges.iter()
    }

    pub(super) fn get(&self, place: usize) -> Option<&Exchange> {
        self.exchanges.get(place)
    }

    /// The first that is so.
    #[inline]
    pub(super) fn position(&self, is_so: impl Fn(&Exchange) -> bool) -> Option<usize> {
        // Mostly it is the oldest.
        match self.exchanges.front() {
            Some(oldest) if is_so(oldest) => Some(0),
            _ => self.exchanges.iter().position(is_so),
        }
    }

    pub(super) fn push(&mut self, exchange: Exchange) {
        let counts = &mut self.counts[exchange.role.index()];
        counts.all = counts.all.saturating_add(1);
        counts.ordered = counts.ordered.saturating_add(exchange.ordered().into());
        self.exchanges.push_back(exchange);
    }

    pub(super) fn remove(&mut self, place: usize) {
        if let Some(exchange) = self.exchanges.get(place) {
            self.counts[exchange.role.index()].less(exchange);
            match place {
                0 => self.exchanges.pop_front(),
                _ => self.exchanges.remove(place),
            };
        }
    }

    /// Gives each to `look`, which may change when it was first seen, and keeps those of which it says so.
    #[cfg(feature = "alloc")]
    pub(super) fn retain(&mut self, mut look: impl FnMut(&mut Exchange) -> bool) {
        let counts = &mut self.counts;
        self.exchanges.retain_mut(|exchange| {
            let kept = look(exchange);
            if !kept {
                counts[exchange.role.index()].less(exchange);
            }
            kept
        });
    }
}

impl Counts {
    fn less(&mut self, exchange: &Exchange) {
        self.all = self.all.saturating_sub(1);
        self.ordered = self.ordered.saturating_sub(exchange.ordered().into());
    }
}
