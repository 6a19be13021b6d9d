//! A protocol as data: its states, what may be said in them, and what comes of it.
//!
//! Generated code holds one `static` [`Protocol`]; [`Session`](crate::session::Session) runs it.

use crate::scan::Delimiter;
use crate::transform::Escapes;
use crate::violation::Invalid;

/// One of the two sides, in the order of the description's `roles`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The first named, as a rule the client.
    First,
    /// The second named, as a rule the server.
    Second,
}

impl Role {
    /// The other side.
    #[must_use]
    pub const fn peer(self) -> Role {
        match self {
            Role::First => Role::Second,
            Role::Second => Role::First,
        }
    }

    pub(crate) const fn index(self) -> usize {
        match self {
            Role::First => 0,
            Role::Second => 1,
        }
    }
}

/// A state, by its place in [`Protocol::states`]; at most 64 of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateId(pub u8);

/// A kind of frame as the rules tell them apart, by its place in [`Protocol::kinds`].
///
/// A frame whose own fields a guard reads has one kind for each answer of its guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindId(pub u8);

/// How one direction is cut into frames, by its place in [`Protocol::framers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FramerId(pub u8);

/// A protocol between two roles.
#[derive(Debug)]
pub struct Protocol {
    /// Its name.
    pub name: &'static str,
    /// The names of the roles.
    pub roles: [&'static str; 2],
    /// How each role's direction is cut at the beginning.
    pub speaks: [FramerId; 2],
    /// The ways of cutting a direction.
    pub framers: &'static [Framer],
    /// The names of the kinds.
    pub kinds: &'static [&'static str],
    /// What a frame of each role is whose content breaks a rule; `None` where that is final.
    pub malformed: [Option<KindId>; 2],
    /// The states, the initial one first.
    pub states: &'static [State],
    /// Where to look for a rule: `index[state][kind]`, made by [`index`].
    pub index: &'static [&'static [u8]],
    /// The role whose frames await replies.
    pub asker: Role,
    /// How many replies may be outstanding.
    pub pending: usize,
    /// The variables at the beginning, a bit each.
    pub variables: u32,
    /// The names of the layers that upgrades lead to.
    pub layers: &'static [&'static str],
}

/// A way of cutting one direction into frames.
#[derive(Debug)]
pub struct Framer {
    /// Its name: that of the frame or choice.
    pub name: &'static str,
    /// How the end of a frame is found.
    pub cut: Cut,
}

/// How the end of a frame is found.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    /// By its delimiter.
    Delimited {
        /// The delimiter.
        delimiter: &'static Delimiter,
        /// The longest frame in bytes, delimiter included.
        max: usize,
        /// A longer one is passed over and reported as malformed.
        skip: bool,
    },
    /// It has several elements, each ended by a delimiter; the last one says so.
    Lines {
        /// The delimiter.
        delimiter: &'static Delimiter,
        /// The longest element in bytes, delimiter included.
        max: usize,
        /// How many elements there may be.
        count: usize,
        /// Whether an element is the last one.
        last: fn(&[u8]) -> Result<bool, Invalid>,
    },
    /// A payload that is passed on as it comes, up to the end its escapes define.
    Escaped {
        /// The escapes.
        rules: &'static Escapes,
        /// What the payload is to the rules, once it has ended.
        kind: KindId,
    },
    /// A payload that is passed on as it comes, of a length given when it was switched to.
    Counted {
        /// What the payload is to the rules, once it has ended.
        kind: KindId,
    },
}

/// A state of the session.
#[derive(Debug)]
pub struct State {
    /// Its name.
    pub name: &'static str,
    /// How long it may last without a frame.
    pub time_limit: Option<TimeLimit>,
    /// Its own rules, first match first.
    pub rules: &'static [Rule],
    /// The rules that hold in any state, looked at after its own.
    pub any: &'static [Rule],
}

impl State {
    /// The rule at a place counted through `rules` and then `any`.
    const fn rule(&self, place: usize) -> Option<&'static Rule> {
        if place < self.rules.len() {
            Some(&self.rules[place])
        } else if place - self.rules.len() < self.any.len() {
            Some(&self.any[place - self.rules.len()])
        } else {
            None
        }
    }
}

/// How long a state may last without a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimit {
    /// In milliseconds.
    pub millis: u64,
    /// Where it leads then; `None` closes the session.
    pub otherwise: Option<StateId>,
}

/// What happens on a frame.
#[derive(Debug)]
pub struct Rule {
    /// The kinds it fires on.
    pub kinds: &'static [KindId],
    /// The smallest value of the frame's `by` field that it fires on.
    pub low: u64,
    /// The largest one.
    pub high: u64,
    /// The variables its guard looks at.
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

    const fn fires_on(&self, kind: KindId) -> bool {
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
        /// The place in the description, for the values of its parameters.
        site: u8,
    },
    /// From now on a role's frames are cut so.
    Speaks {
        /// Whose frames.
        role: Role,
        /// How they are cut.
        framer: FramerId,
    },
    /// The connection goes on inside another layer, by its place in [`Protocol::layers`].
    Upgrade {
        /// The layer.
        layer: u8,
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
    /// Where it leads.
    pub target: Target,
    /// What else happens.
    pub effects: &'static [Effect],
}

impl Arm {
    /// An arm for any reply, which leads to `target`.
    #[must_use]
    pub const fn to(target: Target) -> Arm {
        Arm { kinds: &[], low: 0, high: u64::MAX, target, effects: &[] }
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

    /// What else happens.
    #[must_use]
    pub const fn effects(self, effects: &'static [Effect]) -> Arm {
        Arm { effects, ..self }
    }

    pub(crate) fn takes(&self, kind: KindId, value: u64) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind))
            && (self.low..=self.high).contains(&value)
    }
}

/// No rule of the state fires on the kind.
const NONE: u8 = u8::MAX;

/// The row of a state in [`Protocol::index`]: for each kind the first place to look at.
#[must_use]
pub const fn index<const KINDS: usize>(state: &State) -> [u8; KINDS] {
    let mut row = [NONE; KINDS];
    let mut kind = 0;
    while kind < KINDS {
        let mut place = 0;
        while let Some(rule) = state.rule(place) {
            if rule.fires_on(KindId(kind as u8)) {
                row[kind] = place as u8;
                break;
            }
            place += 1;
        }
        kind += 1;
    }
    row
}

impl Protocol {
    /// The state by its place.
    pub(crate) fn state(&self, state: StateId) -> Option<&'static State> {
        self.states.get(usize::from(state.0))
    }

    /// What a frame of `role` is whose content breaks a rule, unless that is final.
    #[must_use]
    pub fn malformed(&self, role: Role) -> Option<KindId> {
        let [first, second] = self.malformed;
        if role == Role::First { first } else { second }
    }

    /// The name of a kind.
    #[must_use]
    pub fn kind_name(&self, kind: KindId) -> &'static str {
        self.kinds.get(usize::from(kind.0)).copied().unwrap_or("?")
    }

    /// The framer by its place.
    pub(crate) fn framer(&self, framer: FramerId) -> Option<&'static Framer> {
        self.framers.get(usize::from(framer.0))
    }

    /// The name of a framer.
    #[must_use]
    pub fn framer_name(&self, framer: FramerId) -> &'static str {
        self.framer(framer).map_or("?", |framer| framer.name)
    }

    /// The first rule of `state` that fires on a frame, while the variables are `variables`.
    #[must_use]
    pub fn rule(
        &self,
        state: StateId,
        kind: KindId,
        value: u64,
        variables: u32,
    ) -> Option<&'static Rule> {
        let row = self.index.get(usize::from(state.0))?;
        let mut place = match *row.get(usize::from(kind.0))? {
            NONE => return None,
            place => usize::from(place),
        };
        let state = self.state(state)?;
        while let Some(rule) = state.rule(place) {
            if variables & rule.mask == rule.value
                && (rule.low..=rule.high).contains(&value)
                && rule.fires_on(kind)
            {
                return Some(rule);
            }
            place += 1;
        }
        None
    }
}
