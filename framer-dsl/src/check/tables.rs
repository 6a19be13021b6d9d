//! What the runtime's tables have no place for.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{FrameId, MessageKind, Model, Protocol, Role, Rule, VarKind};

/// A bit each in a set of states.
const MAX_STATES: usize = 64;
/// A bit each in the variables.
const MAX_VARS: usize = 32;
/// What a session keeps of numbers.
const MAX_NUMBERS: usize = 8;
/// A byte counts the rules of a state.
const MAX_RULES: usize = 255;
/// A frame is one kind for each answer of its guards.
const MAX_GUARDS: usize = 4;

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    shared(model, diagnostics);
    for protocol in &model.protocols {
        sizes(model, protocol, diagnostics);
        refusals(model, protocol, diagnostics);
    }
}

/// A type is spoken by one protocol, which tells what its rules look at.
fn shared(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for (place, protocol) in model.protocols.iter().enumerate() {
        for (_, ty) in protocol.framers() {
            let speaks = |other: &&Protocol| other.framers().iter().any(|(_, of)| *of == ty);
            let Some(first) = model.protocols[..place].iter().find(speaks) else { continue };
            let what = format!("`{}` in a second protocol", model.name(ty));
            let message = format!("{what} cannot be compiled by this version");
            diagnostics.push(
                Diagnostic::new(Code::Unsupported, protocol.span, message)
                    .also(first.span, "speaks it, too")
                    .help("put it into a frame of its own"),
            );
        }
    }
}

fn unsupported(span: crate::source::Span, what: &str, diagnostics: &mut Vec<Diagnostic>) {
    let message = format!("{what} cannot be compiled by this version");
    diagnostics.push(Diagnostic::new(Code::Unsupported, span, message));
}

fn sizes(model: &Model, protocol: &Protocol, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(state) = protocol.states.get(MAX_STATES) {
        unsupported(state.span, "a 65th state", diagnostics);
    }
    if let Some(var) = protocol.vars.get(MAX_VARS) {
        unsupported(var.span, "a 33rd variable", diagnostics);
    }
    let mut numbers = protocol.vars.iter().filter(|var| matches!(var.kind, VarKind::Number { .. }));
    if let Some(var) = numbers.nth(MAX_NUMBERS) {
        unsupported(var.span, "a ninth variable that holds a number", diagnostics);
    }
    if protocol.states.is_empty() {
        unsupported(protocol.span, "a protocol without a state", diagnostics);
    }
    let any: usize = protocol.any.iter().map(|rule| rule.messages.len()).sum();
    for state in &protocol.states {
        let own: usize = state.rules.iter().map(|rule| rule.messages.len()).sum();
        if own + any > MAX_RULES {
            unsupported(state.span, "a state of more than 255 rules", diagnostics);
        }
    }
    for role in [Role::First, Role::Second] {
        let framers = protocol.framers().into_iter().filter(|(of, _)| *of == role);
        let frames: BTreeSet<FrameId> = framers.flat_map(|(_, ty)| model.frames_of(ty)).collect();
        for frame in frames {
            let guards = protocol.guards(role, frame);
            let different: BTreeSet<String> = guards.iter().map(ToString::to_string).collect();
            if different.len() > MAX_GUARDS {
                let span = model.frames[frame.0].span;
                unsupported(span, "a frame with more than four guards", diagnostics);
            }
        }
    }
}

/// What is refused is told from what is taken by the frames that a role speaks.
fn refusals(model: &Model, protocol: &Protocol, diagnostics: &mut Vec<Diagnostic>) {
    for rule in protocol.rules() {
        let Some(span) = rule.refuse else { continue };
        let spoken = model.frames_of(protocol.speaks[rule.role.index()].ty);
        let other = |rule: &Rule| {
            rule.messages.iter().any(|message| match message.kind {
                MessageKind::Frame(frame) => !spoken.contains(&frame),
                _ => true,
            })
        };
        if other(rule) {
            unsupported(span, "`refuse` of what is not a frame that the role speaks", diagnostics);
        }
    }
}
