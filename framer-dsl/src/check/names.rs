//! The names of a description are names in Rust, and no two are the same there.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Boundary, Model, Protocol};
use crate::names;
use crate::source::Span;

/// What the generated code calls its own.
const OWN: [&str; 9] =
    ["State", "Upgrade", "Refused", "Malformed", "PROTOCOL", "rt", "table", "framer", "kind"];

/// What Rust's prelude calls its own.
const PRELUDE: [&str; 7] = ["Some", "None", "Ok", "Err", "Self", "self", "crate"];

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    constants(model, diagnostics);
    // Its author's type is declared, and stands in no module of the generated code.
    if model.own {
        return;
    }
    let mut own: BTreeMap<String, &str> = BTreeMap::new();
    own.extend(OWN.map(|name| (name.to_owned(), "the generated code's own")));
    own.extend(PRELUDE.map(|name| (name.to_owned(), "Rust's own")));
    for protocol in &model.protocols {
        own.extend(of_protocol(model, protocol));
    }
    for ty in &model.order {
        if let Some(whose) = own.get(model.name(*ty)) {
            diagnostics.push(
                Diagnostic::new(
                    Code::Reserved,
                    model.span(*ty),
                    format!("`{}` cannot be the name of a type", model.name(*ty)),
                )
                .label(format!("is {whose}")),
            );
        }
    }
    modules(model, diagnostics);
}

/// Protocols become modules, whose names are in small letters.
fn modules(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for (place, protocol) in model.protocols.iter().enumerate() {
        let module = names::module(&protocol.name).to_string();
        let alike = |other: &&Protocol| names::module(&other.name) == module;
        if let Some(first) = model.protocols[..place].iter().find(alike) {
            let name = &protocol.name;
            diagnostics.push(
                Diagnostic::new(
                    Code::Reserved,
                    protocol.span,
                    format!("`{name}` is called `{module}` in Rust, and so is another"),
                )
                .label("the second of that name")
                .also(first.span, "the first"),
            );
        }
    }
}

fn of_protocol(model: &Model, protocol: &Protocol) -> Vec<(String, &'static str)> {
    let roles = protocol.roles.iter().map(|role| (names::role(role).to_string(), "a machine's"));
    let ends = protocol
        .framers()
        .into_iter()
        .filter(|(_, ty)| matches!(model.boundary(*ty), Some(Boundary::Stream(_))))
        .map(|(_, ty)| (format!("{}End", model.name(ty)), "the end of a payload's"));
    roles.chain(ends).collect()
}

/// Delimiters, classes and transforms become constants, whose names are in capitals.
fn constants(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let delimiters = model.delimiters.iter().map(|item| (&item.name, item.span));
    let classes = model.classes.iter().map(|item| (&item.name, item.span));
    let transforms = model.transforms.iter().map(|item| (&item.name, item.span));
    let checksums = model.checksums.iter().map(|item| (&item.name, item.span));
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for (name, span) in delimiters.chain(classes).chain(transforms).chain(checksums) {
        let constant = names::constant(name).to_string();
        match seen.get(&constant) {
            Some(first) => diagnostics.push(
                Diagnostic::new(
                    Code::Reserved,
                    span,
                    format!("`{name}` is called `{constant}` in Rust, and so is another"),
                )
                .label("the second of that name")
                .also(*first, "the first"),
            ),
            None => {
                seen.insert(constant, span);
            }
        }
    }
}
