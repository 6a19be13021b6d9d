//! What speaks for an outcome: how the bytes behind it can be read.

mod asked;

use std::cmp::Reverse;

use framer_dsl::ir::{FieldKind, FrameId, Step, TypeId};
use framer_runtime::cutter::{Cuts, Cutting};
use framer_runtime::engine::Found;
use framer_runtime::machine::{Drive as _, Failed, Machine as _, Progress};
use framer_runtime::protocol::{Key, Pairing, Role, Said};
use framer_runtime::session::Judgement;
use framer_runtime::spoken::Spoken as _;
use framer_runtime::violation::Rule;

use super::search::{Place, Way};
use super::steps::Absent;
use crate::half::{Event, Half};

/// How many events are looked at to tell outcomes apart.
const EVENTS: usize = 6;

/// How many readings are followed at a time.
const READINGS: usize = 4;

/// How many frames are searched for one with a key.
const KEYED_FRAMES: usize = 8;

/// What an event is worth: a frame that not any bytes are, one that is none of the others, one that has no
/// place in the state, and one that breaks a rule.
const FRAME_POINTS: i64 = 1;
const OTHER_POINTS: i64 = -3;
const REFUSED_POINTS: i64 = -5;
const MALFORMED_POINTS: i64 = -10;
/// A reply that the description speaks of, and does not only allow.
const NAMED_POINTS: i64 = 1;
/// Another layer begins, of which any bytes may be.
const UPGRADE_POINTS: i64 = -12;
/// The bytes end inside something.
const PARTIAL_POINTS: i64 = -14;
/// Nothing makes sense of what follows, or the session is over before it.
const LOST_POINTS: i64 = -20;

/// Bytes of the side that is heard, by which outcomes are judged.
pub(super) struct Ahead<'a> {
    pub(super) from: Role,
    pub(super) absent: &'a Absent,
    pub(super) bytes: &'a [u8],
    /// Nothing comes behind them.
    pub(super) ended: bool,
    /// What they begin with answers something.
    pub(super) answers: bool,
}

/// What the bytes begin with.
#[derive(Clone)]
pub(super) enum Look {
    /// Something of so many bytes, which leads to where this half stands.
    Event { half: Box<Half<false>>, used: usize, points: i64, what: What },
    /// What is known ends here.
    Over(i64),
    /// The end of the session, although more follows.
    Closed,
    /// Nothing, before the other side says something.
    Stuck,
    /// Something that breaks a rule whatever the other side says.
    Wrong,
}

/// An event, to be compared.
#[derive(Clone, PartialEq)]
pub(super) struct What {
    name: String,
    used: usize,
    refused: bool,
}

/// What speaks for a reading.
#[derive(Clone)]
struct Judged {
    points: i64,
    /// What was read; `None` where the session ends before all of it.
    trace: Option<Vec<What>>,
    /// What it is worth how it ends, where it does.
    end: i64,
}

impl Judged {
    /// What is no event.
    fn of(look: &Look) -> Judged {
        let points = match look {
            Look::Event { points, .. } | Look::Over(points) => *points,
            Look::Closed | Look::Stuck | Look::Wrong => LOST_POINTS,
        };
        let trace = if matches!(look, Look::Closed) { None } else { Some(Vec::new()) };
        Judged { points, trace, end: points }
    }

    fn plus(self, points: i64) -> Judged {
        Judged { points: self.points.saturating_add(points), ..self }
    }
}

/// The bytes, read so far.
#[derive(Clone)]
struct Reading {
    half: Box<Half<false>>,
    /// Where it stands; `None` inside a payload, of which the length matters, too.
    place: Option<Place>,
    /// How many bytes of them were read.
    from: usize,
    points: i64,
    trace: Vec<What>,
}

impl Reading {
    fn new(half: Box<Half<false>>, from: usize, points: i64, trace: Vec<What>) -> Reading {
        let session = half.engine().session();
        let inside = session.switched(session.local().peer());
        let place = (!inside).then(|| Place::heard(&half));
        Reading { half, place, from, points, trace }
    }

    /// Whether both go on alike.
    fn is(&self, other: &Reading) -> bool {
        self.place.is_some() && self.from == other.from && self.place == other.place
    }
}

/// What is taken to have been said.
pub(super) struct Best {
    pub(super) way: Way,
    points: i64,
    /// What it may have been instead, unless all of it comes to the same.
    pub(super) others: Vec<Way>,
    /// Whether the state may be another, and that is not told by these.
    pub(super) vague: bool,
}

impl Ahead<'_> {
    /// The way behind which the bytes can be read best, of those that the session goes on behind.
    pub(super) fn best(&self, half: &Half<false>) -> Option<Best> {
        self.best_of(self.ways(half))
    }

    fn best_of(&self, ways: Vec<(Way, Look)>) -> Option<Best> {
        let mut known: Vec<(Reading, Judged)> = Vec::new();
        let mut all = Vec::new();
        for (way, look) in ways {
            let judged = match look {
                Look::Event { half, used, points, what } => {
                    let reading = Reading::new(half, used, points, vec![what]);
                    match known.iter().find(|(other, _)| other.is(&reading)) {
                        Some((other, judged)) => judged.clone().plus(points - other.points),
                        None => {
                            let judged = self.follow(&reading);
                            known.push((reading, judged.clone()));
                            judged
                        }
                    }
                }
                look => Judged::of(&look),
            };
            all.push((judged.plus(way.points), way));
        }
        if all.iter().any(|(judged, _)| judged.trace.is_some()) {
            all.retain(|(judged, _)| judged.trace.is_some());
        }
        // Of several that are as good the first.
        let place = (0..all.len()).rev().max_by_key(|place| all[*place].0.points)?;
        let (best, way) = all.remove(place);
        let same = |other: &Judged| other.trace == best.trace && other.end == best.end;
        let differ = !all.iter().all(|(other, _)| same(other));
        let vague = !differ && all.iter().any(|(_, other)| other.half.state() != way.half.state());
        let others = all.into_iter().filter(|_| differ).map(|(_, way)| way).collect();
        Some(Best { way, points: best.points, others, vague })
    }

    /// What speaks for what has been read, given what follows.
    fn follow(&self, begun: &Reading) -> Judged {
        let mut open = vec![begun.clone()];
        let mut done: Vec<Judged> = Vec::new();
        for _ in 1..EVENTS {
            let mut next: Vec<Reading> = Vec::new();
            for reading in open {
                for (points, look) in self.behind(&reading) {
                    match look {
                        Look::Event { half, used, points: worth, what } => {
                            let points = reading.points + points + worth;
                            let trace = [&reading.trace[..], &[what]].concat();
                            let from = reading.from + used;
                            next.push(Reading::new(half, from, points, trace));
                        }
                        look => {
                            let judged = Judged::of(&look).plus(reading.points + points);
                            let trace = judged.trace.map(|_| reading.trace.clone());
                            done.push(Judged { trace, ..judged });
                        }
                    }
                }
            }
            next.sort_by_key(|reading| Reverse(reading.points));
            open = Vec::new();
            for reading in next {
                if open.len() < READINGS && !open.iter().any(|other| reading.is(other)) {
                    open.push(reading);
                }
            }
        }
        let open = open.into_iter();
        done.extend(open.map(|of| Judged { points: of.points, trace: Some(of.trace), end: 0 }));
        let best = done.into_iter().rev().max_by_key(|judged| judged.points);
        best.unwrap_or_else(|| Judged::of(&Look::Stuck))
    }

    /// What may follow, and what speaks for it beside what it is.
    fn behind(&self, reading: &Reading) -> Vec<(i64, Look)> {
        let bytes = self.bytes.get(reading.from..).unwrap_or_default();
        let rest = Ahead { bytes, answers: false, ..*self };
        let look = rest.look(&reading.half);
        if !matches!(look, Look::Stuck | Look::Wrong) {
            let asked = rest.ways_to_ask(&reading.half).into_iter();
            let asked = asked.map(|(way, look)| (way.points, look));
            return asked.chain([(0, look)]).collect();
        }
        if bytes.is_empty() {
            return vec![(0, Look::Over(rest.partial(&reading.half)))];
        }
        let ways = rest.ways(&reading.half).into_iter();
        let mut all: Vec<_> = ways.map(|(way, look)| (way.points, look)).collect();
        if all.is_empty() {
            all.push((0, look));
        }
        all
    }

    /// What the bytes begin with.
    pub(super) fn look(&self, half: &Half<false>) -> Look {
        let mut half = Box::new(half.clone());
        let named = if self.is_named(&mut half) { NAMED_POINTS } else { 0 };
        let (name, used, refused, points) = match half.receive(self.bytes) {
            Ok(received) => match received.progress {
                Progress::Event(event) => {
                    let (name, refused, points) = self.worth(&half, &event);
                    (name, received.taken, refused, points)
                }
                Progress::More(_) => return Look::Over(self.partial(&half)),
                Progress::Owed => return Look::Stuck,
                Progress::Closed if self.bytes.is_empty() => return Look::Over(0),
                Progress::Closed => return Look::Closed,
            },
            Err(Failed) => {
                return match half.engine().violation().map(|violation| violation.rule) {
                    Some(Rule::BeforeUpgrade { .. }) => Look::Over(UPGRADE_POINTS),
                    Some(
                        Rule::UnexpectedReply { .. }
                        | Rule::OutOfSequence { .. }
                        | Rule::KeyInUse { .. },
                    ) => Look::Stuck,
                    _ => Look::Wrong,
                };
            }
        };
        let Some(name) = name else { return Look::Over(UPGRADE_POINTS) };
        if half.engine().session().closed() && used < self.bytes.len() {
            return Look::Closed;
        }
        let what = What { name, used, refused };
        Look::Event { half, used, points: points.saturating_add(named), what }
    }

    /// Whether the bytes begin with a reply that an arm takes for what it is, and not as one of the
    /// rest.
    fn is_named(&self, half: &mut Half<false>) -> bool {
        match self.judged(half) {
            Some((_, Judgement::Reply { arm, .. })) => (arm.low, arm.high) != (0, u64::MAX),
            _ => false,
        }
    }

    /// The frame that the bytes begin with, and what the session makes of it.
    fn judged(&self, half: &mut Half<false>) -> Option<(Said, Judgement)> {
        let Ok(Found::Frame(framer, bytes)) = half.engine_mut().find(self.bytes) else {
            return None;
        };
        let spoken = half.look(framer, bytes).ok()?;
        let said = spoken.said(self.from);
        Some((said, half.engine().judge(self.from, said, &|site| spoken.site(site))))
    }

    /// The name of an event, whether its frame is refused, and what it is worth; no name where another
    /// layer begins.
    fn worth(&self, half: &Half<false>, event: &Event<'_>) -> (Option<String>, bool, i64) {
        match event {
            Event::Frame { frame, refused: true } => {
                (Some(frame.name.to_string()), true, REFUSED_POINTS)
            }
            Event::Frame { frame, .. } => {
                (Some(frame.name.to_string()), false, shape_points(half, &frame.name))
            }
            Event::Data { frame, .. } | Event::End { frame } => {
                (Some((*frame).to_owned()), false, 0)
            }
            Event::Malformed(violation) => {
                (Some(violation.rule.to_string()), false, MALFORMED_POINTS)
            }
            Event::Upgrade(_) => (None, false, 0),
        }
    }

    /// What it is worth that nothing more is whole.
    fn partial(&self, half: &Half<false>) -> i64 {
        let inside = half.engine().partial(self.bytes.len()).is_some();
        if self.ended && inside { PARTIAL_POINTS } else { 0 }
    }

    /// Whether the bytes wait for the other side; `None` where they end inside something.
    pub(super) fn waits(&self, half: &Half<false>) -> Option<bool> {
        match half.clone().engine_mut().find(self.bytes) {
            Ok(Found::More { .. }) => None,
            Ok(Found::Owed) => Some(true),
            _ => Some(false),
        }
    }

    /// What pairs the next frame that has it with what it answers.
    pub(super) fn key(&self, half: &Half<false>) -> Option<Key> {
        let session = half.engine().session();
        let table = half.protocol().table();
        let id = session.framer(self.from);
        let (Some(of), Some(framer)) = (half.framer(id), table.framers.get(usize::from(id.0)))
        else {
            return None;
        };
        if table.pairing == Pairing::Order || session.switched(self.from) {
            return None;
        }
        let mut cuts = Cuts::new(framer.name, framer.cut, self.bytes.len());
        cuts.receive(self.bytes);
        for _ in 0..KEYED_FRAMES {
            match cuts.poll(|reader| half.protocol().read(of, reader)) {
                Ok(Cutting::Frame(spoken)) if spoken.key().is_none() => {}
                Ok(Cutting::Frame(spoken)) => return spoken.key(),
                _ => break,
            }
        }
        None
    }
}

/// What the shape of a frame of this name is worth.
fn shape_points(half: &Half<false>, name: &str) -> i64 {
    let description = half.description();
    let is = |id: FrameId| description.ty(TypeId::Frame(id)).name == name;
    for framer in &half.protocol().machine.framers {
        let choice = description.choice(framer.ty).map_or(&[][..], |of| &of.alternatives);
        if let Some(of) = choice.iter().find(|of| is(of.frame)) {
            let other = of.lead.is_none() && of.tag.is_none();
            return if other { OTHER_POINTS } else { FRAME_POINTS };
        }
        if let Some(record) = description.record(framer.ty)
            && description.ty(framer.ty).name == name
        {
            let text = |step: &Step| {
                let Step::Field(field) = step else { return false };
                matches!(field.kind, FieldKind::Text { .. } | FieldKind::Coded { .. })
            };
            return if record.steps.iter().all(text) { 0 } else { FRAME_POINTS };
        }
    }
    0
}
