//! Delimiters, classes and transforms.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::record::int_type;
use super::{Context, docs};
use crate::ir::{
    Checksum, ChecksumKind, Class, Delimiter, Int, Token, TokenKind, Transform, TransformKind,
    Whole,
};
use crate::names;

pub(super) fn emit(context: &Context<'_>) -> TokenStream {
    let delimiters = context.ir.delimiters.iter().map(|item| delimiter(context, item));
    let classes = context.ir.classes.iter().map(|item| class(context, item));
    let transforms = context.ir.transforms.iter().map(|item| transform(context, item));
    let checksums = context.ir.checksums.iter().map(|item| checksum(context, item));
    quote!(#(#delimiters)* #(#classes)* #(#transforms)* #(#checksums)*)
}

fn checksum(context: &Context<'_>, item: &Checksum) -> TokenStream {
    let rt = context.rt;
    let header = docs(&item.docs, &format!("The checksum `{}`.", item.name));
    let name = names::constant(&item.name);
    let value = match item.kind {
        ChecksumKind::Xor => quote!(#rt::checksum::Checksum::Xor),
        ChecksumKind::Lrc => quote!(#rt::checksum::Checksum::Lrc),
        ChecksumKind::Internet => quote!(#rt::checksum::Checksum::Internet),
        ChecksumKind::Crc { width, poly, init, refin, refout, xorout } => {
            let int = Int::unsigned(width);
            let ty = int_type(int);
            let method = format_ident!("crc{}", int.width());
            let hex = |number: u64| -> TokenStream {
                format!("{number:#x}").parse().unwrap_or_else(|_| quote!(#number))
            };
            let (poly, init, xorout) = (hex(poly), hex(init), hex(xorout));
            let width = Literal::u8_unsuffixed(width);
            quote! {{
                static PARAMETERS: #rt::checksum::Algorithm<#ty> =
                    #rt::checksum::Checksum::parameters(
                        #width, #poly, #init, #refin, #refout, #xorout,
                    );
                #rt::checksum::Checksum::#method(&PARAMETERS)
            }}
        }
    };
    quote! {
        #header
        pub static #name: #rt::checksum::Checksum = #value;
    }
}

fn delimiter(context: &Context<'_>, item: &Delimiter) -> TokenStream {
    let rt = context.rt;
    let header = docs(&item.docs, &format!("The delimiter `{}`.", item.name));
    let name = names::constant(&item.name);
    let bytes = Literal::byte_string(&item.bytes);
    let lenient = item.lenient;
    let value = match item.others.is_empty() {
        true => quote!(#rt::scan::Delimiter::new(#bytes, #lenient)),
        false => {
            let others = item.others.iter().map(|other| Literal::byte_string(other));
            let set = Literal::byte_string(&item.set);
            quote!(#rt::scan::Delimiter::any(#bytes, &[#(#others),*], #set, #lenient))
        }
    };
    quote! {
        #header
        pub static #name: #rt::scan::Delimiter = #value;
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
    let (name, title) = (names::constant(&item.name), &item.name);
    match &item.kind {
        TransformKind::Escapes(of) => {
            let delimiter = names::constant(&context.ir.delimiters[of.after.0].name);
            let at_start = of.at_start;
            let tokens = of.tokens.iter().map(|item| token(context, item));
            quote! {
                #header
                pub static #name: #rt::transform::Escapes =
                    #rt::transform::Escapes::new(#at_start, &#delimiter, &[#(#tokens),*]);
            }
        }
        TransformKind::Whole(Whole::Escapes { begin, tokens }) => {
            let (begin, marks) =
                (Literal::byte_string(begin), Literal::byte_string(&marks(tokens)));
            let tokens = tokens.iter().map(|item| token(context, item));
            quote! {
                #header
                pub static #name: #rt::transform::Coding =
                    #rt::transform::Coding::escapes(#title, #begin, &[#(#tokens),*], #marks);
            }
        }
        TransformKind::Whole(coding @ Whole::Hex { begin, upper, .. }) => {
            let (begin, end) = (Literal::byte_string(begin), Literal::byte_string(coding.end()));
            quote! {
                #header
                pub static #name: #rt::transform::Coding =
                    #rt::transform::Coding::hex(#title, #begin, #end, #upper);
            }
        }
        TransformKind::Whole(Whole::Blocks { full, reduced }) => {
            let full = Literal::u8_unsuffixed(*full);
            quote! {
                #header
                pub static #name: #rt::transform::Coding =
                    #rt::transform::Coding::blocks(#title, #full, #reduced);
            }
        }
    }
}

fn token(context: &Context<'_>, token: &Token) -> TokenStream {
    let rt = context.rt;
    let coded = Literal::byte_string(&token.coded);
    let plain = Literal::byte_string(&token.plain);
    match token.kind {
        TokenKind::Both => quote!(#rt::transform::Token::both(#plain, #coded)),
        TokenKind::Decode => quote!(#rt::transform::Token::decode(#plain, #coded)),
        TokenKind::End => quote!(#rt::transform::Token::end(#coded)),
    }
}

/// Each byte once with which an escape, or what is to be escaped, begins.
fn marks(tokens: &[Token]) -> Vec<u8> {
    let mut marks = Vec::new();
    for token in tokens {
        let plain = token.plain.first().filter(|_| token.kind == TokenKind::Both);
        for byte in token.coded.first().into_iter().chain(plain) {
            if !marks.contains(byte) {
                marks.push(*byte);
            }
        }
    }
    marks
}
