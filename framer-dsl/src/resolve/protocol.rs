//! Protocols: roles, states, variables.

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    FrameId, Key, LONGEST_KEY, Protocol, Role, Rule, Speaks, State, StateId, TypeId, Var, Within,
};
use crate::nearest::nearest;
use crate::source::Span;
use crate::syntax::{self, Ident};

/// What the parts of one protocol need to know of each other.
pub(super) struct Context<'p> {
    pub(super) datagrams: bool,
    pub(super) roles: [&'p Ident; 2],
    pub(super) speaks: [Option<Speaks>; 2],
    pub(super) states: Vec<&'p Ident>,
    pub(super) vars: Vec<Var>,
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
        let pending = item.pending.as_ref().map_or(0, |pending| pending.max.value);
        let key = item.pending.as_ref().and_then(|pending| self.key(pending, &context));
        let reply_millis = self.reply_millis(item, context.datagrams);
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
                reply_millis,
                key,
                vars: context.vars,
                states,
                any,
            });
        }
    }

    /// The field that pairs replies with what they answer.
    fn key(&mut self, pending: &syntax::Pending, context: &Context<'_>) -> Option<Key> {
        let names =
            |path: &[Ident]| path.iter().map(|name| name.name.clone()).collect::<Vec<String>>();
        let spoken = context.speaks.iter().flatten();
        let frames: Vec<FrameId> =
            spoken.flat_map(|speaks| self.model.frames_of(speaks.ty)).collect();
        let unknown = pending.key.iter().find(|path| {
            let mut frames = frames.iter();
            !frames.any(|frame| self.model.key_at(*frame, &names(path)).is_some())
        });
        let path = unknown.or(pending.key.last())?;
        let (first, last) = (path.first()?, path.last()?);
        let span = first.span.to(last.span);
        let long = frames.iter().find_map(|frame| self.model.long_key(*frame, &names(path)));
        if let Some(long) = long.map(|field| field.span) {
            let message = format!("a text that pairs replies has at most {LONGEST_KEY} bytes");
            self.report(
                Diagnostic::new(Code::ExprType, long, message)
                    .label("may be longer")
                    .also(span, "replies would be paired by it")
                    .help(format!("say how many there may be: `run CLASS [1..={LONGEST_KEY}]`")),
            );
        } else if unknown.is_some() {
            let message =
                format!("no frame that is spoken has a number `{}`", names(path).join("."));
            self.report(
                Diagnostic::new(Code::Unknown, span, message)
                    .label("replies would be paired by it"),
            );
        }
        let within = match pending.key.as_slice() {
            [within, _] if frames.iter().any(|of| self.model.text_at(*of, &names(within))) => {
                self.unsupported(span, "a text within which another key counts");
                None
            }
            [within, _] => Some(names(within)),
            _ => None,
        };
        Some(Key { field: names(path), within, span })
    }

    /// How long a reply may take.
    fn reply_millis(&mut self, item: &syntax::Protocol, datagrams: bool) -> Option<u64> {
        let pending = item.pending.as_ref()?;
        let within = pending.within.as_ref()?;
        if !datagrams {
            let message =
                "a time limit of replies over a stream cannot be compiled by this version";
            self.report(
                Diagnostic::new(Code::Unsupported, within.span, message)
                    .help("say how long a state may last: `state NAME within 5 s else close`"),
            );
        } else if pending.key.is_empty() {
            let message = "replies in order cannot be forgotten: the next would be taken for them";
            self.report(
                Diagnostic::new(Code::AnyOrder, within.span, message)
                    .help("pair them by a field: `pending by id`"),
            );
        }
        Some(within.value)
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

    fn states(
        &mut self,
        item: &syntax::Protocol,
        context: &Context<'_>,
    ) -> (Vec<State>, Vec<Rule>) {
        let mut states: Vec<State> = Vec::new();
        let mut any = Vec::new();
        let mut except: Vec<StateId> = Vec::new();
        let mut seen_any: Option<Span> = None;
        let mut limit = None;
        for state in &item.states {
            let rules: Vec<Rule> =
                state.rules.iter().flat_map(|rule| self.rule(rule, context)).collect();
            let Some(name) = &state.name else {
                if seen_any.replace(state.span).is_some() {
                    self.unsupported(state.span, "a second `any state`");
                }
                limit = state.within.as_ref().map(|within| self.within(context, within));
                except.extend(state.except.iter().filter_map(|name| self.state(context, name)));
                any = rules;
                continue;
            };
            let within = state.within.as_ref().map(|within| self.within(context, within));
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
        for state in states.iter_mut().filter(|state| state.any) {
            state.within = state.within.or(limit);
        }
        (states, any)
    }

    fn within(&mut self, context: &Context<'_>, within: &syntax::Within) -> Within {
        let otherwise = within.otherwise.as_ref().and_then(|name| self.state(context, name));
        Within { millis: within.millis.value, otherwise }
    }

    pub(super) fn role(&mut self, context: &Context<'_>, name: &Ident) -> Option<Role> {
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

    pub(super) fn state(&mut self, context: &Context<'_>, name: &Ident) -> Option<StateId> {
        let found = context.states.iter().position(|state| state.name == name.name);
        if found.is_none() {
            let names = context.states.iter().map(|state| state.name.as_str());
            let close = nearest(&name.name, names);
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
}
