//! Variables that hold numbers: what they are is not followed, so that anything asked about them may
//! be answered either way wherever no other answer speaks against it. What both sides do with one
//! comes to the same in every order.

use std::collections::BTreeMap;

use super::walk::{Place, Symbol, Taken, Walk, takes};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Amount, Change, Effect, Machine, Relation};
use crate::model::{Role, Rule, Use};

/// Whether the numbers can be so that the tests have these answers.
pub(super) fn possible(machine: &Machine, answers: u32) -> bool {
    machine.numbers.iter().enumerate().all(|(place, number)| {
        let (mut low, mut high) = (number.low, number.high);
        let mut never: Vec<u64> = Vec::new();
        for (test, of) in machine.tests.iter().enumerate() {
            let Amount::Constant(to) = of.to else { continue };
            if of.number != place {
                continue;
            }
            let below = |value: u64| value.checked_sub(1);
            match (of.is, answers & machine.bit_of(test) != 0) {
                (Relation::Equal, true) => (low, high) = (low.max(to), high.min(to)),
                (Relation::Equal, false) => never.push(to),
                (Relation::Less, true) => match below(to) {
                    Some(most) => high = high.min(most),
                    None => return false,
                },
                (Relation::Less, false) => low = low.max(to),
                (Relation::AtMost, true) => high = high.min(to),
                (Relation::AtMost, false) => match to.checked_add(1) {
                    Some(least) => low = low.max(least),
                    None => return false,
                },
            }
        }
        never.sort_unstable();
        never.dedup();
        let gone = never.iter().filter(|value| (low..=high).contains(value)).count();
        low <= high && u64::try_from(gone).is_ok_and(|gone| gone <= high - low)
    })
}

/// What a frame does with numbers at once, by their places.
pub(super) fn uses(walk: &Walk<'_>, place: Place, symbol: Symbol) -> BTreeMap<usize, Use> {
    let machine = walk.machine;
    let mut uses: BTreeMap<usize, Use> = BTreeMap::new();
    let read = |number: usize, amount: Amount, uses: &mut BTreeMap<usize, Use>| {
        uses.entry(number).or_default().read = true;
        if let Amount::Number(other) = amount {
            uses.entry(other).or_default().read = true;
        }
    };
    // Those that do not take it in the end were looked at, too.
    let asked = walk.rules_in(place.state).filter(|rule| takes(rule, symbol));
    let asked = asked.fold(0, |asked, rule| asked | rule.mask);
    for (test, of) in machine.tests.iter().enumerate() {
        if asked & machine.bit_of(test) != 0 {
            read(of.number, of.to, &mut uses);
        }
    }
    let effects = match walk.take(place, symbol) {
        Taken::Rule(rule) => rule.effects.as_slice(),
        Taken::Due | Taken::Refused => &[],
    };
    for effect in effects {
        let Effect::Change { number, change, by } = *effect else { continue };
        let of = uses.entry(number).or_default();
        match change {
            Change::To => of.set = true,
            Change::Add => of.added = true,
            Change::Subtract => of.subtracted = true,
        }
        if let Amount::Number(other) = by {
            uses.entry(other).or_default().read = true;
        }
    }
    uses
}

/// Replies of the one role may cross those of the other.
pub(super) fn prove(walk: &Walk<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let arms = |role: Role| {
        let rules = walk.protocol.rules().filter(move |rule| rule.role == role);
        Rule::uses_of_arms(rules.flat_map(|rule| rule.arms.iter().flatten()))
    };
    let Some(var) = arms(Role::First).race(&arms(Role::Second)) else { return };
    let Some(var) = walk.protocol.vars.get(var.0) else { return };
    let message = format!("replies of both sides are about `{}`, and may cross", var.name);
    diagnostics.push(
        Diagnostic::new(Code::Crossing, var.span, message)
            .label("the sides may not agree on what it is")
            .help("let the replies of one side change it, or use a variable for each"),
    );
}

#[cfg(test)]
mod tests {
    use super::possible;
    use crate::ir::{Amount, Relation};
    use crate::{Sources, analyze};

    const TEXT: &str = r#"
        delimiter LF = "\n";
        frame Line in until LF max 80 { text: utf8 to end }
        protocol Talk over stream {
            roles client, server;
            client speaks Line;
            server speaks Line;
            var few: u8 in ..=3 = 0;
            var more: u8 in 2..=4 = 2;
            state Open within 1 min else close {
                client Line if few == 0 => stay { few += 1 };
                client Line if few == 1 && more < 3 => stay { more += 1 };
                client Line if few <= 1 => stay { few = 3 };
                client Line if few == more => stay { few = 0 };
                client Line if few < 0 => close;
                client Line if more == 2 => stay { few = 0 };
                client Line => close;
                server Line => close;
            }
        }"#;

    /// Whatever is answered about numbers, it is possible if and only if some numbers answer so.
    #[test]
    fn answers_that_numbers_can_give() {
        let ir = analyze(&Sources::new("talk.frame", TEXT)).expect("it is right");
        let machine = &ir.machines[0];
        let asked: Vec<_> = machine.tests.iter().enumerate().collect();
        assert!(asked.len() > 5, "{asked:?}");
        let (few, more) = (&machine.numbers[0], &machine.numbers[1]);
        let mut count = 0;
        for choice in 0_u32..1 << asked.len() {
            let answers = asked.iter().filter(|(test, _)| choice >> test & 1 == 1);
            let answers = answers.fold(0, |bits, (test, _)| bits | machine.bit_of(*test));
            let answer = |few: u64, more: u64| {
                asked.iter().all(|(test, of)| {
                    let value = if of.number == 0 { few } else { more };
                    let Amount::Constant(to) = of.to else { return true };
                    let is = match of.is {
                        Relation::Equal => value == to,
                        Relation::Less => value < to,
                        Relation::AtMost => value <= to,
                    };
                    is == (answers & machine.bit_of(*test) != 0)
                })
            };
            let mut all = (few.low..=few.high)
                .flat_map(|few| (more.low..=more.high).map(move |more| (few, more)));
            let some = all.any(|(few, more)| answer(few, more));
            assert_eq!(possible(machine, answers), some, "{choice:b} of {asked:?}");
            count += u32::from(some);
        }
        assert!(count > 5, "{count}");
    }
}
