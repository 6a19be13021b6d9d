//! Payloads that are passed on as they come.

use super::{Finder, Look, More, What};
use crate::transform::Escapes;
use crate::violation::Rule;

impl<const OPEN: usize> Finder<OPEN> {
    /// The next part of a payload of known length, which ends behind what must stand there.
    pub(super) fn counted(
        &mut self,
        frame: &'static str,
        input: &[u8],
        tail: &'static [u8],
    ) -> Look {
        let left = self.left();
        if left == 0 {
            return self.tail(frame, input, tail);
        }
        let wanted = usize::try_from(left).unwrap_or(usize::MAX);
        Ok(match input.len().min(wanted) {
            0 => Err(More { taken: 0, need: 1 }),
            end => Ok((end, What::Data { start: 0, end })),
        })
    }

    /// What must stand behind a payload, taken as it comes.
    fn tail(&mut self, frame: &'static str, input: &[u8], tail: &'static [u8]) -> Look {
        let taken = self.stage.as_deref().map_or(0, |stage| stage.tail);
        let missing = tail.get(taken..).unwrap_or_default();
        let alike = missing.iter().zip(input).take_while(|(wanted, byte)| wanted == byte).count();
        match missing.len().saturating_sub(alike) {
            0 => Ok(Ok((alike, What::End))),
            need if alike == input.len() => {
                self.stage().tail = taken.saturating_add(alike);
                self.pass(alike);
                Ok(Err(More { taken: alike, need }))
            }
            _ => Err(self.fail(Rule::Bytes(tail), frame, alike, alike.saturating_add(1))),
        }
    }

    /// The next part of an escaped payload.
    pub(super) fn escaped(
        &mut self,
        frame: &'static str,
        input: &[u8],
        rules: &'static Escapes,
    ) -> Look {
        match self.stage().escapes.decode(rules, input) {
            Ok(piece) if !piece.data.is_empty() => {
                let what = What::Data { start: piece.data.start, end: piece.data.end };
                Ok(Ok((piece.taken, what)))
            }
            Ok(piece) if piece.end => Ok(Ok((piece.taken, What::End))),
            Ok(piece) => {
                self.pass(piece.taken);
                Ok(Err(More { taken: piece.taken, need: piece.need }))
            }
            Err(broken) => Err(self.broken(frame, broken)),
        }
    }
}
