//! Lengths, counts and conditions that the encoder can make true, and that have a bound.

use crate::diagnostic::{Code, Diagnostic, Witness};
use crate::model::{
    Boundary, Expr, ExprKind, Extent, Field, LARGEST_BYTES, ListEnd, Member, Model, Part, Protocol,
    Slot, Type, TypeId, slot, span_of, written,
};
use crate::source::Span;

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for frame in &model.frames {
        let body = &frame.body;
        if chained(body, diagnostics) || backwards(body, diagnostics) {
            continue;
        }
        moved(model, body, diagnostics);
        of_itself(body, diagnostics);
        let late = |derived: &Option<Expr>| derived.as_ref().is_some_and(|d| !model.early(body, d));
        for (place, member) in body.iter().enumerate() {
            match member {
                Member::Field(field) => {
                    if matches!(field.ty, Type::Flag { .. }) && late(&field.derived) {
                        let what = "a flag that depends on how long something is";
                        unsupported(field.span, what, diagnostics);
                    }
                    told(model, body, field, diagnostics);
                    extents(model, body, place, field, diagnostics);
                    condition(model, body, field, diagnostics);
                }
                Member::Bits(bits) => {
                    for field in bits.fields.iter().filter(|field| late(&field.derived)) {
                        unsupported(field.span, "the length of this in bits", diagnostics);
                    }
                }
                Member::Rest { length, span } => {
                    bounded(model, body, length, *span, diagnostics);
                }
                _ => {}
            }
        }
    }
    for protocol in &model.protocols {
        for (_, ty) in protocol.framers() {
            spoken(model, protocol, ty, diagnostics);
        }
    }
}

fn unsupported(span: Span, what: &str, diagnostics: &mut Vec<Diagnostic>) {
    let message = format!("{what} cannot be compiled by this version");
    diagnostics.push(Diagnostic::new(Code::Unsupported, span, message));
}

/// A checksum is not of itself.
fn of_itself(body: &[Member], diagnostics: &mut Vec<Diagnostic>) {
    for member in body {
        let Member::Field(field) = member else { continue };
        let Some(Expr { kind: ExprKind::Checksum(_, part) }) = &field.derived else { continue };
        let (from, to) = match part {
            Part::Field(name) => (name, name),
            Part::Fields(from, to) => (from, to),
            Part::Rest => continue,
        };
        let own = |other: &Member| matches!(other, Member::Field(of) if of.name == field.name);
        if span_of(body, from, to).iter().any(own) {
            unsupported(field.span, "a checksum that is of itself, too,", diagnostics);
        }
    }
}

/// Everything that is derived, with its place.
fn all_derived(body: &[Member]) -> impl Iterator<Item = (Span, &Expr)> {
    body.iter().flat_map(|member| match member {
        Member::Field(field) => field.derived.iter().map(|d| (field.span, d)).collect(),
        Member::Bits(bits) => bits
            .fields
            .iter()
            .filter_map(|field| Some((field.span, field.derived.as_ref()?)))
            .collect::<Vec<_>>(),
        _ => Vec::new(),
    })
}

/// Whether a field is derived from one that is derived itself.
fn chained(body: &[Member], diagnostics: &mut Vec<Diagnostic>) -> bool {
    let before = diagnostics.len();
    for (span, expr) in all_derived(body) {
        let is_derived = |name: &&str| slot(body, name).and_then(Slot::derived).is_some();
        if expr.names().iter().any(is_derived) {
            unsupported(span, "a field derived from a derived one", diagnostics);
        }
    }
    diagnostics.len() > before
}

/// Whether a part ends before it begins.
fn backwards(body: &[Member], diagnostics: &mut Vec<Diagnostic>) -> bool {
    let before = diagnostics.len();
    for (span, expr) in all_derived(body) {
        for part in expr.parts() {
            if let Part::Fields(from, to) = part
                && span_of(body, from, to).is_empty()
            {
                let message = format!("`{to}` stands before `{from}`");
                diagnostics.push(Diagnostic::new(Code::Arguments, span, message));
            }
        }
    }
    diagnostics.len() > before
}

/// What is put in afterwards, and has no width of its own, moves what is behind it.
fn moved(model: &Model, body: &[Member], diagnostics: &mut Vec<Diagnostic>) {
    let late = |field: &&Field| field.derived.as_ref().is_some_and(|d| !model.early(body, d));
    let fields: Vec<&Field> = body
        .iter()
        .filter_map(|member| match member {
            Member::Field(field) => Some(field),
            _ => None,
        })
        .filter(late)
        .collect();
    let varies = |field: &&&Field| match &field.ty {
        Type::Fixed(_) => false,
        Type::Number(number) => number.min_digits < number.max_digits,
        _ => true,
    };
    for field in &fields {
        let Some(derived) = &field.derived else { continue };
        for part in derived.parts() {
            let last = match part {
                Part::Field(name) | Part::Fields(_, name) => name,
                Part::Rest => continue,
            };
            // From the first field on, since what moves others is one.
            let mut all = body.iter().filter_map(|member| match member {
                Member::Field(field) => Some(field.name.as_str()),
                _ => None,
            });
            let before = all.next().map_or(&[][..], |first| span_of(body, first, last));
            let mut varying = fields.iter().filter(varies);
            let moving = varying.find(|other| {
                let inside =
                    |member: &Member| matches!(member, Member::Field(of) if of.name == other.name);
                other.name != field.name && before.iter().any(inside)
            });
            if let Some(other) = moving {
                let message = "this measures what moves when another field is put in, which cannot be compiled \
                     by this version";
                diagnostics.push(
                    Diagnostic::new(Code::Unsupported, field.span, message)
                        .also(other.span, "as wide as it must be"),
                );
            }
        }
    }
}

/// What tells which alternative a field is is made of it.
fn told(model: &Model, body: &[Member], field: &Field, diagnostics: &mut Vec<Diagnostic>) {
    if let Type::Named { args, .. } = &field.ty {
        for arg in args {
            let derived = slot(body, arg).and_then(Slot::derived);
            if derived.is_some_and(|derived| !model.early(body, derived)) {
                unsupported(field.span, "an argument that is known only later", diagnostics);
            }
        }
    }
    let Some(name) = model.told(field) else { return };
    let Some(slot) = slot(body, name) else { return };
    let tag = ExprKind::Tag(field.name.clone());
    if slot.derived().is_some_and(|derived| derived.kind == tag) {
        return;
    }
    diagnostics.push(
        Diagnostic::new(
            Code::NotDerived,
            field.span,
            format!("`{name}` says what `{}` is, and so does `{}` itself", field.name, field.name),
        )
        .label("two that may differ")
        .also(slot.span(), "must be derived")
        .help(format!("say that it is made of it: `{name}: ... = tag({})`", field.name)),
    );
}

/// A length or count is made of what it measures, and has a bound.
fn extents(
    model: &Model,
    body: &[Member],
    place: usize,
    field: &Field,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let of = |part| ExprKind::Len(part);
    let name = || field.name.clone();
    let (expr, measured) = match &field.ty {
        Type::Text { extent: Extent::Sized(length), .. }
        | Type::Named { length: Some(length), .. } => (length, of(Part::Field(name()))),
        Type::List(list) => match &list.end {
            ListEnd::Count(count) => (count, ExprKind::Count(name())),
            _ => return,
        },
        _ => return,
    };
    let before = body.get(..place).unwrap_or_default();
    if !matches!(measured, ExprKind::Count(_)) {
        bounded(model, before, expr, field.span, diagnostics);
    }
    for named in expr.names() {
        match slot(body, named).and_then(Slot::derived) {
            None => diagnostics.push(not_derived(body, field, named, &measured)),
            Some(derived) if !written(body, expr, &measured) && !model.early(body, derived) => {
                unsupported(field.span, "this length of what is not counted first", diagnostics);
            }
            Some(_) => {}
        }
    }
}

fn not_derived(body: &[Member], field: &Field, named: &str, of: &ExprKind) -> Diagnostic {
    let word = if matches!(of, ExprKind::Count(_)) { "count" } else { "len" };
    let mut diagnostic = Diagnostic::new(
        Code::NotDerived,
        field.span,
        format!("`{named}` says how long `{}` is, and so does `{}` itself", field.name, field.name),
    )
    .label("two lengths that may differ");
    if let Some(slot) = slot(body, named) {
        diagnostic = diagnostic.also(slot.span(), "must be derived");
    }
    diagnostic.help(format!("say that it is made of it: `{named}: ... = {word}({})`", field.name))
}

/// A length has a bound that fits memory.
fn bounded(
    model: &Model,
    before: &[Member],
    expr: &Expr,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let high = model.range(before, expr).map_or(0, |range| range.high);
    if high > i128::from(LARGEST_BYTES) {
        let high_of = |name: &&str| {
            let field = Expr { kind: ExprKind::Field((*name).to_owned()) };
            Some(((*name).to_owned(), model.range(before, &field)?.high))
        };
        let fields = expr.names().iter().filter_map(high_of).collect();
        let says = format!("{high} bytes would be waited for");
        diagnostics.push(
            Diagnostic::new(Code::Unbounded, span, format!("up to {high} bytes have no limit"))
                .label("a peer could announce as many")
                .witness(Witness::Values { fields, says })
                .help("narrow the length: `in ..=65536`"),
        );
    }
}

/// Whether a field is there can be told when it is written.
fn condition(model: &Model, body: &[Member], field: &Field, diagnostics: &mut Vec<Diagnostic>) {
    let Some(cond) = &field.cond else { return };
    for named in cond.names() {
        let derived = slot(body, named).and_then(Slot::derived);
        if derived.is_some_and(|derived| !model.early(body, derived)) {
            unsupported(field.span, "a condition on this derived field", diagnostics);
        }
    }
}

/// What is spoken takes a byte, and fits memory.
fn spoken(model: &Model, protocol: &Protocol, ty: TypeId, diagnostics: &mut Vec<Diagnostic>) {
    let Some(Boundary::Measured { max }) = model.boundary_in(protocol, ty) else { return };
    let name = model.name(ty);
    if model.measured(ty).is_some_and(|size| size.min == 0) {
        diagnostics.push(
            Diagnostic::new(Code::NoProgress, model.span(ty), format!("`{name}` can be empty"))
                .label("could come without end and without a byte"),
        );
    }
    if max > LARGEST_BYTES {
        diagnostics.push(
            Diagnostic::new(
                Code::Unbounded,
                model.span(ty),
                format!("a `{name}` of up to {max} bytes has no limit"),
            )
            .label("would lie in memory as a whole")
            .help("narrow the lengths in it: `in ..=65536`"),
        );
    }
}
