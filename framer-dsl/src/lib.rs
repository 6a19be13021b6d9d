//! The compiler of framer: from the text of a `.frame` description to Rust tokens.
//!
//! The stages, in order, each one verb with one input and one output:
//!
//! | stage | from | to |
//! |---|---|---|
//! | `source` | a file | text with places |
//! | `parse` | text | `syntax`: a tree without meaning |
//! | `sources` | a description | its tree, and those of what it imports |
//! | `join` | these trees | one: its items, and what it needs of the others |
//! | `resolve` | the tree | `model`: ids instead of names |
//! | `check` | the model | the same, judged |
//! | `lower` | the checked model | `ir`: what is emitted |
//! | `prove` | the IR | the same, judged in every order of messages |
//! | `warn` | all of it | what its author may want to know |
//! | `emit` | the IR | Rust tokens |

#![forbid(unsafe_code)]

mod check;
mod cycles;
pub mod diagnostic;
mod emit;
pub mod fallback;
mod format;
/// What the other engines and tools of framer are made of; it changes with every version.
#[doc(hidden)]
pub mod ir;
mod join;
mod lower;
#[expect(missing_docs, reason = "the fields are named with the words of the language reference")]
mod model;
mod names;
mod nearest;
pub mod own;
mod parse;
mod prove;
mod resolve;
pub mod source;
mod sources;
#[expect(dead_code, reason = "the tree holds all that was written, compiled yet or not")]
#[expect(clippy::large_enum_variant, reason = "the tree is read once")]
#[expect(missing_docs, reason = "the fields are named with the words of the language reference")]
mod syntax;
mod warn;

use diagnostic::{Code, Diagnostic, Severity};
pub use format::format;
use ir::Ir;
use own::Own;
use proc_macro2::TokenStream;
use quote::quote;
pub use sources::{MAX_SOURCES, Sources};
use syntax::{Allow, File, Item};

/// What the generated code depends on.
pub struct Options {
    /// The path of the runtime crate, as the generated code names it: tokens that are a path of
    /// Rust.
    pub runtime: TokenStream,
    /// Whether a description with warnings is not compiled.
    pub deny_warnings: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { runtime: quote!(::framer_runtime), deny_warnings: false }
    }
}

/// Compiles a description to the items of Rust that it stands for.
///
/// # Errors
///
/// Everything that is wrong with the description; warnings, too, if the options deny them.
pub fn compile(sources: &Sources, options: &Options) -> Result<TokenStream, Vec<Diagnostic>> {
    let Judged { ir, warnings } = judge(sources)?;
    if options.deny_warnings && !warnings.is_empty() {
        return Err(warnings);
    }
    Ok(emit::emit(&ir, &options.runtime))
}

/// What there is to say of a description: everything that is wrong with it, or, if nothing is,
/// what its author may want to know.
///
/// [`Code::severity`] tells the one from the other.
///
/// ```
/// use framer_dsl::diagnostic::{Code, Severity};
/// use framer_dsl::{Sources, diagnose};
///
/// let found = diagnose(&Sources::new("a.frame", "class digit = '0'..='9';"));
/// assert_eq!(found[0].code, Code::Unused);
/// assert_eq!(found[0].code.severity(), Severity::Warning);
/// ```
#[must_use]
pub fn diagnose(sources: &Sources) -> Vec<Diagnostic> {
    judge(sources).map_or_else(|errors| errors, |judged| judged.warnings)
}

/// What a description means, checked: what every engine and tool begins with.
///
/// # Errors
/// Everything that is wrong with the description.
#[doc(hidden)]
pub fn analyze(sources: &Sources) -> Result<Ir, Vec<Diagnostic>> {
    judge(sources).map(|judged| judged.ir)
}

/// A description that is right.
struct Judged {
    ir: Ir,
    warnings: Vec<Diagnostic>,
}

/// All stages but the last.
fn judge(sources: &Sources) -> Result<Judged, Vec<Diagnostic>> {
    let files = sources.files()?;
    let model = resolve::resolve(&join::join(&files)?)?;
    check::check(&model)?;
    let ir = lower::lower(&model);
    let mut found = prove::prove(&model, &ir);
    warn::warn(&model, &ir, &mut found);
    let allows: Vec<&Allow> = files.iter().flat_map(|file| &file.allows).collect();
    let found = warn::not_allowed(found, &allows);
    let (errors, warnings): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|found| found.code.severity() == Severity::Error);
    if errors.is_empty() { Ok(Judged { ir, warnings }) } else { Err(errors) }
}

/// Compiles the description of one type to the implementations for a type of the user's own: its
/// last item is the frame or choice, and what stands before it are delimiters, classes, checksums
/// and transforms.
///
/// # Errors
/// Everything that is wrong with the description, or does not fit the type.
pub fn derive(
    sources: &Sources,
    own: &Own<'_>,
    options: &Options,
) -> Result<TokenStream, Vec<Diagnostic>> {
    let file = sources.files()?[0];
    only_small_items(file)?;
    let model = resolve::resolve_own(file)?;
    check::check(&model)?;
    check::check_own(&model, own)?;
    let ir = lower::lower_own(&model, own);
    let externals = model.externals.iter();
    let externals = externals.map(|of| (own.external)(&of.name, of.span)).collect();
    let bound = emit::Bound { bodies: &own.bodies, externals };
    Ok(emit::emit_own(&ir, &bound, &options.runtime))
}

/// A type of the user's own has none of a description beside it.
fn only_small_items(file: &File) -> Result<(), Vec<Diagnostic>> {
    let before = file.items.split_last().map_or(&[][..], |(_, before)| before);
    let others = before.iter().filter_map(|item| match item {
        Item::Delimiter(_) | Item::Class(_) | Item::Checksum(_) | Item::Transform(_) => None,
        Item::Frame(item) => Some(item.name.span),
        Item::Enum(item) => Some(item.name.span),
        Item::Bits(item) => Some(item.name.span),
        Item::Protocol(item) => Some(item.name.span),
        Item::Import(item) => Some(item.span),
    });
    let found: Vec<Diagnostic> = others
        .map(|span| {
            Diagnostic::new(
                Code::WrongSort,
                span,
                "only delimiters, classes, checksums and transforms stand here",
            )
            .help("a type of its own derives `Frame` itself")
        })
        .collect();
    if found.is_empty() { Ok(()) } else { Err(found) }
}
