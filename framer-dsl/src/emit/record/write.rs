//! Encoding: the struct into bytes.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::read::{digits, lead, number_range};
use super::{field_type, range};
use crate::emit::{Context, generics};
use crate::ir::{
    self, Extent, Field, FieldKind, List, Record, Region, Step, TextKind, Type, TypeId,
};
use crate::names;

pub(super) fn emit(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let rt = context.rt;
    let name = names::ty(&ty.name);
    let any = generics(ty.borrows, &quote!('_));
    let body = body(context, ty, record);
    if record.hoisted.is_empty() {
        return quote! {
            impl #rt::frame::Frame for #name #any {
                fn write(
                    &self,
                    writer: &mut #rt::write::Writer<'_>,
                ) -> #rt::frame::Encoded {
                    #body
                }
            }
        };
    }
    let parameters = record.steps.iter().filter_map(|step| match step {
        Step::Field(field) if record.hoisted.contains(&field.name) => {
            let (name, ty) = (names::value(&field.name), field_type(context, &field.kind));
            Some(quote!(#name: #ty))
        }
        _ => None,
    });
    quote! {
        impl #name #any {
            /// Writes a frame with what it shares with the other elements of its list.
            fn write_element(
                &self,
                writer: &mut #rt::write::Writer<'_>,
                #(#parameters),*
            ) -> #rt::frame::Encoded {
                #body
            }
        }
    }
}

fn body(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let title = &ty.name;
    let mut steps = TokenStream::new();
    let mut checks = TokenStream::new();
    for (place, step) in record.steps.iter().enumerate() {
        match step {
            Step::Literal(literal) => steps.extend(write_literal(literal)),
            Step::Field(field) => {
                let value = match record.hoisted.contains(&field.name) {
                    true => {
                        let name = names::value(&field.name);
                        quote!(#name)
                    }
                    false => {
                        let name = names::value(&field.name);
                        quote!(self.#name)
                    }
                };
                steps.extend(write_field(context, field, &value));
                let follows = record.steps.get(place + 1..).unwrap_or_default();
                if let Some(reads) = reads_as(context, &field.kind, follows) {
                    let mark = format_ident!("after_{}", names::snake(&field.name));
                    steps.extend(quote!(let #mark = writer.mark();));
                    checks.extend(absent(context, field, &value, &mark, &reads));
                }
            }
        }
    }
    let body = quote!(#steps #checks);
    let body = match &record.region {
        Some(region) => delimited(context, Some(region), &body),
        None => body,
    };
    quote! {
        let outer = writer.named(#title);
        #body
        writer.named(outer);
        Ok(())
    }
}

/// `steps` between the beginning of the region and its delimiter.
pub(in crate::emit) fn delimited(
    context: &Context<'_>,
    region: Option<&Region>,
    steps: &TokenStream,
) -> TokenStream {
    let Some(region) = region else { return steps.clone() };
    let delimiter = names::constant(&context.ir.delimiters[region.delimiter.0].name);
    let max = Literal::u64_unsuffixed(region.max);
    quote! {
        let begin = writer.mark();
        #steps
        writer.delimiter(begin, &#delimiter, #max)?;
    }
}

/// What tells that bytes would be read as a field that is not there, where they might be.
fn reads_as(context: &Context<'_>, kind: &FieldKind, follows: &[Step]) -> Option<TokenStream> {
    let rt = context.rt;
    let first = follows.first()?;
    let differs = |lead: &ir::Literal| match first {
        Step::Literal(next) => {
            let common = lead.bytes.len().min(next.bytes.len());
            !lead.bytes[..common].eq_ignore_ascii_case(&next.bytes[..common])
        }
        Step::Field(_) => false,
    };
    let starts = |lead: &ir::Literal| {
        let bytes = Literal::byte_string(&lead.bytes);
        let (nocase, word) = (lead.nocase, lead.word);
        quote!(#rt::read::starts(rest, #bytes, #nocase, #word))
    };
    match kind {
        FieldKind::Flag { on, off: None, .. } => (!differs(on)).then(|| starts(on)),
        FieldKind::Optional(id) => match lead(context, *id) {
            Some(lead) => (!differs(lead)).then(|| starts(lead)),
            None => {
                let (ty, title) = (names::ty(&context.ir.ty(*id).name), &context.ir.ty(*id).name);
                Some(quote! {
                    #ty::read_optional(&mut #rt::read::Reader::new(#title, rest)).is_some()
                })
            }
        },
        _ => None,
    }
}

/// Refuses to write what would be read as a field that is not there.
fn absent(
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

fn write_literal(literal: &ir::Literal) -> TokenStream {
    let text = String::from_utf8_lossy(&literal.bytes).into_owned();
    quote!(writer.literal(#text);)
}

fn write_field(context: &Context<'_>, field: &Field, value: &TokenStream) -> TokenStream {
    let title = &field.name;
    match &field.kind {
        FieldKind::Number(number) => {
            let (digits, values) = (digits(context, number), number_range(number));
            let method = if number.hex { quote!(hexadecimal) } else { quote!(decimal) };
            quote!(writer.#method(#title, #value, #digits, #values)?;)
        }
        FieldKind::Fixed { int, little, low, high } => {
            let values = range(*int, *low, *high);
            quote!(writer.uint(#title, #value, #little, #values)?;)
        }
        FieldKind::Text { kind, extent } => write_text(context, title, value, *kind, extent),
        FieldKind::Flag { on, off, .. } => {
            let on = write_literal(on);
            match off {
                Some(off) => {
                    let off = write_literal(off);
                    quote!(if #value { #on } else { #off })
                }
                None => quote!(if #value { #on }),
            }
        }
        FieldKind::Named(_) => quote!(#value.write(writer)?;),
        FieldKind::Optional(_) => quote! {
            if let Some(frame) = &#value {
                frame.write(writer)?;
            }
        },
        FieldKind::List(list) => write_list(context, field, list, value),
    }
}

fn write_text(
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
        Extent::ToEnd => quote!(writer.rest(#bytes);),
        Extent::Exactly(len) => {
            let len = Literal::usize_unsuffixed(*len);
            quote!(writer.bytes(#title, #bytes, #len)?;)
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

fn write_list(
    context: &Context<'_>,
    field: &Field,
    list: &List,
    value: &TokenStream,
) -> TokenStream {
    let rt = context.rt;
    let title = &field.name;
    let max = Literal::usize_unsuffixed(list.max);
    let count = quote! {
        if #value.len() > #max {
            return Err(writer.fail(#title, #rt::violation::Rule::Count { max: #max }));
        }
    };
    let Some((_, last)) = &list.until else {
        return quote! {
            #count
            for element in #value {
                element.write(writer)?;
            }
        };
    };
    let order = element_order(context, list.element);
    let arguments =
        order.iter().map(|name| match list.shared.iter().any(|field| field.name == *name) {
            true => {
                let name = names::value(name);
                quote!(self.#name)
            }
            false if *last => quote!(index == last),
            false => quote!(index != last),
        });
    quote! {
        #count
        let Some(last) = #value.len().checked_sub(1) else {
            return Err(writer.fail(#title, #rt::violation::Rule::Truncated));
        };
        for (index, element) in #value.iter().enumerate() {
            element.write_element(writer, #(#arguments),*)?;
        }
    }
}

/// The fields that an element is given by its list, in the order of its own body.
fn element_order(context: &Context<'_>, element: TypeId) -> Vec<String> {
    let ir::TypeKind::Record(record) = &context.ir.ty(element).kind else { return Vec::new() };
    let fields = record.steps.iter().filter_map(|step| match step {
        Step::Field(field) => Some(field.name.clone()),
        Step::Literal(_) => None,
    });
    fields.filter(|name| record.hoisted.contains(name)).collect()
}
