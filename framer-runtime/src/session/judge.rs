//! What a session makes of a frame, in every state it may be in.

use super::Session;
use super::outstanding::members;
use crate::protocol::{Arm, Effect, Key, Number, Pairing, Role, Rule, Said, Target};

/// What a session makes of a frame, before it is told to go on.
#[derive(Clone, Copy, Debug)]
pub enum Judgement {
    /// A rule of the state takes it.
    Rule {
        /// The rule; `None` for a frame that a switch made due and no rule mentions.
        rule: Option<&'static Rule>,
        /// No state that is possible has a place for it.
        refused: bool,
    },
    /// It answers what is outstanding at the place.
    Reply {
        /// What it comes to.
        arm: &'static Arm,
        /// Counted from the oldest.
        place: usize,
    },
    /// The replies outstanding must come first.
    Wait,
    /// It changes how the other side is read, which has not said all that it announced.
    Interrupts,
    /// No rule takes it.
    OutOfSequence,
    /// It answers nothing.
    UnexpectedReply,
    /// A frame with the same key is outstanding already.
    KeyInUse,
    /// Too many replies are outstanding already.
    PendingFull,
    /// It would take a number out of its range.
    OutOfRange(&'static Number),
}

impl Judgement {
    /// Whether the one who says it may.
    pub(crate) const fn permits(&self) -> bool {
        matches!(self, Judgement::Rule { refused: false, .. } | Judgement::Reply { .. })
    }

    /// What changes at once when the frame is taken, in order.
    #[must_use]
    pub fn effects(&self) -> &'static [Effect] {
        match self {
            Judgement::Rule { rule: Some(rule), .. } => rule.effects,
            Judgement::Reply { arm, .. } => arm.effects,
            _ => &[],
        }
    }
}

impl<const PENDING: usize> Session<PENDING> {
    /// What a frame of `role` would be, if it were taken now.
    #[must_use]
    #[inline(always)]
    pub fn judge(&self, role: Role, said: &Said) -> Judgement {
        if self.is_word(role, said) {
            return Judgement::Rule { rule: None, refused: false };
        }
        if self.awaits_word(role) {
            return Judgement::Wait;
        }
        if !self.protocol.asks(role) {
            return self.judge_answer(role, said);
        }
        // Where both sides ask, what a rule takes is no reply.
        if self.protocol.only_answers(said.kind) {
            if let Some((arm, place)) = self.judge_reply(role, said) {
                return Judgement::Reply { arm, place };
            }
            if !self.switched(role) {
                return Judgement::UnexpectedReply;
            }
        }
        self.judge_request(role, said)
    }

    /// A frame of who asks nothing.
    fn judge_answer(&self, role: Role, said: &Said) -> Judgement {
        // What a reply made due belongs to that one.
        let switched = self.switched(role);
        if !switched && let Some((arm, place)) = self.judge_reply(role, said) {
            return Judgement::Reply { arm, place };
        }
        if let Some(rule) = self.rule(self.state, said) {
            return Judgement::Rule { rule: Some(rule), refused: rule.refuse };
        }
        if switched {
            return match self.judge_reply(role, said) {
                Some((arm, place)) => Judgement::Reply { arm, place },
                None => Judgement::Rule { rule: None, refused: false },
            };
        }
        match self.protocol.asks(role.peer()) {
            true => Judgement::UnexpectedReply,
            false => Judgement::OutOfSequence,
        }
    }

    fn judge_request(&self, role: Role, said: &Said) -> Judgement {
        // What the frame itself made due comes before its reply.
        if self.barrier(role).is_some() && !self.switched(role) {
            return Judgement::Wait;
        }
        if self.pending.len() == 0 {
            // There is one state, and nothing that it has to do with.
            return match self.rule(self.state, said) {
                Some(rule) => Judgement::Rule { rule: Some(rule), refused: rule.refuse },
                None if self.switched(role) => Judgement::Rule { rule: None, refused: false },
                None => Judgement::OutOfSequence,
            };
        }
        let states = self.states(said);
        match self.agree(states, said) {
            Agreement::Split => Judgement::Wait,
            Agreement::None if self.switched(role) => {
                Judgement::Rule { rule: None, refused: false }
            }
            Agreement::None => Judgement::OutOfSequence,
            Agreement::All { rule, refused } => {
                if self.unsettled(role, said, rule) {
                    return Judgement::Wait;
                }
                if self.asked(role) >= self.protocol.pending && self.taken(role, said, states).kept
                {
                    return Judgement::PendingFull;
                }
                let in_use = |_: &Key| !rule.arms.is_empty() && self.paired(role, said).is_some();
                match said.key.as_ref().is_some_and(in_use) {
                    true => Judgement::KeyInUse,
                    false => Judgement::Rule { rule: Some(rule), refused },
                }
            }
        }
    }

    /// Whether a frame whose reply changes the state comes behind others that may, and whose replies may
    /// come behind its own.
    fn unsettled(&self, role: Role, said: &Said, rule: &Rule) -> bool {
        let changes = said.key.is_some() && rule.barrier.is_some();
        changes && self.pending.is_ordered(role)
    }

    /// The arm for a frame that answers something. Without a key it is for the oldest without one, or for
    /// what holds back all that would follow.
    fn judge_reply(&self, role: Role, said: &Said) -> Option<(&'static Arm, usize)> {
        if self.asked(role.peer()) == 0 {
            return None;
        }
        let place = self.paired(role.peer(), said).or_else(|| match said.key {
            Some(_) => None,
            None => self.pending.position(|of| of.role == role.peer() && self.holds(of)),
        })?;
        let rule = self.rule_of(self.state, self.pending.get(place)?)?;
        let arm = rule.arms.iter().find(|arm| arm.takes(said, self.variables))?;
        Some((arm, place))
    }

    /// What is outstanding of `role` that a frame like this belongs to.
    fn paired(&self, role: Role, said: &Said) -> Option<usize> {
        self.pending.position(|exchange| {
            let alike = match self.protocol.pairing {
                Pairing::Order => true,
                Pairing::Key => exchange.said.key == said.key,
            };
            exchange.role == role && alike
        })
    }

    /// The states that a frame is judged in. Which of them are left since replies have come is looked at only
    /// where they differ over the frame.
    #[inline]
    pub(super) fn states(&self, said: &Said) -> u64 {
        let one = self.possible.is_power_of_two();
        if self.exact || one || self.alike(said) { self.possible } else { self.fold() }
    }

    /// Whether all states that were possible make the same of a frame.
    fn alike(&self, said: &Said) -> bool {
        let of = |rule: &Rule| {
            let stays = rule.target == Target::Stay;
            (rule.framing, rule.refuse, rule.barrier, rule.arms.is_empty(), stays)
        };
        let mut made = members(self.possible).map(|state| self.rule(state, said).map(of));
        let first = made.next();
        made.all(|other| Some(other) == first)
    }

    /// What the states of the set `states` make of a frame.
    fn agree(&self, states: u64, said: &Said) -> Agreement {
        let mut found: Option<(&'static Rule, bool)> = None;
        let mut missing = false;
        for state in members(states) {
            match (self.rule(state, said), &mut found) {
                (None, _) => missing = true,
                (Some(rule), None) => found = Some((rule, rule.refuse)),
                (Some(rule), Some((first, refused))) => {
                    if rule.framing != first.framing {
                        return Agreement::Split;
                    }
                    *refused &= rule.refuse;
                }
            }
        }
        match found {
            Some(_) if missing => Agreement::Split,
            Some((rule, refused)) => Agreement::All { rule, refused },
            None => Agreement::None,
        }
    }
}

/// What several states make of one frame.
enum Agreement {
    /// All take it, with the same effect on the framing.
    All { rule: &'static Rule, refused: bool },
    /// Some take it and some do not, or they differ.
    Split,
    /// None takes it.
    None,
}
