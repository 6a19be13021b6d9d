//! Sets of bytes.

use crate::simd;

/// A set of bytes, named in the description.
#[derive(Debug, PartialEq, Eq)]
pub struct Class {
    name: &'static str,
    set: [u64; 4],
    rows: Rows,
    /// Whether so few bytes belong to it that few stand side by side, as blanks.
    few: bool,
    /// Whether all that belong to it are ASCII.
    ascii: bool,
}

/// The same set by the two halves of a byte: for each value of the low one, a bit for each of the
/// high one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    /// Of bytes below 0x80.
    pub(crate) low: [u8; 16],
    /// Of the others.
    pub(crate) high: [u8; 16],
}

impl Class {
    /// The class `name` of the bytes whose bits are set: byte `b` is bit `b % 64` of word
    /// `b / 64`.
    #[must_use]
    pub const fn new(name: &'static str, set: [u64; 4]) -> Class {
        let [first, second, third, fourth] = set;
        let rows = Rows { low: rows(first, second), high: rows(third, fourth) };
        let (low, high) = (first.count_ones() + second.count_ones(), third | fourth);
        Class { name, set, rows, few: low <= 4 && high == 0, ascii: high == 0 }
    }

    /// Its name in the description.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether the byte belongs to it.
    #[must_use]
    #[inline]
    pub fn contains(&self, byte: u8) -> bool {
        self.set.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 == 1)
    }

    /// How many bytes at the beginning of `bytes` belong to it.
    #[must_use]
    #[inline]
    pub fn run(&self, bytes: &[u8]) -> usize {
        match self.few {
            true => self.run_of_any(bytes),
            false => self.run_of_many(bytes),
        }
    }

    /// The same where many may stand side by side. A call takes less room than what is done wherever
    /// a run is read.
    #[inline(never)]
    fn run_of_many(&self, bytes: &[u8]) -> usize {
        simd::run(&self.rows, bytes).unwrap_or_else(|| self.run_of_any(bytes))
    }

    /// Whether all that belong to it are ASCII.
    #[inline]
    pub(crate) const fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// The same by any processor.
    #[inline]
    fn run_of_any(&self, bytes: &[u8]) -> usize {
        bytes.iter().position(|byte| !self.contains(*byte)).unwrap_or(bytes.len())
    }
}

/// The rows of the 128 bytes whose bits are in two words.
const fn rows(first: u64, second: u64) -> [u8; 16] {
    let mut left = [0; 16];
    let mut rest: &mut [u8] = &mut left;
    let mut low = 0;
    while let [row, behind @ ..] = rest {
        let mut high = 0;
        while high < 8 {
            let word = if high < 4 { first } else { second };
            if word >> ((high & 3) * 16 + low) & 1 == 1 {
                *row |= 1 << high;
            }
            high += 1;
        }
        low += 1;
        rest = behind;
    }
    left
}

#[cfg(test)]
mod tests {
    use super::Class;

    #[test]
    fn every_byte_has_its_bit() {
        for byte in 0..=u8::MAX {
            let mut set = [0; 4];
            set[usize::from(byte >> 6)] = 1 << (byte & 63);
            let class = Class::new("one", set);
            let found: alloc::vec::Vec<u8> =
                (0..=u8::MAX).filter(|other| class.contains(*other)).collect();
            assert_eq!(found, [byte]);
            assert_eq!(class.run(&[byte, byte, !byte, byte]), 2);
        }
    }

    #[test]
    fn runs_end_at_every_place() {
        let class = Class::new("odd", [0xaaaa_aaaa_aaaa_aaaa, u64::MAX, 0xf0f0, 1 << 63]);
        let members: alloc::vec::Vec<u8> =
            (0..=u8::MAX).filter(|byte| class.contains(*byte)).collect();
        let others = (0..=u8::MAX).filter(|byte| !class.contains(*byte));
        let mut bytes: alloc::vec::Vec<u8> = members.iter().copied().cycle().take(150).collect();
        for len in 0..=bytes.len() {
            assert_eq!(class.run(&bytes[..len]), len);
        }
        for (place, other) in (0..bytes.len()).zip(others.cycle()) {
            let member = core::mem::replace(&mut bytes[place], other);
            for len in [place + 1, place + 15, place + 16, place + 31, place + 33, 150] {
                let bytes = &bytes[..len.min(150)];
                assert_eq!(class.run(bytes), place);
                assert_eq!(class.run_of_any(bytes), place);
            }
            bytes[place] = member;
        }
    }
}
