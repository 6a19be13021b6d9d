//! What every generated machine does alike: cuts the input, asks the session, keeps positions.
//!
//! Reading is two steps. [`Engine::find`] looks for a boundary and remembers what it found, so
//! that no byte is scanned twice; then the complete frame is decoded, judged and taken with
//! [`Engine::read`], or a part of a payload passed on with [`Engine::piece`].

mod payload;
mod read;
mod write;

use crate::measure::{Node, Unmeasured, Walk};
use crate::progress::{Progress, Received};
use crate::protocol::{Cut, Effect, FramerId, KindId, Protocol, Role, Said};
use crate::scan::{self, Broken, Delimiter, Scan};
use crate::session::{Judgement, Session};
use crate::transform::{EscapeDecoder, EscapeEncoder};
use crate::violation::{Rule, Violation};

pub use read::Read;

/// The part of a machine that does not depend on its description.
#[derive(Clone, Debug)]
pub struct Engine {
    session: Session,
    inbound: Inbound,
    outbound: Outbound,
    /// How many bytes of streamed payloads have passed, either way.
    streamed: u64,
}

/// The direction that this side reads.
#[derive(Clone, Debug, Default)]
struct Inbound {
    /// Of the first unread byte, from the beginning of the direction.
    position: u64,
    scan: Scan,
    /// What the scan is for.
    framer: Option<FramerId>,
    found: Option<Place>,
    failed: Option<Violation>,
    /// The over-long frame that is being passed over began here.
    skipping: Option<u64>,
    /// How many bytes the input must hold before it is worth another look.
    wanted: usize,
    /// How far a frame has been passed over whose numbers say where it ends.
    walk: Walk,
    /// Lines found so far of a frame of several.
    lines: Lines,
    /// How much of the counted payload is still to come.
    left: u64,
    /// How much has been taken of what must stand behind it.
    tail: usize,
    escapes: EscapeDecoder,
}

impl Inbound {
    /// Looks at the input afresh: what was found was for another framer.
    fn begin(&mut self, framer: FramerId) {
        self.framer = Some(framer);
        self.scan.reset();
        self.lines = Lines::default();
        self.wanted = 0;
        self.walk.reset();
    }
}

/// How far the lines of one frame have been found.
#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    count: usize,
    end: usize,
}

/// The direction that this side writes.
#[derive(Clone, Debug, Default)]
struct Outbound {
    left: u64,
    escapes: EscapeEncoder,
}

/// What was found in the input, as offsets, until it is taken.
#[derive(Clone, Copy, Debug)]
struct Place {
    framer: FramerId,
    /// How many bytes are done with once it is taken.
    taken: usize,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Frame,
    /// The payload's bytes.
    Data {
        start: usize,
        end: usize,
    },
    End(KindId),
    Overlong(Violation),
}

/// What a look for a boundary came to: how many bytes it takes and what it is, or what is missing.
type Look = Result<Result<(usize, What), Found<'static>>, Violation>;

/// What the input begins with.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// A complete frame.
    Frame(FramerId, &'a [u8]),
    /// A part of a streamed payload.
    Data(FramerId, &'a [u8]),
    /// The end of a streamed payload.
    End(FramerId, KindId),
    /// An over-long frame has been passed over.
    Overlong(Violation),
    /// The connection is to be handed to this layer, by its place in the description.
    Upgrade(u8),
    /// Nothing complete: how many bytes may be dropped, how many more are needed at least.
    More {
        /// Bytes of a frame that is passed over.
        taken: usize,
        /// Bytes.
        need: usize,
    },
    /// What is in the input waits for a reply of this side.
    Owed,
    /// The session is over.
    Closed,
}

impl Found<'_> {
    /// What comes of it where it is no event.
    #[must_use]
    pub fn no_event<E>(&self) -> Received<E> {
        match self {
            Found::More { taken, need } => {
                Received { taken: *taken, progress: Progress::More(*need) }
            }
            Found::Owed => Received { taken: 0, progress: Progress::Owed },
            _ => Received { taken: 0, progress: Progress::Closed },
        }
    }
}

impl Engine {
    /// An engine at the beginning of a session.
    #[must_use]
    pub fn new(protocol: &'static Protocol, local: Role) -> Engine {
        Engine {
            session: Session::new(protocol, local),
            inbound: Inbound::default(),
            outbound: Outbound::default(),
            streamed: 0,
        }
    }

    /// Where the session stands.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Where the session stands, to be told of what happens beside the frames.
    pub fn session_mut(&mut self) -> &mut Session {
        &mut self.session
    }

    /// How many bytes of the peer have been examined to find boundaries.
    #[must_use]
    pub fn scanned(&self) -> u64 {
        let found = self.inbound.scan.scanned().wrapping_add(self.inbound.walk.scanned());
        found.wrapping_add(self.inbound.escapes.examined())
    }

    /// How many bytes of the peer's direction have been taken, from its beginning.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.inbound.position
    }

    /// How many bytes of streamed payloads have passed, either way.
    pub(crate) fn streamed(&self) -> u64 {
        self.streamed
    }

    /// What is expected of the peer now, by its name in the description.
    #[must_use]
    pub fn receiving(&self) -> &'static str {
        self.session.framer_name(self.session.local().peer())
    }

    /// What this side says next, by its name in the description.
    #[must_use]
    pub fn sending(&self) -> &'static str {
        self.session.framer_name(self.session.local())
    }

    /// Whether [`Machine::receive`](crate::machine::Machine::receive) on this input would give
    /// an event. May be asked any number of times.
    ///
    /// [`Received::taken`] bytes belong to a frame that is passed over, and must be dropped
    /// before the next call.
    ///
    /// # Errors
    /// The violation that ended the session, or of the boundary: final.
    pub fn ready(&mut self, input: &[u8]) -> Result<Received<()>, Violation> {
        let found = self.find(input)?;
        Ok(match found {
            Found::More { .. } | Found::Owed | Found::Closed => found.no_event(),
            _ => Received { taken: 0, progress: Progress::Event(()) },
        })
    }

    /// What the input begins with. May be asked any number of times: it is remembered until it
    /// is taken.
    ///
    /// # Errors
    /// The violation that ended the session, or of the boundary: final.
    pub fn find<'a>(&mut self, input: &'a [u8]) -> Result<Found<'a>, Violation> {
        if let Some(violation) = self.inbound.failed {
            return Err(violation);
        }
        if let Some(layer) = self.session.upgrade() {
            if !input.is_empty() {
                let rule = Rule::BeforeUpgrade { layer };
                return Err(self.fail(rule, layer, 0, input.len()));
            }
            return Ok(self.session.upgrade_to_announce().map_or(Found::Owed, Found::Upgrade));
        }
        if self.session.closed() {
            return Ok(Found::Closed);
        }
        let peer = self.session.local().peer();
        if self.session.barrier(peer).is_some() {
            return Ok(Found::Owed);
        }
        let framer = self.session.framer(peer);
        if self.inbound.framer != Some(framer) {
            self.inbound.begin(framer);
        }
        let known = self.inbound.found.filter(|place| place.framer == framer);
        let place = match known {
            Some(place) => place,
            None => match self.look(framer, input)? {
                Ok(place) => *self.inbound.found.insert(place),
                Err(more) => return Ok(more),
            },
        };
        let part = |start, end| input.get(start..end).unwrap_or_default();
        Ok(match place.what {
            What::Frame => Found::Frame(framer, part(0, place.taken)),
            What::Data { start, end } => Found::Data(framer, part(start, end)),
            What::End(kind) => Found::End(framer, kind),
            What::Overlong(violation) => Found::Overlong(violation),
        })
    }

    /// Looks for the boundary: `Err` where more bytes are needed.
    fn look(
        &mut self,
        framer: FramerId,
        input: &[u8],
    ) -> Result<Result<Place, Found<'static>>, Violation> {
        let Some(of) = self.session.protocol().framer(framer) else {
            return Ok(Err(Found::Closed));
        };
        let found = match of.cut {
            Cut::Delimited { delimiter, max, skip } => {
                self.delimited(of.name, input, delimiter, max, skip)?
            }
            Cut::Datagram { max } if input.len() > max => {
                return Err(self.fail(Rule::TooLong { max: wide(max) }, of.name, 0, input.len()));
            }
            Cut::Datagram { .. } => Ok((input.len(), What::Frame)),
            Cut::Measured { node, max } => self.measured(of.name, input, node, max)?,
            Cut::Lines { delimiter, max, count, last } => {
                self.lines(of.name, input, delimiter, max, count, last)?
            }
            Cut::Escaped { rules, kind } => self.escaped(of.name, input, rules, kind)?,
            Cut::Counted { kind, tail } => self.counted(of.name, input, kind, tail)?,
        };
        Ok(found.map(|(taken, what)| Place { framer, taken, what }))
    }

    fn delimited(
        &mut self,
        frame: &'static str,
        input: &[u8],
        delimiter: &'static Delimiter,
        max: usize,
        skip: bool,
    ) -> Look {
        if let Some(start) = self.inbound.skipping {
            return self.skip(frame, input, delimiter, max, start);
        }
        match scan::delimited(input, 0, &mut self.inbound.scan, delimiter, max) {
            Ok(scan::Found::End(end)) => Ok(Ok((end, What::Frame))),
            Ok(scan::Found::More(need)) => Ok(Err(Found::More { taken: 0, need })),
            Ok(scan::Found::Overlong) if skip => {
                let start = self.inbound.position;
                self.inbound.skipping = Some(start);
                self.skip(frame, input, delimiter, max, start)
            }
            Ok(scan::Found::Overlong) => {
                Err(self.fail(Rule::TooLong { max: wide(max) }, frame, 0, input.len()))
            }
            Err(broken) => Err(self.broken(frame, broken)),
        }
    }

    /// Passes over an over-long frame.
    fn skip(
        &mut self,
        frame: &'static str,
        input: &[u8],
        delimiter: &'static Delimiter,
        max: usize,
        start: u64,
    ) -> Look {
        match scan::skip(input, &mut self.inbound.scan, delimiter) {
            Ok(skipped) if skipped.done => {
                let end = self.inbound.position.saturating_add(wide(skipped.dropped));
                let rule = Rule::TooLong { max: wide(max) };
                let violation = Violation { rule, frame, start, end };
                Ok(Ok((skipped.dropped, What::Overlong(violation))))
            }
            Ok(skipped) => {
                self.pass(skipped.dropped);
                Ok(Err(Found::More { taken: skipped.dropped, need: 1 }))
            }
            Err(broken) => Err(self.broken(frame, broken)),
        }
    }

    /// Finds the end of a frame by the numbers in it, looked at again only once they can tell more.
    fn measured(&mut self, frame: &'static str, input: &[u8], node: Node, max: usize) -> Look {
        if let Some(need) = self.inbound.wanted.checked_sub(input.len()).filter(|need| *need > 0) {
            return Ok(Err(Found::More { taken: 0, need }));
        }
        match self.inbound.walk.end(frame, node, input, max) {
            Ok(end) => Ok(Ok((end, What::Frame))),
            Err(Unmeasured::More(need)) => {
                self.inbound.wanted = input.len().saturating_add(need);
                Ok(Err(Found::More { taken: 0, need }))
            }
            Err(Unmeasured::Broken(invalid)) => {
                Err(self.fail(invalid.rule, invalid.frame, invalid.start, invalid.end))
            }
        }
    }

    /// Finds the lines of a frame of several, up to its last one.
    fn lines(
        &mut self,
        frame: &'static str,
        input: &[u8],
        delimiter: &'static Delimiter,
        max: usize,
        count: usize,
        last: fn(&[u8]) -> Result<bool, crate::violation::Invalid>,
    ) -> Look {
        loop {
            let from = self.inbound.lines.end;
            let end = match scan::delimited(input, from, &mut self.inbound.scan, delimiter, max) {
                Ok(scan::Found::End(end)) => end,
                Ok(scan::Found::More(need)) => return Ok(Err(Found::More { taken: 0, need })),
                Ok(scan::Found::Overlong) => {
                    let rule = Rule::TooLong { max: wide(max) };
                    return Err(self.fail(rule, frame, from, input.len()));
                }
                Err(broken) => return Err(self.broken(frame, broken)),
            };
            self.inbound.scan.reset();
            self.inbound.lines.end = end;
            self.inbound.lines.count = self.inbound.lines.count.saturating_add(1);
            if self.inbound.lines.count > count {
                return Err(self.fail(Rule::Count { max: count }, frame, from, end));
            }
            match last(input.get(from..end).unwrap_or_default()) {
                Ok(true) => return Ok(Ok((end, What::Frame))),
                Ok(false) => {}
                Err(invalid) => {
                    let start = from.saturating_add(invalid.start);
                    let end = from.saturating_add(invalid.end);
                    return Err(self.fail(invalid.rule, invalid.frame, start, end));
                }
            }
        }
    }

    /// Carries out what a judged frame does: `value` gives what the description computes from its fields at a place.
    fn take(&mut self, role: Role, said: Said, judgement: Judgement, value: impl Fn(u8) -> u64) {
        self.session.take(role, said, judgement);
        for effect in judgement.effects() {
            self.session.apply(*effect);
            match *effect {
                Effect::Set { variable, site } => self.session.set(variable, value(site) != 0),
                Effect::Then { role, site, .. } if role == self.session.local() => {
                    self.outbound.left = value(site);
                }
                Effect::Then { site, .. } => self.inbound.left = value(site),
                _ => {}
            }
        }
    }

    /// A datagram came, after so many bytes of others: what broke a rule in one of them is
    /// forgotten.
    pub(crate) fn begin_datagram(&mut self, position: u64) {
        self.inbound.position = position;
        self.inbound.found = None;
        self.inbound.failed = None;
    }

    /// A part of a streamed payload has passed.
    fn stream(&mut self, bytes: usize) {
        self.streamed = self.streamed.saturating_add(wide(bytes));
    }

    /// Goes on behind `taken` bytes.
    fn pass(&mut self, taken: usize) {
        self.inbound.position = self.inbound.position.saturating_add(wide(taken));
    }

    fn broken(&mut self, frame: &'static str, broken: Broken) -> Violation {
        self.fail(broken.rule, frame, broken.start, broken.end)
    }

    fn fail(&mut self, rule: Rule, frame: &'static str, start: usize, end: usize) -> Violation {
        let position = self.inbound.position;
        let violation = Violation {
            rule,
            frame,
            start: position.saturating_add(wide(start)),
            end: position.saturating_add(wide(end)),
        };
        self.inbound.failed = Some(violation);
        violation
    }
}

/// A length as the positions of a stream count.
fn wide(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
