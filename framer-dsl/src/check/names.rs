//! The names of a description are names in Rust, and no two are the same there.

use std::collections::BTreeMap;

use proc_macro2::Ident;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Boundary, Frame, Member, Model, Protocol};
use crate::names;
use crate::source::Span;

/// What the generated code calls its own.
const OWN: [&str; 9] =
    ["State", "Upgrade", "Refused", "Malformed", "PROTOCOL", "rt", "table", "framer", "kind"];

/// What Rust's prelude calls its own.
const PRELUDE: [&str; 7] = ["Some", "None", "Ok", "Err", "Self", "self", "crate"];

/// What the generated types can do: no `let` is called so.
const METHODS: [&str; 20] = [
    "as_ref",
    "clone",
    "decode",
    "encode",
    "encode_to",
    "encode_to_slice",
    "eq",
    "fmt",
    "from",
    "from_text",
    "into",
    "jump",
    "measure",
    "new",
    "owned",
    "read",
    "read_element",
    "write",
    "write_element",
    "write_with",
];

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    constants(model, diagnostics);
    values(model, diagnostics);
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

/// Fields and what is told from them are in small letters.
fn values(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for frame in &model.frames {
        let bits = frame.body.iter().filter_map(|member| match member {
            Member::Bits(bits) => Some(&bits.fields),
            _ => None,
        });
        let bits = bits.flatten().map(|field| (&field.name, field.span));
        let fields = frame.fields().map(|field| (&field.name, field.span)).chain(bits);
        alike(fields, names::local, diagnostics);
        alike(frame.lets.iter().map(|of| (&of.name, of.span)), names::value, diagnostics);
        for of in &frame.lets {
            if METHODS.contains(&names::snake(&of.name).as_str()) {
                let message = format!("`{}` cannot be the name of a `let`", of.name);
                diagnostics.push(
                    Diagnostic::new(Code::Reserved, of.span, message)
                        .label("is what every frame can do in Rust"),
                );
            }
        }
    }
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
    let all = delimiters.chain(classes).chain(transforms).chain(checksums);
    let all: Vec<(&String, Span)> = all.collect();
    alike(all.iter().copied(), names::constant, diagnostics);
    // A frame without fields is a value in Rust, as a constant is.
    let constants: Vec<String> =
        all.iter().map(|(name, _)| names::constant(name).to_string()).collect();
    let taken = |frame: &&Frame| is_bare(frame) && constants.contains(&frame.name);
    for frame in model.frames.iter().filter(taken) {
        let message = format!("`{}` cannot be the name of a type", frame.name);
        diagnostics.push(
            Diagnostic::new(Code::Reserved, frame.span, message)
                .label("is what a constant is called in Rust"),
        );
    }
}

/// Whether a frame has no fields in Rust.
fn is_bare(frame: &Frame) -> bool {
    frame.params.is_empty()
        && frame.body.iter().all(|member| match member {
            Member::Field(field) => field.derived.is_some(),
            Member::Bits(bits) => bits.fields.iter().all(|field| field.derived.is_some()),
            _ => true,
        })
}

/// No two of these names are the same in Rust.
fn alike<'n>(
    all: impl Iterator<Item = (&'n String, Span)>,
    in_rust: fn(&str) -> Ident,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for (name, span) in all {
        let called = in_rust(name).to_string();
        match seen.get(&called) {
            Some(first) => diagnostics.push(
                Diagnostic::new(
                    Code::Reserved,
                    span,
                    format!("`{name}` is called `{called}` in Rust, and so is another"),
                )
                .label("the second of that name")
                .also(*first, "the first"),
            ),
            None => {
                seen.insert(called, span);
            }
        }
    }
}
