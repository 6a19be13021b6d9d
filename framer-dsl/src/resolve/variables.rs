//! Variables of protocols: what they hold, what guards ask about them, what effects make of them.

use super::Resolver;
use super::expr::{Guard, Scope, Ty};
use super::protocol::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Amount, Ask, Effect, ExprKind, Relation, Test, Var, VarId, VarKind};
use crate::source::Span;
use crate::syntax::{self, BinaryOp, Change, Ident};

/// What a name of a variable stands for in an expression.
type Named<'s> = (VarId, &'s Var);

impl Resolver {
    pub(super) fn vars(&mut self, item: &syntax::Protocol, context: &mut Context<'_>) {
        for var in &item.vars {
            let Some(kind) = self.var_kind(var) else { continue };
            if context.vars.iter().any(|other| other.name == var.name.name) {
                let message = format!("the variable `{}` is declared twice", var.name.name);
                self.report(Diagnostic::new(Code::Duplicate, var.name.span, message));
            }
            context.vars.push(Var {
                docs: var.docs.clone(),
                name: var.name.name.clone(),
                kind,
                span: var.name.span,
            });
        }
    }

    fn var_kind(&mut self, var: &syntax::Var) -> Option<VarKind> {
        let initial = &var.initial;
        let (mut low, mut high) = match var.ty.name.as_str() {
            "bool" => {
                if let Some(range) = &var.range {
                    self.no_range(range);
                }
                if let syntax::ExprKind::Bool(value) = initial.kind {
                    return Some(VarKind::Flag(value));
                }
                return self.unfit(initial.span, "a `bool` begins as `true` or `false`", "");
            }
            "u8" => (0, u64::from(u8::MAX)),
            "u16" => (0, u64::from(u16::MAX)),
            "u32" => (0, u64::from(u32::MAX)),
            "u64" => (0, u64::MAX),
            _ => {
                let message = "a variable is a `bool`, `u8`, `u16`, `u32` or `u64`";
                return self.unfit(var.ty.span, message, "");
            }
        };
        if let Some(range) = &var.range {
            self.narrow(&mut low, &mut high, range);
        }
        match initial.kind {
            syntax::ExprKind::Number(value) if (low..=high).contains(&value) => {
                Some(VarKind::Number { initial: value, low, high })
            }
            syntax::ExprKind::Number(_) => {
                let message = "the first value is not in the range of the variable";
                self.report(
                    Diagnostic::new(Code::EmptyRange, initial.span, message)
                        .label(format!("not in {low}..={high}")),
                );
                None
            }
            _ => self.unfit(initial.span, "a number begins as a number", ""),
        }
    }

    fn unfit<T>(&mut self, span: Span, message: &str, help: &str) -> Option<T> {
        let diagnostic = Diagnostic::new(Code::ExprType, span, message);
        self.report(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
        None
    }

    /// Adds what a term asks about variables; `None` if it asks the frame alone.
    pub(super) fn ask(
        &mut self,
        term: &syntax::Expr,
        wanted: bool,
        scope: Scope<'_>,
        parts: &mut Guard,
    ) -> Option<()> {
        use syntax::ExprKind as Kind;
        let span = self.first_var(term, scope)?;
        match &term.kind {
            Kind::Not(inner) => return self.ask(inner, !wanted, scope, parts),
            Kind::Path(_) => match named(term, scope) {
                Some((var, Var { kind: VarKind::Flag(_), .. })) => {
                    parts.vars.push((Ask::Flag(var), wanted));
                }
                _ => {
                    let help = "compare it: `left > 0`";
                    self.unfit::<()>(span, "this is a number, where true or false is needed", help);
                }
            },
            Kind::Binary { op, left, right } if relation(*op).is_some() => {
                self.compared(*op, [left, right], wanted, scope, parts);
            }
            _ => self.not_by_itself(span),
        }
        Some(())
    }

    fn not_by_itself(&mut self, span: Span) {
        let message = "a variable stands in a term by itself, or is compared there";
        let help = "terms are joined by `&&`: `ready && left >= size`; say the others as rules of \
                    their own";
        self.unfit::<()>(span, message, help);
    }

    /// `left < size`, either way round.
    fn compared(
        &mut self,
        op: BinaryOp,
        [left, right]: [&syntax::Expr; 2],
        wanted: bool,
        scope: Scope<'_>,
        parts: &mut Guard,
    ) -> Option<()> {
        let (op, (var, of), other) = match (named(left, scope), named(right, scope)) {
            (Some(var), _) => (op, var, right),
            (None, Some(var)) => (flipped(op), var, left),
            (None, None) => {
                let span = self.first_var(left, scope).or(self.first_var(right, scope))?;
                self.not_by_itself(span);
                return None;
            }
        };
        if let VarKind::Flag(_) = of.kind {
            let help = format!("ask for `{}` or `!{}`", of.name, of.name);
            return self.unfit(left.span.to(right.span), "only numbers are compared", &help);
        }
        let (is, holds) = relation(op)?;
        if let (syntax::ExprKind::Path(path), None) = (&other.kind, named(other, scope))
            && let Some(path) = self.lacking(path, scope)
        {
            if !wanted {
                let message = "the number may be missing, and then no comparison holds";
                return self.unfit(other.span, message, "compare the other way, without `!`");
            }
            parts.own.push(crate::model::Expr {
                kind: ExprKind::Any { path: path.clone(), test: Test::There },
            });
            let to = Amount::Value(crate::model::Expr { kind: ExprKind::First(path) });
            parts.vars.push((Ask::Number { var, is, to }, holds));
            return Some(());
        }
        let to = self.amount(other, scope)?;
        parts.vars.push((Ask::Number { var, is, to }, holds == wanted));
        Some(())
    }

    /// What the fields of the frame give, or another variable.
    fn amount(&mut self, expr: &syntax::Expr, scope: Scope<'_>) -> Option<Amount> {
        match (named(expr, scope), self.first_var(expr, scope)) {
            (Some((var, Var { kind: VarKind::Number { .. }, .. })), _) => Some(Amount::Var(var)),
            (Some(_), _) => self.unfit(expr.span, "this is true or false, and no number", ""),
            (None, Some(span)) => {
                let message = "a number is another variable, or is made of what the frame says";
                self.unfit(span, message, "count with `+=` and `-=`: `left -= size`")
            }
            (None, None) => {
                self.expr_of(expr, Scope { vars: &[], ..scope }, Ty::Number).map(Amount::Value)
            }
        }
    }

    /// `secure = true`, `left -= size`
    pub(super) fn assigned(
        &mut self,
        (name, change): (&Ident, Change),
        value: &syntax::Expr,
        scope: Scope<'_>,
    ) -> Option<Effect> {
        let Some(place) = scope.vars.iter().position(|other| other.name == name.name) else {
            let message = format!("no variable is `{}`", name.name);
            self.report(Diagnostic::new(Code::Unknown, name.span, message));
            return None;
        };
        let (var, of) = (VarId(place), scope.vars.get(place)?);
        let VarKind::Number { low, high, .. } = of.kind else {
            if change != Change::To {
                return self.unfit(name.span, "only a number is counted", "");
            }
            if let Some(span) = self.first_var(value, scope) {
                let message = "a `bool` is set to what the frame says";
                return self.unfit(
                    span,
                    message,
                    "say it as rules of their own, with a guard each",
                );
            }
            let value = self.expr_of(value, Scope { vars: &[], ..scope }, Ty::Bool)?;
            return Some(Effect::Set { var, value });
        };
        if let (Change::To, syntax::ExprKind::Number(to)) = (change, &value.kind)
            && !(low..=high).contains(to)
        {
            let message = format!("`{}` is never so much", name.name);
            self.report(
                Diagnostic::new(Code::EmptyRange, value.span, message)
                    .label(format!("not in {low}..={high}"))
                    .also(of.span, "declared here"),
            );
            return None;
        }
        let by = self.amount(value, scope)?;
        Some(Effect::Change { var, change, by })
    }

    /// Where a variable is named in an expression, if one is. A name that a field of the frame has,
    /// too, is reported.
    fn first_var(&mut self, expr: &syntax::Expr, scope: Scope<'_>) -> Option<Span> {
        use syntax::ExprKind as Kind;
        match &expr.kind {
            Kind::Path(path) => {
                let [name] = path.as_slice() else { return None };
                let (_, var) = named(expr, scope)?;
                let members = self.members_of(scope);
                if self.model.sight(&members, &name.name).is_some() {
                    let message =
                        format!("`{}` is a field of the frame, and a variable", name.name);
                    self.report(
                        Diagnostic::new(Code::Duplicate, name.span, message)
                            .label("may be either")
                            .also(var.span, "the variable"),
                    );
                }
                Some(name.span)
            }
            Kind::Not(inner) => self.first_var(inner, scope),
            Kind::Binary { left, right, .. } => {
                self.first_var(left, scope).or_else(|| self.first_var(right, scope))
            }
            Kind::Call { args, .. } => args.iter().find_map(|arg| self.first_var(arg, scope)),
            Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Literal(_)
            | Kind::Text { .. }
            | Kind::Fields { .. } => None,
        }
    }
}

/// The variable that an expression is.
fn named<'s>(expr: &syntax::Expr, scope: Scope<'s>) -> Option<Named<'s>> {
    let syntax::ExprKind::Path(path) = &expr.kind else { return None };
    let [name] = path.as_slice() else { return None };
    let mut vars = scope.vars.iter().enumerate();
    let (place, var) = vars.find(|(_, var)| var.name == name.name)?;
    Some((VarId(place), var))
}

/// The comparison, or its opposite.
fn relation(op: BinaryOp) -> Option<(Relation, bool)> {
    Some(match op {
        BinaryOp::Equal => (Relation::Equal, true),
        BinaryOp::NotEqual => (Relation::Equal, false),
        BinaryOp::Less => (Relation::Less, true),
        BinaryOp::GreaterEqual => (Relation::Less, false),
        BinaryOp::LessEqual => (Relation::AtMost, true),
        BinaryOp::Greater => (Relation::AtMost, false),
        _ => return None,
    })
}

/// The same comparison with its sides exchanged.
fn flipped(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessEqual => BinaryOp::GreaterEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterEqual => BinaryOp::LessEqual,
        other => other,
    }
}
