//! Decoding: bytes into the struct.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{fields, range};
use crate::emit::{Context, generics};
use crate::ir::{
    self, Extent, Field, FieldKind, List, Number, Record, Region, Step, TextKind, Type, TypeId,
    TypeKind,
};
use crate::names;

pub(super) fn emit(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let rt = context.rt;
    let (name, title) = (names::ty(&ty.name), &ty.name);
    let (here, any) = (generics(ty.borrows, &quote!('a)), generics(ty.borrows, &quote!('_)));
    let body = body(context, ty, record);
    let (read, element) = match record.hoisted.is_empty() {
        true => (body, None),
        false => {
            let ignored = record.hoisted.iter().map(|_| quote!(_));
            let read = quote! {
                let (frame, #(#ignored),*) = #name::read_element(reader)?;
                Ok(frame)
            };
            (read, Some(read_element(context, ty, record, &body)))
        }
    };
    let (from_text, from) = from_text(context, ty, record).unzip();
    quote! {
        #element

        #from

        impl #rt::frame::Decode for #name #any {
            type View<'a> = #name #here;
            const NAME: &'static str = #title;

            fn read<'a>(
                reader: &mut #rt::read::Reader<'a>,
            ) -> #rt::frame::Decoded<Self::View<'a>> {
                #read
            }

            #from_text
        }
    }
}

/// Reads an element with what it shares with the others.
fn read_element(
    context: &Context<'_>,
    ty: &Type,
    record: &Record,
    body: &TokenStream,
) -> TokenStream {
    let rt = context.rt;
    let name = names::ty(&ty.name);
    let here = generics(ty.borrows, &quote!('a));
    let any = generics(ty.borrows, &quote!('_));
    let types = record.hoisted.iter().map(|name| hoisted_type(context, record, name));
    let lifetime = (!ty.borrows).then(|| quote!('_)).unwrap_or(quote!('a));
    let method = if ty.borrows { quote!(<'a>) } else { TokenStream::new() };
    let list = list_text(&record.hoisted);
    let header = format!(" Reads a frame and {list}.");
    quote! {
        impl #name #any {
            #[doc = #header]
            fn read_element #method(
                reader: &mut #rt::read::Reader<#lifetime>,
            ) -> #rt::frame::Decoded<(#name #here, #(#types),*)> {
                #body
            }
        }
    }
}

fn list_text(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}

fn hoisted_type(context: &Context<'_>, record: &Record, name: &str) -> TokenStream {
    let field = record.steps.iter().find_map(|step| match step {
        Step::Field(field) if field.name == name => Some(field),
        _ => None,
    });
    field.map_or_else(TokenStream::new, |field| super::field_type(context, &field.kind))
}

fn body(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let (name, title) = (names::ty(&ty.name), &ty.name);
    let steps = record.steps.iter().map(|step| match step {
        Step::Literal(literal) => read_literal(literal),
        Step::Field(field) => read_field(context, field),
    });
    let values: Vec<_> = fields(record).iter().map(|field| names::value(&field.name)).collect();
    let frame = match values.is_empty() {
        true => quote!(#name),
        false => quote!(#name { #(#values),* }),
    };
    let hoisted = record.hoisted.iter().map(|name| names::value(name));
    let frame = match record.hoisted.is_empty() {
        true => frame,
        false => quote!((#frame, #(#hoisted),*)),
    };
    match &record.region {
        Some(region) => {
            let frame = enclosed(context, region, &quote!(#(#steps)*), &frame);
            quote! {
                let outer = reader.named(#title);
                let frame = #frame;
                reader.named(outer);
                Ok(frame)
            }
        }
        None => quote! {
            let outer = reader.named(#title);
            #(#steps)*
            reader.named(outer);
            Ok(#frame)
        },
    }
}

/// An expression that reads `steps` within the region, all of it, and is `value`.
pub(in crate::emit) fn enclosed(
    context: &Context<'_>,
    region: &Region,
    steps: &TokenStream,
    value: &TokenStream,
) -> TokenStream {
    let delimiter = names::constant(&context.ir.delimiters[region.delimiter.0].name);
    let max = Literal::u64_unsuffixed(region.max);
    quote! {{
        let reader = &mut reader.delimited(&#delimiter, #max)?;
        #steps
        reader.finish()?;
        #value
    }}
}

fn read_literal(literal: &ir::Literal) -> TokenStream {
    let text = String::from_utf8_lossy(&literal.bytes).into_owned();
    match (literal.word, literal.nocase) {
        (false, false) => quote!(reader.literal(#text)?;),
        (false, true) => quote!(reader.literal_nocase(#text)?;),
        (true, false) => quote!(reader.word(#text)?;),
        (true, true) => quote!(reader.word_nocase(#text)?;),
    }
}

/// Whether what is left begins with the literal.
fn starts(literal: &ir::Literal) -> TokenStream {
    let bytes = Literal::byte_string(&literal.bytes);
    let (nocase, word) = (literal.nocase, literal.word);
    quote!(reader.starts(#bytes, #nocase, #word))
}

fn read_field(context: &Context<'_>, field: &Field) -> TokenStream {
    let name = names::value(&field.name);
    match &field.kind {
        FieldKind::Number(number) => {
            let (digits, values) = (digits(context, number), number_range(number));
            let method = if number.hex { quote!(hexadecimal) } else { quote!(decimal) };
            quote!(let #name = reader.#method(#digits, #values)?;)
        }
        FieldKind::Fixed { int, little, low, high } => {
            let values = range(*int, *low, *high);
            quote!(let #name = reader.uint(#little, #values)?;)
        }
        FieldKind::Text { kind, extent } => {
            let bytes = read_text(context, extent);
            match kind {
                TextKind::Bytes => quote!(let #name = #bytes;),
                TextKind::Ascii => quote!(let #name = #bytes; let #name = reader.ascii(#name)?;),
                TextKind::Utf8 => quote!(let #name = #bytes; let #name = reader.utf8(#name)?;),
            }
        }
        FieldKind::Flag { on, off, or_end } => {
            let value = read_flag(context, on, off.as_ref(), *or_end);
            quote!(let #name = #value;)
        }
        FieldKind::Named(id) => {
            let ty = names::ty(&context.ir.ty(*id).name);
            quote!(let #name = #ty::read(reader)?;)
        }
        FieldKind::Optional(id) => {
            let ty = names::ty(&context.ir.ty(*id).name);
            match lead(context, *id) {
                Some(lead) => {
                    let starts = starts(lead);
                    quote!(let #name = if #starts { Some(#ty::read(reader)?) } else { None };)
                }
                None => quote!(let #name = #ty::read_optional(reader);),
            }
        }
        FieldKind::List(list) => read_list(context, field, list),
    }
}

/// The literal that says whether an optional frame is there.
pub(super) fn lead<'i>(context: &Context<'i>, id: TypeId) -> Option<&'i ir::Literal> {
    let TypeKind::Record(record) = &context.ir.ty(id).kind else { return None };
    match record.steps.first() {
        Some(Step::Literal(literal)) if record.region.is_none() => Some(literal),
        _ => None,
    }
}

pub(super) fn digits(context: &Context<'_>, number: &Number) -> TokenStream {
    let rt = context.rt;
    let min = Literal::usize_unsuffixed(number.min_digits);
    let max = Literal::usize_unsuffixed(number.max_digits);
    let zeros = number.zeros;
    quote!(#rt::read::Digits { min: #min, max: #max, zeros: #zeros })
}

pub(super) fn number_range(number: &Number) -> TokenStream {
    range(number.int, number.low, number.high)
}

fn read_text(context: &Context<'_>, extent: &Extent) -> TokenStream {
    match extent {
        Extent::ToEnd => quote!(reader.take_rest()),
        Extent::Exactly(len) => {
            let len = Literal::usize_unsuffixed(*len);
            quote!(reader.bytes(#len)?)
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

fn read_flag(
    context: &Context<'_>,
    on: &ir::Literal,
    off: Option<&ir::Literal>,
    or_end: bool,
) -> TokenStream {
    let rt = context.rt;
    let take = |literal: &ir::Literal, value: bool| {
        let (starts, len) = (starts(literal), Literal::usize_unsuffixed(literal.bytes.len()));
        quote!(if #starts { reader.skip(#len); #value })
    };
    let on = take(on, true);
    let Some(off) = off else { return quote!(#on else { false }) };
    let off = take(off, false);
    let end = or_end.then(|| quote!(else if reader.is_empty() { false }));
    quote!(#on else #off #end else { return Err(reader.fail(#rt::violation::Rule::Choice)); })
}

fn read_list(context: &Context<'_>, field: &Field, list: &List) -> TokenStream {
    let rt = context.rt;
    let name = names::value(&field.name);
    let max = Literal::usize_unsuffixed(list.max);
    let Some((flag, last)) = &list.until else {
        return quote!(let #name = #rt::list::List::read_to_end(reader, #max)?;);
    };
    let element = names::ty(&context.ir.ty(list.element).name);
    let flag = names::value(flag);
    let goes_on = if *last { quote!(!#flag) } else { quote!(#flag) };
    let shared: Vec<_> = list.shared.iter().map(|field| names::value(&field.name)).collect();
    let again: Vec<_> =
        list.shared.iter().map(|field| names::value(&format!("next_{}", field.name))).collect();
    let titles = list.shared.iter().map(|field| &field.name);
    let compare = quote! {
        #(if #again != #shared {
            return Err(reader.fail_since(start, #rt::violation::Rule::Shared(#titles)));
        })*
    };
    quote! {
        let begin = reader.position();
        let (_, #(#shared,)* mut #flag) = #element::read_element(reader)?;
        let mut count = 1;
        while #goes_on {
            let start = reader.position();
            let (_, #(#again,)* next) = #element::read_element(reader)?;
            #compare
            if count == #max {
                let rule = #rt::violation::Rule::Count { max: #max };
                return Err(reader.fail_since(start, rule));
            }
            count += 1;
            #flag = next;
        }
        let #name = #rt::list::List::wire(reader.since(begin), count);
    }
}

/// What a text stands for, for an element that is one: `(in Decode, impl From<&str>)`.
fn from_text(
    context: &Context<'_>,
    ty: &Type,
    record: &Record,
) -> Option<(TokenStream, TokenStream)> {
    let rt = context.rt;
    let text = record.from_text.as_ref().filter(|_| !record.hoisted.is_empty())?;
    let (name, title) = (names::ty(&ty.name), &ty.name);
    let mut behind = false;
    let values = fields(record).into_iter().map(|field| {
        let value = names::value(&field.name);
        let is_text = field.name == *text;
        let tokens = match &field.kind {
            _ if is_text => {
                quote!(#value: text.get(reader.position()..).unwrap_or_default())
            }
            FieldKind::Optional(id) if !behind => {
                let ty = names::ty(&context.ir.ty(*id).name);
                quote!(#value: #ty::read_optional(&mut reader))
            }
            _ => quote!(#value: ::core::default::Default::default()),
        };
        behind |= is_text;
        tokens
    });
    let values: Vec<_> = values.collect();
    let method = quote! {
        fn from_text(text: &str) -> ::core::option::Option<Self::View<'_>> {
            Some(#name::from(text))
        }
    };
    let from = quote! {
        impl<'a> ::core::convert::From<&'a str> for #name<'a> {
            /// The fields as they would stand on the wire.
            fn from(text: &'a str) -> Self {
                let mut reader = #rt::read::Reader::new(#title, text.as_bytes());
                #name { #(#values),* }
            }
        }
    };
    Some((method, from))
}
