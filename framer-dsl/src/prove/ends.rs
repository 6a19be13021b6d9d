//! Something ends every state, and every exchange.

use super::reach::Reached;
use super::walk::Walk;
use super::{Order, found};
use crate::diagnostic::{Code, Diagnostic};

pub(super) fn prove(walk: &Walk<'_>, reached: &Reached, diagnostics: &mut Vec<Diagnostic>) {
    for (at, place) in reached.quiet() {
        if reached.goes_on(at) {
            continue;
        }
        let state = &walk.machine.states[place.state];
        let diagnostic = Diagnostic::new(
            Code::Stuck,
            state.span,
            format!("the session cannot go on in `{}`", state.name),
        )
        .label("nobody may say anything, and no time limit ends it")
        .help("let a rule `close` in place of leading here, or say `within 1 min else close`");
        let says = String::from("then nothing can follow");
        found(diagnostics, diagnostic, Order { steps: reached.way(walk, at), says });
    }
    let answered = reached.answered();
    for (at, node) in reached.nodes().filter(|(at, _)| !answered[*at]) {
        let Some(exchange) = node.pending else { continue };
        let rule = walk.rule(node.place.state, exchange.symbol, exchange.variables);
        let Some(rule) = rule else { continue };
        let [asks, peer] = [exchange.symbol.role, exchange.symbol.role.peer()];
        let diagnostic = Diagnostic::new(
            Code::Stuck,
            rule.span,
            format!("`{}` waits for a reply that never ends it", walk.message(exchange.symbol)),
        )
        .label(format!("the {} can say nothing that ends this", walk.role(peer)))
        .help("give it an arm that does not lead to `again`, for what the other side speaks then");
        let says = format!("then the {} waits for ever", walk.role(asks));
        found(diagnostics, diagnostic, Order { steps: reached.way(walk, at), says });
    }
}
