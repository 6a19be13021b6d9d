//! Expressions as they are written.

use super::{Ident, Literal};
use crate::source::Span;

/// A total expression.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

/// How a text is compared with a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextTest {
    Is,
    Starts,
    Contains,
}

/// The expression without `prefix.` before each path in it, if it stands before all of them.
pub(crate) fn without_prefix(
    expr: &Expr,
    prefix: &str,
    is_value: &impl Fn(&[Ident]) -> bool,
) -> Option<Expr> {
    let mut stripped = expr.clone();
    let mut found = false;
    strip(&mut stripped, prefix, is_value, &mut found).then_some(stripped).filter(|_| found)
}

fn strip(
    expr: &mut Expr,
    prefix: &str,
    is_value: &impl Fn(&[Ident]) -> bool,
    found: &mut bool,
) -> bool {
    match &mut expr.kind {
        ExprKind::Path(path) if is_value(path) => true,
        ExprKind::Path(path) | ExprKind::Text { path, .. } => {
            let of_prefix = path.len() > 1 && path[0].name == prefix;
            if of_prefix {
                path.remove(0);
                *found = true;
            }
            of_prefix
        }
        ExprKind::Not(inner) => strip(inner, prefix, is_value, found),
        ExprKind::Binary { left, right, .. } => {
            strip(left, prefix, is_value, found) && strip(right, prefix, is_value, found)
        }
        ExprKind::Call { args, .. } => {
            args.iter_mut().all(|arg| strip(arg, prefix, is_value, found))
        }
        ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::Literal(_) => true,
        ExprKind::Fields { .. } => false,
    }
}

#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    Bool(bool),
    Number(u64),
    Literal(Literal),
    /// `lines.text`
    Path(Vec<Ident>),
    /// `len(body)`
    Call {
        function: Ident,
        args: Vec<Expr>,
    },
    Not(Box<Expr>),
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `any lines.text starts nocase word "AUTH"`, `offers.text contains word "STARTTLS"`
    Text {
        /// Of several texts, one is enough.
        any: bool,
        path: Vec<Ident>,
        how: TextTest,
        literal: Literal,
    },
    /// `addr..data`: a span of fields, for checksums.
    Fields {
        from: Ident,
        to: Ident,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    BitAnd,
    BitOr,
    ShiftLeft,
    ShiftRight,
}
