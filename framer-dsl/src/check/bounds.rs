//! Every buffer has a bound.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Extent, ListEnd, Member, Model, Protocol, Type, TypeId};

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for ty in &model.order {
        fits(model, *ty, diagnostics);
    }
    for protocol in &model.protocols {
        pending(protocol, diagnostics);
        let mut seen = BTreeSet::new();
        // A datagram ends.
        let framers = protocol.framers().into_iter().filter(|_| !protocol.datagrams);
        for (_, ty) in framers {
            to_end(model, ty, &mut seen, diagnostics);
        }
    }
}

/// Something fits what a type may have at most.
fn fits(model: &Model, ty: TypeId, diagnostics: &mut Vec<Diagnostic>) {
    let (Some(limits), Some(size)) = (model.limits(ty), model.measured(ty)) else { return };
    if size.min > limits.max {
        let (name, least, max) = (model.name(ty), size.min, limits.max);
        diagnostics.push(
            Diagnostic::new(
                Code::EmptyRange,
                model.span(ty),
                format!("`{name}` takes {least} bytes at the least, and may have {max}"),
            )
            .label("none could be written"),
        );
    }
}

/// Outstanding replies are kept in memory.
fn pending(protocol: &Protocol, diagnostics: &mut Vec<Diagnostic>) {
    let awaits = protocol.rules().find(|rule| rule.arms.is_some());
    if let Some(rule) = awaits.filter(|_| protocol.pending == 0) {
        diagnostics.push(
            Diagnostic::new(
                Code::Unbounded,
                protocol.span,
                format!(
                    "nothing limits how many replies of `{}` may be outstanding",
                    protocol.name
                ),
            )
            .also(rule.span, "awaits a reply")
            .help("say `pending fifo max N;`"),
        );
    }
}

/// Whether something of it goes to an end that is nowhere, of which is told.
pub(super) fn goes_nowhere(model: &Model, ty: TypeId) -> bool {
    let mut told = Vec::new();
    to_end(model, ty, &mut BTreeSet::new(), &mut told);
    !told.is_empty()
}

/// What goes to the end needs an end around it.
fn to_end(
    model: &Model,
    ty: TypeId,
    seen: &mut BTreeSet<TypeId>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if model.region(ty).is_some() || !seen.insert(ty) {
        return;
    }
    let TypeId::Frame(frame) = ty else {
        for frame in model.frames_of(ty) {
            to_end(model, TypeId::Frame(frame), seen, diagnostics);
        }
        return;
    };
    let mut inside = 0_usize;
    for member in &model.frames[frame.0].body {
        match member {
            Member::Open(_) => inside += 1,
            Member::Close(_) => inside = inside.saturating_sub(1),
            _ => {}
        }
        let field = match member {
            _ if inside > 0 => continue,
            Member::Field(field) => field,
            // Here it is.
            Member::Rest { .. } => return,
            _ => continue,
        };
        let goes = match &field.ty {
            Type::Text { extent, .. } => matches!(extent, Extent::ToEnd),
            Type::List(list) => matches!(list.end, ListEnd::Region),
            _ => false,
        };
        if goes {
            diagnostics.push(
                Diagnostic::new(
                    Code::Unbounded,
                    field.span,
                    format!("`{}` goes to an end that is nowhere", field.name),
                )
                .label("nothing around it ends")
                .help(
                    "put the frame in a region: `in until DELIMITER max N`, or say before it how \
                     long the rest is: `length: u16 = len(rest)`",
                ),
            );
        }
        let part = match &field.ty {
            Type::Named { ty, length: None, .. } | Type::Optional(ty) => Some(*ty),
            Type::List(list) => list.element.ty(),
            _ => None,
        };
        if let Some(part) = part {
            to_end(model, part, seen, diagnostics);
        }
    }
}
