//! Choices of values.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{Context, docs};
use crate::ir::{Type, Values};
use crate::names;

pub(super) fn emit(context: &Context<'_>, ty: &Type, values: &Values) -> TokenStream {
    let rt = context.rt;
    let header = docs(&ty.docs, &format!("The choice `{}`.", ty.name));
    let name = names::ty(&ty.name);
    let title = &ty.name;
    let variants = values.values.iter().map(|value| {
        let text = String::from_utf8_lossy(&value.literal.bytes);
        let header = docs(&value.docs, &format!("`{text}`"));
        let variant = names::ty(&value.name);
        quote!(#header #variant,)
    });
    let reads = values.values.iter().map(|value| {
        let variant = names::ty(&value.name);
        let bytes = Literal::byte_string(&value.literal.bytes);
        let len = value.literal.bytes.len();
        let (nocase, word) = (value.literal.nocase, value.literal.word);
        quote! {
            if reader.starts(#bytes, #nocase, #word) {
                reader.skip(#len);
                return Ok(#name::#variant);
            }
        }
    });
    let writes = values.values.iter().map(|value| {
        let variant = names::ty(&value.name);
        let text = String::from_utf8_lossy(&value.literal.bytes).into_owned();
        quote!(#name::#variant => #text,)
    });
    quote! {
        #header
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum #name {
            #(#variants)*
        }

        impl #rt::frame::Decode for #name {
            type View<'a> = #name;
            const NAME: &'static str = #title;

            fn read<'a>(
                reader: &mut #rt::read::Reader<'a>,
            ) -> #rt::frame::Decoded<Self::View<'a>> {
                #(#reads)*
                Err(reader.fail(#rt::violation::Rule::Choice))
            }
        }

        impl #rt::frame::Frame for #name {
            fn write(
                &self,
                writer: &mut #rt::write::Writer<'_>,
            ) -> #rt::frame::Encoded {
                writer.literal(match self {
                    #(#writes)*
                });
                Ok(())
            }
        }
    }
}
