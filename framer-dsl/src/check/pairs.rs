//! Replies that may come in any order leave the state as it is.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Arm, Effect, Model, Protocol, Role, Rule, State, Target};

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for protocol in &model.protocols {
        for rule in protocol.rules() {
            keyed(model, protocol, rule, diagnostics);
        }
        for state in &protocol.states {
            crossing(protocol, state, diagnostics);
        }
    }
}

/// Whether a reply changes more than what is outstanding.
fn matters(rule: &Rule) -> bool {
    let arms = rule.arms.iter().flatten();
    let leads = |target: Target| matches!(target, Target::State(_));
    let effects = |effects: &[Effect]| !effects.is_empty();
    leads(rule.target) || arms.clone().any(|arm: &Arm| leads(arm.target) || effects(&arm.effects))
}

/// With a key the replies come in any order. Over a stream nothing follows a frame whose reply changes the
/// state; a datagram may come before others that were sent first.
fn keyed(model: &Model, protocol: &Protocol, rule: &Rule, diagnostics: &mut Vec<Diagnostic>) {
    let Some(key) = protocol.key.as_ref().filter(|_| protocol.datagrams) else { return };
    if rule.arms.is_none() || !matters(rule) {
        return;
    }
    if model.is_keyed(protocol, rule) {
        diagnostics.push(
            Diagnostic::new(
                Code::AnyOrder,
                rule.span,
                "this reply may come before others, and changes the state",
            )
            .label("leads somewhere, or has an effect")
            .also(key.span, "replies are paired by this, in any order")
            .help("let its arms `stay`, or leave the field out of the frame"),
        );
    }
}

/// Where both sides ask, neither knows which of two replies comes first.
fn crossing(protocol: &Protocol, state: &State, diagnostics: &mut Vec<Diagnostic>) {
    let any = protocol.any.iter().filter(|_| state.any);
    let rules: Vec<&Rule> =
        state.rules.iter().chain(any).filter(|rule| rule.arms.is_some()).collect();
    let of = |role: Role| rules.iter().find(|rule| rule.role == role);
    let (Some(first), Some(second)) = (of(Role::First), of(Role::Second)) else { return };
    if let Some(rule) = rules.iter().find(|rule| matters(rule)) {
        let other = if rule.role == Role::First { second } else { first };
        diagnostics.push(
            Diagnostic::new(
                Code::AnyOrder,
                rule.span,
                format!("replies may cross in `{}`, and this one changes the state", state.name),
            )
            .label("leads somewhere, or has an effect")
            .also(other.span, "the other side may ask, too")
            .help("let only one side ask in the states before it"),
        );
    }
}
