//! Numbers that say themselves how many bytes they have.

use core::ops::RangeInclusive;

use super::number::from_bytes;
use super::{Number, Reader};
use crate::violation::{Invalid, Rule};

impl<const AGAIN: bool> Reader<'_, AGAIN> {
    /// Seven bits a byte, the lowest first, the highest bit set where more follow: at most so many
    /// bytes, and no more than needed.
    ///
    /// # Errors
    /// [`Rule::Truncated`], [`Rule::Number`] if it is too long, or [`Rule::Range`] if it is none of
    /// `values`.
    #[inline]
    pub fn leb128<T: Number>(
        &mut self,
        max_bytes: usize,
        values: RangeInclusive<T>,
    ) -> Result<T, Invalid> {
        self.varint(leb128(self.rest(), max_bytes), values)
    }

    /// The same, the highest bits first.
    ///
    /// # Errors
    /// As [`Reader::leb128`].
    #[inline]
    pub fn base128<T: Number>(
        &mut self,
        max_bytes: usize,
        values: RangeInclusive<T>,
    ) -> Result<T, Invalid> {
        self.varint(base128(self.rest(), max_bytes), values)
    }

    /// One, two, four or eight bytes, as the two highest bits of the first say (RFC 9000,
    /// section 16), and no more than needed.
    ///
    /// # Errors
    /// As [`Reader::leb128`].
    #[inline]
    pub fn quic<T: Number>(&mut self, values: RangeInclusive<T>) -> Result<T, Invalid> {
        self.varint(quic(self.rest()), values)
    }

    #[inline]
    fn varint<T: Number>(
        &mut self,
        found: Varint,
        values: RangeInclusive<T>,
    ) -> Result<T, Invalid> {
        let begin = self.position();
        match found {
            Varint::Value { value, bytes } => {
                self.skip(bytes);
                self.within(begin, value, values)
            }
            Varint::Short => Err(self.fail(Rule::Truncated)),
            Varint::Wrong { bytes } => {
                self.skip(bytes);
                Err(self.fail_since(begin, Rule::Number))
            }
        }
    }
}

/// A number that says itself how many bytes it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Varint {
    Value {
        value: u64,
        bytes: usize,
    },
    /// More bytes are needed.
    Short,
    /// Longer than allowed or than needed.
    Wrong {
        bytes: usize,
    },
}

pub(crate) fn leb128(input: &[u8], max_bytes: usize) -> Varint {
    let mut value = 0_u64;
    let mut shift = 0_u32;
    let mut bytes = 0_usize;
    for byte in input.iter().take(max_bytes) {
        bytes = bytes.saturating_add(1);
        let bits = u64::from(byte & 0x7f);
        // Bits beyond the 64th are lost in the shift.
        if shift > 63 || bits.leading_zeros() < shift {
            return Varint::Wrong { bytes };
        }
        value |= bits.checked_shl(shift).unwrap_or(0);
        shift = shift.saturating_add(7);
        if byte & 0x80 == 0 {
            let overlong = *byte == 0 && bytes > 1;
            return if overlong { Varint::Wrong { bytes } } else { Varint::Value { value, bytes } };
        }
    }
    if bytes < max_bytes { Varint::Short } else { Varint::Wrong { bytes } }
}

pub(crate) fn base128(input: &[u8], max_bytes: usize) -> Varint {
    let mut value = 0_u64;
    let mut bytes = 0_usize;
    for byte in input.iter().take(max_bytes) {
        bytes = bytes.saturating_add(1);
        let overlong = *byte == 0x80 && bytes == 1;
        if overlong || value.leading_zeros() < 7 {
            return Varint::Wrong { bytes };
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Varint::Value { value, bytes };
        }
    }
    if bytes < max_bytes { Varint::Short } else { Varint::Wrong { bytes } }
}

pub(crate) fn quic(input: &[u8]) -> Varint {
    let Some(first) = input.first() else { return Varint::Short };
    let bytes = 1_usize << (first >> 6);
    let Some(taken) = input.get(..bytes) else { return Varint::Short };
    let bits = u32::try_from(bytes).unwrap_or(8).saturating_mul(8).saturating_sub(2);
    let mask = u64::MAX.checked_shr(64_u32.saturating_sub(bits)).unwrap_or(0);
    let value = from_bytes(taken, false) & mask;
    if bytes == quic_bytes(value) {
        Varint::Value { value, bytes }
    } else {
        Varint::Wrong { bytes }
    }
}

/// How many bytes a QUIC integer has; nine where there is none so large.
#[inline]
pub(crate) fn quic_bytes(value: u64) -> usize {
    match value {
        0..=0x3f => 1,
        0x40..=0x3fff => 2,
        0x4000..=0x3fff_ffff => 4,
        0x4000_0000..=0x3fff_ffff_ffff_ffff => 8,
        _ => 9,
    }
}

#[cfg(test)]
mod tests {
    use super::{Varint, base128, leb128, quic};

    #[test]
    fn seven_bits_a_byte() {
        let value = |value, bytes| Varint::Value { value, bytes };
        // MQTT 5.0, section 1.5.5, table 1-1.
        assert_eq!(leb128(&[0x7f], 4), value(127, 1));
        assert_eq!(leb128(&[0x80, 0x01], 4), value(128, 2));
        assert_eq!(leb128(&[0xff, 0xff, 0xff, 0x7f], 4), value(268_435_455, 4));
        assert_eq!(leb128(&[0x80, 0x80, 0x80, 0x80, 0x01], 4), Varint::Wrong { bytes: 4 });
        assert_eq!(leb128(&[0x80, 0x00], 4), Varint::Wrong { bytes: 2 });
        assert_eq!(leb128(&[0x80, 0x80], 4), Varint::Short);
        let mut largest = [0xff; 10];
        largest[9] = 1;
        assert_eq!(leb128(&largest, 10), value(u64::MAX, 10));
        largest[9] = 2;
        assert_eq!(leb128(&largest, 10), Varint::Wrong { bytes: 10 });
        assert_eq!(base128(&[0x81, 0x00], 10), value(128, 2));
        assert_eq!(base128(&[0x80, 0x01], 10), Varint::Wrong { bytes: 1 });
        assert_eq!(
            base128(&[0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], 10),
            Varint::Wrong { bytes: 10 }
        );
        assert_eq!(
            base128(&[0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], 10),
            value(u64::MAX, 10)
        );
    }

    #[test]
    fn integers_that_do_not_end() {
        for read in [leb128, base128] {
            assert_eq!(read(&[], 4), Varint::Short);
            assert_eq!(read(&[0x81, 0x81, 0x81], 4), Varint::Short);
            assert_eq!(read(&[0x81, 0x81, 0x81, 0x81], 4), Varint::Wrong { bytes: 4 });
            assert_eq!(read(&[0x81, 0x81, 0x81, 0x81, 0x01], 4), Varint::Wrong { bytes: 4 });
        }
    }

    #[test]
    fn quic_integers() {
        // RFC 9000, appendix A.1.
        let value = |value, bytes| Varint::Value { value, bytes };
        let eight = [0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c];
        assert_eq!(quic(&eight), value(151_288_809_941_952_652, 8));
        assert_eq!(quic(&[0x9d, 0x7f, 0x3e, 0x7d]), value(494_878_333, 4));
        assert_eq!(quic(&[0x7b, 0xbd]), value(15_293, 2));
        assert_eq!(quic(&[0x25]), value(37, 1));
        assert_eq!(quic(&[0x40, 0x25]), Varint::Wrong { bytes: 2 });
        assert_eq!(quic(&[0x7b]), Varint::Short);
    }
}
