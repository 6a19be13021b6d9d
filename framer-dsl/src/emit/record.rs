//! Frames with fields: the struct and what makes it.

mod bits;
mod describe;
mod lists;
mod literals;
mod optional;
mod own;
mod read;
mod stops;
mod tails;
mod tally;
mod values;
mod write;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, docs, generics};
use crate::ir::{
    Cond, Docs, Element, FieldKind, Int, ListEnd, Param, Record, Step, TextKind, Type,
};
use crate::names;
use describe::describe;

pub(super) use bits::read as read_bits;
pub(super) use literals::{first_byte, is_one_byte, pattern_tokens, starts_of, write_literal};
pub(super) use own::{pattern, place, text};
pub(super) use read::parts as read_parts;
pub(super) use read::{enclosed, passed};
pub(super) use stops::{Last, may_end_a_choice};
pub(super) use values::{read_number, write_number};
pub(super) use write::late_bytes;
pub(super) use write::{statements as write_statements, write_frame};

pub(super) fn emit(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let measure = ty.measured.then(|| super::measure::record(context, ty, record));
    // A variant is read and written where its choice is.
    if record.own.as_ref().is_some_and(|own| own.choice.is_some()) {
        return measure.unwrap_or_default();
    }
    let declared = record.own.is_none().then(|| {
        let definition = definition(context, ty, record);
        let constructor = constructor(context, ty, record);
        let lets = lets(context, ty, record);
        quote!(#definition #constructor #lets)
    });
    let read = read::emit(context, ty, record);
    let write = write::emit(context, ty, record);
    quote!(#declared #read #write #measure)
}

/// What can be told from the fields.
fn lets(context: &Context<'_>, ty: &Type, record: &Record) -> Option<TokenStream> {
    if record.lets.is_empty() {
        return None;
    }
    let (name, any) = (names::ty(&ty.name), generics(ty.borrows, &quote!('_)));
    let methods = record.lets.iter().map(|of| {
        let header = docs(&of.docs, &format!("`{}`", of.value));
        let (name, result) =
            (names::value(&of.name), if of.number { quote!(u64) } else { quote!(bool) });
        let leaf =
            |name: &crate::ir::ExprKind| super::expr::leaf(context, record, name, &quote!(self));
        let value = super::expr::emit(&of.value, &leaf);
        quote! {
            #header
            #[must_use]
            pub fn #name(&self) -> #result {
                #value
            }
        }
    });
    Some(quote!(impl #name #any { #(#methods)* }))
}

/// A field of the struct.
#[derive(Clone, Copy)]
struct Member<'r> {
    docs: &'r Docs,
    name: &'r String,
    kind: &'r FieldKind,
    cond: Option<&'r Cond>,
}

/// The fields of the struct, in order: those that its list shares stand before the list.
fn fields(record: &Record) -> Vec<Member<'_>> {
    const NO_DOCS: &Docs = &Docs(Vec::new());
    let kept = record.params.iter().filter(|param| param.kept);
    let mut fields: Vec<Member<'_>> = kept
        .map(|Param { name, kind, .. }| Member { docs: NO_DOCS, name, kind, cond: None })
        .collect();
    for step in &record.steps {
        match step {
            Step::Field(field) => {
                if let FieldKind::List(list) = &field.kind {
                    fields.extend(list.shared.iter().map(member));
                }
                if !record.hoisted.contains(&field.name) && field.derived.is_none() {
                    fields.push(member(field));
                }
            }
            Step::Bits(bits) => {
                let own = bits.fields.iter().filter(|field| field.derived.is_none());
                fields.extend(own.map(|field| Member {
                    docs: &field.docs,
                    name: &field.name,
                    kind: &field.kind,
                    cond: None,
                }));
            }
            Step::Literal(_)
            | Step::Rest(_)
            | Step::Require { .. }
            | Step::Open(_)
            | Step::Close(_)
            | Step::Before(_)
            | Step::Behind
            | Step::Skip(_) => {}
        }
    }
    fields
}

fn member(field: &crate::ir::Field) -> Member<'_> {
    Member { docs: &field.docs, name: &field.name, kind: &field.kind, cond: field.cond.as_ref() }
}

fn definition(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let header = docs(&ty.docs, &format!("The frame `{}`.", ty.name));
    let name = names::ty(&ty.name);
    let generics = generics(ty.borrows, &quote!('a));
    let fields = fields(record);
    if fields.is_empty() {
        return quote! {
            #header
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub struct #name;
        };
    }
    let default = fields.iter().all(|field| !required(field)).then(|| quote!(Default,));
    let fields = fields.iter().map(|field| {
        let header = docs(field.docs, &describe(context, field.kind));
        let (name, ty) = (names::value(field.name), member_type(context, field));
        quote!(#header pub #name: #ty,)
    });
    quote! {
        #header
        #[derive(Clone, Copy, Debug, #default PartialEq, Eq)]
        pub struct #name #generics {
            #(#fields)*
        }
    }
}

/// `new` takes what every frame of the type must have.
fn constructor(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let fields = fields(record);
    let needed: Vec<&Member<'_>> = fields.iter().filter(|field| required(field)).collect();
    if needed.is_empty() {
        return TokenStream::new();
    }
    let many = (needed.len() > 7)
        .then(|| quote!(#[allow(clippy::too_many_arguments, reason = "as many as the frame has")]));
    let name = names::ty(&ty.name);
    let generics = generics(ty.borrows, &quote!('a));
    let title = match fields.len() - needed.len() {
        0 => " A frame of these fields.",
        _ => " A frame of these fields, without the optional ones.",
    };
    let parameters = needed.iter().map(|field| {
        let (name, ty) = (names::value(field.name), field_type(context, field.kind));
        match field.kind {
            FieldKind::Named { .. } | FieldKind::List(_) | FieldKind::Coded { .. } => {
                quote!(#name: impl ::core::convert::Into<#ty>)
            }
            _ => quote!(#name: #ty),
        }
    });
    let values = fields.iter().map(|field| {
        let name = names::value(field.name);
        match field.kind {
            _ if !required(field) => quote!(#name: ::core::default::Default::default()),
            FieldKind::Named { .. } | FieldKind::List(_) | FieldKind::Coded { .. } => {
                quote!(#name: #name.into())
            }
            _ => quote!(#name),
        }
    });
    quote! {
        impl #generics #name #generics {
            #[doc = #title]
            #many
            #[must_use]
            pub fn new(#(#parameters),*) -> Self {
                #name { #(#values),* }
            }
        }
    }
}

/// Whether every frame must be given the field.
fn required(field: &Member<'_>) -> bool {
    match field.kind {
        _ if field.cond.is_some() => false,
        FieldKind::Optional(_) => false,
        FieldKind::List(list) => !matches!(list.end, ListEnd::Region | ListEnd::Run { .. }),
        _ => true,
    }
}

/// The Rust type of a field of the struct, over the lifetime `'a`.
fn member_type(context: &Context<'_>, field: &Member<'_>) -> TokenStream {
    let ty = field_type(context, field.kind);
    match field.cond {
        Some(_) => quote!(::core::option::Option<#ty>),
        None => ty,
    }
}

/// The Rust type of a field that is there, over the lifetime `'a`.
fn field_type(context: &Context<'_>, kind: &FieldKind) -> TokenStream {
    let rt = context.rt;
    match kind {
        FieldKind::Number(number) => int_type(number.int),
        FieldKind::Fixed(fixed) => int_type(fixed.int),
        FieldKind::Varint(varint) => int_type(varint.int),
        FieldKind::Bit | FieldKind::Flag { .. } => quote!(bool),
        FieldKind::Text { kind: TextKind::Bytes, .. } => quote!(&'a [u8]),
        FieldKind::Text { .. } => quote!(&'a str),
        FieldKind::Coded { .. } => quote!(#rt::transform::Coded<'a>),
        FieldKind::Named { ty, .. } => context.ty(*ty, &quote!('a)),
        FieldKind::Optional(id) => {
            let ty = context.ty(*id, &quote!('a));
            quote!(::core::option::Option<#ty>)
        }
        FieldKind::List(list) => {
            let element = element_type(context, list.element, &quote!('a));
            quote!(#rt::list::List<'a, #element>)
        }
    }
}

/// What a list holds.
fn element_type(context: &Context<'_>, element: Element, lifetime: &TokenStream) -> TokenStream {
    let rt = context.rt;
    match element {
        Element::Type(ty) => context.ty(ty, lifetime),
        Element::Int { int, little } => {
            let ty = int_type(int);
            if little && int.bits > 8 { quote!(#rt::read::Le<#ty>) } else { ty }
        }
    }
}

pub(super) fn int_type(int: Int) -> TokenStream {
    let width = int.width();
    let sign = if int.signed { 'i' } else { 'u' };
    format!("{sign}{width}").parse().unwrap_or_default()
}

/// The values `low..=high` of an integer type.
pub(super) fn range(int: Int, low: u64, high: u64) -> TokenStream {
    let ty = int_type(int);
    let low = proc_macro2::Literal::u64_unsuffixed(low);
    if high == u64::MAX >> (64 - int.width()) {
        return quote!(#low..=#ty::MAX);
    }
    let high: TokenStream = format!("{high}_{ty}").parse().unwrap_or_default();
    quote!(#low..=#high)
}
