//! What holds the fields of a record in Rust: the struct that is declared for it, or a struct or
//! variant of the user's own, which may hold copies.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::{element_type, fields};
use crate::emit::Context;
use crate::ir::{
    Element, Expr, Extent, Field, FieldKind, List, ListEnd, Own, Record, TextKind, Type, TypeKind,
};
use crate::names;
use crate::own::{self, Holds};

/// How a field is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    /// As it is read.
    AsRead,
    /// By a type that can be made from it, and gives it back by reference.
    Made,
    Array,
    Vec,
}

fn held(field: Option<&own::Field>, kind: &FieldKind) -> Held {
    let Some(field) = field else { return Held::AsRead };
    match (kind, &field.holds) {
        (FieldKind::Text { .. }, Holds::Array(_)) => Held::Array,
        (FieldKind::Text { .. }, Holds::Named(_)) => Held::Made,
        (FieldKind::List(_), Holds::Named(name)) if name != "List" => Held::Vec,
        _ => Held::AsRead,
    }
}

fn held_in(context: &Context<'_>, record: &Record, name: &str, kind: &FieldKind) -> Held {
    held(context.own_field(record, name), kind)
}

/// The variable that a field of a variant is bound to.
fn bound(name: &str) -> Ident {
    format_ident!("own_{}", names::snake(name))
}

/// A field of the value `frame`.
pub(in crate::emit) fn place(
    context: &Context<'_>,
    record: &Record,
    frame: &TokenStream,
    name: &str,
) -> TokenStream {
    let Some(Own { choice, .. }) = &record.own else {
        let name = names::value(name);
        return quote!(#frame.#name);
    };
    if choice.is_some() {
        let bound = bound(name);
        return quote!((*#bound));
    }
    let member = context.own_field(record, name).map(|field| &field.member);
    quote!(#frame.#member)
}

/// The pattern that binds the fields of a variant.
pub(in crate::emit) fn pattern(
    context: &Context<'_>,
    ty: &Type,
    record: &Record,
) -> Option<TokenStream> {
    let own = record.own.as_ref()?;
    let (choice, variant) = (names::ty(own.choice.as_ref()?), names::ty(&ty.name));
    let fields = context.body(record)?.iter().map(|field| {
        let (member, bound) = (&field.member, bound(&field.name));
        quote!(#member: #bound)
    });
    Some(quote!(#choice::#variant { #(#fields),* }))
}

/// The value that is made of what was read, each field a variable of its name.
pub(super) fn value(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let name = names::ty(&ty.name);
    let Some(own) = &record.own else { return declared(&name, record) };
    let path = match &own.choice {
        Some(choice) => {
            let choice = names::ty(choice);
            quote!(#choice::#name)
        }
        None => quote!(#name),
    };
    let values = fields(record).into_iter().map(|member| {
        let of = context.own_field(record, member.name);
        let mut local = names::local(member.name);
        // A type that does not fit is told where it is written.
        if let Some(of) = of {
            local.set_span(local.span().located_at(of.span));
        }
        let value = match held(of, member.kind) {
            Held::Made if member.cond.is_some() => {
                quote!(#local.map(::core::convert::Into::into))
            }
            Held::Made => quote!(#local.into()),
            _ => quote!(#local),
        };
        let member = of.map(|of| &of.member);
        quote!(#member: #value)
    });
    quote!(#path { #(#values),* })
}

fn declared(name: &Ident, record: &Record) -> TokenStream {
    let values = fields(record).into_iter().map(|field| {
        let (name, local) = (names::value(field.name), names::local(field.name));
        if name == local { quote!(#name) } else { quote!(#name: #local) }
    });
    let values: Vec<TokenStream> = values.collect();
    match values.is_empty() {
        true => quote!(#name),
        false => quote!(#name { #(#values),* }),
    }
}

/// A text as `&[u8]` or `&str`, `value` being the place that holds it.
pub(in crate::emit) fn text(
    context: &Context<'_>,
    record: &Record,
    name: &str,
    kind: TextKind,
    value: &TokenStream,
) -> TokenStream {
    let field = context.own_field(record, name);
    match (field.map(|field| &field.holds), kind) {
        (None | Some(Holds::Reference(_)), _) => value.clone(),
        (_, TextKind::Bytes) => quote!(::core::convert::AsRef::<[u8]>::as_ref(&#value)),
        _ => quote!(::core::convert::AsRef::<str>::as_ref(&#value)),
    }
}

/// What reads a field into an array or a vector, where that is what holds it.
pub(super) fn collected(
    context: &Context<'_>,
    record: &Record,
    field: &Field,
    expr: &dyn Fn(&Expr) -> TokenStream,
) -> Option<TokenStream> {
    let rt = context.rt;
    match (held_in(context, record, &field.name, &field.kind), &field.kind) {
        (Held::Array, FieldKind::Text { extent: Extent::Exactly(len), .. }) => {
            let len = Literal::usize_unsuffixed(*len);
            Some(quote!(reader.array::<#len>()?))
        }
        (Held::Vec, FieldKind::List(list)) => {
            let max = Literal::usize_unsuffixed(list.max);
            let element = element(context, list.element);
            Some(match &list.end {
                ListEnd::Count { count, .. } => {
                    let count = expr(count);
                    let collect = quote!(#rt::list::collect_counted::<#element, _, AGAIN_>);
                    quote!(#collect(reader, #count, #max)?)
                }
                _ => quote!(#rt::list::collect_to_end::<#element, _, AGAIN_>(reader, #max)?),
            })
        }
        _ => None,
    }
}

/// An element where its type is named in a function.
fn element(context: &Context<'_>, element: Element) -> TokenStream {
    match element {
        Element::Type(id) => match &context.ir.ty(id).kind {
            TypeKind::External(_) => context.external(id).clone(),
            _ => context.ty(id, &quote!('_)),
        },
        Element::Int { .. } => element_type(context, element, &quote!('_)),
    }
}

/// Writes the elements of a list, one after the other.
pub(super) fn elements(
    context: &Context<'_>,
    record: &Record,
    field: &Field,
    list: &List,
    value: &TokenStream,
) -> TokenStream {
    let rt = context.rt;
    if record.own.is_none() {
        let write = write_element(context, list.element);
        return quote!(for element in #value { #write });
    }
    let write = match list.element {
        Element::Int { int, little: true } if int.bits > 8 => {
            match held_in(context, record, &field.name, &field.kind) {
                Held::Vec => quote!(#rt::read::Le(*element).write(writer)?;),
                _ => quote!(element.write(writer)?;),
            }
        }
        element => write_element(context, element),
    };
    quote!(for element in #value.iter() { #write })
}

/// Writes the `element` of a list; a number of as many bytes as its type has, or in network order.
pub(super) fn write_element(context: &Context<'_>, element: Element) -> TokenStream {
    match element {
        Element::Type(id) => super::write::write_frame(context, id, &quote!(element)),
        Element::Int { .. } => quote!(element.write(writer)?;),
    }
}
