//! The implementations for a type of the user's own, and what it asks of the types in it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Bound, Context, emit_type, statics};
use crate::ir::{Ends, External, Ir, Type, TypeId, TypeKind};
use crate::names;

/// The tokens of the implementations, over the runtime at `runtime`. What they need stands in a
/// constant without a name, so that nothing of it is seen around the type.
#[must_use]
pub(crate) fn emit_own(ir: &Ir, own: &Bound<'_>, runtime: &TokenStream) -> TokenStream {
    let context = Context { ir, rt: runtime, own: Some(own) };
    let statics = statics::emit(&context);
    let types = ir.types.iter().map(|ty| emit_type(&context, ty));
    quote! {
        #[allow(dead_code)]
        const _: () = {
            #statics
            #(#types)*
        };
    }
}

/// What must hold of a type that is declared elsewhere.
pub(super) fn external(context: &Context<'_>, ty: &Type, external: &External) -> TokenStream {
    if !external.followed {
        return TokenStream::new();
    }
    let (rt, path) = (context.rt, context.external(ty.id));
    let message = format!(
        "`{0}` may take bytes of what follows it, or none: give it a region, `{0} in [size]`, or \
         put it last",
        ty.name
    );
    quote_spanned! {span_of(path)=>
        const _: () = ::core::assert!(<#path as #rt::frame::Decode>::ENDS, #message);
    }
}

/// Where a path is written.
pub(super) fn span_of(path: &TokenStream) -> Span {
    path.clone().into_iter().next().map_or_else(Span::call_site, |first| first.span())
}

/// Whether a type ends by itself, as a constant of its implementation.
///
/// That of a type of the user's own looks at those of all types in it. A type that contained
/// itself through others, each unknown to the next, would be a cycle of constants: rustc finds it.
pub(super) fn ends(context: &Context<'_>, ty: &Type) -> TokenStream {
    let end = |id: &TypeId| context.item(*id, "Decode", "ENDS");
    let (deciding, constant): (Vec<TypeId>, _) = match &ty.ends {
        Ends::No => (Vec::new(), quote!(false)),
        Ends::If(all) => (all.iter().map(|id| TypeId::External(*id)).collect(), quote!(true)),
    };
    let others: Vec<TokenStream> =
        externals(context).filter(|id| !deciding.contains(id)).map(|id| end(&id)).collect();
    if deciding.is_empty() && others.is_empty() {
        return match ty.ends {
            Ends::No => TokenStream::new(),
            Ends::If(_) => quote!(
                const ENDS: bool = true;
            ),
        };
    }
    let deciding = deciding.iter().map(end);
    let value = quote!(#(#deciding &&)* #constant);
    match others.is_empty() {
        true => quote!(const ENDS: bool = #value;),
        false => quote!(const ENDS: bool = { #(_ = #others;)* #value };),
    }
}

/// Tells lists that their elements need what stands before them.
pub(super) fn refers(context: &Context<'_>, ty: &Type) -> Option<TokenStream> {
    if ty.refers {
        return Some(quote!(
            const REFERS: bool = true;
        ));
    }
    let mut parts = externals(context).map(|id| context.item(id, "Decode", "REFERS"));
    let first = parts.next()?;
    Some(quote!(const REFERS: bool = #first #(|| #parts)*;))
}

/// The types that are declared elsewhere.
fn externals(context: &Context<'_>) -> impl Iterator<Item = TypeId> {
    let external = |ty: &&Type| matches!(ty.kind, TypeKind::External(_));
    context.ir.types.iter().filter(external).map(|ty| ty.id)
}

/// Has the constant looked at, used or not.
pub(super) fn looked_at(context: &Context<'_>, ty: &Type) -> TokenStream {
    let rt = context.rt;
    if !context.ir.own {
        return TokenStream::new();
    }
    let name = names::ty(&ty.name);
    let generics = super::generics(ty.borrows, &quote!('static));
    quote!(const _: bool = <#name #generics as #rt::frame::Decode>::ENDS;)
}
