//! What is said of fields that the description has no words for.

use crate::emit::Context;
use crate::ir::{Element, Extent, FieldKind, Int};

/// What a field can hold.
pub(super) fn describe(context: &Context<'_>, kind: &FieldKind) -> String {
    let count = |min: usize, max: usize| match min == max {
        true => max.to_string(),
        false => format!("{min} to {max}"),
    };
    let named = |id| &context.ir.ty(id).name;
    match kind {
        FieldKind::Number(number) => {
            let radix = if number.hex { "hexadecimal" } else { "decimal" };
            let digits = count(number.min_digits, number.max_digits);
            format!("{}, in {digits} {radix} digits.", values(number.int, number.low, number.high))
        }
        FieldKind::Fixed(fixed) => {
            let order = if fixed.little { "low" } else { "high" };
            let values = values(fixed.int, fixed.low, fixed.high);
            match fixed.int.bits {
                8 => format!("{values}."),
                bits if bits % 8 != 0 => format!("{values}, in {bits} bits."),
                _ => format!("{values}, {order} byte first."),
            }
        }
        FieldKind::Varint(varint) => {
            let values = values(varint.int, varint.low, varint.high);
            format!("{values}, in as many bytes as it needs.")
        }
        FieldKind::Bit => "A bit.".to_owned(),
        FieldKind::Text { extent, .. } => match extent {
            Extent::Run { class, min, max, .. } => {
                format!("{} bytes of `{}`.", count(*min, *max), context.ir.classes[class.0].name)
            }
            Extent::Exactly(len) => format!("{len} bytes."),
            Extent::ToEnd => "Up to the end.".to_owned(),
            Extent::Sized(length) => format!("`{length}` bytes."),
            Extent::Until { delimiter, max } => {
                let delimiter = &context.ir.delimiters[delimiter.0].name;
                format!("Up to `{delimiter}`, at most {max} bytes with it.")
            }
        },
        FieldKind::Coded { transform, max } => {
            let coding = &context.ir.transforms[transform.0].name;
            format!("In the coding `{coding}`, at most {max} bytes on the wire.")
        }
        FieldKind::Flag { on, .. } => {
            format!("Whether `{}` stands here.", String::from_utf8_lossy(&on.bytes))
        }
        FieldKind::Named { ty, .. } => format!("A `{}`.", named(*ty)),
        FieldKind::Optional(id) => format!("A `{}`, if there is one.", named(*id)),
        FieldKind::List(list) => match list.element {
            Element::Type(ty) => format!("At most {} of `{}`.", list.max, named(ty)),
            Element::Int { int, .. } => format!("At most {} of `u{}`.", list.max, int.bits),
        },
    }
}

fn values(int: Int, low: u64, high: u64) -> String {
    match high == int.max() {
        true if low == 0 => "A number".to_owned(),
        true => format!("A number from {low}"),
        false => format!("A number from {low} to {high}"),
    }
}
