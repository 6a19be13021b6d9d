//! The ways in which a side that is not heard may have gone on.

use framer_runtime::machine::Machine as _;
use framer_runtime::protocol::{FramerId, Key, Role};

use super::steps::{Absent, Step};
use super::weigh::{Ahead, Look};
use crate::half::Half;
use crate::protocol::tiny;

/// How many replies that are outstanding may be supposed at a time, and how many frames beside them.
const REPLIES: usize = 128;
const MORE_STEPS: usize = 4;

/// How many ways are followed at a time.
const WAYS: usize = 32;

/// Less for a frame that has no place in its state: a side keeps to the rules as a rule.
const REFUSED_POINTS: i64 = -5;

/// What the side that is not heard may have said, and where that leads.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) half: Half<false>,
    pub(super) steps: Vec<Step>,
    /// What speaks for it.
    pub(super) points: i64,
}

/// What tells ways apart that have not led anywhere yet.
#[derive(Clone, PartialEq)]
pub(super) struct Place {
    state: &'static str,
    awaited: Option<&'static str>,
    outstanding: usize,
    variables: Vec<bool>,
    numbers: Vec<u64>,
    /// How each role is read, and whether that was due.
    framers: [Option<(FramerId, bool)>; 2],
}

impl Place {
    pub(super) fn of(half: &Half<false>) -> Place {
        let session = half.engine().session();
        let roles = [Role::First, Role::Second];
        let count = half.protocol().machine.vars.len();
        let bits = (0..count).filter_map(|place| 1_u32.checked_shl(u32::try_from(place).ok()?));
        let numbers = (0..half.protocol().table().numbers.len()).map(tiny);
        Place {
            state: half.state(),
            awaited: session.awaited(),
            outstanding: session.outstanding(),
            variables: bits.map(|bit| session.variable(bit)).collect(),
            numbers: numbers.map(|place| session.number(place)).collect(),
            framers: roles.map(|role| Some((session.framer(role), session.switched(role)))),
        }
    }

    /// The same without how the side is read that is not heard.
    pub(super) fn heard(half: &Half<false>) -> Place {
        let place = Place::of(half);
        let [first, second] = place.framers;
        let framers = match half.engine().session().local() {
            Role::First => [None, second],
            Role::Second => [first, None],
        };
        Place { framers, ..place }
    }
}

impl Ahead<'_> {
    /// The shortest ways from `half` behind which the bytes go on, each with what they begin with then.
    /// Where there are none, and the bytes only wait, those that end the session.
    pub(super) fn ways(&self, half: &Half<false>) -> Vec<(Way, Look)> {
        let key = self.key(half);
        let mut over = Vec::new();
        let mut ways = vec![Way { half: half.clone(), steps: Vec::new(), points: 0 }];
        let waits = matches!(self.waits(half), Some(true));
        let replies = if waits { half.engine().session().outstanding().min(REPLIES) } else { 0 };
        for _ in 0..replies + MORE_STEPS {
            let (mut found, mut wrong) = (Vec::new(), Vec::new());
            let mut open: Vec<(Place, Way)> = Vec::new();
            for next in ways.iter().flat_map(|way| onward(self.absent, way, key)) {
                if next.half.engine().session().closed() {
                    over.push((next, Look::Closed));
                    continue;
                }
                let look = self.look(&next.half);
                let answers = !self.answers || self.is_answer(&next.half);
                if answers && !matches!(look, Look::Stuck | Look::Wrong) {
                    found.push((next, look));
                    continue;
                }
                let place = Place::of(&next.half);
                let is_new = !open.iter().any(|(known, _)| *known == place);
                if matches!(look, Look::Wrong) {
                    wrong.push((next.clone(), look));
                }
                if open.len() < WAYS && is_new {
                    open.push((place, next));
                }
            }
            if !found.is_empty() {
                // They are no choice, but show that there was one.
                found.extend(wrong);
                return found;
            }
            ways = open.into_iter().map(|(_, way)| way).collect();
        }
        // What would be wrong without a word of the other side is not made right by its end.
        if waits { over } else { Vec::new() }
    }
}

/// The ways that are one frame longer.
fn onward(absent: &Absent, way: &Way, key: Option<Key>) -> Vec<Way> {
    let steps = absent.steps(&way.half, key).into_iter();
    let longer = steps.filter_map(|mut step| {
        let mut half = way.half.clone();
        if !step.take(&mut half) {
            return None;
        }
        let points = way.points + if step.refused { REFUSED_POINTS } else { 0 };
        let mut steps = way.steps.clone();
        steps.push(step);
        Some(Way { half, steps, points })
    });
    longer.collect()
}
