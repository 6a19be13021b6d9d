//! What a session makes of a frame, in every state it may be in.

use super::{Session, members};
use crate::protocol::{Arm, Effect, KindId, Role, Rule};

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
    /// It answers the oldest exchange.
    Reply(&'static Arm),
    /// The replies outstanding must come first.
    Wait,
    /// No rule takes it.
    OutOfSequence,
    /// It answers nothing.
    UnexpectedReply,
    /// Too many replies are outstanding already.
    PendingFull,
}

impl Judgement {
    /// What changes at once when the frame is taken, in order.
    #[must_use]
    pub fn effects(&self) -> &'static [Effect] {
        match self {
            Judgement::Rule { rule: Some(rule), .. } => rule.effects,
            Judgement::Reply(arm) => arm.effects,
            _ => &[],
        }
    }
}

impl Session {
    /// What a frame of `role` would be, if it were taken now.
    ///
    /// `value` is that of its `by` field, 0 where it has none.
    #[must_use]
    pub fn judge(&self, role: Role, kind: KindId, value: u64) -> Judgement {
        if role == self.protocol.asker {
            self.judge_request(role, kind, value)
        } else {
            self.judge_reply(role, kind, value)
        }
    }

    fn judge_request(&self, role: Role, kind: KindId, value: u64) -> Judgement {
        if self.barrier.is_some() {
            return Judgement::Wait;
        }
        let exact;
        let possible = match self.agree(self.possible, kind, value) {
            Agreement::Split if !self.pending.is_empty() => {
                // The set was made when more replies were outstanding than are now.
                exact = self.fold();
                self.agree(exact, kind, value)
            }
            agreement => agreement,
        };
        match possible {
            Agreement::Split => Judgement::Wait,
            Agreement::None if self.switched(role) => {
                Judgement::Rule { rule: None, refused: false }
            }
            Agreement::None => Judgement::OutOfSequence,
            Agreement::All { rule, .. }
                if !rule.arms.is_empty() && self.pending.len() >= self.protocol.pending =>
            {
                Judgement::PendingFull
            }
            Agreement::All { rule, refused } => Judgement::Rule { rule: Some(rule), refused },
        }
    }

    fn judge_reply(&self, role: Role, kind: KindId, value: u64) -> Judgement {
        let arm = self.pending.front().and_then(|exchange| {
            let rule = self.rule_of(self.state, *exchange)?;
            rule.arms.iter().find(|arm| arm.takes(kind, value))
        });
        match (arm, self.rule(self.state, kind, value)) {
            (Some(arm), _) => Judgement::Reply(arm),
            (None, Some(rule)) => Judgement::Rule { rule: Some(rule), refused: rule.refuse },
            (None, None) if self.switched(role) => Judgement::Rule { rule: None, refused: false },
            (None, None) => Judgement::UnexpectedReply,
        }
    }

    /// What the states of the set `states` make of a frame.
    fn agree(&self, states: u64, kind: KindId, value: u64) -> Agreement {
        let mut found: Option<(&'static Rule, bool)> = None;
        let mut missing = false;
        for state in members(states) {
            match (self.rule(state, kind, value), &mut found) {
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
