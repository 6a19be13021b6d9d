//! Expressions that have no result for some values.

use super::Resolver;
use super::expr::{Scope, Ty};
use crate::diagnostic::{Code, Diagnostic, Witness};
use crate::model::{Expr, ExprKind, Member, Range};
use crate::source::Span;

impl Resolver {
    /// Values of the fields for which an expression has no result: of the ends of their ranges,
    /// since it fails at one of these if it fails at all, as a rule.
    fn without_result(&self, members: &[Member], expr: &Expr) -> Option<Witness> {
        if !expr.is_plain() {
            return None;
        }
        let mut names = expr.names();
        names.sort_unstable();
        names.dedup();
        let ends = |name: &&str| {
            let range =
                self.model.range(members, &Expr { kind: ExprKind::Field((*name).into()) })?;
            Some(((*name).to_owned(), [range.low, range.high]))
        };
        let fields: Vec<(String, [i128; 2])> =
            names.iter().take(8).map(ends).collect::<Option<_>>()?;
        (0..1_usize << fields.len()).find_map(|choice| {
            let ends = fields.iter().enumerate();
            let picked: Vec<(String, i128)> = ends
                .map(|(place, (name, ends))| (name.clone(), ends[choice >> place & 1]))
                .collect();
            let one = |kind: &ExprKind| match kind {
                ExprKind::Field(name) => {
                    let (_, value) = picked.iter().find(|(other, _)| other == name)?;
                    Some(Range { low: *value, high: *value })
                }
                _ => None,
            };
            let says = format!("`{expr}` has no result");
            expr.range(&one).is_none().then_some(Witness::Values { fields: picked, says })
        })
    }

    /// Arithmetic has a result for all values of its fields.
    pub(super) fn total(
        &mut self,
        kind: &ExprKind,
        ty: Ty,
        scope: Scope<'_>,
        span: Span,
    ) -> Option<()> {
        let members = self.members_of(scope);
        if ty == Ty::Bool || self.model.range(&members, &Expr { kind: kind.clone() }).is_some() {
            return Some(());
        }
        let expr = Expr { kind: kind.clone() };
        let mut diagnostic =
            Diagnostic::new(Code::NotTotal, span, "this has no result for some values")
                .label("below zero, above 2^64 - 1, or a division by zero")
                .help("narrow the fields in it: `in 1..=100`");
        diagnostic.witness = self.without_result(&members, &expr);
        self.report(diagnostic);
        None
    }
}
