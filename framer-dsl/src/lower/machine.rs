//! Protocols into machines: framers, kinds and states.

use super::rules::{Rules, place, same};
use super::variables::Variables;
use crate::ir::{Framer, Kind, KindOf, Machine, Shape, State};
use crate::model::{Expr, Frame, FrameId, MessageKind, Model, Protocol, Role, Rule, TypeId};

/// The longest payload of UDP over IPv4 (RFC 768, RFC 791): 65,535 bytes without both headers.
const MAX_DATAGRAM_BYTES: u64 = 65_507;

/// Lowers one protocol.
pub(super) fn lower(model: &Model, protocol: &Protocol) -> Machine {
    let framers: Vec<Framer> = protocol
        .framers()
        .into_iter()
        .map(|(role, ty)| framer(model, protocol, role, ty))
        .collect();
    let kinds = kinds(model, protocol, &framers);
    let variables = Variables::new(protocol);
    let mut rules = Rules::new(model, protocol, &framers, &kinds, &variables);
    let states = protocol
        .states
        .iter()
        .map(|state| State {
            docs: state.docs.clone(),
            name: state.name.clone(),
            span: state.span,
            within: state.within,
            rules: {
                let any = protocol.any.iter().filter(|_| state.any);
                let beside: Vec<&Rule> = state.rules.iter().chain(any).collect();
                state.rules.iter().flat_map(|rule| rules.lower(rule, &beside)).collect()
            },
            any: state.any,
        })
        .collect();
    let beside: Vec<&Rule> = protocol.any.iter().collect();
    let any = protocol.any.iter().flat_map(|rule| rules.lower(rule, &beside)).collect();
    let (layers, sites, tests) = rules.finish();
    Machine {
        docs: protocol.docs.clone(),
        name: protocol.name.clone(),
        datagrams: protocol.datagrams,
        roles: protocol.roles.clone(),
        speaks: [Role::First, Role::Second]
            .map(|role| place(&framers, role, protocol.speaks[role.index()].ty)),
        asks: [Role::First, Role::Second].map(|role| protocol.asks(role)),
        pending: protocol.pending,
        reply_millis: protocol.reply_millis,
        key: protocol.key.clone(),
        vars: variables.flags,
        numbers: variables.numbers,
        tests,
        framers,
        kinds,
        states,
        any,
        layers,
        sites,
    }
}

fn framer(model: &Model, protocol: &Protocol, role: Role, ty: TypeId) -> Framer {
    let speaks = &protocol.speaks[role.index()];
    let by = speaks.by.clone().filter(|_| speaks.ty == ty);
    let name = model.name(ty).to_owned();
    let boundary = model.boundary_in(protocol, ty);
    let boundary = boundary.unwrap_or_else(|| panic!("`{name}` has no boundary"));
    let shape = super::shape(boundary);
    let bound = match shape {
        Shape::Delimited(region) => region.max,
        Shape::Measured { max } | Shape::Coded { max, .. } => max,
        Shape::Datagram => MAX_DATAGRAM_BYTES,
        Shape::Lines { region, max, .. } => {
            region.max.saturating_mul(u64::try_from(max).unwrap_or(u64::MAX))
        }
        // What may have to be seen at once to tell an escape from its likeness.
        Shape::Stream(_) => 16,
    };
    let tail = match ty {
        TypeId::Frame(frame) => model.frames[frame.0].stream().map(|stream| stream.tail.clone()),
        _ => None,
    };
    Framer { role, ty, name, shape, tail: tail.unwrap_or_default(), bound, by }
}

fn kinds(model: &Model, protocol: &Protocol, framers: &[Framer]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for framer in framers {
        for frame in model.frames_of(framer.ty) {
            let known = kinds.iter().any(|k| k.role == framer.role && k.of == KindOf::Frame(frame));
            if !known {
                kinds.extend(kinds_of(model, protocol, framer.role, frame));
            }
        }
    }
    for role in [Role::First, Role::Second] {
        let mentioned = protocol.rules().any(|rule| {
            let mut messages = rule.messages.iter();
            rule.role == role && messages.any(|m| m.kind == MessageKind::Malformed)
        });
        if mentioned {
            let name = String::from("malformed");
            let label = name.clone();
            kinds.push(Kind { label, name, role, of: KindOf::Malformed, own: Vec::new() });
        }
    }
    kinds
}

/// What tells a kind from the others of its frame, in words.
fn label(frame: &Frame, own: &[(Expr, bool)]) -> String {
    let several = own.len() > 1;
    let mut label = frame.name.clone();
    for (guard, holds) in own {
        let named = frame.lets.iter().find(|of| same(&of.value, guard));
        let guard = named.map_or_else(|| guard.to_string(), |of| of.name.clone());
        match holds {
            true => label = format!("{label} if {guard}"),
            false if several => {}
            false => label = format!("{label} unless {guard}"),
        }
    }
    label
}

/// One kind for each answer of the guards over the frame's own fields.
fn kinds_of(model: &Model, protocol: &Protocol, role: Role, frame: FrameId) -> Vec<Kind> {
    let mut guards: Vec<Expr> = Vec::new();
    for guard in protocol.guards(role, frame) {
        if !guards.iter().any(|other| same(other, guard)) {
            guards.push(guard.clone());
        }
    }
    (0..1_u32 << guards.len())
        .map(|answers| {
            let own: Vec<(Expr, bool)> = guards
                .iter()
                .enumerate()
                .map(|(place, guard)| (guard.clone(), answers >> place & 1 == 1))
                .collect();
            let of = &model.frames[frame.0];
            let label = label(of, &own);
            Kind { label, name: of.name.clone(), role, of: KindOf::Frame(frame), own }
        })
        .collect()
}
