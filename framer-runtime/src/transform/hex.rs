//! Codings that write each byte as two hexadecimal digits.

use super::escapes::Part;
use crate::write::Out;

/// Digits up to an end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hex {
    /// Not all of it are digits.
    pub(super) end: &'static [u8],
    /// Written in capital letters; read are both.
    pub(super) upper: bool,
}

/// Every byte, at its own place.
static BYTES: [u8; 256] = bytes();

const fn bytes() -> [u8; 256] {
    let mut bytes = [0; 256];
    let mut byte = u8::MAX;
    while byte > 0 {
        bytes[byte as usize] = byte;
        byte -= 1;
    }
    bytes
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

impl Hex {
    /// What `rest` goes on with.
    pub(super) fn part(self, rest: &[u8]) -> Part {
        if rest.starts_with(self.end) {
            return Part::End(self.end.len());
        }
        match *rest {
            [] => Part::Hold(1),
            [high, ..] if digit(high).is_none() => match self.end.starts_with(rest) {
                true => Part::Hold(self.end.len().saturating_sub(rest.len())),
                false => Part::Bad(1),
            },
            [_] => Part::Hold(1),
            [high, low, ..] => match digit(high).zip(digit(low)) {
                Some((high, low)) => {
                    let byte = usize::from(high << 4 | low);
                    Part::Token(2, BYTES.get(byte..=byte).unwrap_or_default())
                }
                None if self.end.starts_with(rest) => {
                    Part::Hold(self.end.len().saturating_sub(rest.len()))
                }
                None => Part::Bad(2),
            },
        }
    }

    pub(super) fn encode(self, payload: &[u8], out: &mut Out<'_>) {
        let begin = out.len();
        for byte in payload {
            for digit in [byte >> 4, byte & 15] {
                let digit = char::from_digit(digit.into(), 16).unwrap_or('0');
                out.push(u8::try_from(digit).unwrap_or(b'0'));
            }
        }
        if self.upper {
            out.since_mut(begin).make_ascii_uppercase();
        }
    }
}
