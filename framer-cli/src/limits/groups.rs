//! What may be sent without waiting for replies, and what ends such a group, and why.

use std::collections::BTreeSet;

use framer_dsl::ir::{Amount, Barrier, Effect as Row, Ir, Machine, Role, Target};
use serde::Serialize;

use crate::written::{self, Effect, Outcome, Part, Rule};

/// The pipelining groups of a role.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Groups {
    /// Nothing may follow these before the reply.
    pub(crate) ends: Vec<End>,
    /// These may stand anywhere in a group.
    pub(crate) free: Vec<Free>,
}

/// Frames that end a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct End {
    pub(crate) frames: Vec<String>,
    /// `framing`, `variable`, `end` or `declared`.
    pub(crate) kind: &'static str,
    /// Why, in words.
    pub(crate) why: String,
}

/// Frames that may be followed at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Free {
    pub(crate) frames: Vec<String>,
    /// What follows each at once, and belongs to it.
    pub(crate) with: Vec<String>,
}

/// Some frames of one rule, and what stands behind them.
struct Entry<'r, 'i> {
    /// Where the rule is written; `None` is in any state.
    state: Option<&'i str>,
    rule: &'r Rule<'i>,
    part: &'r Part,
}

/// The groups of a role, over all states; what a state only refuses is left out there.
pub(crate) fn groups(ir: &Ir, machine: &Machine, role: Role) -> Groups {
    let states = machine.states.iter().map(|state| (Some(state.name.as_str()), &state.rules));
    let rules: Vec<(Option<&str>, Rule<'_>)> = states
        .chain([(None, &machine.any)])
        .flat_map(|(name, rows)| {
            written::rules(ir, machine, rows).into_iter().map(move |rule| (name, rule))
        })
        .filter(|(_, rule)| rule.role == role && !rule.refuse)
        .collect();
    let at_once = rules.iter().flat_map(|(_, rule)| &rule.rows);
    let at_once = touched(machine, at_once.map(|row| (row.mask, row.effects.as_slice())));
    let entries: Vec<Entry<'_, '_>> = rules
        .iter()
        .flat_map(|(state, rule)| {
            rule.parts.iter().map(move |part| Entry { state: *state, rule, part })
        })
        .collect();
    let mut groups = Groups { ends: Vec::new(), free: Vec::new() };
    for entry in &entries {
        let names = names(entry, &entries);
        match entry.part.barrier {
            Some(barrier) => {
                let (kind, why) = why(barrier, machine, entry.rule, &at_once);
                let known = groups.ends.iter_mut().find(|end| (end.kind, &end.why) == (kind, &why));
                match known {
                    Some(end) => extend(&mut end.frames, names),
                    None => groups.ends.push(End { frames: names, kind, why }),
                }
            }
            None => {
                let with = followers(&entry.rule.outcome, role);
                match groups.free.iter_mut().find(|free| free.with == with) {
                    Some(free) => extend(&mut free.frames, names),
                    None => groups.free.push(Free { frames: names, with }),
                }
            }
        }
    }
    groups
}

/// The frames of an entry, with what tells them from those of others that something else stands
/// behind.
fn names(entry: &Entry<'_, '_>, all: &[Entry<'_, '_>]) -> Vec<String> {
    let barrier = entry.part.barrier;
    let apart = |name: &String| {
        let mut others = all.iter().filter(|other| other.rule.said.contains(name));
        others.any(|other| other.part.barrier != barrier)
    };
    let said = entry.rule.said.iter();
    let names = said.flat_map(|name| {
        let apart = apart(name);
        entry.part.when.iter().map(move |when| {
            let when = [entry.rule.when.join(" && "), when.clone()];
            let when: Vec<String> = when.into_iter().filter(|term| !term.is_empty()).collect();
            match (apart, barrier, entry.state) {
                (false, ..) => name.clone(),
                (true, None, _) => format!("any other {name}"),
                (true, _, Some(state)) if when.is_empty() => format!("{name} in {state}"),
                (true, _, None) if when.is_empty() => name.clone(),
                (true, ..) => format!("{name} if {}", when.join(" && ")),
            }
        })
    });
    names.collect()
}

fn extend(frames: &mut Vec<String>, names: Vec<String>) {
    for name in names {
        if !frames.contains(&name) {
            frames.push(name);
        }
    }
}

/// The frames that a rule makes due at once for who says it.
fn followers(outcome: &Outcome, of: Role) -> Vec<String> {
    let effects = outcome.effects.iter();
    let frames = effects.filter_map(|(effect, _)| match effect {
        Effect::Then { role, frame, .. } if *role == of => Some(frame.clone()),
        _ => None,
    });
    frames.collect()
}

fn why(
    barrier: Barrier,
    machine: &Machine,
    rule: &Rule<'_>,
    at_once: &BTreeSet<&str>,
) -> (&'static str, String) {
    let role = &machine.roles[rule.role.index()];
    match barrier {
        Barrier::Framing => {
            let switches: BTreeSet<String> = rule
                .arms
                .iter()
                .flat_map(|arm| switches(machine, rule.role, &arm.said, &arm.outcome))
                .collect();
            let switches: Vec<String> = switches.into_iter().collect();
            let why = format!(
                "how the {role} is read next depends on the reply: {}",
                switches.join("; ")
            );
            ("framing", why)
        }
        Barrier::Variable => {
            let arms = rule.rows.iter().flat_map(|row| &row.arms);
            let by_reply = touched(machine, arms.map(|arm| (arm.mask, arm.effects.as_slice())));
            let both: Vec<&str> = by_reply.intersection(at_once).copied().collect();
            ("variable", format!("the reply sets what guards read: {}", both.join(", ")))
        }
        Barrier::End => ("end", String::from("every reply closes")),
        Barrier::Order => {
            ("order", String::from("the reply leads elsewhere, and others may come before it"))
        }
        Barrier::Declared => ("declared", String::from("declared with `sync`")),
    }
}

/// The variables that guards ask about, or effects change.
fn touched<'m, 'r>(
    machine: &'m Machine,
    rows: impl Iterator<Item = (u32, &'r [Row])>,
) -> BTreeSet<&'m str> {
    let var = |place: usize| machine.vars.get(place).map(|var| var.name.as_str());
    let number = |place: usize| machine.numbers.get(place).map(|number| number.name.as_str());
    let of_amount = |amount: Amount| match amount {
        Amount::Number(place) => number(place),
        Amount::Constant(_) | Amount::Site(_) => None,
    };
    let mut names = BTreeSet::new();
    for (mask, effects) in rows {
        let asked = (0..machine.vars.len()).filter(|place| mask >> place & 1 == 1);
        names.extend(asked.filter_map(var));
        for (place, test) in machine.tests.iter().enumerate() {
            if mask & machine.bit_of(place) != 0 {
                names.extend([number(test.number), of_amount(test.to)].into_iter().flatten());
            }
        }
        for effect in effects {
            match effect {
                Row::Set { var: place, .. } | Row::Assign { var: place, .. } => {
                    names.extend(var(*place));
                }
                Row::Change { number: place, by, .. } => {
                    names.extend([number(*place), of_amount(*by)].into_iter().flatten());
                }
                _ => {}
            }
        }
    }
    names
}

/// What a reply does to the framing of a role.
fn switches(machine: &Machine, of: Role, said: &[String], outcome: &Outcome) -> Vec<String> {
    if outcome.target == Target::Close {
        return Vec::new();
    }
    let effects = outcome.effects.iter().filter_map(|(effect, _)| match effect {
        Effect::Then { role, .. } | Effect::Speaks { role, .. } if *role != of => None,
        Effect::Set { .. } => None,
        _ => Some(effect.told(&machine.roles)),
    });
    effects.map(|effect| format!("{} => {effect}", said.join(" | "))).collect()
}
