//! Frames of several lines, the last of which looks otherwise.

use super::{Finder, Look, More, What, wide};
use crate::protocol::Last;
use crate::scan::{self, Delimiter};
use crate::violation::Rule;

/// How far the lines of one frame have been found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lines {
    count: usize,
    end: usize,
}

impl<const OPEN: usize> Finder<OPEN> {
    /// Finds the lines of a frame of several, up to its last one.
    pub(super) fn lines(
        &mut self,
        frame: &'static str,
        input: &[u8],
        delimiter: &'static Delimiter,
        max: usize,
        count: usize,
        last: Last,
    ) -> Look {
        loop {
            let from = self.stage().lines.end;
            let end = match scan::delimited(input, from, &mut self.scan, delimiter, max) {
                Ok(scan::Found::End(end)) => end,
                Ok(scan::Found::More(need)) => return Ok(Err(More { taken: 0, need })),
                Ok(scan::Found::Overlong) => {
                    let rule = Rule::TooLong { max: wide(max) };
                    return Err(self.fail(rule, frame, from, from.saturating_add(max)));
                }
                Err(broken) => return Err(self.broken(frame, broken)),
            };
            self.scan.reset();
            let lines = &mut self.stage().lines;
            *lines = Lines { count: lines.count.saturating_add(1), end };
            if lines.count > count {
                return Err(self.fail(Rule::Count { max: count }, frame, from, end));
            }
            match last.is(input.get(from..end).unwrap_or_default()) {
                Ok(true) => return Ok(Ok((end, What::Frame))),
                Ok(false) => {}
                Err(invalid) => {
                    let invalid = invalid.of(frame);
                    let start = from.saturating_add(invalid.start);
                    let end = from.saturating_add(invalid.end);
                    return Err(self.fail(invalid.rule, invalid.frame, start, end));
                }
            }
        }
    }
}
