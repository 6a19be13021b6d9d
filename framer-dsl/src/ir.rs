//! What is emitted: types with their steps on the wire, and machines as tables.
//!
//! Lowering builds it from a checked model. Every name in it is the
//! description's; how Rust spells it is the emitter's business.

mod machine;
mod questions;

pub use machine::{
    Amount, Arm, Barrier, Effect, Framer, Kind, KindOf, Machine, Number as VarNumber, Rule, Shape,
    Site, SiteAction, State, Test as VarTest, Var,
};
pub use questions::Slot;

pub use crate::model::{
    By, ByteSet, Carrier, Checksum, ChecksumId, ChecksumKind, ChoiceId, ClassId, Coding,
    DelimiterId, Element, Ends, Escapes, Expr, ExprKind, Extent, ExternalId, Fixed, FrameId, Int,
    Key, Lead, Let, Limits, Literal, Number, Part, Path, Range, Relation, Role, Skip, StateId,
    Step as Way, StreamExtent, Target, Test, Tier, Token, TokenKind, Transform, TransformId,
    TransformKind, TypeId, Value, ValuesId, ValuesKind, VarId, Varint, Whole, Within,
};
pub use crate::source::Span;
pub use crate::syntax::{BinaryOp, Change, Docs, Received, TextKind};
pub(crate) use machine::bit;

/// A whole description.
#[derive(Clone, Debug)]
pub struct Ir {
    pub docs: Docs,
    pub delimiters: Vec<Delimiter>,
    pub classes: Vec<Class>,
    pub transforms: Vec<Transform>,
    pub checksums: Vec<Checksum>,
    /// In the order of the description.
    pub types: Vec<Type>,
    pub machines: Vec<Machine>,
    /// Whether it is of one type of the user's own, which is not to be declared.
    pub own: bool,
}

impl Ir {
    /// The type with this id.
    ///
    /// # Panics
    /// If lowering left it out: a bug of this compiler.
    #[must_use]
    pub fn ty(&self, id: TypeId) -> &Type {
        let found = self.types.iter().find(|ty| ty.id == id);
        found.unwrap_or_else(|| panic!("lowering left out {id:?}"))
    }
}

#[derive(Clone, Debug)]
pub struct Delimiter {
    pub docs: Docs,
    pub name: String,
    /// What is written.
    pub bytes: Vec<u8>,
    /// What is read in its place.
    pub others: Vec<Vec<u8>>,
    /// Every byte of them, once.
    pub set: Vec<u8>,
    pub lenient: bool,
}

#[derive(Clone, Debug)]
pub struct Class {
    pub docs: Docs,
    pub name: String,
    pub set: ByteSet,
}

/// A type of the generated code.
#[derive(Clone, Debug)]
pub struct Type {
    pub id: TypeId,
    pub name: String,
    pub docs: Docs,
    /// Whether it holds bytes of the input.
    pub borrows: bool,
    /// Whether its end on a stream is told by the numbers in it, for something that is spoken.
    pub measured: bool,
    /// How many bytes each takes, where that is one number.
    pub size: Option<u64>,
    /// Whether it ends by itself.
    pub ends: Ends,
    pub limits: Option<Limits>,
    /// How it is cut out of a stream without a protocol, if it can be.
    pub cut: Option<Shape>,
    /// Whether its bytes may refer to others before them.
    pub refers: bool,
    /// What it is given by what holds it.
    pub params: Vec<Param>,
    pub kind: TypeKind,
}

/// A number that is given to what reads a type, or to what writes it.
#[derive(Clone, Debug)]
pub struct Param {
    pub name: String,
    pub kind: FieldKind,
    /// It is a field in Rust.
    pub kept: bool,
    /// What writes it is given it, too.
    pub written: bool,
}

#[derive(Clone, Debug)]
pub enum TypeKind {
    Record(Record),
    Choice(Choice),
    Values(Values),
    /// A payload in pieces, which is no value.
    Stream,
    External(External),
}

/// A type of Rust that is declared elsewhere.
#[derive(Clone, Debug)]
pub struct External {
    /// Whether it must end by itself.
    pub followed: bool,
}

/// A struct, or a variant of an enum, of the user's own.
#[derive(Clone, Debug)]
pub struct Own {
    /// The enum, where it is a variant of one.
    pub choice: Option<String>,
    /// Its place among the variants; 0 where it is none.
    pub body: usize,
}

/// A frame with fields.
#[derive(Clone, Debug)]
pub struct Record {
    pub region: Option<Region>,
    pub params: Vec<Param>,
    /// Offsets count from its beginning.
    pub base: bool,
    /// What a list of these goes on with elsewhere.
    pub jump: Option<Jump>,
    pub steps: Vec<Step>,
    pub lets: Vec<Let>,
    /// Fields that belong to the list it is an element of, by name, flags last.
    pub hoisted: Vec<String>,
    /// The one text that a whole frame can be made from.
    pub from_text: Option<String>,
    /// What it is in Rust, where that is declared already.
    pub own: Option<Own>,
}

#[derive(Clone, Copy, Debug)]
pub struct Region {
    pub delimiter: DelimiterId,
    pub max: u64,
    pub skip: bool,
}

/// One thing on the wire.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "most are fields")]
pub enum Step {
    Literal(Literal),
    Field(Field),
    Bits(Bits),
    /// What follows is so many bytes, and all of them.
    Rest(Expr),
    Require {
        cond: Expr,
        error: String,
    },
    /// What follows, up to [`Step::Close`], stands in a region of its own.
    Open(Region),
    Close(Region),
    /// What follows, up to [`Step::Behind`], stands before what has this shape at the end of the region.
    Before(Vec<Tail>),
    /// A field follows that is there where anything is left.
    Behind,
    Skip(Skip),
}

/// A part of what may stand behind a text that goes to the end.
#[derive(Clone, Debug)]
pub enum Tail {
    Literal(Literal),
    /// One of two, or nothing where there is no second.
    Flag {
        on: Literal,
        off: Option<Literal>,
    },
    Digits {
        hex: bool,
    },
    /// At least so many bytes of a class.
    Run {
        class: ClassId,
        min: usize,
    },
}

#[derive(Clone, Debug)]
pub struct Field {
    pub docs: Docs,
    pub name: String,
    pub kind: FieldKind,
    pub derived: Option<Derived>,
    pub cond: Option<Cond>,
}

/// What a field is made of that is none in Rust.
#[derive(Clone, Debug)]
pub struct Derived {
    pub expr: Expr,
    /// What was read is as the field says, whatever the input.
    pub implied: bool,
    /// It can be told from the values alone, before they are written.
    pub early: bool,
}

/// When a field is there.
#[derive(Clone, Debug)]
pub struct Cond {
    pub expr: Expr,
    /// It follows from whether the field is there.
    pub implied: bool,
}

/// Fields that share an integer.
#[derive(Clone, Debug)]
pub struct Bits {
    pub carrier: Carrier,
    pub fields: Vec<BitField>,
}

#[derive(Clone, Debug)]
pub struct BitField {
    pub docs: Docs,
    pub name: String,
    pub width: u8,
    pub shift: u8,
    pub kind: FieldKind,
    pub derived: Option<Derived>,
}

#[derive(Clone, Debug)]
pub enum FieldKind {
    Number(Number),
    Fixed(Fixed),
    Varint(Varint),
    /// A bit.
    Bit,
    Text {
        kind: TextKind,
        extent: Extent,
        exact: bool,
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
    },
    Named {
        ty: TypeId,
        args: Vec<String>,
        /// The argument that must be the number of the alternative, where it is not made of it.
        agrees: Option<String>,
        length: Option<Expr>,
        /// The length is made of it.
        exact: bool,
    },
    Optional(TypeId),
    List(List),
}

#[derive(Clone, Debug)]
pub struct List {
    pub element: Element,
    pub max: usize,
    /// Fields of the elements that are fields of the owner, with their kinds.
    pub shared: Vec<Field>,
    pub end: ListEnd,
}

/// Where a list ends.
#[derive(Clone, Debug)]
pub enum ListEnd {
    /// With the region.
    Region,
    /// After so many elements; `exact`: the number is made of them.
    Count { count: Expr, exact: bool },
    /// With the element whose flag is so.
    Flag { field: String, last: bool },
    /// Where none of these begins another.
    Run { leads: Vec<Lead> },
    /// With a literal in the place of an element, after so many bytes with it at most.
    Literal { literal: Literal, max: u64, jump: Option<Jump> },
}

/// A frame in the place of an element that says where the list goes on.
#[derive(Clone, Debug)]
pub struct Jump {
    pub frame: FrameId,
    pub lead: Lead,
    /// The field that holds the offset, and the largest one.
    pub field: String,
    pub max: u64,
    /// It is written, too.
    pub written: bool,
}

#[derive(Clone, Debug)]
pub struct Choice {
    pub region: Option<Region>,
    /// The integer whose number tells the alternatives apart.
    pub repr: Option<Int>,
    /// What it is given that tells them apart.
    pub by: Option<By>,
    /// How many steps, with which every alternative begins, are passed over to see which it is.
    pub head: usize,
    pub alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug)]
pub struct Alternative {
    pub docs: Docs,
    pub frame: FrameId,
    /// What it begins with; `None` is the catch-all, unless what is given tells.
    pub lead: Option<Lead>,
    /// The number that means it, where what is given tells; `None` is the catch-all.
    pub tag: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Values {
    pub kind: ValuesKind,
}
