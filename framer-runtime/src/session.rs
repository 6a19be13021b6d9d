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
#[cfg(feature = "alloc")]
mod lapse;
mod numbers;
mod outstanding;
mod pending;

pub use judge::Judgement;
#[cfg(feature = "alloc")]
pub use lapse::Unanswered;
pub use outstanding::Answered;

use core::num::NonZeroU64;

#[cfg(feature = "alloc")]
use crate::few::{Queue, Rare};
#[cfg(feature = "tower")]
use crate::protocol::Cut;
use crate::protocol::{
    Barrier, Effect, FramerId, KindId, Protocol, Role, Said, State, StateId, TimeLimit, Unread,
};
use numbers::Numbers;
use pending::Pending;

/// How one direction is cut.
#[derive(Clone, Copy, Debug)]
struct Framing {
    lasting: FramerId,
    once: Option<FramerId>,
    /// What is due waits until the other side has said one of these.
    until: &'static [KindId],
}

/// The connection is to be handed to another layer.
#[derive(Clone, Copy, Debug)]
struct Upgrade {
    layer: u8,
    unread: Unread,
    announced: bool,
}

/// Whether a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    No,
    /// By what was said.
    Closed,
    /// By its time limit: the peer is not heard any more, and may be told why.
    Late,
}

/// Where a session of a [`Protocol`] stands.
#[derive(Clone, Debug)]
pub struct Session<const PENDING: usize = 0> {
    protocol: &'static Protocol,
    local: Role,
    /// After the replies that have come.
    state: StateId,
    /// After the replies that are outstanding: a bit for each state.
    possible: u64,
    /// No reply came since: otherwise fewer may be possible.
    exact: bool,
    variables: u32,
    numbers: Numbers,
    /// What awaits replies, and what stands behind it and awaits none.
    pending: Pending<PENDING>,
    /// What this side has asked and got no answer to in time.
    #[cfg(feature = "alloc")]
    unanswered: Option<Rare<Queue<Unanswered, PENDING>>>,
    barriers: [Option<Barrier>; 2],
    /// The last of each role that awaits a reply, as long as it does. Numbers begin at 1.
    last_asked: [Option<NonZeroU64>; 2],
    /// What the last frame was a reply to, and whether another one follows.
    answered: Option<NonZeroU64>,
    again: bool,
    framing: [Framing; 2],
    upgrade: Option<Upgrade>,
    over: Over,
    progress: u64,
}

impl<const PENDING: usize> Session<PENDING> {
    /// A session at its beginning, seen from `local`.
    #[must_use]
    pub fn new(protocol: &'static Protocol, local: Role) -> Session<PENDING> {
        let [first, second] = protocol.speaks;
        Session {
            protocol,
            local,
            state: StateId(0),
            possible: 1,
            exact: true,
            variables: protocol.variables,
            numbers: Numbers::new(protocol.numbers),
            pending: Pending::default(),
            #[cfg(feature = "alloc")]
            unanswered: None,
            barriers: [None; 2],
            last_asked: [None; 2],
            answered: None,
            again: false,
            framing: [first, second].map(|lasting| Framing { lasting, once: None, until: &[] }),
            upgrade: None,
            over: Over::No,
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
        self.pending.get(0).map(|exchange| self.protocol.kind_name(exchange.said.kind))
    }

    /// How many replies are outstanding.
    #[must_use]
    pub fn outstanding(&self) -> usize {
        self.pending.len()
    }

    /// What is outstanding and who said it, the oldest first.
    pub fn exchanges(&self) -> impl Iterator<Item = (Role, Said)> {
        self.pending.iter().map(|exchange| (exchange.role, exchange.said))
    }

    /// What the last frame was a reply to, whoever said it.
    #[must_use]
    pub fn answered(&self) -> Option<Answered> {
        let last = !self.again;
        self.answered.map(|number| Answered { number: number.get(), last })
    }

    /// The numbers of what `role` has outstanding that awaits a reply, the oldest first, and whether the replies come in
    /// the order of the requests. A number tells each from all others of the session, and later ones
    /// are greater.
    pub fn numbers(&self, role: Role) -> impl DoubleEndedIterator<Item = (u64, bool)> {
        let of =
            self.pending.iter().filter(move |exchange| exchange.role == role && exchange.awaits);
        of.map(|exchange| (exchange.number, exchange.ordered()))
    }

    /// Whether the frame of `role` that comes next belongs to its last one, and needs nothing from the
    /// other side before: a payload that it announced, for example.
    #[must_use]
    pub fn goes_on(&self, role: Role) -> bool {
        self.switched(role) && !self.held(role)
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
        self.pending.of(role)
    }

    /// Whether nothing of `role` may follow before a reply, and why.
    #[must_use]
    pub fn barrier(&self, role: Role) -> Option<Barrier> {
        self.barriers[role.index()]
    }

    /// Whether what `role` says may be looked at: the session goes on with it now.
    pub(crate) fn hears(&self, role: Role) -> bool {
        self.upgrade.is_none() && self.over == Over::No && !self.held(role)
    }

    /// Whether nothing of `role` may follow before a reply. What a frame itself made due comes before
    /// its reply, unless the rule says that it waits.
    pub(crate) fn held(&self, role: Role) -> bool {
        match self.barrier(role) {
            _ if self.awaits_word(role) => true,
            Some(Barrier::Declared) => true,
            Some(_) => !self.switched(role),
            None => false,
        }
    }

    /// Whether what is due of `role` waits until the other side has said something.
    pub(crate) fn awaits_word(&self, role: Role) -> bool {
        !self.framing[role.index()].until.is_empty()
    }

    /// Whether what is due of the other side waits for this of `role`.
    fn is_word(&self, role: Role, said: &Said) -> bool {
        self.framing[role.peer().index()].until.contains(&said.kind)
    }

    /// How the next frame of `role` is cut.
    #[must_use]
    pub fn framer(&self, role: Role) -> FramerId {
        let framing = &self.framing[role.index()];
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
        self.over != Over::No
    }

    /// Whether nothing more may be said, not even to a peer who was too late.
    pub(crate) fn is_silent(&self) -> bool {
        self.over == Over::Closed
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
                self.refold();
            }
            None => self.over = Over::Late,
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

    /// What `role` has begun and not said to its end, by its name. What ends with the connection
    /// has no other end.
    #[cfg(feature = "tower")]
    pub(crate) fn unfinished(&self, role: Role) -> Option<&'static str> {
        let begun = self.switched(role) && !self.closed();
        let framer = self.protocol.framer(self.framer(role)).filter(|_| begun)?;
        (!matches!(framer.cut, Cut::Rest { .. })).then_some(framer.name)
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
    #[inline(always)]
    pub fn take(&mut self, role: Role, said: &Said, judgement: &Judgement) {
        self.progress = self.progress.wrapping_add(1);
        if self.is_word(role, said) {
            self.framing[role.peer().index()].until = &[];
        }
        self.framing[role.index()].once = None;
        self.answered = None;
        match *judgement {
            Judgement::Rule { rule: Some(rule), .. } => match rule.arms.is_empty() {
                true if self.pending.len() == 0 => self.pass(rule),
                _ => self.take_rule(role, said, rule),
            },
            Judgement::Reply { arm, place } => self.take_reply(arm, place),
            _ => {}
        }
    }

    /// Carries out an effect on the framing or on the connection; `Set` is left to
    /// [`Session::set`], and numbers to [`Session::count`]: only the frame knows their values.
    pub fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Then { role, framer, .. } => {
                let framing = &mut self.framing[role.index()];
                (framing.once, framing.until) = (Some(framer), &[]);
            }
            Effect::Hold { role, until } => self.hold(role, until),
            Effect::Speaks { role, framer } => self.framing[role.index()].lasting = framer,
            Effect::Upgrade { layer, unread } => {
                self.upgrade = Some(Upgrade { layer, unread, announced: false });
                self.variables = self.protocol.variables;
            }
            Effect::Assign { variable, value } => self.set(variable, value),
            Effect::Set { .. } | Effect::Change { .. } => {}
        }
    }

    /// What was made due waits for a word of the other side. Where what it belongs to has been answered
    /// already, that word does not come.
    fn hold(&mut self, role: Role, until: &'static [KindId]) {
        let framing = &mut self.framing[role.index()];
        match self.last_asked[role.index()] {
            Some(_) => framing.until = until,
            None => framing.once = None,
        }
    }

    fn current(&self) -> Option<&'static State> {
        self.protocol.state(self.state)
    }

    fn limit(&self) -> Option<TimeLimit> {
        self.current()?.time_limit
    }
}
