//! Where a session stands: its state, the replies outstanding, how each direction is cut.
//!
//! Both roles run the same session over the same frames in the same order, so that each knows
//! how the other will read what it writes.
//!
//! While replies are outstanding the session may be in any of the states that their arms can
//! lead to. A frame may be sent, or is delivered, only if all of these states accept it and
//! agree on what it does to the framing; otherwise it waits for the replies. Where it leads is
//! judged in the order of the replies.

mod judge;
mod lapse;

use alloc::collections::VecDeque;
use core::time::Duration;

pub use judge::Judgement;
pub use lapse::Unanswered;

use crate::protocol::{
    Arm, Barrier, Effect, FramerId, Protocol, Role, Rule, Said, State, StateId, Target, TimeLimit,
    Unread,
};

/// A frame that awaits its reply.
#[derive(Clone, Copy, Debug)]
struct Exchange {
    role: Role,
    said: Said,
    /// The variables when it was taken: its guards have been decided then.
    variables: u32,
    /// When it was first seen by the clock.
    since: Option<Duration>,
}

impl Exchange {
    /// Whether it matters which others are answered before it: one with a key leaves the state
    /// as it is.
    fn ordered(&self) -> bool {
        self.said.key.is_none()
    }
}

/// How one direction is cut.
#[derive(Clone, Copy, Debug)]
struct Framing {
    lasting: FramerId,
    once: Option<FramerId>,
}

/// The connection is to be handed to another layer.
#[derive(Clone, Copy, Debug)]
struct Upgrade {
    layer: u8,
    unread: Unread,
    announced: bool,
}

/// Where a session of a [`Protocol`] stands.
#[derive(Clone, Debug)]
pub struct Session {
    protocol: &'static Protocol,
    local: Role,
    /// After the replies that have come.
    state: StateId,
    /// After the replies that are outstanding: a bit for each state.
    possible: u64,
    variables: u32,
    /// What awaits replies, and what stands behind it and awaits none.
    pending: VecDeque<Exchange>,
    /// What this side has asked and got no answer to in time.
    unanswered: VecDeque<Unanswered>,
    barriers: [Option<Barrier>; 2],
    framing: [Framing; 2],
    upgrade: Option<Upgrade>,
    closed: bool,
    progress: u64,
}

impl Session {
    /// A session at its beginning, seen from `local`.
    #[must_use]
    pub fn new(protocol: &'static Protocol, local: Role) -> Session {
        let [first, second] = protocol.speaks;
        Session {
            protocol,
            local,
            state: StateId(0),
            possible: 1,
            variables: protocol.variables,
            pending: VecDeque::new(),
            unanswered: VecDeque::new(),
            barriers: [None; 2],
            framing: [
                Framing { lasting: first, once: None },
                Framing { lasting: second, once: None },
            ],
            upgrade: None,
            closed: false,
            progress: 0,
        }
    }

    /// The protocol.
    #[must_use]
    pub fn protocol(&self) -> &'static Protocol {
        self.protocol
    }

    /// This side's role.
    #[must_use]
    pub fn local(&self) -> Role {
        self.local
    }

    /// The state after the replies that have come.
    #[must_use]
    pub fn state(&self) -> StateId {
        self.state
    }

    /// Its name in the description.
    #[must_use]
    pub fn state_name(&self) -> &'static str {
        self.current().map_or("?", |state| state.name)
    }

    /// The name of the frame whose reply is due next.
    #[must_use]
    pub fn awaited(&self) -> Option<&'static str> {
        self.pending.front().map(|exchange| self.protocol.kind_name(exchange.said.kind))
    }

    /// How many replies are outstanding.
    #[must_use]
    pub fn outstanding(&self) -> usize {
        self.pending.len()
    }

    /// Whether the peer waits for a reply of this side.
    #[must_use]
    pub fn owes(&self) -> bool {
        self.asked(self.local.peer()) > 0
    }

    /// Whether this side waits for a reply of the peer.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.asked(self.local) > 0
    }

    /// How many frames of `role` are outstanding.
    fn asked(&self, role: Role) -> usize {
        self.pending.iter().filter(|exchange| exchange.role == role).count()
    }

    /// Whether nothing of `role` may follow before a reply, and why.
    #[must_use]
    pub fn barrier(&self, role: Role) -> Option<Barrier> {
        let [first, second] = self.barriers;
        if role == Role::First { first } else { second }
    }

    /// Whether nothing of `role` may follow before a reply. What a frame itself made due comes before
    /// its reply, unless the rule says that it waits.
    pub(crate) fn held(&self, role: Role) -> bool {
        match self.barrier(role) {
            Some(Barrier::Declared) => true,
            Some(_) => !self.switched(role),
            None => false,
        }
    }

    /// How the next frame of `role` is cut.
    #[must_use]
    pub fn framer(&self, role: Role) -> FramerId {
        let [first, second] = self.framing;
        let framing = if role == Role::First { first } else { second };
        framing.once.unwrap_or(framing.lasting)
    }

    /// The name of what `role` says next.
    #[must_use]
    pub fn framer_name(&self, role: Role) -> &'static str {
        self.protocol.framer_name(self.framer(role))
    }

    /// Whether the session is over.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.closed
    }

    /// How many frames have passed, either way; a streamed payload counts at its end.
    #[must_use]
    pub fn progress(&self) -> u64 {
        self.progress
    }

    /// How long the state may last without a frame, in milliseconds.
    #[must_use]
    pub fn time_limit(&self) -> Option<u64> {
        self.limit().map(|limit| limit.millis)
    }

    /// The time limit has passed: goes where the state says.
    pub fn expired(&mut self) {
        match self.limit().and_then(|limit| limit.otherwise) {
            Some(state) => {
                self.state = state;
                self.settle();
                self.possible = self.fold();
            }
            None => self.closed = true,
        }
    }

    /// The layer that the connection is to be handed to.
    #[must_use]
    pub fn upgrade(&self) -> Option<&'static str> {
        let upgrade = self.upgrade?;
        self.protocol.layers.get(usize::from(upgrade.layer)).copied()
    }

    /// What becomes of bytes behind an upgrade.
    pub(crate) fn unread(&self) -> Unread {
        self.upgrade.map_or(Unread::Reject, |upgrade| upgrade.unread)
    }

    /// The layer, as long as the user has not been told of it.
    pub(crate) fn upgrade_to_announce(&self) -> Option<u8> {
        self.upgrade.filter(|upgrade| !upgrade.announced).map(|upgrade| upgrade.layer)
    }

    /// Whether the user has been told of an upgrade that is due.
    pub(crate) fn upgrade_announced(&self) -> bool {
        self.upgrade.is_some_and(|upgrade| upgrade.announced)
    }

    /// The user has been told of the upgrade.
    pub(crate) fn announced(&mut self) {
        if let Some(upgrade) = &mut self.upgrade {
            upgrade.announced = true;
        }
    }

    /// Whether a switch made another frame of `role` due than those of its state.
    #[must_use]
    pub fn switched(&self, role: Role) -> bool {
        self.framing[role.index()].once.is_some()
    }

    /// The connection goes on inside the layer.
    pub fn upgraded(&mut self) {
        self.upgrade = None;
    }

    /// The value of a variable, by its bit.
    #[must_use]
    pub fn variable(&self, bit: u32) -> bool {
        self.variables & bit != 0
    }

    /// Sets a variable, by its bit.
    pub fn set(&mut self, bit: u32, value: bool) {
        if value {
            self.variables |= bit;
        } else {
            self.variables &= !bit;
        }
    }

    /// Takes the frame that was judged so. The caller carries out [`Judgement::effects`] that
    /// need the frame's values: it reads them before, with [`Session::apply`] after this.
    pub fn take(&mut self, role: Role, said: Said, judgement: Judgement) {
        self.progress = self.progress.wrapping_add(1);
        self.framing[role.index()].once = None;
        match judgement {
            Judgement::Rule { rule: Some(rule), .. } => {
                let variables = self.variables;
                self.take_rule(Exchange { role, said, variables, since: None }, rule);
            }
            Judgement::Reply { arm, place } => self.take_reply(arm, place),
            _ => {}
        }
    }

    /// Carries out an effect on the framing or on the connection; `Set` is left to
    /// [`Session::set`], whose value only the frame knows.
    pub fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Then { role, framer, .. } => {
                self.framing[role.index()].once = Some(framer);
            }
            Effect::Speaks { role, framer } => self.framing[role.index()].lasting = framer,
            Effect::Upgrade { layer, unread } => {
                self.upgrade = Some(Upgrade { layer, unread, announced: false });
                self.variables = self.protocol.variables;
            }
            Effect::Assign { variable, value } => self.set(variable, value),
            Effect::Set { .. } => {}
        }
    }

    fn current(&self) -> Option<&'static State> {
        self.protocol.state(self.state)
    }

    fn limit(&self) -> Option<TimeLimit> {
        self.current()?.time_limit
    }

    /// The rule that took an outstanding frame, if the state was this one.
    fn rule_of(&self, state: StateId, exchange: Exchange) -> Option<&'static Rule> {
        self.protocol.rule(state, exchange.said, exchange.variables)
    }

    fn rule(&self, state: StateId, said: Said) -> Option<&'static Rule> {
        self.protocol.rule(state, said, self.variables)
    }

    fn take_rule(&mut self, exchange: Exchange, rule: &'static Rule) {
        let role = exchange.role;
        if self.is_kept(exchange, rule) {
            if exchange.ordered() {
                self.possible = self.after(self.possible, exchange);
                self.barriers[role.index()] = rule.barrier;
            }
            self.pending.push_back(exchange);
        } else {
            self.lead(rule.target, self.state);
            self.settle();
            self.possible = self.fold();
        }
    }

    /// Whether a frame stays until the replies that come before it: it awaits one itself, or leads
    /// somewhere behind them.
    fn is_kept(&self, exchange: Exchange, rule: &'static Rule) -> bool {
        let mut others = self.pending.iter();
        let mut behind = || others.any(|other| other.role == exchange.role && other.ordered());
        let stays = |state| {
            let rule = self.rule_of(state, exchange);
            rule.is_some_and(|rule| rule.target == Target::Stay)
        };
        !rule.arms.is_empty() || behind() && !members(self.possible).all(stays)
    }

    fn take_reply(&mut self, arm: &'static Arm, place: usize) {
        if arm.target == Target::Again {
            return;
        }
        let Some(exchange) = self.pending.remove(place) else { return };
        let stay = match self.rule_of(self.state, exchange).map(|rule| rule.target) {
            Some(Target::State(state)) if exchange.ordered() => state,
            _ => self.state,
        };
        self.lead(arm.target, stay);
        self.settle();
    }

    /// The oldest frame that awaits nothing and has nothing before it, if that is one.
    fn passed(&self) -> Option<(usize, Exchange)> {
        [Role::First, Role::Second].into_iter().find_map(|role| {
            let place = self.pending.iter().position(|other| other.role == role && other.ordered());
            let exchange = *self.pending.get(place?)?;
            let rule = self.rule_of(self.state, exchange)?;
            rule.arms.is_empty().then_some((place?, exchange))
        })
    }

    fn lead(&mut self, target: Target, stay: StateId) {
        match target {
            Target::Stay | Target::Again => self.state = stay,
            Target::State(state) => self.state = state,
            Target::Close => self.closed = true,
        }
    }

    /// Passes over frames that await nothing and stood behind one that did.
    fn settle(&mut self) {
        while let Some((place, exchange)) = self.passed() {
            let target =
                self.rule_of(self.state, exchange).map_or(Target::Stay, |rule| rule.target);
            self.pending.remove(place);
            self.lead(target, self.state);
        }
        for role in [Role::First, Role::Second] {
            if !self.pending.iter().any(|other| other.role == role && other.ordered()) {
                self.barriers[role.index()] = None;
            }
        }
        if !self.pending.iter().any(|other| other.ordered()) {
            self.possible = 1 << self.state.0;
        }
    }

    /// The states after all that is outstanding, from the state now.
    fn fold(&self) -> u64 {
        let ordered = self.pending.iter().filter(|exchange| exchange.ordered());
        ordered.fold(1 << self.state.0, |states, exchange| self.after(states, *exchange))
    }

    /// The states that a frame and its reply can lead to from any of `states`.
    fn after(&self, states: u64, exchange: Exchange) -> u64 {
        let mut reached = 0;
        for from in members(states) {
            let Some(rule) = self.rule_of(from, exchange) else { continue };
            let stay = match rule.target {
                Target::State(state) => state,
                _ => from,
            };
            if rule.arms.is_empty() {
                reached |= 1 << stay.0;
            }
            for arm in rule.arms {
                match arm.target {
                    Target::State(state) => reached |= 1 << state.0,
                    Target::Stay => reached |= 1 << stay.0,
                    // The reply that ends the exchange is yet to come.
                    Target::Again | Target::Close => {}
                }
            }
        }
        reached
    }
}

/// The states of a set.
fn members(states: u64) -> impl Iterator<Item = StateId> {
    let mut left = states;
    core::iter::from_fn(move || {
        let state = u8::try_from(left.trailing_zeros()).ok().filter(|state| *state < 64)?;
        left &= left.wrapping_sub(1);
        Some(StateId(state))
    })
}
