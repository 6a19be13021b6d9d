//! How a frame is cut out of a stream.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::measure::node;
use super::{Context, generics};
use crate::ir::{Ends, Shape, Type, TypeKind};
use crate::names;

/// What a frame of a description without a protocol says of its end.
pub(super) fn emit(context: &Context<'_>, ty: &Type) -> Option<TokenStream> {
    let rt = context.rt;
    let shape = ty.cut?;
    let (name, any) = (names::ty(&ty.name), generics(ty.borrows, &quote!('_)));
    let cut = whole(context, ty, shape, &quote!(#rt::protocol::), &TokenStream::new())?;
    Some(quote! {
        impl #rt::frame::Framed for #name #any {
            const CUT: #rt::protocol::Cut = #cut;
        }
    })
}

/// The way of cutting out whole frames of the type; `of` stands before the runtime's types,
/// `here` before what the description declares.
pub(super) fn whole(
    context: &Context<'_>,
    ty: &Type,
    shape: Shape,
    of: &TokenStream,
    here: &TokenStream,
) -> Option<TokenStream> {
    match shape {
        Shape::Delimited(region) => {
            let delimiter = names::constant(&context.ir.delimiters[region.delimiter.0].name);
            let (max, skip) = (Literal::u64_unsuffixed(region.max), region.skip);
            Some(
                quote!(#of Cut::Delimited { delimiter: &#here #delimiter, max: #max, skip: #skip }),
            )
        }
        Shape::Measured { max } => {
            let (node, max) = (node(context, ty, of, here), Literal::u64_unsuffixed(max));
            let ends = ends(context, ty, here);
            Some(quote!(#of Cut::Measured { node: #node, max: #max, ends: #ends }))
        }
        Shape::Coded { transform, max, skip } => {
            let coding = names::constant(&context.ir.transforms[transform.0].name);
            let max = Literal::u64_unsuffixed(max);
            Some(quote!(#of Cut::Coded { coding: &#here #coding, max: #max, skip: #skip }))
        }
        _ => None,
    }
}

/// Whether the type ends by itself, as far as that is known of it.
fn ends(context: &Context<'_>, ty: &Type, here: &TokenStream) -> TokenStream {
    match (&ty.kind, &ty.ends) {
        (TypeKind::Record(record), _) if !record.params.is_empty() => quote!(false),
        (_, Ends::No) => quote!(false),
        (_, Ends::If(_)) => {
            let (rt, name) = (context.rt, names::ty(&ty.name));
            let generics = generics(ty.borrows, &quote!('static));
            quote!(<#here #name #generics as #here #rt::frame::Decode>::ENDS)
        }
    }
}
