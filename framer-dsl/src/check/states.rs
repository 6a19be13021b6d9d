//! Every state is reached, and every rule can fire.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Arm, MessageKind, Model, Protocol, Rule, State, StateId, Target};

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for protocol in &model.protocols {
        reached(protocol, diagnostics);
        for rules in protocol.states.iter().map(|state| &state.rules).chain([&protocol.any]) {
            overlapping(rules, diagnostics);
        }
        for rule in protocol.rules() {
            overlapping_arms(rule.arms.as_deref().unwrap_or_default(), diagnostics);
        }
    }
}

fn reached(protocol: &Protocol, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = vec![false; protocol.states.len()];
    let mut open = vec![0];
    while let Some(place) = open.pop() {
        let Some(state) = protocol.states.get(place).filter(|_| !seen[place]) else { continue };
        seen[place] = true;
        open.extend(leads(protocol, state));
    }
    for (state, seen) in protocol.states.iter().zip(seen) {
        if !seen {
            diagnostics.push(
                Diagnostic::new(
                    Code::Unreachable,
                    state.span,
                    format!("no rule leads to the state `{}`", state.name),
                )
                .label("never entered")
                .also(protocol.states[0].span, "the session begins here"),
            );
        }
    }
}

/// The states that a state leads to.
fn leads(protocol: &Protocol, state: &State) -> Vec<usize> {
    let any = protocol.any.iter().filter(|_| state.any);
    let targets = state.rules.iter().chain(any).flat_map(|rule| {
        let arms = rule.arms.iter().flatten().map(|arm| arm.target);
        arms.chain([rule.target])
    });
    let mut leads: Vec<usize> = targets
        .filter_map(|target| match target {
            Target::State(StateId(place)) => Some(place),
            _ => None,
        })
        .collect();
    let otherwise = state.within.and_then(|within| within.otherwise);
    leads.extend(otherwise.map(|StateId(place)| place));
    leads
}

/// No rule stands behind one that fires whenever it would.
fn overlapping(rules: &[Rule], diagnostics: &mut Vec<Diagnostic>) {
    for (place, later) in rules.iter().enumerate() {
        for message in &later.messages {
            let earlier = rules[..place].iter().find_map(|earlier| {
                let same = earlier.role == later.role && always(earlier, later);
                let mut messages = earlier.messages.iter().filter(|_| same);
                messages.find(|other| covers(other.kind, message.kind))
            });
            if let Some(earlier) = earlier {
                diagnostics.push(
                    Diagnostic::new(Code::Overlap, message.span, "this rule never fires")
                        .label("taken already")
                        .also(earlier.span, "fires first, whenever this one would"),
                );
            }
        }
    }
}

fn overlapping_arms(arms: &[Arm], diagnostics: &mut Vec<Diagnostic>) {
    for (place, later) in arms.iter().enumerate() {
        let covered = |earlier: &&Arm| {
            let own = earlier.own.iter().all(|guard| later.own.contains(guard));
            own && covers(earlier.message.kind, later.message.kind)
        };
        if let Some(earlier) = arms[..place].iter().find(covered) {
            diagnostics.push(
                Diagnostic::new(Code::Overlap, later.message.span, "this arm is never taken")
                    .label("taken already")
                    .also(earlier.message.span, "taken first, whenever this one would be"),
            );
        }
    }
}

/// Whether every condition of the earlier rule is one of the later.
fn always(earlier: &Rule, later: &Rule) -> bool {
    let own = earlier
        .own
        .iter()
        .all(|guard| later.own.iter().any(|other| other.to_string() == guard.to_string()));
    own && earlier.vars.iter().all(|var| later.vars.contains(var))
}

/// Whether whatever is `other` is `one` too.
fn covers(one: MessageKind, other: MessageKind) -> bool {
    match (one, other) {
        (MessageKind::Any, _) => true,
        (MessageKind::Value { low, high }, MessageKind::Value { low: from, high: to }) => {
            low <= from && to <= high
        }
        (one, other) => one == other,
    }
}
