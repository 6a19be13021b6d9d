//! The macros [`framer!`], by which a `.frame` description becomes Rust where it stands, and
//! [`Frame`](macro@Frame), by which a type of Rust becomes a frame.
//!
//! The compiler is `framer-dsl`; this crate only brings the text to it, and the mistakes to where
//! they were made.

#![forbid(unsafe_code)]

mod input;
mod located;
mod own;
mod rebuilt;

use std::io;
use std::path::{Path, PathBuf};

use framer_dsl::diagnostic::render;
use framer_dsl::fallback::{fallback, fallback_at};
use framer_dsl::source::Source;
use framer_dsl::{Options, Sources, compile};
use proc_macro2::{Span, TokenStream};
use quote::quote;

use input::{Description, Input};
use located::located;
use rebuilt::Rebuilt;

/// Compiles a description of a protocol to the types and machines that speak it.
///
/// The description is a file, its path relative to the `Cargo.toml` of the crate, or stands in
/// the macro itself:
///
/// ```ignore
/// framer!("protocols/smtp.frame");
///
/// framer! {
///     delimiter CRLF = "\r\n";
///     frame Line in until CRLF max 512 { text: utf8 to end }
/// }
/// ```
///
/// What it imports from other files is looked for beside its own file, or beside the `Cargo.toml` if
/// it stands in the macro; a change to any of them compiles the crate anew.
///
/// Each `protocol` becomes a module of its name in snake case. The generated code names the
/// runtime as `::framer_runtime`; where that crate has another name, it is said first:
///
/// ```ignore
/// framer!(crate = my_crate::framing, "protocols/smtp.frame");
/// framer! { crate = my_crate::framing; frame Line { text: utf8 [4] } }
/// ```
#[proc_macro]
pub fn framer(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let expanded = match Input::read(tokens.into()) {
        Ok(Input { options, description: Description::File(path, span) }) => {
            from_file(&options, &path, span)
        }
        Ok(Input { options, description: Description::Inline(tokens) }) => {
            from_tokens(&options, tokens)
        }
        Err(error) => error.into_compile_error(),
    };
    expanded.into()
}

/// Makes a struct or an enum a frame, which its attributes describe in the words of `.frame`.
///
/// ```ignore
/// #[derive(Frame)]
/// struct Block<'a> {
///     #[frame(before(b"\xff", size: u16 in ..=4096 = len(data)))]
///     kind: u8,
///     #[frame(bytes [size])]
///     data: &'a [u8],
/// }
/// ```
#[proc_macro_derive(Frame, attributes(frame))]
pub fn derive_frame(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    own::expand(tokens.into()).into()
}

/// The expansion of a description in a file.
fn from_file(options: &Options, path: &str, span: Span) -> TokenStream {
    let text = match read(Path::new(path)) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("cannot read `{path}` beside Cargo.toml: {error}");
            return fallback_at(&Sources::new(path, ""), &[(span, span, message)]);
        }
    };
    let sources = Sources::load(Source::new(path, text), read);
    let items = compile(&sources, options).unwrap_or_else(|diagnostics| {
        let mistakes = render(&sources, &diagnostics, false);
        fallback(&sources, &format!("`{path}` is not right\n\n{mistakes}"))
    });
    let tracked = tracked(sources.iter());
    quote!(#tracked #items)
}

/// The expansion of a description inside the macro.
fn from_tokens(options: &Options, tokens: TokenStream) -> TokenStream {
    let rebuilt = Rebuilt::new(tokens);
    let source = Source::new(rebuilt.path(), rebuilt.text()).based_at("");
    let sources = Sources::load(source, read);
    let items = compile(&sources, options).unwrap_or_else(|diagnostics| {
        let mut errors: Vec<_> =
            diagnostics.iter().map(|one| located(&rebuilt, &sources, one)).collect();
        errors.dedup_by(|one, other| one.2 == other.2);
        fallback_at(&sources, &errors)
    });
    let tracked = tracked(sources.iter().skip(1));
    quote!(#tracked #items)
}

/// A path that is relative to the `Cargo.toml` of the crate at hand.
fn in_crate(path: &Path) -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from).join(path)
}

fn read(path: &Path) -> io::Result<String> {
    std::fs::read_to_string(in_crate(path))
}

/// What makes rustc compile the crate anew when one of the texts changes.
fn tracked<'s>(sources: impl Iterator<Item = &'s Source>) -> TokenStream {
    let files = sources.map(|source| in_crate(source.path()).display().to_string());
    quote!(#(const _: &[u8] = ::core::include_bytes!(#files);)*)
}
