//! Frames into steps on the wire.

use super::region;
use crate::ir::{
    BitField, Bits, Cond, Derived, Field, FieldKind, Jump, List, ListEnd, Record, Step, Tail,
};
use crate::model::{
    self, BitKind, Element, Expr, ExprKind, Fixed, FrameId, Int, Member, Model, Part, Slot,
    TailPart, TypeId, implied, slot, written,
};
use crate::syntax::TextKind;

/// Lowers a frame that is no stream.
pub(super) fn lower(model: &Model, id: FrameId) -> Record {
    let frame = &model.frames[id.0];
    let body = &frame.body;
    let mut steps = Vec::new();
    for (place, member) in body.iter().enumerate() {
        let tail = model.tail(body, place).and_then(|tail| model.tail_parts(tail).ok());
        let before = tail.map(|parts| Step::Before(parts.iter().map(lower_tail).collect()));
        let behind = before.is_some().then_some(Step::Behind);
        steps.extend(before);
        steps.extend(lower_member(model, body, member));
        steps.extend(behind);
    }
    let hoisted = hoisted(model, id);
    let from_text = from_text(frame, &hoisted);
    let params = super::params(model, TypeId::Frame(id));
    let element = Element::Type(TypeId::Frame(id));
    let mut references = model.references();
    let jump = references.find(|(_, _, list, _)| list.element == element);
    Record {
        region: frame.region.as_ref().map(region),
        params,
        base: model.references().any(|(_, _, _, elsewhere)| elsewhere.base == id),
        jump: jump.and_then(|(_, _, _, elsewhere)| lower_jump(model, elsewhere)),
        steps,
        lets: frame.lets.clone(),
        hoisted,
        from_text,
        own: None,
    }
}

fn lower_member(model: &Model, body: &[Member], member: &Member) -> Option<Step> {
    match member {
        Member::Literal(literal) => Some(Step::Literal(literal.clone())),
        Member::Field(field) => Some(Step::Field(lower_field(model, body, field))),
        Member::Bits(bits) => Some(Step::Bits(lower_bits(model, body, bits))),
        Member::Rest { length, .. } => Some(Step::Rest(length.clone())),
        Member::Require { cond, error, .. } => {
            Some(Step::Require { cond: cond.clone(), error: error.clone() })
        }
        Member::Open(of) => Some(Step::Open(region(of))),
        Member::Close(of) => Some(Step::Close(region(of))),
        Member::Skip(skip) => Some(Step::Skip(skip.clone())),
        Member::Param(_) | Member::Stream(_) => None,
    }
}

fn lower_tail(part: &TailPart<'_>) -> Tail {
    match part {
        TailPart::Literal(literal) => Tail::Literal((*literal).clone()),
        TailPart::Flag { on, off } => Tail::Flag { on: (*on).clone(), off: off.cloned() },
        TailPart::Digits { hex } => Tail::Digits { hex: *hex },
        TailPart::Run { class, min } => Tail::Run { class: *class, min: *min },
    }
}

fn derived(model: &Model, body: &[Member], name: &str, expr: Option<&Expr>) -> Option<Derived> {
    let expr = expr?.clone();
    let (implied, early) = (implied(model, body, name, &expr), model.early(body, &expr));
    Some(Derived { expr, implied, early })
}

fn lower_field(model: &Model, body: &[Member], field: &model::Field) -> Field {
    let exact = |length: &Expr, of: &ExprKind| written(body, length, of);
    let len = ExprKind::Len(Part::Field(field.name.clone()));
    let kind = match &field.ty {
        model::Type::Number(number) => FieldKind::Number(number.clone()),
        model::Type::Fixed(fixed) => FieldKind::Fixed(fixed.clone()),
        model::Type::Varint(varint) => FieldKind::Varint(varint.clone()),
        model::Type::Text { kind, extent } => {
            let exact = match extent {
                model::Extent::Sized(length) => exact(length, &len),
                _ => false,
            };
            FieldKind::Text { kind: *kind, extent: extent.clone(), exact }
        }
        model::Type::Flag { on, off, or_end } => {
            FieldKind::Flag { on: on.clone(), off: off.clone(), or_end: *or_end }
        }
        model::Type::Coded { transform, max, .. } => {
            FieldKind::Coded { transform: *transform, max: *max }
        }
        model::Type::Named { ty, args, length } => {
            let tag = ExprKind::Tag(field.name.clone());
            let made = |name: &&String| {
                let derived = slot(body, name).and_then(Slot::derived);
                derived.is_some_and(|derived| derived.kind == tag)
            };
            let agrees = model.told(field).filter(|name| !made(name)).cloned();
            let exact = length.as_ref().is_some_and(|length| exact(length, &len));
            let (args, length) = (args.clone(), length.clone());
            FieldKind::Named { ty: *ty, args, agrees, length, exact }
        }
        model::Type::Optional(id) => FieldKind::Optional(*id),
        model::Type::List(list) => {
            let end = match &list.end {
                model::ListEnd::Region => ListEnd::Region,
                model::ListEnd::Count(count) => {
                    let exact = exact(count, &ExprKind::Count(field.name.clone()));
                    ListEnd::Count { count: count.clone(), exact }
                }
                model::ListEnd::Flag { field, last } => {
                    ListEnd::Flag { field: field.clone(), last: *last }
                }
                model::ListEnd::Run => {
                    let frames = list.element.ty().map_or(Vec::new(), |ty| model.frames_of(ty));
                    let leads = frames.into_iter().filter_map(|frame| model.lead(frame));
                    ListEnd::Run { leads: leads.collect() }
                }
                model::ListEnd::Literal { literal, max, elsewhere } => ListEnd::Literal {
                    literal: literal.clone(),
                    max: max.unwrap_or(u64::MAX),
                    jump: elsewhere.as_ref().and_then(|of| lower_jump(model, of)),
                },
            };
            FieldKind::List(lower_list(model, list, end))
        }
    };
    let cond = field.cond.as_ref().map(|cond| Cond {
        expr: cond.clone(),
        implied: written(body, cond, &ExprKind::Some(field.name.clone())),
    });
    let derived = derived(model, body, &field.name, field.derived.as_ref());
    Field { docs: field.docs.clone(), name: field.name.clone(), kind, derived, cond }
}

/// Where a list goes on. A checked one has a lead and a number.
fn lower_jump(model: &Model, elsewhere: &model::Elsewhere) -> Option<Jump> {
    let body = &model.frames[elsewhere.frame.0].body;
    let offset = Expr { kind: ExprKind::Field(elsewhere.field.clone()) };
    let max = model.range(body, &offset).and_then(|range| u64::try_from(range.high).ok())?;
    Some(Jump {
        frame: elsewhere.frame,
        lead: model.lead(elsewhere.frame)?,
        field: elsewhere.field.clone(),
        max,
        written: elsewhere.written,
    })
}

fn lower_list(model: &Model, list: &model::List, end: ListEnd) -> List {
    let shared = match list.element {
        Element::Type(TypeId::Frame(element)) => {
            let frame = &model.frames[element.0];
            let fields = frame.fields().filter(|field| list.shared.contains(&field.name));
            fields.map(|field| lower_field(model, &frame.body, field)).collect()
        }
        _ => Vec::new(),
    };
    List { element: list.element, max: list.max, shared, end }
}

fn lower_bits(model: &Model, body: &[Member], bits: &model::Bits) -> Bits {
    let fields = bits
        .fields
        .iter()
        .map(|field| {
            let kind = match &field.kind {
                BitKind::Flag => FieldKind::Bit,
                BitKind::Number { low, high } => {
                    let int = Int::unsigned(field.width);
                    FieldKind::Fixed(Fixed { int, little: false, low: *low, high: *high })
                }
                BitKind::Values(values) => {
                    let ty = TypeId::Values(*values);
                    FieldKind::Named {
                        ty,
                        args: Vec::new(),
                        agrees: None,
                        length: None,
                        exact: false,
                    }
                }
                BitKind::Tiered(varint) => FieldKind::Varint(varint.clone()),
            };
            BitField {
                docs: field.docs.clone(),
                name: field.name.clone(),
                width: field.width,
                shift: field.shift,
                kind,
                derived: derived(model, body, &field.name, field.derived.as_ref()),
            }
        })
        .collect();
    Bits { carrier: bits.carrier.clone(), fields }
}

/// The fields of a frame that belong to the list whose element it is: those it shares in the order
/// of the frame, then the flag.
fn hoisted(model: &Model, id: FrameId) -> Vec<String> {
    let mut lists =
        model.frames.iter().flat_map(model::Frame::fields).filter_map(|field| match &field.ty {
            model::Type::List(list) if list.element == Element::Type(TypeId::Frame(id)) => {
                Some(list)
            }
            _ => None,
        });
    let Some(list) = lists.find(|list| list.hoists()) else { return Vec::new() };
    let fields = model.frames[id.0].fields().map(|field| &field.name);
    let mut names: Vec<String> =
        fields.filter(|name| list.shared.contains(name)).cloned().collect();
    if let model::ListEnd::Flag { field, .. } = &list.end {
        names.push(field.clone());
    }
    names
}

/// The only field that must be given, if it is a text for people.
fn from_text(frame: &model::Frame, hoisted: &[String]) -> Option<String> {
    let mut needed = frame.fields().filter(|field| {
        !hoisted.contains(&field.name) && !matches!(field.ty, model::Type::Optional(_))
    });
    match (needed.next(), needed.next()) {
        (Some(field), None) if is_str(&field.ty) => Some(field.name.clone()),
        _ => None,
    }
}

fn is_str(ty: &model::Type) -> bool {
    matches!(ty, model::Type::Text { kind: TextKind::Ascii | TextKind::Utf8, .. })
}

/// Whether a value of the type holds bytes of the input.
pub(super) fn borrows(model: &Model, id: TypeId) -> bool {
    borrows_in(model, id, &mut Vec::new())
}

fn borrows_in(model: &Model, id: TypeId, seen: &mut Vec<TypeId>) -> bool {
    if seen.contains(&id) {
        return false;
    }
    seen.push(id);
    match id {
        TypeId::Values(_) | TypeId::External(_) => false,
        TypeId::Choice(choice) => model.choices[choice.0]
            .alternatives
            .iter()
            .any(|alternative| borrows_in(model, TypeId::Frame(alternative.frame), seen)),
        TypeId::Frame(frame) => {
            let hoisted = hoisted(model, frame);
            let mut fields = model.frames[frame.0].fields();
            fields.any(|field| match &field.ty {
                model::Type::Text { .. } | model::Type::Coded { .. } | model::Type::List(_) => {
                    !hoisted.contains(&field.name)
                }
                model::Type::Named { ty, .. } | model::Type::Optional(ty) => {
                    borrows_in(model, *ty, seen)
                }
                _ => false,
            })
        }
    }
}
