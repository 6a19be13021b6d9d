//! What the variables that hold numbers are.

use super::Session;
use crate::few::Rare;
use crate::protocol::{Amount, Change, Effect, MAX_NUMBERS, Number};

/// Their values, by their places in the protocol: nothing, where it has none.
#[derive(Clone, Debug)]
pub(super) struct Numbers(Option<Rare<Values>>);

type Values = [u64; MAX_NUMBERS];

impl Numbers {
    pub(super) fn new(numbers: &[Number]) -> Numbers {
        Numbers((!numbers.is_empty()).then(|| Rare::new(initial(numbers))))
    }

    fn values(&self) -> &Values {
        self.0.as_deref().unwrap_or(&[0; MAX_NUMBERS])
    }
}

/// What they are at the beginning.
fn initial(numbers: &[Number]) -> Values {
    let mut values = [0; MAX_NUMBERS];
    for (value, number) in values.iter_mut().zip(numbers) {
        *value = number.initial;
    }
    values
}

fn of(values: &Values, number: u8) -> u64 {
    values.get(usize::from(number)).copied().unwrap_or_default()
}

fn amount_of(values: &Values, amount: Amount, value: &dyn Fn(u8) -> u64) -> u64 {
    match amount {
        Amount::Constant(amount) => amount,
        Amount::Site(site) => value(site),
        Amount::Number(number) => of(values, number),
    }
}

impl<const PENDING: usize> Session<PENDING> {
    /// The value of a variable that holds a number, by its place.
    #[must_use]
    pub fn number(&self, place: u8) -> u64 {
        of(self.numbers.values(), place)
    }

    /// The answers to what is asked about the numbers now, a bit each; `value` gives what the
    /// description computes at a place from the frame that is judged.
    #[must_use]
    pub fn tests(&self, value: &dyn Fn(u8) -> u64) -> u32 {
        let numbers = self.numbers.values();
        self.protocol.tests.iter().fold(0, |answers, test| {
            let (left, right) = (of(numbers, test.number), amount_of(numbers, test.to, value));
            if test.is.holds(left, right) { answers | test.bit } else { answers }
        })
    }

    /// Changes the numbers as the effects of a frame say, one behind the other.
    ///
    /// # Errors
    /// The first number that would leave its range; then nothing has changed.
    pub fn count(
        &mut self,
        effects: &[Effect],
        value: &dyn Fn(u8) -> u64,
    ) -> Result<(), &'static Number> {
        if !self.changes(effects) {
            return Ok(());
        }
        let Some(values) = self.numbers.0.as_deref_mut() else { return Ok(()) };
        let before = *values;
        change(values, self.protocol.numbers, effects, value).inspect_err(|_| *values = before)
    }

    /// Whether the numbers would stay in their ranges behind a frame with these effects.
    pub(crate) fn can_count(
        &self,
        effects: &[Effect],
        value: &dyn Fn(u8) -> u64,
    ) -> Result<(), &'static Number> {
        if !self.changes(effects) {
            return Ok(());
        }
        let mut values = *self.numbers.values();
        change(&mut values, self.protocol.numbers, effects, value)
    }

    /// Whether there are numbers, and effects on them.
    fn changes(&self, effects: &[Effect]) -> bool {
        let on_numbers =
            |effect: &Effect| matches!(effect, Effect::Change { .. } | Effect::Upgrade { .. });
        !self.protocol.numbers.is_empty() && effects.iter().any(on_numbers)
    }
}

/// Changes the numbers, up to the first that would leave its range. In their place: whoever takes all of
/// them from where one has just been put waits for it.
fn change(
    values: &mut Values,
    numbers: &'static [Number],
    effects: &[Effect],
    value: &dyn Fn(u8) -> u64,
) -> Result<(), &'static Number> {
    for effect in effects {
        match *effect {
            Effect::Change { number, change, by } => {
                let (old, by) = (of(values, number), amount_of(values, by, value));
                let place = usize::from(number);
                let Some(of) = numbers.get(place) else { continue };
                let new = match change {
                    Change::To => Some(by),
                    Change::Add => old.checked_add(by),
                    Change::Subtract => old.checked_sub(by),
                };
                let new = new.filter(|new| (of.low..=of.high).contains(new)).ok_or(of)?;
                if let Some(value) = values.get_mut(place) {
                    *value = new;
                }
            }
            Effect::Upgrade { .. } => *values = initial(numbers),
            _ => {}
        }
    }
    Ok(())
}
