//! A session does not go on behind an upgrade that carries what was received before it.
//!
//! The runtime hands what is carried to another protocol only; here is told where the rules say
//! otherwise, as those of STARTTLS with `carry` would.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Effect, Model, Protocol, Target};
use crate::syntax::Received;

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for protocol in &model.protocols {
        let rules = protocol.states.iter().flat_map(|state| &state.rules).chain(&protocol.any);
        for rule in rules {
            judge(protocol, rule.target, &rule.effects, diagnostics);
            for arm in rule.arms.iter().flatten() {
                judge(protocol, arm.target, &arm.effects, diagnostics);
            }
        }
    }
}

fn judge(
    protocol: &Protocol,
    target: Target,
    effects: &[Effect],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let goes_on = match target {
        Target::State(state) => {
            let name = protocol.states.get(state.0).map_or("", |state| state.name.as_str());
            format!("it goes on in `{name}`")
        }
        Target::Again => "another reply is to follow".to_owned(),
        Target::Stay | Target::Close => return,
    };
    for effect in effects {
        let Effect::Upgrade { layer, received: Received::Carry, span } = effect else { continue };
        diagnostics.push(
            Diagnostic::new(
                Code::CarriedOn,
                *span,
                format!("what came before `{layer}` would be read behind it"),
            )
            .label(goes_on.clone())
            .help(
                "leave `carry` out, and what came before is refused; with it another protocol goes \
                 on, and this one names no state",
            ),
        );
    }
}
