//! Numbers in digits.

use core::ops::RangeInclusive;

use super::Writer;
use crate::read::{Digits, Number, Signed};
use crate::violation::{EncodeError, Rule};

impl Writer<'_> {
    /// A number in decimal digits.
    ///
    /// # Errors
    /// [`Rule::Range`] if it is none of `values`, [`Rule::Number`] if it does not fit the digits.
    pub fn decimal<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.number(field, value, digits, 10, values)
    }

    /// A number in decimal digits, behind a `-` if it is less than zero.
    ///
    /// # Errors
    /// [`Rule::Number`] if it does not fit the digits.
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
        self.number(field, value.unsigned_abs(), digits, 10, 0..=u64::MAX)
    }

    /// A number in hexadecimal digits, in lower case.
    ///
    /// # Errors
    /// [`Rule::Range`] if it is none of `values`, [`Rule::Number`] if it does not fit the digits.
    pub fn hexadecimal<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.number(field, value, digits, 16, values)
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
        let mark = self.mark();
        self.hexadecimal(field, value, digits, values)?;
        self.out.since_mut(mark).make_ascii_uppercase();
        Ok(())
    }

    fn number<T: Number>(
        &mut self,
        field: &'static str,
        value: T,
        digits: Digits,
        radix: u32,
        values: RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        self.within(field, value, &values)?;
        let mark = self.mark();
        let mut left = value.wide();
        loop {
            let digit = u32::try_from(left % u64::from(radix)).unwrap_or(0);
            let digit = char::from_digit(digit, radix).unwrap_or('0');
            self.out.push(u8::try_from(digit).unwrap_or(b'0'));
            left /= u64::from(radix);
            if left == 0 {
                break;
            }
        }
        if digits.zeros {
            self.out.fill(digits.min.saturating_sub(self.since(mark).len()), b'0');
        }
        self.out.since_mut(mark).reverse();
        match digits.value(self.since(mark), radix) {
            Some(_) => Ok(()),
            None => Err(self.fail(field, Rule::Number)),
        }
    }

    pub(super) fn within<T: Number>(
        &self,
        field: &'static str,
        value: T,
        values: &RangeInclusive<T>,
    ) -> Result<(), EncodeError> {
        if values.contains(&value) {
            return Ok(());
        }
        let (low, high) = (values.start().wide(), values.end().wide());
        Err(self.fail(field, Rule::Range { low, high }))
    }
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
        let upper = written(|w| w.hexadecimal_upper("n", 0xab_u8, digits, 0..=255));
        assert_eq!(upper, Ok(b"AB".to_vec()));
        assert_eq!(written(|w| w.uint("n", 0x0102_u16, false, 0..=999)), Ok(b"\x01\x02".to_vec()));
        assert_eq!(written(|w| w.uint("n", 0x0102_u16, true, 0..=999)), Ok(b"\x02\x01".to_vec()));
    }
}
