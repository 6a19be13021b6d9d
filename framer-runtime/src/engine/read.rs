//! Taking what was found.

use super::{Engine, Found, Place};
use crate::find::{self, What};
use crate::frame::{Decode, Decoded};
use crate::mask::Masked;
use crate::progress::{Progress, Received};
use crate::protocol::{Cut, KindId, Number, Said};
use crate::read::Reader;
use crate::session::Judgement;
use crate::spoken::Spoken;
use crate::violation::{Invalid, Rule, Violation};

/// What became of a complete frame.
#[derive(Clone, Copy, Debug)]
pub enum Read<F> {
    /// It is taken.
    Accepted(F),
    /// It is taken, and the state has no place for it: this side must say so.
    Refused(F),
    /// Its content breaks a rule; the session goes on behind it.
    Malformed(Violation),
}

/// What became of reading a frame.
enum Whole<'a, F> {
    /// It takes so many bytes.
    Frame(F, usize),
    Invalid(Invalid),
    /// It has been passed over.
    Overlong(Violation),
    /// It is not there as a whole.
    Not(Found<'a>),
}

impl<const PENDING: usize, const OPEN: usize> Engine<PENDING, OPEN> {
    /// Decodes, judges and takes the frame that was found.
    ///
    /// # Errors
    /// A frame that the session has no place for, or whose content breaks a rule where the
    /// description does not go on behind one: final.
    pub fn read<'a, F>(&mut self, bytes: &'a [u8]) -> Result<Received<Read<F>>, Violation>
    where
        F: Spoken + Decode<View<'a> = F>,
    {
        self.read_with(F::NAME, bytes, |reader| F::read(reader))
    }

    /// The same for a frame called `name` that `read` reads.
    ///
    /// # Errors
    /// As [`Engine::read`].
    pub fn read_with<'a, F: Spoken>(
        &mut self,
        name: &'static str,
        bytes: &'a [u8],
        read: impl Fn(&mut Reader<'a>) -> Decoded<F>,
    ) -> Result<Received<Read<F>>, Violation> {
        let (frame, len) = match self.whole_frame(name, bytes, read)? {
            Whole::Frame(frame, len) => (frame, len),
            Whole::Invalid(invalid) => {
                let received = self.malformed(invalid)?;
                return Ok(received.map(Read::Malformed));
            }
            Whole::Overlong(violation) => {
                return Ok(self.overlong(violation)?.map(Read::Malformed));
            }
            Whole::Not(found) => return Ok(found.no_event()),
        };
        let peer = self.session.local().peer();
        let judged = self.accept(frame.said(peer), |site| frame.site(site), len)?;
        let Some(judgement) = judged else { return Ok(owed()) };
        let event = match judgement {
            Judgement::Rule { refused: true, .. } => Read::Refused(frame),
            _ => Read::Accepted(frame),
        };
        Ok(self.event(event))
    }

    /// The same where a broken rule is final, and every state has a place for what it reads.
    ///
    /// # Errors
    /// A frame that the session has no place for, or whose content breaks a rule: final.
    pub fn read_or_fail<'a, F>(&mut self, bytes: &'a [u8]) -> Result<Received<F>, Violation>
    where
        F: Spoken + Decode<View<'a> = F>,
    {
        Ok(self.read_or_refuse(bytes)?.map(|(frame, _)| frame))
    }

    /// The same where a state may have no place for it: then this side must say so.
    ///
    /// # Errors
    /// As [`Engine::read_or_fail`].
    pub fn read_or_refuse<'a, F>(
        &mut self,
        bytes: &'a [u8],
    ) -> Result<Received<(F, bool)>, Violation>
    where
        F: Spoken + Decode<View<'a> = F>,
    {
        let (frame, len) = match self.whole_frame(F::NAME, bytes, |reader| F::read(reader))? {
            Whole::Frame(frame, len) => (frame, len),
            Whole::Invalid(Invalid { rule, frame, start, end }) => {
                return Err(self.fail(rule, frame, start, end));
            }
            Whole::Overlong(violation) => return Err(self.inbound.finder.give_up(violation)),
            Whole::Not(found) => return Ok(found.no_event()),
        };
        let said = frame.said(self.session.local().peer());
        Ok(match self.accept(said, |site| frame.site(site), len)? {
            Some(judgement) => {
                let refused = matches!(judgement, Judgement::Rule { refused: true, .. });
                self.event((frame, refused))
            }
            None => owed(),
        })
    }

    /// Decodes what [`Engine::begin`] gave. What has not been measured is read as it stands there;
    /// where that fails, it may be wrong or not be there as a whole, which its measure tells.
    #[inline]
    fn whole_frame<'a, F>(
        &mut self,
        name: &'static str,
        bytes: &'a [u8],
        read: impl Fn(&mut Reader<'a>) -> Decoded<F>,
    ) -> Result<Whole<'a, F>, Violation> {
        let framer = self.session.framer(self.session.local().peer());
        let Some(of) = self.session.protocol().framer(framer) else {
            return Ok(Whole::Not(Found::Closed));
        };
        let mut bytes = bytes;
        // It is read at one place, so that it is read right here.
        loop {
            let measured = self.inbound.found.is_some();
            let mut reader = match (measured, of.cut) {
                (true, Cut::Delimited { .. }) => Reader::cut(name, bytes),
                _ => Reader::new(name, bytes),
            };
            let frame = read(&mut reader);
            let taken = reader.position();
            match frame {
                Ok(frame) if !measured && taken <= of.cut.bound() => {
                    self.inbound.found = Some(Place { framer, taken, what: What::Frame });
                    return Ok(Whole::Frame(frame, taken));
                }
                _ if !measured => self.inbound.finder.looked(),
                Ok(frame) => {
                    return Ok(match reader.finish() {
                        Ok(()) => Whole::Frame(frame, bytes.len()),
                        Err(invalid) => Whole::Invalid(invalid),
                    });
                }
                Err(invalid) => return Ok(Whole::Invalid(invalid)),
            }
            match self.find(bytes)? {
                Found::Frame(_, measured) => bytes = measured,
                Found::Overlong(violation) => return Ok(Whole::Overlong(violation)),
                found => return Ok(Whole::Not(found)),
            }
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
            Some(framer) => find::decode(name, framer.cut, bytes, read),
            None => Err(Reader::new(name, bytes).fail(Rule::Stray)),
        }
    }

    /// Reports a frame whose boundary is known and whose content breaks a rule, if the
    /// description goes on behind one.
    ///
    /// # Errors
    /// The violation itself, where it is final.
    fn malformed(&mut self, invalid: Invalid) -> Result<Received<Violation>, Violation> {
        self.overlong(self.inbound.finder.invalid(invalid))
    }

    /// Reports a frame that was passed over, if the description goes on behind one.
    ///
    /// # Errors
    /// The violation itself, where it is final.
    pub fn overlong(&mut self, violation: Violation) -> Result<Received<Violation>, Violation> {
        let peer = self.session.local().peer();
        let Some(kind) = self.session.protocol().malformed(peer) else {
            return Err(self.inbound.finder.give_up(violation));
        };
        let (taken, what) = self.inbound.found.map_or((0, What::Frame), |of| (of.taken, of.what));
        match (self.accept(Said::only(kind), |_| 0, taken), what) {
            (Ok(Some(_)), _) => Ok(self.event(violation)),
            (Ok(None), _) => Ok(owed()),
            // What was passed over before is of it, however much of that has been dropped.
            (Err(refused), What::Overlong) => {
                let Violation { start, end, .. } = violation;
                Err(self.inbound.finder.give_up(Violation { start, end, ..refused }))
            }
            (Err(refused), _) => Err(refused),
        }
    }

    /// The part of a payload that was found, with what lies over it.
    #[must_use]
    pub fn masked<'a>(&self, data: &'a [u8]) -> Masked<'a> {
        Masked::new(data, self.inbound.finder.mask())
    }

    /// Passes on the part of a payload that was found.
    pub fn piece<E>(&mut self, event: E) -> Received<E> {
        let place = self.inbound.found.take();
        let taken = place.map_or(0, |place| place.taken);
        if let Some(What::Data { start, end }) = place.map(|place| place.what) {
            let passed = end.saturating_sub(start);
            self.inbound.finder.passed(passed);
            self.stream(passed);
        }
        self.inbound.finder.pass(taken);
        Received { taken, progress: Progress::Event(event) }
    }

    /// Takes the end of a payload that was found.
    ///
    /// # Errors
    /// A payload that the session has no place for: final.
    pub fn end<E>(&mut self, kind: KindId, event: E) -> Result<Received<E>, Violation> {
        Ok(match self.accept(Said::only(kind), |_| 0, 0)? {
            Some(_) => self.event(event),
            None => owed(),
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

    /// Judges and takes a frame of the peer; `None` if a reply of this side must come first.
    fn accept(
        &mut self,
        said: Said,
        site: impl Fn(u8) -> u64,
        len: usize,
    ) -> Result<Option<Judgement>, Violation> {
        let peer = self.session.local().peer();
        let (said, judgement) = self.judge(peer, said, &site);
        let state = self.session.state_name();
        let rule = match judgement {
            Judgement::Rule { .. } | Judgement::Reply { .. } => {
                self.take(peer, said, judgement, &site);
                return Ok(Some(judgement));
            }
            // What is more than may be outstanding waits in the input.
            Judgement::Wait | Judgement::Interrupts | Judgement::PendingFull => return Ok(None),
            Judgement::KeyInUse(key) => Rule::KeyInUse { key, state },
            Judgement::OutOfSequence => Rule::OutOfSequence { state },
            Judgement::UnexpectedReply => Rule::UnexpectedReply { state },
            Judgement::OutOfRange(Number { name, low, high, .. }) => {
                Rule::Variable { variable: name, low: *low, high: *high }
            }
        };
        Err(self.fail(rule, self.session.protocol().kind_name(said.kind), 0, len))
    }

    /// An event that takes what was found and ends a frame.
    fn event<E>(&mut self, event: E) -> Received<E> {
        let taken = self.inbound.found.take().map_or(0, |place| place.taken);
        self.inbound.finder.take(taken);
        Received { taken, progress: Progress::Event(event) }
    }
}

fn owed<E>() -> Received<E> {
    Received { taken: 0, progress: Progress::Owed }
}
