//! What the type of a field says by itself.

use framer_dsl::own::Holds;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, GenericArgument, Lit, PathArguments, Type, TypePath};

/// The type of a field.
pub(crate) struct Held<'t> {
    pub(crate) optional: bool,
    pub(crate) holds: Holds,
    /// What an `Option` holds, or else the type.
    inner: &'t Type,
}

/// What stands on the wire for a type of which nothing else is said.
pub(crate) enum Implied {
    /// A type of the language.
    Built(String),
    /// A type of Rust: its name, and how Rust knows it.
    Named(String, TokenStream),
}

const INTEGERS: [&str; 8] = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"];

impl<'t> Held<'t> {
    /// Looks at a type.
    pub(crate) fn by(ty: &'t Type) -> Held<'t> {
        let ty = bare(ty);
        let option = match ty {
            Type::Path(path) => argument(path, "Option").map(bare),
            _ => None,
        };
        let inner = option.unwrap_or(ty);
        Held { optional: option.is_some(), holds: holds(inner), inner }
    }

    /// Where it is written.
    pub(crate) fn span(&self) -> Span {
        self.inner.span()
    }

    /// What it is on the wire, if its type says so by itself.
    pub(crate) fn implied(&self) -> Result<Implied, &'static str> {
        match &self.holds {
            Holds::Plain(name) if INTEGERS.contains(&name.as_str()) => match self.optional {
                false => Ok(Implied::Built(name.clone())),
                true => Err("say when it is there: `#[frame(u16 if more)]`"),
            },
            Holds::Plain(name) if name == "bool" => {
                Err("a flag is said by `#[frame(flag \"+\" | \"-\")]`, a bit by \
                     `#[frame(bits u8 { more: 1, rest: 7 })]`")
            }
            Holds::Plain(_) => Err("say it: `#[frame(u32)]`"),
            Holds::Array(Some(len)) if !self.optional => {
                Ok(Implied::Built(format!("bytes [{len}]")))
            }
            Holds::Array(_) | Holds::Reference(_) => {
                Err("say where it ends: `#[frame(bytes [size])]`, or `until`, `run` or `to end`")
            }
            Holds::Named(name)
                if ["String", "Vec", "List", "Cow", "Box"].contains(&name.as_str()) =>
            {
                Err("say where it ends: `#[frame(utf8 [size])]`, `#[frame([u16; count])]`, or \
                     `until`, `run` or `to end`")
            }
            Holds::Named(name) => match self.inner {
                Type::Path(path) => Ok(Implied::Named(name.clone(), callee(path))),
                _ => Err("only a type with a name is known on the wire"),
            },
        }
    }
}

/// The type without the groups in which a `macro_rules!` passes it on.
fn bare(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            ty => return ty,
        };
    }
}

fn holds(ty: &Type) -> Holds {
    match ty {
        Type::Reference(reference) => {
            Holds::Reference(reference.elem.to_token_stream().to_string().replace(' ', ""))
        }
        Type::Array(array) => match &array.len {
            Expr::Lit(ExprLit { lit: Lit::Int(len), .. }) => Holds::Array(len.base10_parse().ok()),
            _ => Holds::Array(None),
        },
        Type::Path(path) => {
            let name = path.path.segments.last().map(|last| last.ident.to_string());
            let name = name.unwrap_or_default();
            let plain = ["bool", "char", "f32", "f64", "usize", "isize", "u128", "i128"];
            match path.path.get_ident() {
                Some(_) if INTEGERS.contains(&name.as_str()) || plain.contains(&name.as_str()) => {
                    Holds::Plain(name)
                }
                _ => Holds::Named(name),
            }
        }
        other => Holds::Plain(other.to_token_stream().to_string()),
    }
}

/// The type that a type of this name is made with: `T` of `Option<T>`.
fn argument<'t>(path: &'t TypePath, name: &str) -> Option<&'t Type> {
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The type without its lifetimes, as functions of it are called.
fn callee(path: &TypePath) -> TokenStream {
    let leading = path.path.leading_colon;
    let segments = path.path.segments.iter().map(|segment| {
        let mut name = segment.ident.clone();
        name.set_span(here(name.span()));
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
            return quote!(#name);
        };
        let types: Vec<_> = arguments
            .args
            .iter()
            .filter(|argument| !matches!(argument, GenericArgument::Lifetime(_)))
            .collect();
        if types.is_empty() { quote!(#name) } else { quote!(#name::<#(#types),*>) }
    });
    quote!(#leading #(#segments)::*)
}

/// The place, as a part of what the macro expands to.
pub(crate) fn here(span: Span) -> Span {
    Span::call_site().located_at(span)
}
