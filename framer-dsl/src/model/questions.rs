//! What the stages ask of a model.

use std::fmt;

use super::{
    Effect, Expr, ExprKind, FrameId, ListEnd, Member, Model, Protocol, Region, Role, Rule,
    StreamExtent, Type, TypeId,
};
use crate::source::Span;
use crate::syntax::BinaryOp;

/// How the end of a frame is found on a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Boundary<'m> {
    /// By its delimiter.
    Delimited(&'m Region),
    /// By the flag of its last element.
    Lines { element: TypeId, region: &'m Region, max: usize },
    /// It is not looked for: the payload is passed on as it comes.
    Stream(StreamExtent),
}

impl Model {
    /// The name of a type.
    #[must_use]
    pub(crate) fn name(&self, ty: TypeId) -> &str {
        match ty {
            TypeId::Frame(id) => &self.frames[id.0].name,
            TypeId::Choice(id) => &self.choices[id.0].name,
            TypeId::Values(id) => &self.values[id.0].name,
        }
    }

    /// Where the name of a type is declared.
    #[must_use]
    pub(crate) fn span(&self, ty: TypeId) -> Span {
        match ty {
            TypeId::Frame(id) => self.frames[id.0].span,
            TypeId::Choice(id) => self.choices[id.0].span,
            TypeId::Values(id) => self.values[id.0].span,
        }
    }

    /// The region of a type itself.
    #[must_use]
    pub(crate) fn region(&self, ty: TypeId) -> Option<&Region> {
        match ty {
            TypeId::Frame(id) => self.frames[id.0].region.as_ref(),
            TypeId::Choice(id) => self.choices[id.0].region.as_ref(),
            TypeId::Values(_) => None,
        }
    }

    /// The frames that a frame or choice can be.
    #[must_use]
    pub(crate) fn frames_of(&self, ty: TypeId) -> Vec<FrameId> {
        match ty {
            TypeId::Frame(frame) => vec![frame],
            TypeId::Choice(choice) => {
                let alternatives = self.choices[choice.0].alternatives.iter();
                alternatives.map(|alternative| alternative.frame).collect()
            }
            TypeId::Values(_) => Vec::new(),
        }
    }

    /// The types that a type is made of directly.
    #[must_use]
    pub(crate) fn parts(&self, ty: TypeId) -> Vec<TypeId> {
        let TypeId::Frame(frame) = ty else {
            return self.frames_of(ty).into_iter().map(TypeId::Frame).collect();
        };
        let fields = self.frames[frame.0].fields();
        fields
            .filter_map(|field| match &field.ty {
                Type::Named(id) | Type::Optional(id) => Some(*id),
                Type::List(list) => Some(list.element),
                _ => None,
            })
            .collect()
    }

    /// How the end of a frame of this type is found on a stream, if it can be.
    #[must_use]
    pub(crate) fn boundary(&self, ty: TypeId) -> Option<Boundary<'_>> {
        if let Some(region) = self.region(ty) {
            return Some(Boundary::Delimited(region));
        }
        let TypeId::Frame(frame) = ty else { return None };
        let frame = &self.frames[frame.0];
        if let Some(stream) = frame.stream() {
            return Some(Boundary::Stream(stream.extent));
        }
        let [Member::Field(field)] = frame.body.as_slice() else { return None };
        let Type::List(list) = &field.ty else { return None };
        let ListEnd::Flag { .. } = &list.end else { return None };
        let region = self.region(list.element)?;
        Some(Boundary::Lines { element: list.element, region, max: list.max })
    }
}

impl Protocol {
    /// Every rule, those of any state last.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.states.iter().flat_map(|state| &state.rules).chain(&self.any)
    }

    /// The role whose frames await replies; the first if none does.
    #[must_use]
    pub(crate) fn asker(&self) -> Role {
        self.rules().find(|rule| rule.arms.is_some()).map_or(Role::First, |rule| rule.role)
    }

    /// How each role's direction may be cut, the lasting ways first.
    #[must_use]
    pub(crate) fn framers(&self) -> Vec<(Role, TypeId)> {
        let roles = [Role::First, Role::Second];
        let mut framers = roles.map(|role| (role, self.speaks[role.index()].ty)).to_vec();
        for effect in self.rules().flat_map(Rule::all_effects) {
            if let Effect::Then { role, ty, .. } | Effect::Speaks { role, ty, .. } = effect
                && !framers.contains(&(*role, *ty))
            {
                framers.push((*role, *ty));
            }
        }
        framers
    }
}

impl Rule {
    /// Its effects and those of its arms.
    pub(crate) fn all_effects(&self) -> impl Iterator<Item = &Effect> {
        let arms = self.arms.iter().flatten().flat_map(|arm| &arm.effects);
        self.effects.iter().chain(arms)
    }
}

/// An expression as it would be written.
impl fmt::Display for Expr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Bool(value) => write!(formatter, "{value}"),
            ExprKind::Number(value) => write!(formatter, "{value}"),
            ExprKind::Field(name) => formatter.write_str(name),
            ExprKind::Not(inner) => write!(formatter, "!{inner}"),
            ExprKind::AnyStarts { list, text, literal } => {
                let literal = String::from_utf8_lossy(&literal.bytes);
                write!(formatter, "any {list}.{text} starts {literal:?}")
            }
            ExprKind::Binary { op, left, right } => {
                write!(formatter, "({left} {} {right})", symbol(*op))
            }
        }
    }
}

fn symbol(op: BinaryOp) -> &'static str {
    match op {
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
    }
}
