//! Every state is reached, and every rule can fire.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Arm, MessageKind, Model, Protocol, Rule, State, StateId, Target};
use crate::source::Span;

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for protocol in &model.protocols {
        reached(protocol, diagnostics);
        for rules in protocol.states.iter().map(|state| &state.rules).chain([&protocol.any]) {
            overlapping(rules, diagnostics);
        }
        overlapping_arms(protocol, diagnostics);
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

/// What never fires, by where it is written: a rule or an arm that was taken apart is one there, and
/// fires if any part of it does.
#[derive(Default)]
struct Dead(BTreeMap<(u32, u32), Option<(Span, Span)>>);

impl Dead {
    /// What is written at `span` is taken by `earlier` before, if by anything.
    fn saw(&mut self, span: Span, earlier: Option<Span>) {
        let place = self.0.entry((span.start, span.end)).or_insert(earlier.map(|by| (span, by)));
        if earlier.is_none() {
            *place = None;
        }
    }

    fn report(self, what: &str, by: &str, diagnostics: &mut Vec<Diagnostic>) {
        for (span, earlier) in self.0.into_values().flatten() {
            let diagnostic = Diagnostic::new(Code::Overlap, span, what).label("taken already");
            diagnostics.push(diagnostic.also(earlier, by));
        }
    }
}

/// No rule stands behind one that fires whenever it would.
fn overlapping(rules: &[Rule], diagnostics: &mut Vec<Diagnostic>) {
    let mut dead = Dead::default();
    for (place, later) in rules.iter().enumerate() {
        for message in &later.messages {
            let earlier = rules[..place].iter().find_map(|earlier| {
                let same = earlier.role == later.role && always(earlier, later);
                let mut messages = earlier.messages.iter().filter(|_| same);
                messages.find(|other| covers(other.kind, message.kind))
            });
            dead.saw(message.span, earlier.map(|earlier| earlier.span));
        }
    }
    dead.report("this rule never fires", "fires first, whenever this one would", diagnostics);
}

fn overlapping_arms(protocol: &Protocol, diagnostics: &mut Vec<Diagnostic>) {
    let mut dead = Dead::default();
    for rule in protocol.rules() {
        let arms = rule.arms.as_deref().unwrap_or_default();
        for (place, later) in arms.iter().enumerate() {
            let covered = |earlier: &&Arm| {
                let own = earlier.own.iter().all(|guard| later.own.contains(guard));
                let own = own && earlier.vars.iter().all(|var| later.vars.contains(var));
                own && covers(earlier.message.kind, later.message.kind)
            };
            let earlier = arms[..place].iter().find(covered);
            dead.saw(later.message.span, earlier.map(|earlier| earlier.message.span));
        }
    }
    dead.report("this arm is never taken", "taken first, whenever this one would be", diagnostics);
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
pub(super) fn covers(one: MessageKind, other: MessageKind) -> bool {
    match (one, other) {
        (MessageKind::Any, _) => true,
        (MessageKind::Value { low, high }, MessageKind::Value { low: from, high: to }) => {
            low <= from && to <= high
        }
        (one, other) => one == other,
    }
}
