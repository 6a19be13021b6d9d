//! Rules: what happens on a frame, and what its reply decides.

use super::{Amount, Change, FramerId, KindId, Role, Said, StateId};

/// What happens on a frame.
#[derive(Debug)]
pub struct Rule {
    /// The kinds it fires on.
    pub kinds: &'static [KindId],
    /// The smallest value of the frame's `by` field that it fires on.
    pub low: u64,
    /// The largest one.
    pub high: u64,
    /// The variables its guard looks at, and answers to what it asks about numbers.
    pub mask: u32,
    /// What they must be.
    pub value: u32,
    /// The frame is read, but the state has no place for it: the receiver must say so.
    pub refuse: bool,
    /// Nothing of this direction may follow until the reply.
    pub barrier: Option<Barrier>,
    /// Equal for rules that have the same effect on the framing.
    pub framing: u16,
    /// Where it leads at once, or where `stay` in an arm leads.
    pub target: Target,
    /// What happens at once.
    pub effects: &'static [Effect],
    /// What its reply decides; empty where it awaits none.
    pub arms: &'static [Arm],
}

impl Rule {
    /// A rule for `kinds` that changes nothing.
    #[must_use]
    pub const fn on(kinds: &'static [KindId]) -> Rule {
        Rule {
            kinds,
            low: 0,
            high: u64::MAX,
            mask: 0,
            value: 0,
            refuse: false,
            barrier: None,
            framing: 0,
            target: Target::Stay,
            effects: &[],
            arms: &[],
        }
    }

    /// Only for values of the `by` field from `low` to `high`.
    #[must_use]
    pub const fn values(self, low: u64, high: u64) -> Rule {
        Rule { low, high, ..self }
    }

    /// Only while the variables in `mask` are `value`.
    #[must_use]
    pub const fn guard(self, mask: u32, value: u32) -> Rule {
        Rule { mask, value, ..self }
    }

    /// The frame is read, but has no place in the state.
    #[must_use]
    pub const fn refuse(self) -> Rule {
        Rule { refuse: true, ..self }
    }

    /// Nothing may follow before the reply.
    #[must_use]
    pub const fn barrier(self, barrier: Barrier) -> Rule {
        Rule { barrier: Some(barrier), ..self }
    }

    /// Rules with the same number have the same effects on the framing.
    #[must_use]
    pub const fn framing(self, framing: u16) -> Rule {
        Rule { framing, ..self }
    }

    /// Where it leads.
    #[must_use]
    pub const fn leads(self, target: Target) -> Rule {
        Rule { target, ..self }
    }

    /// What happens at once.
    #[must_use]
    pub const fn effects(self, effects: &'static [Effect]) -> Rule {
        Rule { effects, ..self }
    }

    /// What its reply decides.
    #[must_use]
    pub const fn awaits(self, arms: &'static [Arm]) -> Rule {
        Rule { arms, ..self }
    }

    pub(super) const fn fires_on(&self, kind: KindId) -> bool {
        let mut place = 0;
        while place < self.kinds.len() {
            if self.kinds[place].0 == kind.0 {
                return true;
            }
            place += 1;
        }
        false
    }
}

/// Why nothing may follow a frame until its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// Derived: the reply decides how this direction is read from there.
    Framing,
    /// Derived: the reply sets a variable that a guard of this direction reads.
    Variable,
    /// Derived: every reply ends the session.
    End,
    /// Derived: the reply changes the state, and others may come before it.
    Order,
    /// Declared with `sync`.
    Declared,
}

/// Where a rule or an arm leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nowhere.
    Stay,
    /// To a state.
    State(StateId),
    /// To the end of the session.
    Close,
    /// Nowhere, and another reply to the same frame follows.
    Again,
}

/// A change of how the connection is read, or of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The next frame of a role is cut so; its parameters are evaluated under `site`.
    Then {
        /// Whose frame.
        role: Role,
        /// How it is cut.
        framer: FramerId,
        /// The place in the description, for its length.
        site: u8,
        /// The place in the description, for the key that lies over it.
        mask: u8,
    },
    /// What was made due waits until the other side has said one of these, and is not due any more once
    /// what it belongs to is answered instead.
    Hold {
        /// Whose frame waits.
        role: Role,
        /// What it waits for.
        until: &'static [KindId],
    },
    /// From now on a role's frames are cut so.
    Speaks {
        /// Whose frames.
        role: Role,
        /// How they are cut.
        framer: FramerId,
    },
    /// The connection goes on inside another layer, by its place in [`Protocol::layers`](super::Protocol::layers).
    Upgrade {
        /// The layer.
        layer: u8,
        /// What becomes of bytes behind the frame.
        unread: Unread,
    },
    /// A variable is set to a constant.
    Assign {
        /// The bit of the variable.
        variable: u32,
        /// Its value from now on.
        value: bool,
    },
    /// A variable is set to what the expression at `site` gives.
    Set {
        /// The bit of the variable.
        variable: u32,
        /// The place in the description, for the value.
        site: u8,
    },
    /// A variable that holds a number changes.
    Change {
        /// Which, by its place in [`Protocol::numbers`](super::Protocol::numbers).
        number: u8,
        /// How.
        change: Change,
        /// By how much, or to what.
        by: Amount,
    },
}

/// What becomes of bytes that were received behind the frame that upgrades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// They are a violation: nothing said before the upgrade passes for something said after it.
    Reject,
    /// They are dropped, as far as they have been received.
    Discard,
    /// They are the first of what the other layer receives.
    Carry,
}

/// What a reply comes to.
#[derive(Debug)]
pub struct Arm {
    /// The kinds of reply it takes; empty takes any.
    pub kinds: &'static [KindId],
    /// The smallest value of the reply's `by` field that it takes.
    pub low: u64,
    /// The largest one.
    pub high: u64,
    /// The variables its guard looks at, and answers to what it asks about numbers.
    pub mask: u32,
    /// What they must be.
    pub value: u32,
    /// Where it leads.
    pub target: Target,
    /// What else happens.
    pub effects: &'static [Effect],
}

impl Arm {
    /// An arm for any reply, which leads to `target`.
    #[must_use]
    pub const fn to(target: Target) -> Arm {
        Arm { kinds: &[], low: 0, high: u64::MAX, mask: 0, value: 0, target, effects: &[] }
    }

    /// Only for replies of these kinds.
    #[must_use]
    pub const fn on(self, kinds: &'static [KindId]) -> Arm {
        Arm { kinds, ..self }
    }

    /// Only for values of the `by` field from `low` to `high`.
    #[must_use]
    pub const fn values(self, low: u64, high: u64) -> Arm {
        Arm { low, high, ..self }
    }

    /// Only while the variables in `mask` are `value`.
    #[must_use]
    pub const fn guard(self, mask: u32, value: u32) -> Arm {
        Arm { mask, value, ..self }
    }

    /// What else happens.
    #[must_use]
    pub const fn effects(self, effects: &'static [Effect]) -> Arm {
        Arm { effects, ..self }
    }

    /// Whether it takes a reply, while the variables are `variables`.
    pub(crate) fn takes(&self, reply: &Said, variables: u32) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&reply.kind))
            && (self.low..=self.high).contains(&reply.value)
            && (variables | reply.tests) & self.mask == self.value
    }
}
