//! Taking what was found.

use super::{Engine, Found, Place};
use crate::find::{self, What};
use crate::frame::{Decode, Decoded};
use crate::machine::{Failed, Step, violation_of};
use crate::mask::Masked;
use crate::progress::{Progress, Received};
use crate::protocol::{Cut, KindId, Number, Said};
use crate::read::Reader;
use crate::session::Judgement;
use crate::spoken::Spoken;
use crate::violation::{Invalid, Rule, Violation};

/// What the session makes of a frame of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accepted {
    /// It is taken.
    Yes,
    /// It is taken, and the state has no place for it.
    Refused,
    /// A reply of this side must come first.
    NotYet,
}

impl<const PENDING: usize, const OPEN: usize> Engine<PENDING, OPEN> {
    /// Decodes, judges and takes the frame that was found, and makes an event of it: `event` is told
    /// whether the state has no place for it, so that this side must say so. Where the session goes on
    /// behind a frame whose content breaks a rule, `malformed` makes an event of that.
    ///
    /// # Errors
    /// A frame that the session has no place for, or whose content breaks a rule where the
    /// description does not go on behind one: final.
    #[inline]
    pub fn read<'a, F, E>(
        &mut self,
        bytes: &'a [u8],
        event: impl FnOnce(F, bool) -> E,
        malformed: Option<fn(Violation) -> E>,
    ) -> Step<E>
    where
        F: Spoken + Decode<View<'a> = F>,
    {
        self.read_with(F::NAME, bytes, |reader| F::read(reader), event, malformed)
    }

    /// The same for a frame called `name` that `read` reads.
    ///
    /// What [`Engine::begin`] gave and has not been measured is read as it stands there; where that
    /// fails, it may be wrong or not be there as a whole, which its measure tells.
    ///
    /// # Errors
    /// As [`Engine::read`].
    pub fn read_with<'a, F: Spoken, E>(
        &mut self,
        name: &'static str,
        bytes: &'a [u8],
        read: impl Fn(&mut Reader<'a>) -> Decoded<F>,
        event: impl FnOnce(F, bool) -> E,
        malformed: Option<fn(Violation) -> E>,
    ) -> Step<E> {
        let peer = self.session.local().peer();
        let framer = self.session.framer(peer);
        let Some(of) = self.session.protocol().framer(framer) else {
            return Ok(Found::Closed.no_event());
        };
        let mut bytes = bytes;
        // It is read at one place, so that it is read right here.
        loop {
            let measured = self.inbound.found.is_some();
            let mut reader = match measured {
                true => find::reader(&of.cut, bytes),
                false => Reader::new(bytes),
            };
            let frame = read(&mut reader);
            let mut taken = reader.position();
            if measured {
                if frame.is_ok()
                    && let Err(invalid) = reader.finish()
                {
                    return self.broken(invalid.of(name), malformed);
                }
                taken = bytes.len();
            } else if frame.is_ok() && taken <= of.cut.bound() {
                self.inbound.found = Some(Place { framer, taken, what: What::Frame });
            } else {
                self.inbound.finder.looked();
                match self.find(bytes)? {
                    Found::Frame(_, measured) => bytes = measured,
                    Found::Overlong => return self.overlong(malformed),
                    found => return Ok(found.no_event()),
                }
                continue;
            }
            // It is moved only when it has been judged: who reads at once as a whole what was
            // written in parts waits for each of them.
            let accepted = match &frame {
                Ok(frame) => self.accept(frame.said(peer), &|site| frame.site(site), taken)?,
                Err(_) => Accepted::Yes,
            };
            return match frame {
                Ok(_) if accepted == Accepted::NotYet => Ok(owed()),
                Ok(frame) => Ok(self.event(event(frame, accepted == Accepted::Refused))),
                Err(invalid) => self.broken(invalid.of(name), malformed),
            };
        }
    }

    /// Decodes the complete frame that was found, and changes nothing.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn decode<'a, F>(
        &self,
        name: &'static str,
        bytes: &'a [u8],
        read: impl FnOnce(&mut Reader<'a>) -> Decoded<F>,
    ) -> Decoded<F> {
        let framer = self.session.framer(self.session.local().peer());
        match self.session.protocol().framer(framer) {
            Some(framer) => find::decode(name, &framer.cut, bytes, read),
            None => Err(Reader::new(bytes).fail(Rule::Stray).of(name)),
        }
    }

    /// Reports a frame whose boundary is known and whose content breaks a rule, if the
    /// description goes on behind one.
    ///
    /// # Errors
    /// The violation itself, where it is final.
    #[cold]
    fn broken<E>(&mut self, invalid: Invalid, event: Option<fn(Violation) -> E>) -> Step<E> {
        self.malformed(self.inbound.finder.invalid(invalid), event)
    }

    /// Reports what was found to be passed over, if the description goes on behind such.
    ///
    /// # Errors
    /// The violation itself, where it is final.
    #[cold]
    pub fn overlong<E>(&mut self, event: Option<fn(Violation) -> E>) -> Step<E> {
        match self.inbound.finder.overlong() {
            Some(violation) => self.malformed(violation, event),
            None => Ok(Found::Closed.no_event()),
        }
    }

    fn malformed<E>(&mut self, violation: Violation, event: Option<fn(Violation) -> E>) -> Step<E> {
        let peer = self.session.local().peer();
        let (Some(kind), Some(event)) = (self.session.protocol().malformed(peer), event) else {
            return Err(self.inbound.finder.give_up(violation));
        };
        let (taken, what) = self.inbound.found.map_or((0, What::Frame), |of| (of.taken, of.what));
        match (self.accept(Said::only(kind), &|_| 0, taken), what) {
            (Ok(Accepted::NotYet), _) => Ok(owed()),
            (Ok(_), _) => Ok(self.event(event(violation))),
            // What was passed over before is of it, however much of that has been dropped.
            (Err(Failed), What::Overlong) => {
                let refused = violation_of(self);
                let start = violation.start;
                Err(self.inbound.finder.give_up(Violation { start, ..refused }))
            }
            (Err(Failed), _) => Err(Failed),
        }
    }

    /// The part of a payload that was found, with what lies over it.
    #[must_use]
    pub fn masked<'a>(&self, data: &'a [u8]) -> Masked<'a> {
        Masked::new(data, self.inbound.finder.mask())
    }

    /// Passes on the part of a payload that was found, as the event that `event` makes of it.
    // It is made where it is returned: a copy of what has just been written is waited for.
    #[inline]
    pub fn piece<E>(&mut self, event: impl FnOnce() -> E) -> Received<E> {
        let taken = self.pass_piece();
        Received { taken, progress: Progress::Event(event()) }
    }

    /// The part of a payload that was found has passed; how many bytes of the input that is.
    fn pass_piece(&mut self) -> usize {
        let Some(Place { framer, taken, what }) = self.inbound.found.take() else { return 0 };
        if let What::Data { start, end } = what {
            let passed = end.saturating_sub(start);
            self.inbound.finder.passed(passed);
            self.stream(passed);
            // What ends with its last byte need not be looked at for its end.
            if self.inbound.finder.left() == 0
                && let Some(of) = self.session.protocol().framer(framer)
                && matches!(of.cut, Cut::Counted { tail: [], .. })
            {
                self.inbound.found = Some(Place { framer, taken: 0, what: What::End });
            }
        }
        self.inbound.finder.pass(taken);
        taken
    }

    /// Takes the end of a payload that was found, as the event that `event` makes of it.
    ///
    /// # Errors
    /// A payload that the session has no place for: final.
    #[inline]
    pub fn end<E>(&mut self, kind: KindId, event: impl FnOnce() -> E) -> Step<E> {
        Ok(match self.accept(Said::only(kind), &|_| 0, 0)? {
            Accepted::NotYet => owed(),
            Accepted::Yes | Accepted::Refused => self.event(event()),
        })
    }

    /// Tells the user of an upgrade.
    pub fn announce<E>(&mut self, event: E) -> Received<E> {
        self.session.announced();
        let taken = self.inbound.found.take().map_or(0, |place| place.taken);
        self.inbound.finder.pass(taken);
        Received { taken, progress: Progress::Event(event) }
    }

    /// The frame that the peer is in the middle of, given how many of its bytes lie in the
    /// input.
    #[must_use]
    pub fn partial(&self, unread: usize) -> Option<&'static str> {
        let peer = self.session.local().peer();
        let framer = self.session.protocol().framer(self.session.framer(peer));
        let endless = matches!(framer.map(|framer| framer.cut), Some(Cut::Rest { .. }));
        let due = self.session.switched(peer) && !endless;
        let inside = unread > 0 || self.inbound.finder.is_skipping() || due;
        inside.then(|| self.receiving())
    }

    /// Judges and takes a frame of the peer.
    #[inline(never)]
    fn accept(
        &mut self,
        mut said: Said,
        site: &dyn Fn(u8) -> u64,
        len: usize,
    ) -> Result<Accepted, Failed> {
        let peer = self.session.local().peer();
        let judgement = self.judged(peer, &mut said, site);
        let state = || self.session.state_name();
        let rule = match (judgement, said.key) {
            (Judgement::Rule { refused, .. }, _) => {
                self.take(peer, &said, &judgement, site);
                return Ok(if refused { Accepted::Refused } else { Accepted::Yes });
            }
            (Judgement::Reply { .. }, _) => {
                self.take(peer, &said, &judgement, site);
                return Ok(Accepted::Yes);
            }
            // What is more than may be outstanding waits in the input.
            (Judgement::Wait | Judgement::Interrupts | Judgement::PendingFull, _) => {
                return Ok(Accepted::NotYet);
            }
            (Judgement::KeyInUse, Some(key)) => Rule::KeyInUse { key, state: state() },
            (Judgement::KeyInUse | Judgement::OutOfSequence, _) => {
                Rule::OutOfSequence { state: state() }
            }
            (Judgement::UnexpectedReply, _) => Rule::UnexpectedReply { state: state() },
            (Judgement::OutOfRange(Number { name, low, high, .. }), _) => {
                Rule::Variable { variable: name, low: *low, high: *high }
            }
        };
        Err(self.fail(rule, self.session.protocol().kind_name(said.kind), 0, len))
    }

    /// An event that takes what was found and ends a frame.
    // It is not handed on to a call, which would copy what has just been written.
    #[inline(always)]
    fn event<E>(&mut self, event: E) -> Received<E> {
        Received { taken: self.pass_frame(), progress: Progress::Event(event) }
    }

    /// What was found has passed, and ended a frame; how many bytes of the input that is.
    fn pass_frame(&mut self) -> usize {
        let taken = self.inbound.found.take().map_or(0, |place| place.taken);
        self.inbound.finder.take(taken);
        taken
    }
}

fn owed<E>() -> Received<E> {
    Received { taken: 0, progress: Progress::Owed }
}
