//! Frames: what they are made of, and how far each part goes.

use super::{
    Bits, ClassId, DelimiterId, Expr, Fixed, FrameId, Int, LONGEST_KEY, Number, TransformId,
    TypeId, Varint,
};
use crate::source::Span;
use crate::syntax::{Docs, TextKind};

/// Where a frame ends that does not say so itself.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub delimiter: DelimiterId,
    /// Bytes, with the delimiter.
    pub max: u64,
    pub skip: bool,
    pub span: Span,
}

/// How large something may be as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes.
    pub max: u64,
    /// How deep it may contain itself.
    pub depth: Option<u16>,
}

/// A number that a frame or choice is given by what holds it.
#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub name: String,
    pub span: Span,
    pub int: Int,
    /// It is a field in Rust, since nothing else tells it when the frame is written.
    pub kept: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    /// What it is given by what holds it.
    pub params: Vec<Param>,
    pub limits: Option<Limits>,
    pub region: Option<Region>,
    pub body: Vec<Member>,
    pub lets: Vec<Let>,
}

/// A name for what the fields of a frame tell.
#[derive(Clone, Debug)]
pub struct Let {
    pub docs: Docs,
    pub name: String,
    pub span: Span,
    pub value: Expr,
    /// Whether it is a number, and no answer to a question.
    pub number: bool,
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

#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "most are fields")]
pub(crate) enum Member {
    /// Takes no byte.
    Param(Param),
    Literal(Literal),
    Field(Field),
    Bits(Bits),
    /// What follows is so many bytes, and all of them.
    Rest {
        length: Expr,
        span: Span,
    },
    Require {
        cond: Expr,
        error: String,
        span: Span,
    },
    Stream(Stream),
    /// What follows, up to [`Member::Close`], stands in a region of its own.
    Open(Region),
    /// That region ends.
    Close(Region),
    Skip(Skip),
}

impl Member {
    /// Where it stands.
    #[must_use]
    pub(crate) fn span(&self) -> Span {
        match self {
            Member::Param(param) => param.span,
            Member::Literal(literal) => literal.span,
            Member::Field(field) => field.span,
            Member::Bits(bits) => bits.span,
            Member::Rest { span, .. } | Member::Require { span, .. } => *span,
            Member::Stream(stream) => stream.span,
            Member::Open(region) | Member::Close(region) => region.span,
            Member::Skip(skip) => skip.span,
        }
    }
}

/// Bytes of a class that are passed over.
#[derive(Clone, Debug)]
pub struct Skip {
    pub class: ClassId,
    pub min: usize,
    pub max: usize,
    /// What is written in their place.
    pub written: Literal,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
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
    /// What it is made of, where it is no field in Rust.
    pub derived: Option<Expr>,
    /// It is there only when this holds.
    pub cond: Option<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) enum Type {
    Number(Number),
    Fixed(Fixed),
    Varint(Varint),
    Text {
        kind: TextKind,
        extent: Extent,
    },
    Flag {
        on: Literal,
        off: Option<Literal>,
        or_end: bool,
    },
    /// Bytes in a coding, at most so many of the wire.
    Coded {
        transform: TransformId,
        max: u64,
        /// Where a longer one is to be passed over.
        skip: Option<Span>,
    },
    /// With a length, it is a region of so many bytes. Its arguments are fields and parameters by
    /// their names.
    Named {
        ty: TypeId,
        args: Vec<String>,
        length: Option<Expr>,
    },
    Optional(TypeId),
    List(List),
}

impl Type {
    /// Whether it is a text that fits what pairs replies.
    pub(crate) fn is_short_text(&self) -> bool {
        match self {
            Type::Text { extent: Extent::Run { max, .. } | Extent::Exactly(max), .. } => {
                *max <= LONGEST_KEY
            }
            _ => false,
        }
    }
}

#[derive(Clone, Debug)]
pub enum Extent {
    /// As many bytes of the class as there are.
    Run {
        class: ClassId,
        escape: Option<(u8, ClassId)>,
        /// What stands at both ends and is no part of the text.
        trim: Option<ClassId>,
        min: usize,
        max: usize,
    },
    ToEnd,
    /// So many bytes.
    Exactly(usize),
    /// As many bytes as fields before it say.
    Sized(Expr),
    /// Up to a delimiter, at most so many bytes with it.
    Until {
        delimiter: DelimiterId,
        max: u64,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct List {
    pub element: Element,
    /// The fields of the element that are the owner's instead.
    pub shared: Vec<String>,
    pub end: ListEnd,
    pub max: usize,
}

/// What a list is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    Type(TypeId),
    /// A number of 8, 16, 32 or 64 bits.
    Int {
        int: Int,
        little: bool,
    },
}

impl Element {
    /// The type by its name, if it has one.
    #[must_use]
    pub fn ty(self) -> Option<TypeId> {
        match self {
            Element::Type(ty) => Some(ty),
            Element::Int { .. } => None,
        }
    }
}

impl List {
    /// Where it goes on, if it does.
    #[must_use]
    pub(crate) fn elsewhere(&self) -> Option<&Elsewhere> {
        match &self.end {
            ListEnd::Literal { elsewhere, .. } => elsewhere.as_ref(),
            _ => None,
        }
    }

    /// Whether fields of its elements are its owner's, or its own.
    pub(crate) fn hoists(&self) -> bool {
        !self.shared.is_empty() || matches!(self.end, ListEnd::Flag { .. })
    }
}

#[derive(Clone, Debug)]
pub(crate) enum ListEnd {
    /// At the end of the region.
    Region,
    /// After so many elements.
    Count(Expr),
    /// At the element whose flag is `last`.
    Flag { field: String, last: bool },
    /// Where no other begins.
    Run,
    /// At a literal in the place of an element, at most so many bytes with it.
    Literal { literal: Literal, max: Option<u64>, elsewhere: Option<Elsewhere> },
}

/// Where a list goes on: at a place before it, which a frame in the place of an element says.
#[derive(Clone, Debug)]
pub(crate) struct Elsewhere {
    pub frame: FrameId,
    /// What offsets count from the beginning of.
    pub base: FrameId,
    /// The field that holds the offset.
    pub field: String,
    /// It is written, too.
    pub written: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub span: Span,
    pub extent: StreamExtent,
    /// The bytes that must stand behind it.
    pub tail: Vec<u8>,
}

/// A parameter that lies over a payload.
#[derive(Clone, Copy, Debug)]
pub struct MaskParam {
    /// Its place among the parameters.
    pub place: usize,
    /// How many it has: 1, 2, 4 or 8.
    pub bytes: u8,
}

#[derive(Clone, Copy, Debug)]
pub enum StreamExtent {
    /// As many bytes as the parameter says, by its place.
    Param {
        size: usize,
        mask: Option<MaskParam>,
    },
    Via(TransformId),
    /// It ends with the connection.
    ToEnd,
}
