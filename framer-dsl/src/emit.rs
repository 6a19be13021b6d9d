//! Turns [`Ir`] into Rust tokens: cannot fail.
//!
//! The order is the description's, so that the output is the same in every run. Paths into the
//! runtime are absolute, so that no name of a description can stand in their way.

mod choice;
mod cut;
mod expr;
mod given;
mod limits;
mod machine;
mod measure;
mod path;
mod record;
mod role;
mod spoken;
mod statics;
mod table;
mod values;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;

use crate::ir::{Docs, Ir, Machine, Type, TypeId, TypeKind};
use crate::names;

/// The traits whose methods the types call. Inside of its own implementation a trait is known.
fn traits(types: &[TokenStream], runtime: &syn::Path) -> TokenStream {
    let (mut decode, mut frame) = (false, false);
    for tokens in types {
        let mut header: Vec<String> = Vec::new();
        for tree in tokens.clone() {
            match tree {
                TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                    let implements = |name: &str| header.iter().any(|word| word == name);
                    for name in called(&body.stream()) {
                        let reads = name == "read" || name == "read_optional";
                        decode |= reads && !implements("Decode");
                        frame |= name == "write" && !implements("Frame");
                    }
                    header.clear();
                }
                TokenTree::Ident(word) => header.push(word.to_string()),
                _ => {}
            }
        }
    }
    let decode = decode.then(|| quote!(Decode as _));
    let frame = frame.then(|| quote!(Frame as _));
    let names: Vec<TokenStream> = decode.into_iter().chain(frame).collect();
    match names.is_empty() {
        true => TokenStream::new(),
        false => quote!(use #runtime::frame::{#(#names),*};),
    }
}

/// Every name behind a `.` or `::` and before a `(`.
fn called(tokens: &TokenStream) -> Vec<String> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut names = Vec::new();
    for (place, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => names.extend(called(&group.stream())),
            TokenTree::Ident(name) => {
                let before = place.checked_sub(1).and_then(|before| trees.get(before));
                let path =
                    matches!(before, Some(TokenTree::Punct(mark)) if ".:".contains(mark.as_char()));
                let call = matches!(trees.get(place + 1), Some(TokenTree::Group(_)));
                names.extend((path && call).then(|| name.to_string()));
            }
            _ => {}
        }
    }
    names
}

/// What every part of the emitter looks at.
struct Context<'i> {
    ir: &'i Ir,
    /// The path of the runtime.
    rt: &'i TokenStream,
}

impl Context<'_> {
    /// A type as it is written where its lifetime is `lifetime`.
    fn ty(&self, id: TypeId, lifetime: &TokenStream) -> TokenStream {
        let ty = self.ir.ty(id);
        let name = names::ty(&ty.name);
        if ty.borrows { quote!(#name<#lifetime>) } else { quote!(#name) }
    }
}

/// The tokens of a whole description, over the runtime at `runtime`.
#[must_use]
pub(crate) fn emit(ir: &Ir, runtime: &syn::Path) -> TokenStream {
    // A module of its own may call the runtime by a short name.
    let rt = if ir.machines.len() == 1 { quote!(rt) } else { quote!(#runtime) };
    let context = Context { ir, rt: &rt };
    let statics = statics::emit(&context);
    let types: Vec<TokenStream> = ir.types.iter().map(|ty| emit_type(&context, ty)).collect();
    let traits = traits(&types, runtime);
    let [machine] = ir.machines.as_slice() else {
        let machines = ir.machines.iter().map(|machine| beside(ir, machine, runtime));
        return quote!(#traits #statics #(#types)* #(#machines)*);
    };
    let name = names::module(&machine.name);
    let header = docs(&ir.docs, &format!("The protocol `{}`.", machine.name));
    let machine = machine::emit(&context, machine);
    quote! {
        #header
        pub mod #name {
            #traits
            use #runtime as rt;

            #statics
            #(#types)*
            #machine
        }
    }
}

/// One of several protocols, in a module beside the types that they share.
fn beside(ir: &Ir, machine: &Machine, runtime: &syn::Path) -> TokenStream {
    let rt = quote!(rt);
    let name = names::module(&machine.name);
    let header = docs(&machine.docs, &format!("The protocol `{}`.", machine.name));
    let machine = machine::emit(&Context { ir, rt: &rt }, machine);
    quote! {
        #header
        pub mod #name {
            use super::*;
            use #runtime as rt;

            #machine
        }
    }
}

fn emit_type(context: &Context<'_>, ty: &Type) -> TokenStream {
    let cut = cut::emit(context, ty);
    let ty = match &ty.kind {
        TypeKind::Record(record) => record::emit(context, ty, record),
        TypeKind::Choice(choice) => choice::emit(context, ty, choice),
        TypeKind::Values(values) => values::emit(context, ty, values),
        // A streamed payload is no value: it appears in the events and messages only.
        TypeKind::Stream => TokenStream::new(),
    };
    quote!(#ty #cut)
}

/// The doc comment of the description, or `fallback` where there is none.
fn docs(docs: &Docs, fallback: &str) -> TokenStream {
    let lines: Vec<String> = match docs.0.is_empty() {
        true => vec![format!(" {fallback}")],
        false => docs.0.iter().map(|line| pad(line)).collect(),
    };
    quote!(#(#[doc = #lines])*)
}

fn pad(line: &str) -> String {
    if line.is_empty() { String::new() } else { format!(" {line}") }
}

/// The lifetime parameter of a type that borrows.
fn generics(borrows: bool, lifetime: &TokenStream) -> TokenStream {
    if borrows { quote!(<#lifetime>) } else { TokenStream::new() }
}
