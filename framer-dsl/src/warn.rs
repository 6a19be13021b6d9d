//! What is not wrong with a description, and probably not what its author wants.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Ir, Machine, Rule};
use crate::model::{Model, Protocol, VarId};
use crate::source::SourceId;
use crate::syntax::Allow;

/// Adds the warnings of a description that is right.
pub(crate) fn warn(model: &Model, ir: &Ir, found: &mut Vec<Diagnostic>) {
    // What another text declares is for others, too.
    for unused in model.unused.iter().filter(|unused| unused.span.source == SourceId(0)) {
        let message = format!("nothing uses `{}`, which is {}", unused.name, unused.sort);
        found.push(Diagnostic::new(Code::Unused, unused.span, message).label("only declared"));
    }
    for (protocol, machine) in model.protocols.iter().zip(&ir.machines) {
        variables(protocol, found);
        // Whoever keeps sessions of datagrams ends those that are idle.
        if !machine.datagrams {
            time_limits(machine, found);
        }
        overridden(machine, found);
    }
}

/// What is left of `found` once what its author allows is taken out; an attribute that allows
/// nothing is a finding, too.
pub(crate) fn not_allowed(found: Vec<Diagnostic>, allows: &[&Allow]) -> Vec<Diagnostic> {
    let mut used = BTreeSet::new();
    let mut left: Vec<Diagnostic> = Vec::new();
    for diagnostic in found {
        let span = diagnostic.primary.span;
        let around = |allow: &Allow| {
            let Allow { code, site, .. } = allow;
            let inside = site.start <= span.start && span.end <= site.end;
            *code == diagnostic.code && site.source == span.source && inside
        };
        let allowed: Vec<usize> =
            (0..allows.len()).filter(|place| around(allows[*place])).collect();
        if allowed.is_empty() {
            left.push(diagnostic);
        }
        used.extend(allowed);
    }
    for (place, allow) in allows.iter().enumerate() {
        // What another text allows is for those that read it by itself.
        if used.contains(&place) || allow.site.source != SourceId(0) {
            continue;
        }

        let message = format!("no {} is found here", allow.code.as_str());
        left.push(
            Diagnostic::new(Code::NothingAllowed, allow.span, message)
                .label("allows nothing")
                .help("take it away"),
        );
    }
    left
}

/// A variable is for guards.
fn variables(protocol: &Protocol, found: &mut Vec<Diagnostic>) {
    for (place, var) in protocol.vars.iter().enumerate() {
        if !protocol.looks_at(VarId(place)) {
            let message = format!("nothing looks at `{}`", var.name);
            let diagnostic = Diagnostic::new(Code::Unused, var.span, message);
            found.push(diagnostic.label("only declared, or only set"));
        }
    }
}

/// A peer that says nothing costs a connection.
fn time_limits(machine: &Machine, found: &mut Vec<Diagnostic>) {
    for state in machine.states.iter().filter(|state| state.within.is_none()) {
        let message = format!("`{}` may last for ever", state.name);
        found.push(
            Diagnostic::new(Code::NoTimeLimit, state.span, message)
                .label("a peer that says nothing keeps the connection")
                .help("say how long: `within 5 min else close`"),
        );
    }
}

/// A rule of any state that every state has a rule before.
fn overridden(machine: &Machine, found: &mut Vec<Diagnostic>) {
    let states = || machine.states.iter().filter(|state| state.any);
    let wider = |own: &Rule, rule: &Rule| {
        let kinds = rule.kinds.iter().all(|kind| own.kinds.contains(kind));
        let values = own.low <= rule.low && rule.high <= own.high;
        let variables = own.mask & !rule.mask == 0 && rule.value & own.mask == own.value;
        kinds && values && variables
    };
    let dead = |rule: &Rule| states().all(|state| state.rules.iter().any(|own| wider(own, rule)));
    // A rule of several ranges is one row for each, and one is written.
    let spans: BTreeSet<_> = machine.any.iter().map(|rule| rule.span).collect();
    for span in spans {
        let mut rows = machine.any.iter().filter(|rule| rule.span == span);
        if states().next().is_some() && rows.all(dead) {
            let message = "every state has a rule of its own for this";
            found.push(
                Diagnostic::new(Code::Overridden, span, message)
                    .label("never looked at")
                    .help("take it away, or the rules that say the same"),
            );
        }
    }
}
