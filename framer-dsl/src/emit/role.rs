//! The machine of one role: what it sees, what it says, how it reads and writes.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::table::Names;
use super::{Context, bounds, docs, generics};
use crate::ir::{Framer, KindOf, Machine, Role, Shape, StreamExtent, TypeId, TypeKind};
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

    fn event(&self) -> TokenStream {
        let rt = self.context.rt;
        let generics = generics(self.event_borrows(), &quote!('a));
        let mut variants = TokenStream::new();
        let mut known: Vec<TypeId> = Vec::new();
        for (_, framer) in self.inbound() {
            let of = self.context.ir.ty(framer.ty);
            if let Shape::Stream(extent) = framer.shape {
                let outer = masked(extent).then(|| quote!(super::#rt));
                variants.extend(match extent {
                    StreamExtent::ToEnd => part_variant(None, &of.docs, &of.name, &quote!('a)),
                    _ => stream_variants(outer.as_ref(), &of.docs, &of.name, &quote!('a)),
                });
                continue;
            }
            for id in self.frames(framer) {
                if known.contains(&id) {
                    continue;
                }
                known.push(id);
                let of = self.context.ir.ty(id);
                let header = docs(&of.docs, &format!("The frame `{}`.", of.name));
                let (name, ty) = (names::ty(&of.name), self.ty(id, &quote!('a)));
                variants.extend(quote!(#header #name(#ty),));
            }
        }
        if self.refused() {
            let ty = self.ty(self.spoken_to().ty, &quote!('a));
            variants.extend(quote! {
                /// A frame that was read, but has no place in the state: say so.
                Refused(#ty),
            });
        }
        if self.malformed() {
            variants.extend(quote! {
                /// A frame whose content breaks a rule; the session goes on behind it: say so.
                Malformed(super::#rt::violation::Violation),
            });
        }
        if !self.machine.layers.is_empty() {
            variants.extend(quote! {
                /// The connection is to be handed to another layer now.
                Upgrade(super::Upgrade),
            });
        }
        quote! {
            /// What the peer did.
            #[derive(Clone, Copy, Debug)]
            pub enum Event #generics {
                #variants
            }
        }
    }

    fn message(&self) -> TokenStream {
        let generics = generics(self.message_borrows(), &quote!('m));
        let mut variants = TokenStream::new();
        let mut froms = TokenStream::new();
        for (_, framer) in self.outbound() {
            let of = self.context.ir.ty(framer.ty);
            let (name, borrows) = (names::ty(&of.name), of.borrows);
            if let Shape::Stream(extent) = framer.shape {
                variants.extend(match extent {
                    StreamExtent::Via(_) => stream_variants(None, &of.docs, &of.name, &quote!('m)),
                    StreamExtent::Param { .. } | StreamExtent::ToEnd => {
                        part_variant(None, &of.docs, &of.name, &quote!('m))
                    }
                });
                continue;
            }
            let header = docs(&of.docs, &format!("The frame `{}`.", of.name));
            let ty = self.ty(framer.ty, &quote!('m));
            variants.extend(quote!(#header #name(#ty),));
            froms.extend(self.from(borrows, &ty, &quote!(Message::#name(frame))));
            froms.extend(self.alternatives(framer));
        }
        quote! {
            /// What this side may say.
            #[derive(Clone, Copy, Debug)]
            pub enum Message #generics {
                #variants
            }

            #froms
        }
    }

    /// Each alternative of a choice is a message by itself.
    fn alternatives(&self, framer: &Framer) -> TokenStream {
        let of = self.context.ir.ty(framer.ty);
        let TypeKind::Choice(choice) = &of.kind else { return TokenStream::new() };
        let name = names::ty(&of.name);
        let only = |id: TypeId| {
            self.outbound().filter(|(_, other)| self.frames(other).contains(&id)).count() == 1
        };
        let mut tokens = TokenStream::new();
        for alternative in &choice.alternatives {
            let id = TypeId::Frame(alternative.frame);
            if !only(id) {
                continue;
            }
            let ty = self.ty(id, &quote!('m));
            let borrows = self.context.ir.ty(id).borrows;
            tokens.extend(self.from(borrows, &ty, &quote!(Message::#name(frame.into()))));
        }
        tokens
    }

    /// A conversion of a frame into a message.
    fn from(&self, borrows: bool, ty: &TokenStream, value: &TokenStream) -> TokenStream {
        let here = generics(borrows, &quote!('m));
        let message = match borrows {
            true => quote!(<'m>),
            false => generics(self.message_borrows(), &quote!('_)),
        };
        quote! {
            impl #here ::core::convert::From<#ty> for Message #message {
                fn from(frame: #ty) -> Self {
                    #value
                }
            }
        }
    }

    fn receive(&self) -> TokenStream {
        let rt = self.context.rt;
        let module = names::module(&self.machine.roles[self.of.index()]);
        let mut arms = TokenStream::new();
        for (place, framer) in self.inbound() {
            let constant = &self.table.framers[place];
            let of = self.context.ir.ty(framer.ty);
            let name = names::ty(&of.name);
            if let Shape::Stream(extent) = framer.shape {
                let end = format_ident!("{}End", name);
                let masked = masked(extent).then(|| quote!(let data = self.engine.masked(data);));
                let end = (!matches!(extent, StreamExtent::ToEnd)).then(|| {
                    quote! {
                        #rt::engine::Found::End(framer::#constant, kind) => {
                            self.engine.end(kind, #module::Event::#end)
                        }
                    }
                });
                arms.extend(quote! {
                    #rt::engine::Found::Data(framer::#constant, data) => {
                        #masked
                        Ok(self.engine.piece(#module::Event::#name(data)))
                    }
                    #end
                });
                continue;
            }
            let read = self.read(framer, &quote!(#module));
            arms.extend(quote! {
                #rt::engine::Found::Frame(framer::#constant, bytes) => #read
            });
        }
        if self.malformed() {
            arms.extend(quote! {
                #rt::engine::Found::Overlong(violation) => {
                    Ok(self.engine.overlong(violation)?.map(#module::Event::Malformed))
                }
            });
        }
        for (layer, constant) in self.machine.layers.iter().zip(&self.table.layers) {
            let layer = names::ty(layer);
            arms.extend(quote! {
                #rt::engine::Found::Upgrade(layer::#constant) => {
                    Ok(self.engine.announce(#module::Event::Upgrade(Upgrade::#layer)))
                }
            });
        }
        quote! {
            match self.engine.begin(input)? {
                #arms
                found => Ok(found.no_event()),
            }
        }
    }

    /// The arm that decodes a frame of `framer` and makes an event of it.
    fn read(&self, framer: &Framer, module: &TokenStream) -> TokenStream {
        let rt = self.context.rt;
        let of = self.context.ir.ty(framer.ty);
        let (name, ty) = (names::ty(&of.name), self.context.ty(framer.ty, &quote!('a)));
        let frames: Vec<_> = self
            .frames(framer)
            .into_iter()
            .map(|id| names::ty(&self.context.ir.ty(id).name))
            .collect();
        let is_choice = matches!(of.kind, TypeKind::Choice(_));
        let refusable = self.refused() && framer.ty == self.spoken_to().ty;
        if !self.malformed() && refusable {
            let taken = match is_choice {
                true => quote!(#(#name::#frames(frame) => #module::Event::#frames(frame),)*),
                false => quote!(frame => #module::Event::#name(frame),),
            };
            return quote! {
                Ok(self.engine.read_or_refuse::<#ty>(bytes)?.map(|(frame, refused)| match frame {
                    frame if refused => #module::Event::Refused(frame),
                    #taken
                })),
            };
        }
        if !self.malformed() {
            return match is_choice {
                true => quote! {
                    Ok(self.engine.read_or_fail::<#ty>(bytes)?.map(|frame| match frame {
                        #(#name::#frames(frame) => #module::Event::#frames(frame),)*
                    })),
                },
                false => quote! {
                    Ok(self.engine.read_or_fail::<#ty>(bytes)?.map(#module::Event::#name)),
                },
            };
        }
        let accepted = quote!(#rt::engine::Read::Accepted);
        let refused = quote!(#rt::engine::Read::Refused);
        let taken = match (is_choice, refusable) {
            (true, true) => quote! {
                #(#accepted(#name::#frames(frame)) => #module::Event::#frames(frame),)*
            },
            (true, false) => quote! {
                #accepted(frame) | #refused(frame) => match frame {
                    #(#name::#frames(frame) => #module::Event::#frames(frame),)*
                },
            },
            (false, true) => quote!(#accepted(frame) => #module::Event::#name(frame),),
            (false, false) => quote! {
                #accepted(frame) | #refused(frame) => #module::Event::#name(frame),
            },
        };
        let refused = refusable.then(|| quote!(#refused(frame) => #module::Event::Refused(frame),));
        quote! {
            Ok(self.engine.read::<#ty>(bytes)?.map(|read| match read {
                #taken
                #refused
                #rt::engine::Read::Malformed(violation) => #module::Event::Malformed(violation),
            })),
        }
    }

    fn send(&self) -> TokenStream {
        let module = names::module(&self.machine.roles[self.of.index()]);
        let mut arms = TokenStream::new();
        for (place, framer) in self.outbound() {
            let constant = &self.table.framers[place];
            let name = names::ty(&self.context.ir.ty(framer.ty).name);
            arms.extend(match framer.shape {
                Shape::Stream(extent) => {
                    let end = format_ident!("{}End", name);
                    let end = matches!(extent, StreamExtent::Via(_)).then(|| {
                        quote! {
                            #module::Message::#end => {
                                self.engine.write_end(framer::#constant, out)
                            }
                        }
                    });
                    quote! {
                        #module::Message::#name(data) => {
                            self.engine.write_data(framer::#constant, data, out)
                        }
                        #end
                    }
                }
                _ => quote! {
                    #module::Message::#name(frame) => {
                        self.engine.write(framer::#constant, frame, out)
                    }
                },
            });
        }
        quote! {
            match message {
                #arms
            }
        }
    }
}

/// Whether a key lies over a payload.
fn masked(extent: StreamExtent) -> bool {
    matches!(extent, StreamExtent::Param { mask: Some(_), .. })
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
