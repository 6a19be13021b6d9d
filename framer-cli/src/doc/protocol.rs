//! What a protocol's page says of its states, limits and mistakes.

use framer_dsl::ir::{KindOf, Machine, Received, Role, Shape, State, StateId, Target};
use maud::{Markup, PreEscaped, html};

use super::table::table;
use super::types::Sections;
use crate::graph;
use crate::limits::{self, Direction, Groups, ROLES};
use crate::words::{self, bytes};
use crate::written::{self, Effect, Outcome, Rule};

/// The sections of a protocol.
pub(super) fn sections(sections: &Sections<'_, '_>, machine: &Machine) -> Markup {
    let picture = graph::svg(&graph::picture(sections.ir, machine));
    html! {
        section id="states" {
            h2 { "States" }
            div class="wide" { (PreEscaped(picture)) }
            @for state in &machine.states { (state_section(sections, machine, state)) }
            @if !machine.any.is_empty() {
                section class="type" {
                    h3 { (any_name(machine)) " " span class="sort" { "behind its own rules" } }
                    (rules(machine, &written::rules(sections.ir, machine, &machine.any)))
                }
            }
            @if !(machine.vars.is_empty() && machine.numbers.is_empty()) { (variables(sections, machine)) }
        }
        (limits_section(sections, machine))
        (mistakes(sections, machine))
    }
}

fn any_name(machine: &Machine) -> String {
    let name = graph::any_name(machine);
    name.replacen("any", "Any", 1)
}

fn state_section(sections: &Sections<'_, '_>, machine: &Machine, state: &State) -> Markup {
    let late = state.within.map(|within| {
        let then = match within.otherwise {
            None => String::from("it closes"),
            Some(StateId(place)) => format!("it goes on in {}", machine.states[place].name),
        };
        format!("After {} without a frame {then}.", words::time(within.millis))
    });
    html! {
        section class="type" id=(format!("state-{}", state.name)) {
            h3 { (state.name) " " span class="sort" { "state" } }
            (sections.docs(&state.docs))
            @if let Some(late) = late { p class="fact" { (late) } }
            (rules(machine, &written::rules(sections.ir, machine, &state.rules)))
        }
    }
}

fn rules(machine: &Machine, rules: &[Rule<'_>]) -> Markup {
    html! {
        @if rules.is_empty() { p { "It has no rules of its own." } } @else {
            div class="wide" { table class="said" {
                thead { tr { th { "who" } th { "says" } th { "and then" } } }
                tbody { @for rule in rules { (rule_row(machine, rule)) } }
            } }
        }
    }
}

fn rule_row(machine: &Machine, rule: &Rule<'_>) -> Markup {
    let role = &machine.roles[rule.role.index()];
    html! {
        tr {
            td class=(class(rule.role)) { (role) }
            td {
                (names(&rule.said))
                (conditions(&rule.when))
                @if rule.refuse { " " span class="refused" { "refused" } }
            }
            td {
                @if rule.arms.is_empty() {
                    (outcome(machine, &rule.outcome, true))
                } @else {
                    (outcome(machine, &rule.outcome, false))
                    ul class="arms" {
                        @for (place, arm) in rule.arms.iter().enumerate() {
                            li {
                                span class=(class(rule.role.peer())) { (replies(&arm.said, place)) }
                                (conditions(&arm.when))
                                ": "
                                (outcome(machine, &replied(rule, &arm.outcome), true))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What comes of a reply: to stay means where the rule itself leads.
fn replied(rule: &Rule<'_>, outcome: &Outcome) -> Outcome {
    match outcome.target {
        Target::Stay => Outcome { target: rule.outcome.target, ..outcome.clone() },
        _ => outcome.clone(),
    }
}

/// What an arm is about; the first has none before it.
fn replies(names: &[String], place: usize) -> String {
    let other = if place > 0 { "anything else" } else { "anything" };
    let names = names.iter().map(|name| if name == "_" { other } else { name });
    names.collect::<Vec<_>>().join(" or ")
}

fn said(name: &str) -> &str {
    if name == "_" { "anything" } else { name }
}

fn names(all: &[String]) -> Markup {
    html! { code { (all.iter().map(|name| said(name)).collect::<Vec<_>>().join(", ")) } }
}

fn conditions(when: &[String]) -> Markup {
    html! { @if !when.is_empty() { " if " code { (when.join(" && ")) } } }
}

/// What changes, and where it goes on.
fn outcome(machine: &Machine, outcome: &Outcome, ends: bool) -> Markup {
    html! {
        @for (effect, when) in &outcome.effects {
            span class=(badge(effect)) { (effect.told(&machine.roles)) } (conditions(when)) " "
        }
        @if ends {
            @match outcome.target {
                Target::Stay => "stays",
                Target::Again => "another reply follows",
                Target::Close => span class="badge close" { "close" },
                Target::State(StateId(place)) => {
                    @let name = &machine.states[place].name;
                    "goes on in " a href=(format!("#state-{name}")) { (name) }
                }
            }
        }
    }
}

fn badge(effect: &Effect) -> &'static str {
    match effect {
        Effect::Then { .. } | Effect::Speaks { .. } => "badge switch",
        Effect::Upgrade { .. } => "badge upgrade",
        Effect::Set { .. } => "badge",
    }
}

fn class(role: Role) -> &'static str {
    match role {
        Role::First => "first",
        Role::Second => "second",
    }
}

fn variables(sections: &Sections<'_, '_>, machine: &Machine) -> Markup {
    let rows = machine.vars.iter().map(|var| {
        let values = html! { "true or false" };
        let name = html! { code { (var.name) } };
        vec![name, values, html! { (var.initial) }, sections.docs(&var.docs)]
    });
    let numbers = machine.numbers.iter().map(|of| {
        let values = html! { (words::between(of.low, of.high)) };
        let (name, initial) = (html! { code { (of.name) } }, words::number(of.initial));
        vec![name, values, html! { (initial) }, sections.docs(&of.docs)]
    });
    let rows = rows.chain(numbers);
    html! {
        section class="type" {
            h3 { "Variables" }
            (table(&["name", "holds", "at first", "about it"], &rows.collect::<Vec<_>>()))
        }
    }
}

fn limits_section(sections: &Sections<'_, '_>, machine: &Machine) -> Markup {
    let limits = limits::protocol(sections.ir, machine);
    html! {
        section id="limits" {
            h2 { "Limits" }
            @for direction in &limits.directions {
                h3 { "What the " (direction.role) " says" }
                p { "Any of it fits " (bytes(direction.bound_bytes)) " of memory." }
                div class="wide" { table {
                    thead { tr { th { "framer" } th { "longest" } th { "ends" } } }
                    tbody { @for frame in &direction.frames {
                        tr {
                            td { (frame.name) }
                            td class="number" { (bytes(frame.bytes)) }
                            td { (frame.ends) }
                        }
                    } }
                } }
                @if let Some(groups) = &direction.groups { (groups_part(direction, groups)) }
            }
            h3 { "States" }
            div class="wide" { table {
                thead { tr {
                    th { "state" }
                    @for role in &machine.roles { th { "the " (role) " says" } }
                    th { "time limit" } th { "may cross" }
                } }
                tbody { @for state in &limits.states {
                    tr {
                        td { (state.name) }
                        @for here in &state.directions {
                            td { (bytes(here.bound_bytes)) ": " (here.framers.join(", ")) }
                        }
                        td { (limits::late(state)) }
                        td { @if state.crossing { "yes" } @else { "no" } }
                    }
                } }
            } }
            @if let Some(pending) = &limits.pending {
                p {
                    "At most " (words::number(pending.max)) " replies to the "
                    (pending.roles.join(" and to the ")) " may be outstanding"
                    @match &pending.by {
                        None => ", which come in order.",
                        Some(by) => { ", in any order, paired by " code { (by) } "." }
                    }
                    @if let Some(millis) = pending.within_ms {
                        " What is not answered after " (words::time(millis)) " is forgotten."
                    }
                }
            }
        }
    }
}

fn groups_part(direction: &Direction, groups: &Groups) -> Markup {
    html! {
        p { "The " (direction.role) " need not wait for replies, but behind these:" }
        @if groups.ends.is_empty() { p { "Nothing must wait." } } @else {
            ul { @for end in &groups.ends {
                li { code { (end.frames.join(", ")) } ": " (end.why.replace('`', "")) "." }
            } }
        }
    }
}

/// What is malformed, and what is final.
fn mistakes(sections: &Sections<'_, '_>, machine: &Machine) -> Markup {
    let upgrades: Vec<(&String, &str)> = upgrades(machine);
    html! {
        section id="mistakes" {
            h2 { "Mistakes" }
            @if machine.datagrams {
                p { "A datagram that breaks a rule is told and dropped, and the session goes on." }
            } @else {
                ul { @for role in ROLES { @for text in of_role(sections, machine, role) { li { (text) } } } }
            }
            p { "A frame that no rule of the state takes is final, and so is a reply to nothing." }
            @for (layer, unread) in upgrades {
                p { "Bytes behind the frame that leads to " (layer) " " (unread) }
            }
        }
    }
}

/// What happens to what a role gets wrong.
fn of_role(sections: &Sections<'_, '_>, machine: &Machine, role: Role) -> Vec<String> {
    let name = &machine.roles[role.index()];
    let told = machine.kinds.iter().any(|kind| kind.role == role && kind.of == KindOf::Malformed);
    let skipped = machine.framers.iter().filter(|framer| framer.role == role).filter(|framer| {
        match framer.shape {
            Shape::Delimited(region) => region.skip,
            Shape::Coded { skip, .. } => skip,
            _ => false,
        }
    });
    let skipped: Vec<&str> = skipped.map(|framer| framer.name.as_str()).collect();
    let alone = match strict(sections, machine, role) {
        true => ", or if a byte of its delimiter stands alone",
        false => "",
    };
    let rules = match told {
        true => format!(
            "What the {name} says is malformed if it ends where it should and breaks a rule: it is \
             told, and the session goes on where a state has a rule for it."
        ),
        false => format!("What the {name} says is final if it breaks a rule."),
    };
    let ends = format!("What the {name} says is final if it does not end within its limit{alone}.");
    let over = format!(
        "If it is longer, {} is passed over to its end, and malformed.",
        skipped.join(" or ")
    );
    let over = (!skipped.is_empty()).then_some(over);
    [rules, ends].into_iter().chain(over).collect()
}

/// Whether a role says what ends with a delimiter of which no byte may stand alone.
fn strict(sections: &Sections<'_, '_>, machine: &Machine, role: Role) -> bool {
    let framers = machine.framers.iter().filter(|framer| framer.role == role);
    let mut delimiters = framers.filter_map(|framer| match framer.shape {
        Shape::Delimited(region) | Shape::Lines { region, .. } => Some(region.delimiter),
        _ => None,
    });
    delimiters.any(|id| !sections.ir.delimiters[id.0].lenient)
}

/// The layers that upgrades lead to, and what becomes of bytes that have come already.
fn upgrades(machine: &Machine) -> Vec<(&String, &'static str)> {
    let rules = machine.states.iter().flat_map(|state| &state.rules).chain(&machine.any);
    let effects = rules
        .flat_map(|rule| rule.effects.iter().chain(rule.arms.iter().flat_map(|arm| &arm.effects)));
    let mut found: Vec<(&String, &'static str)> = Vec::new();
    for effect in effects {
        let framer_dsl::ir::Effect::Upgrade { layer, received } = effect else { continue };
        let Some(layer) = machine.layers.get(*layer) else { continue };
        let unread = match received {
            Received::Reject => "are final.",
            Received::Discard => "are dropped.",
            Received::Carry => "are the first of it.",
        };
        if !found.contains(&(layer, unread)) {
            found.push((layer, unread));
        }
    }
    found
}
