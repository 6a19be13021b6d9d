//! What stands where in a frame: bits in boxes, or text in tokens.

use framer_dsl::ir::{
    BitField, Bits, Carrier, Element, Extent, Field, FieldKind, Int, Ir, ListEnd, Literal, Record,
    Region, Step, TypeId,
};
use maud::Markup;

use super::boxes::{self, Cell};
use super::place_of;
use super::tokens::{self, Token};
use super::words::Describer;
use crate::words::{self, between, bytes, quoted, wide};

/// The layout of a frame with fields.
pub(super) fn draw(ir: &Ir, ty: TypeId, name: &str, record: &Record) -> Markup {
    let layout = Layout { ir, ty };
    if layout.is_text(record) {
        tokens::draw(name, &layout.tokens(record))
    } else {
        boxes::draw(name, &layout.cells(record))
    }
}

/// The layout of a payload that is streamed.
pub(super) fn draw_stream(name: &str, length: String) -> Markup {
    let cell = Cell { label: String::from("payload"), bits: None, optional: false, length };
    boxes::draw(name, &[cell])
}

struct Layout<'i> {
    ir: &'i Ir,
    ty: TypeId,
}

impl Layout<'_> {
    /// Whether people could type it.
    fn is_text(&self, record: &Record) -> bool {
        let binary = record.steps.iter().any(|step| match step {
            Step::Bits(_) | Step::Rest(_) => true,
            Step::Field(field) => {
                matches!(
                    field.kind,
                    FieldKind::Fixed(_) | FieldKind::Varint(_) | FieldKind::Coded { .. }
                )
            }
            _ => false,
        });
        let text = record.steps.iter().any(|step| match step {
            Step::Literal(literal) => literal
                .bytes
                .iter()
                .all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()),
            Step::Open(_) | Step::Skip(_) => true,
            Step::Field(field) => is_typed(&field.kind),
            _ => false,
        });
        record.region.is_some() || (text && !binary)
    }

    fn cells(&self, record: &Record) -> Vec<Cell> {
        let mut cells = Vec::new();
        for step in &record.steps {
            match step {
                Step::Literal(literal) => cells.push(Cell {
                    label: quoted(&literal.bytes),
                    bits: Some(wide(literal.bytes.len()).saturating_mul(8)),
                    optional: false,
                    length: String::new(),
                }),
                Step::Field(field) => cells.push(self.cell(field)),
                Step::Bits(bits) => cells.extend(bit_cells(bits)),
                Step::Rest(_)
                | Step::Require { .. }
                | Step::Open(_)
                | Step::Close(_)
                | Step::Before(_)
                | Step::Behind => {}
                Step::Skip(skip) => cells.push(Cell {
                    label: self.ir.classes[skip.class.0].name.clone(),
                    bits: None,
                    optional: skip.min == 0,
                    length: between(wide(skip.min), wide(skip.max)) + " bytes",
                }),
            }
        }
        cells
    }

    fn cell(&self, field: &Field) -> Cell {
        let (bits, length) = self.extent(&field.kind);
        let constant = match (&field.derived, &field.kind) {
            (Some(derived), _) => {
                let expr = words::expr(self.ir, Some(self.ty), &derived.expr);
                format!(" = {expr}")
            }
            (None, FieldKind::Fixed(of)) if of.low == of.high => format!(" = {}", of.low),
            _ => String::new(),
        };
        let optional = field.cond.is_some() || matches!(field.kind, FieldKind::Optional(_));
        Cell { label: format!("{}{constant}", field.name), bits, optional, length }
    }

    /// How many bits a field takes, or how many bytes in words.
    fn extent(&self, kind: &FieldKind) -> (Option<u64>, String) {
        let variable = |length: String| (None, length);
        match kind {
            FieldKind::Fixed(of) => {
                (Some(wide(of.int.bytes()).saturating_mul(8)), order(of.int, of.little))
            }
            FieldKind::Varint(of) => variable(format!("1 to {}", bytes(wide(of.max_bytes)))),
            FieldKind::Bit => (Some(1), String::new()),
            FieldKind::Text { extent: Extent::Exactly(length), .. } => {
                (Some(wide(*length).saturating_mul(8)), bytes(wide(*length)))
            }
            FieldKind::Text { extent, .. } => variable(self.text(extent)),
            FieldKind::Coded { max, .. } => variable(format!("at most {}", bytes(*max))),
            FieldKind::Named { ty, length: None, .. } | FieldKind::Optional(ty) => {
                let of = self.ir.ty(*ty);
                match of.size {
                    Some(size) => (Some(size.saturating_mul(8)), String::new()),
                    None => variable(of.name.clone()),
                }
            }
            FieldKind::Named { ty, length: Some(length), .. } => {
                let length = words::expr(self.ir, Some(self.ty), length);
                variable(format!("{}, {length} bytes", self.ir.ty(*ty).name))
            }
            FieldKind::List(list) => {
                let of = match list.element {
                    Element::Type(ty) => self.ir.ty(ty).name.clone(),
                    Element::Int { int, .. } => format!("u{}", int.bits),
                };
                variable(format!("{of}, {}", self.times(&list.end, list.max)))
            }
            FieldKind::Number(_) | FieldKind::Flag { .. } => variable(String::from("digits")),
        }
    }

    fn text(&self, extent: &Extent) -> String {
        match extent {
            Extent::Run { min, max, .. } => format!("{} bytes", between(wide(*min), wide(*max))),
            Extent::ToEnd => String::from("to the end"),
            Extent::Exactly(length) => bytes(wide(*length)),
            Extent::Sized(length) => {
                format!("{} bytes", words::expr(self.ir, Some(self.ty), length))
            }
            Extent::Until { delimiter, .. } => {
                format!("up to {}", self.ir.delimiters[delimiter.0].name)
            }
        }
    }

    /// How many elements a list has.
    fn times(&self, end: &ListEnd, max: usize) -> String {
        match end {
            ListEnd::Count { count, .. } => {
                format!("{} of them", words::expr(self.ir, Some(self.ty), count))
            }
            _ => format!("at most {}", words::number(wide(max))),
        }
    }

    fn tokens(&self, record: &Record) -> Vec<Token> {
        let mut tokens = Vec::new();
        for step in &record.steps {
            match step {
                Step::Literal(literal) => tokens.push(literal_token(literal)),
                Step::Field(field) => tokens.push(self.token(field)),
                Step::Bits(bits) => {
                    tokens.extend(bits.fields.iter().map(bit_token));
                }
                Step::Rest(_)
                | Step::Require { .. }
                | Step::Open(_)
                | Step::Before(_)
                | Step::Behind => {}
                Step::Close(region) => tokens.push(self.delimiter(*region)),
                Step::Skip(skip) => tokens.push(Token {
                    text: self.ir.classes[skip.class.0].name.clone(),
                    literal: false,
                    what: String::from("passed over"),
                    place: Some(format!("class-{}", self.ir.classes[skip.class.0].name)),
                    times: format!("{} bytes", between(wide(skip.min), wide(skip.max))),
                    optional: skip.min == 0,
                }),
            }
        }
        tokens.extend(record.region.map(|region| self.delimiter(region)));
        tokens
    }

    /// The end of a region.
    fn delimiter(&self, region: Region) -> Token {
        let delimiter = &self.ir.delimiters[region.delimiter.0];
        Token {
            text: quoted(&delimiter.bytes),
            literal: true,
            what: delimiter.name.clone(),
            place: Some(format!("delimiter-{}", delimiter.name)),
            times: String::new(),
            optional: false,
        }
    }

    fn token(&self, field: &Field) -> Token {
        let optional = field.cond.is_some() || matches!(field.kind, FieldKind::Optional(_));
        let class = |place: usize| self.ir.classes[place].name.clone();
        let (what, place, times) = match &field.kind {
            FieldKind::Number(of) => {
                let base = if of.hex { "hex digits" } else { "digits" };
                (base.to_owned(), None, between(wide(of.min_digits), wide(of.max_digits)))
            }
            FieldKind::Text { extent: Extent::Run { class: of, min, max, .. }, .. } => (
                class(of.0),
                Some(format!("class-{}", class(of.0))),
                format!("{} bytes", between(wide(*min), wide(*max))),
            ),
            FieldKind::Text { extent, .. } => (String::from("bytes"), None, self.text(extent)),
            FieldKind::Flag { on, off, or_end } => {
                let off = match (off, or_end) {
                    (Some(off), false) => quoted(&off.bytes),
                    (Some(off), true) => format!("{} or the end", quoted(&off.bytes)),
                    (None, _) => String::from("nothing"),
                };
                (format!("{} or {off}", quoted(&on.bytes)), None, String::new())
            }
            FieldKind::Named { ty, .. } | FieldKind::Optional(ty) => {
                let name = self.ir.ty(*ty).name.clone();
                let place = place_of(&name);
                (name, Some(place), String::new())
            }
            FieldKind::List(list) => {
                let (of, place) = match list.element {
                    Element::Type(ty) => {
                        let name = self.ir.ty(ty).name.clone();
                        let place = place_of(&name);
                        (name, Some(place))
                    }
                    Element::Int { int, .. } => (format!("u{}", int.bits), None),
                };
                let end = match &list.end {
                    ListEnd::Literal { literal, .. } => {
                        format!(", then {}", quoted(&literal.bytes))
                    }
                    _ => String::new(),
                };
                (of, place, format!("{}{end}", self.times(&list.end, list.max)))
            }
            other => {
                let describer = Describer { ir: self.ir, frame: self.ty };
                (describer.kind(other).what, None, String::new())
            }
        };
        Token { text: field.name.clone(), literal: false, what, place, times, optional }
    }
}

/// In which order the bytes of a number stand, if it is not the usual one.
fn order(int: Int, little: bool) -> String {
    String::from(if little && int.bits > 8 { "low byte first" } else { "" })
}

/// Whether a field is one that people could type.
fn is_typed(kind: &FieldKind) -> bool {
    match kind {
        FieldKind::Number(_) | FieldKind::Flag { .. } => true,
        FieldKind::Text { extent, .. } => {
            matches!(extent, Extent::Run { .. } | Extent::Until { .. })
        }
        _ => false,
    }
}

fn literal_token(literal: &Literal) -> Token {
    let letters = literal.bytes.iter().any(u8::is_ascii_alphabetic);
    let case = if literal.nocase && letters { "in any case" } else { "" };
    Token {
        text: quoted(&literal.bytes),
        literal: true,
        what: case.to_owned(),
        place: None,
        times: String::new(),
        optional: false,
    }
}

fn bit_token(field: &BitField) -> Token {
    Token {
        text: field.name.clone(),
        literal: false,
        what: words::count(u64::from(field.width), "bit"),
        place: None,
        times: String::new(),
        optional: false,
    }
}

/// Fields that share an integer of known width are drawn bit by bit.
fn bit_cells(bits: &Bits) -> Vec<Cell> {
    let constant = |field: &BitField| match field.derived.as_ref().map(|derived| &derived.expr.kind)
    {
        Some(framer_dsl::ir::ExprKind::Number(value)) => format!(" = {value}"),
        _ => match &field.kind {
            FieldKind::Fixed(of) if of.low == of.high => format!(" = {}", of.low),
            _ => String::new(),
        },
    };
    match &bits.carrier {
        // No bit of it stands where it would be drawn.
        Carrier::Fixed(of) if of.little && of.int.bits > 8 => {
            let names: Vec<&str> = bits.fields.iter().map(|field| field.name.as_str()).collect();
            let (label, bits) = (names.join(", "), Some(u64::from(of.int.bits)));
            vec![Cell { label, bits, optional: false, length: order(of.int, true) }]
        }
        Carrier::Fixed(_) => {
            let cells = bits.fields.iter().map(|field| Cell {
                label: format!("{}{}", field.name, constant(field)),
                bits: Some(u64::from(field.width)),
                optional: false,
                length: String::new(),
            });
            let mut cells: Vec<Cell> = cells.collect();
            // What goes on behind the integer where it is a mark.
            for field in &bits.fields {
                if let FieldKind::Varint(of) = &field.kind {
                    cells.push(Cell {
                        label: format!("{}, longer", field.name),
                        bits: None,
                        optional: true,
                        length: format!("at most {}", bytes(wide(of.max_bytes))),
                    });
                }
            }
            cells
        }
        Carrier::Varint(of) => {
            let names: Vec<&str> = bits.fields.iter().map(|field| field.name.as_str()).collect();
            let length = format!("1 to {}", bytes(wide(of.max_bytes)));
            vec![Cell { label: names.join(", "), bits: None, optional: false, length }]
        }
    }
}
