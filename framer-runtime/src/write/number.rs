//! Numbers in bytes.

use core::ops::RangeInclusive;

use super::Writer;
use crate::read::{Number, Signed, Tier, first_of, quic_bytes, tier_of};
use crate::violation::{EncodeError, Rule};

impl Writer<'_> {
    /// An unsigned integer of the type's width; the high byte first unless `little`.
    ///
    /// # Errors
    /// [`Rule::Range`] if it is none of `values`.
    #[inline]
    pub fn uint<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        little: bool,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.uint_of(field, value, T::BYTES, little, values)
    }

    /// An unsigned integer of so many bytes; the high one first unless `little`.
    ///
    /// # Errors
    /// [`Rule::Range`] if it is none of `values`.
    #[inline]
    pub fn uint_of<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        bytes: usize,
        little: bool,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.within(field, value, &values)?;
        self.put(value.wide(), bytes, little);
        Ok(())
    }

    /// An integer of so many bytes with a sign, in two's complement; the high byte first unless
    /// `little`.
    ///
    /// # Errors
    /// [`Rule::Number`] if it does not fit.
    #[inline]
    pub fn int<T: Signed>(
        &mut self,
        field: &'static str,
        value: T,
        bytes: usize,
        little: bool,
    ) -> Result<(), EncodeError> {
        let value: i64 = value.into();
        let unused = 64_u32.saturating_sub(u32::try_from(bytes).unwrap_or(8).saturating_mul(8));
        let kept = value.checked_shl(unused).unwrap_or(0).checked_shr(unused).unwrap_or(0);
        if kept != value {
            return Err(self.fail(field, Rule::Number));
        }
        self.put(value.cast_unsigned(), bytes, little);
        Ok(())
    }

    /// Seven bits a byte, the lowest first, at most so many bytes.
    ///
    /// # Errors
    /// [`Rule::Range`] if it is none of `values`, or [`Rule::Number`] if it is too large.
    #[inline]
    pub fn leb128<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        max_bytes: usize,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.seven_bits(field, value, max_bytes, &values)
    }

    /// The same, the highest bits first.
    ///
    /// # Errors
    /// As [`Writer::leb128`].
    pub fn base128<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        max_bytes: usize,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        let begin = self.mark();
        self.seven_bits(field, value, max_bytes, &values)?;
        let written = self.out.since_mut(begin);
        written.reverse();
        if let Some((last, rest)) = written.split_last_mut() {
            rest.iter_mut().for_each(|byte| *byte |= 0x80);
            *last &= 0x7f;
        }
        Ok(())
    }

    fn seven_bits<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        max_bytes: usize,
        values: &RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.within(field, value, values)?;
        let begin = self.mark();
        let mut left = value.wide();
        loop {
            let low = u8::try_from(left & 0x7f).unwrap_or(0);
            left >>= 7;
            self.out.push(if left > 0 { low | 0x80 } else { low });
            if left == 0 {
                break;
            }
        }
        if self.since(begin).len() > max_bytes {
            return Err(self.fail(field, Rule::Number));
        }
        Ok(())
    }

    /// One, two, four or eight bytes, as many as it needs (RFC 9000, section 16).
    ///
    /// # Errors
    /// As [`Writer::leb128`].
    #[inline]
    pub fn quic<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.within(field, value, &values)?;
        let value = value.wide();
        let (bytes, mark) = match quic_bytes(value) {
            1 => (1, 0),
            2 => (2, 0x4000),
            4 => (4, 0x8000_0000),
            8 => (8, 0xc000_0000_0000_0000),
            _ => return Err(self.fail(field, Rule::Number)),
        };
        self.put(value | mark, bytes, false);
        Ok(())
    }

    /// A number of so many bytes, or the mark of the first tier that holds it and the number.
    ///
    /// # Errors
    /// As [`Writer::leb128`].
    pub fn tiered<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        bytes: usize,
        little: bool,
        tiers: &[Tier],
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        let first = self.tier_mark(field, value, tiers, values)?;
        self.put(first, bytes, little);
        self.tier(value, tiers);
        Ok(())
    }

    /// What stands in the place of a number: itself, or the mark of the first tier that holds it.
    ///
    /// # Errors
    /// As [`Writer::leb128`].
    pub fn tier_mark<T: Number>(
        &self,
        field: &'static str,
        value: T,
        tiers: &[Tier],
        values: RangeInclusive<T>,
    ) -> Result<u64, EncodeError> {
        self.within(field, value, &values)?;
        Ok(first_of(value.wide(), tiers))
    }

    /// What follows a mark, if one stands in the place of the number.
    pub fn tier<T: Number>(&mut self, value: T, tiers: &[Tier]) {
        if let Some(tier) = tier_of(value.wide(), tiers) {
            self.put(value.wide(), tier.bytes, tier.little);
        }
    }

    /// A number that shares an integer with others.
    ///
    /// # Errors
    /// [`Rule::Range`] if it is none of `values`.
    #[inline]
    pub fn bits<T: Number>(
        &self,
        field: &'static str,
        value: T,
        values: RangeInclusive<T>,
    ) -> Result<u64, EncodeError> {
        self.within(field, value, &values)?;
        Ok(value.wide())
    }

    /// A number that other fields make, as the type it is written as.
    ///
    /// # Errors
    /// [`Rule::Range`] if the type does not hold it.
    #[inline]
    pub fn derived<T: Number>(&self, field: &'static str, value: u64) -> Result<T, EncodeError> {
        let range = Rule::Range { low: 0, high: T::MAX.wide() };
        T::try_from(value).map_err(|_| self.fail(field, range))
    }

    /// The same over the zeros at `place`, which are `bytes`; see [`Writer::zeros`].
    ///
    /// # Errors
    /// [`Rule::Range`].
    #[inline]
    pub fn uint_at<T: Number>(
        &mut self,
        field: &'static str,
        place: usize,
        value: T,
        bytes: usize,
        little: bool,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.within(field, value, &values)?;
        let value = in_order(value.wide(), bytes, little);
        // Zeros that have had no room are not there: that is told where the frame ends.
        let zeros = self.out.since_mut(place).get_mut(..bytes);
        if let (Some(zeros), Some(value)) = (zeros, value.get(..bytes)) {
            zeros.copy_from_slice(value);
        }
        Ok(())
    }

    #[inline]
    fn put(&mut self, value: u64, bytes: usize, little: bool) {
        let value = in_order(value, bytes, little);
        self.out.extend_from_slice(value.get(..bytes).unwrap_or_default());
    }
}

/// The bytes of a number of so many, and what is none of it behind them. All but the number is known
/// where this is called.
#[inline]
fn in_order(value: u64, bytes: usize, little: bool) -> [u8; 8] {
    if little {
        return value.to_le_bytes();
    }
    let unused = 64_u32.saturating_sub(u32::try_from(bytes).unwrap_or(8).saturating_mul(8));
    value.checked_shl(unused).unwrap_or(0).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::Writer;
    use crate::read::{Reader, Tier};
    use crate::violation::Rule;

    fn written(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut Writer::new(&mut out));
        out
    }

    #[test]
    fn every_coding_comes_back() {
        let tiers = [
            Tier { mark: 0xfd, bytes: 2, little: true },
            Tier { mark: 0xfe, bytes: 4, little: true },
            Tier { mark: 0xff, bytes: 8, little: true },
        ];
        let all = 0..=u64::MAX;
        for shift in 0..64 {
            for value in [1_u64 << shift, (1 << shift) - 1, u64::MAX >> shift] {
                let leb = written(|w| w.leb128("n", value, 10, all.clone()).unwrap());
                assert_eq!(Reader::new(&leb).leb128(10, all.clone()), Ok(value));
                let base = written(|w| w.base128("n", value, 10, all.clone()).unwrap());
                assert_eq!(Reader::new(&base).base128(10, all.clone()), Ok(value));
                assert_eq!(leb.len(), base.len());
                let tiered =
                    written(|w| w.tiered("n", value, 1, false, &tiers, all.clone()).unwrap());
                let mut reader = Reader::new(&tiered);
                assert_eq!(reader.tiered(1, false, &tiers, all.clone()), Ok(value));
                let mut out = Vec::new();
                let quic = Writer::new(&mut out).quic("n", value, all.clone());
                assert_eq!(quic.is_ok(), value < 1 << 62);
                if quic.is_ok() {
                    assert_eq!(Reader::new(&out).quic(all.clone()), Ok(value));
                }
            }
        }
    }

    #[test]
    fn signs() {
        for value in [-0x0080_0000_i32, -1, 0, 0x007f_ffff] {
            for little in [false, true] {
                let bytes = written(|w| w.int("n", value, 3, little).unwrap());
                assert_eq!(Reader::new(&bytes).int(3, little), Ok(value));
            }
        }
        let mut out = Vec::new();
        assert!(Writer::new(&mut out).int("n", 0x0080_0000_i32, 3, false).is_err());
    }

    #[test]
    fn what_is_known_later_goes_back() {
        let filled = written(|w| {
            w.zeros(2);
            w.rest(b"body");
            let end = w.mark();
            w.uint("n", 4_u16, false, 0..=9).unwrap();
            w.fill(0, end);
        });
        assert_eq!(filled, b"\x00\x04body");
        let over = written(|w| {
            w.zeros(3);
            w.rest(b"body");
            w.uint_at("n", 0, 0x0102_u16, 2, true, 0..=999).unwrap();
            w.uint_at("n", 2, 4_u8, 1, false, 0..=9).unwrap();
        });
        assert_eq!(over, b"\x02\x01\x04body");
        let mut out = Vec::new();
        let range = Rule::Range { low: 0, high: 9 };
        let refused = Writer::new(&mut out).uint_at("n", 0, 10_u8, 1, false, 0..=9);
        assert_eq!(refused.map_err(|error| error.rule), Err(range));
        let inserted = written(|w| {
            w.rest(b"body");
            let end = w.mark();
            w.leb128("n", 300_u16, 2, 0..=999).unwrap();
            w.insert(0, end);
        });
        assert_eq!(inserted, b"\xac\x02body");
    }
}
