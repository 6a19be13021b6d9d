//! Writing payloads in a coding.

use super::Writer;
use crate::transform::{Coded, Coding};
use crate::violation::EncodeError;

impl Writer<'_> {
    /// A payload in a coding, at most `max` bytes of the wire.
    ///
    /// # Errors
    /// [`Rule::TooLong`](crate::violation::Rule::TooLong); without the feature `alloc`,
    /// [`Rule::Coding`](crate::violation::Rule::Coding) if it came in another coding.
    pub fn coded(
        &mut self,
        field: &'static str,
        payload: &Coded<'_>,
        coding: &'static Coding,
        max: usize,
    ) -> Result<(), EncodeError> {
        let begin = self.mark();
        payload.write(coding, &mut self.out).map_err(|rule| self.fail(field, rule))?;
        let max = crate::read::wide(max);
        self.at_most(begin, max).map_err(|error| EncodeError { field, ..error })
    }
}
