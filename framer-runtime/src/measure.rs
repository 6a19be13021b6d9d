//! Finding the end of a frame by the numbers in it.

mod node;
mod number;
mod searches;
mod walk;

use core::cell::Cell;

use crate::read::{Reader, wide};
use crate::violation::{Invalid, Rule};

pub use node::{Children, Delimited, Node};
use searches::Searches;
pub use walk::Walk;

/// Why the end of a frame is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmeasured {
    /// At least so many more bytes are needed to tell.
    More(usize),
    /// The numbers that would tell break a rule: [`Ruler::broken`].
    Broken,
}

/// Whether something was passed over.
pub type Measured<T> = Result<T, Unmeasured>;

/// A place in a frame that may not be there as a whole.
///
/// Only what its length depends on is read; the rest is passed over unseen, there or not.
///
/// ```
/// use framer_runtime::measure::{Ruler, Unmeasured};
///
/// let mut ruler = Ruler::new("Block", b"\x00\x05ab");
/// let length = ruler.uint(false, 0..=512_u16)?;
/// ruler.skip(length.into());
/// assert_eq!(ruler.end(), Err(Unmeasured::More(3)));
/// # Ok::<(), Unmeasured>(())
/// ```
#[derive(Debug)]
pub struct Ruler<'a> {
    /// The name of the frame that it is in.
    frame: &'static str,
    reader: Reader<'a>,
    /// How many bytes the place is behind the end of the input.
    beyond: u64,
    /// What is remembered from one look to the next, by whoever looks again.
    searches: Option<&'a mut Searches>,
    /// The rule that is broken. It is kept here, so that what is returned by each step takes two words.
    broken: Cell<Option<Invalid>>,
}

impl<'a> Ruler<'a> {
    /// At the beginning of a frame, of which `input` holds some.
    #[must_use]
    pub fn new(frame: &'static str, input: &'a [u8]) -> Ruler<'a> {
        let reader = Reader::new(input);
        Ruler { frame, reader, beyond: 0, searches: None, broken: Cell::new(None) }
    }

    /// The same where some delimiters have been looked for.
    fn with(frame: &'static str, input: &'a [u8], searches: &'a mut Searches) -> Ruler<'a> {
        Ruler { searches: Some(searches), ..Ruler::new(frame, input) }
    }

    /// The rule that is broken, where something [is](Unmeasured::Broken).
    #[must_use]
    pub fn broken(&self) -> Option<Invalid> {
        self.broken.get()
    }

    #[cold]
    fn breaks(&self, invalid: Invalid) -> Unmeasured {
        self.broken.set(Some(invalid.of(self.frame)));
        Unmeasured::Broken
    }

    /// Goes one deeper, at most to `max`.
    ///
    /// # Errors
    /// [`Rule::Depth`].
    pub fn descend(&mut self, max: u16) -> Measured<u16> {
        self.reader.descend(max).map_err(|invalid| self.breaks(invalid))
    }

    /// Goes on in a frame of another name; the name before.
    pub fn named(&mut self, frame: &'static str) -> &'static str {
        core::mem::replace(&mut self.frame, frame)
    }

    /// How many bytes of the frame are behind the place, of those that are there.
    #[must_use]
    pub fn position(&self) -> usize {
        self.reader.position()
    }

    /// Passes over so many bytes.
    pub fn skip(&mut self, count: u64) {
        let here = usize::try_from(count).unwrap_or(usize::MAX).min(self.reader.rest().len());
        self.reader.skip(here);
        let left = count.saturating_sub(wide(here));
        self.beyond = self.beyond.saturating_add(left);
    }

    /// Where the frame ends.
    ///
    /// # Errors
    /// [`Unmeasured::More`] if its last byte is not there.
    pub fn end(&self) -> Measured<usize> {
        match self.beyond {
            0 => Ok(self.position()),
            beyond => Err(more(beyond)),
        }
    }

    /// The bytes at the place, so many of them.
    ///
    /// # Errors
    /// [`Unmeasured::More`].
    #[inline]
    pub fn peek(&self, count: usize) -> Measured<&'a [u8]> {
        match self.reader.rest().get(..count).filter(|_| self.beyond == 0) {
            Some(bytes) => Ok(bytes),
            None => Err(self.missing(count)),
        }
    }

    /// How much more is needed for so many bytes at the place.
    #[cold]
    fn missing(&self, count: usize) -> Unmeasured {
        let have = wide(self.reader.rest().len());
        more(self.beyond.saturating_add(wide(count)).saturating_sub(have))
    }

    /// The bytes at the place, as many as there are.
    ///
    /// # Errors
    /// [`Unmeasured::More`] if the place is not there, or behind the last byte.
    fn here(&self) -> Measured<&'a [u8]> {
        self.peek(1)?;
        Ok(self.reader.rest())
    }

    /// The byte at the place.
    ///
    /// # Errors
    /// [`Unmeasured::More`].
    #[inline]
    pub fn first(&self) -> Measured<u8> {
        match self.reader.rest() {
            [first, ..] if self.beyond == 0 => Ok(*first),
            _ => Err(self.missing(1)),
        }
    }

    /// Whether the input goes on with `literal`, as [`Reader::starts`] would say.
    ///
    /// # Errors
    /// [`Unmeasured::More`] where that cannot be told yet.
    // Where the literal is known, what is left of it are a few comparisons of numbers.
    #[inline(always)]
    pub fn starts(&self, literal: &[u8], nocase: bool, word: bool) -> Measured<bool> {
        let needed = literal.len().saturating_add(usize::from(word)).max(1);
        match self.beyond == 0 && self.reader.rest().len() >= needed {
            true => Ok(self.reader.starts(literal, nocase, word)),
            false => self.may_start(literal, nocase),
        }
    }

    /// The same where too few bytes are there to tell that it does.
    #[cold]
    fn may_start(&self, literal: &[u8], nocase: bool) -> Measured<bool> {
        // Another alternative may end sooner than this literal.
        match begun(self.here()?, literal, nocase) {
            true => Err(Unmeasured::More(1)),
            false => Ok(false),
        }
    }

    /// Whether the input goes on with the pattern, as [`crate::read::matches`] would say.
    ///
    /// # Errors
    /// [`Unmeasured::More`] where that cannot be told yet.
    pub fn matches(&self, pattern: &[(u8, u8)]) -> Measured<bool> {
        let rest = self.here()?;
        if rest.iter().zip(pattern).any(|(byte, (mask, value))| byte & mask != *value) {
            return Ok(false);
        }
        if rest.len() < pattern.len() { Err(Unmeasured::More(1)) } else { Ok(true) }
    }

    /// What stands at the place breaks `rule`.
    #[must_use]
    pub fn fail(&self, rule: Rule) -> Unmeasured {
        self.breaks(self.reader.fail(rule))
    }

    /// As [`Reader::fail_before`].
    #[must_use]
    pub fn fail_before(&self, rule: Rule) -> Unmeasured {
        self.breaks(self.reader.fail_before(rule))
    }

    /// What stands between an earlier [`Ruler::position`] and the place breaks `rule`.
    #[must_use]
    pub fn fail_since(&self, begin: usize, rule: Rule) -> Unmeasured {
        self.breaks(self.reader.fail_since(begin, rule))
    }

    /// Reads so many bytes and no more.
    fn read<T>(
        &mut self,
        bytes: usize,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Invalid>,
    ) -> Measured<T> {
        self.peek(bytes)?;
        read(&mut self.reader).map_err(|invalid| self.breaks(invalid))
    }

    /// Reads what says itself how long it is.
    fn read_open<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Invalid>,
    ) -> Measured<T> {
        self.peek(1)?;
        read(&mut self.reader).map_err(|invalid| match invalid.rule {
            Rule::Truncated => Unmeasured::More(1),
            _ => self.breaks(invalid),
        })
    }

    /// Reads what must begin with `wanted`: a wrong byte is told before the others are there.
    fn expect(
        &mut self,
        wanted: &[u8],
        nocase: bool,
        read: impl FnOnce(&mut Reader<'a>) -> Result<(), Invalid>,
    ) -> Measured<()> {
        let rest = self.here()?;
        if rest.len() < wanted.len() && begun(rest, wanted, nocase) {
            return Err(Unmeasured::More(1));
        }
        read(&mut self.reader).map_err(|invalid| self.breaks(invalid))
    }

    /// As [`Reader::literal`].
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    pub fn literal(&mut self, literal: &'static str) -> Measured<()> {
        self.expect(literal.as_bytes(), false, |reader| reader.literal(literal))
    }

    /// As [`Reader::literal_nocase`].
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    pub fn literal_nocase(&mut self, literal: &'static str) -> Measured<()> {
        self.expect(literal.as_bytes(), true, |reader| reader.literal_nocase(literal))
    }

    /// As [`Reader::magic`].
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    pub fn magic(&mut self, bytes: &'static [u8]) -> Measured<()> {
        self.expect(bytes, false, |reader| reader.magic(bytes))
    }
}

/// Whether `literal` begins with `rest`.
fn begun(rest: &[u8], literal: &[u8], nocase: bool) -> bool {
    literal.get(..rest.len()).is_some_and(|begin| match nocase {
        true => begin.eq_ignore_ascii_case(rest),
        false => begin == rest,
    })
}

fn more(bytes: u64) -> Unmeasured {
    Unmeasured::More(usize::try_from(bytes).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Ruler, Unmeasured};
    use crate::violation::{Invalid, Rule};

    /// Where a block ends; what is missing, or what it breaks.
    fn block(input: &[u8]) -> Result<usize, Result<Unmeasured, Invalid>> {
        let mut ruler = Ruler::new("Block", input);
        let end = end_of_block(&mut ruler);
        end.map_err(|found| ruler.broken().map_or(Ok(found), Err))
    }

    fn end_of_block(ruler: &mut Ruler<'_>) -> Result<usize, Unmeasured> {
        ruler.magic(b"\xff")?;
        let length = ruler.leb128(2, 0..=300_u16)?;
        ruler.skip(length.into());
        let more = ruler.uint(false, 0..=9_u8)?;
        ruler.skip(more.into());
        ruler.end()
    }

    #[test]
    fn only_what_tells_is_needed() {
        assert_eq!(block(b""), Err(Ok(Unmeasured::More(1))));
        assert_eq!(block(b"\xff\x80"), Err(Ok(Unmeasured::More(1))));
        assert_eq!(block(b"\xff\x80\x01"), Err(Ok(Unmeasured::More(129))));
        assert_eq!(block(b"\xff\x02a"), Err(Ok(Unmeasured::More(2))));
        assert_eq!(block(b"\xff\x02ab\x03c"), Err(Ok(Unmeasured::More(2))));
        assert_eq!(block(b"\xff\x02ab\x01cdef"), Ok(6));
        let broken = |rule, start, end| Err(Err(Invalid { rule, frame: "Block", start, end }));
        assert_eq!(block(b"\xfe"), broken(Rule::Bytes(b"\xff"), 0, 1));
        assert_eq!(block(b"\xff\xff\x7f"), broken(Rule::Range { low: 0, high: 300 }, 1, 3));
        assert_eq!(block(b"\xff\x80\x00"), broken(Rule::Number, 1, 3));
    }

    #[test]
    fn what_begins_otherwise_is_told_early() {
        let starts = |input: &'static [u8]| Ruler::new("F", input).starts(b"PUT", true, true);
        assert_eq!(starts(b""), Err(Unmeasured::More(1)));
        assert_eq!(starts(b"x"), Ok(false));
        assert_eq!(starts(b"pu"), Err(Unmeasured::More(1)));
        assert_eq!(starts(b"put"), Err(Unmeasured::More(1)));
        assert_eq!(starts(b"put "), Ok(true));
        assert_eq!(starts(b"puts"), Ok(false));
        let ruler = Ruler::new("F", b"\x31");
        assert_eq!(ruler.matches(&[(0xf0, 0x30)]), Ok(true));
        assert_eq!(ruler.matches(&[(0xf0, 0x20), (0xff, 1)]), Ok(false));
        assert_eq!(ruler.matches(&[(0xf0, 0x30), (0xff, 1)]), Err(Unmeasured::More(1)));
    }
}
