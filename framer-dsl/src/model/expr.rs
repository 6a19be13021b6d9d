//! Expressions over the fields of one frame, and which values they can have.

use std::fmt;

use super::{ChecksumId, ChoiceId, FrameId, Literal};
use crate::syntax::BinaryOp;

/// An expression over the fields of one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    pub kind: ExprKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExprKind {
    Bool(bool),
    Number(u64),
    /// A field by its name.
    Field(String),
    /// How many bytes something takes.
    Len(Part),
    /// The checksum of something.
    Checksum(ChecksumId, Part),
    /// How many elements a list has.
    Count(String),
    /// Whether a field is there.
    Some(String),
    /// The number of the alternative that a field is.
    Tag(String),
    Not(Box<Expr>),
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// The first number that a path leads to, or 0.
    First(Path),
    /// Whether a path leads to a number, and the first compares so.
    Compare {
        path: Path,
        op: BinaryOp,
        right: Box<Expr>,
    },
    /// Whether something that a path leads to is so.
    Any {
        path: Path,
        test: Test,
    },
    /// How many elements of a list are of one alternative.
    CountOf {
        list: String,
        alternative: Step,
    },
}

/// The way from a frame to what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub steps: Vec<Step>,
    /// Which values the number at its end can have, if there is one.
    pub range: Option<Range>,
}

/// A step from a frame, or from a choice, into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To a field.
    Field(String),
    /// To a field that may be missing.
    Maybe(String),
    /// To each element of a list.
    Each(String),
    /// To the frame that a choice is, if it is that one.
    Alternative { choice: ChoiceId, frame: FrameId, name: String },
}

impl Path {
    /// The field where it begins.
    fn first(&self) -> impl Iterator<Item = &str> {
        self.steps.first().into_iter().map(Step::name)
    }
}

impl Step {
    fn name(&self) -> &str {
        match self {
            Step::Field(name) | Step::Maybe(name) | Step::Each(name) => name,
            Step::Alternative { name, .. } => name,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.steps.iter().map(Step::name).collect();
        formatter.write_str(&names.join("."))
    }
}

/// What something at the end of a path may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    There,
    /// It is a flag that is set.
    Holds,
    Is(Literal),
    Starts(Literal),
    Contains(Literal),
}

/// A part of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Field(String),
    /// From one field to another, both included.
    Fields(String, String),
    /// All that follows.
    Rest,
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Field(name) => formatter.write_str(name),
            Part::Fields(from, to) => write!(formatter, "{from}..{to}"),
            Part::Rest => formatter.write_str("rest"),
        }
    }
}

/// The values that a number can have, both included. Wider than any of its operations needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub low: i128,
    pub high: i128,
}

impl Range {
    /// Whether every value fits what expressions are computed in.
    #[must_use]
    pub fn fits(self) -> bool {
        self.low >= 0 && self.high <= i128::from(u64::MAX)
    }

    fn one(value: u64) -> Range {
        Range { low: value.into(), high: value.into() }
    }

    /// All results of `op` over the ends of two ranges, for an operation that grows or falls with
    /// each side.
    fn ends(self, other: Range, op: impl Fn(i128, i128) -> i128) -> Range {
        let all = [
            op(self.low, other.low),
            op(self.low, other.high),
            op(self.high, other.low),
            op(self.high, other.high),
        ];
        let low = all.iter().copied().min().unwrap_or_default();
        Range { low, high: all.iter().copied().max().unwrap_or_default() }
    }
}

impl Expr {
    /// Which values the expression can have, `field` being what its names can; `None` where a
    /// step of it has no result for some of them.
    pub fn range(&self, field: &impl Fn(&ExprKind) -> Option<Range>) -> Option<Range> {
        let found = match &self.kind {
            ExprKind::Number(value) => Range::one(*value),
            ExprKind::First(Path { range: Some(range), .. }) => Range { low: 0, high: range.high },
            // What is in memory.
            ExprKind::CountOf { .. } => Range { low: 0, high: 1 << 40 },
            ExprKind::Binary { op, left, right } => {
                arithmetic(*op, left.range(field)?, right.range(field)?)?
            }
            other => field(other)?,
        };
        found.fits().then_some(found)
    }

    /// The expression without a `!` before it, and whether there was none.
    pub fn positive(&self) -> (&Expr, bool) {
        match &self.kind {
            ExprKind::Not(inner) => {
                let (inner, positive) = inner.positive();
                (inner, !positive)
            }
            _ => (self, true),
        }
    }

    /// The parts of the frame whose bytes it needs.
    pub fn parts(&self) -> Vec<&Part> {
        match &self.kind {
            ExprKind::Len(part) | ExprKind::Checksum(_, part) => vec![part],
            ExprKind::Not(inner) => inner.parts(),
            ExprKind::Binary { left, right, .. } => [left.parts(), right.parts()].concat(),
            _ => Vec::new(),
        }
    }

    /// Whether something of the bytes of the frame is in it.
    #[must_use]
    pub fn measures(&self) -> bool {
        !self.parts().is_empty()
    }

    /// Whether it is made of numbers and flags alone, which are read where a frame is measured.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        match &self.kind {
            ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::Field(_) => true,
            ExprKind::Not(inner) => inner.is_plain(),
            ExprKind::Binary { left, right, .. } => left.is_plain() && right.is_plain(),
            _ => false,
        }
    }

    /// Every name in it.
    pub fn names(&self) -> Vec<&str> {
        match &self.kind {
            ExprKind::Field(name) => vec![name],
            ExprKind::Not(inner) => inner.names(),
            ExprKind::Binary { left, right, .. } => {
                let mut names = left.names();
                names.extend(right.names());
                names
            }
            ExprKind::First(path) | ExprKind::Any { path, .. } => path.first().collect(),
            ExprKind::Compare { path, right, .. } => path.first().chain(right.names()).collect(),
            ExprKind::CountOf { list, .. } => vec![list],
            ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::Len(_)
            | ExprKind::Checksum(..)
            | ExprKind::Count(_)
            | ExprKind::Some(_)
            | ExprKind::Tag(_) => Vec::new(),
        }
    }

    /// Whether it looks at more than the numbers and flags of the frame itself.
    #[must_use]
    pub fn follows(&self) -> bool {
        match &self.kind {
            ExprKind::First(_)
            | ExprKind::Any { .. }
            | ExprKind::Compare { .. }
            | ExprKind::CountOf { .. } => true,
            ExprKind::Not(inner) => inner.follows(),
            ExprKind::Binary { left, right, .. } => left.follows() || right.follows(),
            _ => false,
        }
    }
}

fn arithmetic(op: BinaryOp, left: Range, right: Range) -> Option<Range> {
    Some(match op {
        BinaryOp::Add => Range { low: left.low + right.low, high: left.high + right.high },
        BinaryOp::Subtract => Range { low: left.low - right.high, high: left.high - right.low },
        BinaryOp::Multiply => left.ends(right, |left, right| left.saturating_mul(right)),
        BinaryOp::Divide if right.low > 0 => left.ends(right, |left, right| left / right),
        BinaryOp::Remainder if right.low > 0 => {
            Range { low: 0, high: left.high.min(right.high - 1) }
        }
        BinaryOp::ShiftLeft if right.high < 64 => left.ends(right, |left, right| left << right),
        BinaryOp::ShiftRight if right.high < 64 => left.ends(right, |left, right| left >> right),
        BinaryOp::BitAnd => Range { low: 0, high: left.high.min(right.high) },
        BinaryOp::BitOr => {
            Range { low: left.low.max(right.low), high: filled(left.high | right.high) }
        }
        _ => return None,
    })
}

/// The number of as many bits, all set.
fn filled(value: i128) -> i128 {
    let bits = 128 - value.leading_zeros();
    (1_i128 << bits) - 1
}

/// An expression as it would be written.
impl fmt::Display for Expr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Bool(value) => write!(formatter, "{value}"),
            ExprKind::Number(value) => write!(formatter, "{value}"),
            ExprKind::Field(name) => formatter.write_str(name),
            ExprKind::Len(part) => write!(formatter, "len({part})"),
            ExprKind::Checksum(_, part) => write!(formatter, "checksum({part})"),
            ExprKind::Count(list) => write!(formatter, "count({list})"),
            ExprKind::Some(field) => write!(formatter, "some({field})"),
            ExprKind::Tag(field) => write!(formatter, "tag({field})"),
            ExprKind::Not(inner) => write!(formatter, "!{inner}"),
            ExprKind::First(path) => write!(formatter, "{path}"),
            ExprKind::Compare { path, op, right } => {
                write!(formatter, "{path} {} {right}", symbol(*op))
            }
            ExprKind::Any { path, test: Test::There } => write!(formatter, "some({path})"),
            ExprKind::Any { path, test: Test::Holds } => write!(formatter, "{path}"),
            ExprKind::Any { path, test: Test::Is(literal) } => {
                write!(formatter, "{path} == {literal}")
            }
            ExprKind::Any { path, test: Test::Starts(literal) } => {
                write!(formatter, "any {path} starts {literal}")
            }
            ExprKind::Any { path, test: Test::Contains(literal) } => {
                write!(formatter, "{path} contains {literal}")
            }
            ExprKind::CountOf { list, alternative } => {
                write!(formatter, "count({list}.{})", alternative.name())
            }
            ExprKind::Binary { op, left, right } => {
                write!(formatter, "({left} {} {right})", symbol(*op))
            }
        }
    }
}

/// A literal as it would be written.
impl fmt::Display for Literal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nocase = if self.nocase { "nocase " } else { "" };
        let word = if self.word { "word " } else { "" };
        write!(formatter, "{nocase}{word}\"{}\"", self.bytes.escape_ascii())
    }
}

fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "||",
        BinaryOp::And => "&&",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterEqual => ">=",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Remainder => "%",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
        BinaryOp::ShiftLeft => "<<",
        BinaryOp::ShiftRight => ">>",
    }
}
