//! What fields are, in words.

use framer_dsl::ir::{
    Carrier, Coding, Element, Extent, FieldKind, Fixed, Int, Ir, List, ListEnd, Literal, Number,
    StreamExtent, TextKind, TypeId, Varint,
};

use crate::words::{self, between, bytes, count, number, quoted, wide};

/// What a field is, and which values it may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Described {
    /// In words, but for the type.
    pub(super) what: String,
    /// The type that it is of.
    pub(super) of: Option<TypeId>,
    /// Classes and the like that it is made with: a prefix of their places, and their names.
    pub(super) with: Vec<(&'static str, String)>,
    /// The values, where not all that fit may be there.
    pub(super) values: String,
}

impl Described {
    fn new(what: impl Into<String>) -> Described {
        Described { what: what.into(), ..Described::default() }
    }
}

/// Describes the fields of one description.
pub(super) struct Describer<'i> {
    pub(super) ir: &'i Ir,
    /// The frame whose fields they are.
    pub(super) frame: TypeId,
}

impl Describer<'_> {
    pub(super) fn kind(&self, kind: &FieldKind) -> Described {
        match kind {
            FieldKind::Number(of) => self.digits(of),
            FieldKind::Fixed(of) => fixed(of),
            FieldKind::Varint(of) => varint(of),
            FieldKind::Bit => Described::new("one bit"),
            FieldKind::Text { kind, extent, .. } => self.text(*kind, extent),
            FieldKind::Flag { on, off, or_end } => flag(on, off.as_ref(), *or_end),
            FieldKind::Coded { transform, max } => {
                let name = self.ir.transforms[transform.0].name.clone();
                let with = vec![("transform", name.clone())];
                let what = format!("bytes through {name}, at most {} of the wire", bytes(*max));
                Described { with, ..Described::new(what) }
            }
            FieldKind::Named { ty, args, length, .. } => {
                let given = match args.as_slice() {
                    [] => String::new(),
                    args => format!(", given {}", args.join(", ")),
                };
                let length = length.as_ref().map(|length| {
                    format!(
                        ", in as many bytes as {}",
                        words::expr(self.ir, Some(self.frame), length)
                    )
                });
                let what = format!("{given}{}", length.unwrap_or_default());
                Described { of: Some(*ty), ..Described::new(what) }
            }
            FieldKind::Optional(ty) => {
                Described { of: Some(*ty), ..Described::new(", which may be missing") }
            }
            FieldKind::List(list) => self.list(list),
        }
    }

    fn digits(&self, of: &Number) -> Described {
        let digits = between(wide(of.min_digits), wide(of.max_digits));
        let unit = if of.max_digits == 1 { "digit" } else { "digits" };
        let base = match (of.hex, of.upper) {
            (false, _) => "decimal",
            (true, false) => "hexadecimal",
            (true, true) => "hexadecimal, in capital letters,",
        };
        let sign = if of.int.signed { ", perhaps with a -" } else { "" };
        let zeros = match of.zeros || of.max_digits == 1 {
            true => "",
            false => ", no leading zero",
        };
        let values = if of.int.signed { String::new() } else { values(of.low, of.high, of.int) };
        Described {
            values,
            ..Described::new(format!("{base} number of {digits} {unit}{sign}{zeros}"))
        }
    }

    fn text(&self, kind: TextKind, extent: &Extent) -> Described {
        let kind = match kind {
            TextKind::Bytes => "bytes",
            TextKind::Ascii => "ASCII",
            TextKind::Utf8 => "UTF-8",
        };
        let class = |id: &framer_dsl::ir::ClassId| self.ir.classes[id.0].name.clone();
        let mut with = Vec::new();
        let extent = match extent {
            Extent::Run { class: of, escape, trim, min, max } => {
                let name = class(of);
                let mut text = format!(", {} bytes of {name}", between(wide(*min), wide(*max)));
                with.push(("class", name));
                if let Some((by, other)) = escape {
                    let name = class(other);
                    text.push_str(&format!(", {name} behind {}", quoted(&[*by])));
                    with.push(("class", name));
                }
                if let Some(blank) = trim {
                    let name = class(blank);
                    text.push_str(&format!(", without {name} at both ends"));
                    with.push(("class", name));
                }
                text
            }
            Extent::ToEnd => String::from(" to the end"),
            Extent::Exactly(length) => format!(", {}", bytes(wide(*length))),
            Extent::Sized(length) => {
                let length = words::expr(self.ir, Some(self.frame), length);
                format!(", as many bytes as {length}")
            }
            Extent::Until { delimiter, max } => {
                let name = self.ir.delimiters[delimiter.0].name.clone();
                let text = format!(" up to {name}, at most {} with it", bytes(*max));
                with.push(("delimiter", name));
                text
            }
        };
        Described { with, ..Described::new(format!("{kind}{extent}")) }
    }

    fn list(&self, list: &List) -> Described {
        let max = number(wide(list.max));
        let end = match &list.end {
            ListEnd::Region => format!("to the end, at most {max}"),
            ListEnd::Count { count, .. } => {
                let count = words::expr(self.ir, Some(self.frame), count);
                format!("as many as {count}, at most {max}")
            }
            ListEnd::Flag { field, last } => {
                let not = if *last { "" } else { "not " };
                format!("up to the one where {field} is {not}set, at most {max}")
            }
            ListEnd::Run { .. } => format!("as many as there are, at most {max}"),
            ListEnd::Literal { literal, max: bytes_max, jump } => {
                let end = quoted(&literal.bytes);
                let longest = match *bytes_max {
                    u64::MAX => String::new(),
                    longest => format!(" and {}", bytes(longest)),
                };
                let jump = jump.as_ref().map(|_| " or where it goes on elsewhere");
                format!("up to {end}{}, at most {max}{longest}", jump.unwrap_or_default())
            }
        };
        match list.element {
            Element::Type(ty) => {
                Described { of: Some(ty), ..Described::new(format!("list, {end}")) }
            }
            Element::Int { int, little } => {
                Described::new(format!("list of numbers of {}, {end}", integer(int, little)))
            }
        }
    }
}

/// How long a payload is that is streamed.
pub(super) fn streamed(ir: &Ir, params: &[String], extent: &StreamExtent) -> String {
    match extent {
        StreamExtent::Param { size, mask } => {
            let name = |place: usize| params.get(place).cloned().unwrap_or_default();
            let mask = mask.map(|mask| format!(", under the key {}", name(mask.place)));
            format!("{} bytes, in pieces as they come{}", name(*size), mask.unwrap_or_default())
        }
        StreamExtent::Via(transform) => {
            let name = &ir.transforms[transform.0].name;
            format!("bytes, in pieces as they come, until {name} ends")
        }
        StreamExtent::ToEnd => {
            String::from("bytes, in pieces as they come, until the connection ends")
        }
    }
}

fn flag(on: &Literal, off: Option<&Literal>, or_end: bool) -> Described {
    let off = match (off, or_end) {
        (Some(off), false) => quoted(&off.bytes),
        (Some(off), true) => format!("{} or the end", quoted(&off.bytes)),
        (None, true) => String::from("the end"),
        (None, false) => String::from("nothing"),
    };
    Described::new(format!("flag: {} if it is set, otherwise {off}", quoted(&on.bytes)))
}

fn fixed(of: &Fixed) -> Described {
    let values = if of.int.signed { String::new() } else { values(of.low, of.high, of.int) };
    Described { values, ..Described::new(format!("number of {}", integer(of.int, of.little))) }
}

fn varint(of: &Varint) -> Described {
    let most = bytes(wide(of.max_bytes));
    let what = match &of.coding {
        Coding::Leb128 => format!("number, seven bits a byte, the lowest first, at most {most}"),
        Coding::Base128 => format!("number, seven bits a byte, the highest first, at most {most}"),
        Coding::Quic => String::from("number of 1, 2, 4 or 8 bytes (RFC 9000, section 16)"),
        Coding::Tiers { first, little, .. } => {
            format!("number of {}, {}", integer(*first, *little), marks(of))
        }
    };
    Described { values: values(of.low, of.high, of.int), ..Described::new(what) }
}

/// What the marks in the place of a number stand for.
pub(super) fn marks(of: &Varint) -> String {
    let Coding::Tiers { tiers, .. } = &of.coding else { return String::new() };
    let tiers = tiers.iter().map(|tier| {
        format!("{} stands for {} behind it", tier.mark, integer(tier.int, tier.little))
    });
    format!("where {}", tiers.collect::<Vec<_>>().join(" and "))
}

/// The integer that bits share.
pub(super) fn carrier(of: &Carrier) -> String {
    match of {
        Carrier::Fixed(fixed) => integer(fixed.int, fixed.little),
        Carrier::Varint(of) => varint(of).what,
    }
}

/// An integer by its width and order.
fn integer(int: Int, little: bool) -> String {
    let sign = if int.signed { ", with a sign" } else { "" };
    let order = if little && int.bits > 8 { ", low byte first" } else { "" };
    format!("{}{sign}{order}", count(u64::from(int.bits), "bit"))
}

/// A range of values, where it is not all that fit.
pub(super) fn values(low: u64, high: u64, int: Int) -> String {
    match (low, high) {
        (0, high) if high >= int.max() => String::new(),
        (low, high) if high >= int.max() => format!("from {}", number(low)),
        (low, high) => between(low, high),
    }
}
