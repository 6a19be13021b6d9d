//! `#[derive(Frame)]`: a type of the user's own, described by its attributes.

mod attributes;
mod holds;
mod text;

use framer_dsl::own::Own;
use framer_dsl::{Options, Sources, derive};
use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Data, DeriveInput, Error, GenericParam, Result};

use crate::located::located;
use attributes::Attributes;
use text::Text;

/// The implementations for a type, or what is wrong with it.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(tokens) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let errors = match described(&input) {
        Ok(implementations) => return implementations,
        Err(errors) => errors,
    };
    let errors = errors.iter().map(Error::to_compile_error);
    let fallback = fallback(&input);
    quote!(#(#errors)* #fallback)
}

fn described(input: &DeriveInput) -> std::result::Result<TokenStream, Vec<Error>> {
    let borrows = borrows(input).map_err(|error| vec![error])?;
    let attributes = Attributes::read(&input.attrs).map_err(|error| vec![error])?;
    let mut text = Text::at(input.ident.span());
    match &input.data {
        Data::Struct(data) => text.of_struct(&input.ident, &data.fields, &attributes),
        Data::Enum(data) => text.of_enum(&input.ident, data, &attributes),
        Data::Union(data) => {
            let message = "a union does not say which of its fields is there";
            return Err(vec![Error::new(data.union_token.span, message)]);
        }
    }
    if !text.errors.is_empty() {
        return Err(text.errors);
    }
    let sources = Sources::new(text.rebuilt.path(), text.rebuilt.text());
    let external = |name: &str, place| text.external(name, text.rebuilt.tokens_at(place).0);
    let own = Own { borrows, bodies: text.bodies.clone(), external: &external };
    derive(&sources, &own, &options(&attributes)).map_err(|diagnostics| {
        let mut errors: Vec<_> =
            diagnostics.iter().map(|one| located(&text.rebuilt, &sources, one)).collect();
        errors.dedup_by(|one, other| one.2 == other.2);
        let spanned = |(start, end, message): (_, _, String)| {
            Error::new_spanned(Between(start, end), message)
        };
        errors.into_iter().map(spanned).collect()
    })
}

/// The place from a token to another, as what an error is reported of.
struct Between(proc_macro2::Span, proc_macro2::Span);

impl quote::ToTokens for Between {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (start, end) = (self.0, self.1);
        tokens.extend(quote::quote_spanned!(start=> _));
        tokens.extend(quote::quote_spanned!(end=> _));
    }
}

/// Whether the type has a lifetime; it can have no other parameter.
fn borrows(input: &DeriveInput) -> Result<bool> {
    let mut lifetimes = 0;
    for parameter in &input.generics.params {
        match parameter {
            GenericParam::Lifetime(_) if lifetimes == 0 => lifetimes += 1,
            GenericParam::Lifetime(_) => {
                let message = "a frame borrows from one input, for one lifetime";
                return Err(Error::new_spanned(parameter, message));
            }
            _ => {
                let message = "what is on the wire is known, so a frame has no such parameter";
                return Err(Error::new_spanned(parameter, message));
            }
        }
    }
    Ok(lifetimes == 1)
}

fn options(attributes: &Attributes) -> Options {
    match &attributes.runtime {
        Some(path) => Options { runtime: path.to_token_stream(), ..Options::default() },
        None => Options::default(),
    }
}

/// Implementations that do nothing, so that what uses the type is not reported as well.
fn fallback(input: &DeriveInput) -> TokenStream {
    let Ok(borrows) = borrows(input) else { return TokenStream::new() };
    let attributes = Attributes::read(&input.attrs).unwrap_or_default();
    let rt = options(&attributes).runtime;
    let name = &input.ident;
    let title = name.to_string();
    let (here, any) = if borrows { (quote!(<'a>), quote!(<'_>)) } else { Default::default() };
    quote! {
        impl #rt::frame::Decode for #name #any {
            type View<'a> = #name #here;
            const NAME: &'static str = #title;
            const ENDS: bool = true;

            fn read<'a, const AGAIN_: bool>(
                _: &mut #rt::read::Reader<'a, AGAIN_>,
            ) -> #rt::frame::Decoded<Self::View<'a>> {
                ::core::panic!("its description is wrong")
            }
        }

        impl #rt::frame::Frame for #name #any {
            fn write(&self, _: &mut #rt::write::Writer<'_>) -> #rt::frame::Encoded {
                ::core::panic!("its description is wrong")
            }
        }
    }
}
