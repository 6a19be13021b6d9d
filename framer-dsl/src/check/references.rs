//! Lists go on elsewhere where what says so can be told from an element, and read and written.

use super::choices::begin_alike;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Element, Elsewhere, Field, FrameId, Lead, ListEnd, Member, Model, Sight, Type, TypeId,
};
use crate::source::Span;

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    flagged(model, diagnostics);
    let mut first: Option<&Elsewhere> = None;
    let mut elements: Vec<(Element, &Elsewhere)> = Vec::new();
    for (frame, field, list, elsewhere) in model.references() {
        pointer(model, elsewhere, diagnostics);
        told(model, field, elsewhere, diagnostics);
        around(model, frame, elsewhere, diagnostics);
        let span = elsewhere.span;
        match first {
            Some(first) if first.base != elsewhere.base => {
                unsupported(span, "offsets from the beginning of several frames", diagnostics);
            }
            _ => first = first.or(Some(elsewhere)),
        }
        let nested = list.element.ty().is_none_or(|ty| {
            let parts = model.parts(ty);
            !matches!(ty, TypeId::Frame(_)) || parts.into_iter().any(|part| model.refers(part))
        });
        let otherwise = elements.iter().any(|(element, other)| {
            let alike = other.frame == elsewhere.frame && other.field == elsewhere.field;
            *element == list.element && !alike
        });
        if nested || otherwise {
            unsupported(span, "elements of this list that go on elsewhere", diagnostics);
        }
        elements.push((list.element, elsewhere));
        moved(model, elsewhere, diagnostics);
    }
}

/// Elements whose fields are their list's are read again without what stands before them.
fn flagged(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for field in model.frames.iter().flat_map(|frame| frame.fields()) {
        let Type::List(list) = &field.ty else { continue };
        let refers = list.element.ty().is_some_and(|ty| model.refers(ty));
        if refers && matches!(list.end, ListEnd::Flag { .. }) {
            unsupported(
                field.span,
                "a list up to a flag whose elements go on elsewhere",
                diagnostics,
            );
        }
    }
}

fn unsupported(span: Span, what: &str, diagnostics: &mut Vec<Diagnostic>) {
    let message = format!("{what} cannot be compiled by this version");
    diagnostics.push(Diagnostic::new(Code::Unsupported, span, message));
}

/// What says where the list goes on is a frame with a number, and where it is written nothing else.
fn pointer(model: &Model, elsewhere: &Elsewhere, diagnostics: &mut Vec<Diagnostic>) {
    let frame = &model.frames[elsewhere.frame.0];
    let (name, field) = (&frame.name, &elsewhere.field);
    if !matches!(model.sight(&frame.body, field), Some(Sight::Number(_))) {
        diagnostics.push(
            Diagnostic::new(
                Code::Unknown,
                elsewhere.span,
                format!("`{name}` has no number `{field}`"),
            )
            .label("says where the list goes on")
            .also(frame.span, "declared here"),
        );
    }
    let plain = |member: &Member| match member {
        Member::Field(of) if of.name == *field => matches!(of.ty, Type::Fixed(_)),
        Member::Field(of) => of.derived.is_some(),
        Member::Bits(bits) => {
            bits.fields.iter().all(|of| of.name == *field || of.derived.is_some())
        }
        Member::Literal(_) => true,
        _ => false,
    };
    let simple = frame.region.is_none() && frame.body.iter().all(plain);
    if elsewhere.written && !simple {
        unsupported(elsewhere.span, "writing what more than an offset is in", diagnostics);
    }
}

/// An element, what says where the list goes on, and the end of the list begin differently.
fn told(model: &Model, field: &Field, elsewhere: &Elsewhere, diagnostics: &mut Vec<Diagnostic>) {
    let Type::List(list) = &field.ty else { return };
    let ListEnd::Literal { literal, .. } = &list.end else { return };
    let name = &model.frames[elsewhere.frame.0].name;
    let Some(lead) = model.lead(elsewhere.frame) else {
        unsupported(elsewhere.span, "what does not begin with a literal or constant", diagnostics);
        return;
    };
    let element = match list.element.ty() {
        Some(TypeId::Frame(element)) => model.lead(element),
        _ => None,
    };
    let end = Lead::Literal(literal.clone());
    let alike = match element {
        Some(element) => begin_alike(&lead, &element),
        None => Some(Vec::new()),
    };
    if let Some(bytes) = alike.or_else(|| begin_alike(&lead, &end)) {
        let shown = bytes.escape_ascii();
        diagnostics.push(
            Diagnostic::new(
                Code::Shadowed,
                elsewhere.span,
                format!("`{name}` may begin as an element of the list does, or its end"),
            )
            .label("could be meant as well")
            .also(field.span, format!("`{shown}` begins both")),
        );
    }
}

/// What offsets count from is around the list wherever a protocol speaks it.
fn around(model: &Model, frame: FrameId, elsewhere: &Elsewhere, diagnostics: &mut Vec<Diagnostic>) {
    let base = TypeId::Frame(elsewhere.base);
    let spoken = model.protocols.iter().flat_map(|protocol| protocol.framers());
    for (_, ty) in spoken {
        let mut found = vec![ty];
        let mut next = 0;
        while let Some(ty) = found.get(next).copied() {
            if ty != base {
                let parts = model.parts(ty).into_iter();
                let new: Vec<TypeId> = parts.filter(|part| !found.contains(part)).collect();
                found.extend(new);
            }
            next += 1;
        }
        let outside = found.contains(&TypeId::Frame(frame)) && TypeId::Frame(frame) != base;
        if outside {
            diagnostics.push(
                Diagnostic::new(
                    Code::NotAround,
                    elsewhere.span,
                    format!("no `{}` is around this in a `{}`", model.name(base), model.name(ty)),
                )
                .label("offsets count from the beginning of it")
                .also(model.span(ty), "spoken by a protocol"),
            );
            return;
        }
    }
}

/// What is put in afterwards must not move what has been referred to.
fn moved(model: &Model, elsewhere: &Elsewhere, diagnostics: &mut Vec<Diagnostic>) {
    if !elsewhere.written {
        return;
    }
    let mut inside = vec![TypeId::Frame(elsewhere.base)];
    let mut next = 0;
    while let Some(ty) = inside.get(next).copied() {
        next += 1;
        let parts = model.parts(ty).into_iter();
        let new: Vec<TypeId> = parts.filter(|part| !inside.contains(part)).collect();
        inside.extend(new);
        let TypeId::Frame(frame) = ty else { continue };
        let body = &model.frames[frame.0].body;
        for field in model.frames[frame.0].fields() {
            let late = field.derived.as_ref().is_some_and(|derived| !model.early(body, derived));
            if late && !matches!(field.ty, Type::Fixed(_)) {
                let what = "a length in front of what may be referred to that has no fixed width";
                unsupported(field.span, what, diagnostics);
            }
        }
    }
}
