//! What crosses a frame on its way is read as it was written, and both sides are in the same state
//! behind it.
//!
//! What is judged is one frame of either side; longer crossings are made of these.

use super::reach::Reached;
use super::walk::{Place, Symbol, Taken, Walk, framing, switches};
use super::{Order, beside, found, numbers};
use crate::diagnostic::{Code, Diagnostic, Step};
use crate::model::Role;
use crate::source::Span;

pub(super) fn prove(walk: &Walk<'_>, reached: &Reached, diagnostics: &mut Vec<Diagnostic>) {
    for (at, place) in reached.quiet() {
        let second: Vec<Symbol> = walk.said(place, Role::Second).collect();
        for first in walk.said(place, Role::First) {
            for second in &second {
                let way = || reached.way(walk, at);
                let pair = Pair { walk, place, first, second: *second };
                if let Some((diagnostic, says, steps)) = pair.judge() {
                    let steps = way().into_iter().chain(steps).collect();
                    found(diagnostics, diagnostic, Order { steps, says });
                }
            }
        }
    }
}

/// Two frames that cross.
struct Pair<'p, 'i> {
    walk: &'p Walk<'i>,
    place: Place,
    first: Symbol,
    second: Symbol,
}

type Finding = (Diagnostic, String, Vec<Step>);

impl Pair<'_, '_> {
    fn judge(&self) -> Option<Finding> {
        let orders = [(self.first, self.second), (self.second, self.first)];
        let mut orders = orders.into_iter();
        orders
            .clone()
            .find_map(|(own, other)| self.cut(own, other))
            .or_else(|| self.counted())
            .or_else(|| orders.clone().find_map(|(own, other)| self.late(own, other)))
            .or_else(|| orders.clone().find_map(|(own, other)| self.unlike(own, other)))
            .or_else(|| orders.find_map(|(own, other)| self.mistaken(own, other)))
            .or_else(|| self.apart())
    }

    /// What is said of a frame at a place, as the source shows it.
    fn span(&self, symbol: Symbol) -> Span {
        match self.walk.take(self.place, symbol) {
            Taken::Rule(rule) => rule.span,
            Taken::Due | Taken::Refused => self.walk.machine.states[self.place.state].span,
        }
    }

    fn behind(&self, symbol: Symbol) -> Option<Place> {
        self.walk.behind(self.place, symbol, self.walk.take(self.place, symbol))
    }

    /// Both messages as they were said, each leading where its own side thinks.
    fn steps(&self) -> Vec<Step> {
        let step = |symbol: Symbol| {
            let leads: Vec<usize> = self.behind(symbol).iter().map(|place| place.state).collect();
            self.walk.step(symbol, &leads)
        };
        vec![step(self.first), step(self.second)]
    }

    /// One changes how the other side is read, which has said something already.
    fn cut(&self, own: Symbol, other: Symbol) -> Option<Finding> {
        let taken = self.walk.take(self.place, own);
        if !switches(taken.effects(), other.role) || self.behind(own).is_none() {
            return None;
        }
        let role = self.walk.role(other.role);
        let diagnostic = Diagnostic::new(
            Code::Crossing,
            self.span(own),
            format!("what the {role} says may cross this, and would be read as something else"),
        )
        .label(format!("changes how the {role} is read"));
        let diagnostic = beside(diagnostic, self.span(other), "may be said at any time")
            .help("let it happen with a frame of that side, or with a reply");
        let says = "each was said before its side knew of the other".to_owned();
        Some((diagnostic, says, self.steps()))
    }

    /// Both look at a number that one changes, and it matters which comes first.
    fn counted(&self) -> Option<Finding> {
        let walk = self.walk;
        let of = |symbol| numbers::uses(walk, self.place, symbol);
        let (first, second) = (of(self.first), of(self.second));
        let mut both =
            first.iter().filter_map(|(number, one)| Some((number, one, second.get(number)?)));
        let (number, ..) = both.find(|(_, one, other)| one.races(**other))?;
        let name = &walk.machine.numbers.get(*number)?.name;
        let message = format!("the sides may not agree on `{name}` when these cross");
        let [one, other] = [Role::First, Role::Second].map(|role| walk.role(role));
        let diagnostic = Diagnostic::new(Code::Crossing, self.span(self.first), message)
            .label(format!("said by the {one}"));
        let diagnostic = beside(diagnostic, self.span(self.second), format!("said by the {other}"))
            .help("let one side change it alone, or let one only add and the other take away");
        let says = "each was said before its side knew of the other".to_owned();
        Some((diagnostic, says, self.steps()))
    }

    /// Where one leads, the other has no place or is read otherwise.
    fn late(&self, own: Symbol, other: Symbol) -> Option<Finding> {
        let place = self.behind(own)?;
        let (before, late) = (self.walk.take(self.place, other), self.walk.take(place, other));
        let refused = matches!(late, Taken::Refused);
        let alike = framing(before.effects()) == framing(late.effects());
        if !refused && (alike || self.walk.behind(place, other, late).is_none()) {
            return None;
        }
        let state = &self.walk.machine.states[place.state];
        let [role, this] = [other.role, own.role].map(|role| self.walk.role(role));
        let message = match refused {
            true => format!(
                "what the {role} says may cross this, and `{}` does not take it",
                state.name
            ),
            false => format!(
                "what the {role} says may cross this, and `{}` reads on otherwise",
                state.name
            ),
        };
        let diagnostic = Diagnostic::new(Code::Crossing, self.span(own), message)
            .label(format!("the {this} goes on in `{}`", state.name));
        let diagnostic = beside(
            diagnostic,
            self.span(other),
            format!("the {role} may have said this before it knows"),
        );
        let diagnostic = match late {
            Taken::Rule(rule) => beside(diagnostic, rule.span, "what is read then"),
            _ => beside(diagnostic, state.span, "has no rule for it"),
        };
        let diagnostic = diagnostic.help(format!("add the rule to `{}`, too", state.name));
        let says = "each was said before its side knew of the other".to_owned();
        Some((diagnostic, says, self.steps()))
    }

    /// Where one leads, the sides do not agree on how the other is answered: who said it looks with
    /// the variables as they were then, and does not wait for what it has passed already.
    fn unlike(&self, own: Symbol, other: Symbol) -> Option<Finding> {
        let walk = self.walk;
        let place = self.behind(own)?;
        let (before, late) = (walk.take(self.place, other), walk.take(place, other));
        let waits = match before.arms() {
            [] => &[],
            arms => walk
                .rule(place.state, other, self.place.variables)
                .map_or(arms, |rule| rule.arms.as_slice()),
        };
        let alike = std::ptr::eq(waits, late.arms()) || waits.is_empty() && late.arms().is_empty();
        // Where it is over nobody waits.
        if alike || walk.behind(place, other, late).is_none() {
            return None;
        }
        let [role, this] = [other.role, own.role].map(|role| walk.role(role));
        let message = format!(
            "the sides do not agree on what answers `{}` when it crosses this",
            walk.message(other)
        );
        let diagnostic = Diagnostic::new(Code::Crossing, self.span(own), message)
            .label("changes how it is answered");
        let diagnostic = beside(
            diagnostic,
            self.span(other),
            format!("the {role} may have said this before it knows"),
        );
        let diagnostic = match late {
            Taken::Rule(rule) => {
                beside(diagnostic, rule.span, format!("how the {this} answers it then"))
            }
            Taken::Due | Taken::Refused => diagnostic,
        };
        let diagnostic = diagnostic.help("answer it by the same rule, or not, behind both");
        let says = "each was said before its side knew of the other".to_owned();
        Some((diagnostic, says, self.steps()))
    }

    /// What one side says by itself is taken for the reply to what crosses it, which comes, too.
    fn mistaken(&self, own: Symbol, other: Symbol) -> Option<Finding> {
        let walk = self.walk;
        if walk.machine.asks[other.role.index()] {
            return None;
        }
        let taken = walk.take(self.place, own);
        let arm = walk.arm(taken.arms(), other, self.place.variables)?;
        let place = self.behind(other)?;
        // Where it leads nobody answers any more.
        let answered = !walk.take(place, own).arms().is_empty();
        if !answered || self.place.due[other.role.index()].is_some() {
            return None;
        }
        let [role, this] = [other.role, own.role].map(|role| walk.role(role));
        let diagnostic = Diagnostic::new(
            Code::Crossing,
            self.span(other),
            format!(
                "what the {role} says by itself may be taken for the reply to `{}`",
                walk.message(own)
            ),
        )
        .label(format!("the {this} may have asked before it knows"));
        let diagnostic = beside(diagnostic, arm.span, "takes it as the reply")
            .help("let it `close`, or make it another frame than the replies");
        let says = format!("the {this} has its reply, and the {role} has not given it");
        Some((diagnostic, says, self.steps()))
    }

    /// Both were taken, and the sides are not where the other thinks.
    fn apart(&self) -> Option<Finding> {
        let walk = self.walk;
        let then = |one: Symbol, other: Symbol| {
            let place = self.behind(one)?;
            walk.behind(place, other, walk.take(place, other))
        };
        let (one, other) = (then(self.first, self.second)?, then(self.second, self.first)?);
        if one == other {
            return None;
        }
        let [first, second] = [Role::First, Role::Second].map(|role| walk.role(role));
        let (at, of) = (walk.state(one.state), walk.state(other.state));
        let says = match at == of {
            false => format!("then the {first} is in `{at}`, and the {second} in `{of}`"),
            true => format!("then the {first} and the {second} read on otherwise, both in `{at}`"),
        };
        let message = "the sides are no longer in one state when these cross";
        let diagnostic = Diagnostic::new(Code::Crossing, self.span(self.first), message)
            .label(format!("said by the {first}"));
        let diagnostic =
            beside(diagnostic, self.span(self.second), format!("said by the {second}"))
                .help("let them lead to the same state in either order");
        Some((diagnostic, says, self.steps()))
    }
}
