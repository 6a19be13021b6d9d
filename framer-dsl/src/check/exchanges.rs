//! Every reply has an arm, and what an effect computes has a frame to compute it from.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Arm, Effect, FrameId, MessageKind, Model, Protocol, Role, Rule, Target, TypeId,
};

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for protocol in &model.protocols {
        for rule in protocol.rules() {
            words(rule, diagnostics);
            waits(protocol, rule, diagnostics);
            arguments(model, protocol, rule, diagnostics);
            let Some(arms) = &rule.arms else { continue };
            if let Some(missing) = missing(model, protocol, rule.role.peer(), arms) {
                diagnostics.push(
                    Diagnostic::new(
                        Code::Unanswered,
                        rule.span,
                        format!("no arm takes the reply {missing}"),
                    )
                    .label("would be left without an answer")
                    .help("add an arm for it, or `_ => ...` for all that are left"),
                );
            }
        }
    }
}

/// Words of a rule that mean something only where a reply is awaited.
fn words(rule: &Rule, diagnostics: &mut Vec<Diagnostic>) {
    if rule.sync && rule.arms.is_none() {
        diagnostics.push(
            Diagnostic::new(Code::Unanswered, rule.span, "`sync` without a reply to wait for")
                .label("awaits nothing")
                .help("add `awaits { ... }`, or take `sync` away"),
        );
    }
    if rule.target == Target::Again {
        diagnostics.push(
            Diagnostic::new(Code::WrongSort, rule.span, "`again` is the target of an arm")
                .label("there is no reply that another could follow"),
        );
    }
}

/// What waits for the other side is announced by the frame that it belongs to.
fn waits(protocol: &Protocol, rule: &Rule, diagnostics: &mut Vec<Diagnostic>) {
    let of_arms = rule.arms.iter().flatten().flat_map(|arm| &arm.effects);
    let other = rule.effects.iter().filter(|effect| match effect {
        Effect::Then { role, .. } => *role != rule.role,
        _ => false,
    });
    for effect in of_arms.chain(other) {
        if let Effect::Then { after: Some(_), span, .. } = effect {
            let role = &protocol.roles[rule.role.index()];
            diagnostics.push(
                Diagnostic::new(
                    Code::WrongSort,
                    *span,
                    "only what a frame announces of its own direction waits for the other side",
                )
                .label("`after` has no meaning here")
                .help(format!("say it behind the arrow of the rule, of the {role}")),
            );
        }
    }
}

/// Arguments are computed from one frame.
fn arguments(model: &Model, protocol: &Protocol, rule: &Rule, diagnostics: &mut Vec<Diagnostic>) {
    let one_of = |role: Role, kinds: &[MessageKind]| match kinds {
        [MessageKind::Frame(_)] => true,
        [MessageKind::Malformed] => false,
        [_] => model.frames_of(protocol.speaks[role.index()].ty).len() == 1,
        _ => false,
    };
    let kinds: Vec<MessageKind> = rule.messages.iter().map(|message| message.kind).collect();
    let own = rule.effects.iter().map(|effect| (effect, one_of(rule.role, &kinds)));
    let arms = rule.arms.iter().flatten().flat_map(|arm| {
        let one = one_of(rule.role.peer(), &[arm.message.kind]);
        arm.effects.iter().map(move |effect| (effect, one))
    });
    for (effect, one) in own.chain(arms) {
        if let Effect::Then { args, span, .. } = effect
            && !args.is_empty()
            && !one
        {
            diagnostics.push(
                Diagnostic::new(
                    Code::Unsupported,
                    *span,
                    "arguments where it may be any frame cannot be compiled by this version",
                )
                .help("name the frames"),
            );
        }
    }
}

/// A reply that no arm takes.
fn missing(model: &Model, protocol: &Protocol, role: Role, arms: &[Arm]) -> Option<String> {
    // An arm with a guard leaves the others of its frame to the next.
    let arms: Vec<&Arm> =
        arms.iter().filter(|arm| arm.own.is_empty() && arm.vars.is_empty()).collect();
    if arms.iter().any(|arm| arm.message.kind == MessageKind::Any) {
        return None;
    }
    let speaks = &protocol.speaks[role.index()];
    let frames = model.frames_of(speaks.ty);
    let of = |arm: &Arm, frame: FrameId| arm.message.kind == MessageKind::Frame(frame);
    let elsewhere = |frame: FrameId| {
        protocol.rules().any(|rule| match &rule.arms {
            _ if rule.role == role => {
                rule.messages.iter().any(|message| message.kind == MessageKind::Frame(frame))
            }
            Some(arms) => arms.iter().any(|arm| of(arm, frame)),
            None => false,
        })
    };
    // Where both sides ask, or replies come in any order, others are none of this one.
    let several = protocol.key.is_some() || protocol.asks(role);
    // What only lets a payload come answers nothing.
    let word = |frame: FrameId| protocol.words(role).any(|word| word == frame);
    let unnamed = frames.iter().find(|frame| {
        let named = arms.iter().any(|arm| of(arm, **frame));
        !(named || word(**frame) || several && elsewhere(**frame))
    })?;
    let (mut low, high) = match (&speaks.by, speaks.ty) {
        (Some(by), TypeId::Frame(frame)) => model.number_in(frame, by)?,
        _ => return Some(format!("`{}`", model.frames[unnamed.0].name)),
    };
    // The first value behind those that arms take, from the smallest on.
    loop {
        let taken = arms.iter().find_map(|arm| match arm.message.kind {
            MessageKind::Value { low: from, high: to } if from <= low && low <= to => Some(to),
            _ => None,
        });
        match taken {
            None => return Some(low.to_string()),
            Some(to) if to >= high => return None,
            Some(to) => low = to + 1,
        }
    }
}
