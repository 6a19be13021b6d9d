//! `framer expand`: the Rust that a description becomes.

use std::io::Write as _;
use std::path::PathBuf;

use framer_dsl::Options;
use framer_dsl::diagnostic::Severity;
use quote::ToTokens as _;

use crate::Outcome;
use crate::description;
use crate::error::Error;
use crate::findings::{Checked, Format, report};

/// Show the Rust that a description becomes
#[derive(Debug, clap::Args)]
pub(crate) struct Expand {
    /// The description; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where the Rust goes, instead of to the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The path of the runtime crate in the Rust
    #[arg(long, value_name = "PATH", default_value = "::framer_runtime", value_parser = rust_path)]
    runtime: String,
}

/// A path of Rust.
fn rust_path(text: &str) -> Result<String, syn::Error> {
    syn::parse_str::<syn::Path>(text).map(|_| text.to_owned())
}

impl Expand {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let sources = description::read(&self.file)?;
        let runtime: syn::Path = syn::parse_str(&self.runtime)?;
        let options = Options { runtime: runtime.into_token_stream(), ..Options::default() };
        let tokens = match framer_dsl::compile(&sources, &options) {
            Ok(tokens) => tokens,
            Err(diagnostics) => {
                return report(&[Checked { sources, diagnostics }], Format::Human, Severity::Error);
            }
        };
        let code = prettyplease::unparse(&syn::parse2(tokens)?);
        match &self.output {
            Some(path) => std::fs::write(path, code)
                .map_err(|error| Error::Write { path: path.display().to_string(), error })?,
            None => std::io::stdout().lock().write_all(code.as_bytes())?,
        }
        Ok(Outcome::Clean)
    }
}
