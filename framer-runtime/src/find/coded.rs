//! Frames that their coding ends, and what stands between them.

use super::{Finder, Look, More, What};
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
        if self.skipping.is_none_or(|(_, rule)| rule == Rule::Stray) && self.scan.at() == 0 {
            match coding.stray(input) {
                Stray::Begun(0) if self.skipping.is_none() => {}
                Stray::Begun(place) => {
                    self.skipping.get_or_insert((self.position, Rule::Stray));
                    return Ok(Ok((place, self.passed_over(frame, place))));
                }
                Stray::More { stray, need } => {
                    if stray > 0 {
                        self.skipping.get_or_insert((self.position, Rule::Stray));
                    }
                    self.pass(stray);
                    return Ok(Err(More { taken: stray, need }));
                }
            }
        }
        let over = self.skipping.is_some();
        let mut at = match self.scan.at() {
            0 if !over => coding.begin().len(),
            at => at,
        };
        let edge = coding.edge(input, &mut at);
        self.scan.advance(at);
        match edge {
            Edge::End(end) if over => Ok(Ok((end, self.passed_over(frame, end)))),
            Edge::End(end) if end <= max => Ok(Ok((end, What::Frame))),
            Edge::Begun(end) if over || end <= max => {
                let rule = Rule::Coding { coding: coding.name() };
                let broken = What::Overlong(self.violation(rule, frame, 0, end));
                Ok(Ok((end, if over { self.passed_over(frame, end) } else { broken })))
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
                self.overlong(frame, max, skip)?;
                Ok(Ok((end, self.passed_over(frame, end))))
            }
            Edge::Begun(_) | Edge::More(_) => {
                self.overlong(frame, max, skip)?;
                self.coded(frame, input, coding, max, skip)
            }
        }
    }
}
