//! How names of a description are spelt in Rust.

use proc_macro2::{Ident, Span};

/// A type.
pub(crate) fn ty(name: &str) -> Ident {
    ident(name)
}

/// A field, a variable or a function.
pub(crate) fn value(name: &str) -> Ident {
    ident(&snake(name))
}

/// What the generated functions call their own.
const LOCALS: [&str; 16] = [
    "all", "begin", "count", "element", "frame", "index", "last", "next", "opened", "outer",
    "outside", "reader", "rule", "ruler", "start", "text",
];

/// A field as a variable of a generated function, whose own are called otherwise.
pub(crate) fn local(name: &str) -> Ident {
    let plain = snake(name);
    match LOCALS.contains(&plain.as_str()) {
        true => ident(&format!("{plain}_")),
        false => ident(&plain),
    }
}

/// A module.
pub(crate) fn module(name: &str) -> Ident {
    ident(&snake(name))
}

/// A constant or static.
pub(crate) fn constant(name: &str) -> Ident {
    ident(&snake(name).to_uppercase())
}

/// A role as a type: `client` -> `Client`.
pub(crate) fn role(name: &str) -> Ident {
    let words = name.split('_').filter(|word| !word.is_empty());
    let camel: String = words
        .map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(chars).collect::<String>()
        })
        .collect();
    ident(&camel)
}

/// Words in lower case with `_` between: `DotStuffing` -> `dot_stuffing`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (place, c) in chars.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| chars.get(before));
        let after = chars.get(place + 1);
        let begins = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if begins {
            out.push('_');
        }
        if c.is_alphanumeric() || *c == '_' {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    out.trim_end_matches('_').to_owned()
}

/// The words that some edition of Rust up to 2024 does not take as a name (The Rust Reference,
/// "Keywords": strict and reserved ones), in order.
const KEYWORDS: [&str; 53] = [
    "Self", "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Whether a word cannot be a name as it is.
fn is_keyword(word: &str) -> bool {
    KEYWORDS.binary_search(&word).is_ok()
}

fn ident(name: &str) -> Ident {
    let here = Span::call_site();
    match name {
        "" => Ident::new_raw("x", here),
        // Five that cannot be raw.
        "self" | "Self" | "super" | "crate" | "_" => {
            Ident::new(&format!("{}_", name.trim_matches('_')), here)
        }
        keyword if is_keyword(keyword) => Ident::new_raw(keyword, here),
        name => Ident::new(name, here),
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Ident;

    use super::{KEYWORDS, ident, is_keyword};

    #[test]
    fn keywords_are_those_of_rust() {
        assert!(KEYWORDS.is_sorted());
        // syn takes a word of the newest edition as a name.
        for word in KEYWORDS.into_iter().filter(|word| *word != "gen") {
            assert!(syn::parse_str::<Ident>(word).is_err(), "{word}");
        }
        let weak = ["auto", "default", "macro_rules", "raw", "safe", "union"];
        assert!(!weak.into_iter().any(is_keyword));
    }

    #[test]
    fn keywords_become_names() {
        let names = ["type", "gen", "self", "_", "union", "", "größe"];
        let names = names.map(|name| ident(name).to_string());
        assert_eq!(names, ["r#type", "r#gen", "self_", "_", "union", "r#x", "größe"]);
    }
}
