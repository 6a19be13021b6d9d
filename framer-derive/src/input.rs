//! What stands between the parentheses of the macro.

use framer_dsl::Options;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::{Parse, ParseStream, Parser, Result};
use syn::{LitStr, Path, Token};

/// The arguments of the macro.
pub(crate) struct Input {
    pub(crate) options: Options,
    pub(crate) description: Description,
}

pub(crate) enum Description {
    /// The path of a file, and where it is written.
    File(String, Span),
    Inline(TokenStream),
}

impl Input {
    /// Reads the arguments.
    pub(crate) fn read(tokens: TokenStream) -> Result<Input> {
        Input::parse.parse2(tokens)
    }
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> Result<Input> {
        let mut options = Options::default();
        if input.peek(Token![crate]) {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            options.runtime = input.call(Path::parse_mod_style)?.into_token_stream();
            if input.peek(Token![,]) {
                input.parse::<Token![,]>()?;
            } else {
                input.parse::<Token![;]>()?;
            }
        }
        if input.peek(LitStr) {
            let path: LitStr = input.parse()?;
            input.parse::<Option<Token![,]>>()?;
            let description = Description::File(path.value(), path.span());
            return Ok(Input { options, description });
        }
        let tokens = input.step(|cursor| {
            let mut rest = *cursor;
            let mut tokens = Vec::<TokenTree>::new();
            while let Some((tree, next)) = rest.token_tree() {
                tokens.push(tree);
                rest = next;
            }
            Ok((tokens.into_iter().collect(), rest))
        })?;
        Ok(Input { options, description: Description::Inline(tokens) })
    }
}
