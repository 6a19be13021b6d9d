//! Changes of conversations, from a seed.

use crate::conversation::Line;

/// A source of changes: the same for the same seed.
#[derive(Clone, Debug)]
pub struct Changes(u64);

impl Changes {
    /// Those of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Changes {
        Changes(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // Where a place has 32 bits, the number has more, and what is left of it has not.
        usize::try_from((self.0 >> 11) % bound as u64).unwrap_or_default()
    }

    /// The bytes with one change.
    pub fn bytes(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        let to = (at + 1 + self.below(8)).min(bytes.len());
        let byte = self.byte();
        match self.below(6) {
            0 | 1 => {
                if let Some(old) = bytes.get_mut(at) {
                    *old = byte;
                }
            }
            2 => bytes.insert(at, byte),
            3 => drop(bytes.drain(at.min(to)..to)),
            4 => {
                let piece = bytes[at.min(to)..to].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let bit = self.below(8);
                if let Some(old) = bytes.get_mut(at) {
                    *old ^= 1 << bit;
                }
            }
        }
    }

    /// Any byte, or one that means something in many protocols.
    fn byte(&mut self) -> u8 {
        const KNOWN: &[u8] = b"\0\x01\x7f\x80\xff\r\n .:-0123456789*$+,";
        match self.below(2) {
            0 => KNOWN[self.below(KNOWN.len())],
            _ => u8::try_from(self.below(256)).unwrap_or_default(),
        }
    }

    /// The conversation with one to three changes.
    #[must_use]
    pub fn lines(&mut self, lines: &[Line]) -> Vec<Line> {
        let mut lines = lines.to_vec();
        for _ in 0..=self.below(3) {
            let place = self.below(lines.len());
            if let Line::Client(bytes) | Line::Server(bytes) = &mut lines[place] {
                self.bytes(bytes);
            }
        }
        lines
    }

    /// The bytes in pieces.
    pub fn pieces<'b>(&mut self, bytes: &'b [u8]) -> Vec<&'b [u8]> {
        let mut pieces = Vec::new();
        let mut left = bytes;
        while !left.is_empty() {
            let (piece, rest) = left.split_at(1 + self.below(left.len()));
            pieces.push(piece);
            left = rest;
        }
        pieces
    }
}
