//! Lists, and the elements that share fields with them.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::read::most;
use super::write::agrees;
use super::{Member, element_type, field_type, fields};
use crate::emit::{Context, generics, given};
use crate::ir::{
    Element, Field, FieldKind, Jump, List, ListEnd, Record, Step, Type, TypeId, TypeKind,
};
use crate::names;

/// Reads an element with what it shares with the others.
pub(super) fn read_element(
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
    let method = ty.borrows.then(|| quote!('a,));
    let list = list_text(&record.hoisted);
    let header = format!(" Reads a frame and {list}.");
    quote! {
        impl #name #any {
            #[doc = #header]
            fn read_element<#method const AGAIN_: bool>(
                reader: &mut #rt::read::Reader<#lifetime, AGAIN_>,
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
    let slot = record.slot(name);
    slot.map_or_else(TokenStream::new, |slot| field_type(context, slot.kind))
}

/// Reads a list whose last element has a flag that says so.
pub(super) fn read_list(
    context: &Context<'_>,
    field: &Field,
    list: &List,
    flag: &str,
    last: bool,
) -> TokenStream {
    let rt = context.rt;
    let name = names::local(&field.name);
    let max = Literal::usize_unsuffixed(list.max);
    let Some(element) = list.element.ty() else { return TokenStream::new() };
    let title = &context.ir.ty(element).name;
    let element = names::ty(title);
    let read = quote!(#rt::frame::told(#title, #element::read_element(reader))?);
    let flag = names::local(flag);
    let goes_on = if last { quote!(!#flag) } else { quote!(#flag) };
    let shared: Vec<_> = list.shared.iter().map(|field| names::local(&field.name)).collect();
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
        let (_, #(#shared,)* mut #flag) = #read;
        let mut count = 1;
        while #goes_on {
            let start = reader.position();
            let (_, #(#again,)* next) = #read;
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
pub(super) fn from_text(
    context: &Context<'_>,
    ty: &Type,
    record: &Record,
) -> Option<(TokenStream, TokenStream)> {
    let rt = context.rt;
    let text = record.from_text.as_ref().filter(|_| !record.hoisted.is_empty())?;
    let name = names::ty(&ty.name);
    let before = fields(record).into_iter().take_while(|member| member.name != text);
    let optional = before.into_iter().any(|member| matches!(member.kind, FieldKind::Optional(_)));
    let reader =
        optional.then(|| quote!(let mut reader = #rt::read::Reader::new(text.as_bytes());));
    let mut behind = false;
    let values = fields(record).into_iter().map(|Member { name, kind, .. }| {
        let value = names::value(name);
        let is_text = name == text;
        let tokens = match kind {
            _ if is_text && !optional => quote!(#value: text),
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
                #reader
                #name { #(#values),* }
            }
        }
    };
    Some((method, from))
}

pub(super) fn write_list(
    context: &Context<'_>,
    record: &Record,
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
    let last = match &list.end {
        ListEnd::Flag { last, .. } => *last,
        ListEnd::Literal { literal, max, jump } => {
            let end = (literal.bytes.as_slice(), *max);
            let write = write_until(context, title, list.element, end, jump.as_ref(), value);
            return quote!(#count #write);
        }
        ListEnd::Region | ListEnd::Run { .. } | ListEnd::Count { .. } => {
            let check = match &list.end {
                ListEnd::Count { count, exact: false } => {
                    Some(agrees(context, record, title, count, &quote!(#value.len())))
                }
                _ => None,
            };
            let elements = super::own::elements(context, record, field, list, value);
            return quote! {
                #count
                #check
                #elements
            };
        }
    };
    let Some(of) = list.element.ty() else { return TokenStream::new() };
    let order = element_order(context, of);
    let arguments =
        order.iter().map(|name| match list.shared.iter().any(|field| field.name == *name) {
            true => {
                let name = names::value(name);
                quote!(self.#name)
            }
            false if last => quote!(index == last),
            false => quote!(index != last),
        });
    let write = quote!(element.write_element(writer, #(#arguments),*));
    let write = given::told_written(context, context.ir.ty(of), &write);
    quote! {
        let count_ = #value.len();
        if count_ > #max {
            return Err(writer.fail(#title, #rt::violation::Rule::Count { max: #max }));
        }
        let Some(last) = count_.checked_sub(1) else {
            return Err(writer.fail(#title, #rt::violation::Rule::Truncated));
        };
        for (index, element) in #value.iter().enumerate() {
            #write;
        }
    }
}

/// Writes elements up to the literal that ends them, or to where the rest of them stands.
fn write_until(
    context: &Context<'_>,
    title: &str,
    element: Element,
    (end, max): (&[u8], u64),
    jump: Option<&Jump>,
    value: &TokenStream,
) -> TokenStream {
    let end = Literal::byte_string(end);
    let limit = (max < u64::MAX).then(|| {
        let max = most(max);
        quote!(writer.at_most(list_, #max)?;)
    });
    let refer = jump.filter(|jump| jump.written).map(|jump| {
        let of = context.ir.ty(TypeId::Frame(jump.frame));
        let frame = names::ty(&of.name);
        let element = element_type(context, element, &quote!('_));
        let max = Literal::u64_unsuffixed(jump.max);
        let (field, name) = (&jump.field, names::value(&jump.field));
        let write = given::told_written(context, of, &quote!(#frame { #name }.write(writer)));
        quote! {
            if let Some(place_) = writer.known::<#element>(list_, #end, #max) {
                let #name = writer.derived(#field, place_)?;
                #write;
            }
        }
    });
    let write = super::own::write_element(context, element);
    let mark = (limit.is_some() || refer.is_some()).then(|| quote!(let list_ = writer.mark();));
    quote! {
        #mark
        let mut last_ = None;
        for element in #value {
            let element_ = writer.mark();
            #write
            writer.not_begun(#title, last_, element_, #end)?;
            last_ = Some(element_);
        }
        writer.magic(#end);
        writer.not_ended(#title, last_, #end)?;
        #limit
        #refer
    }
}

/// The fields that an element is given by its list, in the order of its own body.
fn element_order(context: &Context<'_>, element: TypeId) -> Vec<String> {
    let TypeKind::Record(record) = &context.ir.ty(element).kind else { return Vec::new() };
    let fields = record.steps.iter().filter_map(|step| match step {
        Step::Field(field) => Some(field.name.clone()),
        _ => None,
    });
    fields.filter(|name| record.hoisted.contains(name)).collect()
}
