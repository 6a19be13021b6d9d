//! A list ends, shares what its elements have, and each element takes a byte.

use super::edges::first_of;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Element, Field, List, ListEnd, Model, Type, TypeId};

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for field in model.frames.iter().flat_map(|frame| frame.fields()) {
        let list = match &field.ty {
            Type::List(list) => list,
            Type::Optional(ty) if can_be_empty(model, *ty) => {
                diagnostics.push(missing_or_empty(model, field, *ty));
                continue;
            }
            _ => continue,
        };
        check_list(model, field, list, diagnostics);
        // What its elements lack in Rust is known to the list alone.
        let other = |ty: &&TypeId| {
            let parts = model.parts(**ty);
            let uses = parts.iter().filter(|part| Element::Type(**part) == list.element).count();
            let own = holds(model, **ty, field);
            uses > usize::from(own)
        };
        if list.hoists()
            && let Some(element) = list.element.ty()
            && let Some(other) = model.order.iter().find(other)
        {
            let name = model.name(element);
            diagnostics.push(
                Diagnostic::new(
                    Code::Unsupported,
                    field.span,
                    format!("`{name}` is not only the element of this list"),
                )
                .label("takes fields out of its elements")
                .also(model.span(*other), "another place where it stands"),
            );
        }
    }
}

/// Whether nothing may stand for a value of the type, be it only where a region ends.
fn can_be_empty(model: &Model, ty: TypeId) -> bool {
    let first = first_of(model, ty);
    first.empty || first.ends
}

/// What may be missing is there if it can be read, and so it takes a byte.
fn missing_or_empty(model: &Model, field: &Field, ty: TypeId) -> Diagnostic {
    let name = model.name(ty);
    Diagnostic::new(Code::NoProgress, field.span, format!("`{name}` can be empty"))
        .label("could be there, or missing")
        .also(model.span(ty), "takes no byte at the least")
        .help("give it a literal, or a field of one byte or more")
}

/// Whether the field is one of the type.
fn holds(model: &Model, ty: TypeId, field: &Field) -> bool {
    match ty {
        TypeId::Frame(frame) => model.frames[frame.0].fields().any(|own| own.span == field.span),
        _ => false,
    }
}

/// The frame of an element that begins with nothing that tells it.
fn without_lead(model: &Model, element: TypeId) -> Option<TypeId> {
    match model.frames_of(element).as_slice() {
        [] => Some(element),
        frames => {
            let mut frames = frames.iter();
            frames.find(|frame| model.lead(**frame).is_none()).map(|frame| TypeId::Frame(*frame))
        }
    }
}

fn check_list(model: &Model, field: &Field, list: &List, diagnostics: &mut Vec<Diagnostic>) {
    let Some(of) = list.element.ty() else {
        if matches!(list.end, ListEnd::Run) {
            let message = "nothing tells one of these numbers from what is none";
            diagnostics.push(Diagnostic::new(Code::BadList, field.span, message));
        }
        return;
    };
    let name = model.name(of);
    let flag = match &list.end {
        ListEnd::Flag { field, .. } => Some(field),
        _ => None,
    };
    let ends = matches!(list.end, ListEnd::Region | ListEnd::Run);
    if first_of(model, of).empty || ends && can_be_empty(model, of) {
        diagnostics.push(
            Diagnostic::new(Code::NoProgress, field.span, format!("`{name}` can be empty"))
                .label("could be repeated without end")
                .also(model.span(of), "takes no byte at the least")
                .help("give it a literal, or a field of one byte or more"),
        );
    }
    if let (ListEnd::Run, Some(open)) = (&list.end, without_lead(model, of)) {
        diagnostics.push(
            Diagnostic::new(
                Code::BadList,
                field.span,
                format!("`{}` does not begin with a literal or constant", model.name(open)),
            )
            .label("nothing says whether another comes")
            .also(model.span(open), "the elements"),
        );
    }
    if flag.is_none() && list.shared.is_empty() {
        return;
    }
    let TypeId::Frame(element) = of else {
        diagnostics.push(
            Diagnostic::new(Code::BadList, field.span, format!("`{name}` is not a frame"))
                .label("its elements have no fields to share or to end at")
                .also(model.span(of), "declared here"),
        );
        return;
    };
    let mut fields = model.frames[element.0].fields();
    if let Some(flag) = flag {
        let found = fields.find(|field| field.name == *flag);
        if !found.is_some_and(|field| matches!(field.ty, Type::Flag { .. })) {
            diagnostics.push(
                Diagnostic::new(
                    Code::BadList,
                    field.span,
                    format!("`{name}` has no flag `{flag}`"),
                )
                .label("nothing says where the list ends")
                .also(model.span(of), "the elements")
                .help(format!("add `{flag}: flag \"-\" | \" \"` to `{name}`")),
            );
        }
    } else {
        diagnostics.push(Diagnostic::new(
            Code::Unsupported,
            field.span,
            "a list that shares fields and ends at no flag",
        ));
    }
    for shared in &list.shared {
        if !model.frames[element.0].fields().any(|field| field.name == *shared) {
            diagnostics.push(
                Diagnostic::new(
                    Code::BadList,
                    field.span,
                    format!("`{name}` has no field `{shared}`"),
                )
                .label("nothing to share")
                .also(model.span(of), "the elements"),
            );
        }
    }
}
