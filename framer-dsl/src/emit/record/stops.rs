//! What stands behind a run and is not of its class, so that who reads again need not look at each
//! byte of it.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::values::run as arguments;
use crate::emit::{Context, generics};
use crate::ir::{self, Extent, FieldKind, Record, Step, TextKind, Type, TypeId, TypeKind};
use crate::names;

/// Whether what stands last in a frame goes to the end of a region.
#[derive(Clone, Copy)]
pub(in crate::emit) enum Last {
    /// Not always.
    No,
    Yes,
    /// What [`read_where`] makes is told.
    Told,
}

/// An expression that reads a run, where it is known what stands behind it: `behind` are the steps
/// that follow, and `last` says whether what is behind those is the end of a region.
pub(super) fn run(
    context: &Context<'_>,
    kind: TextKind,
    extent: &Extent,
    behind: &[Step],
    last: Last,
) -> Option<TokenStream> {
    let arguments = arguments(context, extent)?;
    let Extent::Run { class, .. } = extent else { return None };
    let method = match kind {
        TextKind::Bytes => format_ident!("run"),
        TextKind::Ascii => format_ident!("ascii_run"),
        TextKind::Utf8 => return None,
    };
    let method_to = format_ident!("{method}_to");
    let rt = context.rt;
    let to = |stop: &TokenStream| quote!(reader.#method_to(#rt::read::Stop::#stop, #arguments)?);
    match behind.iter().find(|step| !matches!(step, Step::Require { .. })) {
        Some(Step::Literal(literal)) => {
            let byte = other(&context.ir.classes[class.0], literal)?;
            Some(to(&quote!(Byte(#byte))))
        }
        Some(Step::Close(_) | Step::Behind) => Some(to(&quote!(End))),
        Some(_) => None,
        None => {
            let whole = to(&quote!(End));
            match last {
                Last::No => None,
                Last::Yes => Some(whole),
                Last::Told => {
                    Some(quote!(if LAST_ { #whole } else { reader.#method(#arguments)? }))
                }
            }
        }
    }
}

/// The byte that the literal begins with, if it is not of the class, in either letter case.
fn other(class: &ir::Class, literal: &ir::Literal) -> Option<Literal> {
    let byte = *literal.bytes.first()?;
    let letter = literal.nocase && byte.is_ascii_alphabetic();
    (!letter && !class.set.contains(byte)).then(|| Literal::byte_character(byte))
}

/// Whether the frame is an alternative of a choice that goes to the end of a region, and what it ends
/// with is read otherwise for that.
pub(in crate::emit) fn may_end_a_choice(context: &Context<'_>, ty: &Type, record: &Record) -> bool {
    let plain = record.own.is_none()
        && record.region.is_none()
        && ty.params.is_empty()
        && record.hoisted.is_empty();
    let ends_with = record.steps.iter().rev().find(|step| !matches!(step, Step::Require { .. }));
    let with_a_run = match ends_with {
        Some(Step::Field(field)) => match &field.kind {
            FieldKind::Text { kind, extent: Extent::Run { escape: None, .. }, .. } => {
                *kind != TextKind::Utf8
            }
            _ => false,
        },
        _ => false,
    };
    plain && with_a_run && context.ir.types.iter().any(|other| ends_choice(other, ty.id))
}

fn ends_choice(ty: &Type, id: TypeId) -> bool {
    let TypeKind::Choice(choice) = &ty.kind else { return false };
    let mut alternatives = choice.alternatives.iter();
    choice.region.is_some() && alternatives.any(|of| TypeId::Frame(of.frame) == id)
}

/// Reads a frame that goes to the end of a region, or may not.
pub(super) fn read_where(context: &Context<'_>, ty: &Type, body: &TokenStream) -> TokenStream {
    let rt = context.rt;
    let name = names::ty(&ty.name);
    let (here, any) = (generics(ty.borrows, &quote!('a)), generics(ty.borrows, &quote!('_)));
    quote! {
        impl #name #any {
            #[inline(always)]
            fn read_where<'a, const AGAIN_: bool, const LAST_: bool>(
                reader: &mut #rt::read::Reader<'a, AGAIN_>,
            ) -> #rt::frame::Decoded<#name #here> {
                #body
            }
        }
    }
}
