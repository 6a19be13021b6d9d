//! Protocols as they were written.

use super::{Docs, Expr, Ident, Range, Spanned};
use crate::source::Span;

#[derive(Clone, Debug)]
pub(crate) struct Protocol {
    pub docs: Docs,
    pub name: Ident,
    /// `stream` or `datagram`
    pub over: Ident,
    pub roles: Vec<Ident>,
    pub speaks: Vec<Speaks>,
    pub pending: Option<Pending>,
    pub vars: Vec<Var>,
    pub states: Vec<State>,
    pub span: Span,
}

/// `server speaks Reply by code;`
#[derive(Clone, Debug)]
pub(crate) struct Speaks {
    pub role: Ident,
    pub frame: Ident,
    pub by: Option<Ident>,
    pub span: Span,
}

/// `pending fifo max 100;` or `pending by id max 1024 within 5 s;`
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    /// The fields that pair a reply with its request, each by its path. Empty: in order.
    pub key: Vec<Vec<Ident>>,
    pub max: Spanned<u64>,
    /// How long a reply may take, in milliseconds.
    pub within: Option<Spanned<u64>>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub docs: Docs,
    pub name: Ident,
    pub ty: Ident,
    /// `in ..=3`
    pub range: Option<Range>,
    pub initial: Expr,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct State {
    pub docs: Docs,
    /// `None`: `any state`.
    pub name: Option<Ident>,
    /// `any state except A, B`
    pub except: Vec<Ident>,
    pub within: Option<Within>,
    pub rules: Vec<Rule>,
    pub span: Span,
}

/// `within 5 min else close`, or `else Name`
#[derive(Clone, Debug)]
pub(crate) struct Within {
    pub millis: Spanned<u64>,
    /// `None`: close.
    pub otherwise: Option<Ident>,
    pub span: Span,
}

/// `client Bdat if last => refuse sync Target { effects } awaits { arms };`
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub docs: Docs,
    pub role: Ident,
    pub messages: Vec<Pattern>,
    pub guard: Option<Expr>,
    pub refuse: Option<Span>,
    pub sync: Option<Span>,
    pub outcome: Outcome,
    pub awaits: Option<Vec<Arm>>,
    pub span: Span,
}

/// What a rule or an arm fires on.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// A frame by name; `malformed` is one whose content broke a rule.
    Frame(Ident),
    /// A value or a range of the `by` field.
    Value(Range),
    /// `_`
    Any(Span),
}

/// Where it leads and what else happens, each effect perhaps only where something holds.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub target: Target,
    pub effects: Vec<(Effect, Option<Expr>)>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// `stay`, or nothing written.
    Stay,
    Close,
    /// `again`: the exchange goes on, another reply follows.
    Again,
    State(Ident),
}

#[derive(Clone, Debug)]
pub(crate) enum Effect {
    /// `client then Chunk(size) after Continue`: the next frame of that role only, perhaps not before
    /// the other role has said something.
    Then { role: Ident, frame: Ident, args: Vec<Expr>, after: Option<Ident>, span: Span },
    /// `server speaks Frame`: from now on.
    Speaks { role: Ident, frame: Ident, span: Span },
    /// `upgrade Tls`, `upgrade WebSocket carry`
    Upgrade { layer: Ident, received: Received, span: Span },
    /// `chunking = true`, `left -= size`
    Set { var: Ident, change: Change, value: Expr, span: Span },
}

/// How a variable changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// `=`
    To,
    /// `+=`
    Add,
    /// `-=`
    Subtract,
}

/// What an upgrade does with bytes already received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    Reject,
    Discard,
    Carry,
}

/// `250 | 251 => Envelope { ... }`, with a guard over the fields of the reply, and of the request by the
/// name of its frame.
#[derive(Clone, Debug)]
pub(crate) struct Arm {
    pub patterns: Vec<Pattern>,
    pub guard: Option<Expr>,
    pub outcome: Outcome,
    pub span: Span,
}
