//! Numbers and texts: one value, read or written.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{int_type, range};
use crate::emit::Context;
use crate::ir::{Coding, Extent, FieldKind, Int, TextKind, Tier};
use crate::names;

/// What reads a number with `reader`, a `Reader` or a `Ruler`.
pub(in crate::emit) fn read_number(
    context: &Context<'_>,
    kind: &FieldKind,
    reader: &TokenStream,
) -> Option<TokenStream> {
    let (method, arguments) = number(context, kind)?;
    Some(quote!(#reader.#method(#(#arguments),*)?))
}

/// What writes a number.
pub(in crate::emit) fn write_number(
    context: &Context<'_>,
    title: &str,
    kind: &FieldKind,
    value: &TokenStream,
) -> Option<TokenStream> {
    let (method, arguments) = number(context, kind)?;
    Some(quote!(writer.#method(#title, #value, #(#arguments),*)?;))
}

/// The method for a number and what it takes, alike for what reads and what writes.
fn number(context: &Context<'_>, kind: &FieldKind) -> Option<(TokenStream, Vec<TokenStream>)> {
    let rt = context.rt;
    Some(match kind {
        FieldKind::Number(number) => {
            let min = Literal::usize_unsuffixed(number.min_digits);
            let max = Literal::usize_unsuffixed(number.max_digits);
            let zeros = number.zeros;
            let digits = quote!(#rt::read::Digits { min: #min, max: #max, zeros: #zeros });
            let method = if number.hex { quote!(hexadecimal) } else { quote!(decimal) };
            (method, vec![digits, range(number.int, number.low, number.high)])
        }
        FieldKind::Fixed(fixed) => {
            let little = fixed.little;
            let bytes = Literal::usize_unsuffixed(fixed.int.bytes());
            if fixed.int.signed {
                let ty = int_type(fixed.int);
                return Some((quote!(int::<#ty>), vec![quote!(#bytes), quote!(#little)]));
            }
            let range = range(fixed.int, fixed.low, fixed.high);
            match fixed.int.bits == fixed.int.width() {
                true => (quote!(uint), vec![quote!(#little), range]),
                false => (quote!(uint_of), vec![quote!(#bytes), quote!(#little), range]),
            }
        }
        FieldKind::Varint(varint) => {
            let range = range(varint.int, varint.low, varint.high);
            let max = Literal::usize_unsuffixed(varint.max_bytes);
            match &varint.coding {
                Coding::Leb128 => (quote!(leb128), vec![quote!(#max), range]),
                Coding::Base128 => (quote!(base128), vec![quote!(#max), range]),
                Coding::Quic => (quote!(quic), vec![range]),
                Coding::Tiers { first, little, tiers: marks } => {
                    let bytes = Literal::usize_unsuffixed(first.bytes());
                    let tiers = tiers(context, marks);
                    (quote!(tiered), vec![quote!(#bytes), quote!(#little), tiers, range])
                }
            }
        }
        _ => return None,
    })
}

/// What marks stand for.
pub(super) fn tiers(context: &Context<'_>, tiers: &[Tier]) -> TokenStream {
    let rt = context.rt;
    let tiers = tiers.iter().map(|tier| {
        let mark = Literal::u64_unsuffixed(tier.mark);
        let bytes = Literal::usize_unsuffixed(tier.int.bytes());
        let little = tier.little;
        quote!(#rt::read::Tier { mark: #mark, bytes: #bytes, little: #little })
    });
    quote!(&[#(#tiers),*])
}

/// A number as a literal of its type.
pub(super) fn constant(int: Int, value: u64) -> TokenStream {
    let ty = int_type(int);
    format!("{value}_{ty}").parse().unwrap_or_default()
}

/// What reads a text.
pub(super) fn read_text(
    context: &Context<'_>,
    extent: &Extent,
    length: &dyn Fn(&crate::ir::Expr) -> TokenStream,
) -> TokenStream {
    match extent {
        Extent::ToEnd => quote!(reader.take_rest()),
        Extent::Exactly(len) => {
            let len = Literal::usize_unsuffixed(*len);
            quote!(reader.bytes(#len)?)
        }
        Extent::Sized(expr) => {
            let length = length(expr);
            quote!(reader.sized(#length)?)
        }
        Extent::Until { delimiter, max } => {
            let delimiter = names::constant(&context.ir.delimiters[delimiter.0].name);
            let max = Literal::u64_unsuffixed(*max);
            quote!(reader.until(&#delimiter, #max)?)
        }
        Extent::Run { class, escape, min, max } => {
            let class = names::constant(&context.ir.classes[class.0].name);
            let min = Literal::usize_unsuffixed(*min);
            let max = Literal::usize_unsuffixed(*max);
            match escape {
                None => quote!(reader.run(&#class, #min, #max)?),
                Some((byte, escaped)) => {
                    let escaped = names::constant(&context.ir.classes[escaped.0].name);
                    let byte = Literal::byte_character(*byte);
                    quote!(reader.run_escaped(&#class, #byte, &#escaped, #min, #max)?)
                }
            }
        }
    }
}

/// What writes a text.
pub(super) fn write_text(
    context: &Context<'_>,
    title: &str,
    value: &TokenStream,
    kind: TextKind,
    extent: &Extent,
) -> TokenStream {
    let check = (kind == TextKind::Ascii).then(|| quote!(writer.ascii(#title, #value)?;));
    let bytes = match kind {
        TextKind::Bytes => quote!(#value),
        TextKind::Ascii | TextKind::Utf8 => quote!(#value.as_bytes()),
    };
    let write = match extent {
        Extent::ToEnd | Extent::Sized(_) => quote!(writer.rest(#bytes);),
        Extent::Exactly(len) => {
            let len = Literal::usize_unsuffixed(*len);
            quote!(writer.bytes(#title, #bytes, #len)?;)
        }
        Extent::Until { delimiter, max } => {
            let delimiter = names::constant(&context.ir.delimiters[delimiter.0].name);
            let max = Literal::u64_unsuffixed(*max);
            quote!(writer.until(#title, #bytes, &#delimiter, #max)?;)
        }
        Extent::Run { class, escape, min, max } => {
            let class = names::constant(&context.ir.classes[class.0].name);
            let min = Literal::usize_unsuffixed(*min);
            let max = Literal::usize_unsuffixed(*max);
            match escape {
                None => quote!(writer.run(#title, #bytes, &#class, #min, #max)?;),
                Some((byte, escaped)) => {
                    let escaped = names::constant(&context.ir.classes[escaped.0].name);
                    let byte = Literal::byte_character(*byte);
                    quote! {
                        writer.run_escaped(#title, #bytes, &#class, #byte, &#escaped, #min, #max)?;
                    }
                }
            }
        }
    };
    quote!(#check #write)
}
