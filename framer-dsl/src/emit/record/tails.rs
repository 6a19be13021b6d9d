//! What may stand at the end of a region, behind a text that goes there.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::emit::{Context, given};
use crate::ir::{Field, FieldKind, Tail};
use crate::names;

/// Reads only what stands before the tail, from here on.
pub(super) fn before(context: &Context<'_>, tail: &[Tail]) -> TokenStream {
    let tail = shape(context, tail);
    quote!(let all = reader.open_before(#tail);)
}

/// Reads the tail, from here on.
pub(super) fn behind() -> TokenStream {
    quote!(reader.close(all)?;)
}

/// Reads the field, where anything is left for it.
pub(super) fn read(context: &Context<'_>, field: &Field) -> TokenStream {
    let FieldKind::Optional(id) = field.kind else { return TokenStream::new() };
    let name = names::local(&field.name);
    let read = given::read(context, id, &quote!(reader), &[]);
    quote!(let #name = if reader.is_empty() { None } else { Some(#read) };)
}

/// Refuses to write a text and what stands behind it that would be read as others.
pub(super) fn check(context: &Context<'_>, field: &Field, tail: &[Tail]) -> TokenStream {
    let rt = context.rt;
    let (title, tail) = (&field.name, shape(context, tail));
    quote! {
        if #rt::read::before(writer.since(text_), #tail) != writer.range(text_, behind_).len() {
            return Err(writer.fail(#title, #rt::violation::Rule::Ambiguous));
        }
    }
}

fn shape(context: &Context<'_>, tail: &[Tail]) -> TokenStream {
    let rt = context.rt;
    let part = |part: &Tail| match part {
        Tail::Literal(literal) => {
            let (bytes, nocase) = (Literal::byte_string(&literal.bytes), literal.nocase);
            quote!(#rt::read::Tail::Literal(#bytes, #nocase))
        }
        Tail::Flag { on, off } => {
            let on = Literal::byte_string(&on.bytes);
            let off = match off.as_ref().map(|off| Literal::byte_string(&off.bytes)) {
                Some(off) => quote!(Some(#off)),
                None => quote!(None),
            };
            quote!(#rt::read::Tail::Flag(#on, #off))
        }
        Tail::Digits { hex } => quote!(#rt::read::Tail::Digits(#hex)),
        Tail::Run { class, min } => {
            let class = names::constant(&context.ir.classes[class.0].name);
            let min = Literal::usize_unsuffixed(*min);
            quote!(#rt::read::Tail::Run(&#class, #min))
        }
    };
    let parts = tail.iter().map(part);
    quote!(&[#(#parts),*])
}
