//! What a side may have said by itself, or in answer to something that was not heard.

use framer_runtime::machine::Machine as _;
use framer_runtime::session::Judgement;

use super::{Ahead, Best, Judged, Look, Place, Reading, Way};
use crate::half::Half;

impl Ahead<'_> {
    /// The way behind which what may be said by itself is an answer, if that makes no less sense of the bytes
    /// and a difference.
    pub(in super::super) fn asked(&self, half: &Half<false>) -> Option<Best> {
        let look = self.look(half);
        let mut ways = self.ways_to_ask(half);
        if let Look::Event { half: alone, .. } = &look {
            ways.retain(|(_, look)| match look {
                Look::Event { half: asked, .. } => !same(alone, asked),
                _ => true,
            });
        }
        let alone = match look {
            Look::Event { half, used, points, what } => {
                self.follow(&Reading::new(half, used, points, vec![what]))
            }
            look => Judged::of(&look),
        };
        self.best_of(ways).filter(|best| best.points >= alone.points)
    }

    /// The ways behind which the bytes begin with an answer; none where they do so as it is, or begin with nothing
    /// that may be said by itself.
    pub(super) fn ways_to_ask(&self, half: &Half<false>) -> Vec<(Way, Look)> {
        match self.may_answer(half) {
            true => Ahead { answers: true, ..*self }.ways(half),
            false => Vec::new(),
        }
    }

    /// Whether the bytes begin with a reply.
    pub(in super::super) fn is_answer(&self, half: &Half<false>) -> bool {
        matches!(self.judged(&mut half.clone()), Some((_, Judgement::Reply { .. })))
    }

    /// Whether the bytes begin with what their side may say by itself, and could be an answer if
    /// something had been asked.
    pub(in super::super) fn may_answer(&self, half: &Half<false>) -> bool {
        let session = half.engine().session();
        let table = half.protocol().table();
        let asked = session.exchanges().any(|(role, _)| role != self.from);
        if asked || table.asks(self.from) || session.switched(self.from) {
            return false;
        }
        let Some((said, Judgement::Rule { refused: false, .. })) = self.judged(&mut half.clone())
        else {
            return false;
        };
        let states = table.states.iter();
        let mut arms =
            states.flat_map(|state| state.rules.iter().chain(state.any)).flat_map(|of| of.arms);
        arms.any(|arm| {
            (arm.kinds.is_empty() || arm.kinds.contains(&said.kind))
                && (arm.low..=arm.high).contains(&said.value)
        })
    }
}

/// Whether both go on alike.
fn same(one: &Half<false>, other: &Half<false>) -> bool {
    let closed = |half: &Half<false>| half.engine().session().closed();
    closed(one) == closed(other) && Place::heard(one) == Place::heard(other)
}
