//! Numbers, in digits and in bytes.

/// An unsigned integer of Rust.
pub trait Number: Copy + PartialOrd + TryFrom<u64> + sealed::Sealed {
    /// Its width in bytes.
    const BYTES: usize;

    /// The same number as `u64`.
    fn wide(self) -> u64;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! number {
    ($($ty:ty),*) => {$(
        impl sealed::Sealed for $ty {}

        impl Number for $ty {
            const BYTES: usize = size_of::<$ty>();

            fn wide(self) -> u64 {
                u64::from(self)
            }
        }
    )*};
}

number!(u8, u16, u32, u64);

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
    /// The value of a text of digits, if it is canonical.
    pub(crate) fn value(self, text: &[u8], radix: u32) -> Option<u64> {
        let canonical = self.zeros || text.len() < 2 || text.first() != Some(&b'0');
        if text.len() < self.min || text.len() > self.max || !canonical {
            return None;
        }
        text.iter().try_fold(0_u64, |value, byte| {
            let digit = char::from(*byte).to_digit(radix)?;
            value.checked_mul(u64::from(radix))?.checked_add(u64::from(digit))
        })
    }
}

/// The number in `bytes`, at most eight.
pub(crate) fn from_bytes(bytes: &[u8], little: bool) -> u64 {
    let join = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    match little {
        true => bytes.iter().rev().fold(0, join),
        false => bytes.iter().fold(0, join),
    }
}

#[cfg(test)]
mod tests {
    use super::{Digits, from_bytes};

    #[test]
    fn only_canonical_numbers_have_a_value() {
        let digits = Digits { min: 1, max: 20, zeros: false };
        let max = b"18446744073709551615";
        assert_eq!(digits.value(max, 10), Some(u64::MAX));
        assert_eq!(digits.value(b"18446744073709551616", 10), None);
        assert_eq!(digits.value(b"0", 10), Some(0));
        for wrong in [&b""[..], b"00", b"01", b"000000000000000000001"] {
            assert_eq!(digits.value(wrong, 10), None, "{wrong:?}");
        }
        assert_eq!(Digits { min: 3, max: 3, zeros: true }.value(b"007", 10), Some(7));
        assert_eq!(digits.value(b"fF", 16), Some(255));
    }

    #[test]
    fn bytes_in_both_orders() {
        assert_eq!(from_bytes(&[1, 2, 3], false), 0x01_02_03);
        assert_eq!(from_bytes(&[1, 2, 3], true), 0x03_02_01);
    }
}
