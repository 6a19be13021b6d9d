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

fn ident(name: &str) -> Ident {
    let plain = Ident::new_raw("x", Span::call_site());
    match syn::parse_str::<Ident>(name) {
        Ok(ident) => ident,
        // A keyword of Rust; four of them cannot be raw.
        Err(_) if matches!(name, "self" | "Self" | "super" | "crate" | "_") => {
            Ident::new(&format!("{}_", name.trim_matches('_')), Span::call_site())
        }
        Err(_) if name.is_empty() => plain,
        Err(_) => Ident::new_raw(name, Span::call_site()),
    }
}
