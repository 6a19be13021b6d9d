//! Protocols into machines: framers, kinds and states.

use super::rules::Rules;
use crate::ir::{Framer, Kind, KindOf, Machine, Region, Shape, State, Var};
use crate::model::{
    Effect, Expr, FrameId, Member, MessageKind, Model, Protocol, Role, Rule, Type, TypeId,
};

/// Lowers one protocol.
pub(super) fn lower(model: &Model, protocol: &Protocol) -> Machine {
    let framers = framers(model, protocol);
    let kinds = kinds(model, protocol, &framers);
    let mut rules = Rules::new(protocol, &framers, &kinds);
    let states = protocol
        .states
        .iter()
        .map(|state| State {
            docs: state.docs.clone(),
            name: state.name.clone(),
            within: state.within,
            rules: state.rules.iter().flat_map(|rule| rules.lower(rule)).collect(),
            any: state.any,
        })
        .collect();
    let any = protocol.any.iter().flat_map(|rule| rules.lower(rule)).collect();
    let (layers, sites) = rules.finish();
    Machine {
        docs: protocol.docs.clone(),
        name: protocol.name.clone(),
        roles: protocol.roles.clone(),
        speaks: [Role::First, Role::Second]
            .map(|role| place(&framers, role, protocol.speaks[role.index()].ty)),
        asker: asker(protocol),
        pending: protocol.pending,
        vars: protocol
            .vars
            .iter()
            .map(|var| Var { docs: var.docs.clone(), name: var.name.clone(), initial: var.initial })
            .collect(),
        framers,
        kinds,
        states,
        any,
        layers,
        sites,
    }
}

/// Every rule of a protocol, those of any state last.
pub(crate) fn all_rules(protocol: &Protocol) -> impl Iterator<Item = &Rule> {
    protocol.states.iter().flat_map(|state| &state.rules).chain(&protocol.any)
}

/// Every effect of a rule, its arms' included.
pub(crate) fn all_effects(rule: &Rule) -> impl Iterator<Item = &Effect> {
    let arms = rule.arms.iter().flatten().flat_map(|arm| &arm.effects);
    rule.effects.iter().chain(arms)
}

/// The role whose frames await replies; the first if none does.
pub(crate) fn asker(protocol: &Protocol) -> Role {
    all_rules(protocol).find(|rule| rule.arms.is_some()).map_or(Role::First, |rule| rule.role)
}

/// The place of a framer.
pub(super) fn place(framers: &[Framer], role: Role, ty: TypeId) -> usize {
    let found = framers.iter().position(|framer| framer.role == role && framer.ty == ty);
    found.unwrap_or_else(|| panic!("no framer for {ty:?}"))
}

fn framers(model: &Model, protocol: &Protocol) -> Vec<Framer> {
    let mut wanted: Vec<(Role, TypeId)> =
        [Role::First, Role::Second].map(|role| (role, protocol.speaks[role.index()].ty)).to_vec();
    for effect in all_rules(protocol).flat_map(all_effects) {
        if let Effect::Then { role, ty, .. } | Effect::Speaks { role, ty, .. } = effect
            && !wanted.contains(&(*role, *ty))
        {
            wanted.push((*role, *ty));
        }
    }
    wanted.into_iter().map(|(role, ty)| framer(model, protocol, role, ty)).collect()
}

fn framer(model: &Model, protocol: &Protocol, role: Role, ty: TypeId) -> Framer {
    let speaks = &protocol.speaks[role.index()];
    let by = speaks.by.clone().filter(|_| speaks.ty == ty);
    let name = match ty {
        TypeId::Frame(frame) => model.frames[frame.0].name.clone(),
        TypeId::Choice(choice) => model.choices[choice.0].name.clone(),
        TypeId::Values(values) => model.values[values.0].name.clone(),
    };
    let shape = shape(model, ty).unwrap_or_else(|| panic!("`{name}` has no boundary"));
    let bound = match shape {
        Shape::Delimited(region) => region.max,
        Shape::Lines { region, max, .. } => {
            region.max.saturating_mul(u64::try_from(max).unwrap_or(u64::MAX))
        }
        // What may have to be seen at once to tell an escape from its likeness.
        Shape::Stream(_) => 16,
    };
    Framer { role, ty, name, shape, bound, by }
}

/// How the end of a frame of this type is found on a stream, if it can be.
pub(crate) fn shape(model: &Model, ty: TypeId) -> Option<Shape> {
    let lower = |region: &crate::model::Region| Region {
        delimiter: region.delimiter,
        max: region.max,
        skip: region.skip,
    };
    let frame = match ty {
        TypeId::Choice(choice) => {
            return model.choices[choice.0].region.as_ref().map(|r| Shape::Delimited(lower(r)));
        }
        TypeId::Values(_) => return None,
        TypeId::Frame(frame) => &model.frames[frame.0],
    };
    if let Some(stream) = frame.stream() {
        return Some(Shape::Stream(stream.extent));
    }
    if let Some(region) = &frame.region {
        return Some(Shape::Delimited(lower(region)));
    }
    let [Member::Field(field)] = frame.body.as_slice() else { return None };
    let Type::List(list) = &field.ty else { return None };
    let (TypeId::Frame(element), crate::model::ListEnd::Flag { .. }) = (list.element, &list.end)
    else {
        return None;
    };
    let region = lower(model.frames[element.0].region.as_ref()?);
    Some(Shape::Lines { element: list.element, region, max: list.max })
}

/// The frames that a framer can yield.
pub(crate) fn frames_of(model: &Model, ty: TypeId) -> Vec<FrameId> {
    match ty {
        TypeId::Frame(frame) => vec![frame],
        TypeId::Choice(choice) => model.choices[choice.0]
            .alternatives
            .iter()
            .map(|alternative| alternative.frame)
            .collect(),
        TypeId::Values(_) => Vec::new(),
    }
}

fn kinds(model: &Model, protocol: &Protocol, framers: &[Framer]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for framer in framers {
        for frame in frames_of(model, framer.ty) {
            let known = kinds.iter().any(|k| k.role == framer.role && k.of == KindOf::Frame(frame));
            if !known {
                kinds.extend(kinds_of(model, protocol, framer.role, frame));
            }
        }
    }
    for role in [Role::First, Role::Second] {
        let mentioned = all_rules(protocol).any(|rule| {
            let mut messages = rule.messages.iter();
            rule.role == role && messages.any(|m| m.kind == MessageKind::Malformed)
        });
        if mentioned {
            let name = String::from("malformed");
            kinds.push(Kind { name, role, of: KindOf::Malformed, own: Vec::new() });
        }
    }
    kinds
}

/// One kind for each answer of the guards over the frame's own fields.
fn kinds_of(model: &Model, protocol: &Protocol, role: Role, frame: FrameId) -> Vec<Kind> {
    let mut guards: Vec<Expr> = Vec::new();
    for rule in all_rules(protocol).filter(|rule| rule.role == role) {
        let fires = rule.messages.iter().any(|m| m.kind == MessageKind::Frame(frame));
        for guard in rule.own.iter().filter(|_| fires) {
            if !guards.iter().any(|other| same(other, guard)) {
                guards.push(guard.clone());
            }
        }
    }
    (0..1_u32 << guards.len())
        .map(|answers| {
            let own: Vec<(Expr, bool)> = guards
                .iter()
                .enumerate()
                .map(|(place, guard)| (guard.clone(), answers >> place & 1 == 1))
                .collect();
            let mut name = model.frames[frame.0].name.clone();
            for (guard, holds) in &own {
                let word = if *holds { "if" } else { "unless" };
                name = format!("{name} {word} {}", text(guard));
            }
            Kind { name, role, of: KindOf::Frame(frame), own }
        })
        .collect()
}

/// Whether two expressions are written alike.
pub(super) fn same(left: &Expr, right: &Expr) -> bool {
    text(left) == text(right)
}

/// An expression as it would be written.
pub(crate) fn text(expr: &Expr) -> String {
    use crate::model::ExprKind;
    use crate::syntax::BinaryOp;
    match &expr.kind {
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Number(value) => value.to_string(),
        ExprKind::Field(name) => name.clone(),
        ExprKind::Not(inner) => format!("!{}", text(inner)),
        ExprKind::AnyStarts { list, text, literal } => {
            let literal = String::from_utf8_lossy(&literal.bytes);
            format!("any {list}.{text} starts {literal:?}")
        }
        ExprKind::Binary { op, left, right } => {
            let op = match op {
                BinaryOp::Or => "||",
                BinaryOp::And => "&&",
                BinaryOp::Equal => "==",
                BinaryOp::NotEqual => "!=",
                BinaryOp::Less => "<",
                BinaryOp::LessEqual => "<=",
                BinaryOp::Greater => ">",
                BinaryOp::GreaterEqual => ">=",
                BinaryOp::Add => "+",
                BinaryOp::Subtract => "-",
                BinaryOp::Multiply => "*",
                BinaryOp::Divide => "/",
                BinaryOp::Remainder => "%",
                BinaryOp::BitAnd => "&",
                BinaryOp::BitOr => "|",
                BinaryOp::ShiftLeft => "<<",
                BinaryOp::ShiftRight => ">>",
            };
            format!("({} {op} {})", text(left), text(right))
        }
    }
}
