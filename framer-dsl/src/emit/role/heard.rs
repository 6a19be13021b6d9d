//! What a side hears: its events, and how they are read.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Side, part_variant, stream_variants};
use crate::emit::{docs, generics};
use crate::ir::{Framer, Shape, StreamExtent, TypeId, TypeKind};
use crate::names;

impl Side<'_> {
    pub(super) fn event(&self) -> TokenStream {
        let rt = self.context.rt;
        let generics = generics(self.event_borrows(), &quote!('a));
        let mut variants: Vec<TokenStream> = Vec::new();
        let mut known: Vec<TypeId> = Vec::new();
        for (_, framer) in self.inbound() {
            let of = self.context.ir.ty(framer.ty);
            if let Shape::Stream(extent) = framer.shape {
                let outer = masked(extent).then(|| quote!(super::#rt));
                variants.push(match extent {
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
                variants.push(quote!(#header #name(#ty),));
            }
        }
        if self.refused() {
            let ty = self.ty(self.spoken_to().ty, &quote!('a));
            variants.push(quote! {
                /// A frame that was read, but has no place in the state: say so.
                Refused(#ty),
            });
        }
        if self.malformed() {
            variants.push(quote! {
                /// A frame whose content breaks a rule; the session goes on behind it: say so.
                Malformed(super::#rt::violation::Violation),
            });
        }
        if !self.machine.layers.is_empty() {
            variants.push(quote! {
                /// The connection is to be handed to another layer now.
                Upgrade(super::Upgrade),
            });
        }
        // Which of them it is takes a whole word: an event is copied right where it was written, which
        // waits for what was written in parts and is read as a whole.
        let word = (variants.len() > 1).then(|| quote!(#[repr(usize)]));
        quote! {
            /// What the peer did.
            #[derive(Clone, Copy, Debug)]
            #word
            pub enum Event #generics {
                #(#variants)*
            }
        }
    }

    pub(super) fn receive(&self) -> TokenStream {
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
                            self.engine.end(kind, || #module::Event::#end)
                        }
                    }
                });
                arms.extend(quote! {
                    #rt::engine::Found::Data(framer::#constant, data) => {
                        #masked
                        Ok(self.engine.piece(|| #module::Event::#name(data)))
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
                #rt::engine::Found::Overlong => {
                    self.engine.overlong(Some(#module::Event::Malformed))
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
        let of = self.context.ir.ty(framer.ty);
        let (name, ty) = (names::ty(&of.name), self.context.ty(framer.ty, &quote!('a)));
        let frames: Vec<_> = self
            .frames(framer)
            .into_iter()
            .map(|id| names::ty(&self.context.ir.ty(id).name))
            .collect();
        let refusable = self.refused() && framer.ty == self.spoken_to().ty;
        let event = match of.kind {
            TypeKind::Choice(_) => quote! {
                match frame { #(#name::#frames(frame) => #module::Event::#frames(frame),)* }
            },
            _ => quote!(#module::Event::#name(frame)),
        };
        let event = match refusable {
            true => quote! {
                |frame, refused| if refused { #module::Event::Refused(frame) } else { #event }
            },
            false => quote!(|frame, _| #event),
        };
        let malformed = match self.malformed() {
            true => quote!(Some(#module::Event::Malformed)),
            false => quote!(None),
        };
        quote!(self.engine.read::<#ty, _>(bytes, #event, #malformed),)
    }
}

/// Whether a key lies over a payload.
fn masked(extent: StreamExtent) -> bool {
    matches!(extent, StreamExtent::Param { mask: Some(_), .. })
}
