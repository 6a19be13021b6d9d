//! Judges machines in every order of messages that both sides may keep to: IR -> the same, judged.
//!
//! Afterwards: something ends every state and every exchange; what follows a frame before its
//! reply is read in one way, whatever the reply will be; what crosses a frame on its way is read
//! as it was written, and both sides are in the same state behind it. Orders are looked through
//! breadth-first, so what shows a mistake is the shortest order that does.

mod crossing;
mod ends;
mod numbers;
mod pipelined;
mod reach;
mod walk;

use crate::diagnostic::{Code, Diagnostic, Step, Witness};
use crate::ir::{Ir, Machine};
use crate::model::{Model, Protocol};
use crate::source::Span;
use reach::Reached;
use walk::Walk;

/// A bit each in the variables, and in the answers about numbers.
const MAX_BITS: usize = 32;

/// Judges the machines of a description that was checked and lowered; warnings are among what is
/// found.
#[must_use]
pub(crate) fn prove(model: &Model, ir: &Ir) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for (protocol, machine) in model.protocols.iter().zip(&ir.machines) {
        machine_of(model, protocol, machine, &mut diagnostics);
    }
    diagnostics
}

fn machine_of(
    model: &Model,
    protocol: &Protocol,
    machine: &Machine,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if machine.vars.len() + machine.tests.len() > MAX_BITS {
        let message = "more than 32 variables and questions about numbers cannot be compiled by \
                       this version";
        diagnostics.push(Diagnostic::new(Code::Unsupported, protocol.span, message));
        return;
    }
    let walk = Walk::new(model, protocol, machine);
    let reached = Some(&walk).filter(|walk| !walk.asks_too_much).and_then(Reached::from_start);
    let Some(reached) = reached else {
        return diagnostics.push(too_many(protocol));
    };
    ends::prove(&walk, &reached, diagnostics);
    if !pipelined::prove(&walk, &reached, diagnostics) {
        diagnostics.push(too_many(protocol));
    }
    // What comes late in a datagram is passed over.
    if !machine.datagrams {
        crossing::prove(&walk, &reached, diagnostics);
        numbers::prove(&walk, diagnostics);
    }
}

fn too_many(protocol: &Protocol) -> Diagnostic {
    let message = "states and variables that are too many to be looked through cannot be \
                   compiled by this version";
    Diagnostic::new(Code::Unsupported, protocol.span, message)
}

/// Adds a finding with the order that shows it, unless the same was found by a shorter one.
fn found(diagnostics: &mut Vec<Diagnostic>, diagnostic: Diagnostic, order: Order) {
    let alike = |other: &Diagnostic| {
        other.code == diagnostic.code && other.primary.span == diagnostic.primary.span
    };
    if !diagnostics.iter().any(alike) {
        let Order { steps, says } = order;
        diagnostics.push(diagnostic.witness(Witness::Order { steps, says }));
    }
}

/// What shows a mistake.
struct Order {
    steps: Vec<Step>,
    says: String,
}

/// A place to show beside the primary one, if it is another.
fn beside(diagnostic: Diagnostic, span: Span, text: impl Into<String>) -> Diagnostic {
    if span == diagnostic.primary.span { diagnostic } else { diagnostic.also(span, text) }
}
