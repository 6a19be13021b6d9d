//! The tree of a `.frame` text: what was written and where, without meaning.
//!
//! Every name is still a string and every number is still as written. [`crate::parse`] builds it,
//! [`crate::resolve`] gives it meaning.

mod expr;
mod mentions;
mod protocol;

pub use expr::BinaryOp;

pub(crate) use expr::{Expr, ExprKind, TextTest, without_prefix};
pub(crate) use mentions::mentions;
pub(crate) use protocol::{
    Arm, Effect, Outcome, Pattern, Pending, Protocol, Rule, Speaks, State, Target, Var, Within,
};
pub use protocol::{Change, Received};

use crate::diagnostic::Code;
use crate::source::{SourceId, Span};

/// A name with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ident {
    pub name: String,
    pub span: Span,
}

/// The lines of a doc comment, without the slashes and one leading space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Docs(pub Vec<String>);

/// Anything with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

/// A whole file.
#[derive(Clone, Debug, Default)]
pub(crate) struct File {
    pub docs: Docs,
    pub items: Vec<Item>,
    pub allows: Vec<Allow>,
}

/// `#[allow(F0401, "why")]`
#[derive(Clone, Debug)]
pub(crate) struct Allow {
    pub code: Code,
    pub span: Span,
    /// What it stands before, in which the code may be found.
    pub site: Span,
}

/// One top-level item.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Import(Import),
    Delimiter(Delimiter),
    Class(Class),
    Frame(Frame),
    Enum(Enum),
    Bits(Bits),
    Checksum(Checksum),
    Transform(Transform),
    Protocol(Protocol),
}

/// `import "framers.frame" { Slip, Netstring };`
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub path: Spanned<String>,
    pub names: Vec<Ident>,
    /// The text that is meant, once it is found.
    pub from: Option<SourceId>,
    pub span: Span,
}

impl Import {
    /// Whether it leads to the text that it stands in.
    pub(crate) fn is_of_itself(&self) -> bool {
        self.from == Some(self.path.span.source)
    }
}

/// `delimiter CRLF = "\r\n";`, several alternatives with `|`; `lenient` lets its bytes stand alone.
#[derive(Clone, Debug)]
pub(crate) struct Delimiter {
    pub docs: Docs,
    pub name: Ident,
    pub alternatives: Vec<Spanned<Vec<u8>>>,
    pub lenient: bool,
    pub span: Span,
}

/// `class atext = 'a'..='z' | "-_" - 'q' | 0x80..=0xff;`
#[derive(Clone, Debug)]
pub(crate) struct Class {
    pub docs: Docs,
    pub name: Ident,
    pub set: ClassSet,
    pub span: Span,
}

/// A set of bytes. `-` binds tighter than `|`, to the left.
#[derive(Clone, Debug)]
pub(crate) enum ClassSet {
    Named(Ident),
    /// A character or a byte number.
    Byte(Spanned<u8>),
    Range(Spanned<u8>, Spanned<u8>),
    /// Every byte of the string.
    Any(Spanned<Vec<u8>>),
    Union(Vec<ClassSet>),
    Difference(Box<ClassSet>, Box<ClassSet>),
}

/// `frame Name(param: u64) in REGION { ... }`
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub docs: Docs,
    pub name: Ident,
    pub params: Vec<Param>,
    pub limits: Option<Limits>,
    pub region: Option<Region>,
    pub body: Vec<Member>,
    pub span: Span,
}

/// `max 65536 depth 32`: how many bytes it may have in all, and how deep it may contain itself.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub max: Spanned<u64>,
    pub depth: Option<Spanned<u64>>,
}

/// A parameter of a frame: `size: u64`.
#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub name: Ident,
    pub ty: Ident,
}

/// Where a frame or a field ends, when its content does not say so.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub kind: RegionKind,
    /// `max N`: bytes, the delimiter included.
    pub max: Option<Spanned<u64>>,
    /// `skip`: an over-long one is passed over and reported as malformed.
    pub skip: Option<Span>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum RegionKind {
    /// `until CRLF`
    Until(Ident),
    /// `[n]`
    Length(Expr),
    /// `to end`
    ToEnd,
}

/// What stands between the braces of a frame.
#[derive(Clone, Debug)]
pub(crate) enum Member {
    /// An anonymous literal.
    Literal(Literal),
    Field(Field),
    /// `bits u8 { kind: 4, flags: 4 }`: fields of the frame that share an integer.
    Bits(BitGroup),
    /// `stream body: bytes via DotStuffing` or `stream data: bytes [size]`
    Stream(Stream),
    /// `in until CRLF max 512 { ... }`: members in a region of their own.
    Group {
        region: Region,
        body: Vec<Member>,
    },
    /// `skip blank [0..=16] = " "`: passed over, and what is written there.
    Skip(Skip),
    /// `let closes = minor == 0`: what the fields tell.
    Let(Let),
    /// `require cond else Name`
    Require {
        cond: Expr,
        error: Ident,
        span: Span,
    },
}

/// A name for what the fields of a frame tell.
#[derive(Clone, Debug)]
pub(crate) struct Let {
    pub docs: Docs,
    pub name: Ident,
    pub value: Expr,
    pub span: Span,
}

/// Bytes of a class that are no field.
#[derive(Clone, Debug)]
pub(crate) struct Skip {
    pub class: Ident,
    pub length: Range,
    pub written: Option<Literal>,
    pub span: Span,
}

/// Fields that share an integer, the first in its highest bits.
#[derive(Clone, Debug)]
pub(crate) struct BitGroup {
    pub carrier: Type,
    pub fields: Vec<BitField>,
    pub span: Span,
}

/// `nocase word "QUIT"`
#[derive(Clone, Debug)]
pub(crate) struct Literal {
    pub bytes: Vec<u8>,
    /// Written on the literal itself; an enum's `nocase` is not copied here.
    pub nocase: bool,
    pub word: bool,
    pub span: Span,
}

/// `name: TYPE [in a..=b] [= derived] [if cond]`
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub docs: Docs,
    pub name: Ident,
    pub ty: Type,
    /// `in 200..=599`
    pub range: Option<Range>,
    /// `= len(body)`: derived, never a field of the user's type.
    pub derived: Option<Expr>,
    /// `if version == 2`: there only when it holds.
    pub cond: Option<Expr>,
    pub span: Span,
}

/// `a..=b`; an end left out is open.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub low: Option<Spanned<u64>>,
    pub high: Option<Spanned<u64>>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Type {
    pub kind: TypeKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum TypeKind {
    /// `u16`, `i32`, `u16 le`, any width 1..=64.
    Int { signed: bool, bits: u8, little: bool },
    /// `u8 { 0xfd => u16 le, 0xfe => u32 le }`: a mark says that the value follows, so wide.
    Tiered { first: Box<Type>, tiers: Vec<Tier> },
    /// `leb128 u64 [max bytes]`, `base128 u64 [..]`, `quic u64`.
    Varint { coding: Ident, ty: Ident, extent: Option<Range> },
    /// `dec u16 [3]`, `hex u64 [1..=16]`, with `zeros` leading zeros are allowed, with `upper` the
    /// digits are written as capital letters.
    Number { hex: bool, ty: Ident, digits: Range, zeros: bool, upper: bool },
    /// `bytes`, `ascii`, `utf8` with its extent.
    Text { kind: TextKind, extent: Extent },
    /// `flag "-" | " " or end`: true is the first literal; without a second, its absence is false.
    Flag { on: Literal, off: Option<Literal>, or_end: bool },
    /// A frame, enum or bits by name, with arguments.
    Named { name: Ident, args: Vec<Expr>, region: Option<Region> },
    /// `T?`
    Optional(Box<Type>),
    /// `[T; n]`, `[T] to end`, `[T] run`, `[T] until cond`, with `shared code` and `count max N`.
    List { element: Box<Type>, shared: Vec<Ident>, end: ListEnd, max: Option<Spanned<u64>> },
    /// `crc16_modbus(addr..data)` as the value of a derived field needs no type of its own.
    Checksum(Ident),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    Bytes,
    Ascii,
    Utf8,
}

/// How far a text goes.
#[derive(Clone, Debug)]
pub(crate) enum Extent {
    /// `[n]`
    Length(Expr),
    /// `until D [max N]`
    Until { delimiter: Ident, max: Option<Spanned<u64>> },
    /// `to end`
    ToEnd,
    /// `via T max N skip`: the transform says where it ends.
    Via { transform: Ident, max: Option<Spanned<u64>>, skip: Option<Span> },
    /// `run CLASS [escape '\\' CLASS] [trim CLASS] [a..=b]`: as many bytes of the class as there
    /// are, without those of another class at both ends.
    Run { class: Ident, escape: Option<(Spanned<u8>, Ident)>, trim: Option<Ident>, length: Range },
}

#[derive(Clone, Debug)]
pub(crate) enum ListEnd {
    Count(Expr),
    ToEnd,
    /// `run`: as many as there are.
    Run,
    /// `until COND`: over the fields of the element just read; or a literal in the place of one,
    /// `until b"\0" max 255`.
    Until {
        cond: Expr,
        max: Option<Spanned<u64>>,
        elsewhere: Option<Elsewhere>,
    },
}

/// `or Pointer => at(Message, offset)`: the list goes on where a frame says; with `<=>` it is
/// written so, too.
#[derive(Clone, Debug)]
pub(crate) struct Elsewhere {
    pub frame: Ident,
    pub written: bool,
    /// What offsets count from the beginning of.
    pub base: Ident,
    /// The field of the frame that holds the offset.
    pub offset: Ident,
    pub span: Span,
}

/// A payload delivered in pieces.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub docs: Docs,
    pub name: Ident,
    pub extent: StreamExtent,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum StreamExtent {
    /// `[size] xor key`: so many bytes, perhaps with a key over them.
    Length(Expr, Option<Ident>),
    Until(Ident),
    ToEnd,
    /// `via T`: the transform ends it.
    Via(Ident),
}

/// `enum Name nocase in REGION { ... }`: a choice of frames, or of literals, or of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Enum {
    pub docs: Docs,
    pub name: Ident,
    /// `enum Name: u8 { A = 1 }`: a value enum over a number.
    pub repr: Option<Type>,
    pub nocase: bool,
    /// `by tag`: dispatched by an expression instead of a literal.
    pub tag: Option<Expr>,
    pub params: Vec<Param>,
    pub limits: Option<Limits>,
    pub region: Option<Region>,
    /// `each { ... }`: what every alternative begins with.
    pub each: Vec<Member>,
    pub variants: Vec<Variant>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub docs: Docs,
    /// `_`: takes what the others did not.
    pub catch_all: bool,
    pub name: Ident,
    pub kind: VariantKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum VariantKind {
    /// `Mail { ... }`: declares the frame `Mail` too. `Read = 3 { ... }` begins with the number.
    Frame { tag: Option<Spanned<u64>>, body: Vec<Member> },
    /// `Path`: a frame declared elsewhere.
    Reference,
    /// `SevenBit = "7BIT"`
    Literal(Literal),
    /// `Get = 1`
    Number(Spanned<u64>),
}

/// `bits Flags: u8 { qr: 1, opcode: 4, ... }`
#[derive(Clone, Debug)]
pub(crate) struct Bits {
    pub docs: Docs,
    pub name: Ident,
    pub carrier: Type,
    pub fields: Vec<BitField>,
    pub span: Span,
}

/// `kind: 4 as Kind`, `qos: 2 in 0..=2`, `len: 7 { 126 => u16 } = len(data)`
#[derive(Clone, Debug)]
pub(crate) struct BitField {
    pub docs: Docs,
    pub name: Ident,
    pub width: Spanned<u64>,
    /// The choice of values that it is of.
    pub values: Option<Ident>,
    pub tiers: Vec<Tier>,
    pub range: Option<Range>,
    pub derived: Option<Expr>,
    pub span: Span,
}

/// `126 => u16`: in the place of a number, so wide.
#[derive(Clone, Debug)]
pub(crate) struct Tier {
    pub mark: Spanned<u64>,
    pub ty: Type,
}

/// `checksum crc16_modbus = crc(width 16, poly 0x8005, ...);`
#[derive(Clone, Debug)]
pub(crate) struct Checksum {
    pub docs: Docs,
    pub name: Ident,
    pub algorithm: Ident,
    pub settings: Vec<(Ident, Expr)>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Transform {
    pub docs: Docs,
    pub name: Ident,
    pub kind: TransformKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum TransformKind {
    /// Blocks of rules.
    Escapes(Vec<EscapeBlock>),
    /// `blocks Block;`: the payloads of a frame repeated, as HTTP's chunks or COBS.
    Blocks(Ident),
}

/// `at start, after CRLF { ... }`, or `anywhere { ... }` (both context fields empty).
#[derive(Clone, Debug)]
pub(crate) struct EscapeBlock {
    pub at_start: bool,
    pub after: Option<Ident>,
    pub rules: Vec<EscapeRule>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum EscapeRule {
    /// `PLAIN <=> CODED;`
    Both { plain: Literal, coded: Literal },
    /// `PLAIN <= CODED;`: decoding only.
    Decode { plain: Literal, coded: Literal },
    /// `begin CODED;`
    Begin(Literal),
    /// `hex upper;`: two digits for each byte.
    Hex { upper: bool, span: Span },
    /// `end CODED;`
    End(Literal),
}
