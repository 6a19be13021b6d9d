//! Fields that may be missing: when they are there, and what would be read as one.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::literals::{lead, read_literal};
use super::read::read_skip;
use super::values::read_number;
use crate::emit::Context;
use crate::ir::{self, Field, FieldKind, Lead, Step, TypeId};

/// What reads a field that may be missing and begins with no literal: the literals and numbers
/// behind it, and what is skipped, must be there as well.
pub(super) fn read_optional(
    context: &Context<'_>,
    id: TypeId,
    reader: &TokenStream,
    behind: &[Step],
) -> TokenStream {
    let plain = behind.iter().map_while(|step| match step {
        Step::Literal(literal) => Some(read_literal(literal)),
        Step::Field(Field { kind: kind @ FieldKind::Number(_), cond: None, .. }) => {
            let number = read_number(context, kind, &quote!(reader))?;
            Some(quote!(#number;))
        }
        Step::Skip(skip) => Some(read_skip(context, skip)),
        _ => None,
    });
    let plain: Vec<TokenStream> = plain.collect();
    match plain.is_empty() {
        true => {
            let read = context.item(id, "Decode", "read_optional");
            quote!(#read(#reader))
        }
        false => {
            let read = context.item(id, "Decode", "read_optional_before");
            quote! {
                #read(#reader, |reader| {
                    #(#plain)*
                    Ok(())
                })
            }
        }
    }
}

/// What tells that bytes would be read as a field that is not there, where they might be.
pub(super) fn reads_as(
    context: &Context<'_>,
    kind: &FieldKind,
    follows: &[Step],
) -> Option<TokenStream> {
    let rt = context.rt;
    let first = follows.first()?;
    let differs = |lead: &ir::Literal| match first {
        Step::Literal(next) => {
            let common = lead.bytes.len().min(next.bytes.len());
            !lead.bytes[..common].eq_ignore_ascii_case(&next.bytes[..common])
        }
        _ => false,
    };
    let starts = |lead: &ir::Literal| {
        let bytes = Literal::byte_string(&lead.bytes);
        let (nocase, word) = (lead.nocase, lead.word);
        quote!(#rt::read::starts(rest, #bytes, #nocase, #word))
    };
    match kind {
        FieldKind::Flag { on, off: None, .. } => (!differs(on)).then(|| starts(on)),
        FieldKind::Optional(id) => match lead(context, *id) {
            Some(Lead::Literal(lead)) => (!differs(&lead)).then(|| starts(&lead)),
            _ => {
                let reader = quote!(&mut #rt::read::Reader::new(rest));
                let found = read_optional(context, *id, &reader, follows);
                Some(quote!(#found.is_some()))
            }
        },
        _ => None,
    }
}

/// Refuses to write what would be read as a field that is not there.
pub(super) fn absent(
    context: &Context<'_>,
    field: &Field,
    value: &TokenStream,
    mark: &proc_macro2::Ident,
    reads: &TokenStream,
) -> TokenStream {
    let rt = context.rt;
    let title = &field.name;
    let missing = match field.kind {
        FieldKind::Flag { .. } => quote!(!#value),
        _ => quote!(#value.is_none()),
    };
    quote! {
        if #missing {
            let rest = writer.since(#mark);
            if #reads {
                return Err(writer.fail(#title, #rt::violation::Rule::Ambiguous));
            }
        }
    }
}
