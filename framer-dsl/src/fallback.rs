//! What a macro expands to when the description is wrong.
//!
//! The program that uses the description names its types. Were they missing, rustc would report
//! every use; so they are all there, as aliases of a type that is an error itself, which rustc
//! does not mention again.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::Sources;
use crate::names;
use crate::parse::{TokenKind, Tokens};

/// The items that stand for those of a wrong description: `message` is reported once, and
/// nothing of what uses them is.
#[must_use]
pub fn fallback(sources: &Sources, message: &str) -> TokenStream {
    fallback_at(sources, &[(Span::call_site(), Span::call_site(), message.to_owned())])
}

/// As [`fallback`], with several messages, each reported from the first to the second span.
#[must_use]
pub fn fallback_at(sources: &Sources, messages: &[(Span, Span, String)]) -> TokenStream {
    let names = Names::read(sources);
    let mut errors = messages.iter().map(compile_error);
    let first = errors.next().unwrap_or_else(|| quote!(::core::compile_error! {}));
    let rest: TokenStream = errors.map(|error| quote!(const _: () = #error;)).collect();
    let Some(any) = names.protocols.first().or(names.types.first().map(|(name, _)| name)) else {
        return quote!(const _: () = #first; #rest);
    };
    // The macro may stand twice in one module: a name of the description keeps them apart. The
    // alias is a projection out of a type with a broken length, since what `compile_error!`
    // leaves where a type is asked for is `()`, of which every use would be reported. It has a
    // lifetime, as structs that hold a borrowing type must find theirs used.
    let broken = format_ident!("__Broken{any}");
    let alias = quote! {
        #[doc(hidden)]
        pub(crate) type #broken<'a> =
            <[&'a (); #first] as ::core::iter::IntoIterator>::Item;
    };
    let mut items = TokenStream::new();
    for protocol in &names.protocols {
        let Some(module) = ident(&snake_case(&protocol.to_string())) else { continue };
        // Several share their types, which stand beside them.
        let types = (names.protocols.len() == 1).then(|| names.aliases(&broken, true));
        let machines = names.machines(&broken);
        let content = quote!(#types #machines);
        items.extend(quote! {
            #[allow(dead_code, missing_docs, non_camel_case_types)]
            pub mod #module { #content }
        });
    }
    if names.protocols.len() != 1 {
        items.extend(names.aliases(&broken, false));
    }
    quote! {
        #[allow(dead_code, non_camel_case_types)]
        #alias
        #items
        #rest
    }
}

fn compile_error((start, end, message): &(Span, Span, String)) -> TokenStream {
    // rustc underlines from the first token to the last.
    let content = quote_spanned!(*end=> { #message });
    quote_spanned!(*start=> ::core::compile_error! #content)
}

/// The names that a description gives to the program, as far as they can be told.
struct Names {
    protocols: Vec<Ident>,
    roles: Vec<Ident>,
    /// Frames, enums and bits; whether the type borrows from the input.
    types: Vec<(Ident, bool)>,
}

impl Names {
    /// Reads any texts, whether they can be parsed or not. Of those that are imported it takes the
    /// types.
    fn read(sources: &Sources) -> Names {
        let words: Vec<_> = sources.iter().map(|source| words(source.text())).collect();
        let mut names = Names { protocols: Vec::new(), roles: Vec::new(), types: Vec::new() };
        let mut declared = Vec::new();
        for (place, words) in words.iter().enumerate() {
            names.declared(words, place == 0, &mut declared);
        }
        names.add_types(&declared);
        names
    }

    /// Takes in what a text declares; `own`: its protocols, too.
    fn declared<'w, 't>(
        &mut self,
        words: &'w [Word<'t>],
        own: bool,
        declared: &mut Vec<(&'t str, &'w [Word<'t>])>,
    ) {
        for (index, pair) in words.windows(2).enumerate() {
            let [(_, word), (TokenKind::Name, name)] = pair else { continue };
            match *word {
                "frame" | "bits" => declared.push((*name, body(words, index))),
                "enum" => {
                    declared.push((*name, body(words, index)));
                    declared.extend(variants(body(words, index)));
                }
                "protocol" if own => add(&mut self.protocols, name),
                "roles" if own => {
                    let roles = words[index + 1..].iter().take_while(|(_, word)| *word != ";");
                    let roles = roles.filter(|(kind, _)| *kind == TokenKind::Name);
                    roles.for_each(|(_, role)| add(&mut self.roles, role));
                }
                _ => {}
            }
        }
    }

    /// Takes the types in, and finds those that borrow: they hold text, or a type that does.
    fn add_types(&mut self, declared: &[(&str, &[Word<'_>])]) {
        let mut borrowing: BTreeSet<&str> = ["bytes", "ascii", "utf8"].into();
        loop {
            let before = borrowing.len();
            for (name, body) in declared {
                let holds = |index: usize| {
                    // The bytes of a stream come in pieces and not in the frame.
                    let stream = index.checked_sub(3).is_some_and(|at| body[at].1 == "stream");
                    borrowing.contains(body[index].1) && !stream
                };
                if (0..body.len()).any(holds) {
                    borrowing.insert(name);
                }
            }
            if borrowing.len() == before {
                break;
            }
        }
        let mut seen = BTreeSet::new();
        for (name, _) in declared {
            if let Some(ident) = ident(name).filter(|_| seen.insert(*name)) {
                self.types.push((ident, borrowing.contains(name)));
            }
        }
    }

    /// The aliases of types, in a module that lies in the one that holds the broken type if
    /// `nested`.
    fn aliases(&self, broken: &Ident, nested: bool) -> TokenStream {
        let here = if nested { quote!(super) } else { quote!(self) };
        let types = self.types.iter().map(|(name, borrows)| match borrows {
            true => quote!(pub type #name<'a> = #here::#broken<'a>;),
            false => quote!(pub type #name = #here::#broken<'static>;),
        });
        quote!(#(#types)*)
    }

    /// The aliases of what a protocol is, in a module in the one that holds the broken type.
    fn machines(&self, broken: &Ident) -> TokenStream {
        let machines = self.roles.iter().map(|role| {
            let machine = format_ident!("{}", camel_case(&role.to_string()));
            quote! {
                pub type #machine = super::#broken<'static>;
                pub mod #role {
                    pub type Event<'a> = super::super::#broken<'a>;
                    pub type Message<'a> = super::super::#broken<'a>;
                }
            }
        });
        quote! {
            #(#machines)*
            pub type State = super::#broken<'static>;
            pub type Upgrade = super::#broken<'static>;
        }
    }
}

type Word<'t> = (TokenKind, &'t str);

/// The words of a text, without its documentation.
fn words(text: &str) -> Vec<Word<'_>> {
    let tokens = Tokens::read(text);
    let tokens = tokens.0.iter().filter(|token| token.kind != TokenKind::Doc);
    tokens.map(|token| (token.kind, &text[token.range()])).collect()
}

/// From `start` to the brace that closes the first one behind it.
fn body<'w, 't>(words: &'w [Word<'t>], start: usize) -> &'w [Word<'t>] {
    let words = &words[start..];
    let mut depth = 0_usize;
    for (index, (_, word)) in words.iter().enumerate() {
        match *word {
            "{" => depth += 1,
            "}" if depth <= 1 => return &words[..index],
            "}" => depth -= 1,
            _ => {}
        }
    }
    words
}

/// The variants in the body of an enum that declare a frame.
fn variants<'w, 't>(body_of_enum: &'w [Word<'t>]) -> Vec<(&'t str, &'w [Word<'t>])> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    for (index, (_, word)) in body_of_enum.iter().enumerate() {
        match *word {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            name if depth == 1 => {
                let next = |ahead: usize| body_of_enum.get(index + ahead).map(|(_, word)| *word);
                // `Read { ... }` or `Read = 3 { ... }`
                let opens = next(1) == Some("{") || next(1) == Some("=") && next(3) == Some("{");
                if opens && body_of_enum[index].0 == TokenKind::Name {
                    found.push((name, body(body_of_enum, index)));
                }
            }
            _ => {}
        }
    }
    found
}

fn add(names: &mut Vec<Ident>, name: &str) {
    names.extend(ident(name).filter(|ident| !names.contains(ident)));
}

/// The name as it is spelt in Rust, if it is one.
fn ident(name: &str) -> Option<Ident> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let named = name.starts_with(|first: char| plain(first) && !first.is_ascii_digit());
    (named && name != "_" && name.chars().all(plain)).then(|| names::ty(name))
}

/// `WebSocket` to `web_socket`
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// `key_server` to `KeyServer`
fn camel_case(name: &str) -> String {
    let parts = name.split('_').filter(|part| !part.is_empty());
    parts.map(|part| part[..1].to_ascii_uppercase() + &part[1..]).collect()
}

#[cfg(test)]
mod tests {
    use super::{Names, fallback, snake_case};
    use crate::Sources;

    #[test]
    fn names_are_found_in_broken_texts() {
        let text = "frame Path { \"<\", local: LocalPart
            enum C nocase { Mail { from: Path }, _ Reset }
            /// frame Docs {
            enum LocalPart { _ Dotted { text: utf8 [1] } }
            frame Content { stream body: bytes via D }
            protocol WebSocket over stream { roles client, key_server; \"frame No {";
        let sources = Sources::new("a.frame", text);
        let names = Names::read(&sources);
        let types: Vec<_> = names.types.iter().map(|(name, _)| name.to_string()).collect();
        assert_eq!(types, ["Path", "C", "Mail", "LocalPart", "Dotted", "Content"]);
        assert_eq!(names.roles.len(), 2);
        let tokens = fallback(&sources, "no").to_string();
        assert!(tokens.contains("pub mod web_socket") && tokens.contains("type KeyServer"));
        assert!(tokens.contains("type Mail < 'a >") && tokens.contains("type Content ="));
    }

    #[test]
    fn every_text_has_a_fallback() {
        for text in ["", "frame", "frame {", "enum crate {", "protocol Self", "roles ,,", "é"] {
            let tokens = fallback(&Sources::new("a.frame", text), "no");
            assert!(syn::parse2::<syn::File>(tokens).is_ok(), "{text}");
        }
        assert_eq!(snake_case("DotStuffing"), "dot_stuffing");
    }
}
