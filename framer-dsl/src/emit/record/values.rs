//! Numbers and texts: one value, read or written.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

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
    // A ruler cannot see that no digit follows before something else does.
    let open = match kind {
        FieldKind::Number(of) if reader.to_string() == "ruler" => {
            of.min_digits < of.max_digits || of.int.signed
        }
        _ => false,
    };
    let method = if open { format_ident!("{method}_open") } else { method };
    let of = signed(kind);
    Some(quote!(#reader.#method #of(#(#arguments),*)?))
}

/// What writes a number.
pub(in crate::emit) fn write_number(
    context: &Context<'_>,
    title: &str,
    kind: &FieldKind,
    value: &TokenStream,
) -> Option<TokenStream> {
    let (method, arguments) = number(context, kind)?;
    let method = match kind {
        FieldKind::Number(number) if number.upper => format_ident!("{method}_upper"),
        _ => method,
    };
    Some(quote!(writer.#method(#title, #value, #(#arguments),*)?;))
}

/// What writes an integer of bytes over the zeros at `place`.
pub(super) fn write_number_at(
    title: &str,
    kind: &FieldKind,
    place: &Ident,
    value: &TokenStream,
) -> Option<TokenStream> {
    let FieldKind::Fixed(fixed) = kind else { return None };
    if fixed.int.signed {
        return None;
    }
    let bytes = Literal::usize_unsuffixed(fixed.int.bytes());
    let (little, range) = (fixed.little, range(fixed.int, fixed.low, fixed.high));
    Some(quote!(writer.uint_at(#title, #place, #value, #bytes, #little, #range)?;))
}

/// The type of an integer with a sign, which no range tells.
fn signed(kind: &FieldKind) -> Option<TokenStream> {
    let int = match kind {
        FieldKind::Number(number) => number.int,
        FieldKind::Fixed(fixed) => fixed.int,
        _ => return None,
    };
    let ty = int_type(int);
    int.signed.then(|| quote!(::<#ty>))
}

/// The method for a number and what it takes, alike for what reads and what writes.
fn number(context: &Context<'_>, kind: &FieldKind) -> Option<(Ident, Vec<TokenStream>)> {
    let rt = context.rt;
    let (method, arguments) = match kind {
        FieldKind::Number(number) => {
            let min = Literal::usize_unsuffixed(number.min_digits);
            let max = Literal::usize_unsuffixed(number.max_digits);
            let zeros = number.zeros;
            let digits = quote!(#rt::read::Digits { min: #min, max: #max, zeros: #zeros });
            if number.int.signed {
                return Some((format_ident!("decimal_int"), vec![digits]));
            }
            let method = if number.hex { "hexadecimal" } else { "decimal" };
            (method, vec![digits, range(number.int, number.low, number.high)])
        }
        FieldKind::Fixed(fixed) => {
            let little = fixed.little;
            let bytes = Literal::usize_unsuffixed(fixed.int.bytes());
            if fixed.int.signed {
                return Some((format_ident!("int"), vec![quote!(#bytes), quote!(#little)]));
            }
            let range = range(fixed.int, fixed.low, fixed.high);
            match fixed.int.bits == fixed.int.width() {
                true => ("uint", vec![quote!(#little), range]),
                false => ("uint_of", vec![quote!(#bytes), quote!(#little), range]),
            }
        }
        FieldKind::Varint(varint) => {
            let range = range(varint.int, varint.low, varint.high);
            let max = Literal::usize_unsuffixed(varint.max_bytes);
            match &varint.coding {
                Coding::Leb128 => ("leb128", vec![quote!(#max), range]),
                Coding::Base128 => ("base128", vec![quote!(#max), range]),
                Coding::Quic => ("quic", vec![range]),
                Coding::Tiers { first, little, tiers: marks } => {
                    let bytes = Literal::usize_unsuffixed(first.bytes());
                    let tiers = tiers(context, marks);
                    ("tiered", vec![quote!(#bytes), quote!(#little), tiers, range])
                }
            }
        }
        _ => return None,
    };
    Some((format_ident!("{method}"), arguments))
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
        Extent::Run { escape: None, .. } => {
            let run = run(context, extent);
            quote!(reader.run(#run)?)
        }
        Extent::Run { class, escape: Some((byte, escaped)), min, max, .. } => {
            let class = names::constant(&context.ir.classes[class.0].name);
            let escaped = names::constant(&context.ir.classes[escaped.0].name);
            let (byte, min) = (Literal::byte_character(*byte), Literal::usize_unsuffixed(*min));
            let max = Literal::usize_unsuffixed(*max);
            quote!(reader.run_escaped(&#class, #byte, &#escaped, #min, #max)?)
        }
    }
}

/// A run of a class, and how many bytes it may have; of what is trimmed, how many are left is told
/// later.
pub(super) fn run(context: &Context<'_>, extent: &Extent) -> Option<TokenStream> {
    let Extent::Run { class, escape: None, trim, min, max } = extent else { return None };
    let class = names::constant(&context.ir.classes[class.0].name);
    let min = Literal::usize_unsuffixed(if trim.is_some() { 0 } else { *min });
    let max = Literal::usize_unsuffixed(*max);
    Some(quote!(&#class, #min, #max))
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
        Extent::Run { class, escape, trim, min, max } => {
            let class = names::constant(&context.ir.classes[class.0].name);
            let min = Literal::usize_unsuffixed(*min);
            let max = Literal::usize_unsuffixed(*max);
            let trimmed = trim.map(|trim| {
                let trim = names::constant(&context.ir.classes[trim.0].name);
                quote!(writer.trimmed(#title, #bytes, &#trim)?;)
            });
            match escape {
                None => quote!(#trimmed writer.run(#title, #bytes, &#class, #min, #max)?;),
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
