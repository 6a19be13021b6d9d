//! From the wire to the payload.

use core::ops::Range;

use super::{Escapes, Kind, Token, alike};
use crate::scan::{Broken, Spot, alone};
use crate::simd;

/// Reads an escaped payload in pieces that borrow the input.
#[derive(Clone, Copy, Debug, Default)]
pub struct EscapeDecoder {
    begun: bool,
    /// Directly behind a delimiter.
    behind: bool,
    examined: u64,
}

/// What the input begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// How many bytes are done with once the piece has been used.
    pub taken: usize,
    /// The payload's bytes, a part of what is taken.
    pub data: Range<usize>,
    /// Whether the payload ends here; then there is no data.
    pub end: bool,
    /// Without data and end: how many more bytes are needed at least.
    pub need: usize,
}

impl EscapeDecoder {
    /// How many bytes have been examined.
    #[must_use]
    pub const fn examined(&self) -> u64 {
        self.examined
    }

    /// A decoder at the beginning of the next payload.
    #[must_use]
    pub fn restarted(self) -> EscapeDecoder {
        EscapeDecoder { examined: self.examined, ..EscapeDecoder::default() }
    }

    /// Reads the next piece; the next call's input begins behind [`Piece::taken`].
    ///
    /// # Errors
    /// [`Rule::BareDelimiter`](crate::violation::Rule::BareDelimiter) once all data before it
    /// has been read.
    pub fn decode(&mut self, rules: &Escapes, input: &[u8]) -> Result<Piece, Broken> {
        let mut start = 0;
        let mut at = 0;
        if self.behind || (!self.begun && rules.at_start) {
            match escape(rules, input) {
                Escape::Hold(need) => {
                    self.examine(input.len());
                    return Ok(Piece { taken: 0, data: 0..0, end: false, need });
                }
                Escape::Token(token) => {
                    self.examine(token.coded.len());
                    at = token.coded.len();
                    start = at.saturating_sub(token.plain.len());
                    if token.kind == Kind::End {
                        self.begun = true;
                        return Ok(Piece { taken: at, data: 0..0, end: true, need: 0 });
                    }
                }
                Escape::None => {}
            }
        }
        self.run(rules, input, start, at)
    }

    /// Reads on from `at` to where a rule may hold again; the data begins at `start`.
    fn run(
        &mut self,
        rules: &Escapes,
        input: &[u8],
        start: usize,
        mut at: usize,
    ) -> Result<Piece, Broken> {
        let begun = at;
        let mut behind = false;
        let mut held = 0;
        let mut need = 1;
        let end = loop {
            if let Some((pair, first)) = rules.plain {
                let rest = input.get(at..).unwrap_or_default();
                let plain = simd::plain(pair, first, rest);
                at = at.saturating_add(plain);
                let [one, two] = pair;
                if rest.get(plain..).is_some_and(|rest| rest.starts_with(&[one, two, first])) {
                    at = at.saturating_add(2);
                    behind = true;
                    break at;
                }
            }
            match rules.after.next(input, at) {
                Some((place, Spot::Whole(size))) => {
                    at = place.saturating_add(size);
                    if may_escape(rules, input.get(at..).unwrap_or_default()) {
                        behind = true;
                        break at;
                    }
                }
                Some((place, Spot::Begun { have, missing })) => {
                    held = have;
                    need = missing;
                    break place;
                }
                Some((place, Spot::Alone(_))) if rules.after.lenient() => {
                    at = place.saturating_add(1);
                }
                // What stands before it is read first.
                Some((place, Spot::Alone(byte))) if place == start => {
                    return Err(alone(byte, place));
                }
                Some((place, Spot::Alone(_))) => break place,
                None => break input.len(),
            }
        };
        self.examine(end.saturating_sub(begun).saturating_add(held));
        if end > 0 {
            self.begun = true;
            self.behind = behind;
        }
        Ok(Piece { taken: end, data: start..end, end: false, need })
    }

    fn examine(&mut self, count: usize) {
        self.examined = self.examined.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }
}

/// What stands where the rules hold.
enum Escape {
    Token(&'static Token),
    None,
    /// Cannot be told before so many more bytes are there.
    Hold(usize),
}

fn escape(rules: &Escapes, input: &[u8]) -> Escape {
    let mut best: Option<&'static Token> = None;
    let mut hold = None;
    for token in rules.tokens {
        let same = alike(token.coded, input);
        if same == token.coded.len() {
            if best.is_none_or(|best| best.coded.len() < same) {
                best = Some(token);
            }
        } else if same == input.len() {
            let need = token.coded.len().saturating_sub(same);
            hold = Some(hold.map_or(need, |hold: usize| hold.min(need)));
        }
    }
    match (hold, best) {
        (Some(need), _) => Escape::Hold(need),
        (None, Some(token)) => Escape::Token(token),
        (None, None) => Escape::None,
    }
}

/// Whether a rule may hold for what follows a delimiter; without a byte of it, it may.
fn may_escape(rules: &Escapes, rest: &[u8]) -> bool {
    let Some(first) = rest.first() else { return true };
    rules.tokens.iter().any(|token| token.coded.first() == Some(first))
}
