//! What every generated machine does alike: cuts the input, asks the session, keeps positions.
//!
//! Reading is two steps. [`Engine::find`] looks for a boundary and remembers what it found, so
//! that no byte is scanned twice; then the complete frame is decoded, judged and taken with
//! [`Engine::read`], or a part of a payload passed on with [`Engine::piece`].

mod drive;
mod read;
mod write;

use crate::few::Rare;
use crate::find::{Finder, More, What, wide};
use crate::machine::Failed;
use crate::mask::Mask;
use crate::progress::{Progress, Received};
use crate::protocol::{Cut, Effect, FramerId, KindId, Protocol, Role, Said, Target, Unread};
use crate::session::{Judgement, Session};
use crate::transform::EscapeEncoder;
use crate::violation::Rule;

/// The part of a machine that does not depend on its description.
///
/// Without the feature `alloc` it has places for so many replies outstanding and lists that are
/// open, which is as many as there are at most; with it, memory follows what there is.
#[derive(Clone, Debug)]
pub struct Engine<const PENDING: usize = 0, const OPEN: usize = 0> {
    session: Session<PENDING>,
    inbound: Inbound<OPEN>,
    /// What has been announced and not been said yet; few say such a thing.
    outbound: Option<Rare<Outbound>>,
    /// How many bytes of streamed payloads have passed, either way.
    streamed: u64,
}

/// An engine for at most so many replies outstanding and lists that are open: generated code is the
/// same with the feature `alloc` and without it.
#[cfg(feature = "alloc")]
pub type Bounded<const PENDING: usize, const OPEN: usize> = Engine;

/// An engine for at most so many replies outstanding and lists that are open: generated code is the
/// same with the feature `alloc` and without it.
#[cfg(not(feature = "alloc"))]
pub type Bounded<const PENDING: usize, const OPEN: usize> = Engine<PENDING, OPEN>;

/// The direction that this side reads.
#[derive(Clone, Debug, Default)]
struct Inbound<const OPEN: usize> {
    finder: Finder<OPEN>,
    /// What the finder looks for.
    framer: Option<FramerId>,
    found: Option<Place>,
}

/// A payload that this side writes.
#[derive(Clone, Debug, Default)]
struct Outbound {
    left: u64,
    /// What lies over the payload.
    mask: Mask,
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

/// What the input begins with.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// A complete frame.
    Frame(FramerId, &'a [u8]),
    /// A part of a streamed payload.
    Data(FramerId, &'a [u8]),
    /// The end of a streamed payload.
    End(FramerId, KindId),
    /// What breaks a rule has been passed over, which [`Engine::overlong`] tells.
    Overlong,
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

impl<const PENDING: usize, const OPEN: usize> Engine<PENDING, OPEN> {
    /// An engine at the beginning of a session.
    #[must_use]
    pub fn new(protocol: &'static Protocol, local: Role) -> Engine<PENDING, OPEN> {
        Engine {
            session: Session::new(protocol, local),
            inbound: Inbound::default(),
            outbound: None,
            streamed: 0,
        }
    }

    /// Where the session stands.
    #[must_use]
    pub fn session(&self) -> &Session<PENDING> {
        &self.session
    }

    /// Where the session stands, to be told of what happens beside the frames.
    pub fn session_mut(&mut self) -> &mut Session<PENDING> {
        &mut self.session
    }

    /// How many bytes of the peer's direction have been taken, from its beginning.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.inbound.finder.position()
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

    /// What the input begins with. May be asked any number of times: it is remembered until it
    /// is taken.
    ///
    /// # Errors
    /// The violation that ended the session, or of the boundary: final, and [`Drive::violation`] tells
    /// which.
    ///
    /// [`Drive::violation`]: crate::machine::Drive::violation
    pub fn find<'a>(&mut self, input: &'a [u8]) -> Result<Found<'a>, Failed> {
        self.found(input, false)
    }

    /// The same for what is read at once: a frame that ends by itself may come with all that
    /// follows it, and may not be there as a whole. What reads it tells.
    ///
    /// # Errors
    /// As [`Engine::find`].
    #[inline(never)]
    pub fn begin<'a>(&mut self, input: &'a [u8]) -> Result<Found<'a>, Failed> {
        self.found(input, true)
    }

    #[inline(always)]
    fn found<'a>(&mut self, input: &'a [u8], reads: bool) -> Result<Found<'a>, Failed> {
        let peer = self.session.local().peer();
        if self.inbound.finder.failed().is_some() || !self.session.hears(peer) {
            return self.unheard(input);
        }
        let framer = self.session.framer(peer);
        if self.inbound.framer != Some(framer) {
            self.inbound.framer = Some(framer);
            self.inbound.finder.begin();
        }
        let known = self.inbound.found.filter(|place| place.framer == framer);
        let place = match known {
            Some(place) => place,
            None if reads && let Some(bytes) = self.whole(framer, input) => {
                self.inbound.found = None;
                return Ok(Found::Frame(framer, bytes));
            }
            None => match self.look(framer, input)? {
                Ok(place) => *self.inbound.found.insert(place),
                Err(more) => return Ok(more),
            },
        };
        let part = |start, end| input.get(start..end).unwrap_or_default();
        Ok(match place.what {
            What::Frame => Found::Frame(framer, part(0, place.taken)),
            What::Overlong => Found::Overlong,
            What::Data { start, end } => Found::Data(framer, part(start, end)),
            What::End => match self.payload(framer) {
                Some(kind) => Found::End(framer, kind),
                None => Found::Closed,
            },
        })
    }

    /// Why nothing of the peer is looked at now.
    #[cold]
    fn unheard(&mut self, input: &[u8]) -> Result<Found<'static>, Failed> {
        if self.inbound.finder.failed().is_some() {
            return Err(Failed);
        }
        let Some(layer) = self.session.upgrade() else {
            return Ok(if self.session.closed() { Found::Closed } else { Found::Owed });
        };
        let unread = self.session.unread();
        if unread == Unread::Reject && !input.is_empty() {
            let rule = Rule::BeforeUpgrade { layer };
            return Err(self.fail(rule, layer, 0, input.len()));
        }
        let Some(layer) = self.session.upgrade_to_announce() else { return Ok(Found::Owed) };
        // What is dropped is taken with what is told.
        let taken = if unread == Unread::Discard { input.len() } else { 0 };
        let framer = self.session.framer(self.session.local().peer());
        self.inbound.found = Some(Place { framer, taken, what: What::Frame });
        Ok(Found::Upgrade(layer))
    }

    /// What the payload of a framer is to the rules, if it has one.
    fn payload(&self, framer: FramerId) -> Option<KindId> {
        self.session.protocol().framer(framer)?.cut.payload()
    }

    /// What may be read before its end is known.
    #[inline]
    fn whole<'a>(&self, framer: FramerId, input: &'a [u8]) -> Option<&'a [u8]> {
        self.inbound.finder.whole(&self.session.protocol().framer(framer)?.cut, input)
    }

    /// Looks for the boundary: `Err` where more bytes are needed.
    #[inline]
    fn look(
        &mut self,
        framer: FramerId,
        input: &[u8],
    ) -> Result<Result<Place, Found<'static>>, Failed> {
        let Some(of) = self.session.protocol().framer(framer) else {
            return Ok(Err(Found::Closed));
        };
        Ok(match self.inbound.finder.look(of.name, &of.cut, input)? {
            Ok((taken, what)) => Ok(Place { framer, taken, what }),
            Err(More { taken, need }) => Err(Found::More { taken, need }),
        })
    }

    /// What the session makes of a frame; `value` gives what the description computes from its fields
    /// at a place.
    #[must_use]
    pub fn judge(&self, role: Role, mut said: Said, value: &dyn Fn(u8) -> u64) -> Judgement {
        self.judged(role, &mut said, value)
    }

    /// The same, and it is told what it asks about numbers.
    #[inline(always)]
    fn judged(&self, role: Role, said: &mut Said, value: &dyn Fn(u8) -> u64) -> Judgement {
        said.tests = self.session.tests(value);
        let judgement = self.session.judge(role, said);
        if judgement.effects().is_empty() {
            return judgement;
        }
        if let Judgement::Reply { arm, .. } = judgement
            && self.interrupts(role.peer(), arm.effects)
        {
            return Judgement::Interrupts;
        }
        match self.session.can_count(judgement.effects(), value) {
            Ok(()) => judgement,
            Err(number) => Judgement::OutOfRange(number),
        }
    }

    /// Whether effects change how `role` is read, which is in the middle of something. An empty payload
    /// that leads nowhere else is nothing.
    fn interrupts(&self, role: Role, effects: &[Effect]) -> bool {
        let switches = |effect: &Effect| match *effect {
            Effect::Then { role: of, .. } | Effect::Speaks { role: of, .. } => of == role,
            Effect::Upgrade { .. } => true,
            _ => false,
        };
        self.session.goes_on(role) && effects.iter().any(switches) && !self.is_empty(role)
    }

    /// Whether `role` has nothing to say of the payload that is due, and nothing comes of its end.
    fn is_empty(&self, role: Role) -> bool {
        let framer = self.session.protocol().framer(self.session.framer(role));
        let Some(Cut::Counted { kind, tail: [], .. }) = framer.map(|framer| framer.cut) else {
            return false;
        };
        let left = match role == self.session.local() {
            true => self.outbound.as_deref().map_or(0, |outbound| outbound.left),
            false => self.inbound.finder.left(),
        };
        let leads_nowhere = || match self.session.judge(role, &Said::only(kind)) {
            Judgement::Rule { rule, .. } => {
                rule.is_none_or(|rule| rule.effects.is_empty() && rule.target == Target::Stay)
            }
            _ => false,
        };
        left == 0 && leads_nowhere()
    }

    /// Carries out what a judged frame does.
    #[inline(always)]
    fn take(&mut self, role: Role, said: &Said, judgement: &Judgement, value: &dyn Fn(u8) -> u64) {
        self.session.take(role, said, judgement);
        if judgement.effects().is_empty() {
            return;
        }
        // It was judged by whether they have room.
        let _ = self.session.count(judgement.effects(), value);
        for effect in judgement.effects() {
            self.session.apply(*effect);
            match *effect {
                Effect::Set { variable, site } => self.session.set(variable, value(site) != 0),
                Effect::Then { role, framer, site, mask } => {
                    let mask = match self.session.protocol().framer(framer).map(|of| of.cut) {
                        Some(Cut::Counted { mask: bytes @ 1.., .. }) => {
                            Mask::new(value(mask), bytes)
                        }
                        _ => Mask::default(),
                    };
                    self.announced(role, value(site), mask);
                }
                _ => {}
            }
        }
    }

    /// A datagram came, after so many bytes of others: what broke a rule in one of them is
    /// forgotten.
    pub fn begin_datagram(&mut self, position: u64) {
        self.inbound.finder.restart(position);
        self.inbound.found = None;
    }

    /// What is in the input is looked at anew, even where it broke a rule: for who looks at it
    /// before the other side has said all that comes before it, and may change how it is cut.
    pub fn look_anew(&mut self) {
        let finder = &mut self.inbound.finder;
        finder.restart(finder.position());
        finder.next();
        self.inbound.found = None;
    }

    /// A part of a streamed payload has passed.
    fn stream(&mut self, bytes: usize) {
        self.streamed = self.streamed.saturating_add(wide(bytes));
    }

    /// What `role` says next has so many bytes, and this lies over it.
    fn announced(&mut self, role: Role, bytes: u64, mask: Mask) {
        if role != self.session.local() {
            self.inbound.finder.announced(bytes, mask);
        } else if bytes > 0 || self.outbound.is_some() {
            let outbound = self.outbound();
            (outbound.left, outbound.mask) = (bytes, mask);
        }
    }

    fn outbound(&mut self) -> &mut Outbound {
        self.outbound.get_or_insert_with(|| Rare::new(Outbound::default()))
    }

    fn fail(&mut self, rule: Rule, frame: &'static str, start: usize, end: usize) -> Failed {
        self.inbound.finder.fail(rule, frame, start, end)
    }
}
