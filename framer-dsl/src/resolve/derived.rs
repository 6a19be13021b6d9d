//! What fields are derived from.

use super::Resolver;
use super::expr::{Scope, Ty};
use super::members::number_bounds;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    BitKind, Expr, ExprKind, Fixed, Member, Part, Type, TypeId, ValuesId, ValuesKind,
};
use crate::source::Span;
use crate::syntax::{self, Ident};

impl Resolver {
    /// Gives the fields what they are derived from.
    pub(super) fn derive(&mut self, body: &[syntax::Member], members: &mut Vec<Member>) {
        for member in body {
            match member {
                syntax::Member::Field(field) => {
                    let Some(expr) = &field.derived else { continue };
                    self.derive_field(&field.name, expr, members);
                }
                syntax::Member::Group { body, .. } => self.derive(body, members),
                syntax::Member::Bits(group) => {
                    for field in &group.fields {
                        let Some(expr) = &field.derived else { continue };
                        self.derive_bits(&field.name, expr, members);
                    }
                }
                _ => {}
            }
        }
    }

    fn derive_field(&mut self, name: &Ident, expr: &syntax::Expr, members: &mut Vec<Member>) {
        let found = members
            .iter()
            .position(|member| matches!(member, Member::Field(field) if field.name == name.name));
        let Some(place) = found else { return };
        let Some(derived) = self.derived(name, expr, members) else { return };
        let rest = rest_of(&derived);
        let before = members.get(..place).unwrap_or_default();
        let opened = before.iter().filter(|member| matches!(member, Member::Open(_))).count();
        let closed = before.iter().filter(|member| matches!(member, Member::Close(_))).count();
        if rest.is_some() && opened > closed {
            return self.unsupported(expr.span, "the length of the rest of a region");
        }
        let Some(Member::Field(field)) = members.get(place) else { return };
        let number = match field.ty {
            Type::Named { ty: TypeId::Values(values), .. } => {
                match self.derived_value(values, name, &derived, expr.span) {
                    Some(number) => Some(number),
                    None => return,
                }
            }
            _ => None,
        };
        let Some(Member::Field(field)) = members.get_mut(place) else { return };
        // It is no field in Rust, so nothing sees more of it than its number.
        field.ty = number.map_or(field.ty.clone(), Type::Fixed);
        if let ExprKind::Number(constant) = derived.kind
            && let Some((low, high)) = number_bounds(&mut field.ty)
        {
            if (*low..=*high).contains(&constant) {
                (*low, *high) = (constant, constant);
            } else {
                let message = format!("`{}` cannot be {constant}", name.name);
                self.report(Diagnostic::new(Code::EmptyRange, expr.span, message));
            }
        }
        let Some(Member::Field(field)) = members.get_mut(place) else { return };
        field.derived = Some(derived);
        if let Some(rest) = rest {
            let length = rest.length(&name.name);
            members.insert(place + 1, Member::Rest { length, span: expr.span });
        }
    }

    fn derive_bits(&mut self, name: &Ident, expr: &syntax::Expr, members: &mut [Member]) {
        let Some(derived) = self.derived(name, expr, members) else { return };
        if rest_of(&derived).is_some() {
            self.unsupported(expr.span, "the length of the rest in bits");
            return;
        }
        for member in members.iter_mut() {
            let Member::Bits(bits) = member else { continue };
            let found = bits.fields.iter_mut().find(|field| field.name == name.name);
            let Some(field) = found else { continue };
            let largest = u64::MAX >> (64 - field.width);
            if let BitKind::Values(values) = field.kind
                && self.derived_value(values, name, &derived, expr.span).is_none()
            {
                return;
            }
            match (&mut field.kind, &derived.kind) {
                (_, ExprKind::Number(constant)) if *constant > largest => {
                    let message = format!("`{}` cannot be {constant}", name.name);
                    self.report(Diagnostic::new(Code::EmptyRange, expr.span, message));
                }
                (BitKind::Number { low, high }, ExprKind::Number(constant)) => {
                    (*low, *high) = (*constant, *constant);
                }
                _ => {}
            }
            field.derived = Some(derived);
            return;
        }
    }

    /// The number that a choice of values is on the wire, where what it is derived from is always
    /// one of them.
    fn derived_value(
        &mut self,
        values: ValuesId,
        name: &Ident,
        derived: &Expr,
        span: Span,
    ) -> Option<Fixed> {
        let of = self.model.values.get(values.0)?;
        let ValuesKind::Numbers { int, little, values, other } = &of.kind else { return None };
        let (int, little) = (*int, *little);
        if other.is_none() {
            let constant = match derived.kind {
                ExprKind::Number(constant) => constant,
                _ => return self.refuse(span, "a derived value of a choice without a catch-all"),
            };
            if !values.iter().any(|value| value.value == constant) {
                let message = format!("`{}` cannot be {constant}", name.name);
                let label = format!("no value of `{}`", of.name);
                let place = of.span;
                self.report(
                    Diagnostic::new(Code::EmptyRange, span, message)
                        .label(label)
                        .also(place, "declared here"),
                );
                return None;
            }
        }
        Some(Fixed { int, little, low: 0, high: int.max() })
    }

    /// What a field is derived from, of the type that it has.
    fn derived(&mut self, name: &Ident, expr: &syntax::Expr, members: &[Member]) -> Option<Expr> {
        let wanted = match self.model.sight(members, &name.name)? {
            crate::model::Sight::Flag => Ty::Bool,
            crate::model::Sight::Number(_) => Ty::Number,
            crate::model::Sight::Hidden => {
                self.unsupported(expr.span, "a derived field of this type");
                return None;
            }
        };
        let scope = Scope { derived: true, ..Scope::members(members) };
        if let (Ty::Bool, syntax::ExprKind::Number(bit @ 0..=1)) = (wanted, &expr.kind) {
            return Some(Expr { kind: ExprKind::Bool(*bit == 1) });
        }
        self.expr_of(expr, scope, wanted)
    }
}

/// A length of the rest, and what is counted with it or not.
struct Rest {
    /// Bytes of the value that are not of the rest.
    added: u64,
    /// Bytes of the rest that are not of the value.
    taken: u64,
}

impl Rest {
    /// How many bytes the rest has, by the field.
    fn length(&self, field: &str) -> Expr {
        let value = Expr { kind: ExprKind::Field(field.to_owned()) };
        let (op, other) = match (self.added, self.taken) {
            (0, 0) => return value,
            (0, taken) => (syntax::BinaryOp::Add, taken),
            (added, _) => (syntax::BinaryOp::Subtract, added),
        };
        let right = Box::new(Expr { kind: ExprKind::Number(other) });
        Expr { kind: ExprKind::Binary { op, left: Box::new(value), right } }
    }
}

/// Whether an expression is the length of the rest: `len(rest)`, `len(rest) + N` or `len(rest) - N`.
fn rest_of(expr: &Expr) -> Option<Rest> {
    let is_rest = |expr: &Expr| matches!(expr.kind, ExprKind::Len(Part::Rest));
    match &expr.kind {
        _ if is_rest(expr) => Some(Rest { added: 0, taken: 0 }),
        ExprKind::Binary { op, left, right } if is_rest(left) => match (op, &right.kind) {
            (syntax::BinaryOp::Add, ExprKind::Number(added)) => {
                Some(Rest { added: *added, taken: 0 })
            }
            (syntax::BinaryOp::Subtract, ExprKind::Number(taken)) => {
                Some(Rest { added: 0, taken: *taken })
            }
            _ => None,
        },
        _ => None,
    }
}
