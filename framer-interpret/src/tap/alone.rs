//! Reading what one side says without the bytes of the other.

mod search;
mod steps;
mod weigh;

use std::collections::VecDeque;

use framer_runtime::engine::Found;
use framer_runtime::machine::Machine as _;
use framer_runtime::protocol::Role;
use framer_runtime::session::Session;

use super::side::Ready;
use super::{Left, Seen, Side, Sight};
use crate::protocol::Protocol;
use search::Way;
use steps::{Absent, Step};
use weigh::Ahead;

/// How far it is read ahead to see what becomes of an outcome, in bytes; the two longest frames, if these are
/// longer.
const AHEAD_BYTES: usize = 16 * 1024;

/// Reads what one side of a conversation says, where what the other said is not known.
///
/// As long as it does not matter what that was, nothing is supposed. Where it does, be it how the
/// bytes are cut, which state follows, or that something must have been asked, the outcome is taken
/// under which the bytes that follow can be read best, and told as [`Sight::Assumed`] before them,
/// unless it is the only one behind which anything could follow. Of outcomes that are as good the first one
/// of the description is taken.
///
/// ```
/// use framer_dsl::Sources;
/// use framer_interpret::{Alone, Description, Event, Sight};
/// use framer_runtime::protocol::Role;
///
/// let text = r#"
///     delimiter LF = "\n";
///     enum Ask in until LF max 80 { Put { word "PUT" }, Ping { word "PING" } }
///     frame Told in until LF max 80 { code: dec u16 [3] }
///     frame Text in until LF max 80 { text: utf8 to end }
///     protocol Store over stream {
///         roles client, server;
///         client speaks Ask;
///         server speaks Told by code;
///         pending fifo max 4;
///         state Open within 1 min else close {
///             client Put => awaits { 354 => { client then Text }, _ => stay };
///             client Ping => awaits { _ => stay };
///         }
///     }
/// "#;
/// let description = Description::load(&Sources::new("store.frame", text)).expect("it compiles");
/// let said = |bytes: &[u8]| {
///     let mut client = Alone::new(&description.protocols()[0], 64 * 1024, Role::First);
///     client.receive(bytes);
///     client.ended();
///     let mut said = Vec::new();
///     while let Some(seen) = client.poll() {
///         said.push(match seen.sight {
///             Sight::Event(Event::Frame { frame, .. }) => frame.name.to_string(),
///             Sight::Assumed(assumed) => format!("{} {:?}", assumed.frame, assumed.values),
///             other => panic!("{other:?}"),
///         });
///     }
///     said
/// };
/// assert_eq!(said(b"PUT\nwhat is kept\nPING\n"), ["Put", "Told Some(354..=354)", "Text", "Ping"]);
/// assert_eq!(said(b"PUT\nPING\nPING\n"), ["Put", "Told None", "Ping", "Ping"]);
/// // All replies to a PING come to the same.
/// assert_eq!(said(b"PING\nPING\nPING\nPING\nPING\n"), ["Ping"; 5]);
/// ```
#[derive(Debug)]
pub struct Alone {
    from: Role,
    side: Side,
    absent: Absent,
    /// Nothing more will come.
    ended: bool,
    /// The state may be another.
    vague: bool,
    /// What was supposed and is not told yet.
    supposed: VecDeque<(Assumed, Step)>,
}

/// What a side whose bytes are not known is taken to have said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// The frame, by its name, and what tells it from others of that name.
    pub frame: &'static str,
    /// The values of the field that the rules look at, where they tell outcomes apart.
    pub values: Option<std::ops::RangeInclusive<u64>>,
    /// What it answers, by its name; `None` where it asks, or is said by itself.
    pub answers: Option<&'static str>,
    /// What else it may have been instead, in the same words as `frame`, without repetitions.
    pub others: Vec<&'static str>,
}

impl Alone {
    /// The conversation at its beginning, of which `from` is heard. At most so many bytes are held that are
    /// not told yet; at least twice the longest frame is granted.
    #[must_use]
    pub fn new(protocol: &'static Protocol, input_bytes: usize, from: Role) -> Alone {
        let side = Side::new(protocol, input_bytes.max(AHEAD_BYTES), from);
        let absent = Absent::new(protocol, from.peer());
        Alone { from, side, absent, ended: false, vague: false, supposed: VecDeque::new() }
    }

    /// Who is heard.
    #[must_use]
    pub fn from(&self) -> Role {
        self.from
    }

    /// Takes in bytes, as many as there is room for; how many that was. What comes behind a
    /// violation is taken and forgotten.
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        self.side.receive(bytes)
    }

    /// Nothing more will come: until then, what may decide an outcome is waited for.
    pub fn ended(&mut self) {
        self.ended = true;
    }

    /// What was said next, if it is there as a whole; or what the other side is taken to have said
    /// before it.
    pub fn poll(&mut self) -> Option<Seen<'_>> {
        self.side.settle();
        if self.side.lost {
            return None;
        }
        self.answer();
        let before = self.side.half.clone();
        if self.supposed.is_empty() {
            let stuck = self.is_stuck();
            if stuck {
                // What was wrong need not be behind a word of the other side.
                self.side.half = before;
            }
            if stuck || self.may_answer() {
                if !self.ended && self.side.input.len() < self.ahead_bytes() {
                    return None;
                }
                self.suppose(stuck);
            }
        }
        if let Some((assumed, step)) = self.supposed.pop_front() {
            let ([before, after], next) = (step.states, step.next);
            let (from, sight) = (self.from.peer(), Sight::Assumed(assumed));
            return Some(Seen { from, start: 0, end: 0, before, after, known: true, next, sight });
        }
        let known = !self.vague;
        self.side.tell(None, self.from).map(|seen| Seen { known, ..seen })
    }

    /// What was said that is not whole, or what no outcome makes sense of.
    pub fn left(&mut self) -> Option<Left> {
        self.side.left()
    }

    /// Whether the session is over.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.side.half.engine().session().closed()
    }

    /// The conversation goes on in another protocol, behind an upgrade; what was given and not told is of
    /// that one.
    #[must_use]
    pub fn continue_with(mut self, protocol: &'static Protocol, input_bytes: usize) -> Alone {
        self.side.settle();
        let mut alone = Alone::new(protocol, input_bytes, self.from);
        alone.ended = self.ended;
        alone.receive(self.side.input.unread());
        alone
    }

    fn ahead_bytes(&self) -> usize {
        AHEAD_BYTES.max(self.side.half.input_bound().saturating_mul(2))
    }

    /// Whether what is there can go on only behind something that the other side says, or is
    /// wrong without it.
    fn is_stuck(&mut self) -> bool {
        let session = self.side.half.engine().session();
        if session.closed() || session.upgrade().is_some() || self.side.input.is_empty() {
            return false;
        }
        match self.side.ready() {
            Some(ready) => matches!(ready, Ready::Broken | Ready::Early),
            None => match self.side.half.engine_mut().find(self.side.input.unread()) {
                Ok(Found::More { .. }) => self.ended,
                _ => true,
            },
        }
    }

    /// Takes the replies to the oldest that is outstanding as they must have been, unless the other side may have
    /// asked for more first.
    fn answer(&mut self) {
        let may = |session: &Session| !session.switched(self.from) && session.outstanding() > 0;
        while may(self.side.half.engine().session()) {
            let Some(mut reply) = self.absent.certain(&self.side.half) else { return };
            if !reply.take(&mut self.side.half) {
                return;
            }
        }
    }

    /// Whether what is there may have been said by itself, and may be an answer.
    fn may_answer(&self) -> bool {
        let session = self.side.half.engine().session();
        let over = session.closed() || session.upgrade().is_some();
        !over && self.ahead().may_answer(&self.side.half)
    }

    /// Takes the best of the outcomes behind which it goes on, if there is one; of those behind which it answers
    /// something, unless it is `stuck`.
    fn suppose(&mut self, stuck: bool) {
        let ahead = self.ahead();
        let half = &self.side.half;
        let Some(best) = (if stuck { ahead.best(half) } else { ahead.asked(half) }) else { return };
        self.vague = best.vague;
        self.supposed = told(&best.way, &best.others);
        self.side.half = best.way.half;
    }

    /// What outcomes are judged by.
    fn ahead(&self) -> Ahead<'_> {
        let unread = self.side.input.unread();
        let bytes = unread.get(..self.ahead_bytes()).unwrap_or(unread);
        let ended = self.ended && bytes.len() == unread.len();
        Ahead { from: self.from, absent: &self.absent, bytes, ended, answers: false }
    }
}

/// What is to be told of a way, given the others that there are: nothing of what must have been said.
fn told(best: &Way, others: &[Way]) -> VecDeque<(Assumed, Step)> {
    let mut told = VecDeque::new();
    for (place, taken) in best.steps.iter().enumerate() {
        let before = &best.steps[..place];
        let rest = others.iter().filter_map(|way| {
            let same = way.steps.iter().zip(before).all(|(one, other)| one.is(other));
            way.steps.get(place).filter(|step| same && !step.is(taken))
        });
        let instead: Vec<_> = rest.collect();
        if instead.is_empty() {
            continue;
        }
        let mut names: Vec<&'static str> = taken.names.clone();
        for name in instead.iter().flat_map(|step| &step.names) {
            if !names.contains(name) {
                names.push(name);
            }
        }
        let frame = names.remove(0);
        let (values, answers) = (taken.values.clone(), taken.answers);
        told.push_back((Assumed { frame, values, answers, others: names }, taken.clone()));
    }
    told
}
