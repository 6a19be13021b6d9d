//! Numbers in digits.

use core::ops::RangeInclusive;

use super::Writer;
use crate::frame::Encoded;
use crate::read::{Digits, Number, Signed, wide};
use crate::violation::{EncodeError, Rule};

/// As many as the largest number has.
const MOST: usize = 20;

/// What digits there are.
#[derive(Clone, Copy)]
enum Radix {
    Decimal,
    Hexadecimal,
    HexadecimalUpper,
}

impl Writer<'_> {
    /// A number in decimal digits.
    ///
    /// # Errors
    /// [`Rule::Range`] if it is none of `values`, [`Rule::Number`] if it does not fit the digits.
    #[inline]
    pub fn decimal<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.number(field, value, digits, Radix::Decimal, values)
    }

    /// A number in decimal digits, behind a `-` if it is less than zero.
    ///
    /// # Errors
    /// [`Rule::Number`] if it does not fit the digits.
    #[inline]
    pub fn decimal_int<T: Signed>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
    ) -> Result<(), EncodeError> {
        let value: i64 = value.into();
        if value < 0 {
            self.out.push(b'-');
        }
        self.digits(field, value.unsigned_abs(), digits, Radix::Decimal)
    }

    /// A number in hexadecimal digits, in lower case.
    ///
    /// # Errors
    /// [`Rule::Range`] if it is none of `values`, [`Rule::Number`] if it does not fit the digits.
    #[inline]
    pub fn hexadecimal<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.number(field, value, digits, Radix::Hexadecimal, values)
    }

    /// The same, in capital letters.
    ///
    /// # Errors
    /// As [`Writer::hexadecimal`].
    pub fn hexadecimal_upper<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.number(field, value, digits, Radix::HexadecimalUpper, values)
    }

    #[inline]
    fn number<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
        radix: Radix,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.within(field, value, &values)?;
        self.digits(field, value.wide(), digits, radix)
    }

    /// The digits of a number, behind the zeros that it needs; as many as there may be.
    #[inline]
    fn digits(&mut self, field: &'static str, value: u64, digits: Digits, radix: Radix) -> Encoded {
        match u8::try_from(value) {
            Ok(digit @ ..10) if digits.min <= 1 && digits.max >= 1 => {
                self.out.push(b'0' | digit);
                Ok(())
            }
            _ => self.several_digits(field, value, digits, radix),
        }
    }

    fn several_digits(
        &mut self,
        field: &'static str,
        value: u64,
        digits: Digits,
        radix: Radix,
    ) -> Encoded {
        let mut places = [b'0'; MOST];
        let count = match radix {
            Radix::Decimal => place::<10>(value, b"0123456789", &mut places),
            Radix::Hexadecimal => place::<16>(value, b"0123456789abcdef", &mut places),
            Radix::HexadecimalUpper => place::<16>(value, b"0123456789ABCDEF", &mut places),
        };
        let count = if digits.zeros { count.max(digits.min) } else { count };
        if count < digits.min || count > digits.max {
            return Err(self.fail(field, Rule::Number));
        }
        if count > MOST {
            self.out.fill(count.saturating_sub(MOST), b'0');
        }
        let text = places.get(MOST.saturating_sub(count)..).unwrap_or_default();
        self.out.extend_from_slice(text);
        Ok(())
    }

    #[inline]
    pub(super) fn within<T: Number>(
        &self,
        field: &'static str,
        value: T,
        values: &RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        if values.contains(&value) {
            return Ok(());
        }
        Err(self.outside(field, values.start().wide(), values.end().wide()))
    }

    #[cold]
    fn outside(&self, field: &'static str, low: u64, high: u64) -> EncodeError {
        self.fail(field, Rule::Range { low, high })
    }
}

/// The digits of a number, in the last of the places: how many.
#[inline]
fn place<const RADIX: usize>(value: u64, all: &[u8; RADIX], places: &mut [u8; MOST]) -> usize {
    let radix = wide(RADIX);
    let mut left = value;
    let mut count: usize = 0;
    for place in places.iter_mut().rev() {
        let digit = usize::try_from(left % radix).unwrap_or(0);
        *place = all.get(digit).copied().unwrap_or(b'0');
        count = count.saturating_add(1);
        left /= radix;
        if left == 0 {
            break;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use crate::read::Digits;
    use crate::violation::Rule;
    use crate::write::tests::written;

    #[test]
    fn numbers() {
        let digits = Digits { min: 1, max: 3, zeros: false };
        assert_eq!(written(|w| w.decimal("n", 0_u8, digits, 0..=255)), Ok(b"0".to_vec()));
        assert_eq!(written(|w| w.decimal("n", 250_u8, digits, 0..=255)), Ok(b"250".to_vec()));
        let padded = Digits { min: 3, max: 3, zeros: true };
        assert_eq!(written(|w| w.decimal("n", 7_u16, padded, 0..=999)), Ok(b"007".to_vec()));
        assert_eq!(written(|w| w.decimal("n", 1000_u16, padded, 0..=2000)), Err(Rule::Number));
        let range = Rule::Range { low: 200, high: 599 };
        assert_eq!(written(|w| w.decimal("n", 199_u16, padded, 200..=599)), Err(range));
        assert_eq!(written(|w| w.hexadecimal("n", 0xab_u8, digits, 0..=255)), Ok(b"ab".to_vec()));
        let most = Digits { min: 20, max: 20, zeros: false };
        let written_most = written(|w| w.decimal("n", u64::MAX, most, 0..=u64::MAX));
        assert_eq!(written_most, Ok(b"18446744073709551615".to_vec()));
        let long = Digits { min: 22, max: 22, zeros: true };
        assert_eq!(
            written(|w| w.decimal("n", 10_u64, long, 0..=99)),
            Ok(b"0000000000000000000010".to_vec())
        );
        let few = Digits { min: 2, max: 3, zeros: false };
        assert_eq!(written(|w| w.decimal("n", 9_u8, few, 0..=255)), Err(Rule::Number));
        assert_eq!(written(|w| w.decimal_int("n", i64::MIN, most)), Err(Rule::Number));
        let signed = Digits { min: 1, max: 19, zeros: false };
        assert_eq!(
            written(|w| w.decimal_int("n", i64::MIN, signed)),
            Ok(b"-9223372036854775808".to_vec())
        );
        let upper = written(|w| w.hexadecimal_upper("n", 0xab_u8, digits, 0..=255));
        assert_eq!(upper, Ok(b"AB".to_vec()));
        assert_eq!(written(|w| w.uint("n", 0x0102_u16, false, 0..=999)), Ok(b"\x01\x02".to_vec()));
        assert_eq!(written(|w| w.uint("n", 0x0102_u16, true, 0..=999)), Ok(b"\x02\x01".to_vec()));
    }
}
