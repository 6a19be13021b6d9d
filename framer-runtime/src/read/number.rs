//! Numbers, in digits and in bytes.

use core::ops::RangeInclusive;

use super::Reader;
use crate::frame::{Decode, Decoded, Encoded, Frame};
use crate::violation::{Invalid, Rule};
use crate::write::Writer;

/// An unsigned integer of Rust.
pub trait Number: Copy + PartialOrd + TryFrom<u64> + sealed::Sealed {
    /// Its width in bytes.
    const BYTES: usize;

    /// The largest value.
    const MAX: Self;

    /// The same number as `u64`.
    fn wide(self) -> u64;
}

/// An integer of Rust with a sign.
pub trait Signed: Copy + TryFrom<i64> + Into<i64> + sealed::Sealed {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! number {
    ($($unsigned:ty, $signed:ty, $name:literal;)*) => {$(
        impl sealed::Sealed for $unsigned {}
        impl sealed::Sealed for $signed {}
        impl Signed for $signed {}

        impl Number for $unsigned {
            const BYTES: usize = size_of::<$unsigned>();
            const MAX: Self = <$unsigned>::MAX;

            fn wide(self) -> u64 {
                u64::from(self)
            }
        }

        /// The high byte first.
        impl Decode for $unsigned {
            type View<'a> = $unsigned;
            const NAME: &'static str = $name;
            const ENDS: bool = true;

            fn read<'a, const AGAIN: bool>(
                reader: &mut Reader<'a, AGAIN>,
            ) -> Decoded<$unsigned> {
                reader.uint(false, 0..=<$unsigned>::MAX)
            }
        }

        impl Frame for $unsigned {
            fn write(&self, writer: &mut Writer<'_>) -> Encoded {
                writer.uint("", *self, false, 0..=<$unsigned>::MAX)
            }
        }

        /// The low byte first.
        impl Decode for Le<$unsigned> {
            type View<'a> = Le<$unsigned>;
            const NAME: &'static str = concat!($name, " le");
            const ENDS: bool = true;

            fn read<'a, const AGAIN: bool>(
                reader: &mut Reader<'a, AGAIN>,
            ) -> Decoded<Le<$unsigned>> {
                reader.uint(true, 0..=<$unsigned>::MAX).map(Le)
            }
        }

        impl From<Le<$unsigned>> for $unsigned {
            fn from(Le(number): Le<$unsigned>) -> $unsigned {
                number
            }
        }

        impl Frame for Le<$unsigned> {
            fn write(&self, writer: &mut Writer<'_>) -> Encoded {
                writer.uint("", self.0, true, 0..=<$unsigned>::MAX)
            }
        }
    )*};
}

number! {
    u8, i8, "u8";
    u16, i16, "u16";
    u32, i32, "u32";
    u64, i64, "u64";
}

/// An integer whose low byte comes first, as an element of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Le<T>(pub T);

/// How many digits a number has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits {
    /// At least.
    pub min: usize,
    /// At most.
    pub max: usize,
    /// Whether it may begin with zeros it does not need.
    pub zeros: bool,
}

impl Digits {
    /// How many digits `input` begins with, and their value, if they are canonical.
    #[inline]
    pub(crate) fn read(self, input: &[u8], radix: u32) -> (usize, Option<u64>) {
        // Of a number of any width, one digit too many is enough to know.
        let most = self.max.saturating_add(usize::from(self.min < self.max));
        let (mut count, mut value) = (0_usize, Some(0_u64));
        for byte in input.iter().take(most) {
            let Some(digit) = digit(*byte, radix) else { break };
            value = value
                .and_then(|value| value.checked_mul(u64::from(radix)))
                .and_then(|value| value.checked_add(digit));
            count = count.saturating_add(1);
        }
        let fits = self.min <= count && count <= self.max;
        let canonical = self.zeros || count < 2 || input.first() != Some(&b'0');
        (count, value.filter(|_| fits && canonical))
    }
}

/// The value of a digit.
#[inline]
fn digit(byte: u8, radix: u32) -> Option<u64> {
    match radix {
        10 => Some(byte.wrapping_sub(b'0')).filter(|digit| *digit < 10).map(u64::from),
        _ => char::from(byte).to_digit(radix).map(u64::from),
    }
}

/// What a mark in the place of a number says: that the number follows, in so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// The mark.
    pub mark: u64,
    /// The number of bytes that follow, at most eight.
    pub bytes: usize,
    /// Whether the low one comes first.
    pub little: bool,
}

impl<const AGAIN: bool> Reader<'_, AGAIN> {
    /// An unsigned integer of the type's width; the high byte first unless `little`.
    ///
    /// # Errors
    /// [`Rule::Truncated`], or [`Rule::Range`] if it is none of `values`.
    #[inline]
    pub fn uint<T: Number>(
        &mut self,
        little: bool,
        values: RangeInclusive<T>,
    ) -> Result<T, Invalid> {
        self.uint_of(T::BYTES, little, values)
    }

    /// An unsigned integer of so many bytes; the high one first unless `little`.
    ///
    /// # Errors
    /// [`Rule::Truncated`], or [`Rule::Range`] if it is none of `values`.
    #[inline]
    pub fn uint_of<T: Number>(
        &mut self,
        bytes: usize,
        little: bool,
        values: RangeInclusive<T>,
    ) -> Result<T, Invalid> {
        let begin = self.position();
        let bytes = self.bytes(bytes)?;
        self.within(begin, from_bytes(bytes, little), values)
    }

    /// An integer of so many bytes with a sign, in two's complement; the high byte first unless
    /// `little`.
    ///
    /// # Errors
    /// [`Rule::Truncated`].
    #[inline]
    pub fn int<T: Signed>(&mut self, bytes: usize, little: bool) -> Result<T, Invalid> {
        let begin = self.position();
        let taken = self.bytes(bytes)?;
        let unused = 64_u32.saturating_sub(u32::try_from(bytes).unwrap_or(8).saturating_mul(8));
        let value = from_bytes(taken, little).checked_shl(unused).unwrap_or(0).cast_signed();
        let value = value.checked_shr(unused).unwrap_or(0);
        T::try_from(value).map_err(|_| self.fail_since(begin, Rule::Number))
    }

    /// A number of so many bytes, or a mark in its place and the number behind it, where the mark
    /// is needed.
    ///
    /// # Errors
    /// As [`Reader::leb128`].
    #[inline]
    pub fn tiered<T: Number>(
        &mut self,
        bytes: usize,
        little: bool,
        tiers: &[Tier],
        values: RangeInclusive<T>,
    ) -> Result<T, Invalid> {
        let begin = self.position();
        let first = self.uint_of(bytes, little, 0..=u64::MAX)?;
        self.tier(begin, first, tiers, values)
    }

    /// What follows `first`, where that is a mark; otherwise the number itself. It began at an
    /// earlier [`Reader::position`].
    ///
    /// # Errors
    /// As [`Reader::leb128`].
    #[inline]
    pub fn tier<T: Number>(
        &mut self,
        begin: usize,
        first: u64,
        tiers: &[Tier],
        values: RangeInclusive<T>,
    ) -> Result<T, Invalid> {
        let value = match tiers.iter().find(|tier| tier.mark == first) {
            None => first,
            Some(tier) => self.uint_of(tier.bytes, tier.little, 0..=u64::MAX)?,
        };
        if first_of(value, tiers) != first {
            return Err(self.fail_since(begin, Rule::Number));
        }
        self.within(begin, value, values)
    }

    /// `width` bits of an integer that began at an earlier [`Reader::position`], above `shift`
    /// others.
    ///
    /// # Errors
    /// [`Rule::Range`] if the number is none of `values`.
    #[inline]
    pub fn bits<T: Number>(
        &self,
        begin: usize,
        integer: u64,
        shift: u32,
        width: u32,
        values: RangeInclusive<T>,
    ) -> Result<T, Invalid> {
        let unused = 64_u32.saturating_sub(width);
        let mask = u64::MAX.checked_shr(unused).unwrap_or(0);
        let value = integer.checked_shr(shift).unwrap_or(0) & mask;
        self.within(begin, value, values)
    }
}

/// What stands in the place of a number: itself, or the mark of the first tier that holds it.
#[inline]
pub(crate) fn first_of(value: u64, tiers: &[Tier]) -> u64 {
    tier_of(value, tiers).map_or(value, |tier| tier.mark)
}

/// The tier that a number stands in, unless it stands by itself. One that no tier holds stands in
/// the last.
#[inline]
pub(crate) fn tier_of(value: u64, tiers: &[Tier]) -> Option<Tier> {
    let lowest = tiers.first().filter(|tier| value >= tier.mark)?;
    let holds = |tier: &&Tier| {
        let bits = u32::try_from(tier.bytes).unwrap_or(8).saturating_mul(8);
        value <= u64::MAX.checked_shr(64_u32.saturating_sub(bits)).unwrap_or(0)
    };
    Some(*tiers.iter().find(holds).or(tiers.last()).unwrap_or(lowest))
}

/// The number in `bytes`, at most eight.
#[inline]
pub(crate) fn from_bytes(bytes: &[u8], little: bool) -> u64 {
    let join = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    match little {
        true => bytes.iter().rev().fold(0, join),
        false => bytes.iter().fold(0, join),
    }
}

#[cfg(test)]
mod tests {
    use super::{Digits, Tier, first_of, from_bytes};
    use crate::read::Reader;
    use crate::violation::Rule;

    #[test]
    fn only_canonical_numbers_have_a_value() {
        let digits = Digits { min: 1, max: 20, zeros: false };
        let value = |text: &[u8]| digits.read(text, 10).1;
        assert_eq!(digits.read(b"18446744073709551615;", 10), (20, Some(u64::MAX)));
        assert_eq!(value(b"18446744073709551616"), None);
        assert_eq!(value(b"0"), Some(0));
        for wrong in [&b""[..], b"00", b"01", b"000000000000000000001"] {
            assert_eq!(value(wrong), None, "{wrong:?}");
        }
        assert_eq!(Digits { min: 3, max: 3, zeros: true }.read(b"0071", 10), (3, Some(7)));
        assert_eq!(digits.read(b"fFg", 16), (2, Some(255)));
    }

    #[test]
    fn bytes_in_both_orders() {
        assert_eq!(from_bytes(&[1, 2, 3], false), 0x01_02_03);
        assert_eq!(from_bytes(&[1, 2, 3], true), 0x03_02_01);
        let int = |bytes: &'static [u8], little| Reader::new(bytes).int::<i32>(3, little);
        assert_eq!(int(&[0xff, 0xff, 0xfe], false), Ok(-2));
        assert_eq!(int(&[0x7f, 0xff, 0xff], false), Ok(0x007f_ffff));
        assert_eq!(int(&[0, 0, 0x80], true), Ok(-0x0080_0000));
    }

    #[test]
    fn marks_only_where_they_are_needed() {
        // RFC 6455, section 5.2.
        let tiers = [
            Tier { mark: 126, bytes: 2, little: false },
            Tier { mark: 127, bytes: 8, little: false },
        ];
        assert_eq!(
            [125, 126, 65_535, 65_536].map(|value| first_of(value, &tiers)),
            [125, 126, 126, 127]
        );
        let read = |first, bytes: &'static [u8]| {
            Reader::new(bytes).tier(0, first, &tiers, 0..=u64::MAX >> 1)
        };
        assert_eq!(read(125, b""), Ok(125));
        assert_eq!(read(126, &[0, 126]), Ok(126));
        assert_eq!(read(126, &[0, 5]).map_err(|wrong| wrong.rule), Err(Rule::Number));
        assert_eq!(read(126, &[0]).map_err(|wrong| wrong.rule), Err(Rule::Truncated));
        let high = [0x80, 0, 0, 0, 0, 0, 0, 0];
        let range = Rule::Range { low: 0, high: u64::MAX >> 1 };
        assert_eq!(
            Reader::new(&high).tier(0, 127, &tiers, 0..=u64::MAX >> 1).map_err(|wrong| wrong.rule),
            Err(range)
        );
    }
}
