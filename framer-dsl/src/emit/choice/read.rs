//! Reading a choice: which of its alternatives stands there.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::emit::limits::around;
use crate::emit::{Context, generics, given, own, record};
use crate::ir::{Alternative, By, Choice, Field, FieldKind, Lead, Step, Type, TypeId, TypeKind};
use crate::names;

/// What reads a choice.
pub(super) fn read(context: &Context<'_>, ty: &Type, choice: &Choice) -> TokenStream {
    let frame = match &choice.by {
        Some(by) => read_given(context, ty, choice, by),
        None => read_led(context, ty, choice),
    };
    let frame = match &choice.region {
        Some(region) => {
            record::enclosed(context, region, &quote!(let frame = #frame;), &quote!(frame))
        }
        None => frame,
    };
    let (before, behind) = around(ty.limits, &quote!(reader), &quote!(position));
    quote! {
        #before
        let frame = #frame;
        #behind
        Ok(frame)
    }
}

/// Reads a choice by `body`, the first time and again.
pub(super) fn decode(context: &Context<'_>, ty: &Type, body: &TokenStream) -> TokenStream {
    let rt = context.rt;
    let (name, title) = (names::ty(&ty.name), &ty.name);
    let (here, any) = (generics(ty.borrows, &quote!('a)), generics(ty.borrows, &quote!('_)));
    let (refers, ends) = (own::refers(context, ty), own::ends(context, ty));
    // What somebody has declared has no methods but theirs.
    let apart = !context.ir.own;
    let in_place = apart.then(|| in_place(context, ty, body));
    let read = if apart { quote!(#name::read_in_place(reader)) } else { body.clone() };
    let read_again = apart.then(|| {
        quote! {
            fn read_again<'a>(
                reader: &mut #rt::read::Reader<'a, true>,
            ) -> ::core::option::Option<Self::View<'a>> {
                #name::read_in_place(reader).ok()
            }
        }
    });
    let alternative = told_apart(context, ty);
    quote! {
        #in_place

        impl #rt::frame::Decode for #name #any {
            type View<'a> = #name #here;
            const NAME: &'static str = #title;
            const FRAME: &'static str = #title;
            #refers
            #ends

            fn read<'a, const AGAIN_: bool>(
                reader: &mut #rt::read::Reader<'a, AGAIN_>,
            ) -> #rt::frame::Decoded<Self::View<'a>> {
                #read
            }

            #read_again

            #alternative
        }
    }
}

/// What a list remembers of each of its elements, where to ask one for it is to read its region again.
fn told_apart(context: &Context<'_>, ty: &Type) -> Option<TokenStream> {
    let TypeKind::Choice(choice) = &ty.kind else { return None };
    let listed = context.ir.types.iter().any(|other| match &other.kind {
        TypeKind::Record(record) => record.steps.iter().any(|step| match step {
            Step::Field(Field { kind: FieldKind::List(list), .. }) => {
                list.element.ty() == Some(ty.id)
            }
            _ => false,
        }),
        _ => false,
    });
    if choice.region.is_none() || context.ir.own || !listed {
        return None;
    }
    let name = names::ty(&ty.name);
    let arms = choice.alternatives.iter().enumerate().map(|(place, alternative)| {
        let variant = names::ty(&context.ir.ty(TypeId::Frame(alternative.frame)).name);
        let bit = alternative_bit(place);
        quote!(#name::#variant(_) => #bit,)
    });
    Some(quote! {
        #[inline]
        fn alternative(element: &Self::View<'_>) -> u32 {
            match element { #(#arms)* }
        }
    })
}

/// The bit of the alternative at this place; those from the 32nd on share one.
pub(in crate::emit) fn alternative_bit(place: usize) -> Literal {
    Literal::u32_unsuffixed(1 << place.min(31))
}

/// What reads a choice where it is returned, for those who return it in different ways: a copy
/// of what has just been written is waited for.
fn in_place(context: &Context<'_>, ty: &Type, body: &TokenStream) -> TokenStream {
    let rt = context.rt;
    let name = names::ty(&ty.name);
    let (here, any) = (generics(ty.borrows, &quote!('a)), generics(ty.borrows, &quote!('_)));
    let lifetime = if ty.borrows { quote!('a) } else { quote!('_) };
    let method = ty.borrows.then(|| quote!('a,));
    quote! {
        impl #name #any {
            #[inline(always)]
            fn read_in_place<#method const AGAIN_: bool>(
                reader: &mut #rt::read::Reader<#lifetime, AGAIN_>,
            ) -> #rt::frame::Decoded<#name #here> {
                #body
            }
        }
    }
}

/// Passes over what every alternative begins with.
pub(super) fn head(context: &Context<'_>, ty: &Type, choice: &Choice) -> Option<TokenStream> {
    let rt = context.rt;
    let first = choice.alternatives.first().filter(|_| choice.head > 0)?;
    let of = context.ir.ty(TypeId::Frame(first.frame));
    let TypeKind::Record(record) = &of.kind else { return None };
    let (name, any) = (names::ty(&ty.name), generics(ty.borrows, &quote!('_)));
    let steps = record::passed(context, record, choice.head);
    Some(quote! {
        impl #name #any {
            /// Passes over what every alternative begins with.
            fn pass_each<const AGAIN_: bool>(
                reader: &mut #rt::read::Reader<'_, AGAIN_>,
            ) -> #rt::frame::Decoded<()> {
                #steps
                Ok(())
            }
        }
    })
}

/// Reads the alternative that stands there by what it begins with.
fn read_led(context: &Context<'_>, ty: &Type, choice: &Choice) -> TokenStream {
    let rt = context.rt;
    let name = names::ty(&ty.name);
    let (ahead, place) = match choice.head {
        0 => (TokenStream::new(), quote!(reader)),
        _ => (quote!(let mut ahead = *reader; #name::pass_each(&mut ahead)?;), quote!(ahead)),
    };
    let led: Vec<(&Lead, TokenStream)> = choice
        .led()
        .into_iter()
        .filter_map(|alternative| {
            let read = read_alternative(context, ty, choice, alternative);
            Some((alternative.lead.as_ref()?, read))
        })
        .collect();
    let rest = choice.alternatives.iter().find(|alternative| alternative.lead.is_none());
    let rest = match rest {
        Some(alternative) => read_alternative(context, ty, choice, alternative),
        None => quote!(return Err(reader.fail(#rt::violation::Rule::Choice));),
    };
    let chosen = by_lead(&led, &place, &rest);
    match choice.head {
        0 => chosen,
        _ => quote!({ #ahead #chosen }),
    }
}

/// From so many on, one byte says which of them may stand there.
const MANY: usize = 3;

/// The first of `led` whose lead stands at `place`, or `rest`.
fn by_lead(led: &[(&Lead, TokenStream)], place: &TokenStream, rest: &TokenStream) -> TokenStream {
    let starts = |lead: &Lead| record::starts_of(lead, place);
    if led.len() < MANY {
        let led = led.iter().map(|(lead, read)| {
            let starts = starts(lead);
            quote!(if #starts { #read } else)
        });
        return quote!(#(#led)* { #rest });
    }
    let arms = led.iter().map(|(lead, read)| {
        let starts = starts(lead);
        let first = record::first_byte(lead).map_or(quote!(_), |bytes| quote!(Some(#bytes)));
        quote!(#first if #starts => { #read })
    });
    quote! {
        match #place.rest().first() {
            #(#arms)*
            _ => { #rest }
        }
    }
}

/// Reads the alternative that is meant by what is given.
fn read_given(context: &Context<'_>, ty: &Type, choice: &Choice, by: &By) -> TokenStream {
    let rt = context.rt;
    let (name, by) = (names::ty(&ty.name), given::by(ty, by));
    let mut closed = true;
    let arms: Vec<TokenStream> = choice
        .alternatives
        .iter()
        .map(|alternative| {
            let id = TypeId::Frame(alternative.frame);
            let of = context.ir.ty(id);
            let variant = names::ty(&of.name);
            let read = given::read(context, id, &quote!(reader), &given::names_of(of));
            closed &= alternative.tag.is_some();
            let tag = match alternative.tag.map(Literal::u64_unsuffixed) {
                Some(tag) => quote!(#tag),
                None => quote!(_),
            };
            quote!(#tag => #name::#variant(#read),)
        })
        .collect();
    let none =
        closed.then(|| quote!(_ => return Err(reader.fail_before(#rt::violation::Rule::Choice)),));
    quote!(match #by { #(#arms)* #none })
}

/// An expression that reads an alternative.
fn read_alternative(
    context: &Context<'_>,
    ty: &Type,
    choice: &Choice,
    alternative: &Alternative,
) -> TokenStream {
    let enclosed = choice.region.is_some();
    let of = context.ir.ty(TypeId::Frame(alternative.frame));
    if let TypeKind::Record(record) = &of.kind
        && record.own.is_some()
    {
        let last = if enclosed { record::Last::Yes } else { record::Last::No };
        let (steps, frame) = record::read_parts(context, of, record, last);
        let rt = context.rt;
        let read = quote!((|| -> #rt::frame::Decoded<_> { #steps Ok(#frame) })());
        return given::told(context, of, &read);
    }
    let (name, variant) = (names::ty(&ty.name), names::ty(&of.name));
    if let TypeKind::Record(record) = &of.kind
        && enclosed
        && record::may_end_a_choice(context, of, record)
    {
        let read = given::told(context, of, &quote!(#variant::read_where::<AGAIN_, true>(reader)));
        return quote!(#name::#variant(#read));
    }
    let read = given::told(context, of, &quote!(#variant::read(reader)));
    quote!(#name::#variant(#read))
}
