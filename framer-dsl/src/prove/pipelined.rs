//! What follows a frame before its reply is read in one way, whatever the reply will be.
//!
//! While replies are outstanding a session may be in any of several states. From every place that
//! is reached, frames that await replies are said behind each other, and what may follow them is
//! looked up in all of these states.

use std::collections::{HashSet, VecDeque};

use super::reach::{Reached, members};
use super::walk::{Place, ROLES, Symbol, Walk, framing, switches};
use super::{Order, beside, found};
use crate::diagnostic::{Code, Diagnostic, Step};
use crate::ir::Rule;
use crate::model::Role;

/// Where a session may stand behind frames of one role that were not answered.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Behind {
    role: Role,
    states: u64,
    place: Place,
    /// The last frame that awaits a reply.
    asked: Option<Symbol>,
}

/// So many sets of states are looked at.
const MAX_SETS: usize = 1 << 12;

/// Whether all could be looked at.
pub(super) fn prove(walk: &Walk<'_>, reached: &Reached, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let mut seen = HashSet::new();
    for (at, place) in reached.quiet() {
        for role in ROLES.into_iter().filter(|role| walk.machine.asks[role.index()]) {
            let start = Behind { role, states: 1 << place.state, place, asked: None };
            let mut open = VecDeque::from([(start, Vec::new())]);
            while let Some((behind, said)) = open.pop_front() {
                if seen.len() > MAX_SETS {
                    return false;
                }
                for symbol in walk.written(behind.place, role) {
                    let pipeline = Pipeline { walk, reached, at, behind, said: &said };
                    if let Some((diagnostic, order)) = pipeline.judge(symbol) {
                        found(diagnostics, diagnostic, order);
                    } else if let Some(next) = ask(walk, behind, symbol)
                        // Which frame was asked matters only to who reads of it.
                        && seen.insert((role, next.states, next.place, next.asked.is_some()))
                    {
                        let said = [said.as_slice(), &[symbol]].concat();
                        open.push_back((next, said));
                    }
                }
            }
        }
    }
    true
}

/// Behind one more frame that may be said there, if something may follow that.
fn ask(walk: &Walk<'_>, behind: Behind, symbol: Symbol) -> Option<Behind> {
    let Behind { role, states, place, .. } = behind;
    let variables = place.variables;
    let rules: Vec<Option<&Rule>> =
        members(states).map(|state| walk.rule(state, symbol, variables)).collect();
    if rules.iter().all(Option::is_none) {
        // What a switch made due, and no rule mentions.
        let due = place.due[role.index()].is_some();
        return due.then(|| Behind { place: walk.apply(place, symbol, &[]), ..behind });
    }
    let rules: Vec<&Rule> = rules.into_iter().collect::<Option<_>>()?;
    let first = rules.first()?;
    let agree = rules.iter().all(|rule| rule.framing == first.framing);
    let refused = rules.iter().all(|rule| rule.refuse);
    if !agree || refused || rules.iter().any(|rule| rule.barrier.is_some()) {
        return None;
    }
    let states = walk.after(states, symbol, variables);
    let awaits = rules.iter().any(|rule| !rule.arms.is_empty());
    let asked = if awaits { Some(symbol) } else { behind.asked };
    let place = walk.apply(place, symbol, &first.effects);
    (states != 0).then_some(Behind { role, states, place, asked })
}

struct Pipeline<'p, 'i> {
    walk: &'p Walk<'i>,
    reached: &'p Reached,
    /// Where nothing was outstanding.
    at: usize,
    behind: Behind,
    said: &'p [Symbol],
}

impl<'i> Pipeline<'_, 'i> {
    /// What is wrong with a frame that follows what was said, if something is.
    fn judge(&self, symbol: Symbol) -> Option<(Diagnostic, Order)> {
        let Behind { states, place, asked, .. } = self.behind;
        let asked = asked?;
        let rules = || {
            let states = members(states);
            states.map(|state| (state, self.walk.rule(state, symbol, place.variables)))
        };
        let (state, rule) =
            rules().find_map(|(state, rule)| Some((state, rule.filter(|rule| !rule.refuse)?)))?;
        // Where one may be outstanding, none follows it but what awaits nothing.
        if !rule.arms.is_empty() && self.walk.protocol.pending <= 1 {
            return None;
        }
        // What only a reply changes is told by it: then the other side waits, and nobody errs.
        let differs = |other: &Rule| framing(&other.effects) != framing(&rule.effects);
        let (diagnostic, says) = match rules().find(|(_, other)| other.is_none_or(differs)) {
            Some((otherwise, other)) => {
                self.disagree(symbol, asked, (state, rule), (otherwise, other))
            }
            None if switches(&rule.effects, symbol.role.peer()) => self.early(symbol, asked, rule),
            None => return None,
        };
        Some((diagnostic, Order { steps: self.steps(symbol), says }))
    }

    /// A frame changes how the other side is read before the reply to an earlier one has come.
    fn early(&self, symbol: Symbol, asked: Symbol, rule: &Rule) -> (Diagnostic, String) {
        let [role, peer] = [symbol.role, symbol.role.peer()].map(|role| self.walk.role(role));
        let asked = self.walk.message(asked);
        let message =
            format!("a reply of the {peer} may be on its way, and would be read as something else");
        let diagnostic = Diagnostic::new(Code::Race, rule.span, message)
            .label(format!("changes how the {peer} is read"))
            .help("let it happen with the reply, or let nothing follow what comes before: `sync`");
        (diagnostic, format!("the {role} does not read the reply to `{asked}` as one"))
    }

    /// One of the states that are possible does not take a frame as another does.
    fn disagree(
        &self,
        symbol: Symbol,
        asked: Symbol,
        (state, rule): (usize, &Rule),
        (otherwise, other): (usize, Option<&Rule>),
    ) -> (Diagnostic, String) {
        let [this, that] = [state, otherwise].map(|state| self.walk.state(state));
        let asking = self.leading(asked, state).map_or(rule.span, |rule| rule.span);
        let (what, asked) = (self.walk.message(symbol), self.walk.message(asked));
        let (diagnostic, says) = if other.is_none() && !switches(&rule.effects, symbol.role) {
            // Of all that may follow the first will do.
            let message =
                format!("`{what}` has a place behind `{asked}` only if that leads to `{this}`");
            let diagnostic =
                Diagnostic::new(Code::SomeOutcomes, asking, message).label("may lead elsewhere");
            let says = format!("it has no place in `{that}`, and a peer may have said it already");
            (beside(diagnostic, rule.span, format!("taken in `{this}`")), says)
        } else {
            let message = format!("how `{what}` is read depends on the reply to `{asked}`");
            let diagnostic = Diagnostic::new(Code::Race, rule.span, message)
                .label(format!("taken so in `{this}`"));
            let says = match other {
                Some(_) => format!("in one way in `{this}`, and in another in `{that}`"),
                None => format!("as a part of it in `{this}`, and by itself in `{that}`"),
            };
            let says = format!("what follows is read {says}");
            (beside(diagnostic, asking, format!("may lead to `{this}`, or may not")), says)
        };
        let diagnostic = match other {
            Some(other) => beside(diagnostic, other.span, format!("and so in `{that}`")),
            None => beside(diagnostic, self.walk.machine.states[otherwise].span, "not taken here"),
        };
        let help = format!(
            "answer it alike in `{that}`, as a rule with `refuse` does, or let nothing follow \
             `{asked}`: `sync`"
        );
        (diagnostic.help(help), says)
    }

    /// A rule by which a frame may lead to a state.
    fn leading(&self, asked: Symbol, to: usize) -> Option<&'i Rule> {
        let variables = self.behind.place.variables;
        (0..self.walk.machine.states.len())
            .filter(|from| self.walk.after(1 << from, asked, variables) >> to & 1 == 1)
            .find_map(|from| self.walk.rule(from, asked, variables))
    }

    /// All that is said, from the beginning of the session.
    fn steps(&self, last: Symbol) -> Vec<Step> {
        let walk = self.walk;
        let mut steps = self.reached.way(walk, self.at);
        let place = self.reached.place(self.at);
        let mut behind = Behind { role: last.role, states: 1 << place.state, place, asked: None };
        for symbol in self.said {
            if let Some(next) = ask(walk, behind, *symbol) {
                behind = next;
            }
            let leads: Vec<usize> = members(behind.states).collect();
            steps.push(walk.step(*symbol, &leads));
        }
        let states = members(behind.states).flat_map(|state| {
            members(walk.after(1 << state, last, behind.place.variables)).collect::<Vec<_>>()
        });
        let states: Vec<usize> = states.collect();
        steps.push(walk.step(last, &states));
        steps
    }
}
