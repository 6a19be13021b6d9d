//! Rules of protocols: what they fire on, what comes of it, and what their replies decide.

use super::Resolver;
use super::apart::{Condition, Draft, Perhaps};
use super::expr::{Guard, Scope, Ty};
use super::protocol::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Effect, Expr, ExprKind, FrameId, Message, MessageKind, Role, Rule, Target, TypeId,
};
use crate::syntax::{self, Ident, Pattern};

impl Resolver {
    /// The rule, or several: one for each of its frames where it looks into them, and one for each
    /// answer to what it asks of them.
    pub(super) fn rule(&mut self, rule: &syntax::Rule, context: &Context<'_>) -> Vec<Rule> {
        let Some(role) = self.role(context, &rule.role) else { return Vec::new() };
        let messages: Vec<Message> = rule
            .messages
            .iter()
            .filter_map(|pattern| self.message(pattern, role, context))
            .collect();
        let looks = rule.guard.is_some() || !rule.outcome.effects.is_empty();
        let each = if looks { 1 } else { messages.len().max(1) };
        let parts = messages.chunks(each);
        parts.flat_map(|messages| self.rule_of(rule, role, messages, context)).collect()
    }

    /// The rules for some of its messages.
    fn rule_of(
        &mut self,
        rule: &syntax::Rule,
        role: Role,
        messages: &[Message],
        context: &Context<'_>,
    ) -> Vec<Rule> {
        let frame = match messages {
            [Message { kind: MessageKind::Frame(frame), .. }] => Some(*frame),
            [Message { kind: MessageKind::Malformed, .. }] => None,
            [_] => spoken_frame(context, role),
            _ => None,
        };
        let scope = Scope::frame(frame, &context.vars);
        let guard = match &rule.guard {
            Some(guard) => self.guard(guard, scope),
            None => Guard::default(),
        };
        let (target, effects) = self.outcome(&rule.outcome, scope, None, context);
        let arms: Option<Vec<Draft>> = rule.awaits.as_ref().map(|arms| {
            arms.iter().flat_map(|arm| self.arm(arm, role.peer(), frame, context)).collect()
        });
        let whole = Rule {
            role,
            messages: messages.to_vec(),
            own: guard.own,
            vars: guard.vars,
            refuse: rule.refuse,
            sync: rule.sync.is_some(),
            target,
            effects: Vec::new(),
            arms: None,
            span: rule.span,
        };
        self.take_apart(&whole, &effects, arms.as_deref())
    }

    fn message(&mut self, pattern: &Pattern, role: Role, context: &Context<'_>) -> Option<Message> {
        match pattern {
            Pattern::Frame(name) if name.name == "malformed" => {
                Some(Message { kind: MessageKind::Malformed, span: name.span })
            }
            Pattern::Frame(name) => {
                let frame = self.frame(name)?;
                Some(Message { kind: MessageKind::Frame(frame), span: name.span })
            }
            Pattern::Any(span) => Some(Message { kind: MessageKind::Any, span: *span }),
            Pattern::Value(range) => {
                let by = context.speaks[role.index()].as_ref().and_then(|s| s.by.as_ref());
                if by.is_none() {
                    self.report(
                        Diagnostic::new(
                            Code::WrongSort,
                            range.span,
                            "nothing says which field this value is of",
                        )
                        .help("say `speaks FRAME by FIELD;`"),
                    );
                    return None;
                }
                let low = range.low.as_ref().map_or(0, |low| low.value);
                let high = range.high.as_ref().map_or(u64::MAX, |high| high.value);
                if low > high {
                    let message = "no value is in this range";
                    self.report(Diagnostic::new(Code::EmptyRange, range.span, message));
                    return None;
                }
                Some(Message { kind: MessageKind::Value { low, high }, span: range.span })
            }
        }
    }

    /// The arm, or one for each of its patterns; `asked`: the frame that it answers.
    fn arm(
        &mut self,
        arm: &syntax::Arm,
        role: Role,
        asked: Option<FrameId>,
        context: &Context<'_>,
    ) -> Vec<Draft> {
        let patterns = arm.patterns.iter();
        patterns.filter_map(|pattern| self.arm_of(arm, pattern, role, asked, context)).collect()
    }

    fn arm_of(
        &mut self,
        arm: &syntax::Arm,
        pattern: &Pattern,
        role: Role,
        asked: Option<FrameId>,
        context: &Context<'_>,
    ) -> Option<Draft> {
        let message = self.message(pattern, role, context)?;
        let frame = match message.kind {
            MessageKind::Frame(frame) => Some(frame),
            _ => spoken_frame(context, role),
        };
        let scope = Scope::frame(frame, &context.vars);
        let (guard, of_request) = match &arm.guard {
            Some(guard) => self.guard_of_arm(guard, scope, asked)?,
            None => (Guard::default(), Vec::new()),
        };
        let (target, effects) = self.outcome(&arm.outcome, scope, asked, context);
        let Guard { own, vars } = guard;
        Some(Draft { message, own, asked: of_request, vars, target, effects })
    }

    /// What a guard in an arm asks of the reply and of variables, and what it asks of the request.
    fn guard_of_arm(
        &mut self,
        guard: &syntax::Expr,
        scope: Scope<'_>,
        asked: Option<FrameId>,
    ) -> Option<(Guard, Vec<Expr>)> {
        let (mut own, mut of_request) = (Guard::default(), Vec::new());
        let mut complete = true;
        for term in terms(guard) {
            match self.of_request(term, asked) {
                Some(term) => match self.expr_of(&term, Scope::frame(asked, &[]), Ty::Bool) {
                    Some(expr) => of_request.push(expr),
                    None => complete = false,
                },
                None => self.guard_term(term, scope, &mut own),
            }
        }
        complete.then_some((own, of_request))
    }

    /// A term that asks the request which an arm answers, without the name of that before each path.
    fn of_request(&self, term: &syntax::Expr, asked: Option<FrameId>) -> Option<syntax::Expr> {
        let request = self.model.frames.get(asked?.0)?;
        let is_value = |path: &[syntax::Ident]| self.is_value(path);
        syntax::without_prefix(term, &request.name, &is_value)
    }

    /// A condition over variables and over the fields of a frame, or, in an arm, of the request it
    /// answers.
    fn condition(
        &mut self,
        expr: &syntax::Expr,
        scope: Scope<'_>,
        asked: Option<FrameId>,
    ) -> Option<Condition> {
        if let Some(of_request) = self.of_request(expr, asked) {
            let expr = self.expr_of(&of_request, Scope::frame(asked, &[]), Ty::Bool)?;
            return Some(Condition { asked: Some(expr), ..Condition::default() });
        }
        let (guard, of_request) = self.guard_of_arm(expr, scope, asked)?;
        let joined = |terms: Vec<Expr>| {
            terms.into_iter().reduce(|left, right| {
                let (left, right) = (Box::new(left), Box::new(right));
                let op = syntax::BinaryOp::And;
                Expr { kind: ExprKind::Binary { op, left, right } }
            })
        };
        Some(Condition { own: joined(guard.own), asked: joined(of_request), vars: guard.vars })
    }

    fn outcome(
        &mut self,
        outcome: &syntax::Outcome,
        scope: Scope<'_>,
        asked: Option<FrameId>,
        context: &Context<'_>,
    ) -> (Target, Vec<Perhaps>) {
        let target = match &outcome.target {
            syntax::Target::Stay => Target::Stay,
            syntax::Target::Close => Target::Close,
            syntax::Target::Again => Target::Again,
            syntax::Target::State(name) => {
                self.state(context, name).map_or(Target::Stay, Target::State)
            }
        };
        let mut effects = Vec::new();
        for (effect, condition) in &outcome.effects {
            let when = match condition {
                None => Some(Condition::default()),
                Some(condition) => self.condition(condition, scope, asked),
            };
            let effect = self.effect(effect, scope, context);
            effects.extend(when.zip(effect));
        }
        (target, effects)
    }

    fn effect(
        &mut self,
        effect: &syntax::Effect,
        scope: Scope<'_>,
        context: &Context<'_>,
    ) -> Option<Effect> {
        match effect {
            syntax::Effect::Then { role, frame, args, after, span } => {
                let role = self.role(context, role);
                let ty = self.ty(frame)?;
                let params = match ty {
                    TypeId::Frame(id) => self.model.frames[id.0].params.len(),
                    TypeId::Choice(id) => self.model.choices[id.0].params.len(),
                    TypeId::Values(_) | TypeId::External(_) => 0,
                };
                if params != args.len() {
                    self.report(
                        Diagnostic::new(
                            Code::Arguments,
                            *span,
                            match params {
                                1 => format!("`{}` takes one argument", frame.name),
                                _ => format!("`{}` takes {params} arguments", frame.name),
                            },
                        )
                        .label(match args.len() {
                            0 => "none given".to_owned(),
                            given => format!("{given} given"),
                        }),
                    );
                    return None;
                }
                let args = args
                    .iter()
                    .map(|arg| self.expr_of(arg, scope, Ty::Number))
                    .collect::<Option<_>>()?;
                let role = role?;
                let after = match after {
                    Some(after) => Some(self.word(after, role, context)?),
                    None => None,
                };
                Some(Effect::Then { role, ty, args, after, span: *span })
            }
            syntax::Effect::Speaks { role, frame, span } => {
                let (role, ty) = (self.role(context, role), self.ty(frame));
                Some(Effect::Speaks { role: role?, ty: ty?, span: *span })
            }
            syntax::Effect::Upgrade { layer, received, span } => {
                if context.datagrams {
                    let message = "only a connection is handed to another layer";
                    self.report(
                        Diagnostic::new(Code::WrongSort, *span, message)
                            .label("each frame is a datagram here"),
                    );
                }
                let (layer, received) = (layer.name.clone(), *received);
                Some(Effect::Upgrade { layer, received, span: *span })
            }
            syntax::Effect::Set { var, change, value, .. } => {
                self.assigned((var, *change), value, scope)
            }
        }
    }

    /// What the other role says before something of `role` that is due may come.
    fn word(&mut self, name: &Ident, role: Role, context: &Context<'_>) -> Option<FrameId> {
        match self.message(&Pattern::Frame(name.clone()), role.peer(), context)?.kind {
            MessageKind::Frame(frame) => Some(frame),
            _ => self.refuse(name.span, "what is no frame here"),
        }
    }
}

/// The terms of a guard, joined by `&&`.
fn terms(guard: &syntax::Expr) -> Vec<&syntax::Expr> {
    match &guard.kind {
        syntax::ExprKind::Binary { op: syntax::BinaryOp::And, left, right } => {
            [terms(left), terms(right)].concat()
        }
        _ => vec![guard],
    }
}

/// The frame that a role speaks, where it is one and not a choice.
fn spoken_frame(context: &Context<'_>, role: Role) -> Option<FrameId> {
    match context.speaks[role.index()].as_ref()?.ty {
        TypeId::Frame(frame) => Some(frame),
        _ => None,
    }
}
