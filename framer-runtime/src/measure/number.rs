//! Numbers, as far as they tell where a frame ends.

use core::ops::RangeInclusive;

use super::{Measured, Ruler, Unmeasured};
use crate::read::{Digits, Number, Reader, Signed, Tier};
use crate::violation::Invalid;

impl<'a> Ruler<'a> {
    /// As [`Reader::uint`].
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    #[inline]
    pub fn uint<T: Number>(&mut self, little: bool, values: RangeInclusive<T>) -> Measured<T> {
        self.read(T::BYTES, |reader| reader.uint(little, values))
    }

    /// As [`Reader::uint_of`].
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    #[inline]
    pub fn uint_of<T: Number>(
        &mut self,
        bytes: usize,
        little: bool,
        values: RangeInclusive<T>,
    ) -> Measured<T> {
        self.read(bytes, |reader| reader.uint_of(bytes, little, values))
    }

    /// As [`Reader::decimal`], for a number of one width.
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    #[inline]
    pub fn decimal<T: Number>(&mut self, digits: Digits, values: RangeInclusive<T>) -> Measured<T> {
        self.read(digits.max, |reader| reader.decimal(digits, values))
    }

    /// As [`Reader::hexadecimal`], for a number of one width.
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    #[inline]
    pub fn hexadecimal<T: Number>(
        &mut self,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Measured<T> {
        self.read(digits.max, |reader| reader.hexadecimal(digits, values))
    }

    /// As [`Reader::decimal`], for a number that is not wider than it needs, and whose end is
    /// told by what follows.
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    #[inline]
    pub fn decimal_open<T: Number>(
        &mut self,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Measured<T> {
        self.digits(digits, u8::is_ascii_digit, |reader| reader.decimal(digits, values))
    }

    /// The same in hexadecimal digits.
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    #[inline]
    pub fn hexadecimal_open<T: Number>(
        &mut self,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Measured<T> {
        self.digits(digits, u8::is_ascii_hexdigit, |reader| reader.hexadecimal(digits, values))
    }

    /// The same for a number with a sign.
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    #[inline]
    pub fn decimal_int_open<T: Signed>(&mut self, digits: Digits) -> Measured<T> {
        let rest = self.here()?;
        let sign = usize::from(rest.first() == Some(&b'-'));
        let rest = rest.get(sign..).unwrap_or_default();
        if rest.len() <= digits.max && rest.iter().all(u8::is_ascii_digit) {
            return Err(Unmeasured::More(1));
        }
        self.reader.decimal_int(digits).map_err(|invalid| self.breaks(invalid))
    }

    /// Reads digits, once it is known that no more of them follow.
    #[inline]
    fn digits<T>(
        &mut self,
        digits: Digits,
        is_digit: fn(&u8) -> bool,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Invalid>,
    ) -> Measured<T> {
        let rest = self.here()?;
        if rest.len() <= digits.max && rest.iter().all(is_digit) {
            return Err(Unmeasured::More(1));
        }
        read(&mut self.reader).map_err(|invalid| self.breaks(invalid))
    }

    /// As [`Reader::leb128`].
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    #[inline]
    pub fn leb128<T: Number>(
        &mut self,
        max_bytes: usize,
        values: RangeInclusive<T>,
    ) -> Measured<T> {
        self.read_open(|reader| reader.leb128(max_bytes, values))
    }

    /// As [`Reader::base128`].
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    #[inline]
    pub fn base128<T: Number>(
        &mut self,
        max_bytes: usize,
        values: RangeInclusive<T>,
    ) -> Measured<T> {
        self.read_open(|reader| reader.base128(max_bytes, values))
    }

    /// As [`Reader::quic`].
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    #[inline]
    pub fn quic<T: Number>(&mut self, values: RangeInclusive<T>) -> Measured<T> {
        self.read_open(|reader| reader.quic(values))
    }

    /// As [`Reader::tiered`].
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    #[inline]
    pub fn tiered<T: Number>(
        &mut self,
        bytes: usize,
        little: bool,
        tiers: &[Tier],
        values: RangeInclusive<T>,
    ) -> Measured<T> {
        self.read_open(|reader| reader.tiered(bytes, little, tiers, values))
    }

    /// As [`Reader::tier`].
    ///
    /// # Errors
    /// [`Unmeasured::More`], or the rule that is broken.
    #[inline]
    pub fn tier<T: Number>(
        &mut self,
        begin: usize,
        first: u64,
        tiers: &[Tier],
        values: RangeInclusive<T>,
    ) -> Measured<T> {
        let bytes = tiers.iter().find(|tier| tier.mark == first).map_or(0, |tier| tier.bytes);
        self.read(bytes, |reader| reader.tier(begin, first, tiers, values))
    }

    /// As [`Reader::bits`].
    ///
    /// # Errors
    /// The rule that is broken.
    #[inline]
    pub fn bits<T: Number>(
        &self,
        begin: usize,
        integer: u64,
        shift: u32,
        width: u32,
        values: RangeInclusive<T>,
    ) -> Measured<T> {
        let found = self.reader.bits(begin, integer, shift, width, values);
        found.map_err(|invalid| self.breaks(invalid))
    }
}
