//! Expressions over the fields of one frame.

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Expr, ExprKind, Extent, Field, FrameId, Type, TypeId, VarId};
use crate::source::Span;
use crate::syntax::{self, BinaryOp};

/// What an expression can see.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// The frame whose fields may be named; `None` where there is none.
    pub(super) frame: Option<FrameId>,
    /// The variables of the protocol.
    pub(super) vars: &'s [crate::model::Var],
}

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    Bool,
    Number,
}

/// A guard, taken apart into what can be decided from the frame and from the variables.
#[derive(Default)]
pub(super) struct Guard {
    pub(super) own: Vec<Expr>,
    pub(super) vars: Vec<(VarId, bool)>,
}

impl Resolver {
    /// Resolves a guard: terms joined by `&&`.
    pub(super) fn guard(&mut self, guard: &syntax::Expr, scope: Scope<'_>) -> Guard {
        let mut parts = Guard::default();
        self.guard_term(guard, scope, &mut parts);
        parts
    }

    fn guard_term(&mut self, term: &syntax::Expr, scope: Scope<'_>, parts: &mut Guard) {
        use syntax::ExprKind as Kind;
        if let Kind::Binary { op: BinaryOp::And, left, right } = &term.kind {
            self.guard_term(left, scope, parts);
            self.guard_term(right, scope, parts);
            return;
        }
        let (inner, value) = match &term.kind {
            Kind::Not(inner) => (inner.as_ref(), false),
            _ => (term, true),
        };
        if let Kind::Path(path) = &inner.kind
            && let [name] = path.as_slice()
            && let Some(var) = scope.vars.iter().position(|var| var.name == name.name)
        {
            parts.vars.push((VarId(var), value));
        } else if let Some(expr) = self.expr_of(term, scope, Ty::Bool) {
            parts.own.push(expr);
        }
    }

    /// Resolves an expression that must have the type `wanted`.
    pub(super) fn expr_of(
        &mut self,
        expr: &syntax::Expr,
        scope: Scope<'_>,
        wanted: Ty,
    ) -> Option<Expr> {
        let (resolved, ty) = self.expr(expr, scope)?;
        if ty != wanted {
            let word = |ty| if ty == Ty::Bool { "true or false" } else { "a number" };
            self.report(
                Diagnostic::new(
                    Code::ExprType,
                    expr.span,
                    format!("this is {}, where {} is needed", word(ty), word(wanted)),
                )
                .label(format!("must be {}", word(wanted))),
            );
            return None;
        }
        Some(resolved)
    }

    fn expr(&mut self, expr: &syntax::Expr, scope: Scope<'_>) -> Option<(Expr, Ty)> {
        use syntax::ExprKind as Kind;
        let (kind, ty) = match &expr.kind {
            Kind::Bool(value) => (ExprKind::Bool(*value), Ty::Bool),
            Kind::Number(value) => (ExprKind::Number(*value), Ty::Number),
            Kind::Not(inner) => {
                let inner = self.expr_of(inner, scope, Ty::Bool)?;
                (ExprKind::Not(Box::new(inner)), Ty::Bool)
            }
            Kind::Binary { op, left, right } => self.binary(*op, left, right, scope, expr.span)?,
            Kind::Path(path) => match path.as_slice() {
                [name] => {
                    let field = self.field_of(scope, name)?;
                    let ty = match field.ty {
                        Type::Number(_) | Type::Fixed { .. } => Ty::Number,
                        Type::Flag { .. } => Ty::Bool,
                        _ => {
                            return self.expr_unsupported(name.span, "this field in an expression");
                        }
                    };
                    (ExprKind::Field(name.name.clone()), ty)
                }
                _ => return self.expr_unsupported(expr.span, "a field of a field"),
            },
            Kind::AnyStarts { path, literal } => {
                let [list, text] = path.as_slice() else {
                    return self.expr_unsupported(expr.span, "`any` over a longer path");
                };
                self.check_any(scope, list, text)?;
                let literal = self.literal(literal);
                let (list, text) = (list.name.clone(), text.name.clone());
                (ExprKind::AnyStarts { list, text, literal }, Ty::Bool)
            }
            Kind::Literal(_) => return self.expr_unsupported(expr.span, "a text in an expression"),
            Kind::Call { .. } => return self.expr_unsupported(expr.span, "a function"),
            Kind::Fields { .. } => return self.expr_unsupported(expr.span, "a span of fields"),
        };
        Some((Expr { kind }, ty))
    }

    fn expr_unsupported<T>(&mut self, span: Span, what: &str) -> Option<T> {
        self.unsupported(span, what);
        None
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        left: &syntax::Expr,
        right: &syntax::Expr,
        scope: Scope<'_>,
        span: Span,
    ) -> Option<(ExprKind, Ty)> {
        let operands = match op {
            BinaryOp::Or | BinaryOp::And => Ty::Bool,
            BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual => Ty::Number,
            _ => return self.expr_unsupported(span, "arithmetic"),
        };
        let left = self.expr_of(left, scope, operands);
        let right = self.expr_of(right, scope, operands);
        let (left, right) = (Box::new(left?), Box::new(right?));
        Some((ExprKind::Binary { op, left, right }, Ty::Bool))
    }

    /// The field of the frame in scope, or one that a list of the frame shares with it.
    fn field_of(&mut self, scope: Scope<'_>, name: &syntax::Ident) -> Option<Field> {
        let field = scope.frame.and_then(|frame| {
            let frame = self.model.frames.get(frame.0)?;
            frame.fields().find(|field| field.name == name.name).cloned()
        });
        if field.is_none() {
            let message = match scope.frame.and_then(|frame| self.model.frames.get(frame.0)) {
                Some(frame) => format!("`{}` has no field `{}`", frame.name, name.name),
                None => format!("no frame is at hand whose field `{}` could be", name.name),
            };
            self.report(Diagnostic::new(Code::Unknown, name.span, message).label("no such field"));
        }
        field
    }

    /// `any list.text`: a list of the frame, and a text of its elements.
    fn check_any(
        &mut self,
        scope: Scope<'_>,
        list: &syntax::Ident,
        text: &syntax::Ident,
    ) -> Option<()> {
        let Type::List(of) = self.field_of(scope, list)?.ty else {
            return self.expr_unsupported(list.span, "`any` over what is no list");
        };
        let TypeId::Frame(element) = of.element else {
            return self.expr_unsupported(list.span, "`any` over a list of choices");
        };
        let inside = Scope { frame: Some(element), vars: &[] };
        match self.field_of(inside, text)?.ty {
            Type::Text {
                extent: Extent::Run { .. } | Extent::ToEnd | Extent::Exactly(_), ..
            } => Some(()),
            _ => self.expr_unsupported(text.span, "`starts` on what is no text"),
        }
    }
}
