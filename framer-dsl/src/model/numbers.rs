//! Numbers, and fields that share one.

use super::{Element, Expr, FrameId, Model, Type, TypeId, ValuesId};
use crate::source::Span;
use crate::syntax::Docs;

/// An integer, as wide as it is on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int {
    /// 1 to 64; whole bytes wherever it stands by itself.
    pub bits: u8,
    pub signed: bool,
}

impl Int {
    /// An unsigned one.
    #[must_use]
    pub fn unsigned(bits: u8) -> Int {
        Int { bits, signed: false }
    }

    /// The largest value of an unsigned one.
    #[must_use]
    pub fn max(self) -> u64 {
        u64::MAX >> (64 - u32::from(self.bits))
    }

    /// How many bytes it takes.
    #[must_use]
    pub fn bytes(self) -> usize {
        usize::from(self.bits.div_ceil(8))
    }

    /// The width of the integer of Rust that holds it.
    #[must_use]
    pub fn width(self) -> u8 {
        self.bits.next_power_of_two().max(8)
    }
}

/// A number in digits.
#[derive(Clone, Debug)]
pub struct Number {
    pub hex: bool,
    pub int: Int,
    pub min_digits: usize,
    pub max_digits: usize,
    /// Leading zeros are allowed: asked for, or of a fixed width.
    pub zeros: bool,
    /// Its digits are written as capital letters.
    pub upper: bool,
    pub low: u64,
    pub high: u64,
}

/// A number in so many bytes. One with a sign has no range.
#[derive(Clone, Debug)]
pub struct Fixed {
    pub int: Int,
    pub little: bool,
    pub low: u64,
    pub high: u64,
}

/// A number in as many bytes as it needs.
#[derive(Clone, Debug)]
pub struct Varint {
    pub coding: Coding,
    pub int: Int,
    pub max_bytes: usize,
    pub low: u64,
    pub high: u64,
}

/// How a number says how many bytes it has.
#[derive(Clone, Debug)]
pub enum Coding {
    /// Seven bits a byte, the lowest first.
    Leb128,
    /// Seven bits a byte, the highest first.
    Base128,
    /// The two highest bits of the first byte: 1, 2, 4 or 8 bytes.
    Quic,
    /// The first number itself, or a mark in its place.
    Tiers { first: Int, little: bool, tiers: Vec<Tier> },
}

/// What a mark in the place of a number says: that the number follows, so wide.
#[derive(Clone, Copy, Debug)]
pub struct Tier {
    pub mark: u64,
    pub int: Int,
    pub little: bool,
}

/// Fields that share an integer.
#[derive(Clone, Debug)]
pub(crate) struct Bits {
    pub carrier: Carrier,
    pub fields: Vec<BitField>,
    pub span: Span,
}

/// The integer that fields share.
#[derive(Clone, Debug)]
pub enum Carrier {
    Fixed(Fixed),
    Varint(Varint),
}

impl Carrier {
    /// The integer.
    #[must_use]
    pub fn int(&self) -> Int {
        match self {
            Carrier::Fixed(fixed) => fixed.int,
            Carrier::Varint(varint) => varint.int,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct BitField {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub width: u8,
    /// How many bits of the carrier are below it.
    pub shift: u8,
    pub kind: BitKind,
    pub derived: Option<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) enum BitKind {
    /// A single bit.
    Flag,
    Number {
        low: u64,
        high: u64,
    },
    Values(ValuesId),
    /// Goes on behind the carrier where it is a mark.
    Tiered(Varint),
}

impl Model {
    /// The values of a number of a frame, or of the elements that share it, by its name.
    #[must_use]
    pub(crate) fn number_in(&self, frame: FrameId, name: &str) -> Option<(u64, u64)> {
        self.frames[frame.0].fields().find_map(|field| match &field.ty {
            Type::Number(number) if field.name == name => Some((number.low, number.high)),
            Type::Fixed(of) if field.name == name => Some((of.low, of.high)),
            Type::List(list) if list.shared.iter().any(|shared| shared == name) => {
                match list.element {
                    Element::Type(TypeId::Frame(element)) => self.number_in(element, name),
                    _ => None,
                }
            }
            _ => None,
        })
    }
}
