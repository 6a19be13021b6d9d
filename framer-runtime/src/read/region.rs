//! Regions: up to a delimiter, or of so many bytes.

use super::{Reader, wide};
use crate::scan::{self, Delimiter, Found, Scan};
use crate::violation::{Invalid, Rule};

/// What stands around a region that a reader is in; see [`Reader::open`].
#[derive(Debug)]
#[must_use = "the region is to be closed"]
pub struct Outside<'a> {
    rest: &'a [u8],
}

impl<'a, const AGAIN: bool> Reader<'a, AGAIN> {
    /// Goes into the region before the next delimiter: what is behind it is there again after
    /// [`Reader::close`].
    ///
    /// # Errors
    /// [`Rule::TooLong`] if it is more than `max` bytes with the delimiter,
    /// [`Rule::BareDelimiter`], or [`Rule::Truncated`] where there is none.
    // What stands around it is kept in registers where this is not called.
    #[inline(always)]
    pub fn open(&mut self, delimiter: &Delimiter, max: usize) -> Result<Outside<'a>, Invalid> {
        // Behind the limit nothing is looked for, however often it is tried from here.
        let window = self.rest.get(..max).unwrap_or(self.rest);
        let known = self.cut && window.len() == self.whole.len();
        let found = match known.then(|| delimiter.ending(window)).flatten() {
            Some(size) => Some((window.len().saturating_sub(size), window.len())),
            None if AGAIN => delimiter.again(window),
            None => delimiter.first(window),
        };
        match found {
            Some((size, end)) => Ok(self.narrow(size, end)),
            None => self.open_late(delimiter, max),
        }
    }

    /// The same where the first byte of a delimiter is not the first of one.
    #[cold]
    fn open_late(&mut self, delimiter: &Delimiter, max: usize) -> Result<Outside<'a>, Invalid> {
        let rest = self.rest;
        match scan::delimited(rest, 0, &mut Scan::default(), delimiter, max) {
            Ok(Found::End(end)) => {
                let size = rest.get(..end).and_then(|whole| delimiter.ending(whole));
                Ok(self.narrow(end.saturating_sub(size.unwrap_or_default()), end))
            }
            Ok(Found::More(_)) => {
                self.skip(rest.len());
                Err(self.fail(Rule::Truncated))
            }
            Ok(Found::Overlong) => {
                let begin = self.position();
                self.skip(rest.len());
                Err(self.fail_since(begin, Rule::TooLong { max: wide(max) }))
            }
            Err(broken) => {
                self.skip(broken.start);
                Err(self.fail(broken.rule))
            }
        }
    }

    /// Goes into a region of so many bytes, as [`Reader::open`].
    ///
    /// # Errors
    /// [`Rule::Truncated`] if fewer are left.
    #[inline]
    pub fn open_sized(&mut self, count: u64) -> Result<Outside<'a>, Invalid> {
        match usize::try_from(count) {
            Ok(count) if count <= self.rest.len() => Ok(self.narrow(count, count)),
            _ => Err(self.fail(Rule::Truncated)),
        }
    }

    /// Goes into the region of the first `size` bytes, with `end` bytes done when it is closed.
    #[inline]
    pub(super) fn narrow(&mut self, size: usize, end: usize) -> Outside<'a> {
        let inside = self.rest.get(..size).unwrap_or(self.rest);
        self.take(end);
        Outside { rest: core::mem::replace(&mut self.rest, inside) }
    }

    /// Leaves a region, of which all bytes must have been taken.
    ///
    /// # Errors
    /// [`Rule::Trailing`] otherwise.
    #[inline]
    pub fn close(&mut self, outside: Outside<'a>) -> Result<(), Invalid> {
        self.finish()?;
        self.rest = outside.rest;
        Ok(())
    }
}
