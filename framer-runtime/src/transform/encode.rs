//! From the payload to the wire.

use super::{Escapes, Kind};
use crate::scan::Spot;
use crate::violation::Rule;
use crate::write::Out;

/// Writes a payload in pieces of any size, so that it is read back as it was.
#[derive(Clone, Copy, Debug, Default)]
pub struct EscapeEncoder {
    begun: bool,
    /// Directly behind a delimiter.
    behind: bool,
    /// How many bytes of a delimiter the last piece ended with.
    partial: usize,
}

impl EscapeEncoder {
    /// Writes a piece of the payload behind what `out` holds.
    ///
    /// # Errors
    /// [`Rule::BareDelimiter`], which no reader would take, or [`Rule::NoRoom`]; then nothing was
    /// written.
    pub fn encode(&mut self, rules: &Escapes, data: &[u8], out: &mut Out<'_>) -> Result<(), Rule> {
        let (mut next, mark) = (*self, out.len());
        let written = next.write(rules, data, out);
        out.close(mark, written)?;
        *self = next;
        Ok(())
    }

    /// Writes the end of the payload, for which it must end with a delimiter or be empty.
    ///
    /// # Errors
    /// [`Rule::Truncated`] otherwise, or [`Rule::NoRoom`]; then nothing was written.
    pub fn finish(&mut self, rules: &Escapes, out: &mut Out<'_>) -> Result<(), Rule> {
        let end = rules.tokens.iter().find(|token| token.kind == Kind::End);
        match end.filter(|_| self.rules_hold(rules)) {
            Some(end) => {
                let mark = out.len();
                out.extend_from_slice(end.coded);
                out.close(mark, Ok(()))
            }
            None => Err(Rule::Truncated),
        }
    }

    fn rules_hold(&self, rules: &Escapes) -> bool {
        self.behind || (!self.begun && rules.at_start)
    }

    fn write(&mut self, rules: &Escapes, data: &[u8], out: &mut Out<'_>) -> Result<(), Rule> {
        let delimiter = rules.after.bytes();
        let mut rest = data;
        while let Some((first, behind)) = rest.split_first() {
            if self.partial > 0 {
                if delimiter.get(self.partial) != Some(first) {
                    let byte = delimiter.first().copied().unwrap_or_default();
                    return Err(Rule::BareDelimiter { byte });
                }
                self.pass_delimiter(delimiter, self.partial.saturating_add(1));
                out.push(*first);
                rest = behind;
                continue;
            }
            if self.rules_hold(rules) {
                let token = rules
                    .tokens
                    .iter()
                    .find(|token| token.kind == Kind::Both && token.plain.first() == Some(first));
                self.begun = true;
                self.behind = false;
                if let Some(token) = token {
                    out.extend_from_slice(token.coded);
                    rest = behind;
                    continue;
                }
            }
            let (end, matched) = match rules.after.next(rest, 0) {
                None => (rest.len(), 0),
                Some((place, Spot::Whole(size))) => (place, size),
                Some((place, Spot::Begun { have, .. })) => (place, have),
                Some((place, Spot::Alone(_))) if rules.after.lenient() => {
                    (place.saturating_add(1), 0)
                }
                Some((_, Spot::Alone(byte))) => return Err(Rule::BareDelimiter { byte }),
            };
            let end = end.saturating_add(matched);
            let (written, left) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            out.extend_from_slice(written);
            if matched > 0 {
                self.pass_delimiter(delimiter, matched);
            }
            rest = left;
        }
        Ok(())
    }

    /// So many bytes of a delimiter have been written.
    fn pass_delimiter(&mut self, delimiter: &[u8], matched: usize) {
        self.begun = true;
        self.behind = matched == delimiter.len();
        self.partial = if self.behind { 0 } else { matched };
    }
}
