//! Fields that share an integer.

use framer_dsl::ir::{
    BitField, Bits, Carrier, Coding, ExprKind, FieldKind, Int, Tier, TypeId, TypeKind, Values,
    Varint,
};
use framer_runtime::frame::Encoded;
use framer_runtime::violation::{EncodeError, Rule};
use framer_runtime::write::Writer;

use super::number::{Numbers, derived, marks};
use super::write::Written;
use crate::description::Description;
use crate::expr::Whole;
use crate::value::Value;
use crate::values;

/// Reads all of them: those that are `wanted`, or that must be what they are, and what follows the
/// marks.
pub(crate) fn read<N: Numbers>(
    description: &'static Description,
    bits: &'static Bits,
    reader: &mut N,
    wanted: &dyn Fn(&BitField) -> bool,
) -> Result<Vec<(&'static BitField, Value<'static>)>, N::Error> {
    let begin = reader.position();
    let integer = match &bits.carrier {
        Carrier::Fixed(fixed) => reader.uint(fixed.int.bytes(), fixed.little, 0..=u64::MAX)?,
        Carrier::Varint(Varint { coding: Coding::Base128, max_bytes, .. }) => {
            reader.base128(*max_bytes, 0..=u64::MAX)?
        }
        Carrier::Varint(varint) => reader.leb128(varint.max_bytes, 0..=u64::MAX)?,
    };
    let mut fields = Vec::new();
    for field in &bits.fields {
        let place = (field.shift, field.width);
        if let Some((number, value)) = constant(field) {
            reader.bits(begin, integer, place, number..=number)?;
            fields.push((field, value));
            continue;
        }
        let value = match &field.kind {
            FieldKind::Varint(varint) => {
                let (first, tiers) = (first(field, integer), marks(tiers(varint)));
                Value::Number(reader.tier(begin, first, &tiers, varint.low..=varint.high)?)
            }
            _ if !wanted(field) => continue,
            FieldKind::Bit => Value::Flag(reader.bits(begin, integer, place, 0..=1)? == 1),
            FieldKind::Named { ty, .. } => {
                let max = Int::unsigned(field.width).max();
                let number = reader.bits(begin, integer, place, 0..=max)?;
                let value = of(description, *ty).and_then(|of| values::from_number(of, number));
                value.ok_or_else(|| reader.no_choice(begin))?
            }
            FieldKind::Fixed(fixed) => {
                Value::Number(reader.bits(begin, integer, place, fixed.low..=fixed.high)?)
            }
            _ => continue,
        };
        fields.push((field, value));
    }
    Ok(fields)
}

/// What a field must be.
fn constant(field: &BitField) -> Option<(u64, Value<'static>)> {
    match field.derived.as_ref()?.expr.kind {
        ExprKind::Bool(value) => Some((value.into(), Value::Flag(value))),
        ExprKind::Number(value) => Some((value, Value::Number(value))),
        _ => None,
    }
}

/// What stands in the carrier for a number with marks.
fn first(field: &BitField, integer: u64) -> u64 {
    let mask = Int::unsigned(field.width).max();
    integer.checked_shr(field.shift.into()).unwrap_or_default() & mask
}

fn tiers(varint: &Varint) -> &[Tier] {
    match &varint.coding {
        Coding::Tiers { tiers, .. } => tiers,
        _ => &[],
    }
}

/// The choice of values that a field is of.
fn of(description: &'static Description, ty: TypeId) -> Option<&'static Values> {
    match &description.ty(ty).kind {
        TypeKind::Values(values) => Some(values),
        _ => None,
    }
}

/// Writes all of them.
pub(super) fn write(
    whole: Whole<'_>,
    written: Written<'_>,
    writer: &mut Writer<'_>,
    bits: &'static Bits,
) -> Encoded {
    for field in &bits.fields {
        check(whole, written, writer, field)?;
    }
    let mut integer = 0;
    let mut behind = Vec::new();
    for field in &bits.fields {
        let title = field.name.as_str();
        let number = number(whole, written, writer, field)?;
        let part = match &field.kind {
            FieldKind::Bit => number,
            FieldKind::Varint(varint) => {
                let tiers = marks(tiers(varint));
                let values = varint.low..=varint.high;
                let mark = writer.tier_mark(title, number, &tiers, values)?;
                behind.push((number, tiers));
                mark
            }
            FieldKind::Fixed(fixed) => writer.bits(title, number, fixed.low..=fixed.high)?,
            _ => writer.bits(title, number, 0..=Int::unsigned(field.width).max())?,
        };
        integer |= part.checked_shl(field.shift.into()).unwrap_or_default();
    }
    match &bits.carrier {
        Carrier::Fixed(fixed) => {
            let (bytes, little) = (fixed.int.bytes(), fixed.little);
            writer.uint_of("", integer, bytes, little, 0..=u64::MAX)?;
        }
        Carrier::Varint(Varint { coding: Coding::Base128, max_bytes, .. }) => {
            writer.base128("", integer, *max_bytes, 0..=u64::MAX)?;
        }
        Carrier::Varint(varint) => writer.leb128("", integer, varint.max_bytes, 0..=u64::MAX)?,
    }
    for (number, tiers) in behind {
        writer.tier(number, &tiers);
    }
    Ok(())
}

/// What must hold of a field before any is written.
fn check(
    whole: Whole<'_>,
    written: Written<'_>,
    writer: &Writer<'_>,
    field: &'static BitField,
) -> Encoded {
    if field.derived.is_some() {
        return match field.kind {
            // What is too wide for its integer is told where it is made.
            FieldKind::Varint(_) => number(whole, written, writer, field).map(|_| ()),
            _ => Ok(()),
        };
    }
    let FieldKind::Named { ty, .. } = &field.kind else { return Ok(()) };
    let value = written.get(&field.name);
    let Some(values) = of(whole.description, *ty).filter(|values| values::has_other(values)) else {
        return Ok(());
    };
    let again = value.and_then(Value::number).and_then(|of| values::from_number(values, of));
    match again.as_ref() == value {
        true => Ok(()),
        false => Err(writer.fail(&field.name, Rule::Ambiguous)),
    }
}

/// The value of a field as it is written.
fn number(
    whole: Whole<'_>,
    written: Written<'_>,
    writer: &Writer<'_>,
    field: &'static BitField,
) -> Result<u64, EncodeError> {
    let title = field.name.as_str();
    let Some(of) = &field.derived else {
        return match (&field.kind, written.get(title)) {
            (FieldKind::Bit, Some(Value::Flag(flag))) => Ok(u64::from(*flag)),
            (FieldKind::Bit, _) => Err(writer.fail(title, Rule::Condition)),
            (_, Some(value)) => value.number().ok_or_else(|| writer.fail(title, Rule::Condition)),
            (_, None) => Err(writer.fail(title, Rule::Condition)),
        };
    };
    let number = whole.evaluate(&of.expr).number();
    match (&field.kind, &of.expr.kind) {
        (FieldKind::Bit, _) | (FieldKind::Fixed(_), ExprKind::Number(_)) => Ok(number),
        (kind, _) => {
            let bits = kind.width().unwrap_or(field.width);
            derived(writer, title, Int::unsigned(bits).width(), number)
        }
    }
}
