//! Numbers: one value, read or written.

use std::ops::RangeInclusive;

use framer_dsl::ir::{Coding, FieldKind, Int, Number, Tier as Mark, Varint};
use framer_runtime::frame::Encoded;
use framer_runtime::measure::{Ruler, Unmeasured};
use framer_runtime::read::{Digits, Reader, Tier};
use framer_runtime::violation::{EncodeError, Invalid, Rule};
use framer_runtime::write::Writer;

use crate::value::Value;

type Values = RangeInclusive<u64>;

/// What numbers are read with, of a frame that is there or of one that is measured.
pub(crate) trait Numbers {
    /// Why there is none.
    type Error;

    fn position(&self) -> usize;
    fn uint(&mut self, bytes: usize, little: bool, values: Values) -> Result<u64, Self::Error>;
    fn int(&mut self, bytes: usize, little: bool) -> Result<i64, Self::Error>;
    fn digits(&mut self, of: &Number) -> Result<u64, Self::Error>;
    fn signed_digits(&mut self, of: &Number) -> Result<i64, Self::Error>;
    fn leb128(&mut self, max_bytes: usize, values: Values) -> Result<u64, Self::Error>;
    fn base128(&mut self, max_bytes: usize, values: Values) -> Result<u64, Self::Error>;
    fn quic(&mut self, values: Values) -> Result<u64, Self::Error>;
    fn tier(
        &mut self,
        begin: usize,
        first: u64,
        tiers: &[Tier],
        values: Values,
    ) -> Result<u64, Self::Error>;
    fn tiered(
        &mut self,
        bytes: usize,
        little: bool,
        tiers: &[Tier],
        values: Values,
    ) -> Result<u64, Self::Error>;
    fn bits(
        &self,
        begin: usize,
        integer: u64,
        place: (u8, u8),
        values: Values,
    ) -> Result<u64, Self::Error>;
    /// A number that began at `begin` and has no name.
    fn no_choice(&self, begin: usize) -> Self::Error;
}

fn digits(of: &Number) -> Digits {
    Digits { min: of.min_digits, max: of.max_digits, zeros: of.zeros }
}

/// The methods that the two call alike.
macro_rules! alike {
    ($error:ty) => {
        type Error = $error;

        fn position(&self) -> usize {
            self.position()
        }

        fn uint(&mut self, bytes: usize, little: bool, values: Values) -> Result<u64, $error> {
            self.uint_of(bytes, little, values)
        }

        fn leb128(&mut self, max_bytes: usize, values: Values) -> Result<u64, $error> {
            self.leb128(max_bytes, values)
        }

        fn base128(&mut self, max_bytes: usize, values: Values) -> Result<u64, $error> {
            self.base128(max_bytes, values)
        }

        fn quic(&mut self, values: Values) -> Result<u64, $error> {
            self.quic(values)
        }

        fn tier(
            &mut self,
            begin: usize,
            first: u64,
            tiers: &[Tier],
            values: Values,
        ) -> Result<u64, $error> {
            self.tier(begin, first, tiers, values)
        }

        fn tiered(
            &mut self,
            bytes: usize,
            little: bool,
            tiers: &[Tier],
            values: Values,
        ) -> Result<u64, $error> {
            self.tiered(bytes, little, tiers, values)
        }

        fn bits(
            &self,
            begin: usize,
            integer: u64,
            (shift, width): (u8, u8),
            values: Values,
        ) -> Result<u64, $error> {
            self.bits(begin, integer, shift.into(), width.into(), values)
        }
    };
}

impl Numbers for Reader<'_> {
    alike!(Invalid);

    fn int(&mut self, bytes: usize, little: bool) -> Result<i64, Invalid> {
        self.int(bytes, little)
    }

    fn digits(&mut self, of: &Number) -> Result<u64, Invalid> {
        match of.hex {
            true => self.hexadecimal(digits(of), of.low..=of.high),
            false => self.decimal(digits(of), of.low..=of.high),
        }
    }

    fn signed_digits(&mut self, of: &Number) -> Result<i64, Invalid> {
        self.decimal_int(digits(of))
    }

    fn no_choice(&self, begin: usize) -> Invalid {
        self.fail_since(begin, Rule::Choice)
    }
}

impl Numbers for Ruler<'_> {
    alike!(Unmeasured);

    /// No length depends on one with a sign, so that it is passed over as what it is wide.
    fn int(&mut self, bytes: usize, little: bool) -> Result<i64, Unmeasured> {
        self.uint_of(bytes, little, 0..=u64::MAX).map(u64::cast_signed)
    }

    fn digits(&mut self, of: &Number) -> Result<u64, Unmeasured> {
        let values = of.low..=of.high;
        // It cannot be seen that no digit follows before something else does.
        match (of.hex, of.min_digits < of.max_digits) {
            (true, true) => self.hexadecimal_open(digits(of), values),
            (true, false) => self.hexadecimal(digits(of), values),
            (false, true) => self.decimal_open(digits(of), values),
            (false, false) => self.decimal(digits(of), values),
        }
    }

    fn signed_digits(&mut self, of: &Number) -> Result<i64, Unmeasured> {
        self.decimal_int_open(digits(of))
    }

    fn no_choice(&self, begin: usize) -> Unmeasured {
        self.fail_since(begin, Rule::Choice)
    }
}

/// Reads a number; what is none is [`Value::Missing`], and takes no byte.
pub(crate) fn read_number<N: Numbers>(
    reader: &mut N,
    kind: &FieldKind,
) -> Result<Value<'static>, N::Error> {
    Ok(match kind {
        FieldKind::Number(of) if of.int.signed => Value::Signed(reader.signed_digits(of)?),
        FieldKind::Number(of) => Value::Number(reader.digits(of)?),
        FieldKind::Fixed(of) if of.int.signed => {
            Value::Signed(reader.int(of.int.bytes(), of.little)?)
        }
        FieldKind::Fixed(of) => {
            Value::Number(reader.uint(of.int.bytes(), of.little, of.low..=of.high)?)
        }
        FieldKind::Varint(of) => Value::Number(read_varint(reader, of)?),
        _ => Value::Missing,
    })
}

fn read_varint<N: Numbers>(reader: &mut N, of: &Varint) -> Result<u64, N::Error> {
    let values = of.low..=of.high;
    match &of.coding {
        Coding::Leb128 => reader.leb128(of.max_bytes, values),
        Coding::Base128 => reader.base128(of.max_bytes, values),
        Coding::Quic => reader.quic(values),
        Coding::Tiers { first, little, tiers } => {
            reader.tiered(first.bytes(), *little, &marks(tiers), values)
        }
    }
}

/// What marks stand for.
pub(super) fn marks(tiers: &[Mark]) -> Vec<Tier> {
    let tier = |of: &Mark| Tier { mark: of.mark, bytes: of.int.bytes(), little: of.little };
    tiers.iter().map(tier).collect()
}

/// A number that other fields make, if the integer that is to hold it does.
pub(super) fn derived(
    writer: &Writer<'_>,
    title: &'static str,
    width: u8,
    number: u64,
) -> Result<u64, EncodeError> {
    match width {
        8 => writer.derived::<u8>(title, number).map(u64::from),
        16 => writer.derived::<u16>(title, number).map(u64::from),
        32 => writer.derived::<u32>(title, number).map(u64::from),
        _ => writer.derived::<u64>(title, number),
    }
}

/// Writes a number.
pub(super) fn write_number(
    writer: &mut Writer<'_>,
    title: &'static str,
    kind: &FieldKind,
    value: &Value<'_>,
) -> Encoded {
    match (kind, value) {
        (FieldKind::Number(of), Value::Signed(number)) if of.int.signed => {
            writer.decimal_int(title, *number, digits(of))
        }
        (FieldKind::Fixed(of), Value::Signed(number)) if of.int.signed => {
            writer.int(title, *number, of.int.bytes(), of.little)
        }
        (FieldKind::Number(Number { int: Int { signed: true, .. }, .. }), _) => {
            Err(writer.fail(title, Rule::Condition))
        }
        (FieldKind::Number(of), Value::Number(number)) => {
            let (digits, values) = (digits(of), of.low..=of.high);
            match (of.hex, of.upper) {
                (false, _) => writer.decimal(title, *number, digits, values),
                (true, false) => writer.hexadecimal(title, *number, digits, values),
                (true, true) => writer.hexadecimal_upper(title, *number, digits, values),
            }
        }
        (FieldKind::Fixed(of), Value::Number(number)) if !of.int.signed => {
            writer.uint_of(title, *number, of.int.bytes(), of.little, of.low..=of.high)
        }
        (FieldKind::Varint(of), Value::Number(number)) => write_varint(writer, title, of, *number),
        _ => Err(writer.fail(title, Rule::Condition)),
    }
}

fn write_varint(writer: &mut Writer<'_>, title: &'static str, of: &Varint, number: u64) -> Encoded {
    let values = of.low..=of.high;
    match &of.coding {
        Coding::Leb128 => writer.leb128(title, number, of.max_bytes, values),
        Coding::Base128 => writer.base128(title, number, of.max_bytes, values),
        Coding::Quic => writer.quic(title, number, values),
        Coding::Tiers { first, little, tiers } => {
            writer.tiered(title, number, first.bytes(), *little, &marks(tiers), values)
        }
    }
}
