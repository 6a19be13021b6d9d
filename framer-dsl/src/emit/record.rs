//! Frames with fields: the struct and what makes it.

mod read;
mod write;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, docs, generics};
use crate::ir::{Extent, Field, FieldKind, Int, Record, Step, TextKind, Type};
use crate::names;

pub(super) use read::enclosed;
pub(super) use write::delimited;

pub(super) fn emit(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let definition = definition(context, ty, record);
    let constructor = constructor(context, ty, record);
    let read = read::emit(context, ty, record);
    let write = write::emit(context, ty, record);
    quote!(#definition #constructor #read #write)
}

/// The fields of the struct, in order: those that its list shares stand before the list.
fn fields(record: &Record) -> Vec<&Field> {
    let mut fields = Vec::new();
    for step in &record.steps {
        let Step::Field(field) = step else { continue };
        if let FieldKind::List(list) = &field.kind {
            fields.extend(&list.shared);
        }
        if !record.hoisted.contains(&field.name) {
            fields.push(field);
        }
    }
    fields
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
        let header = docs(&field.docs, &describe(context, &field.kind));
        let (name, ty) = (names::value(&field.name), field_type(context, &field.kind));
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

/// What a field can hold, where the description has no words for it.
fn describe(context: &Context<'_>, kind: &FieldKind) -> String {
    let count = |min: usize, max: usize| match min == max {
        true => max.to_string(),
        false => format!("{min} to {max}"),
    };
    match kind {
        FieldKind::Number(number) => {
            let radix = if number.hex { "hexadecimal" } else { "decimal" };
            let digits = count(number.min_digits, number.max_digits);
            format!("{}, in {digits} {radix} digits.", values(number.int, number.low, number.high))
        }
        FieldKind::Fixed { int, little, low, high } => {
            let order = if *little { "low" } else { "high" };
            format!("{}, {order} byte first.", values(*int, *low, *high))
        }
        FieldKind::Text { extent: Extent::Run { class, min, max, .. }, .. } => {
            let class = &context.ir.classes[class.0].name;
            format!("{} bytes of `{class}`.", count(*min, *max))
        }
        FieldKind::Text { extent: Extent::Exactly(len), .. } => format!("{len} bytes."),
        FieldKind::Text { extent: Extent::ToEnd, .. } => "Up to the end.".to_owned(),
        FieldKind::Flag { on, .. } => {
            format!("Whether `{}` stands here.", String::from_utf8_lossy(&on.bytes))
        }
        FieldKind::Named(id) => format!("A `{}`.", context.ir.ty(*id).name),
        FieldKind::Optional(id) => format!("A `{}`, if there is one.", context.ir.ty(*id).name),
        FieldKind::List(list) => {
            format!("At most {} of `{}`.", list.max, context.ir.ty(list.element).name)
        }
    }
}

fn values(int: Int, low: u64, high: u64) -> String {
    match high == int.max() {
        true if low == 0 => "A number".to_owned(),
        true => format!("A number from {low}"),
        false => format!("A number from {low} to {high}"),
    }
}

/// `new` takes what every frame of the type must have.
fn constructor(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let fields = fields(record);
    let needed: Vec<&&Field> = fields.iter().filter(|field| required(field)).collect();
    if needed.is_empty() {
        return TokenStream::new();
    }
    let name = names::ty(&ty.name);
    let generics = generics(ty.borrows, &quote!('a));
    let title = match fields.len() - needed.len() {
        0 => " A frame of these fields.",
        _ => " A frame of these fields, without the optional ones.",
    };
    let parameters = needed.iter().map(|field| {
        let (name, ty) = (names::value(&field.name), field_type(context, &field.kind));
        match field.kind {
            FieldKind::Named(_) | FieldKind::List(_) => {
                quote!(#name: impl ::core::convert::Into<#ty>)
            }
            _ => quote!(#name: #ty),
        }
    });
    let values = fields.iter().map(|field| {
        let name = names::value(&field.name);
        match field.kind {
            _ if !required(field) => quote!(#name: ::core::default::Default::default()),
            FieldKind::Named(_) | FieldKind::List(_) => quote!(#name: #name.into()),
            _ => quote!(#name),
        }
    });
    quote! {
        impl #generics #name #generics {
            #[doc = #title]
            #[must_use]
            pub fn new(#(#parameters),*) -> Self {
                #name { #(#values),* }
            }
        }
    }
}

/// Whether every frame must be given the field.
fn required(field: &Field) -> bool {
    match &field.kind {
        FieldKind::Optional(_) => false,
        FieldKind::List(list) => list.until.is_some(),
        _ => true,
    }
}

/// The Rust type of a field, over the lifetime `'a`.
fn field_type(context: &Context<'_>, kind: &FieldKind) -> TokenStream {
    let rt = context.rt;
    match kind {
        FieldKind::Number(number) => int_type(number.int),
        FieldKind::Fixed { int, .. } => int_type(*int),
        FieldKind::Text { kind: TextKind::Bytes, .. } => quote!(&'a [u8]),
        FieldKind::Text { .. } => quote!(&'a str),
        FieldKind::Flag { .. } => quote!(bool),
        FieldKind::Named(id) => context.ty(*id, &quote!('a)),
        FieldKind::Optional(id) => {
            let ty = context.ty(*id, &quote!('a));
            quote!(::core::option::Option<#ty>)
        }
        FieldKind::List(list) => {
            let element = context.ty(list.element, &quote!('a));
            quote!(#rt::list::List<'a, #element>)
        }
    }
}

fn int_type(int: Int) -> TokenStream {
    match int.bits {
        8 => quote!(u8),
        16 => quote!(u16),
        32 => quote!(u32),
        _ => quote!(u64),
    }
}

/// The values `low..=high` of an integer type.
fn range(int: Int, low: u64, high: u64) -> TokenStream {
    let ty = int_type(int);
    let low = proc_macro2::Literal::u64_unsuffixed(low);
    if high == int.max() {
        return quote!(#low..=#ty::MAX);
    }
    let high: TokenStream = format!("{high}_{ty}").parse().unwrap_or_default();
    quote!(#low..=#high)
}
