//! Frames that their coding ends, and what stands between them.

#[cfg(test)]
mod tests;

use super::{Finder, Look, More, Trouble, What};
use crate::transform::{Coding, Edge, Stray};
use crate::violation::Rule;

impl<const OPEN: usize> Finder<OPEN> {
    /// The next frame in a coding. What stands before its beginning is passed over, and told; a
    /// frame that another one begins in ends there.
    pub(super) fn coded(
        &mut self,
        frame: &'static str,
        input: &[u8],
        coding: &'static Coding,
        max: usize,
        skip: bool,
    ) -> Look {
        let between = match self.trouble() {
            Trouble::Skipping(_, rule) => rule == Rule::Stray,
            _ => true,
        };
        if between && self.scan.at() == 0 {
            match coding.stray(input) {
                Stray::Begun(0) if !self.is_skipping() => {}
                Stray::Begun(place) => {
                    self.skip_from_here(Rule::Stray);
                    return Ok(Ok((place, self.passed_over(frame, place))));
                }
                Stray::More { stray, need } => {
                    if stray > 0 {
                        self.skip_from_here(Rule::Stray);
                    }
                    self.pass(stray);
                    return Ok(Err(More { taken: stray, need }));
                }
            }
        }
        let over = self.is_skipping();
        let mut at = match self.scan.at() {
            0 if !over => coding.begin().len(),
            at => at,
        };
        let edge = coding.edge(input, &mut at);
        self.scan.advance(at);
        match edge {
            Edge::End(end) if over => Ok(Ok((end, self.passed_over(frame, end)))),
            Edge::End(end) if end <= max => Ok(Ok((end, What::Frame))),
            Edge::Begun(end) if over || has_room(coding, input, end, max) => {
                self.skip_from_here(Rule::Coding { coding: coding.name() });
                Ok(Ok((end, self.passed_over(frame, end))))
            }
            Edge::More(_) if over => {
                self.pass(at);
                self.scan.forget(at);
                Ok(Err(More { taken: at, need: 1 }))
            }
            Edge::More(need) if need <= max.saturating_sub(input.len()) => {
                Ok(Err(More { taken: 0, need }))
            }
            Edge::End(end) => {
                self.too_long(frame, max, skip)?;
                Ok(Ok((end, self.passed_over(frame, end))))
            }
            Edge::Begun(_) | Edge::More(_) => {
                self.too_long(frame, max, skip)?;
                self.coded(frame, input, coding, max, skip)
            }
        }
    }
}

/// Whether a frame that another one begins in, behind `begun` bytes, was never longer than allowed before that
/// was known: where its bytes come one by one, it is looked at before each.
fn has_room(coding: &Coding, input: &[u8], begun: usize, max: usize) -> bool {
    let missing = |len: usize| {
        let mut examined = begun;
        match coding.edge(input.get(..len)?, &mut examined) {
            _ if len == begun => Some(coding.end().len()),
            Edge::More(need) => Some(need),
            Edge::End(_) | Edge::Begun(_) => None,
        }
    };
    let mut known = (begun..).map_while(|len| Some((len, missing(len)?)));
    known.all(|(len, need)| need <= max.saturating_sub(len))
}
