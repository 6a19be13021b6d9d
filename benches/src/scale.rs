//! What a byte or a message costs as inputs, reads and connections grow: the same, as it should.

mod connections;
mod reads;
mod sizes;

pub use connections::connections;
pub use reads::reads;
pub use sizes::sizes;

use crate::harness::{Case, Group, Kind, Rounds, Spread};

/// In how many rounds each place is measured.
const ROUNDS: u32 = 25;

/// How something grows.
pub struct Plot {
    /// What it is called.
    pub name: &'static str,
    /// What is shown.
    pub title: &'static str,
    /// What grows.
    pub grows: &'static str,
    /// By how many times, from one mark to the next.
    pub times: f64,
    /// What is told of it.
    pub told: &'static str,
    /// A line for each case.
    pub lines: Vec<Line>,
}

/// A case at every place.
pub struct Line {
    /// What is done.
    pub work: &'static str,
    /// By what.
    pub case: &'static str,
    /// What the case is there for.
    pub kind: Kind,
    /// How much of what grows, and what is told there.
    pub points: Vec<(f64, f64)>,
}

impl Plot {
    /// Measures the cases of works at places, of which each has so much of what grows; what is told
    /// is nanoseconds for each of the bytes that a group names.
    ///
    /// # Panics
    /// If the cases of a group do not see the same frames.
    fn measure(mut self, places: Vec<(usize, Group<'static>)>) -> Plot {
        let (grown, groups): (Vec<_>, Vec<_>) = places.into_iter().unzip();
        let results = Rounds::new(ROUNDS).measure_all(&groups);
        for ((grown, group), results) in grown.into_iter().zip(&groups).zip(results) {
            for (case, measured) in group.cases.iter().zip(results) {
                // What else the machine does at times would bend lines.
                let seconds = Spread::of(measured.seconds.into_iter()).low;
                let point = (grown as f64, seconds * 1e9 / group.bytes as f64);
                self.line(group.work, case).points.push(point);
            }
        }
        self
    }

    /// The line of a case.
    fn line(&mut self, work: &'static str, of: &Case<'_>) -> &mut Line {
        let same = |line: &Line| line.work == work && line.case == of.name;
        let place = self.lines.iter().position(same).unwrap_or_else(|| {
            self.lines.push(Line { work, case: of.name, kind: of.kind, points: Vec::new() });
            self.lines.len() - 1
        });
        &mut self.lines[place]
    }
}

/// A work at a place.
fn group(work: &'static str, count: usize, cases: Vec<Case<'static>>) -> Group<'static> {
    Group { work, title: work, bytes: count, goal: None, cases }
}

/// From one to another, each so many times the last.
fn steps(first: usize, last: usize, times: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(first), move |step| step.checked_mul(times))
        .take_while(move |step| *step <= last)
}
