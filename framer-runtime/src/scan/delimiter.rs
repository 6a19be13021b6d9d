//! What ends something.

use memchr::{memchr, memchr2, memchr3};

use crate::read::begins;
use crate::simd;

/// A byte string that ends something, or one of several.
#[derive(Debug, PartialEq, Eq)]
pub struct Delimiter {
    /// What is written.
    bytes: &'static [u8],
    /// What is read in its place.
    others: &'static [&'static [u8]],
    /// Every byte of all of them, once.
    set: &'static [u8],
    lenient: bool,
}

impl Delimiter {
    /// The delimiter of these bytes, at least one and each but once. Unless `lenient`, none of
    /// them may stand alone.
    #[must_use]
    pub const fn new(bytes: &'static [u8], lenient: bool) -> Delimiter {
        Delimiter { bytes, others: &[], set: bytes, lenient }
    }

    /// The delimiter of `bytes`, or in their place of one of `others`; none begins like another.
    /// `set` holds every byte of them once.
    ///
    /// ```
    /// use framer_runtime::scan::{Delimiter, Found, Scan, delimited};
    ///
    /// static LINE: Delimiter = Delimiter::any(b"\r\n", &[b"\n"], b"\r\n", true);
    /// let found = delimited(b"one\ntwo\r\n", 0, &mut Scan::default(), &LINE, 80);
    /// assert_eq!(found, Ok(Found::End(4)));
    /// ```
    #[must_use]
    pub const fn any(
        bytes: &'static [u8],
        others: &'static [&'static [u8]],
        set: &'static [u8],
        lenient: bool,
    ) -> Delimiter {
        Delimiter { bytes, others, set, lenient }
    }

    /// The bytes of it that are written.
    #[must_use]
    pub const fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// Whether its bytes may stand alone.
    #[must_use]
    pub const fn lenient(&self) -> bool {
        self.lenient
    }

    /// Its two bytes, where it is the only one and they may not stand alone.
    pub(crate) const fn only(&self) -> Option<[u8; 2]> {
        match (self.bytes, self.others, self.lenient) {
            ([first, second], [], false) => Some([*first, *second]),
            _ => None,
        }
    }

    #[inline]
    fn all(&self) -> impl Iterator<Item = &'static [u8]> {
        core::iter::once(self.bytes).chain(self.others.iter().copied())
    }

    /// The fewest bytes that it has.
    #[inline]
    pub(super) fn least(&self) -> usize {
        let others = self.others.iter().map(|other| other.len());
        others.fold(self.bytes.len(), usize::min)
    }

    /// How many bytes of the delimiter `input` ends with, if it does.
    #[inline]
    pub(crate) fn ending(&self, input: &[u8]) -> Option<usize> {
        if self.others.is_empty() {
            let size = self.bytes.len();
            let end = input.get(input.len().checked_sub(size)?..)?;
            return begins(end, self.bytes).then_some(size);
        }
        self.all().filter(|bytes| input.ends_with(bytes)).map(<[u8]>::len).max()
    }

    /// Where the delimiter begins and ends which ends what `input` begins with, if its first byte
    /// is the first there is of any delimiter.
    // It is one call of what looks at many bytes, wherever a region is gone into.
    #[inline(always)]
    pub(crate) fn first(&self, input: &[u8]) -> Option<(usize, usize)> {
        let place = self.byte(input)?;
        let size = self.whole(input.get(place..)?)?;
        Some((place, place.saturating_add(size)))
    }

    /// The same of an input in which it was found before: where no byte of it stands alone, that is
    /// where the first one stands.
    #[inline(always)]
    pub(crate) fn again(&self, input: &[u8]) -> Option<(usize, usize)> {
        match (self.bytes, self.others, self.lenient) {
            ([first, ..], [], false) => {
                let place = any_of(&[*first], input)?;
                Some((place, place.saturating_add(self.bytes.len())))
            }
            _ => self.first(input),
        }
    }

    /// How many bytes the delimiter has that `rest` begins with.
    #[inline(always)]
    fn whole(&self, rest: &[u8]) -> Option<usize> {
        if begins(rest, self.bytes) {
            return Some(self.bytes.len());
        }
        self.others.iter().find(|bytes| begins(rest, bytes)).map(|bytes| bytes.len())
    }

    /// Whether a byte of the delimiter is among these.
    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        self.byte(bytes).is_some()
    }

    /// Where the first byte is that the delimiter holds.
    #[inline]
    fn byte(&self, input: &[u8]) -> Option<usize> {
        any_of(self.set, input)
    }

    /// The next byte of `input` at or behind `from` that the delimiter holds, and what it is.
    #[inline]
    pub(crate) fn next(&self, input: &[u8], from: usize) -> Option<(usize, Spot)> {
        let place = from.saturating_add(self.byte(input.get(from..)?)?);
        let rest = input.get(place..)?;
        Some((place, self.whole(rest).map_or_else(|| self.begun(rest), Spot::Whole)))
    }

    /// What a byte is with which no whole delimiter begins.
    #[cold]
    fn begun(&self, rest: &[u8]) -> Spot {
        let missing = |bytes: &&[u8]| bytes.len().saturating_sub(rest.len());
        let begun = self.all().filter(|bytes| bytes.starts_with(rest));
        match (begun.map(|bytes| missing(&bytes)).min(), rest.first()) {
            (None, Some(byte)) => Spot::Alone(*byte),
            (missing, _) => Spot::Begun { have: rest.len(), missing: missing.unwrap_or(0) },
        }
    }
}

/// Where the first byte is that is one of the set.
#[inline]
pub(crate) fn any_of(set: &[u8], input: &[u8]) -> Option<usize> {
    match *set {
        [one] => find([one], input, |rest| memchr(one, rest)),
        [one, two] => find([one, two], input, |rest| memchr2(one, two, rest)),
        [one, two, three] => find([one, two, three], input, |rest| memchr3(one, two, three, rest)),
        _ => input.iter().position(|byte| set.contains(byte)),
    }
}

/// Fewer bytes than these are looked at one by one: a call costs more.
const FEW: usize = 8;

/// The same, near the beginning or behind it.
#[inline]
fn find<const N: usize>(
    set: [u8; N],
    input: &[u8],
    far: impl FnOnce(&[u8]) -> Option<usize>,
) -> Option<usize> {
    let passed = match simd::find(set, input) {
        Ok(place) => return Some(place),
        Err(passed) => passed,
    };
    let rest = input.get(passed..)?;
    let place = match rest.len() {
        0 => None,
        1..FEW => rest.iter().position(|byte| set.contains(byte)),
        _ => far(rest),
    };
    Some(passed.saturating_add(place?))
}

/// What a byte of the delimiter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// The first of the whole delimiter, of so many bytes.
    Whole(usize),
    /// The first of what may become the delimiter.
    Begun {
        /// How many of its bytes are there.
        have: usize,
        /// How many are missing at least.
        missing: usize,
    },
    /// Not of the delimiter.
    Alone(u8),
}

#[cfg(test)]
mod tests {
    use super::Delimiter;

    static LINE: Delimiter = Delimiter::new(b"\r\n", false);
    static LENIENT: Delimiter = Delimiter::new(b"\r\n", true);
    static EITHER: Delimiter = Delimiter::any(b"\r\n", &[b"\n"], b"\r\n", false);

    #[test]
    fn what_was_found_is_found_again() {
        for delimiter in [&LINE, &LENIENT, &EITHER] {
            for len in 0..70 {
                let bytes = [&b"x".repeat(len)[..], b"\r\n", &b"y".repeat(40), b"\r\n"].concat();
                assert_eq!(delimiter.again(&bytes), Some((len, len + 2)), "{delimiter:?}");
                assert_eq!(delimiter.again(&bytes), delimiter.first(&bytes));
                assert_eq!(delimiter.again(&bytes[..len]), None);
            }
        }
        assert_eq!(EITHER.again(b"one\ntwo\r\n"), Some((3, 4)));
        // A byte that stood alone before it was none.
        assert_eq!(LENIENT.again(b"one\rtwo\r\n"), LENIENT.first(b"one\rtwo\r\n"));
    }
}
