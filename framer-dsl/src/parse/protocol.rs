//! Protocols: what they declare, their states, rules and effects.

use super::grammar::Rule;
use super::node::{Builder, Node};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::{
    Arm, Change, Docs, Effect, Outcome, Pattern, Pending, Protocol, Received, Spanned, Speaks,
    State, Target, Var, Within,
};

impl Builder<'_> {
    /// A protocol; its sections may come in any order.
    pub(super) fn protocol(&mut self, node: &Node<'_>) -> Protocol {
        let mut protocol = Protocol {
            docs: Docs::default(),
            name: self.name(node),
            over: self.ident(&node.the(Rule::transport).choice()),
            roles: Vec::new(),
            speaks: Vec::new(),
            pending: None,
            vars: Vec::new(),
            states: Vec::new(),
            span: self.span(node),
        };
        let mut roles = None;
        for section in node.all(Rule::section) {
            self.section(&section.choice(), &mut protocol, &mut roles);
        }
        protocol
    }

    fn section(&mut self, node: &Node<'_>, protocol: &mut Protocol, roles: &mut Option<Span>) {
        let span = self.span(node);
        match node.rule() {
            Rule::roles => {
                self.once("roles", roles.replace(span), span);
                protocol.roles = self.names(node);
            }
            Rule::pending => {
                let before = protocol.pending.as_ref().map(|pending| pending.span);
                self.once("pending", before, span);
                protocol.pending = Some(Pending {
                    key: node.all(Rule::path).map(|path| self.path(&path)).collect(),
                    max: self.number(&node.the(Rule::number)),
                    within: node.child(Rule::lapse).map(|lapse| self.millis(&lapse)),
                    span,
                });
            }
            Rule::speaks => protocol.speaks.push(Speaks {
                role: self.ident(&node.nth(Rule::name, 0)),
                frame: self.ident(&node.nth(Rule::name, 1)),
                by: node.all(Rule::name).nth(2).map(|by| self.ident(&by)),
                span,
            }),
            Rule::variable => protocol.vars.push(Var {
                docs: node.docs(),
                name: self.ident(&node.nth(Rule::name, 0)),
                ty: self.ident(&node.nth(Rule::name, 1)),
                range: node.child(Rule::range).map(|range| self.range(&range)),
                initial: self.expr(&node.the(Rule::expr)),
                span,
            }),
            _ => {
                let state = self.state(node);
                protocol.states.push(state);
            }
        }
    }

    /// Reports a section that may stand only once.
    fn once(&mut self, what: &str, before: Option<Span>, span: Span) {
        let Some(before) = before else { return };
        let message = format!("`{what}` is declared twice");
        self.report(
            Diagnostic::new(Code::Duplicate, span, message).also(before, "first declared here"),
        );
    }

    /// A state, or `any state`.
    fn state(&mut self, node: &Node<'_>) -> State {
        let except = node.child(Rule::except);
        let rules = node.the(Rule::transitions);
        State {
            docs: node.docs(),
            name: node.child(Rule::name).map(|name| self.ident(&name)),
            except: except.map_or(Vec::new(), |except| self.names(&except)),
            within: node.child(Rule::within).map(|within| self.within(&within)),
            rules: rules.all(Rule::transition).map(|rule| self.rule(&rule)).collect(),
            span: self.span(node),
        }
    }

    fn within(&mut self, node: &Node<'_>) -> Within {
        let millis = self.millis(node);
        let otherwise = node.child(Rule::name).map(|state| self.ident(&state));
        Within { millis, otherwise, span: self.span(node) }
    }

    /// `5 min`
    fn millis(&mut self, node: &Node<'_>) -> Spanned<u64> {
        let (number, unit) = (node.the(Rule::number), node.the(Rule::unit));
        let span = self.place(number.start(), unit.end());
        let factor = match unit.choice().rule() {
            Rule::kw_h => 3_600_000,
            Rule::kw_min => 60_000,
            Rule::kw_s => 1000,
            _ => 1,
        };
        let mut millis = self.number(&number);
        millis.span = span;
        millis.value = millis.value.checked_mul(factor).unwrap_or_else(|| {
            self.bad_literal(span, "more milliseconds than fit 64 bits");
            0
        });
        millis
    }

    fn rule(&mut self, node: &Node<'_>) -> crate::syntax::Rule {
        let action = node.the(Rule::action);
        let (refuse, sync) = (action.child(Rule::kw_refuse), action.child(Rule::kw_sync));
        let messages = node.all(Rule::pattern);
        crate::syntax::Rule {
            docs: node.docs(),
            role: self.name(node),
            messages: messages.map(|pattern| self.pattern(&pattern)).collect(),
            guard: self.condition(node),
            refuse: refuse.map(|refuse| self.span(&refuse)),
            sync: sync.map(|sync| self.span(&sync)),
            outcome: match action.child(Rule::outcome) {
                Some(outcome) => self.outcome(&outcome),
                None => self.nothing(node.the(Rule::p_arrow).end()),
            },
            awaits: action
                .child(Rule::awaits)
                .map(|awaits| awaits.all(Rule::arm).map(|arm| self.arm(&arm)).collect()),
            span: self.span(node),
        }
    }

    fn pattern(&mut self, node: &Node<'_>) -> Pattern {
        let pattern = node.choice();
        match pattern.rule() {
            Rule::wildcard => Pattern::Any(self.span(&pattern)),
            Rule::range => Pattern::Value(self.range(&pattern)),
            _ => Pattern::Frame(self.ident(&pattern)),
        }
    }

    fn arm(&mut self, node: &Node<'_>) -> Arm {
        let patterns = node.all(Rule::pattern);
        Arm {
            patterns: patterns.map(|pattern| self.pattern(&pattern)).collect(),
            guard: self.condition(node),
            outcome: self.outcome(&node.the(Rule::outcome)),
            span: self.span(node),
        }
    }

    /// The outcome of a rule that writes none: its place is behind the arrow.
    fn nothing(&self, at: usize) -> Outcome {
        Outcome { target: Target::Stay, effects: Vec::new(), span: self.place(at, at) }
    }

    fn outcome(&mut self, node: &Node<'_>) -> Outcome {
        let target = node.child(Rule::target).map_or(Target::Stay, |target| {
            let target = target.choice();
            match target.rule() {
                Rule::kw_stay => Target::Stay,
                Rule::kw_close => Target::Close,
                Rule::kw_again => Target::Again,
                _ => Target::State(self.ident(&target)),
            }
        });
        let effects = node.child(Rule::effects).map_or(Vec::new(), |effects| {
            let conditional =
                |effect: Node<'_>| (self.effect(&effect.choice()), self.condition(&effect));
            effects.all(Rule::effect).map(conditional).collect()
        });
        Outcome { target, effects, span: self.span(node) }
    }

    fn effect(&mut self, node: &Node<'_>) -> Effect {
        let span = self.span(node);
        match node.rule() {
            Rule::upgrade => Effect::Upgrade {
                layer: self.name(node),
                received: if node.has(Rule::kw_carry) {
                    Received::Carry
                } else if node.has(Rule::kw_discard) {
                    Received::Discard
                } else {
                    Received::Reject
                },
                span,
            },
            Rule::then => Effect::Then {
                role: self.ident(&node.nth(Rule::name, 0)),
                frame: self.ident(&node.nth(Rule::name, 1)),
                args: self.args(node),
                after: node.child(Rule::after).map(|after| self.name(&after)),
                span,
            },
            Rule::speaks_now => Effect::Speaks {
                role: self.ident(&node.nth(Rule::name, 0)),
                frame: self.ident(&node.nth(Rule::name, 1)),
                span,
            },
            _ => Effect::Set {
                var: self.name(node),
                change: match () {
                    () if node.has(Rule::p_more) => Change::Add,
                    () if node.has(Rule::p_fewer) => Change::Subtract,
                    () => Change::To,
                },
                value: self.expr(&node.the(Rule::expr)),
                span,
            },
        }
    }
}
