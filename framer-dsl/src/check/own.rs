//! What is on the wire fits the fields of a type of the user's own.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{BitField, BitKind, Extent, Field, Frame, Int, ListEnd, Member, Model, Type};
use crate::own::{self, Holds, Own};
use crate::source::Span;
use crate::syntax::TextKind;

pub(super) fn check(model: &Model, own: &Own<'_>, diagnostics: &mut Vec<Diagnostic>) {
    unsupported(model, diagnostics);
    for (frame, fields) in model.frames.iter().zip(&own.bodies) {
        for member in &frame.body {
            match member {
                Member::Field(field) if field.derived.is_none() => {
                    let wire = Wire::of_field(field);
                    wire.fits(frame, fields, diagnostics);
                }
                Member::Bits(bits) => {
                    let told = bits.fields.iter().filter(|field| field.derived.is_none());
                    told.for_each(|field| Wire::of_bits(field).fits(frame, fields, diagnostics));
                }
                _ => {}
            }
        }
    }
}

/// What only a description can say: of what a type is given, and what comes in pieces.
fn unsupported(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let mut refuse = |span, what: &str| {
        let message = format!("{what} in a type of one's own cannot be compiled by this version");
        diagnostics.push(
            Diagnostic::new(Code::Unsupported, span, message)
                .label("a description may have it: `framer!`"),
        );
    };
    for ty in &model.order {
        if !model.params(*ty).is_empty() {
            refuse(model.span(*ty), "a parameter");
        }
    }
    for frame in model.frames.iter().filter(|frame| !frame.lets.is_empty()) {
        refuse(frame.span, "a `let`");
    }
    for member in model.frames.iter().flat_map(|frame| &frame.body) {
        match member {
            Member::Stream(stream) => refuse(stream.span, "a stream"),
            Member::Field(Field { ty: Type::List(list), span, .. })
                if !matches!(list.end, ListEnd::Region | ListEnd::Count(_)) =>
            {
                refuse(*span, "a list with an end of its own");
            }
            _ => {}
        }
    }
}

/// A field on the wire, and what holds it in Rust.
struct Wire<'m> {
    name: &'m str,
    span: Span,
    optional: bool,
    /// The types that can hold it, the first of them for messages.
    held_by: Vec<Holds>,
}

impl Wire<'_> {
    fn of_field(field: &Field) -> Wire<'_> {
        let held_by = match &field.ty {
            Type::Number(number) => vec![int(number.int)],
            Type::Fixed(fixed) => vec![int(fixed.int)],
            Type::Varint(varint) => vec![int(varint.int)],
            Type::Flag { .. } => vec![Holds::Plain("bool".to_owned())],
            Type::Text { kind: TextKind::Bytes, extent } => {
                let array = match extent {
                    Extent::Exactly(len) => u64::try_from(*len).ok(),
                    _ => None,
                };
                let array = array.map(|len| Holds::Array(Some(len)));
                let bytes = Holds::Reference("[u8]".to_owned());
                [bytes, Holds::Named("Vec<u8>".to_owned())].into_iter().chain(array).collect()
            }
            Type::Text { .. } => {
                vec![Holds::Reference("str".to_owned()), Holds::Named("String".to_owned())]
            }
            Type::Coded { .. } => vec![Holds::Named("Coded".to_owned())],
            Type::Named { .. } | Type::Optional(_) => Vec::new(),
            Type::List(_) => vec![Holds::Named("Vec".to_owned()), Holds::Named("List".to_owned())],
        };
        let optional = field.cond.is_some() || matches!(field.ty, Type::Optional(_));
        Wire { name: &field.name, span: field.span, optional, held_by }
    }

    fn of_bits(field: &BitField) -> Wire<'_> {
        let held_by = match &field.kind {
            BitKind::Flag => vec![Holds::Plain("bool".to_owned())],
            BitKind::Number { .. } => vec![int(Int::unsigned(field.width))],
            BitKind::Tiered(varint) => vec![int(varint.int)],
            BitKind::Values(_) => Vec::new(),
        };
        Wire { name: &field.name, span: field.span, optional: false, held_by }
    }

    fn fits(&self, frame: &Frame, fields: &[own::Field], diagnostics: &mut Vec<Diagnostic>) {
        let name = self.name;
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            diagnostics.push(
                Diagnostic::new(
                    Code::Unknown,
                    self.span,
                    format!("`{}` has no field `{name}` in Rust", frame.name),
                )
                .label("nothing would hold it")
                .help(format!("declare it in Rust, or say what it is made of: `{name}: ... = 0`")),
            );
            return;
        };
        if field.optional != self.optional {
            let (wire, rust) = match self.optional {
                true => ("may be missing on the wire", "must be an `Option` in Rust"),
                false => ("is always there on the wire", "cannot be an `Option` in Rust"),
            };
            let message = format!("`{name}` {wire}, so it {rust}");
            diagnostics.push(Diagnostic::new(Code::ExprType, self.span, message));
        } else if !self.is_held_by(&field.holds) {
            let (rust, wire) = (field.holds.show(), self.show());
            let message = format!("`{name}` is {wire} on the wire, which a `{rust}` cannot hold");
            diagnostics.push(Diagnostic::new(Code::ExprType, self.span, message));
        }
    }

    /// Whether the type holds it, as far as its name tells: another may be an alias.
    fn is_held_by(&self, holds: &Holds) -> bool {
        match holds {
            Holds::Named(_) => true,
            Holds::Array(None) => self.held_by.iter().any(|one| matches!(one, Holds::Array(_))),
            holds => self.held_by.contains(holds),
        }
    }

    fn show(&self) -> String {
        let all: Vec<String> = self.held_by.iter().map(|one| format!("`{}`", one.show())).collect();
        match all.as_slice() {
            [] => "a type of its own".to_owned(),
            [one] => one.clone(),
            [most @ .., last] => format!("{} or {last}", most.join(", ")),
        }
    }
}

fn int(int: Int) -> Holds {
    let sign = if int.signed { 'i' } else { 'u' };
    Holds::Plain(format!("{sign}{}", int.width()))
}
