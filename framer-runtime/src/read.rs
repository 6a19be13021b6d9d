//! Reading the fields of a complete frame.

mod coded;
mod compare;
mod number;
mod reference;
mod region;
mod tail;
mod text;
mod varint;

use core::ops::RangeInclusive;

pub(crate) use compare::{begins, in_word};
pub use compare::{contains, is, matches, starts};
pub use number::{Digits, Le, Number, Signed, Tier};
pub(crate) use number::{first_of, tier_of};
pub use region::Outside;
pub use tail::{Tail, before};
pub(crate) use text::escaped_run;
pub use text::{Stop, Trim};
pub(crate) use varint::quic_bytes;

use crate::violation::{Invalid, Rule};

/// A place in the bytes of a complete frame.
///
/// Every method takes what stands at the place and moves behind it, or says which rule it
/// breaks, with offsets from the beginning of the outermost frame.
///
/// ```
/// use framer_runtime::read::{Digits, Reader};
///
/// let mut reader = Reader::new(b"250 ok");
/// let digits = Digits { min: 3, max: 3, zeros: true };
/// let code = reader.decimal(digits, 200..=599_u16)?;
/// reader.literal(" ")?;
/// assert_eq!((code, reader.take_rest()), (250, &b"ok"[..]));
/// # Ok::<(), framer_runtime::violation::Invalid>(())
/// ```
///
/// One that reads `AGAIN` is where the same was read before, and goes the same way: what was found to
/// keep the rules then is not held against them once more.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a, const AGAIN: bool = false> {
    /// The outermost frame.
    whole: &'a [u8],
    /// What is left of the region that it is in: a part of the outermost frame, and where that
    /// begins says where the place is.
    rest: &'a [u8],
    /// Where the segment begins that it is in, in the outermost frame.
    base: usize,
    /// Where references to what stands before count from, in the outermost frame.
    origin: usize,
    /// The input ends with a delimiter that has been looked for already.
    cut: bool,
    /// How deep it stands in frames of their own kind.
    depth: u16,
}

impl<'a> Reader<'a> {
    /// At the beginning of `input`.
    #[must_use]
    #[inline]
    pub const fn new(input: &'a [u8]) -> Reader<'a> {
        Reader { whole: input, rest: input, base: 0, origin: 0, cut: false, depth: 0 }
    }

    /// The same where `input` was cut behind its first delimiter, which is not looked for again.
    #[must_use]
    #[inline]
    pub const fn cut(input: &'a [u8]) -> Reader<'a> {
        Reader { cut: true, ..Reader::new(input) }
    }

    /// At a place in `input`, so deep.
    #[inline]
    pub(crate) fn at(input: &'a [u8], at: usize, depth: u16) -> Reader<'a> {
        let rest = input.get(at..).unwrap_or_default();
        Reader { rest, depth, ..Reader::new(input) }
    }
}

impl<'a> Reader<'a, true> {
    /// At the beginning of `input`, which was read before.
    #[must_use]
    #[inline]
    pub(crate) const fn again(input: &'a [u8]) -> Reader<'a, true> {
        Reader::new(input).same()
    }
}

impl<'a, const AGAIN: bool> Reader<'a, AGAIN> {
    /// The same place, for who reads the first time or again.
    #[inline]
    pub(crate) const fn same<const OTHER: bool>(&self) -> Reader<'a, OTHER> {
        let Reader { whole, rest, base, origin, cut, depth } = *self;
        Reader { whole, rest, base, origin, cut, depth }
    }

    /// How deep it stands.
    #[inline]
    pub(crate) const fn depth(&self) -> u16 {
        self.depth
    }

    /// Goes one deeper, at most to `max`; the depth before, for [`Reader::ascend`].
    ///
    /// # Errors
    /// [`Rule::Depth`].
    #[inline]
    pub fn descend(&mut self, max: u16) -> Result<u16, Invalid> {
        let before = self.depth;
        if before >= max {
            // Told before the byte that stands there has come, and where, whether it has or not.
            return Err(self.fail_before(Rule::Depth { max }));
        }
        self.depth = before.saturating_add(1);
        Ok(before)
    }

    /// Goes back to an earlier depth.
    #[inline]
    pub fn ascend(&mut self, depth: u16) {
        self.depth = depth;
    }

    /// What was read since an earlier [`Reader::position`] is at most `max` bytes.
    ///
    /// # Errors
    /// [`Rule::TooLong`].
    #[inline]
    pub fn at_most(&self, begin: usize, max: u64) -> Result<(), Invalid> {
        match AGAIN || between(begin, self.position()) <= max {
            true => Ok(()),
            false => Err(self.fail_since(begin, Rule::TooLong { max })),
        }
    }

    /// How many bytes of the outermost frame are behind the place.
    #[must_use]
    #[inline]
    pub fn position(&self) -> usize {
        self.rest.as_ptr().addr().saturating_sub(self.whole.as_ptr().addr())
    }

    /// How many bytes of the outermost frame are before the end of the region.
    #[inline]
    pub(crate) fn end(&self) -> usize {
        self.position().saturating_add(self.rest.len())
    }

    /// Whether all bytes have been taken.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes that are left.
    #[must_use]
    #[inline]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Takes the bytes that are left.
    #[inline]
    pub fn take_rest(&mut self) -> &'a [u8] {
        let all = self.rest;
        // Nothing, at its place.
        self.rest = all.get(all.len()..).unwrap_or_default();
        all
    }

    /// The bytes from an earlier [`Reader::position`] to the place.
    #[must_use]
    #[inline]
    pub fn since(&self, begin: usize) -> &'a [u8] {
        self.range(begin, self.position())
    }

    /// The bytes between two values of [`Reader::position`].
    #[must_use]
    #[inline]
    pub fn range(&self, begin: usize, end: usize) -> &'a [u8] {
        self.whole.get(begin..end).unwrap_or_default()
    }

    /// Whether what is left begins with `literal`, letter case aside if `nocase`; if `word`, no
    /// letter, digit, `-` or `_` may follow it.
    #[must_use]
    #[inline(always)]
    pub fn starts(&self, literal: &[u8], nocase: bool, word: bool) -> bool {
        starts(self.rest, literal, nocase, word)
    }

    /// Whether what is left begins with the pattern; see [`matches()`].
    #[must_use]
    #[inline]
    pub fn matches(&self, pattern: &[(u8, u8)]) -> bool {
        matches(self.rest, pattern)
    }

    /// Passes over `count` bytes, as many as there are.
    #[inline]
    pub fn skip(&mut self, count: usize) {
        self.take(count);
    }

    #[inline]
    fn take(&mut self, count: usize) -> &'a [u8] {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                taken
            }
            None => self.take_fewer(),
        }
    }

    /// Apart, so that what is usual is no choice between values.
    #[cold]
    fn take_fewer(&mut self) -> &'a [u8] {
        self.take_rest()
    }

    /// # Errors
    /// [`Rule::Literal`] if something else stands here.
    #[inline]
    pub fn literal(&mut self, literal: &'static str) -> Result<(), Invalid> {
        self.expect(literal, false, false)
    }

    /// The same, letter case aside.
    ///
    /// # Errors
    /// [`Rule::Literal`] if something else stands here.
    #[inline]
    pub fn literal_nocase(&mut self, literal: &'static str) -> Result<(), Invalid> {
        self.expect(literal, true, false)
    }

    /// A literal that no letter, digit, `-` or `_` follows.
    ///
    /// # Errors
    /// [`Rule::Literal`] if something else stands here.
    #[inline]
    pub fn word(&mut self, literal: &'static str) -> Result<(), Invalid> {
        self.expect(literal, false, true)
    }

    /// The same, letter case aside.
    ///
    /// # Errors
    /// [`Rule::Literal`] if something else stands here.
    #[inline]
    pub fn word_nocase(&mut self, literal: &'static str) -> Result<(), Invalid> {
        self.expect(literal, true, true)
    }

    /// Bytes that are no text.
    ///
    /// # Errors
    /// [`Rule::Bytes`] if something else stands here.
    #[inline]
    pub fn magic(&mut self, bytes: &'static [u8]) -> Result<(), Invalid> {
        if !AGAIN && !self.rest.starts_with(bytes) {
            return Err(self.fail(Rule::Bytes(bytes)));
        }
        self.take(bytes.len());
        Ok(())
    }

    #[inline(always)]
    fn expect(&mut self, literal: &'static str, nocase: bool, word: bool) -> Result<(), Invalid> {
        if !AGAIN && !self.starts(literal.as_bytes(), nocase, word) {
            return Err(self.fail(Rule::Literal(literal)));
        }
        self.take(literal.len());
        Ok(())
    }

    /// A number in decimal digits.
    ///
    /// # Errors
    /// [`Rule::Number`] if it is not canonical, [`Rule::Range`] if it is none of `values`.
    #[inline]
    pub fn decimal<T: Number>(
        &mut self,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Result<T, Invalid> {
        self.number(digits, 10, values)
    }

    /// A number in decimal digits, behind a `-` if it is less than zero; `-0` is none.
    ///
    /// # Errors
    /// [`Rule::Number`] if it is not canonical or does not fit.
    #[inline]
    pub fn decimal_int<T: Signed>(&mut self, digits: Digits) -> Result<T, Invalid> {
        let begin = self.position();
        let minus = self.starts(b"-", false, false);
        self.skip(usize::from(minus));
        let size = self.number(digits, 10, u64::from(minus)..=u64::MAX);
        let value = size.ok().and_then(|size| match minus {
            true => 0_i64.checked_sub_unsigned(size),
            false => i64::try_from(size).ok(),
        });
        let value = value.and_then(|value| T::try_from(value).ok());
        value.ok_or_else(|| self.fail_since(begin, Rule::Number))
    }

    /// A number in hexadecimal digits of either letter case.
    ///
    /// # Errors
    /// [`Rule::Number`] if it is not canonical, [`Rule::Range`] if it is none of `values`.
    #[inline]
    pub fn hexadecimal<T: Number>(
        &mut self,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Result<T, Invalid> {
        self.number(digits, 16, values)
    }

    #[inline]
    fn number<T: Number>(
        &mut self,
        digits: Digits,
        radix: u32,
        values: RangeInclusive<T>,
    ) -> Result<T, Invalid> {
        let begin = self.position();
        let (count, value) = digits.read(self.rest, radix);
        self.skip(count);
        match value {
            Some(value) => self.within(begin, value, values),
            None => Err(self.fail_since(begin, Rule::Number)),
        }
    }

    #[inline]
    pub(crate) fn within<T: Number>(
        &self,
        begin: usize,
        value: u64,
        values: RangeInclusive<T>,
    ) -> Result<T, Invalid> {
        match T::try_from(value) {
            Ok(value) if AGAIN || values.contains(&value) => Ok(value),
            _ => {
                let (low, high) = (values.start().wide(), values.end().wide());
                Err(self.fail_since(begin, Rule::Range { low, high }))
            }
        }
    }

    /// So many bytes.
    ///
    /// # Errors
    /// [`Rule::Truncated`] if fewer are left.
    #[inline]
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Invalid> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(self.fail(Rule::Truncated));
        };
        self.rest = rest;
        Ok(taken)
    }

    /// The next `N` bytes, copied.
    ///
    /// # Errors
    /// [`Rule::Truncated`] if fewer are left.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Invalid> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(self.fail(Rule::Truncated));
        };
        self.rest = rest;
        Ok(*taken)
    }

    /// As many bytes as a field before says.
    ///
    /// # Errors
    /// [`Rule::Truncated`] if fewer are left.
    #[inline]
    pub fn sized(&mut self, count: u64) -> Result<&'a [u8], Invalid> {
        match usize::try_from(count) {
            Ok(count) => self.bytes(count),
            Err(_) => Err(self.fail(Rule::Truncated)),
        }
    }

    /// All bytes must have been taken.
    ///
    /// # Errors
    /// [`Rule::Trailing`] otherwise.
    #[inline]
    pub fn finish(&self) -> Result<(), Invalid> {
        if AGAIN || self.is_empty() { Ok(()) } else { Err(self.trailing()) }
    }

    /// What is left is more than the frame.
    #[cold]
    pub(crate) fn trailing(&self) -> Invalid {
        self.fail_between(self.position(), self.end(), Rule::Trailing)
    }

    /// What stands at the place breaks `rule`.
    #[must_use]
    #[cold]
    pub fn fail(&self, rule: Rule) -> Invalid {
        let start = self.position();
        let end = start.saturating_add(self.rest.len().min(1));
        Invalid { rule, frame: "", start, end }
    }

    /// What was read before says something of what stands here that breaks `rule`, whatever that is: no
    /// byte is told, since none need have come.
    #[must_use]
    #[cold]
    pub fn fail_before(&self, rule: Rule) -> Invalid {
        self.fail_since(self.position(), rule)
    }

    /// What stands between an earlier [`Reader::position`] and the place breaks `rule`.
    #[must_use]
    #[cold]
    pub fn fail_since(&self, begin: usize, rule: Rule) -> Invalid {
        self.fail_between(begin, self.position(), rule)
    }

    /// What stands between two earlier values of [`Reader::position`] breaks `rule`.
    #[must_use]
    #[cold]
    pub fn fail_between(&self, begin: usize, end: usize, rule: Rule) -> Invalid {
        Invalid { rule, frame: "", start: begin, end }
    }
}

/// How many bytes stand between two values of [`Reader::position`].
#[must_use]
pub fn between(begin: usize, end: usize) -> u64 {
    wide(end.saturating_sub(begin))
}

/// A length as descriptions compute with it.
#[must_use]
pub fn wide(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
