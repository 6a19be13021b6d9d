//! Protocols: roles, states and rules.

use super::Resolver;
use super::expr::{Guard, Scope, Ty};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Arm, Effect, FrameId, Key, Message, MessageKind, Protocol, Role, Rule, Speaks, State, StateId,
    Target, TypeId, Var, VarId, Within,
};
use crate::source::Span;
use crate::syntax::{self, ExprKind, Ident, Pattern};

/// What the parts of one protocol need to know of each other.
struct Context<'p> {
    datagrams: bool,
    roles: [&'p Ident; 2],
    speaks: [Option<Speaks>; 2],
    states: Vec<&'p Ident>,
    vars: Vec<Var>,
}

impl Resolver {
    pub(super) fn define_protocol(&mut self, item: &syntax::Protocol) {
        let [first, second] = item.roles.as_slice() else {
            self.report(Diagnostic::new(
                Code::Arguments,
                item.name.span,
                "a protocol has two roles",
            ));
            return;
        };
        let mut context = Context {
            datagrams: item.over.name == "datagram",
            roles: [first, second],
            speaks: [None, None],
            states: Vec::new(),
            vars: Vec::new(),
        };
        self.speaks(item, &mut context);
        self.vars(item, &mut context);
        for name in item.states.iter().filter_map(|state| state.name.as_ref()) {
            match context.states.iter().find(|other| other.name == name.name) {
                Some(other) => self.report(
                    Diagnostic::new(
                        Code::Duplicate,
                        name.span,
                        format!("the state `{}` is declared twice", name.name),
                    )
                    .also(other.span, "declared here first"),
                ),
                None => context.states.push(name),
            }
        }
        let (pending, key) = self.pending(item, &context);
        let (states, any) = self.states(item, &context);
        if let [Some(first_speaks), Some(second_speaks)] = context.speaks {
            self.model.protocols.push(Protocol {
                docs: item.docs.clone(),
                name: item.name.name.clone(),
                span: item.name.span,
                datagrams: context.datagrams,
                roles: [first.name.clone(), second.name.clone()],
                speaks: [first_speaks, second_speaks],
                pending,
                key,
                vars: context.vars,
                states,
                any,
            });
        }
    }

    /// How many replies may be outstanding, and the field that pairs them.
    fn pending(&mut self, item: &syntax::Protocol, context: &Context<'_>) -> (u64, Option<Key>) {
        let Some(pending) = &item.pending else { return (0, None) };
        let Some(name) = pending.key.last() else { return (pending.max.value, None) };
        let spoken = context.speaks.iter().flatten();
        let frames: Vec<FrameId> =
            spoken.flat_map(|speaks| self.model.frames_of(speaks.ty)).collect();
        let unknown = pending.key.iter().find(|name| {
            let mut frames = frames.iter();
            !frames.any(|frame| self.model.key(*frame, &name.name).is_some())
        });
        let known = unknown.is_none();
        let name = unknown.unwrap_or(name);
        if !known {
            self.report(
                Diagnostic::new(
                    Code::Unknown,
                    name.span,
                    format!("no frame that is spoken has a number `{}`", name.name),
                )
                .label("replies would be paired by it"),
            );
        }
        let within = match pending.key.as_slice() {
            [within, _] => Some(within.name.clone()),
            _ => None,
        };
        (pending.max.value, Some(Key { field: name.name.clone(), within, span: name.span }))
    }

    fn speaks(&mut self, item: &syntax::Protocol, context: &mut Context<'_>) {
        for speaks in &item.speaks {
            let Some(role) = self.role(context, &speaks.role) else { continue };
            let Some(ty) = self.ty(&speaks.frame) else { continue };
            if let (Some(by), TypeId::Frame(frame)) = (&speaks.by, ty) {
                self.check_by(by, frame);
            } else if let Some(by) = &speaks.by {
                self.unsupported(by.span, "`by` a field of a choice");
            }
            let by = speaks.by.as_ref().map(|by| by.name.clone());
            let slot = &mut context.speaks[role.index()];
            if slot.is_some() {
                let message = format!("what `{}` speaks is said twice", speaks.role.name);
                self.report(Diagnostic::new(Code::Duplicate, speaks.span, message));
            } else {
                *slot = Some(Speaks { ty, by, span: speaks.span });
            }
        }
        for (role, slot) in context.roles.iter().zip(&context.speaks) {
            if slot.is_none() && !item.speaks.iter().any(|speaks| speaks.role.name == role.name) {
                self.report(
                    Diagnostic::new(
                        Code::Unknown,
                        role.span,
                        format!("nothing says what `{}` speaks", role.name),
                    )
                    .help(format!("say `{} speaks FRAME;`", role.name)),
                );
            }
        }
    }

    /// The `by` field is a number of the frame, or shared by a list of it.
    fn check_by(&mut self, by: &Ident, frame: FrameId) {
        use crate::model::Type;
        let found = self.model.frames.get(frame.0).is_some_and(|frame| {
            frame.fields().any(|field| match &field.ty {
                Type::Number(_) | Type::Fixed(_) => field.name == by.name,
                Type::List(list) => list.shared.contains(&by.name),
                _ => false,
            })
        });
        if !found {
            self.report(
                Diagnostic::new(
                    Code::Unknown,
                    by.span,
                    format!("there is no number `{}` in this frame", by.name),
                )
                .label("arms look at this field"),
            );
        }
    }

    fn vars(&mut self, item: &syntax::Protocol, context: &mut Context<'_>) {
        for var in &item.vars {
            let initial = match (&var.initial.kind, var.ty.name.as_str()) {
                (ExprKind::Bool(value), "bool") => *value,
                _ => {
                    self.unsupported(var.span, "a variable that is not a `bool`");
                    continue;
                }
            };
            if context.vars.iter().any(|other| other.name == var.name.name) {
                let message = format!("the variable `{}` is declared twice", var.name.name);
                self.report(Diagnostic::new(Code::Duplicate, var.name.span, message));
            }
            context.vars.push(Var {
                docs: var.docs.clone(),
                name: var.name.name.clone(),
                initial,
                span: var.name.span,
            });
        }
    }

    fn states(
        &mut self,
        item: &syntax::Protocol,
        context: &Context<'_>,
    ) -> (Vec<State>, Vec<Rule>) {
        let mut states: Vec<State> = Vec::new();
        let mut any = Vec::new();
        let mut except: Vec<StateId> = Vec::new();
        let mut seen_any: Option<Span> = None;
        for state in &item.states {
            let rules: Vec<Rule> =
                state.rules.iter().filter_map(|rule| self.rule(rule, context)).collect();
            let Some(name) = &state.name else {
                if seen_any.replace(state.span).is_some() {
                    self.unsupported(state.span, "a second `any state`");
                }
                if let Some(within) = &state.within {
                    self.unsupported(within.span, "a time limit of any state");
                }
                except.extend(state.except.iter().filter_map(|name| self.state(context, name)));
                any = rules;
                continue;
            };
            let within = state.within.as_ref().map(|within| Within {
                millis: within.millis.value,
                otherwise: within.otherwise.as_ref().and_then(|name| self.state(context, name)),
            });
            states.push(State {
                docs: state.docs.clone(),
                name: name.name.clone(),
                span: name.span,
                within,
                rules,
                any: seen_any.is_some() || item.states.iter().any(|state| state.name.is_none()),
            });
        }
        for id in except {
            if let Some(state) = states.get_mut(id.0) {
                state.any = false;
            }
        }
        (states, any)
    }

    fn role(&mut self, context: &Context<'_>, name: &Ident) -> Option<Role> {
        if name.name == context.roles[0].name {
            Some(Role::First)
        } else if name.name == context.roles[1].name {
            Some(Role::Second)
        } else {
            let [first, second] = context.roles;
            self.report(
                Diagnostic::new(Code::Unknown, name.span, format!("no role is `{}`", name.name))
                    .also(first.span.to(second.span), "the roles"),
            );
            None
        }
    }

    fn state(&mut self, context: &Context<'_>, name: &Ident) -> Option<StateId> {
        let found = context.states.iter().position(|state| state.name == name.name);
        if found.is_none() {
            let names = context.states.iter().map(|state| state.name.as_str());
            let close = super::nearest(&name.name, names);
            let mut diagnostic =
                Diagnostic::new(Code::Unknown, name.span, format!("no state is `{}`", name.name))
                    .label("not a state");
            if let Some(close) = close {
                diagnostic = diagnostic.help(format!("did you mean `{close}`?"));
            }
            self.report(diagnostic);
        }
        found.map(StateId)
    }

    fn rule(&mut self, rule: &syntax::Rule, context: &Context<'_>) -> Option<Rule> {
        let role = self.role(context, &rule.role)?;
        let messages: Vec<Message> = rule
            .messages
            .iter()
            .filter_map(|pattern| self.message(pattern, role, context))
            .collect();
        let frame = match messages.as_slice() {
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
        let arms = rule.awaits.as_ref().map(|arms| {
            arms.iter().filter_map(|arm| self.arm(arm, role.peer(), context)).collect()
        });
        Some(Rule {
            role,
            messages,
            own: guard.own,
            vars: guard.vars,
            refuse: rule.refuse,
            sync: rule.sync.is_some(),
            target,
            effects,
            arms,
            span: rule.span,
        })
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

    fn arm(&mut self, arm: &syntax::Arm, role: Role, context: &Context<'_>) -> Option<Arm> {
        let message = self.message(&arm.pattern, role, context)?;
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
                    TypeId::Frame(id) => self.model.frames[id.0].params,
                    _ => 0,
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
