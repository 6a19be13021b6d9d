//! Chance that can be had again.

use core::ops::RangeInclusive;
use core::time::Duration;
use std::eprintln;
use std::vec::{IntoIter, Vec};

/// Where whatever happens by chance comes from.
///
/// From a seed it is the same each time. From a list of numbers it is what a property test made up:
/// smaller numbers are less trouble, and behind the end of the list all are 0, so that what a test
/// shrinks the list to is what made the trouble.
///
/// ```
/// use framer_runtime::testing::Chance;
///
/// let (mut one, mut other) = (Chance::from(7), Chance::from(7));
/// assert_eq!(one.below(1000), other.below(1000));
/// let mut given = Chance::from(vec![3, 12]);
/// assert_eq!([given.below(10), given.below(10), given.below(10)], [3, 2, 0]);
/// ```
#[derive(Clone, Debug)]
pub struct Chance(Source);

#[derive(Clone, Debug)]
enum Source {
    Seeded(fastrand::Rng),
    Given(IntoIter<u64>),
}

impl From<u64> for Chance {
    fn from(seed: u64) -> Chance {
        Chance(Source::Seeded(fastrand::Rng::with_seed(seed)))
    }
}

impl From<&Seed> for Chance {
    fn from(seed: &Seed) -> Chance {
        Chance::from(seed.number)
    }
}

impl From<Vec<u64>> for Chance {
    fn from(numbers: Vec<u64>) -> Chance {
        Chance(Source::Given(numbers.into_iter()))
    }
}

impl Chance {
    /// A number below `count`; 0 if that is 0.
    pub fn below(&mut self, count: u64) -> u64 {
        match &mut self.0 {
            _ if count == 0 => 0,
            Source::Seeded(seeded) => seeded.u64(..count),
            Source::Given(numbers) => numbers.next().unwrap_or(0) % count,
        }
    }

    /// Whether that happens which happens once in `count` times; never if that is 0.
    pub fn one_in(&mut self, count: u64) -> bool {
        count > 0 && self.below(count) == count - 1
    }

    /// A time within, in whole milliseconds.
    pub fn time(&mut self, range: &RangeInclusive<Duration>) -> Duration {
        let span = range.end().saturating_sub(*range.start()).as_millis();
        let span = u64::try_from(span).unwrap_or(u64::MAX);
        *range.start() + Duration::from_millis(self.below(span.saturating_add(1)))
    }

    /// Another one, for something beside this.
    #[must_use]
    pub fn split(&mut self) -> Chance {
        match self.below(u64::MAX) {
            0 => Chance::from(Vec::new()),
            seed => Chance::from(seed),
        }
    }
}

/// The seeds 0 to `count`, to run a test with each.
///
/// With `FRAMER_SEED=17` in the environment there is this one alone, and with `FRAMER_SEEDS=100000`
/// so many. When a test fails, its seed tells which it was.
///
/// ```
/// use framer_runtime::testing::{Chance, seeds};
///
/// for seed in seeds(10) {
///     let mut chance = Chance::from(&seed);
///     assert!(chance.below(6) < 6);
/// }
/// ```
///
/// # Panics
/// If a variable holds no number.
pub fn seeds(count: u64) -> impl Iterator<Item = Seed> {
    let range = match variable("FRAMER_SEED") {
        Some(one) => one..one.saturating_add(1),
        None => 0..variable("FRAMER_SEEDS").unwrap_or(count),
    };
    range.map(|number| Seed { number })
}

fn variable(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name}: `{value}` is no number")))
}

/// A seed. A test that panics before it is dropped tells which it was.
#[derive(Debug)]
pub struct Seed {
    number: u64,
}

impl Seed {
    /// Its number.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let number = self.number;
            eprintln!("with seed {number}; FRAMER_SEED={number} runs the test with this one alone");
        }
    }
}
