//! Expressions over the fields of one frame.

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Ask, Expr, ExprKind, FrameId, Member, Part, Path, Sight, Type, TypeId, ValuesKind,
};
use crate::source::Span;
use crate::syntax::{self, BinaryOp};

/// What an expression can see.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// The frame whose fields may be named; `None` where there is none.
    pub(super) frame: Option<FrameId>,
    /// Those of a frame that is not whole yet.
    pub(super) members: &'s [Member],
    /// The variables of the protocol.
    pub(super) vars: &'s [crate::model::Var],
    /// Whether it makes a field out of others.
    pub(super) derived: bool,
}

impl<'s> Scope<'s> {
    /// The fields of a frame that is not whole yet.
    pub(super) fn members(members: &'s [Member]) -> Scope<'s> {
        Scope { frame: None, members, vars: &[], derived: false }
    }

    /// The fields of a frame of a protocol, if there is one, and its variables.
    pub(super) fn frame(frame: Option<FrameId>, vars: &'s [crate::model::Var]) -> Scope<'s> {
        Scope { frame, members: &[], vars, derived: false }
    }
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
    pub(super) vars: Vec<(Ask, bool)>,
}

impl Resolver {
    /// Resolves a guard: terms joined by `&&`.
    pub(super) fn guard(&mut self, guard: &syntax::Expr, scope: Scope<'_>) -> Guard {
        let mut parts = Guard::default();
        self.guard_term(guard, scope, &mut parts);
        parts
    }

    pub(super) fn guard_term(&mut self, term: &syntax::Expr, scope: Scope<'_>, parts: &mut Guard) {
        use syntax::ExprKind as Kind;
        if let Kind::Binary { op: BinaryOp::And, left, right } = &term.kind {
            self.guard_term(left, scope, parts);
            self.guard_term(right, scope, parts);
            return;
        }
        if self.ask(term, true, scope, parts).is_none()
            && let Some(expr) = self.expr_of(term, scope, Ty::Bool)
        {
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

    pub(super) fn expr(&mut self, expr: &syntax::Expr, scope: Scope<'_>) -> Option<(Expr, Ty)> {
        use syntax::ExprKind as Kind;
        let (kind, ty) = match &expr.kind {
            Kind::Bool(value) => (ExprKind::Bool(*value), Ty::Bool),
            Kind::Number(value) => (ExprKind::Number(*value), Ty::Number),
            Kind::Not(inner) => {
                let inner = self.expr_of(inner, scope, Ty::Bool)?;
                (ExprKind::Not(Box::new(inner)), Ty::Bool)
            }
            Kind::Binary { op, left, right } if matches!(right.kind, Kind::Literal(_)) => {
                let is = self.is(left, right, scope)?;
                match op {
                    BinaryOp::Equal => (is, Ty::Bool),
                    BinaryOp::NotEqual => (ExprKind::Not(Box::new(Expr { kind: is })), Ty::Bool),
                    _ => return self.expr_unsupported(expr.span, "this of a text"),
                }
            }
            Kind::Binary { op, left, right } => self.binary(*op, left, right, scope, expr.span)?,
            Kind::Path(path) => match path.as_slice() {
                [name] => self.field_value(scope, name)?,
                [values, value] if self.names_type(path) => {
                    (ExprKind::Number(self.value(values, value)?), Ty::Number)
                }
                path => self.first(path, expr.span, scope)?,
            },
            Kind::Text { any, path, how, literal } => {
                (self.text_test(*any, path, *how, literal, expr.span, scope)?, Ty::Bool)
            }
            Kind::Literal(_) => return self.expr_unsupported(expr.span, "a text in an expression"),
            Kind::Call { function, args } => self.call(function, args, scope)?,
            Kind::Fields { .. } => return self.expr_unsupported(expr.span, "a span of fields"),
        };
        Some((Expr { kind }, ty))
    }

    pub(super) fn expr_unsupported<T>(&mut self, span: Span, what: &str) -> Option<T> {
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
            _ => Ty::Number,
        };
        if let Some(path) = self.may_lack(op, left, scope) {
            let right = Box::new(self.expr_of(right, scope, Ty::Number)?);
            return Some((ExprKind::Compare { path, op, right }, Ty::Bool));
        }
        let left = self.expr_of(left, scope, operands);
        let right = self.expr_of(right, scope, operands);
        let (left, right) = (Box::new(left?), Box::new(right?));
        let ty = match op {
            BinaryOp::Add
            | BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide
            | BinaryOp::Remainder
            | BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight => Ty::Number,
            _ => Ty::Bool,
        };
        let kind = ExprKind::Binary { op, left, right };
        self.total(&kind, ty, scope, span)?;
        Some((kind, ty))
    }

    /// The way to what is compared, if it is a number that may be missing.
    fn may_lack(&mut self, op: BinaryOp, left: &syntax::Expr, scope: Scope<'_>) -> Option<Path> {
        let compares = matches!(
            op,
            BinaryOp::Equal
                | BinaryOp::NotEqual
                | BinaryOp::Less
                | BinaryOp::LessEqual
                | BinaryOp::Greater
                | BinaryOp::GreaterEqual
        );
        let syntax::ExprKind::Path(path) = &left.kind else { return None };
        if compares { self.lacking(path, scope) } else { None }
    }

    /// The value of a field.
    fn field_value(&mut self, scope: Scope<'_>, name: &syntax::Ident) -> Option<(ExprKind, Ty)> {
        let named = match scope.frame {
            Some(frame) => self.model.frames.get(frame.0).map(|frame| &frame.lets),
            None => Some(&self.lets),
        };
        if let Some(of) = named.and_then(|lets| lets.iter().find(|of| of.name == name.name)) {
            let ty = if of.number { Ty::Number } else { Ty::Bool };
            return Some((of.value.kind.clone(), ty));
        }
        let members = self.members_of(scope);
        let ty = match self.model.sight(&members, &name.name) {
            Some(Sight::Flag) => Ty::Bool,
            Some(Sight::Number(_)) => Ty::Number,
            Some(Sight::Hidden) => {
                return self.expr_unsupported(name.span, "this field in an expression");
            }
            None => return self.no_field(scope, name),
        };
        Some((ExprKind::Field(name.name.clone()), ty))
    }

    /// `Kind.Ping`: the number of a value.
    fn value(&mut self, values: &syntax::Ident, value: &syntax::Ident) -> Option<u64> {
        let ty = self.ty(values)?;
        let found = match ty {
            TypeId::Values(id) => match self.model.values.get(id.0).map(|of| &of.kind) {
                Some(ValuesKind::Numbers { values, .. }) => {
                    values.iter().find(|of| of.name == value.name).map(|of| of.value)
                }
                _ => None,
            },
            _ => None,
        };
        if found.is_none() {
            self.report(match ty {
                TypeId::Values(_) => {
                    let message =
                        format!("`{}` has no number called `{}`", values.name, value.name);
                    Diagnostic::new(Code::Unknown, value.span, message)
                }
                _ => {
                    let message = format!("`{}` is no choice of numbers", values.name);
                    Diagnostic::new(Code::Unknown, values.span, message).help(
                        "an arm asks the one frame of its rule, in terms by themselves: \
                         `_ if Asked.flag && own > 3`",
                    )
                }
            });
        }
        found
    }

    /// What only derived fields are made of.
    fn call(
        &mut self,
        function: &syntax::Ident,
        args: &[syntax::Expr],
        scope: Scope<'_>,
    ) -> Option<(ExprKind, Ty)> {
        let [arg] = args else {
            let message = format!("`{}` takes one argument", function.name);
            self.report(Diagnostic::new(Code::Arguments, function.span, message));
            return None;
        };
        if let syntax::ExprKind::Path(path) = &arg.kind
            && (path.len() > 1 || !scope.derived)
        {
            match function.name.as_str() {
                "some" => return Some((self.some(path, arg.span, scope)?, Ty::Bool)),
                "count" if path.len() > 1 => {
                    return Some((self.count_of(path, arg.span, scope)?, Ty::Number));
                }
                _ => {}
            }
        }
        if !scope.derived {
            return self.expr_unsupported(function.span, "a function here");
        }
        let part = self.part(arg, scope)?;
        if let Some(checksum) = self.checksum(function) {
            if part == Part::Rest {
                return self.expr_unsupported(arg.span, "a checksum of the rest");
            }
            return Some((ExprKind::Checksum(checksum, part), Ty::Number));
        }
        match (function.name.as_str(), part) {
            ("len", part) => Some((ExprKind::Len(part), Ty::Number)),
            ("count", Part::Field(list)) => {
                let field = scope.members.iter().find_map(|member| match member {
                    Member::Field(field) if field.name == list => Some(&field.ty),
                    _ => None,
                });
                match field {
                    Some(Type::List(_)) => Some((ExprKind::Count(list), Ty::Number)),
                    _ => {
                        let message = format!("`{list}` is no list");
                        self.report(Diagnostic::new(Code::ExprType, arg.span, message));
                        None
                    }
                }
            }
            ("tag", Part::Field(field)) => self.tag_of(arg.span, field, scope.members),
            ("some", Part::Field(field)) => {
                let may_lack = scope.members.iter().any(|member| match member {
                    Member::Field(of) if of.name == field => {
                        of.cond.is_some() || matches!(of.ty, Type::Optional(_))
                    }
                    _ => false,
                });
                if may_lack {
                    return Some((ExprKind::Some(field), Ty::Bool));
                }
                let message = format!("`{field}` is always there");
                self.report(
                    Diagnostic::new(Code::ExprType, arg.span, message)
                        .help(format!("say when it is: `{field}: TYPE if COND`")),
                );
                None
            }
            ("count" | "some" | "tag", _) => {
                let message = "one field is needed here";
                self.report(Diagnostic::new(Code::Arguments, arg.span, message));
                None
            }
            _ => self.expr_unsupported(function.span, "this function"),
        }
    }

    /// The part of the frame that an argument names.
    fn part(&mut self, arg: &syntax::Expr, scope: Scope<'_>) -> Option<Part> {
        use syntax::ExprKind as Kind;
        let known = |resolver: &mut Self, name: &syntax::Ident| {
            if has_field(scope.members, &name.name) {
                return Some(name.name.clone());
            }
            resolver.no_field::<String>(scope, name)
        };
        match &arg.kind {
            Kind::Path(path) => match path.as_slice() {
                [name] if name.name == "rest" => Some(Part::Rest),
                [name] => known(self, name).map(Part::Field),
                _ => self.expr_unsupported(arg.span, "a field of a field here"),
            },
            Kind::Fields { from, to } => {
                let (from, to) = (known(self, from), known(self, to));
                Some(Part::Fields(from?, to?))
            }
            _ => {
                let message = "a field of the frame is needed here";
                self.report(Diagnostic::new(Code::Arguments, arg.span, message));
                None
            }
        }
    }

    pub(super) fn members_of(&self, scope: Scope<'_>) -> Vec<Member> {
        match scope.frame.and_then(|frame| self.model.frames.get(frame.0)) {
            Some(frame) => frame.body.clone(),
            None => scope.members.to_vec(),
        }
    }

    pub(super) fn no_field<T>(&mut self, scope: Scope<'_>, name: &syntax::Ident) -> Option<T> {
        if scope.frame.is_none() && self.broken.contains(&name.name) {
            return None;
        }
        let message = match scope.frame.and_then(|frame| self.model.frames.get(frame.0)) {
            Some(frame) => format!("`{}` has no field `{}`", frame.name, name.name),
            None if scope.members.is_empty() => {
                format!("no frame is at hand whose field `{}` could be", name.name)
            }
            None => format!("no field before this is called `{}`", name.name),
        };
        self.report(Diagnostic::new(Code::Unknown, name.span, message).label("no such field"));
        None
    }
}

/// Whether a field, alone or of bits, has the name.
fn has_field(members: &[Member], name: &str) -> bool {
    members.iter().any(|member| match member {
        Member::Field(field) => field.name == name,
        Member::Bits(bits) => bits.fields.iter().any(|field| field.name == name),
        _ => false,
    })
}
