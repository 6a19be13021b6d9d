//! Turns [`Ir`] into Rust tokens: cannot fail.
//!
//! The order is the description's, so that the output is the same in every run. Paths into the
//! runtime are absolute, so that no name of a description can stand in their way.

mod bounds;
mod choice;
mod cut;
mod expr;
mod given;
mod limits;
mod machine;
mod measure;
mod own;
mod path;
mod record;
mod region;
mod role;
mod spoken;
mod statics;
mod table;
mod values;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};

use crate::ir::{Docs, ExternalId, Ir, Machine, Own, Record, Type, TypeId, TypeKind};
use crate::names;
use crate::own::Field;

pub(crate) use own::emit_own;

/// The traits whose methods the types call. Inside of its own implementation a trait is known.
fn traits(types: &[TokenStream], runtime: &TokenStream) -> TokenStream {
    let (mut decode, mut frame) = (false, false);
    for tokens in types {
        let mut header: Vec<String> = Vec::new();
        for tree in tokens.clone() {
            match tree {
                TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                    let implements = |name: &str| header.iter().any(|word| word == name);
                    for name in called(&body.stream()) {
                        let reads = name == "read" || name.starts_with("read_optional");
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
    own: Option<&'i Bound<'i>>,
}

/// What is known of the types of the user's own that stands in no description.
pub(crate) struct Bound<'o> {
    /// The fields of the struct, or of each variant of the enum.
    pub(crate) bodies: &'o [Vec<Field>],
    /// How each type is named that is declared elsewhere, by its place.
    pub(crate) externals: Vec<TokenStream>,
}

impl<'i> Context<'i> {
    /// How a type is named that is declared elsewhere.
    fn external(&self, id: TypeId) -> &TokenStream {
        match (id, self.own) {
            (TypeId::External(ExternalId(place)), Some(own)) => &own.externals[place],
            _ => unreachable!("{id:?} is declared in the description"),
        }
    }

    /// The fields of the user's own type, by the names that the description has for them.
    fn body(&self, record: &Record) -> Option<&'i [Field]> {
        Some(&self.own?.bodies[record.own.as_ref()?.body])
    }

    /// One of them.
    fn own_field(&self, record: &Record, name: &str) -> Option<&'i Field> {
        self.body(record)?.iter().find(|field| field.name == name)
    }

    /// A type as it is written where its lifetime is `lifetime`.
    fn ty(&self, id: TypeId, lifetime: &TokenStream) -> TokenStream {
        let ty = self.ir.ty(id);
        let name = names::ty(&ty.name);
        if ty.borrows { quote!(#name<#lifetime>) } else { quote!(#name) }
    }

    /// What a type has as a frame: `of` its trait `from`.
    fn item(&self, id: TypeId, from: &str, of: &str) -> TokenStream {
        let (rt, ty) = (self.rt, self.ir.ty(id));
        let (from, of) = (format_ident!("{from}"), format_ident!("{of}"));
        match &ty.kind {
            TypeKind::External(_) => {
                let path = self.external(id);
                // One that is no frame is told where it is named.
                let span = own::span_of(path);
                let of = quote_spanned!(span=> #of);
                quote_spanned!(span=> <#path as #rt::frame::#from>::#of)
            }
            _ => {
                let name = names::ty(&ty.name);
                quote!(#name::#of)
            }
        }
    }

    /// The function that passes over a type.
    fn measure(&self, ty: &Type) -> TokenStream {
        let (name, apart) = (names::ty(&ty.name), format_ident!("{}", apart("measure", ty)));
        if self.ir.own { quote!(#apart) } else { quote!(#name::measure) }
    }

    /// What passes over a type that ends with a delimiter.
    fn delimited(&self, ty: &Type) -> TokenStream {
        let name = names::ty(&ty.name);
        let apart = format_ident!("{}", apart("delimited", ty).to_uppercase());
        if self.ir.own { quote!(#apart) } else { quote!(#name::DELIMITED) }
    }
}

/// What stands beside a type of the user's own in the place of something in it: that gets nothing that
/// it did not ask for.
fn apart(of: &str, ty: &Type) -> String {
    let name = names::snake(&ty.name);
    match &ty.kind {
        TypeKind::Record(Record { own: Some(Own { choice: Some(_), .. }), .. }) => {
            format!("{of}_variant_{name}")
        }
        _ => format!("{of}_{name}"),
    }
}

/// The tokens of a whole description, over the runtime at `runtime`.
#[must_use]
pub(crate) fn emit(ir: &Ir, runtime: &TokenStream) -> TokenStream {
    // A module of its own may call the runtime by a short name.
    let rt = if ir.machines.len() == 1 { quote!(rt) } else { quote!(#runtime) };
    let context = Context { ir, rt: &rt, own: None };
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
fn beside(ir: &Ir, machine: &Machine, runtime: &TokenStream) -> TokenStream {
    let rt = quote!(rt);
    let name = names::module(&machine.name);
    let header = docs(&machine.docs, &format!("The protocol `{}`.", machine.name));
    let machine = machine::emit(&Context { ir, rt: &rt, own: None }, machine);
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
        TypeKind::External(external) => own::external(context, ty, external),
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
