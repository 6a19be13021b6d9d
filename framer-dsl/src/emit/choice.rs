//! Choices of frames.

mod read;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

pub(super) use self::read::alternative_bit;
use self::read::{decode, head, read};
use super::limits::around;
use super::{Context, docs, generics, given, measure, own, record, region};
use crate::ir::{
    Alternative, By, Choice, ExprKind, FieldKind, Lead, Param, Step, Type, TypeId, TypeKind,
};
use crate::names;

pub(super) fn emit(context: &Context<'_>, ty: &Type, choice: &Choice) -> TokenStream {
    let rt = context.rt;
    let header = docs(&ty.docs, &format!("The choice `{}`.", ty.name));
    let name = names::ty(&ty.name);
    let (here, any) = (generics(ty.borrows, &quote!('a)), generics(ty.borrows, &quote!('_)));
    let variants = choice.alternatives.iter().map(|alternative| {
        let id = TypeId::Frame(alternative.frame);
        let of = context.ir.ty(id);
        let header = docs(&alternative.docs, &format!("`{}`", of.name));
        let (variant, ty) = (names::ty(&of.name), context.ty(id, &quote!('a)));
        quote!(#header #variant(#ty),)
    });
    let froms = choice.alternatives.iter().map(|alternative| {
        let id = TypeId::Frame(alternative.frame);
        let variant = names::ty(&context.ir.ty(id).name);
        let ty = context.ty(id, &quote!('a));
        quote! {
            impl #here ::core::convert::From<#ty> for #name #here {
                fn from(frame: #ty) -> Self {
                    #name::#variant(frame)
                }
            }
        }
    });
    let declared = (!context.ir.own).then(|| {
        let number = number(context, ty, choice);
        quote! {
            #header
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum #name #here {
                #(#variants)*
            }

            #(#froms)*

            #number
        }
    });
    let read = read(context, ty, choice);
    let write = write(context, ty, choice);
    let head = head(context, ty, choice);
    let measure = ty.measured.then(|| measure::choice(context, ty, choice));
    if !ty.params.is_empty() {
        let (reads, writes) =
            (given::reads(context, ty, &read), given::writes(context, ty, &write));
        return quote!(#declared #head #reads #writes #measure);
    }
    let decode = decode(context, ty, &read);
    let looked_at = own::looked_at(context, ty);
    quote! {
        #declared

        #head

        #decode

        impl #rt::frame::Frame for #name #any {
            fn write(
                &self,
                writer: &mut #rt::write::Writer<'_>,
            ) -> #rt::frame::Encoded {
                #write
            }
        }

        #measure
        #looked_at
    }
}

/// The pattern of an alternative, and what writes it.
fn write_alternative(
    context: &Context<'_>,
    ty: &Type,
    alternative: &Alternative,
) -> (TokenStream, TokenStream) {
    let of = context.ir.ty(TypeId::Frame(alternative.frame));
    if let TypeKind::Record(record) = &of.kind
        && let Some(pattern) = record::pattern(context, of, record)
    {
        let (rt, write) = (context.rt, record::write_statements(context, of, record));
        let write = quote!((|| -> #rt::frame::Encoded { #write Ok(()) })());
        return (pattern, given::told_written(context, of, &write));
    }
    let (name, variant) = (names::ty(&ty.name), names::ty(&of.name));
    (quote!(#name::#variant(frame)), given::told_written(context, of, &quote!(frame.write(writer))))
}

/// The number that each alternative begins with, where each begins with one.
fn number(context: &Context<'_>, ty: &Type, choice: &Choice) -> Option<TokenStream> {
    match &choice.by {
        Some(By::Param(place)) => {
            return Some(number_given(context, ty, choice, ty.params.get(*place)?));
        }
        Some(By::Computed(_)) => return None,
        None => {}
    }
    let int = choice.repr?;
    let name = names::ty(&ty.name);
    let mut arms = Vec::new();
    for alternative in &choice.alternatives {
        let of = context.ir.ty(TypeId::Frame(alternative.frame));
        let variant = names::ty(&of.name);
        let TypeKind::Record(record) = &of.kind else { return None };
        let Some(Step::Field(field)) = record.steps.first() else { return None };
        let FieldKind::Fixed(fixed) = &field.kind else { return None };
        if fixed.int != int {
            return None;
        }
        arms.push(match field.derived.as_ref().map(|derived| &derived.expr.kind) {
            Some(ExprKind::Number(number)) => {
                let number = Literal::u64_unsuffixed(*number);
                quote!(#name::#variant(_) => #number,)
            }
            None if field.cond.is_none() => {
                let field = names::value(&field.name);
                quote!(#name::#variant(frame) => frame.#field,)
            }
            _ => return None,
        });
    }
    let any = generics(ty.borrows, &quote!('_));
    let number = record::int_type(int);
    Some(quote! {
        impl #name #any {
            /// The number that it begins with.
            #[must_use]
            pub const fn number(&self) -> #number {
                match self {
                    #(#arms)*
                }
            }
        }
    })
}

/// The number by which each alternative is told.
fn number_given(context: &Context<'_>, ty: &Type, choice: &Choice, by: &Param) -> TokenStream {
    let (name, any) = (names::ty(&ty.name), generics(ty.borrows, &quote!('_)));
    let number = given::param_type(by);
    let header = format!(" The `{}` that means it.", by.name);
    let field = names::value(&by.name);
    let arms = choice.alternatives.iter().map(|alternative| {
        let variant = names::ty(&context.ir.ty(TypeId::Frame(alternative.frame)).name);
        match alternative.tag {
            Some(tag) => {
                let tag = Literal::u64_unsuffixed(tag);
                quote!(#name::#variant(_) => #tag,)
            }
            None => quote!(#name::#variant(frame) => frame.#field,),
        }
    });
    quote! {
        impl #name #any {
            #[doc = #header]
            #[must_use]
            pub const fn number(&self) -> #number {
                match self {
                    #(#arms)*
                }
            }
        }
    }
}

/// Writes an alternative that is meant by what is given: the catch-all has none of the others' numbers.
fn write_given(
    context: &Context<'_>,
    ty: &Type,
    choice: &Choice,
    alternative: &Alternative,
    by: &By,
) -> TokenStream {
    let rt = context.rt;
    let of = context.ir.ty(TypeId::Frame(alternative.frame));
    let passed = of.params.iter().filter(|param| param.written);
    let passed = passed.map(|param| names::local(&param.name));
    let write = match of.params.is_empty() {
        true => quote!(frame.write(writer)),
        false => quote!(frame.write_with(writer, #(#passed),*)),
    };
    let write = given::told_written(context, of, &write);
    let taken: Vec<_> = choice.alternatives.iter().filter_map(|of| of.tag).collect();
    let taken = taken.into_iter().map(Literal::u64_unsuffixed);
    let tag = alternative.tag.map(Literal::u64_unsuffixed);
    let (title, otherwise) = match (by, tag) {
        (By::Param(place), None) if taken.len() > 0 => {
            let title = &ty.params[*place].name;
            let field = names::value(title);
            (title.as_str(), quote!(matches!(frame.#field, #(#taken)|*)))
        }
        (By::Param(_), _) => return quote!({ #write; }),
        (By::Computed(_), tag) => {
            let number = given::by(ty, by);
            let otherwise = match tag {
                Some(tag) => quote!(#number != #tag),
                None => quote!(matches!(#number, #(#taken)|*)),
            };
            ("", otherwise)
        }
    };
    quote! {{
        if #otherwise {
            return Err(writer.fail(#title, #rt::violation::Rule::Ambiguous));
        }
        #write;
    }}
}

/// Writes the catch-all of a choice whose alternatives begin alike, which is read as none of the others.
fn write_behind_head(
    context: &Context<'_>,
    ty: &Type,
    choice: &Choice,
    write: &TokenStream,
) -> TokenStream {
    let rt = context.rt;
    let name = names::ty(&ty.name);
    let leads = choice.alternatives.iter().filter_map(|other| other.lead.as_ref());
    let leads = leads.map(|lead| record::starts_of(lead, &quote!(ahead)));
    quote! {
        let begin = writer.mark();
        #write;
        let mut ahead = #rt::read::Reader::new(writer.since(begin));
        if #name::pass_each(&mut ahead).is_ok() && (#(#leads)||*) {
            return Err(writer.fail("", #rt::violation::Rule::Ambiguous));
        }
    }
}

fn write(context: &Context<'_>, ty: &Type, choice: &Choice) -> TokenStream {
    let rt = context.rt;
    let arms = choice.alternatives.iter().map(|alternative| {
        let of = context.ir.ty(TypeId::Frame(alternative.frame));
        let variant = names::ty(&of.name);
        if let Some(by) = &choice.by {
            let name = names::ty(&ty.name);
            let write = write_given(context, ty, choice, alternative, by);
            return quote!(#name::#variant(frame) => #write);
        }
        let (pattern, write) = write_alternative(context, ty, alternative);
        let alone = choice.alternatives.iter().all(|other| other.lead.is_none());
        if alternative.lead.is_some() || alone {
            return quote!(#pattern => { #write; });
        }
        if choice.head > 0 {
            let write = write_behind_head(context, ty, choice, &write);
            return quote!(#pattern => { #write });
        }
        let leads = choice.alternatives.iter().filter_map(|other| {
            let lead = other.lead.as_ref()?;
            Some(match lead {
                Lead::Literal(lead) => {
                    let bytes = Literal::byte_string(&lead.bytes);
                    let (nocase, word) = (lead.nocase, lead.word);
                    quote!(#rt::read::starts(written, #bytes, #nocase, #word))
                }
                Lead::Pattern(pattern) => {
                    let pattern = record::pattern_tokens(pattern);
                    quote!(#rt::read::matches(written, #pattern))
                }
            })
        });
        quote! {
            #pattern => {
                let begin = writer.mark();
                #write;
                let written = writer.since(begin);
                if #(#leads)||* {
                    return Err(writer.fail("", #rt::violation::Rule::Ambiguous));
                }
            }
        }
    });
    let steps = quote! {
        match self {
            #(#arms)*
        }
    };
    let steps = region::of_choice(context, ty, choice, &steps);
    let (before, behind) = around(ty.limits, &quote!(writer), &quote!(mark));
    quote! {
        #before
        #steps
        #behind
        Ok(())
    }
}
