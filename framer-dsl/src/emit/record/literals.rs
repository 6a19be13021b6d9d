//! Literals, and what begins with them.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::emit::Context;
use crate::ir::{self, Lead, Step, TypeId, TypeKind};

pub(in crate::emit) fn read_literal(literal: &ir::Literal) -> TokenStream {
    let Ok(text) = std::str::from_utf8(&literal.bytes) else {
        let bytes = Literal::byte_string(&literal.bytes);
        return quote!(reader.magic(#bytes)?;);
    };
    match (literal.word, literal.nocase) {
        (false, false) => quote!(reader.literal(#text)?;),
        (false, true) => quote!(reader.literal_nocase(#text)?;),
        (true, false) => quote!(reader.word(#text)?;),
        (true, true) => quote!(reader.word_nocase(#text)?;),
    }
}

/// Whether what is left begins so.
pub(in crate::emit) fn starts(lead: &Lead) -> TokenStream {
    starts_of(lead, &quote!(reader))
}

/// The same of a reader by its name.
pub(in crate::emit) fn starts_of(lead: &Lead, reader: &TokenStream) -> TokenStream {
    match lead {
        Lead::Literal(literal) => starts_literal(literal, reader),
        Lead::Pattern(pattern) => match whole_bytes(pattern) {
            Some(bytes) => quote!(#reader.starts(#bytes, false, false)),
            None => {
                let pattern = pattern_tokens(pattern);
                quote!(#reader.matches(#pattern))
            }
        },
    }
}

fn starts_literal(literal: &ir::Literal, reader: &TokenStream) -> TokenStream {
    let bytes = Literal::byte_string(&literal.bytes);
    let (nocase, word) = (literal.nocase, literal.word);
    quote!(#reader.starts(#bytes, #nocase, #word))
}

/// The first bytes that what begins so may have, as a pattern, where they are few.
pub(in crate::emit) fn first_byte(lead: &Lead) -> Option<TokenStream> {
    let byte = |byte| Literal::byte_character(byte);
    match lead {
        Lead::Literal(literal) => {
            let first = *literal.bytes.first()?;
            let one = byte(first);
            Some(match literal.nocase && first.is_ascii_alphabetic() {
                true => {
                    let (upper, lower) = (first.to_ascii_uppercase(), first.to_ascii_lowercase());
                    let (upper, lower) = (byte(upper), byte(lower));
                    quote!(#upper | #lower)
                }
                false => quote!(#one),
            })
        }
        Lead::Pattern(pattern) => match pattern.first()? {
            (u8::MAX, first) => {
                let one = byte(*first);
                Some(quote!(#one))
            }
            _ => None,
        },
    }
}

/// Whether the first byte is all that tells what begins so.
pub(in crate::emit) fn is_one_byte(lead: &Lead) -> bool {
    match lead {
        Lead::Literal(literal) => literal.bytes.len() == 1 && !literal.word,
        Lead::Pattern(pattern) => matches!(pattern.as_slice(), [(u8::MAX, _)]),
    }
}

/// The bytes of a pattern all of whose bits are known.
pub(super) fn whole_bytes(pattern: &[(u8, u8)]) -> Option<Literal> {
    let whole = pattern.iter().all(|(mask, _)| *mask == u8::MAX);
    let bytes: Vec<u8> = pattern.iter().map(|(_, value)| *value).collect();
    whole.then(|| Literal::byte_string(&bytes))
}

pub(in crate::emit) fn pattern_tokens(pattern: &[(u8, u8)]) -> TokenStream {
    let pairs = pattern.iter().map(|(mask, value)| {
        let (mask, value) = (hex(*mask), hex(*value));
        quote!((#mask, #value))
    });
    quote!(&[#(#pairs),*])
}

fn hex(byte: u8) -> TokenStream {
    format!("{byte:#04x}").parse().unwrap_or_default()
}

/// What says whether an optional frame is there.
pub(super) fn lead(context: &Context<'_>, id: TypeId) -> Option<Lead> {
    let TypeKind::Record(record) = &context.ir.ty(id).kind else { return None };
    match record.steps.first() {
        Some(Step::Literal(literal)) if record.region.is_none() => {
            Some(Lead::Literal(literal.clone()))
        }
        _ => None,
    }
}

pub(super) fn read_flag(
    context: &Context<'_>,
    on: &ir::Literal,
    off: Option<&ir::Literal>,
    or_end: bool,
) -> TokenStream {
    let rt = context.rt;
    let take = |literal: &ir::Literal, value: bool| {
        let starts = starts_literal(literal, &quote!(reader));
        let len = Literal::usize_unsuffixed(literal.bytes.len());
        quote!(if #starts { reader.skip(#len); #value })
    };
    let on = take(on, true);
    if off.is_none() && !or_end {
        return quote!(#on else { false });
    }
    let off = off.map(|off| take(off, false)).map(|take| quote!(else #take));
    let end = or_end.then(|| quote!(else if reader.is_empty() { false }));
    quote!(#on #off #end else { return Err(reader.fail(#rt::violation::Rule::Choice)); })
}

/// Writes a literal of the frame that is called so, or of a value.
pub(in crate::emit) fn write_literal(frame: &str, literal: &ir::Literal) -> TokenStream {
    match (std::str::from_utf8(&literal.bytes), literal.word) {
        (Ok(text), true) => quote!(writer.word(#frame, #text)?;),
        (Ok(text), false) => quote!(writer.literal(#text);),
        (Err(_), word) => {
            let bytes = Literal::byte_string(&literal.bytes);
            match word {
                true => quote!(writer.word(#frame, #bytes)?;),
                false => quote!(writer.magic(#bytes);),
            }
        }
    }
}
