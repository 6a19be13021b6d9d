//! Variables that hold numbers, and what is asked about them.

use framer_dsl::ir::{self, Machine};
use framer_runtime::protocol::{Amount, Change, Effect, Number, Relation, Test};

use super::tiny;
use crate::statics::all_forever;

/// The rows of the numbers.
pub(super) fn rows(machine: &'static Machine) -> &'static [Number] {
    all_forever(machine.numbers.iter().map(|of| Number {
        name: &of.name,
        initial: of.initial,
        low: of.low,
        high: of.high,
    }))
}

/// The rows of the tests.
pub(super) fn tests(machine: &'static Machine) -> &'static [Test] {
    all_forever(machine.tests.iter().enumerate().map(|(place, test)| Test {
        bit: machine.bit_of(place),
        number: tiny(test.number),
        is: match test.is {
            ir::Relation::Equal => Relation::Equal,
            ir::Relation::Less => Relation::Less,
            ir::Relation::AtMost => Relation::AtMost,
        },
        to: amount(test.to),
    }))
}

/// The effect that changes a number.
pub(super) fn effect(number: usize, change: ir::Change, by: ir::Amount) -> Effect {
    let change = match change {
        ir::Change::To => Change::To,
        ir::Change::Add => Change::Add,
        ir::Change::Subtract => Change::Subtract,
    };
    Effect::Change { number: tiny(number), change, by: amount(by) }
}

fn amount(amount: ir::Amount) -> Amount {
    match amount {
        ir::Amount::Constant(value) => Amount::Constant(value),
        ir::Amount::Site(place) => Amount::Site(tiny(place)),
        ir::Amount::Number(place) => Amount::Number(tiny(place)),
    }
}
