//! Fields that share an integer.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::values::{constant, tiers};
use super::{int_type, place, range};
use crate::emit::{Context, expr};
use crate::ir::{
    BitField, Bits, Carrier, Coding, ExprKind, FieldKind, Int, Record, TypeId, TypeKind, Values,
    ValuesKind, Varint,
};
use crate::names;

/// Reads all of them with `reader`, a `Reader` or a `Ruler`: those whose name is `wanted`, or
/// that must be what they are, and what follows the marks.
pub(in crate::emit) fn read(
    context: &Context<'_>,
    bits: &Bits,
    reader: &TokenStream,
    fail: &dyn Fn(&TokenStream) -> TokenStream,
    wanted: &dyn Fn(&BitField) -> bool,
) -> TokenStream {
    let rt = context.rt;
    let (method, arguments) = carrier(bits);
    let mut fields = TokenStream::new();
    for field in &bits.fields {
        let name = names::local(&field.name);
        let (shift, width) =
            (Literal::u8_unsuffixed(field.shift), Literal::u8_unsuffixed(field.width));
        let number =
            |range: TokenStream| quote!(#reader.bits(begin_, bits_, #shift, #width, #range)?);
        let constant = field.derived.as_ref().and_then(|derived| match derived.expr.kind {
            ExprKind::Bool(value) => Some(u64::from(value)),
            ExprKind::Number(value) => Some(value),
            _ => None,
        });
        if let Some(value) = constant {
            let only = number(range(Int::unsigned(field.width), value, value));
            fields.extend(quote!(#only;));
            continue;
        }
        let is_wanted = wanted(field);
        fields.extend(match &field.kind {
            FieldKind::Varint(varint) => {
                let (first, marks) = first(field, varint);
                let (tiers, values) =
                    (tiers(context, marks), range(varint.int, varint.low, varint.high));
                let value = quote!(#reader.tier(begin_, #first, #tiers, #values)?);
                if is_wanted { quote!(let #name = #value;) } else { quote!(#value;) }
            }
            _ if !is_wanted => TokenStream::new(),
            FieldKind::Bit => {
                let bit = match field.shift {
                    0 => quote!(bits_ & 1),
                    _ => quote!(bits_ >> #shift & 1),
                };
                quote!(let #name = #bit == 1;)
            }
            FieldKind::Named { ty, .. } => {
                let of = names::ty(&context.ir.ty(*ty).name);
                let int = Int::unsigned(field.width);
                let number = number(range(int, 0, int.max()));
                let fail = fail(&quote!(#rt::violation::Rule::Choice));
                quote! {
                    let Some(#name) = #of::from_number(#number) else {
                        return Err(#fail);
                    };
                }
            }
            FieldKind::Fixed(fixed) => {
                let number = number(range(fixed.int, fixed.low, fixed.high));
                quote!(let #name = #number;)
            }
            _ => TokenStream::new(),
        });
    }
    let begin = uses(&fields, "begin_").then(|| quote!(let begin_ = #reader.position();));
    let carrier = quote!(#reader.#method(#arguments, 0..=u64::MAX)?);
    match uses(&fields, "bits_") {
        true => quote!(#begin let bits_ = #carrier; #fields),
        false => quote!(#carrier;),
    }
}

/// The method for the integer that they share and what it takes, alike for what reads and what
/// writes, before its values.
fn carrier(bits: &Bits) -> (TokenStream, TokenStream) {
    match &bits.carrier {
        Carrier::Fixed(fixed) => {
            let (bytes, little) = (Literal::usize_unsuffixed(fixed.int.bytes()), fixed.little);
            (quote!(uint_of), quote!(#bytes, #little))
        }
        Carrier::Varint(varint) => {
            let method = match varint.coding {
                Coding::Base128 => quote!(base128),
                _ => quote!(leb128),
            };
            let max = Literal::usize_unsuffixed(varint.max_bytes);
            (method, quote!(#max))
        }
    }
}

fn uses(tokens: &TokenStream, name: &str) -> bool {
    tokens.to_string().split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

/// What stands in the carrier for a number with marks.
fn first<'v>(field: &BitField, varint: &'v Varint) -> (TokenStream, &'v [crate::ir::Tier]) {
    let shift = Literal::u8_unsuffixed(field.shift);
    let mask = Literal::u64_unsuffixed(u64::MAX >> (64 - field.width));
    let first = match field.shift {
        0 => quote!(bits_ & #mask),
        _ => quote!(bits_ >> #shift & #mask),
    };
    match &varint.coding {
        Coding::Tiers { tiers, .. } => (first, tiers),
        _ => (first, &[]),
    }
}

/// Writes all of them.
pub(super) fn write(context: &Context<'_>, record: &Record, bits: &Bits) -> TokenStream {
    let (method, arguments) = carrier(bits);
    let mut before = TokenStream::new();
    let mut parts = Vec::new();
    let mut behind = TokenStream::new();
    for field in &bits.fields {
        let title = &field.name;
        let (value, check) = value(context, record, field);
        before.extend(check);
        let part = match &field.kind {
            FieldKind::Bit => quote!(u64::from(#value)),
            FieldKind::Varint(varint) => {
                let name = names::local(&field.name);
                let (_, marks) = first(field, varint);
                let (tiers, values) =
                    (tiers(context, marks), range(varint.int, varint.low, varint.high));
                before.extend(quote!(let #name = #value;));
                behind.extend(quote!(writer.tier(#name, #tiers);));
                quote!(writer.tier_mark(#title, #name, #tiers, #values)?)
            }
            FieldKind::Fixed(fixed) => {
                let values = range(fixed.int, fixed.low, fixed.high);
                quote!(writer.bits(#title, #value, #values)?)
            }
            _ => {
                let int = Int::unsigned(field.width);
                let values = range(int, 0, int.max());
                quote!(writer.bits(#title, #value, #values)?)
            }
        };
        let shift = Literal::u8_unsuffixed(field.shift);
        parts.push(if field.shift == 0 { part } else { quote!(#part << #shift) });
    }
    quote! {
        #before
        let bits_ = #(#parts)|*;
        writer.#method("", bits_, #arguments, 0..=u64::MAX)?;
        #behind
    }
}

/// The value of a field as it is written, and what must hold of it.
fn value(
    context: &Context<'_>,
    record: &Record,
    field: &BitField,
) -> (TokenStream, Option<TokenStream>) {
    let rt = context.rt;
    let (place, title) = (place(context, record, &quote!(self), &field.name), &field.name);
    if let Some(derived) = &field.derived {
        let value =
            expr::emit(&derived.expr, &|name| expr::leaf(context, record, name, &quote!(self)));
        return match (&field.kind, &derived.expr.kind) {
            (FieldKind::Bit, _) => (value, None),
            (FieldKind::Fixed(fixed), ExprKind::Number(number)) => {
                (constant(fixed.int, *number), None)
            }
            (kind, _) => {
                let bits = kind.width().unwrap_or(field.width);
                let ty = int_type(Int::unsigned(bits));
                (quote!(writer.derived::<#ty>(#title, #value)?), None)
            }
        };
    }
    let FieldKind::Named { ty, .. } = &field.kind else { return (place, None) };
    let of = names::ty(&context.ir.ty(*ty).name);
    let check = has_other(context, *ty).then(|| {
        quote! {
            if #of::from_number(#place.number()) != Some(#place) {
                return Err(writer.fail(#title, #rt::violation::Rule::Ambiguous));
            }
        }
    });
    (quote!(#place.number()), check)
}

/// Whether numbers without a name are values, too.
fn has_other(context: &Context<'_>, ty: TypeId) -> bool {
    matches!(
        &context.ir.ty(ty).kind,
        TypeKind::Values(Values { kind: ValuesKind::Numbers { other: Some(_), .. } })
    )
}
