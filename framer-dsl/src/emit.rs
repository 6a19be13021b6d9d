//! Turns [`Ir`] into Rust tokens: cannot fail.
//!
//! The order is the description's, so that the output is the same in every run. Paths into the
//! runtime are absolute, so that no name of a description can stand in their way.

mod choice;
mod expr;
mod limits;
mod machine;
mod measure;
mod record;
mod role;
mod spoken;
mod statics;
mod table;
mod values;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Docs, Ir, Type, TypeId, TypeKind};
use crate::names;

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
    let rt = if ir.machines.is_empty() { quote!(#runtime) } else { quote!(rt) };
    let context = Context { ir, rt: &rt };
    let statics = statics::emit(&context);
    let types = ir.types.iter().map(|ty| emit_type(&context, ty));
    let traits = quote!(use #runtime::frame::{Decode as _, Frame as _};);
    let Some(machine) = ir.machines.first() else {
        return quote!(#traits #statics #(#types)*);
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

fn emit_type(context: &Context<'_>, ty: &Type) -> TokenStream {
    match &ty.kind {
        TypeKind::Record(record) => record::emit(context, ty, record),
        TypeKind::Choice(choice) => choice::emit(context, ty, choice),
        TypeKind::Values(values) => values::emit(context, ty, values),
        // A streamed payload is no value: it appears in the events and messages only.
        TypeKind::Stream => TokenStream::new(),
    }
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
