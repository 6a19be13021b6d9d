//! What requirements and conditions ask of the elements of a list, counted while they are read:
//! nothing is read again for it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::emit::Context;
use crate::ir::{ChoiceId, Expr, ExprKind, Field, FieldKind, ListEnd, Record, Step, TypeId, Way};
use crate::names;

/// How many elements of a list are of one alternative.
struct Tally<'r> {
    choice: ChoiceId,
    alternative: &'r str,
}

/// What counts the elements of a list while it is read.
pub(super) struct Counted {
    /// Stands before what reads the list.
    pub(super) before: TokenStream,
    /// What is told of each element.
    pub(super) seen: TokenStream,
}

/// What reads a list is told this of each element.
pub(super) fn counted(context: &Context<'_>, record: &Record, field: &Field) -> Counted {
    let all = tallies(record, field);
    let counts = all.iter().map(|tally| variable(&field.name, tally.alternative));
    let before = quote!(#(let mut #counts = 0_u64;)*);
    if all.is_empty() {
        return Counted { before, seen: quote!(|_| ()) };
    }
    let arms = all.iter().map(|tally| {
        let choice = names::ty(&context.ir.ty(TypeId::Choice(tally.choice)).name);
        let variant = names::ty(tally.alternative);
        let count = variable(&field.name, tally.alternative);
        quote!(#choice::#variant(_) => #count += 1,)
    });
    Counted { before, seen: quote!(|element| match element { #(#arms)* _ => {} }) }
}

/// The variable that holds an answer, if it was counted.
pub(super) fn count(record: &Record, asked: &ExprKind) -> Option<Ident> {
    let ExprKind::CountOf { list, alternative: Way::Alternative { name, .. } } = asked else {
        return None;
    };
    let field = record.steps.iter().find_map(|step| match step {
        Step::Field(field) if field.name == *list => Some(field),
        _ => None,
    })?;
    let counted = tallies(record, field).iter().any(|tally| tally.alternative == name);
    counted.then(|| variable(list, name))
}

fn variable(list: &str, alternative: &str) -> Ident {
    format_ident!("{}_{}_", names::snake(list), names::snake(alternative))
}

/// What is asked of the field, each once; nothing of what is no list of its own variable.
fn tallies<'r>(record: &'r Record, field: &Field) -> Vec<Tally<'r>> {
    let FieldKind::List(list) = &field.kind else { return Vec::new() };
    if record.own.is_some() || field.cond.is_some() || matches!(list.end, ListEnd::Flag { .. }) {
        return Vec::new();
    }
    let mut all = Vec::new();
    for step in &record.steps {
        match step {
            Step::Require { cond, .. } => add(cond, &field.name, &mut all),
            Step::Field(Field { cond: Some(cond), .. }) => add(&cond.expr, &field.name, &mut all),
            _ => {}
        }
    }
    all
}

fn add<'r>(expr: &'r Expr, field: &str, all: &mut Vec<Tally<'r>>) {
    match &expr.kind {
        ExprKind::CountOf { list, alternative: Way::Alternative { choice, name, .. } }
            if list == field && all.iter().all(|tally| tally.alternative != name) =>
        {
            all.push(Tally { choice: *choice, alternative: name });
        }
        ExprKind::Not(inner) => add(inner, field, all),
        ExprKind::Binary { left, right, .. } => {
            add(left, field, all);
            add(right, field, all);
        }
        _ => {}
    }
}
