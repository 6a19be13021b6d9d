//! The meaning of a description: ids instead of names, numbers instead of texts.
//!
//! [`crate::resolve`] builds it; every id in it is valid and every construct in it is supported.

mod derived;
mod ends;
mod expr;
mod frames;
mod memo;
mod numbers;
mod protocol;
mod questions;
mod references;
mod sizes;
mod tails;
mod transforms;
mod variables;

pub(crate) use derived::{Slot, implied, slot, span_of, written};
pub use ends::Ends;
pub use expr::Range;
pub use expr::{Expr, ExprKind, Part, Path, Step, Test};
pub use frames::{Element, Extent, Let, Limits, Literal, Skip, StreamExtent};
pub(crate) use frames::{
    Elsewhere, Field, Frame, List, ListEnd, MaskParam, Member, Param, Region, Stream, Type,
};
pub(crate) use memo::{First, Memo};
pub(crate) use numbers::{BitField, BitKind, Bits};
pub use numbers::{Carrier, Coding, Fixed, Int, Number, Tier, Varint};
pub(crate) use protocol::{Arm, Effect, Message, MessageKind, Protocol, Rule, Speaks, State};
pub use protocol::{Key, Role, Target, Within};
pub use questions::Lead;
pub(crate) use questions::{Boundary, Sight};
pub(crate) use sizes::Size;
pub(crate) use tails::TailPart;
pub use transforms::{Escapes, Token, TokenKind, Transform, TransformKind, Whole};

pub use variables::Relation;
pub(crate) use variables::{Amount, Ask, Use, Uses, Var, VarKind};

use crate::source::Span;
use crate::syntax::Docs;

/// The most bytes that something in memory may have.
pub(crate) const LARGEST_BYTES: u64 = 1 << 30;

/// The longest text that pairs replies, in bytes: what the runtime keeps of it.
pub(crate) const LONGEST_KEY: usize = 15;

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        $($(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub usize);)+
    };
}

ids! {
    /// A delimiter, by its place in `Model::delimiters`.
    DelimiterId,
    /// A class, by its place in `Model::classes`.
    ClassId,
    /// A frame, by its place in `Model::frames`.
    FrameId,
    /// A choice of frames, by its place in `Model::choices`.
    ChoiceId,
    /// A choice of values, by its place in `Model::values`.
    ValuesId,
    /// A transform, by its place in `Model::transforms`.
    TransformId,
    /// A checksum, by its place in `Model::checksums`.
    ChecksumId,
    /// A type declared elsewhere, by its place in `Model::externals`.
    ExternalId,
    /// A state, by its place in `Protocol::states`.
    StateId,
    /// A variable, by its place in `Protocol::vars`.
    VarId,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TypeId {
    Frame(FrameId),
    Choice(ChoiceId),
    Values(ValuesId),
    External(ExternalId),
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
    pub checksums: Vec<Checksum>,
    pub protocols: Vec<Protocol>,
    pub externals: Vec<External>,
    /// Whether it is of one type of the user's own, whose alternatives are no types in Rust.
    pub own: bool,
    /// The types in the order they were written.
    pub order: Vec<TypeId>,
    /// What is declared and named nowhere else.
    pub unused: Vec<Unused>,
    pub memo: Memo,
}

/// A declaration that nothing refers to.
#[derive(Clone, Debug)]
pub(crate) struct Unused {
    pub name: String,
    pub sort: &'static str,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Delimiter {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    /// What is written.
    pub bytes: Vec<u8>,
    /// What is read in its place.
    pub others: Vec<Vec<u8>>,
    pub lenient: bool,
}

impl Delimiter {
    /// Everything that is read as it.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Vec<u8>> {
        std::iter::once(&self.bytes).chain(&self.others)
    }

    /// The fewest bytes that it has.
    #[must_use]
    pub(crate) fn least(&self) -> usize {
        self.all().map(Vec::len).min().unwrap_or_default()
    }

    /// Every byte of it, once.
    #[must_use]
    pub(crate) fn set(&self) -> Vec<u8> {
        let mut set = Vec::new();
        for byte in self.all().flatten() {
            if !set.contains(byte) {
                set.push(*byte);
            }
        }
        set
    }
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
pub struct ByteSet(pub [u64; 4]);

impl ByteSet {
    /// Adds the bytes from `low` to `high`, both included.
    pub fn insert(&mut self, low: u8, high: u8) {
        for byte in low..=high {
            self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
    }

    /// Whether `byte` is in it.
    #[must_use]
    pub fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    /// The bytes of either.
    #[must_use]
    pub fn union(self, other: ByteSet) -> ByteSet {
        ByteSet(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    /// The bytes of `self` that are not in `other`.
    #[must_use]
    pub fn without(self, other: ByteSet) -> ByteSet {
        ByteSet(std::array::from_fn(|word| self.0[word] & !other.0[word]))
    }

    /// Whether no byte is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }
}

/// How some bytes make a number.
#[derive(Clone, Debug)]
pub struct Checksum {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub kind: ChecksumKind,
}

impl Checksum {
    /// How many bits its number has.
    #[must_use]
    pub fn bits(&self) -> u8 {
        match self.kind {
            ChecksumKind::Crc { width, .. } => width,
            ChecksumKind::Xor | ChecksumKind::Lrc => 8,
            ChecksumKind::Internet => 16,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub enum ChecksumKind {
    /// In the model of Rocksoft.
    Crc {
        width: u8,
        poly: u64,
        init: u64,
        refin: bool,
        refout: bool,
        xorout: u64,
    },
    Xor,
    Lrc,
    Internet,
}

/// A choice of frames.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub limits: Option<Limits>,
    pub region: Option<Region>,
    /// The integer whose number tells the alternatives apart.
    pub repr: Option<Int>,
    pub params: Vec<Param>,
    /// What it is given that tells the alternatives apart.
    pub by: Option<By>,
    /// How many members every alternative begins with.
    pub head: usize,
    pub alternatives: Vec<Alternative>,
}

/// What a choice is given that tells its alternatives apart.
#[derive(Clone, Debug)]
pub enum By {
    /// The parameter at this place.
    Param(usize),
    /// What the parameters make.
    Computed(Expr),
}

impl By {
    /// The place of the parameter that it is.
    #[must_use]
    pub fn param(&self) -> Option<usize> {
        match self {
            By::Param(place) => Some(*place),
            By::Computed(_) => None,
        }
    }

    /// Whether it is made of a parameter of this name, among others.
    pub(crate) fn computes(&self, name: &str) -> bool {
        matches!(self, By::Computed(expr) if expr.names().contains(&name))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    pub docs: Docs,
    pub frame: FrameId,
    /// The number that means it, in a choice by a parameter.
    pub tag: Option<Value<u64>>,
    pub catch_all: bool,
    pub span: Span,
}

/// A choice of literals or of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub kind: ValuesKind,
}

#[derive(Clone, Debug)]
pub enum ValuesKind {
    Literals(Vec<Value<Literal>>),
    /// With a catch-all, any other number is one, too.
    Numbers {
        int: Int,
        little: bool,
        values: Vec<Value<u64>>,
        other: Option<Value<()>>,
    },
}

impl Values {
    /// The integer that it is of, if it is a choice of numbers.
    #[must_use]
    pub(crate) fn int(&self) -> Option<Int> {
        match self.kind {
            ValuesKind::Numbers { int, .. } => Some(int),
            ValuesKind::Literals(_) => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Value<V> {
    pub docs: Docs,
    pub name: String,
    pub value: V,
    pub span: Span,
}

/// A type of Rust of which nothing is known here but its name.
#[derive(Clone, Debug)]
pub(crate) struct External {
    pub name: String,
    /// Where it is first named.
    pub span: Span,
}
