//! Types of the user's own, as far as their declarations in Rust say.

use proc_macro2::TokenStream;

use crate::source::Span;

/// A struct or an enum for which a description is compiled, instead of a type being declared.
pub struct Own<'o> {
    /// Whether it has a lifetime.
    pub borrows: bool,
    /// The fields of the struct, or of each variant of the enum, in order.
    pub bodies: Vec<Vec<Field>>,
    /// How Rust knows a type that the description names, there, and does not declare.
    pub external: &'o dyn Fn(&str, Span) -> TokenStream,
}

/// A field of a struct, or of a variant.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the description.
    pub name: String,
    /// Its name or its place in Rust.
    pub member: TokenStream,
    /// Whether it is an `Option`.
    pub optional: bool,
    /// What it holds; of an `Option`, what that holds.
    pub holds: Holds,
    /// Where its type is written.
    pub span: proc_macro2::Span,
}

/// What the type of a field is, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// `u16`, `bool` and the like.
    Plain(String),
    /// `&'a [u8]` or `&'a str`: what it refers to.
    Reference(String),
    /// `[u8; 4]`, where the number is a literal.
    Array(Option<u64>),
    /// Any other type, by the last name of its path: `String`, `Vec`, a type of the user's own.
    Named(String),
}

impl Holds {
    /// The type in Rust, for messages.
    #[must_use]
    pub(crate) fn show(&self) -> String {
        match self {
            Holds::Plain(name) | Holds::Named(name) => name.clone(),
            Holds::Reference(of) => format!("&{of}"),
            Holds::Array(Some(len)) => format!("[u8; {len}]"),
            Holds::Array(None) => "[u8; _]".to_owned(),
        }
    }
}
