//! Places that refer to what stands before them.

use super::{Reader, wide};
use crate::violation::{Invalid, Rule};

/// What references count from around a frame that they count from the beginning of.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    whole: &'a [u8],
    origin: usize,
}

impl<'a, const AGAIN: bool> Reader<'a, AGAIN> {
    /// References count from the place, and lead to nothing behind what is left. What it was before
    /// is for [`Reader::leave`].
    #[inline]
    pub fn enter(&mut self) -> Around<'a> {
        let around = Around { whole: self.whole, origin: self.origin };
        self.whole = self.whole.get(..self.end()).unwrap_or(self.whole);
        self.origin = self.position();
        around
    }

    /// References count from where they did.
    #[inline]
    pub fn leave(&mut self, around: Around<'a>) {
        (self.whole, self.origin) = (around.whole, around.origin);
    }

    /// How far the place is from where references count from.
    #[inline]
    pub(crate) fn offset(&self) -> usize {
        self.position().saturating_sub(self.origin)
    }

    /// The same place, in what began at an earlier [`Reader::position`] and may lead elsewhere.
    #[inline]
    pub(crate) fn segment(&self, begin: usize) -> Reader<'a, AGAIN> {
        Reader { base: begin, cut: false, ..*self }
    }

    /// The same place, within what the delimiter at the end of the input does not end.
    #[inline]
    pub(crate) fn uncut(&mut self) -> &mut Reader<'a, AGAIN> {
        self.cut = false;
        self
    }

    /// At a place that is referred to, in what stands before the segment that refers to it since
    /// `begin`.
    ///
    /// # Errors
    /// [`Rule::Reference`], if it does not stand before it.
    #[inline]
    pub(crate) fn elsewhere(
        &self,
        offset: u64,
        begin: usize,
    ) -> Result<Reader<'a, AGAIN>, Invalid> {
        let before = self.base.saturating_sub(self.origin);
        match usize::try_from(offset) {
            Ok(to) if to < before => {
                let base = self.origin.saturating_add(to);
                let rest = self.whole.get(base..self.base).unwrap_or_default();
                Ok(Reader { rest, base, cut: false, ..*self })
            }
            _ => {
                let rule = Rule::Reference { offset, before: wide(before) };
                Err(self.fail_since(begin, rule))
            }
        }
    }

    /// The bytes that references count from the beginning of.
    #[inline]
    pub(crate) fn message(&self) -> &'a [u8] {
        self.whole.get(self.origin..).unwrap_or_default()
    }
}
