//! Finding where the frames of one direction end, in an input that grows.

mod coded;
mod lines;
mod payload;

use crate::few::Rare;
use crate::frame::{Decoded, told};
use crate::machine::Failed;
use crate::mask::Mask;
use crate::measure::{Node, Walk};
use crate::protocol::Cut;
use crate::read::Reader;
use crate::scan::{self, Broken, Delimiter, Scan};
use crate::transform::EscapeDecoder;
use crate::violation::{Invalid, Rule, Violation};
use lines::Lines;

/// Looks for the end of one frame after the other, and remembers how far it has looked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finder<const OPEN: usize = 0> {
    /// Of the first unread byte, from the beginning of the direction.
    position: u64,
    scan: Scan,
    /// Whether the frame has been looked at, and was not there as a whole.
    looked: bool,
    /// How many bytes the last frame had.
    last: usize,
    /// What a line that is there as a whole does not need, nor whoever reads nothing else.
    stage: Option<Rare<Stage<OPEN>>>,
}

/// How far something has come that one look does not find the end of.
#[derive(Clone, Debug, Default)]
struct Stage<const OPEN: usize> {
    trouble: Trouble,
    /// How many bytes the input must hold before it is worth another look.
    wanted: usize,
    /// How far a frame has been passed over whose numbers say where it ends.
    walk: Walk<OPEN>,
    /// Lines found so far of a frame of several.
    lines: Lines,
    /// How much of the counted payload is still to come.
    left: u64,
    /// What lies over it.
    mask: Mask,
    /// How much has been taken of what must stand behind it.
    tail: usize,
    escapes: EscapeDecoder,
}

/// What has gone wrong.
#[derive(Clone, Copy, Debug, Default)]
enum Trouble {
    #[default]
    None,
    /// What is being passed over: where it began, and the rule that it breaks.
    Skipping(u64, Rule),
    /// It has been passed over: [`What::Overlong`].
    Overlong(Violation),
    /// Nothing more is read.
    Final(Violation),
}

/// What the input begins with.
///
/// Which of them it is takes a whole word, and so does all that it holds: it is written, and at once
/// read as a whole, for which a processor waits long where less was written at a time than is read.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(crate) enum What {
    /// A complete frame.
    Frame,
    /// A part of a payload, by its place.
    Data {
        /// Its first byte.
        start: usize,
        /// The byte behind its last.
        end: usize,
    },
    /// The end of a payload: of [`Cut::payload`].
    End,
    /// What was passed over; [`Finder::overlong`] tells which rule it breaks.
    Overlong,
}

/// Nothing complete.
#[derive(Clone, Copy, Debug)]
pub(crate) struct More {
    /// How many bytes may be dropped.
    pub(crate) taken: usize,
    /// How many more are needed at least.
    pub(crate) need: usize,
}

/// What a look for a boundary came to: how many bytes it takes and what it is, or what is missing.
/// [`Finder::failed`] tells which rule is broken.
pub(crate) type Look = Result<Result<(usize, What), More>, Failed>;

/// Reads the whole of a frame called `name` that was cut so. Where one delimiter ends it, that has
/// been found.
pub(crate) fn decode<'a, F>(
    name: &'static str,
    cut: &Cut,
    bytes: &'a [u8],
    read: impl FnOnce(&mut Reader<'a>) -> Decoded<F>,
) -> Decoded<F> {
    let mut reader = reader(cut, bytes);
    let frame = told(name, read(&mut reader))?;
    told(name, reader.finish())?;
    Ok(frame)
}

/// At the beginning of a frame that was cut so.
#[inline]
pub(crate) fn reader<'a>(cut: &Cut, bytes: &'a [u8]) -> Reader<'a> {
    match cut {
        Cut::Delimited { .. } => Reader::cut(bytes),
        _ => Reader::new(bytes),
    }
}

/// How many bytes there must be for what follows a frame of so many to be worth reading.
#[inline]
pub(crate) fn least_behind(last: usize) -> usize {
    // One byte alone is no frame as a rule.
    last.max(2)
}

impl<const OPEN: usize> Finder<OPEN> {
    /// Of the first unread byte, from the beginning of the direction.
    pub(crate) const fn position(&self) -> u64 {
        self.position
    }

    /// How many bytes have been examined to find boundaries.
    pub(crate) fn scanned(&self) -> u64 {
        let stage = self.stage.as_deref();
        let staged = stage.map_or(0, |of| of.walk.scanned().wrapping_add(of.escapes.examined()));
        self.scan.scanned().wrapping_add(staged)
    }

    fn stage(&mut self) -> &mut Stage<OPEN> {
        self.stage.get_or_insert_with(|| Rare::new(Stage::default()))
    }

    fn trouble(&self) -> Trouble {
        self.stage.as_deref().map_or(Trouble::None, |stage| stage.trouble)
    }

    /// The violation after which nothing more is read.
    pub(crate) fn failed(&self) -> Option<Violation> {
        match self.stage.as_deref()?.trouble {
            Trouble::Final(violation) => Some(violation),
            _ => None,
        }
    }

    /// The same, where something has failed.
    #[cfg(feature = "alloc")]
    #[cold]
    pub(crate) fn kept(&self) -> Violation {
        crate::machine::kept(self.failed())
    }

    /// What was found to be passed over, if that is what was found.
    pub(crate) fn overlong(&self) -> Option<Violation> {
        match self.stage.as_deref()?.trouble {
            Trouble::Overlong(violation) => Some(violation),
            _ => None,
        }
    }

    /// Whether it is in the middle of what it passes over.
    pub(crate) fn is_skipping(&self) -> bool {
        let stage = self.stage.as_deref();
        stage.is_some_and(|stage| matches!(stage.trouble, Trouble::Skipping(..)))
    }

    /// How many bytes the frame needs behind the unread ones, where its numbers have said so.
    pub(crate) fn missing(&self, unread: usize) -> usize {
        self.stage.as_deref().map_or(0, |stage| stage.wanted.saturating_sub(unread))
    }

    /// Looks at the input afresh: what was found was for another way of cutting it.
    pub(crate) fn begin(&mut self) {
        self.scan.reset();
        self.looked = false;
        if let Some(stage) = &mut self.stage {
            stage.begin();
        }
    }

    /// A frame has been taken, and the next one begins.
    pub(crate) fn next(&mut self) {
        self.begin();
        if let Some(stage) = &mut self.stage {
            stage.next();
        }
    }

    /// What follows stands at this position, whatever went wrong before it.
    pub(crate) fn restart(&mut self, position: u64) {
        self.position = position;
        if self.failed().is_some() {
            self.stage().trouble = Trouble::None;
        }
    }

    /// The next payload has so many bytes, and this lies over it.
    pub(crate) fn announced(&mut self, bytes: u64, mask: Mask) {
        if bytes > 0 || self.stage.is_some() {
            let stage = self.stage();
            (stage.left, stage.mask) = (bytes, mask);
        }
    }

    /// How much of the payload is still to come, in bytes.
    pub(crate) fn left(&self) -> u64 {
        self.stage.as_deref().map_or(0, |stage| stage.left)
    }

    /// What lies over the rest of the payload.
    pub(crate) fn mask(&self) -> Mask {
        self.stage.as_deref().map_or(Mask::default(), |stage| stage.mask)
    }

    /// So many bytes of the payload have passed.
    pub(crate) fn passed(&mut self, bytes: usize) {
        if let Some(stage) = &mut self.stage {
            stage.left = stage.left.saturating_sub(wide(bytes));
            stage.mask.skip(bytes);
        }
    }

    /// What may hold the next frame, if it may be read before its end is known.
    #[inline]
    pub(crate) fn whole<'a>(&self, cut: &Cut, input: &'a [u8]) -> Option<&'a [u8]> {
        (input.len() >= self.least(cut)?).then_some(input)
    }

    /// How many bytes there must be for the next frame to be read before its end is known, if that ends
    /// by itself and has not been looked at: as much as the last one had, so that little is read in
    /// vain.
    #[inline]
    pub(crate) fn least(&self, cut: &Cut) -> Option<usize> {
        let (Cut::Measured { ends: true, .. } | Cut::Coded { .. } | Cut::Delimited { .. }) = cut
        else {
            return None;
        };
        (!self.looked).then(|| least_behind(self.last))
    }

    /// What may hold the next frame was read, and does not begin with one as a whole: its end is looked
    /// for, and it is not read so again.
    pub(crate) fn looked(&mut self) {
        self.looked = true;
    }

    /// The frame has been taken that so many bytes were.
    #[inline]
    pub(crate) fn take(&mut self, bytes: usize) {
        self.take_all(bytes, bytes);
    }

    /// Frames have been taken that so many bytes were, and the last of them so many.
    #[inline]
    pub(crate) fn take_all(&mut self, bytes: usize, last: usize) {
        self.last = last;
        self.pass(bytes);
        match self.looked {
            true => self.next(),
            false => self.scan.reset(),
        }
    }

    /// Looks for the boundary: the inner `Err` where more bytes are needed.
    ///
    /// # Errors
    /// A rule of the boundary is broken: final, and [`Finder::failed`] tells which.
    pub(crate) fn look(&mut self, name: &'static str, cut: &Cut, input: &[u8]) -> Look {
        // Of a line that is there as a whole, the scan remembers all there is.
        self.looked |= !matches!(cut, Cut::Delimited { .. });
        match *cut {
            Cut::Delimited { delimiter, max, skip } => {
                self.delimited(name, input, delimiter, max, skip)
            }
            Cut::Datagram { max } if input.len() > max => {
                Err(self.fail(Rule::TooLong { max: wide(max) }, name, 0, max))
            }
            Cut::Datagram { .. } => Ok(Ok((input.len(), What::Frame))),
            Cut::Measured { node, max, .. } => self.measured(name, input, node, max),
            Cut::Coded { coding, max, skip } => self.coded(name, input, coding, max, skip),
            Cut::Lines { delimiter, max, count, last } => {
                self.lines(name, input, delimiter, max, count, last)
            }
            Cut::Escaped { rules, .. } => self.escaped(name, input, rules),
            Cut::Rest { .. } if input.is_empty() => Ok(Err(More { taken: 0, need: 1 })),
            Cut::Rest { .. } => Ok(Ok((input.len(), What::Data { start: 0, end: input.len() }))),
            Cut::Counted { tail, .. } => self.counted(name, input, tail),
        }
    }

    fn delimited(
        &mut self,
        frame: &'static str,
        input: &[u8],
        delimiter: &'static Delimiter,
        max: usize,
        skip: bool,
    ) -> Look {
        if self.is_skipping() {
            return self.skip(frame, input, delimiter);
        }
        match scan::delimited(input, 0, &mut self.scan, delimiter, max) {
            Ok(scan::Found::End(end)) => Ok(Ok((end, What::Frame))),
            Ok(scan::Found::More(need)) => {
                self.looked = true;
                Ok(Err(More { taken: 0, need }))
            }
            Ok(scan::Found::Overlong) => {
                self.too_long(frame, max, skip)?;
                self.skip(frame, input, delimiter)
            }
            Err(broken) => Err(self.broken(frame, broken)),
        }
    }

    /// A frame is longer than allowed: it is passed over.
    ///
    /// # Errors
    /// [`Rule::TooLong`], where it is not.
    fn too_long(&mut self, frame: &'static str, max: usize, skip: bool) -> Result<(), Failed> {
        let rule = Rule::TooLong { max: wide(max) };
        if !skip {
            // However much of it has come.
            return Err(self.fail(rule, frame, 0, max));
        }
        self.skip_from_here(rule);
        Ok(())
    }

    /// What begins here is passed over, if nothing is yet.
    fn skip_from_here(&mut self, rule: Rule) {
        self.looked = true;
        if !self.is_skipping() {
            self.stage().trouble = Trouble::Skipping(self.position, rule);
        }
    }

    /// What has been passed over ends `end` bytes further on.
    fn passed_over(&mut self, frame: &'static str, end: usize) -> What {
        let end = self.position.saturating_add(wide(end));
        if let Trouble::Skipping(start, rule) = self.trouble() {
            self.stage().trouble = Trouble::Overlong(Violation { rule, frame, start, end });
        }
        What::Overlong
    }

    /// Passes over an over-long frame.
    fn skip(&mut self, frame: &'static str, input: &[u8], delimiter: &'static Delimiter) -> Look {
        match scan::skip(input, &mut self.scan, delimiter) {
            Ok(skipped) if skipped.done => {
                Ok(Ok((skipped.dropped, self.passed_over(frame, skipped.dropped))))
            }
            Ok(skipped) => {
                self.pass(skipped.dropped);
                Ok(Err(More { taken: skipped.dropped, need: 1 }))
            }
            Err(broken) => Err(self.broken(frame, broken)),
        }
    }

    /// Finds the end of a frame by the numbers in it, looked at again only once they can tell more.
    fn measured(&mut self, frame: &'static str, input: &[u8], node: Node, max: usize) -> Look {
        let stage = self.stage();
        if let Some(need) = stage.wanted.checked_sub(input.len()).filter(|need| *need > 0) {
            return Ok(Err(More { taken: 0, need }));
        }
        match stage.walk.end(frame, node, input, max) {
            Ok(Ok(end)) => Ok(Ok((end, What::Frame))),
            Ok(Err(need)) => {
                stage.wanted = input.len().saturating_add(need);
                Ok(Err(More { taken: 0, need }))
            }
            Err(invalid) => Err(self.fail(invalid.rule, invalid.frame, invalid.start, invalid.end)),
        }
    }

    /// Goes on behind `taken` bytes.
    pub(crate) fn pass(&mut self, taken: usize) {
        self.position = self.position.saturating_add(wide(taken));
    }

    fn broken(&mut self, frame: &'static str, broken: Broken) -> Failed {
        self.fail(broken.rule, frame, broken.start, broken.end)
    }

    /// What stands between two places of the input breaks a rule, and nothing more is read.
    pub(crate) fn fail(
        &mut self,
        rule: Rule,
        frame: &'static str,
        start: usize,
        end: usize,
    ) -> Failed {
        self.give_up(self.violation(rule, frame, start, end))
    }

    /// What was read of the bytes from here on breaks a rule.
    pub(crate) fn invalid(&self, invalid: Invalid) -> Violation {
        self.violation(invalid.rule, invalid.frame, invalid.start, invalid.end)
    }

    /// The bytes have ended, `unread` of them not taken; `due`: something was still to come.
    ///
    /// # Errors
    /// [`Rule::EndOfStream`], where they ended inside of something, or the violation that was final.
    #[cfg(feature = "alloc")]
    pub(crate) fn end_of_stream(
        &mut self,
        name: &'static str,
        unread: usize,
        due: bool,
    ) -> Result<(), Violation> {
        if let Some(violation) = self.failed() {
            return Err(violation);
        }
        if unread == 0 && !self.is_skipping() && !due {
            return Ok(());
        }
        let violation = self.violation(Rule::EndOfStream { have: wide(unread) }, name, 0, unread);
        self.give_up(violation);
        Err(violation)
    }

    /// Nothing more is read, because of this.
    #[cold]
    pub(crate) fn give_up(&mut self, violation: Violation) -> Failed {
        self.stage().trouble = Trouble::Final(violation);
        Failed
    }

    /// What stands between two places of the input breaks a rule.
    pub(crate) fn violation(
        &self,
        rule: Rule,
        frame: &'static str,
        start: usize,
        end: usize,
    ) -> Violation {
        let at = |place: usize| self.position.saturating_add(wide(place));
        Violation { rule, frame, start: at(start), end: at(end) }
    }
}

impl<const OPEN: usize> Stage<OPEN> {
    /// What is in the input is looked at afresh.
    fn begin(&mut self) {
        self.lines = Lines::default();
        self.wanted = 0;
        self.walk.reset();
    }

    /// What comes next is another frame.
    fn next(&mut self) {
        if !matches!(self.trouble, Trouble::Final(_)) {
            self.trouble = Trouble::None;
        }
        self.tail = 0;
        self.escapes = core::mem::take(&mut self.escapes).restarted();
    }
}

/// A length as the positions of a stream count.
pub(crate) fn wide(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
