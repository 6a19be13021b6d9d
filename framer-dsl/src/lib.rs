//! The compiler of framer: from the text of a `.frame` description to Rust tokens.
//!
//! The stages, in order, each one verb with one input and one output:
//!
//! | stage | from | to |
//! |---|---|---|
//! | `source` | a file | text with places |
//! | `parse` | text | `syntax`: a tree without meaning |
//! | `resolve` | the tree | `model`: ids instead of names |
//! | `check` | the model | the same, judged |
//! | `lower` | the checked model | `ir`: what is emitted |
//! | `emit` | the IR | Rust tokens |

mod check;
pub mod diagnostic;
mod emit;
pub mod fallback;
mod ir;
mod lower;
mod model;
mod names;
mod parse;
mod resolve;
pub mod source;
#[expect(dead_code, reason = "the tree holds all that was written, compiled yet or not")]
#[expect(clippy::large_enum_variant, reason = "the tree is read once")]
mod syntax;

use diagnostic::Diagnostic;
use proc_macro2::TokenStream;
use source::{Source, SourceId};

/// What the generated code depends on.
pub struct Options {
    /// The path of the runtime crate, as the generated code names it.
    pub runtime: syn::Path,
}

impl Default for Options {
    fn default() -> Options {
        Options { runtime: syn::parse_quote!(::framer_runtime) }
    }
}

/// Compiles a description to the items of Rust that it stands for.
///
/// # Errors
///
/// Everything that is wrong with the description.
pub fn compile(source: &Source, options: &Options) -> Result<TokenStream, Vec<Diagnostic>> {
    let (file, diagnostics) = parse::parse(source.text(), SourceId(0));
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let model = resolve::resolve(&file)?;
    check::check(&model)?;
    let ir = lower::lower(&model);
    Ok(emit::emit(&ir, &options.runtime))
}
