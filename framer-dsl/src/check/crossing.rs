//! Where both sides may speak at once, each takes what the other said before it knew.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Effect, Expr, Message, MessageKind, Model, Protocol, Role, Rule, State, StateId, Target,
};

use super::states::covers;

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    // What comes late in a datagram is passed over.
    for protocol in model.protocols.iter().filter(|protocol| !protocol.datagrams) {
        for (place, state) in protocol.states.iter().enumerate() {
            for rule in rules(protocol, state).filter(|rule| rule.arms.is_none()) {
                let peer: Vec<&Rule> = rules(protocol, state)
                    .filter(|other| other.role == rule.role.peer() && other.refuse.is_none())
                    .collect();
                if let Some(other) = peer.first() {
                    cut(protocol, rule, other, diagnostics);
                }
                if let Target::State(to) = rule.target
                    && to != StateId(place)
                {
                    late(protocol, rule, to, &peer, diagnostics);
                }
            }
        }
    }
}

/// The rules of a state, those of any state last.
fn rules<'m>(protocol: &'m Protocol, state: &'m State) -> impl Iterator<Item = &'m Rule> {
    state.rules.iter().chain(protocol.any.iter().filter(|_| state.any))
}

/// A rule changes how the other side is read, which may have said something already.
fn cut(protocol: &Protocol, rule: &Rule, other: &Rule, diagnostics: &mut Vec<Diagnostic>) {
    let of_peer = |role: Role| role == rule.role.peer();
    let effect = rule.effects.iter().find_map(|effect| match effect {
        Effect::Then { role, span, .. } | Effect::Speaks { role, span, .. } if of_peer(*role) => {
            Some(*span)
        }
        _ => None,
    });
    if let Some(span) = effect {
        let role = &protocol.roles[rule.role.peer().index()];
        diagnostics.push(
            Diagnostic::new(
                Code::Crossing,
                span,
                format!("what the {role} says may cross this, and would be read as something else"),
            )
            .label(format!("changes how the {role} is read"))
            .also(other.span, "may be said at any time")
            .help("let it happen with a frame of that side, or with a reply"),
        );
    }
}

/// The state that a rule leads to takes what the other side may have said in the state before.
fn late(
    protocol: &Protocol,
    rule: &Rule,
    to: StateId,
    peer: &[&Rule],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(state) = protocol.states.get(to.0) else { return };
    let refused = peer
        .iter()
        .find(|other| other.messages.iter().any(|message| !taken(protocol, state, other, message)));
    if let Some(other) = refused {
        let [role, own] = [rule.role.peer(), rule.role].map(|of| &protocol.roles[of.index()]);
        diagnostics.push(
            Diagnostic::new(
                Code::Crossing,
                rule.span,
                format!(
                    "what the {role} says may cross this, and `{}` does not take it",
                    state.name
                ),
            )
            .label(format!("the {own} goes on in `{}`", state.name))
            .also(other.span, format!("the {role} may have said this before it knows"))
            .also(state.span, "has no rule for it")
            .help(format!("add the rule to `{}`, too", state.name)),
        );
    }
}

/// Whether some rule of the state takes a message of a rule, whatever the frame says beside it.
fn taken(protocol: &Protocol, state: &State, of: &Rule, message: &Message) -> bool {
    // Nobody may say that.
    if message.kind == MessageKind::Malformed {
        return true;
    }
    let fitting: Vec<&Rule> = rules(protocol, state)
        .filter(|rule| rule.role == of.role)
        .filter(|rule| rule.messages.iter().any(|other| covers(other.kind, message.kind)))
        .collect();
    let mut questions: Vec<&Expr> = Vec::new();
    for expr in fitting.iter().flat_map(|rule| &rule.own).chain(&of.own) {
        let (question, _) = expr.positive();
        if !questions.contains(&question) {
            questions.push(question);
        }
    }
    let holds = |bits: usize, expr: &Expr| {
        let (question, wanted) = expr.positive();
        let place = questions.iter().position(|other| *other == question).unwrap_or(0);
        (bits >> place & 1 == 1) == wanted
    };
    let all = |bits: usize, rule: &Rule| rule.own.iter().all(|expr| holds(bits, expr));
    // More than so many are not told apart.
    (0..1_usize << questions.len().min(16))
        .filter(|bits| all(*bits, of))
        .all(|bits| fitting.iter().any(|rule| all(bits, rule)))
}
