//! A type contains itself only in a list, and so deep as it says.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Model, Type, TypeId};

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let mut reported = BTreeSet::new();
    for ty in &model.order {
        let mut path = vec![*ty];
        if let Some(cycle) = cycle(model, &mut path) {
            let mut members: Vec<TypeId> = cycle.clone();
            members.sort();
            if reported.insert(members) {
                diagnostics.push(diagnostic(model, &cycle));
            }
        }
    }
}

/// The way from the first type of `path` back to it, unless something on it is bounded.
fn cycle(model: &Model, path: &mut Vec<TypeId>) -> Option<Vec<TypeId>> {
    let last = *path.last()?;
    for part in model.parts(last) {
        if part == path[0] && !bounded(model, path) {
            return Some(path.clone());
        }
        if !path.contains(&part) {
            path.push(part);
            let found = cycle(model, path);
            path.pop();
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

/// Whether the way around has a depth, and goes through a list.
fn bounded(model: &Model, cycle: &[TypeId]) -> bool {
    let deep =
        cycle.iter().any(|ty| model.limits(*ty).is_some_and(|limits| limits.depth.is_some()));
    let next = cycle.iter().skip(1).chain(cycle.first());
    let mut pairs = cycle.iter().zip(next);
    deep && pairs.any(|(holder, held)| in_list(model, *holder, *held))
}

/// Whether a type holds another in lists only.
fn in_list(model: &Model, holder: TypeId, held: TypeId) -> bool {
    let TypeId::Frame(frame) = holder else { return false };
    model.frames[frame.0].fields().all(|field| match &field.ty {
        Type::Named { ty, .. } | Type::Optional(ty) => *ty != held,
        _ => true,
    })
}

fn diagnostic(model: &Model, cycle: &[TypeId]) -> Diagnostic {
    let name = model.name(cycle[0]);
    let mut diagnostic =
        Diagnostic::new(Code::Recursion, model.span(cycle[0]), format!("`{name}` contains itself"))
            .label("a peer could nest it without end");
    for pair in cycle.windows(2) {
        let text = format!("in `{}`", model.name(pair[0]));
        diagnostic = diagnostic.also(model.span(pair[1]), text);
    }
    diagnostic.help(format!(
        "let it contain itself in a list, and say how deep: `{name} max 65536 depth 16`"
    ))
}
