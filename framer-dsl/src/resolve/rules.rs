//! Rules and their arms.

use super::Resolver;
use super::expr::{Guard, Scope, Ty};
use super::protocol::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Arm, Effect, FrameId, Message, MessageKind, Role, Rule, Target, TypeId, VarId};
use crate::syntax::{self, Pattern};

impl Resolver {
    /// The rule, or one for each of its frames where it looks into them.
    pub(super) fn rule(&mut self, rule: &syntax::Rule, context: &Context<'_>) -> Vec<Rule> {
        let Some(role) = self.role(context, &rule.role) else { return Vec::new() };
        let messages: Vec<Message> = rule
            .messages
            .iter()
            .filter_map(|pattern| self.message(pattern, role, context))
            .collect();
        let arms: Option<Vec<Arm>> = rule
            .awaits
            .as_ref()
            .map(|arms| arms.iter().flat_map(|arm| self.arm(arm, role.peer(), context)).collect());
        let looks = rule.guard.is_some() || !rule.outcome.effects.is_empty();
        let each = if looks { 1 } else { messages.len().max(1) };
        let parts = messages.chunks(each);
        parts.map(|messages| self.rule_of(rule, role, messages, arms.clone(), context)).collect()
    }

    /// The rule for some of its messages.
    fn rule_of(
        &mut self,
        rule: &syntax::Rule,
        role: Role,
        messages: &[Message],
        arms: Option<Vec<Arm>>,
        context: &Context<'_>,
    ) -> Rule {
        let frame = match messages {
            [Message { kind: MessageKind::Frame(frame), .. }] => Some(*frame),
            [_] => spoken_frame(context, role),
            _ => None,
        };
        let scope = Scope::frame(frame, &context.vars);
        let guard = match &rule.guard {
            Some(guard) => self.guard(guard, scope),
            None => Guard::default(),
        };
        let (target, effects) = self.outcome(&rule.outcome, scope, context);
        Rule {
            role,
            messages: messages.to_vec(),
            own: guard.own,
            vars: guard.vars,
            refuse: rule.refuse,
            sync: rule.sync.is_some(),
            target,
            effects,
            arms,
            span: rule.span,
        }
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

    /// The arm, or one for each of its patterns.
    fn arm(&mut self, arm: &syntax::Arm, role: Role, context: &Context<'_>) -> Vec<Arm> {
        let patterns = arm.patterns.iter();
        patterns.filter_map(|pattern| self.arm_of(arm, pattern, role, context)).collect()
    }

    fn arm_of(
        &mut self,
        arm: &syntax::Arm,
        pattern: &Pattern,
        role: Role,
        context: &Context<'_>,
    ) -> Option<Arm> {
        let message = self.message(pattern, role, context)?;
        let frame = match message.kind {
            MessageKind::Frame(frame) => Some(frame),
            _ => spoken_frame(context, role),
        };
        let scope = Scope::frame(frame, &context.vars);
        let guard = match &arm.guard {
            Some(guard) => self.guard(guard, scope),
            None => Guard::default(),
        };
        if let Some(guard_span) = arm.guard.as_ref().filter(|_| !guard.vars.is_empty()) {
            self.unsupported(guard_span.span, "a variable in the guard of an arm");
        }
        let (target, effects) = self.outcome(&arm.outcome, scope, context);
        Some(Arm { message, own: guard.own, target, effects })
    }

    fn outcome(
        &mut self,
        outcome: &syntax::Outcome,
        scope: Scope<'_>,
        context: &Context<'_>,
    ) -> (Target, Vec<Effect>) {
        let target = match &outcome.target {
            syntax::Target::Stay => Target::Stay,
            syntax::Target::Close => Target::Close,
            syntax::Target::Again => Target::Again,
            syntax::Target::State(name) => {
                self.state(context, name).map_or(Target::Stay, Target::State)
            }
        };
        let effects = outcome
            .effects
            .iter()
            .filter_map(|effect| self.effect(effect, scope, context))
            .collect();
        (target, effects)
    }

    fn effect(
        &mut self,
        effect: &syntax::Effect,
        scope: Scope<'_>,
        context: &Context<'_>,
    ) -> Option<Effect> {
        match effect {
            syntax::Effect::Then { role, frame, args, span } => {
                let role = self.role(context, role);
                let ty = self.ty(frame)?;
                let params = match ty {
                    TypeId::Frame(id) => self.model.frames[id.0].params.len(),
                    TypeId::Choice(id) => self.model.choices[id.0].params.len(),
                    TypeId::Values(_) => 0,
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
                Some(Effect::Then { role: role?, ty, args, span: *span })
            }
            syntax::Effect::Speaks { role, frame, span } => {
                let (role, ty) = (self.role(context, role), self.ty(frame));
                Some(Effect::Speaks { role: role?, ty: ty?, span: *span })
            }
            syntax::Effect::Upgrade { layer, received, span } => {
                if *received != syntax::Received::Reject {
                    self.unsupported(*span, "an upgrade that keeps bytes already received");
                }
                if context.datagrams {
                    self.unsupported(*span, "an upgrade over datagrams");
                }
                Some(Effect::Upgrade { layer: layer.name.clone() })
            }
            syntax::Effect::Set { var, value, .. } => {
                let Some(id) = context.vars.iter().position(|other| other.name == var.name) else {
                    let message = format!("no variable is `{}`", var.name);
                    self.report(Diagnostic::new(Code::Unknown, var.span, message));
                    return None;
                };
                let value = self.expr_of(value, scope, Ty::Bool)?;
                Some(Effect::Set { var: VarId(id), value })
            }
        }
    }
}

/// The frame that a role speaks, where it is one and not a choice.
fn spoken_frame(context: &Context<'_>, role: Role) -> Option<FrameId> {
    match context.speaks[role.index()].as_ref()?.ty {
        TypeId::Frame(frame) => Some(frame),
        _ => None,
    }
}
