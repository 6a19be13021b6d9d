//! What is asked about variables, and what they become.

use framer_dsl::ir::{Amount, Ir, Machine, Relation, SiteAction, TypeId, VarTest};

use super::cases::{Case, Term};
use crate::words;

/// What is known of the variables in a case.
pub(super) fn known(ir: &Ir, machine: &Machine, case: Case) -> Vec<Term> {
    let vars = machine.vars.iter().enumerate().filter_map(|(place, var)| {
        let bit = 1_u32.checked_shl(u32::try_from(place).ok()?)?;
        let not = if case.value & bit == 0 { "!" } else { "" };
        (case.mask & bit != 0).then(|| Term::Variable(format!("{not}{}", var.name)))
    });
    let tests = machine.tests.iter().enumerate().filter_map(|(place, of)| {
        let bit = machine.bit_of(place);
        (case.mask & bit != 0).then(|| Term::Variable(test(ir, machine, of, case.value & bit != 0)))
    });
    vars.chain(tests).collect()
}

/// A question about a number with its answer.
fn test(ir: &Ir, machine: &Machine, test: &VarTest, holds: bool) -> String {
    let is = match (test.is, holds) {
        (Relation::Equal, true) => "==",
        (Relation::Equal, false) => "!=",
        (Relation::Less, true) => "<",
        (Relation::Less, false) => ">=",
        (Relation::AtMost, true) => "<=",
        (Relation::AtMost, false) => ">",
    };
    format!("{} {is} {}", number(machine, test.number), amount(ir, machine, test.to))
}

pub(super) fn number(machine: &Machine, place: usize) -> String {
    machine.numbers.get(place).map(|number| number.name.clone()).unwrap_or_default()
}

pub(super) fn amount(ir: &Ir, machine: &Machine, amount: Amount) -> String {
    match amount {
        Amount::Constant(value) => value.to_string(),
        Amount::Site(place) => site(ir, machine, place).unwrap_or_default(),
        Amount::Number(place) => number(machine, place),
    }
}

/// The value that is made at a site; 0 is none.
pub(super) fn site(ir: &Ir, machine: &Machine, place: usize) -> Option<String> {
    let site = machine.sites.get(place.checked_sub(1)?)?;
    let (SiteAction::Parameter { value, .. }
    | SiteAction::Variable { value, .. }
    | SiteAction::Number { value, .. }) = &site.action;
    Some(words::expr(ir, Some(TypeId::Frame(site.frame)), value))
}
