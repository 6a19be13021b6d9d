//! Delimiters, classes and transforms.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{Context, docs};
use crate::ir::{Class, Delimiter, TokenKind, Transform};
use crate::names;

pub(super) fn emit(context: &Context<'_>) -> TokenStream {
    let delimiters = context.ir.delimiters.iter().map(|item| delimiter(context, item));
    let classes = context.ir.classes.iter().map(|item| class(context, item));
    let transforms = context.ir.transforms.iter().map(|item| transform(context, item));
    quote!(#(#delimiters)* #(#classes)* #(#transforms)*)
}

fn delimiter(context: &Context<'_>, item: &Delimiter) -> TokenStream {
    let rt = context.rt;
    let header = docs(&item.docs, &format!("The delimiter `{}`.", item.name));
    let name = names::constant(&item.name);
    let bytes = Literal::byte_string(&item.bytes);
    let lenient = item.lenient;
    quote! {
        #header
        pub static #name: #rt::scan::Delimiter = #rt::scan::Delimiter::new(#bytes, #lenient);
    }
}

fn class(context: &Context<'_>, item: &Class) -> TokenStream {
    let rt = context.rt;
    let header = docs(&item.docs, &format!("The class `{}`.", item.name));
    let name = names::constant(&item.name);
    let title = &item.name;
    let words = item.set.0.iter().map(|word| hex(*word));
    quote! {
        #header
        pub static #name: #rt::class::Class = #rt::class::Class::new(#title, [#(#words),*]);
    }
}

fn hex(word: u64) -> TokenStream {
    format!("{word:#018x}").parse().unwrap_or_else(|_| quote!(#word))
}

fn transform(context: &Context<'_>, item: &Transform) -> TokenStream {
    let rt = context.rt;
    let header = docs(&item.docs, &format!("The transform `{}`.", item.name));
    let name = names::constant(&item.name);
    let after = &context.ir.delimiters[item.after.0];
    let delimiter = names::constant(&after.name);
    let at_start = item.at_start;
    let tokens = item.tokens.iter().map(|token| {
        let coded = Literal::byte_string(&token.coded);
        let plain = Literal::byte_string(&token.plain);
        match token.kind {
            TokenKind::Both => quote!(#rt::transform::Token::both(#plain, #coded)),
            TokenKind::Decode => quote!(#rt::transform::Token::decode(#plain, #coded)),
            TokenKind::End => quote!(#rt::transform::Token::end(#coded)),
        }
    });
    quote! {
        #header
        pub static #name: #rt::transform::Escapes =
            #rt::transform::Escapes::new(#at_start, &#delimiter, &[#(#tokens),*]);
    }
}
