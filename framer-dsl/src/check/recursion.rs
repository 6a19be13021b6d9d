//! No type contains itself.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Model, TypeId};

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

/// The way from the first type of `path` back to it.
fn cycle(model: &Model, path: &mut Vec<TypeId>) -> Option<Vec<TypeId>> {
    let last = *path.last()?;
    for part in model.parts(last) {
        if part == path[0] {
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

fn diagnostic(model: &Model, cycle: &[TypeId]) -> Diagnostic {
    let name = model.name(cycle[0]);
    let mut diagnostic =
        Diagnostic::new(Code::Recursion, model.span(cycle[0]), format!("`{name}` contains itself"))
            .label("a peer could nest it without end");
    for pair in cycle.windows(2) {
        let text = format!("in `{}`", model.name(pair[0]));
        diagnostic = diagnostic.also(model.span(pair[1]), text);
    }
    diagnostic.help("nesting with a `depth` is not compiled by this version")
}
