//! A protocol as data: its states, what may be said in them, and what comes of it.
//!
//! Generated code holds one `static` [`Protocol`]; [`Session`](crate::session::Session) runs it.

mod key;
mod number;
mod rule;

pub use key::Key;
pub use number::{Amount, Change, MAX_NUMBERS, Number, Relation, Test};
pub use rule::{Arm, Barrier, Effect, Rule, Target, Unread};

pub use crate::measure::Node;

use core::fmt;

use crate::frame::Decoded;
use crate::scan::Delimiter;
use crate::transform::{Coding, Escapes};

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

/// A frame as rules and arms look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// What it is.
    pub kind: KindId,
    /// The value of its `by` field, 0 where it has none.
    pub value: u64,
    /// What pairs it with its reply, where that is a field.
    pub key: Option<Key>,
    /// The answers to what is asked about numbers, a bit each: [`Session::tests`].
    ///
    /// [`Session::tests`]: crate::session::Session::tests
    pub tests: u32,
}

impl Said {
    /// A frame of which only the kind matters.
    #[must_use]
    pub const fn only(kind: KindId) -> Said {
        Said { kind, value: 0, key: None, tests: 0 }
    }
}

/// Which request a reply answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// The oldest.
    Order,
    /// The one with the same key; those without one in order.
    Key,
}

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
    /// Which roles' frames may await replies.
    pub asks: [bool; 2],
    /// Which request a reply answers.
    pub pairing: Pairing,
    /// How many replies to each role may be outstanding.
    pub pending: usize,
    /// How many milliseconds a reply that is paired by a key may take.
    pub reply_millis: Option<u64>,
    /// The variables at the beginning, a bit each.
    pub variables: u32,
    /// Those that hold numbers, at most [`MAX_NUMBERS`].
    pub numbers: &'static [Number],
    /// What is asked about numbers.
    pub tests: &'static [Test],
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

/// What tells the last element of a frame of several, each ended by a delimiter.
#[derive(Clone, Copy)]
pub struct Last(&'static Tells);

type Tells = dyn Fn(&[u8]) -> Decoded<bool> + Send + Sync;

impl Last {
    /// What is told so.
    #[must_use]
    pub const fn new(tells: &'static Tells) -> Last {
        Last(tells)
    }

    /// Whether an element is the last one.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(crate) fn is(self, element: &[u8]) -> Decoded<bool> {
        (self.0)(element)
    }
}

impl fmt::Debug for Last {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Last")
    }
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
    /// It is a datagram, and the input holds nothing else.
    Datagram {
        /// The longest in bytes.
        max: usize,
    },
    /// By the numbers in it.
    Measured {
        /// Passes over it.
        node: Node,
        /// The longest frame in bytes.
        max: usize,
        /// Whether it ends by itself, so that it may be read before its end is known: what is read
        /// of a beginning of the input is the same, whatever follows.
        ends: bool,
    },
    /// By the coding of its payload, which is all of it.
    Coded {
        /// The coding.
        coding: &'static Coding,
        /// The longest frame in bytes of the wire.
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
        last: Last,
    },
    /// A payload that is passed on as it comes, up to the end its escapes define.
    Escaped {
        /// The escapes.
        rules: &'static Escapes,
        /// What the payload is to the rules, once it has ended.
        kind: KindId,
    },
    /// A payload that is passed on as it comes, and ends with the connection.
    Rest {
        /// What the payload is to the rules.
        kind: KindId,
    },
    /// A payload that is passed on as it comes, of a length given when it was switched to.
    Counted {
        /// What the payload is to the rules, once it has ended.
        kind: KindId,
        /// What must stand behind it.
        tail: &'static [u8],
        /// How many bytes the key has that lies over it, 0 for none.
        mask: u8,
    },
}

impl Cut {
    /// The longest frame that lies in memory as a whole, in bytes.
    pub(crate) const fn bound(&self) -> usize {
        match self {
            Cut::Delimited { max, .. }
            | Cut::Datagram { max }
            | Cut::Measured { max, .. }
            | Cut::Coded { max, .. } => *max,
            Cut::Lines { max, count, .. } => max.saturating_mul(*count),
            Cut::Escaped { .. } | Cut::Counted { .. } | Cut::Rest { .. } => 0,
        }
    }

    /// What its payload is to the rules, if it is one that is passed on as it comes.
    pub(crate) const fn payload(&self) -> Option<KindId> {
        match self {
            Cut::Escaped { kind, .. } | Cut::Counted { kind, .. } | Cut::Rest { kind } => {
                Some(*kind)
            }
            _ => None,
        }
    }
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

    /// The first place of a rule for the kind, as [`Protocol::index`] has it.
    #[must_use]
    pub const fn first(&self, kind: KindId) -> u8 {
        let mut place = 0;
        while let Some(rule) = self.rule(place) {
            if rule.fires_on(kind) {
                return place as u8;
            }
            place += 1;
        }
        NONE
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

/// No rule of the state fires on the kind.
const NONE: u8 = u8::MAX;

/// The row of a state in [`Protocol::index`]: for each kind the first place to look at.
#[must_use]
pub const fn index<const KINDS: usize>(state: &State) -> [u8; KINDS] {
    let mut row = [NONE; KINDS];
    let mut kind = 0;
    while kind < KINDS {
        row[kind] = state.first(KindId(kind as u8));
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

    /// Whether frames of the role may await replies.
    #[must_use]
    pub const fn asks(&self, role: Role) -> bool {
        let [first, second] = self.asks;
        match role {
            Role::First => first,
            Role::Second => second,
        }
    }

    /// Whether a kind only ever answers, and no rule takes it.
    pub(crate) fn only_answers(&self, kind: KindId) -> bool {
        let place = usize::from(kind.0);
        self.index.iter().all(|row| row.get(place).is_none_or(|first| *first == NONE))
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
    pub fn rule(&self, state: StateId, said: &Said, variables: u32) -> Option<&'static Rule> {
        let Said { kind, value, tests, .. } = *said;
        let variables = variables | tests;
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
