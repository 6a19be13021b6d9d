//! What awaits replies: how it is taken, what its reply does, and where both may lead.

use core::num::NonZeroU64;
#[cfg(feature = "alloc")]
use core::time::Duration;

use super::{Over, Session};
use crate::protocol::{Arm, Barrier, Role, Rule, Said, StateId, Target};

/// A frame that awaits its reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange {
    pub(super) role: Role,
    pub(super) said: Said,
    /// The variables when it was taken: its guards have been decided then, as what it asks about
    /// numbers was, which is said with it.
    pub(super) variables: u32,
    /// The state when it was taken.
    pub(super) from: StateId,
    /// Its rule is of that state whatever has become of it, since its reply may come before and behind
    /// others.
    pub(super) stays: bool,
    /// Its rule in that state, where no other one was possible: it is not looked for again.
    pub(super) known: Option<&'static Rule>,
    /// What tells it from the others.
    pub(super) number: u64,
    /// It awaits a reply, and does not only stand behind what does.
    pub(super) awaits: bool,
    /// When it was first seen by the clock.
    #[cfg(feature = "alloc")]
    pub(super) since: Option<Duration>,
}

/// What a reply was to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The number of the request, as in [`Session::numbers`].
    pub number: u64,
    /// No other reply to it follows.
    pub last: bool,
}

/// What becomes of a frame in one of several states at least.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    /// It awaits a reply.
    awaits: bool,
    /// It stays until the replies that come before it: it awaits one itself, or leads somewhere
    /// behind them.
    pub(super) kept: bool,
    /// Why nothing may follow it.
    barrier: Option<Barrier>,
}

impl Taken {
    /// By one rule, `behind` what awaits replies in order or not.
    fn by(rule: &Rule, behind: bool) -> Taken {
        let awaits = !rule.arms.is_empty();
        let kept = awaits || behind && rule.target != Target::Stay;
        Taken { awaits, kept, barrier: rule.barrier }
    }

    /// By one of two.
    fn or(self, other: Taken) -> Taken {
        let declared = other.barrier == Some(Barrier::Declared);
        Taken {
            awaits: self.awaits || other.awaits,
            kept: self.kept || other.kept,
            barrier: if self.barrier.is_none() || declared { other.barrier } else { self.barrier },
        }
    }
}

impl Exchange {
    /// Whether it matters which others are answered before it.
    pub(super) fn ordered(&self) -> bool {
        self.said.key.is_none()
    }
}

impl<const PENDING: usize> Session<PENDING> {
    /// The rule that took an outstanding frame, if the state was this one.
    pub(super) fn rule_of(&self, state: StateId, exchange: &Exchange) -> Option<&'static Rule> {
        let state = if exchange.stays { exchange.from } else { state };
        match exchange.known {
            Some(rule) if exchange.from == state => Some(rule),
            _ => self.protocol.rule(state, &exchange.said, exchange.variables),
        }
    }

    pub(super) fn rule(&self, state: StateId, said: &Said) -> Option<&'static Rule> {
        self.protocol.rule(state, said, self.variables)
    }

    pub(super) fn take_rule(&mut self, role: Role, said: &Said, rule: &'static Rule) {
        let states = self.states(said);
        let known = (states == 1 << self.state.0).then_some(rule);
        let Taken { awaits, kept, barrier } = match known {
            Some(rule) => Taken::by(rule, self.pending.is_ordered(role)),
            None => self.taken(role, said, states),
        };
        if !kept {
            self.pass(rule);
            self.refold();
            return;
        }
        let (variables, number) = (self.variables, self.progress);
        let (mut one, mut key) = (None, None);
        if said.key.is_none() {
            // Where fewer than were possible are left, that is known now.
            self.exact |= states != self.possible;
            self.possible = match known {
                Some(rule) => leads(rule, self.state),
                None => self.after(states, said, variables),
            };
            self.barriers[role.index()] = barrier;
        } else {
            (one, key) = (only(states), said.key);
            self.barriers[role.index()] = barrier.or(self.barrier(role));
        }
        if awaits {
            self.last_asked[role.index()] = NonZeroU64::new(number);
        }
        self.pending.push(Exchange {
            role,
            // Field by field: a copy of all would wait for what has just been written of it.
            said: Said { kind: said.kind, value: said.value, key, tests: said.tests },
            variables,
            from: one.unwrap_or(self.state),
            stays: one.is_some(),
            known,
            number,
            awaits,
            #[cfg(feature = "alloc")]
            since: None,
        });
    }

    /// Where a rule leads that awaits nothing, and stands behind nothing that does.
    pub(super) fn pass(&mut self, rule: &Rule) {
        self.lead(rule.target, self.state);
        self.settle();
    }

    /// What becomes of a frame that may be taken in any of `states`.
    pub(super) fn taken(&self, role: Role, said: &Said, states: u64) -> Taken {
        let behind = self.pending.is_ordered(role);
        let rules = members(states).filter_map(|state| self.rule(state, said));
        rules.map(|rule| Taken::by(rule, behind)).fold(Taken::default(), Taken::or)
    }

    pub(super) fn take_reply(&mut self, arm: &'static Arm, place: usize) {
        let last = arm.target != Target::Again;
        self.again = !last;
        let Some(exchange) = self.pending.get(place) else {
            self.answered = None;
            return;
        };
        let (role, number) = (exchange.role.index(), NonZeroU64::new(exchange.number));
        self.answered = number;
        if !last {
            return;
        }
        let stay = match self.rule_of(self.state, exchange) {
            Some(rule) if exchange.ordered() || rule.barrier.is_some() => rule.target,
            _ => Target::Stay,
        };
        self.pending.remove(place);
        if self.last_asked[role] == number {
            self.last_asked[role] = None;
            let framing = &mut self.framing[role];
            if !framing.until.is_empty() {
                // The word that it waited for does not come.
                (framing.once, framing.until) = (None, &[]);
            }
        }
        match stay {
            Target::State(state) => self.lead(arm.target, state),
            _ => self.lead(arm.target, self.state),
        }
        self.exact = false;
        self.settle();
    }

    /// Whether nothing of its role may follow a frame whose reply comes in any order.
    pub(super) fn holds(&self, exchange: &Exchange) -> bool {
        let rule = self.rule_of(self.state, exchange);
        !exchange.ordered() && rule.is_some_and(|rule| rule.barrier.is_some())
    }

    /// The oldest frame that awaits nothing and has nothing before it, if that is one: its place, and
    /// where it leads.
    fn passed(&self) -> Option<(usize, Target)> {
        [Role::First, Role::Second].into_iter().find_map(|role| {
            let ordered = |other: &Exchange| other.role == role && other.ordered();
            let place = self.pending.is_ordered(role).then(|| self.pending.position(ordered));
            let place = place.flatten()?;
            let exchange = self.pending.get(place)?;
            let rule = self.rule_of(self.state, exchange)?;
            rule.arms.is_empty().then_some((place, rule.target))
        })
    }

    fn lead(&mut self, target: Target, stay: StateId) {
        match target {
            Target::Stay | Target::Again => self.state = stay,
            Target::State(state) => self.state = state,
            Target::Close => self.over = Over::Closed,
        }
    }

    /// Passes over frames that await nothing and stood behind one that did.
    pub(super) fn settle(&mut self) {
        if self.pending.len() == 0 {
            self.barriers = [None; 2];
            (self.possible, self.exact) = (1 << self.state.0, true);
            return;
        }
        while let Some((place, target)) = self.passed() {
            self.pending.remove(place);
            self.lead(target, self.state);
        }
        for role in [Role::First, Role::Second] {
            if self.barrier(role).is_none() || self.pending.is_ordered(role) {
                continue;
            }
            let holds = |other: &Exchange| other.role == role && self.holds(other);
            if !self.pending.iter().any(holds) {
                self.barriers[role.index()] = None;
            }
        }
        if ![Role::First, Role::Second].into_iter().any(|role| self.pending.is_ordered(role)) {
            (self.possible, self.exact) = (1 << self.state.0, true);
        }
    }

    /// Looks again at which states are possible.
    pub(super) fn refold(&mut self) {
        (self.possible, self.exact) = (self.fold(), true);
    }

    /// The states after all that is outstanding, from the state now.
    pub(super) fn fold(&self) -> u64 {
        let ordered = self.pending.iter().filter(|exchange| exchange.ordered());
        ordered.fold(1 << self.state.0, |states, Exchange { said, variables, .. }| {
            self.after(states, said, *variables)
        })
    }

    /// The states that a frame whose reply comes in order, and that reply, can lead to from any of
    /// `states`, the variables being these when it was taken.
    fn after(&self, states: u64, said: &Said, variables: u32) -> u64 {
        let mut reached = 0;
        for from in members(states) {
            if let Some(rule) = self.protocol.rule(from, said, variables) {
                reached |= leads(rule, from);
            }
        }
        reached
    }
}

/// The states that a rule and its replies can lead to from a state.
fn leads(rule: &Rule, from: StateId) -> u64 {
    let stay = match rule.target {
        Target::State(state) => state,
        _ => from,
    };
    if rule.arms.is_empty() {
        return 1 << stay.0;
    }
    let mut reached = 0;
    for arm in rule.arms {
        match arm.target {
            Target::State(state) => reached |= 1 << state.0,
            Target::Stay => reached |= 1 << stay.0,
            // The reply that ends the exchange is yet to come.
            Target::Again | Target::Close => {}
        }
    }
    reached
}

/// The state of a set that holds no other.
fn only(states: u64) -> Option<StateId> {
    let mut states = members(states);
    states.next().filter(|_| states.next().is_none())
}

/// The states of a set.
pub(super) fn members(states: u64) -> impl Iterator<Item = StateId> {
    let mut left = states;
    core::iter::from_fn(move || {
        let state = u8::try_from(left.trailing_zeros()).ok().filter(|state| *state < 64)?;
        left &= left.wrapping_sub(1);
        Some(StateId(state))
    })
}
