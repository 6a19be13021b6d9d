//! Protocols: roles, states and rules.

use super::{Amount, Ask, Expr, FrameId, StateId, TypeId, Var, VarId};
use crate::source::Span;
pub(super) use crate::syntax::Received;
use crate::syntax::{Change, Docs};

/// One of the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    First,
    Second,
}

impl Role {
    /// The other side.
    #[must_use]
    pub fn peer(self) -> Role {
        match self {
            Role::First => Role::Second,
            Role::Second => Role::First,
        }
    }

    /// Its place among the roles.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Role::First => 0,
            Role::Second => 1,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Protocol {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    /// Each frame is a datagram; otherwise they are cut out of a stream.
    pub datagrams: bool,
    pub roles: [String; 2],
    pub speaks: [Speaks; 2],
    pub pending: u64,
    /// How many milliseconds a reply may take; then what awaits it is forgotten.
    pub reply_millis: Option<u64>,
    /// The field that pairs a reply with its request; without it they pair in order.
    pub key: Option<Key>,
    pub vars: Vec<Var>,
    pub states: Vec<State>,
    pub any: Vec<Rule>,
}

/// A field by which replies are paired, by the names that lead to it.
#[derive(Clone, Debug)]
pub struct Key {
    pub field: Vec<String>,
    /// The field within whose value it counts; 0 where it is missing.
    pub within: Option<Vec<String>>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Speaks {
    pub ty: TypeId,
    /// The field that arms look at.
    pub by: Option<String>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct State {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub within: Option<Within>,
    pub rules: Vec<Rule>,
    /// Whether the rules of `any state` hold here.
    pub any: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Within {
    pub millis: u64,
    /// `None` closes.
    pub otherwise: Option<StateId>,
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub role: Role,
    pub messages: Vec<Message>,
    /// What the frame's own fields must be.
    pub own: Vec<Expr>,
    /// What the answers to questions about variables must be.
    pub vars: Vec<(Ask, bool)>,
    pub refuse: Option<Span>,
    pub sync: bool,
    pub target: Target,
    pub effects: Vec<Effect>,
    /// `None`: awaits no reply.
    pub arms: Option<Vec<Arm>>,
    pub span: Span,
}

/// What a rule fires on.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub kind: MessageKind,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageKind {
    Frame(FrameId),
    /// A value of the `by` field of what the role speaks.
    Value {
        low: u64,
        high: u64,
    },
    /// Anything that the role speaks.
    Any,
    Malformed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Stay,
    State(StateId),
    Close,
    Again,
}

#[derive(Clone, Debug)]
pub(crate) enum Effect {
    /// With `after`, not before the other role has said that.
    Then {
        role: Role,
        ty: TypeId,
        args: Vec<Expr>,
        after: Option<FrameId>,
        span: Span,
    },
    Speaks {
        role: Role,
        ty: TypeId,
        span: Span,
    },
    Upgrade {
        layer: String,
        received: Received,
        span: Span,
    },
    /// A variable that is true or false.
    Set {
        var: VarId,
        value: Expr,
    },
    /// One that holds a number.
    Change {
        var: VarId,
        change: Change,
        by: Amount,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Arm {
    pub message: Message,
    /// What the reply's own fields must be.
    pub own: Vec<Expr>,
    /// What the answers to questions about variables must be when it comes.
    pub vars: Vec<(Ask, bool)>,
    pub target: Target,
    pub effects: Vec<Effect>,
}
