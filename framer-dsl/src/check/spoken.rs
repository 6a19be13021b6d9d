//! What a role speaks ends by itself, and its frames are sent by some rule.

use super::bounds;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Boundary, Effect, FrameId, MessageKind, Model, Protocol, Role, Rule, StreamExtent, Type, TypeId,
};
use crate::source::Span;

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    skipped(model, diagnostics);
    skipped_inside(model, diagnostics);
    for protocol in &model.protocols {
        for (role, ty) in protocol.framers() {
            boundary(model, protocol, role, ty, diagnostics);
        }
        for role in [Role::First, Role::Second] {
            sent(model, protocol, role, diagnostics);
            malformed(model, protocol, role, diagnostics);
        }
    }
}

/// Only a frame that is cut out of the stream by itself can be passed over.
fn skipped(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let framers: Vec<TypeId> =
        model.protocols.iter().flat_map(|p| p.framers()).map(|(_, ty)| ty).collect();
    for ty in model.order.iter().filter(|ty| !framers.contains(ty)) {
        if let Some(region) = model.region(*ty).filter(|region| region.skip) {
            let inside = model.order.iter().find(|other| model.parts(**other).contains(ty));
            if let Some(inside) = inside {
                diagnostics.push(
                    Diagnostic::new(
                        Code::Unsupported,
                        region.span,
                        "`skip` of a part of a frame cannot be compiled by this version",
                    )
                    .also(model.span(*inside), "the frame"),
                );
            }
        }
    }
}

/// The same of a payload that is not all of its frame.
fn skipped_inside(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for (place, frame) in model.frames.iter().enumerate() {
        let whole =
            matches!(model.boundary(TypeId::Frame(FrameId(place))), Some(Boundary::Coded { .. }));
        for field in frame.fields().filter(|_| !whole) {
            if let Type::Coded { skip: Some(span), .. } = field.ty {
                diagnostics.push(
                    Diagnostic::new(
                        Code::Unsupported,
                        span,
                        "`skip` of a part of a frame cannot be compiled by this version",
                    )
                    .also(frame.span, "the frame"),
                );
            }
        }
    }
}

/// Where a framer is asked for.
fn asked(protocol: &Protocol, role: Role, ty: TypeId) -> Span {
    let speaks = &protocol.speaks[role.index()];
    let effects = protocol.rules().flat_map(Rule::all_effects);
    let switch = effects.into_iter().find_map(|effect| match effect {
        Effect::Then { role: of, ty: to, span, .. } | Effect::Speaks { role: of, ty: to, span }
            if (*of, *to) == (role, ty) =>
        {
            Some(*span)
        }
        _ => None,
    });
    if speaks.ty == ty { speaks.span } else { switch.unwrap_or(protocol.span) }
}

fn boundary(
    model: &Model,
    protocol: &Protocol,
    role: Role,
    ty: TypeId,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let span = asked(protocol, role, ty);
    let name = model.name(ty);
    let mut frames = model.frames_of(ty).into_iter();
    let streams = frames.any(|frame| model.frames[frame.0].stream().is_some());
    if !model.params(ty).is_empty() && !streams {
        diagnostics.push(
            Diagnostic::new(
                Code::Unsupported,
                span,
                format!("`{name}` has parameters and is no stream, so it cannot be spoken"),
            )
            .also(model.span(ty), "declared here"),
        );
        return;
    }
    // One mistake is one message.
    if !protocol.datagrams && bounds::goes_nowhere(model, ty) {
        return;
    }
    let (message, help) = match protocol.datagrams {
        true => (
            format!("`{name}` is streamed, and a datagram comes as a whole"),
            "read it `to end`, without `stream`",
        ),
        false => (
            format!("nothing says where a `{name}` ends on the stream"),
            "give it a region, `in until DELIMITER max N`, or fields that say how long it is",
        ),
    };
    match model.boundary_in(protocol, ty) {
        None => diagnostics.push(
            Diagnostic::new(Code::NoBoundary, span, message)
                .label("cannot be cut out of the bytes")
                .also(model.span(ty), "declared here")
                .help(help),
        ),
        Some(Boundary::Stream(StreamExtent::Param { mask, .. }))
            if protocol.speaks[role.index()].ty == ty
                || model.params(ty).len() > 1 + usize::from(mask.is_some()) =>
        {
            diagnostics.push(Diagnostic::new(
                Code::Unsupported,
                span,
                "a payload of known length that is not switched to with its parameters",
            ));
        }
        Some(_) => {}
    }
}

/// Whether a message of `role` can be this frame.
fn means(protocol: &Protocol, role: Role, kind: MessageKind, frame: FrameId) -> bool {
    match kind {
        MessageKind::Frame(other) => other == frame,
        MessageKind::Value { .. } => protocol.speaks[role.index()].ty == TypeId::Frame(frame),
        MessageKind::Any => true,
        MessageKind::Malformed => false,
    }
}

/// Every frame that a role speaks is sent by some rule, or answers one.
fn sent(model: &Model, protocol: &Protocol, role: Role, diagnostics: &mut Vec<Diagnostic>) {
    for frame in model.frames_of(protocol.speaks[role.index()].ty) {
        let says = protocol.rules().filter(|rule| rule.role == role).any(|rule| {
            rule.messages.iter().any(|message| means(protocol, role, message.kind, frame))
        });
        let answers = protocol.rules().filter(|rule| rule.role != role).any(|rule| {
            let mut arms = rule.arms.iter().flatten();
            arms.any(|arm| means(protocol, role, arm.message.kind, frame))
        });
        if !says && !answers && !protocol.words(role).any(|word| word == frame) {
            let (of, role) = (&model.frames[frame.0], &protocol.roles[role.index()]);
            diagnostics.push(
                Diagnostic::new(
                    Code::NeverSent,
                    of.span,
                    format!("no rule lets the {role} send `{}`", of.name),
                )
                .label("would always be out of sequence")
                .help(format!("add a rule: `{role} {} => ...;`", of.name)),
            );
        }
    }
}

/// An over-long frame that is passed over needs a rule that says what comes of it.
fn malformed(model: &Model, protocol: &Protocol, role: Role, diagnostics: &mut Vec<Diagnostic>) {
    let is_malformed = |rule: &&Rule| {
        let mut messages = rule.messages.iter();
        rule.role == role && messages.any(|message| message.kind == MessageKind::Malformed)
    };
    let rule = protocol.rules().find(is_malformed);
    for (_, ty) in protocol.framers().into_iter().filter(|(of, _)| *of == role) {
        let region = model.region(ty).filter(|region| region.skip).map(|region| region.span);
        let coded = model.frames_of(ty).into_iter().find_map(|frame| {
            model.frames[frame.0].fields().find_map(|field| match field.ty {
                Type::Coded { skip, .. } => skip,
                _ => None,
            })
        });
        if let Some(span) = region.or(coded).filter(|_| rule.is_none()) {
            diagnostics.push(
                Diagnostic::new(
                    Code::Unanswered,
                    span,
                    "a frame may be passed over, but no rule says what comes of it",
                )
                .also(asked(protocol, role, ty), "spoken here")
                .help(format!("add a rule: `{} malformed => ...;`", protocol.roles[role.index()])),
            );
        }
    }
}
