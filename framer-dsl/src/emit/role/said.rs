//! What a side says: its messages, and how they are written.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Side, part_variant, stream_variants};
use crate::emit::{docs, generics};
use crate::ir::{Framer, Shape, StreamExtent, TypeId, TypeKind};
use crate::names;

impl Side<'_> {
    pub(super) fn message(&self) -> TokenStream {
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

    pub(super) fn send(&self) -> TokenStream {
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
