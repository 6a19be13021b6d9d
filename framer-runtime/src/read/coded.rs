//! Reading payloads in a coding.

use super::Reader;
use crate::transform::{Coded, Coding};
use crate::violation::{Invalid, Rule};

impl<'a, const AGAIN: bool> Reader<'a, AGAIN> {
    /// A payload in a coding, which says where it ends; at most `max` bytes of the wire.
    ///
    /// # Errors
    /// [`Rule::Bytes`] if it does not begin so, [`Rule::Coding`], [`Rule::TooLong`], or
    /// [`Rule::Truncated`] where there is no end.
    #[inline]
    pub fn coded(&mut self, coding: &'static Coding, max: usize) -> Result<Coded<'a>, Invalid> {
        let begin = self.position();
        match coding.check(self.rest()) {
            Ok(end) => {
                let bytes = self.take(end);
                self.at_most(begin, super::wide(max))?;
                let bytes = bytes.get(coding.begin().len()..).unwrap_or_default();
                Ok(Coded::wire(bytes, coding))
            }
            Err(bad) => Err(self.not_coded(coding, bad)),
        }
    }

    /// What stands here is not of the coding at this place, or has no end.
    #[cold]
    fn not_coded(&mut self, coding: &'static Coding, bad: Option<(usize, usize)>) -> Invalid {
        let begin = self.position();
        let Some((start, end)) = bad else {
            self.skip(self.rest().len());
            return self.fail(Rule::Truncated);
        };
        let rule = match start < coding.begin().len() {
            true => Rule::Bytes(coding.begin()),
            false => Rule::Coding { coding: coding.name() },
        };
        let at = |place: usize| begin.saturating_add(place);
        self.fail_between(at(start), at(end), rule)
    }
}
