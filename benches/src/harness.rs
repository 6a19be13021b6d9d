//! Cases that do the same work, measured in shuffled rounds.

use std::cell::RefCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::inputs::SplitMix64;

/// Long enough that the clock and what else the machine does matter little.
const LEAST_TIME: Duration = Duration::from_millis(8);

/// What a consumer saw of the frames that it was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there were.
    pub frames: u64,
    /// Of how long each was and what it began and ended with.
    checksum: u64,
}

impl Tally {
    /// Looks at the bytes of a frame, or of a part of one.
    #[inline]
    pub fn see(&mut self, bytes: &[u8]) {
        let first = bytes.first().copied().unwrap_or_default();
        let last = bytes.last().copied().unwrap_or_default();
        self.number((bytes.len() as u64) << 16 | u64::from(first) << 8 | u64::from(last));
    }

    /// Looks at a number of a frame.
    #[inline]
    pub fn number(&mut self, number: u64) {
        self.checksum = (self.checksum.rotate_left(7) ^ number).wrapping_add(1);
    }

    /// A frame is done with.
    #[inline]
    pub fn frame(&mut self) {
        self.frames += 1;
    }
}

/// What a case is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Generated from a bundled description.
    Ours,
    /// A bundled description as it is, without generated code.
    Interpreted,
    /// A library of others.
    Peer,
    /// Written by hand for this work only.
    Limit,
    /// Moves the bytes and looks at none.
    Floor,
}

/// One way of doing a work.
pub struct Case<'a> {
    /// What it is called.
    pub name: &'static str,
    /// What it is there for.
    pub kind: Kind,
    run: RefCell<Box<dyn FnMut() -> Ran + 'a>>,
}

/// What was seen, and how long that took, where it is not the clock on the wall that says so.
type Ran = (Tally, Option<Duration>);

impl<'a> Case<'a> {
    /// A case that `run` does once.
    pub fn new(name: &'static str, kind: Kind, mut run: impl FnMut() -> Tally + 'a) -> Case<'a> {
        Case { name, kind, run: RefCell::new(Box::new(move || (run(), None))) }
    }

    /// A case that tells by itself how long it took.
    pub fn timed(
        name: &'static str,
        kind: Kind,
        mut run: impl FnMut() -> (Tally, Duration) + 'a,
    ) -> Case<'a> {
        let run = move || {
            let (tally, took) = run();
            (tally, Some(took))
        };
        Case { name, kind, run: RefCell::new(Box::new(run)) }
    }

    /// Does the work.
    pub fn run(&self) -> Tally {
        self.once().0
    }

    fn once(&self) -> Ran {
        black_box((self.run.borrow_mut())())
    }

    /// The same once, behind a run that warms up: what valgrind counts by the name of this.
    #[inline(never)]
    pub fn counted(&self) -> Tally {
        self.run()
    }

    /// The time of one run, out of so many.
    fn time(&self, runs: u32) -> f64 {
        let begun = Instant::now();
        let mut told: Option<Duration> = None;
        for _ in 0..runs {
            if let (_, Some(took)) = self.once() {
                told = Some(told.unwrap_or_default() + took);
            }
        }
        told.unwrap_or_else(|| begun.elapsed()).as_secs_f64() / f64::from(runs)
    }

    /// How often it must run so that it takes long enough.
    fn runs(&self) -> u32 {
        let once = self.time(1).max(1e-9);
        ((LEAST_TIME.as_secs_f64() / once).ceil() as u32).max(1)
    }
}

/// A work with all the ways of doing it.
pub struct Group<'a> {
    /// Its number.
    pub work: &'static str,
    /// What is done.
    pub title: &'static str,
    /// How many bytes the input has.
    pub bytes: usize,
    /// How long all of it may take, where that is said.
    pub goal: Option<Duration>,
    /// The ways of doing it.
    pub cases: Vec<Case<'a>>,
}

/// What was measured of a case.
#[derive(Clone, Debug)]
pub struct Measured {
    /// How many frames one run gives.
    pub frames: u64,
    /// The seconds of one run in each round.
    pub seconds: Vec<f64>,
}

/// How a group is measured.
pub struct Rounds {
    count: u32,
    random: SplitMix64,
}

impl Rounds {
    /// So many rounds.
    #[must_use]
    pub fn new(count: u32) -> Rounds {
        Rounds { count, random: SplitMix64::new(1) }
    }

    /// Measures every case of a group, in the order of the cases.
    ///
    /// # Panics
    /// If the cases do not see the same frames.
    pub fn measure(&mut self, group: &Group<'_>) -> Vec<Measured> {
        self.measure_all(std::slice::from_ref(group)).remove(0)
    }

    /// The same of every case of several groups, each round going through all of them.
    ///
    /// # Panics
    /// If the cases of a group do not see the same frames.
    pub fn measure_all(&mut self, groups: &[Group<'_>]) -> Vec<Vec<Measured>> {
        let mut measured: Vec<Vec<Measured>> = groups.iter().map(seen).collect();
        let mut order = Vec::new();
        for (place, group) in groups.iter().enumerate() {
            order.extend(group.cases.iter().enumerate().map(|(at, case)| (place, at, case.runs())));
        }
        for _ in 0..self.count {
            self.random.shuffle(&mut order);
            for (place, at, runs) in &order {
                let seconds = groups[*place].cases[*at].time(*runs);
                measured[*place][*at].seconds.push(seconds);
            }
        }
        measured
    }
}

/// What the cases of a group see, which is the same.
pub(crate) fn seen(group: &Group<'_>) -> Vec<Measured> {
    let mut expected = None;
    for case in &group.cases {
        let tally = case.run();
        if case.kind != Kind::Floor {
            let first = *expected.get_or_insert(tally);
            assert_eq!(tally, first, "{} sees other frames in {}", case.name, group.work);
        }
    }
    let frames = expected.map_or(0, |tally: Tally| tally.frames);
    group.cases.iter().map(|_| Measured { frames, seconds: Vec::new() }).collect()
}

/// The middle of some figures, and those that a tenth of them are below and above.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Spread {
    /// A tenth of them is below.
    pub low: f64,
    /// Half of them is below.
    pub median: f64,
    /// A tenth of them is above.
    pub high: f64,
}

impl Spread {
    /// Of at least one figure.
    pub fn of(figures: impl Iterator<Item = f64>) -> Spread {
        let mut figures: Vec<f64> = figures.collect();
        figures.sort_by(f64::total_cmp);
        let last = figures.len() - 1;
        let at = |tenths: usize| figures[(last * tenths + 5) / 10];
        Spread { low: at(1), median: at(5), high: at(9) }
    }

    /// Of what one case takes over what another does, round by round.
    pub fn ratio(of: &Measured, to: &Measured) -> Spread {
        Spread::of(of.seconds.iter().zip(&to.seconds).map(|(of, to)| of / to))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Case, Group, Kind, Measured, Rounds, Spread, Tally};

    fn group(cases: Vec<Case<'static>>) -> Group<'static> {
        Group { work: "W", title: "a work", bytes: 1, goal: None, cases }
    }

    fn seeing(bytes: &'static [u8]) -> Tally {
        let mut tally = Tally::default();
        tally.see(bytes);
        tally.frame();
        tally
    }

    #[test]
    fn ratios_are_those_of_a_round() {
        let one = Measured { frames: 1, seconds: vec![2.0, 4.0, 9.0] };
        let other = Measured { frames: 1, seconds: vec![1.0, 1.0, 3.0] };
        assert_eq!(Spread::ratio(&one, &other), Spread { low: 2.0, median: 3.0, high: 4.0 });
    }

    #[test]
    fn what_a_case_tells_is_what_it_took() {
        let minutes = |count: u64| move || (seeing(b"a"), Duration::from_secs(60 * count));
        let group = group(vec![
            Case::timed("one", Kind::Ours, minutes(1)),
            Case::timed("two", Kind::Peer, minutes(2)),
        ]);
        let measured = Rounds::new(3).measure(&group);
        assert_eq!(measured[0].seconds, [60.0; 3]);
        assert_eq!(measured[1].seconds, [120.0; 3]);
    }

    #[test]
    #[should_panic = "theirs sees other frames in W"]
    fn other_frames_are_not_measured() {
        let group = group(vec![
            Case::new("ours", Kind::Ours, || seeing(b"ab")),
            Case::new("theirs", Kind::Peer, || seeing(b"ac")),
        ]);
        Rounds::new(3).measure(&group);
    }
}
