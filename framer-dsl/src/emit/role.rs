//! The machine of one role: what it sees, what it says, how it reads and writes.

mod heard;
mod said;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::table::Names;
use super::{Context, bounds, docs, generics};
use crate::ir::{Framer, KindOf, Machine, Role, Shape, TypeId, TypeKind};
use crate::names;

pub(super) fn emit(
    context: &Context<'_>,
    machine: &Machine,
    table: &Names,
    of: Role,
) -> TokenStream {
    let rt = context.rt;
    let side = Side { context, machine, table, of };
    let role = &machine.roles[of.index()];
    let (name, module) = (names::role(role), names::module(role));
    let header = format!(" The {role}'s side of a session.");
    let header_module = format!(" What the {role} sees and says.");
    let (event, message) = (side.event(), side.message());
    let (receive, send) = (side.receive(), side.send());
    let place = if of == Role::First { quote!(First) } else { quote!(Second) };
    let (inbound, outbound) = (side.inbound().map(alone), side.outbound().map(alone));
    let input_bound = Literal::u64_unsuffixed(bounds::longest(inbound.clone()));
    let output_bound = Literal::u64_unsuffixed(bounds::said_at_once(context.ir, outbound));
    let asking = machine.asks.iter().filter(|asks| **asks).map(|_| machine.pending);
    let pending = Literal::u64_unsuffixed(asking.fold(0, u64::saturating_add));
    let lists = Literal::u64_unsuffixed(bounds::open_lists(context.ir, inbound));
    let engine = quote!(#rt::engine::Bounded<#pending, #lists>);
    let (event_ty, message_ty) = (
        generics(side.event_borrows(), &quote!('a)),
        generics(side.message_borrows(), &quote!('m)),
    );
    let datagrams = machine.datagrams.then(|| {
        quote!(
            const DATAGRAMS: bool = true;
        )
    });
    let message_any = generics(side.message_borrows(), &quote!('_));
    quote! {
        #[doc = #header_module]
        pub mod #module {
            #event
            #message
        }

        #[doc = #header]
        #[derive(Clone, Debug)]
        pub struct #name {
            engine: #engine,
        }

        impl #name {
            /// At the beginning of a session.
            #[must_use]
            pub fn new() -> Self {
                let role = #rt::protocol::Role::#place;
                #name { engine: #rt::engine::Bounded::<#pending, #lists>::new(&PROTOCOL, role) }
            }

            /// The state of the session, after the replies that have come.
            #[must_use]
            pub fn state(&self) -> State {
                let place = usize::from(self.engine.session().state().0);
                State::ALL.get(place).copied().unwrap_or(State::ALL[0])
            }
        }

        impl ::core::default::Default for #name {
            fn default() -> Self {
                #name::new()
            }
        }

        impl #rt::machine::Machine for #name {
            type Event<'a> = #module::Event #event_ty;
            type Message<'m> = #module::Message #message_ty;
            type Engine = #engine;

            const INPUT_BOUND: usize = #input_bound;
            const OUTPUT_BOUND: usize = #output_bound;
            #datagrams

            fn engine(&self) -> &Self::Engine {
                &self.engine
            }

            fn engine_mut(&mut self) -> &mut Self::Engine {
                &mut self.engine
            }

            fn receive<'a>(
                &mut self,
                input: &'a [u8],
            ) -> #rt::machine::Step<Self::Event<'a>> {
                #receive
            }

            fn send(
                &mut self,
                message: &#module::Message #message_any,
                out: &mut #rt::write::Out<'_>,
            ) -> #rt::machine::Sent {
                #send
            }
        }
    }
}

/// Without its place.
fn alone((_, framer): (usize, &Framer)) -> &Framer {
    framer
}

/// One role of a protocol.
struct Side<'i> {
    context: &'i Context<'i>,
    machine: &'i Machine,
    table: &'i Names,
    of: Role,
}

impl Side<'_> {
    /// The framers of what this side reads.
    fn inbound(&self) -> impl Iterator<Item = (usize, &Framer)> + Clone {
        self.machine.framers.iter().enumerate().filter(|(_, framer)| framer.role != self.of)
    }

    /// The framers of what this side writes.
    fn outbound(&self) -> impl Iterator<Item = (usize, &Framer)> + Clone {
        self.machine.framers.iter().enumerate().filter(|(_, framer)| framer.role == self.of)
    }

    /// What the peer speaks as long as nothing is switched.
    fn spoken_to(&self) -> &Framer {
        &self.machine.framers[self.machine.speaks[self.of.peer().index()]]
    }

    /// Whether the session may go on behind a frame that breaks a rule.
    fn malformed(&self) -> bool {
        let mut kinds = self.machine.kinds.iter();
        kinds.any(|kind| kind.role != self.of && kind.of == KindOf::Malformed)
    }

    /// Whether a state may have no place for a frame that is read all the same.
    fn refused(&self) -> bool {
        let rules = self.machine.states.iter().flat_map(|state| &state.rules);
        let mut rules = rules.chain(&self.machine.any);
        rules.any(|rule| {
            let mut kinds = rule.kinds.iter();
            rule.refuse && kinds.any(|kind| self.machine.kinds[*kind].role != self.of)
        })
    }

    /// The frames that a framer yields, each with the name of its event.
    fn frames(&self, framer: &Framer) -> Vec<TypeId> {
        match &self.context.ir.ty(framer.ty).kind {
            TypeKind::Choice(choice) => {
                let frames = choice.alternatives.iter();
                frames.map(|alternative| TypeId::Frame(alternative.frame)).collect()
            }
            _ => vec![framer.ty],
        }
    }

    fn event_borrows(&self) -> bool {
        self.inbound().any(|(_, framer)| self.borrows(framer))
    }

    fn message_borrows(&self) -> bool {
        self.outbound().any(|(_, framer)| self.borrows(framer))
    }

    fn borrows(&self, framer: &Framer) -> bool {
        matches!(framer.shape, Shape::Stream(_)) || self.context.ir.ty(framer.ty).borrows
    }

    /// A type as it is written inside the role's module.
    fn ty(&self, id: TypeId, lifetime: &TokenStream) -> TokenStream {
        let ty = self.context.ty(id, lifetime);
        quote!(super::#ty)
    }
}

/// A payload in pieces; `masked` is the runtime, where a key lies over it.
fn part_variant(
    masked: Option<&TokenStream>,
    of: &crate::ir::Docs,
    name: &str,
    lifetime: &TokenStream,
) -> TokenStream {
    let data = match masked {
        Some(rt) => quote!(#rt::mask::Masked<#lifetime>),
        None => quote!(&#lifetime [u8]),
    };
    let header = docs(of, &format!("A part of a `{name}`."));
    let name = names::ty(name);
    quote!(#header #name(#data),)
}

/// The two sides of a payload in pieces.
fn stream_variants(
    masked: Option<&TokenStream>,
    of: &crate::ir::Docs,
    name: &str,
    lifetime: &TokenStream,
) -> TokenStream {
    let part = part_variant(masked, of, name, lifetime);
    let end_header = format!(" The end of the `{name}`.");
    let end = format_ident!("{}End", names::ty(name));
    quote! {
        #part
        #[doc = #end_header]
        #end,
    }
}
