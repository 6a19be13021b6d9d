//! Variables of protocols: what they hold, what is asked about them, how they change.

use std::collections::BTreeMap;

use super::protocol::{Arm, Effect, Protocol, Role, Rule};
use super::{Expr, VarId};
use crate::source::Span;
use crate::syntax::{Change, Docs};

#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub docs: Docs,
    pub name: String,
    pub kind: VarKind,
    pub span: Span,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum VarKind {
    /// With its first value.
    Flag(bool),
    Number {
        initial: u64,
        low: u64,
        high: u64,
    },
}

/// What is asked about a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Whether it is true.
    Flag(VarId),
    Number {
        var: VarId,
        is: Relation,
        to: Amount,
    },
}

/// How two numbers are compared; the others are the opposite of one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    Equal,
    Less,
    AtMost,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    /// What an expression over the fields of the frame gives.
    Value(Expr),
    /// What another variable is.
    Var(VarId),
}

impl Ask {
    /// The variables that it looks at.
    fn reads(&self) -> impl Iterator<Item = VarId> {
        let (first, second) = match self {
            Ask::Flag(var) => (*var, None),
            Ask::Number { var, to, .. } => (*var, to.var()),
        };
        [first].into_iter().chain(second)
    }
}

impl Amount {
    fn var(&self) -> Option<VarId> {
        match self {
            Amount::Var(var) => Some(*var),
            Amount::Value(_) => None,
        }
    }
}

/// What something does with a variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Use {
    /// A guard or a condition looks at it, or another takes its value.
    pub read: bool,
    /// It is set, whatever it was.
    pub set: bool,
    pub added: bool,
    pub subtracted: bool,
}

impl Use {
    fn changes(self) -> bool {
        self.set || self.added || self.subtracted
    }

    /// Whether it matters which of the two comes first. Where one only adds and the other only takes
    /// away, both sides come to the same value, and what one may do by the value that it knows
    /// the other may do, too.
    pub(crate) fn races(self, other: Use) -> bool {
        let counts = |more: Use, fewer: Use| {
            more == Use { added: true, ..Use::default() }
                && fewer == Use { subtracted: true, ..Use::default() }
        };
        let touches = |one: Use, other: Use| one.changes() && (other.read || other.changes());
        let commutes = counts(self, other) || counts(other, self);
        (touches(self, other) || touches(other, self)) && !commutes
    }
}

/// What is done with each variable.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses(BTreeMap<VarId, Use>);

impl Uses {
    /// What guards and effects do.
    pub(crate) fn add(&mut self, asks: &[(Ask, bool)], effects: &[Effect]) {
        for var in asks.iter().flat_map(|(ask, _)| ask.reads()) {
            self.of_mut(var).read = true;
        }
        for effect in effects {
            match effect {
                Effect::Set { var, .. } => self.of_mut(*var).set = true,
                Effect::Change { var, change, by } => {
                    let of = self.of_mut(*var);
                    match change {
                        Change::To => of.set = true,
                        Change::Add => of.added = true,
                        Change::Subtract => of.subtracted = true,
                    }
                    if let Some(var) = by.var() {
                        self.of_mut(var).read = true;
                    }
                }
                Effect::Then { .. } | Effect::Speaks { .. } | Effect::Upgrade { .. } => {}
            }
        }
    }

    fn of_mut(&mut self, var: VarId) -> &mut Use {
        self.0.entry(var).or_default()
    }

    pub(crate) fn of(&self, var: VarId) -> Use {
        self.0.get(&var).copied().unwrap_or_default()
    }

    /// A variable for which it matters which of the two comes first.
    pub(crate) fn race(&self, other: &Uses) -> Option<VarId> {
        self.0.iter().find(|(var, of)| of.races(other.of(**var))).map(|(var, _)| *var)
    }
}

impl Protocol {
    /// What the rules for the frames of a role do at once.
    pub(crate) fn uses(&self, role: Role) -> Uses {
        let mut uses = Uses::default();
        for rule in self.rules().filter(|rule| rule.role == role) {
            uses.add(&rule.vars, &rule.effects);
        }
        uses
    }
}

impl Protocol {
    /// Whether something depends on a variable: a guard, a condition or another variable, or what
    /// counts, which its range ends.
    pub(crate) fn looks_at(&self, var: VarId) -> bool {
        let mut uses = Uses::default();
        for rule in self.rules() {
            uses.add(&rule.vars, &rule.effects);
            for arm in rule.arms.iter().flatten() {
                uses.add(&arm.vars, &arm.effects);
            }
        }
        let of = uses.of(var);
        of.read || of.added || of.subtracted
    }
}

impl Rule {
    /// What the replies do.
    pub(crate) fn uses_of_arms<'a>(arms: impl IntoIterator<Item = &'a Arm>) -> Uses {
        let mut uses = Uses::default();
        for arm in arms {
            uses.add(&arm.vars, &arm.effects);
        }
        uses
    }
}
