//! The meaning of a description: ids instead of names, numbers instead of texts.
//!
//! [`crate::resolve`] builds it; every id in it is valid and every construct in it is supported.

mod protocol;
mod questions;

pub(crate) use protocol::{
    Arm, Effect, Message, MessageKind, Protocol, Role, Rule, Speaks, State, Target, Var, Within,
};
pub(crate) use questions::Boundary;

use crate::source::Span;
use crate::syntax::{BinaryOp, Docs, TextKind};

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        $($(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(pub(crate) usize);)+
    };
}

ids! {
    /// A delimiter, by its place in [`Model::delimiters`].
    DelimiterId,
    /// A class, by its place in [`Model::classes`].
    ClassId,
    /// A frame, by its place in [`Model::frames`].
    FrameId,
    /// A choice of frames, by its place in [`Model::choices`].
    ChoiceId,
    /// A choice of values, by its place in [`Model::values`].
    ValuesId,
    /// A transform, by its place in [`Model::transforms`].
    TransformId,
    /// A state, by its place in [`Protocol::states`].
    StateId,
    /// A variable, by its place in [`Protocol::vars`].
    VarId,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum TypeId {
    Frame(FrameId),
    Choice(ChoiceId),
    Values(ValuesId),
}

/// A whole description.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub docs: Docs,
    pub delimiters: Vec<Delimiter>,
    pub classes: Vec<Class>,
    pub frames: Vec<Frame>,
    pub choices: Vec<Choice>,
    pub values: Vec<Values>,
    pub transforms: Vec<Transform>,
    pub protocols: Vec<Protocol>,
    /// The types in the order they were written.
    pub order: Vec<TypeId>,
}

#[derive(Clone, Debug)]
pub(crate) struct Delimiter {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub bytes: Vec<u8>,
    pub lenient: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Class {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub set: ByteSet,
}

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ByteSet(pub [u64; 4]);

impl ByteSet {
    /// Adds the bytes from `low` to `high`, both included.
    pub(crate) fn insert(&mut self, low: u8, high: u8) {
        for byte in low..=high {
            self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
    }

    /// Whether `byte` is in it.
    #[must_use]
    pub(crate) fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    /// The bytes of either.
    #[must_use]
    pub(crate) fn union(self, other: ByteSet) -> ByteSet {
        ByteSet(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    /// The bytes of `self` that are not in `other`.
    #[must_use]
    pub(crate) fn without(self, other: ByteSet) -> ByteSet {
        ByteSet(std::array::from_fn(|word| self.0[word] & !other.0[word]))
    }

    /// Whether no byte is in it.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }
}

/// Where a frame ends that does not say so itself.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub delimiter: DelimiterId,
    /// Bytes, with the delimiter.
    pub max: u64,
    pub skip: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    /// How many parameters it takes.
    pub params: usize,
    pub region: Option<Region>,
    pub body: Vec<Member>,
}

impl Frame {
    /// Its fields, in order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.body.iter().filter_map(|member| match member {
            Member::Field(field) => Some(field),
            _ => None,
        })
    }

    /// The payload that it streams, if it is one.
    #[must_use]
    pub(crate) fn stream(&self) -> Option<&Stream> {
        self.body.iter().find_map(|member| match member {
            Member::Stream(stream) => Some(stream),
            _ => None,
        })
    }
}

/// An unsigned integer of Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Int {
    /// 8, 16, 32 or 64.
    pub bits: u8,
}

impl Int {
    /// The largest value.
    #[must_use]
    pub(crate) fn max(self) -> u64 {
        u64::MAX >> (64 - self.bits)
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Member {
    Literal(Literal),
    Field(Field),
    Stream(Stream),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    pub bytes: Vec<u8>,
    pub nocase: bool,
    pub word: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub ty: Type,
}

#[derive(Clone, Debug)]
pub(crate) enum Type {
    Number(Number),
    Fixed { int: Int, little: bool, low: u64, high: u64 },
    Text { kind: TextKind, extent: Extent },
    Flag { on: Literal, off: Option<Literal>, or_end: bool },
    Named(TypeId),
    Optional(TypeId),
    List(List),
}

/// A number in digits.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub hex: bool,
    pub int: Int,
    pub min_digits: usize,
    pub max_digits: usize,
    /// Leading zeros are allowed: asked for, or of a fixed width.
    pub zeros: bool,
    pub low: u64,
    pub high: u64,
}

#[derive(Clone, Debug)]
pub(crate) enum Extent {
    /// As many bytes of the class as there are.
    Run {
        class: ClassId,
        escape: Option<(u8, ClassId)>,
        min: usize,
        max: usize,
    },
    ToEnd,
    /// So many bytes.
    Exactly(usize),
}

#[derive(Clone, Debug)]
pub(crate) struct List {
    pub element: TypeId,
    /// The fields of the element that are the owner's instead.
    pub shared: Vec<String>,
    pub end: ListEnd,
    pub max: usize,
}

impl List {
    /// Whether fields of its elements are its owner's, or its own.
    pub(crate) fn hoists(&self) -> bool {
        !self.shared.is_empty() || matches!(self.end, ListEnd::Flag { .. })
    }
}

#[derive(Clone, Debug)]
pub(crate) enum ListEnd {
    /// At the end of the region.
    Region,
    /// At the element whose flag is `last`.
    Flag { field: String, last: bool },
}

#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub span: Span,
    pub extent: StreamExtent,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum StreamExtent {
    /// As many bytes as the parameter says, by its place.
    Param(usize),
    Via(TransformId),
}

/// A choice of frames.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub region: Option<Region>,
    pub alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    pub docs: Docs,
    pub frame: FrameId,
    pub catch_all: bool,
    pub span: Span,
}

/// A closed choice of literals.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub values: Vec<Value>,
}

#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub docs: Docs,
    pub name: String,
    pub literal: Literal,
}

/// A transform by escapes.
#[derive(Clone, Debug)]
pub(crate) struct Transform {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub at_start: bool,
    pub after: DelimiterId,
    pub tokens: Vec<Token>,
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub plain: Vec<u8>,
    pub coded: Vec<u8>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Both,
    Decode,
    End,
}

/// An expression over the fields of one frame.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub kind: ExprKind,
}

#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    Bool(bool),
    Number(u64),
    /// A field by its name.
    Field(String),
    Not(Box<Expr>),
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// Whether a text field of some element of a list begins with a literal.
    AnyStarts {
        list: String,
        text: String,
        literal: Literal,
    },
}
