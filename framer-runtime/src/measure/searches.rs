//! What ends where something stands that is looked for, and what is remembered of that from one look to
//! the next.

use super::{Children, Delimited, Measured, Ruler, Unmeasured};
use crate::few::{Stack, is_full};
use crate::read::wide;
use crate::scan::{self, Delimiter, Found, Scan};
use crate::transform::{Coding, Edge};
use crate::violation::{Invalid, Rule};

/// How many delimiters of one node are remembered without the feature `alloc`.
const FOUND: usize = 8;

/// The delimiters of one node, found and looked for: none is looked for twice, but what has no
/// place here without the feature `alloc`.
#[derive(Clone, Debug, Default)]
pub(super) struct Searches {
    /// How many bytes each took that was found, in their order.
    found: Stack<usize, FOUND>,
    /// How many of them have been passed.
    pub(super) passed: usize,
    /// For the next one.
    pub(super) scan: Scan,
}

impl Searches {
    pub(super) fn reset(&mut self) {
        self.found.clear();
        self.passed = 0;
        self.scan.reset();
    }

    /// The next one is looked for: behind what was examined for it, if all before it are
    /// remembered.
    fn search(&mut self) -> &mut Scan {
        if is_full(&self.found) {
            self.scan.reset();
        }
        &mut self.scan
    }

    /// One was found, and is passed.
    fn remember(&mut self, bytes: usize) {
        if !is_full(&self.found) {
            self.found.push(bytes);
        }
        self.passed = self.found.len();
        self.scan.reset();
    }
}

impl Ruler<'_> {
    /// Passes over what ends with a delimiter that was found before.
    fn found(&mut self) -> Option<()> {
        let searches = self.searches.as_deref_mut()?;
        let end = *searches.found.get(searches.passed)?;
        searches.passed = searches.passed.saturating_add(1);
        self.reader.skip(end);
        Some(())
    }

    /// Passes over so many bytes, behind which a delimiter was found.
    fn remember(&mut self, end: usize) {
        if let Some(searches) = self.searches.as_deref_mut() {
            searches.remember(end);
        }
        self.reader.skip(end);
    }

    /// Passes over what stands before the next delimiter, and over that. What has been examined
    /// is not again.
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken, as
    /// [`Reader::open`](crate::read::Reader::open).
    pub fn until(&mut self, delimiter: &Delimiter, max: usize) -> Measured<()> {
        self.peek(0)?;
        if self.found().is_some() {
            return Ok(());
        }
        let of = (self.frame, delimiter, max);
        let end = self.end_of(of, self.reader.rest(), self.position())?;
        self.remember(end);
        Ok(())
    }

    /// Passes over a frame that ends with a delimiter. What has been examined is not again.
    ///
    /// # Errors
    /// As [`Ruler::until`].
    pub fn delimited(&mut self, of: &Delimited) -> Measured<Children> {
        let outer = self.named(of.frame);
        self.until(of.delimiter, of.max)?;
        self.named(outer);
        Ok(Children::NONE)
    }

    /// How many bytes `rest` has up to behind the delimiter, where it begins at `start`.
    // One call of what looks at many bytes, for both who ask.
    #[inline(never)]
    pub(super) fn end_of(
        &mut self,
        (frame, delimiter, max): (&'static str, &Delimiter, usize),
        rest: &[u8],
        start: usize,
    ) -> Measured<usize> {
        let mut anew = Scan::default();
        let scan = self.searches.as_deref_mut().map_or(&mut anew, Searches::search);
        let found = scan::delimited(rest, 0, scan, delimiter, max);
        if let Ok(Found::End(end)) = found {
            return Ok(end);
        }
        let (rule, from, to) = match found {
            // A byte of the delimiter that stands alone is told at once.
            Ok(Found::End(_) | Found::More(_)) => return Err(Unmeasured::More(1)),
            Ok(Found::Overlong) => (Rule::TooLong { max: wide(max) }, 0, max),
            Err(found) => (found.rule, found.start, found.end),
        };
        let (start, end) = (start.saturating_add(from), start.saturating_add(to));
        Err(self.breaks(Invalid { rule, frame, start, end }))
    }

    /// Passes over a payload in a coding, whatever it holds. What has been examined is not again.
    ///
    /// # Errors
    /// [`Unmeasured::More`], [`Rule::Bytes`] if it does not begin so, or [`Rule::TooLong`].
    pub fn coded(&mut self, coding: &Coding, max: usize) -> Measured<()> {
        self.peek(0)?;
        if self.found().is_some() {
            return Ok(());
        }
        let rest = self.reader.rest();
        let begin = coding.begin();
        if !rest.starts_with(begin) {
            return match begin.len().checked_sub(rest.len()) {
                Some(need) if begin.starts_with(rest) => Err(Unmeasured::More(need)),
                _ => Err(self.fail(Rule::Bytes(begin))),
            };
        }
        let mut anew = Scan::default();
        let scan = self.searches.as_deref_mut().map_or(&mut anew, Searches::search);
        let mut at = scan.at().max(begin.len());
        let edge = coding.edge(rest, &mut at);
        scan.advance(at);
        match edge {
            // What is no frame is told when it is decoded.
            Edge::End(end) | Edge::Begun(end) if end <= max => {
                self.remember(end);
                Ok(())
            }
            Edge::More(need) if need <= max.saturating_sub(rest.len()) => {
                Err(Unmeasured::More(need))
            }
            _ => {
                let max = wide(max);
                Err(self.fail(Rule::TooLong { max }))
            }
        }
    }
}
