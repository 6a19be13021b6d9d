//! Replies that close whatever was asked: they are said once, instead of with every rule.

use framer_dsl::ir::{Ir, Machine, Role, Target};

use crate::written::{self, Arm, Rule};

/// So many rules share a reply before it is said once for all.
const SEVERAL: usize = 4;

/// The replies that close in every rule that awaits one, and who gives them.
pub(super) fn final_replies(ir: &Ir, machine: &Machine) -> (Vec<String>, Role) {
    let states = machine.states.iter().flat_map(|state| written::rules(ir, machine, &state.rules));
    let rules: Vec<Rule<'_>> = states
        .chain(written::rules(ir, machine, &machine.any))
        .filter(|rule| !rule.arms.is_empty())
        .collect();
    let [first_asks, second_asks] = machine.asks;
    let answering = if first_asks { Role::Second } else { Role::First };
    if first_asks == second_asks || rules.len() < SEVERAL {
        return (Vec::new(), answering);
    }
    let first = rules.iter().flat_map(|rule| &rule.arms).filter(|arm| closes(arm));
    let mut found: Vec<String> = Vec::new();
    for name in first.flat_map(|arm| &arm.said) {
        let everywhere = rules.iter().all(|rule| {
            let named = rule.arms.iter().any(|arm| closes(arm) && arm.said.contains(name));
            named || rule.arms.iter().all(|arm| arm.outcome.target == Target::Close)
        });
        if everywhere && name != "_" && !found.contains(name) {
            found.push(name.clone());
        }
    }
    (found, answering)
}

/// Whether the arm does nothing else.
pub(super) fn closes(arm: &Arm) -> bool {
    arm.outcome.target == Target::Close && arm.outcome.effects.is_empty() && arm.when.is_empty()
}
