//! What fields are derived from, and what follows from that.

use super::{
    BitKind, Carrier, Element, Expr, ExprKind, Extent, Field, List, ListEnd, Member, Model, Part,
    Type, TypeId,
};
use crate::source::Span;
use crate::syntax::BinaryOp;

/// A field, alone or of bits, by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slot<'m> {
    Field(&'m Field),
    Bits(&'m super::BitField),
}

impl<'m> Slot<'m> {
    /// Where it stands.
    #[must_use]
    pub(crate) fn span(self) -> Span {
        match self {
            Slot::Field(field) => field.span,
            Slot::Bits(field) => field.span,
        }
    }

    /// What it is derived from.
    #[must_use]
    pub(crate) fn derived(self) -> Option<&'m Expr> {
        match self {
            Slot::Field(field) => field.derived.as_ref(),
            Slot::Bits(field) => field.derived.as_ref(),
        }
    }
}

/// The field of the name.
#[must_use]
pub(crate) fn slot<'m>(body: &'m [Member], name: &str) -> Option<Slot<'m>> {
    body.iter().find_map(|member| match member {
        Member::Field(field) if field.name == name => Some(Slot::Field(field)),
        Member::Bits(bits) => bits.fields.iter().find(|field| field.name == name).map(Slot::Bits),
        _ => None,
    })
}

/// Whether what was read is as the field says, whatever the input: nothing is left to check.
#[must_use]
pub(crate) fn implied(model: &Model, body: &[Member], name: &str, derived: &Expr) -> bool {
    let is_name = |expr: &Expr, added: i128| match affine(expr) {
        Some((ExprKind::Field(of), offset)) => of == name && offset == -added,
        _ => false,
    };
    let field_of = |wanted: &str| match slot(body, wanted) {
        Some(Slot::Field(field)) => Some(field),
        _ => None,
    };
    if let ExprKind::Some(of) = &derived.kind {
        let cond = field_of(of).and_then(|field| field.cond.as_ref());
        return cond.is_some_and(|cond| is_name(cond, 0));
    }
    if let ExprKind::Tag(of) = &derived.kind {
        let field = field_of(of);
        return field.and_then(|field| model.told(field)).is_some_and(|told| told == name);
    }
    match affine(derived) {
        Some((ExprKind::Len(Part::Rest), _)) => true,
        Some((ExprKind::Len(Part::Field(of)), added)) => {
            let Some(field) = field_of(of).filter(|field| field.cond.is_none()) else {
                return false;
            };
            match &field.ty {
                Type::Text { extent: Extent::Sized(length), .. }
                | Type::Named { length: Some(length), .. } => is_name(length, added),
                _ => false,
            }
        }
        Some((ExprKind::Count(of), added)) => match field_of(of).map(|field| &field.ty) {
            Some(Type::List(List { end: ListEnd::Count(count), .. })) => is_name(count, added),
            _ => false,
        },
        _ => matches!(derived.kind, ExprKind::Number(_) | ExprKind::Bool(_)),
    }
}

/// Whether an expression holds for what was written once the derived fields are right.
#[must_use]
pub(crate) fn written(body: &[Member], expr: &Expr, of: &ExprKind) -> bool {
    let Some((ExprKind::Field(name), offset)) = affine(expr) else { return false };
    let derived = slot(body, name).and_then(Slot::derived);
    match derived.and_then(affine) {
        Some((atom, added)) => atom == of && added == -offset,
        None => false,
    }
}

/// An expression as something and a number added to it.
fn affine(expr: &Expr) -> Option<(&ExprKind, i128)> {
    match &expr.kind {
        ExprKind::Binary { op, left, right } => {
            let ExprKind::Number(number) = right.kind else { return None };
            let (atom, offset) = affine(left)?;
            match op {
                BinaryOp::Add => Some((atom, offset + i128::from(number))),
                BinaryOp::Subtract => Some((atom, offset - i128::from(number))),
                _ => None,
            }
        }
        ExprKind::Bool(_) | ExprKind::Number(_) => None,
        atom => Some((atom, 0)),
    }
}

impl Model {
    /// What a field of a choice by a parameter is told apart by, by its name.
    #[must_use]
    pub(crate) fn told<'f>(&self, field: &'f Field) -> Option<&'f String> {
        match &field.ty {
            Type::Named { ty: TypeId::Choice(choice), args, .. } => {
                args.get(self.choices[choice.0].by.as_ref()?.param()?)
            }
            _ => None,
        }
    }

    /// Whether a derived expression can be told from the values alone, before they are written.
    #[must_use]
    pub(crate) fn early(&self, body: &[Member], expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Len(Part::Rest) | ExprKind::Checksum(..) => false,
            ExprKind::Len(Part::Field(name)) => self.countable_from(body, name, name),
            ExprKind::Len(Part::Fields(from, to)) => self.countable_from(body, from, to),
            ExprKind::Not(inner) => self.early(body, inner),
            ExprKind::Binary { left, right, .. } => {
                self.early(body, left) && self.early(body, right)
            }
            ExprKind::Field(name) => match slot(body, name).and_then(Slot::derived) {
                Some(derived) => self.early(body, derived),
                None => true,
            },
            _ => true,
        }
    }

    fn countable_from(&self, body: &[Member], from: &str, to: &str) -> bool {
        let part = span_of(body, from, to);
        !part.is_empty() && part.iter().all(|member| self.countable(member))
    }

    /// Whether the bytes of a member can be counted without writing it.
    #[must_use]
    pub(crate) fn countable(&self, member: &Member) -> bool {
        match member {
            Member::Param(_)
            | Member::Literal(_)
            | Member::Require { .. }
            | Member::Rest { .. } => true,
            Member::Open(_) | Member::Close(_) | Member::Skip(_) => false,
            Member::Bits(bits) => {
                let mut fields = bits.fields.iter();
                matches!(bits.carrier, Carrier::Fixed(_))
                    && fields.all(|field| !matches!(field.kind, BitKind::Tiered(_)))
            }
            Member::Field(field) => matches!(
                &field.ty,
                Type::Fixed(_)
                    | Type::Text { .. }
                    | Type::List(List { element: Element::Int { .. }, .. })
            ),
            Member::Stream(_) => false,
        }
    }
}

/// The members from one field to another.
#[must_use]
pub(crate) fn span_of<'m>(body: &'m [Member], from: &str, to: &str) -> &'m [Member] {
    let place = |name: &str| {
        body.iter().position(|member| match member {
            Member::Field(field) => field.name == name,
            Member::Bits(bits) => bits.fields.iter().any(|field| field.name == name),
            _ => false,
        })
    };
    match (place(from), place(to)) {
        (Some(from), Some(to)) => body.get(from..=to).unwrap_or_default(),
        _ => &[],
    }
}
