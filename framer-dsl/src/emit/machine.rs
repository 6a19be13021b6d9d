//! A protocol: its table, its states and the machines of both roles.

use proc_macro2::TokenStream;
use quote::quote;

use super::table::Names;
use super::{Context, role, spoken, table};
use crate::ir::{Machine, Role, Shape};
use crate::names;

pub(super) fn emit(context: &Context<'_>, machine: &Machine) -> TokenStream {
    let names = Names::new(context, machine);
    let states = table::state_enum(machine);
    let upgrade = upgrade(machine);
    let spoken = spoken::emit(context, machine, &names);
    let lines = lines(context, machine);
    let roles = [Role::First, Role::Second].map(|of| role::emit(context, machine, &names, of));
    let table = table::emit(context, machine, &names);
    let modules = modules(machine, &names);
    quote! {
        pub use table::PROTOCOL;
        #modules

        #states
        #upgrade
        #(#roles)*
        #spoken
        #lines
        #table
    }
}

/// The modules of the table that the code around it names.
fn modules(machine: &Machine, names: &Names) -> TokenStream {
    let sites = (!names.sites.is_empty()).then(|| quote!(site,));
    let layers = (!machine.layers.is_empty()).then(|| quote!(layer,));
    quote!(use table::{framer, kind, #sites #layers};)
}

fn upgrade(machine: &Machine) -> Option<TokenStream> {
    if machine.layers.is_empty() {
        return None;
    }
    let variants = machine.layers.iter().map(|layer| {
        let header = format!(" `{layer}`");
        let name = names::ty(layer);
        quote!(#[doc = #header] #name,)
    });
    Some(quote! {
        /// A layer that the connection is handed to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Upgrade {
            #(#variants)*
        }
    })
}

/// The functions that tell the last line of a frame of several.
fn lines(context: &Context<'_>, machine: &Machine) -> TokenStream {
    let rt = context.rt;
    let mut tokens = TokenStream::new();
    for framer in &machine.framers {
        let Shape::Lines { element, .. } = framer.shape else { continue };
        let name = names::value(&format!("ends {}", framer.name));
        let element = &context.ir.ty(element).name;
        let ty = names::ty(element);
        let header = format!(" Whether a line is the last one of a `{}`.", framer.name);
        let (ignored, last) = ends(context, framer.ty);
        let value = if last { quote!(flag) } else { quote!(!flag) };
        tokens.extend(quote! {
            #[doc = #header]
            fn #name(line: &[u8]) -> #rt::frame::Decoded<bool> {
                let reader = &mut #rt::read::Reader::cut(line);
                let (#ignored flag) = #rt::frame::told(#element, #ty::read_element(reader))?;
                Ok(#value)
            }
        });
    }
    tokens
}

/// What stands before the flag in an element as it is read, and the flag's value at the end.
fn ends(context: &Context<'_>, id: crate::ir::TypeId) -> (TokenStream, bool) {
    use crate::ir::{FieldKind, ListEnd, Step, TypeKind};
    let TypeKind::Record(record) = &context.ir.ty(id).kind else {
        return (TokenStream::new(), true);
    };
    for step in &record.steps {
        if let Step::Field(field) = step
            && let FieldKind::List(list) = &field.kind
            && let ListEnd::Flag { last, .. } = &list.end
        {
            let shared = list.shared.iter().map(|_| quote!(_,));
            return (quote!(_, #(#shared)*), *last);
        }
    }
    (TokenStream::new(), true)
}
