//! framer in build scripts: a `.frame` description becomes a file of Rust.
//!
//! In `build.rs`:
//!
//! ```no_run
//! framer_build::compile("protocols/smtp.frame");
//! ```
//!
//! and where the module is wanted:
//!
//! ```ignore
//! include!(concat!(env!("OUT_DIR"), "/smtp.rs"));
//! ```
//!
//! Unlike what the macro `framer!` expands to, the code can be read and stepped through as a file.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use framer_dsl::diagnostic::{Diagnostic, render};
use framer_dsl::source::Source;
use framer_dsl::{Options, Sources};
use quote::ToTokens as _;

/// Compiles the description at `path`, relative to the `Cargo.toml` of the crate, to
/// `$OUT_DIR/<stem>.rs`.
///
/// When that is not possible it writes what is wrong to the standard error and ends the build
/// script with status 1.
pub fn compile(path: impl AsRef<Path>) {
    Builder::new().compile(path);
}

/// How descriptions are compiled, where the defaults do not fit.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    runtime: Option<String>,
    out_dir: Option<PathBuf>,
    texts: Vec<(PathBuf, String)>,
    deny_warnings: bool,
}

impl Builder {
    /// The defaults: the runtime is `::framer_runtime`, the file goes to `$OUT_DIR`.
    #[must_use]
    pub fn new() -> Builder {
        Builder::default()
    }

    /// The path under which the generated code finds the runtime, such as `crate::framing`.
    #[must_use]
    pub fn runtime(mut self, path: impl Into<String>) -> Builder {
        self.runtime = Some(path.into());
        self
    }

    /// Where the generated files go.
    #[must_use]
    pub fn out_dir(mut self, path: impl Into<PathBuf>) -> Builder {
        self.out_dir = Some(path.into());
        self
    }

    /// What an import of `path` means where no such file is: a description that comes with a crate,
    /// such as those of `framer_protocols::texts`.
    ///
    /// ```no_run
    /// # let text = "";
    /// let framers = framer_build::Builder::new().text("framers.frame", text);
    /// framers.compile("protocols/own.frame");
    /// ```
    #[must_use]
    pub fn text(mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> Builder {
        self.texts.push((path.into(), text.into()));
        self
    }

    /// A description with warnings is not compiled. Otherwise cargo prints them.
    #[must_use]
    pub fn deny_warnings(mut self) -> Builder {
        self.deny_warnings = true;
        self
    }

    /// As the function [`compile`].
    pub fn compile(&self, path: impl AsRef<Path>) {
        if let Err(error) = self.try_compile(path) {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }

    /// Compiles the description at `path`; the path of the file it became.
    ///
    /// # Errors
    ///
    /// When the description is not right, or a file cannot be read or written.
    pub fn try_compile(&self, path: impl AsRef<Path>) -> Result<PathBuf, Error> {
        let path = path.as_ref();
        // It is told even if it is not there, so that cargo tries again when it is.
        println!("cargo::rerun-if-changed={}", path.display());
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::Read { path: path.to_owned(), error })?;
        let sources = Sources::load(Source::new(path, text), |path| self.read(path));
        let code = generate(&sources, &self.options()?)?;
        for warning in framer_dsl::diagnose(&sources) {
            println!("cargo::warning={}", line(&sources, &warning));
        }
        let out_dir = match &self.out_dir {
            Some(out_dir) => out_dir.clone(),
            None => std::env::var_os("OUT_DIR").map(PathBuf::from).ok_or(Error::NoOutDir)?,
        };
        let mut name = path.file_stem().map_or_else(OsString::new, OsString::from);
        name.push(".rs");
        let file = out_dir.join(name);
        match std::fs::write(&file, code) {
            Ok(()) => Ok(file),
            Err(error) => Err(Error::Write { path: file, error }),
        }
    }

    /// What is imported: a file, or a text in its place.
    fn read(&self, path: &Path) -> io::Result<String> {
        let file = std::fs::read_to_string(path);
        let missing = matches!(&file, Err(error) if error.kind() == io::ErrorKind::NotFound);
        let text = self.texts.iter().find(|(known, _)| missing && path.ends_with(known));
        if let Some((_, text)) = text {
            return Ok(text.clone());
        }
        println!("cargo::rerun-if-changed={}", path.display());
        file
    }

    fn options(&self) -> Result<Options, Error> {
        let deny_warnings = self.deny_warnings;
        let Some(runtime) = &self.runtime else {
            return Ok(Options { deny_warnings, ..Options::default() });
        };
        match syn::parse_str::<syn::Path>(runtime) {
            Ok(path) => Ok(Options { runtime: path.into_token_stream(), deny_warnings }),
            Err(_) => Err(Error::Runtime { path: runtime.clone() }),
        }
    }
}

/// A warning in one line, which is what cargo prints.
fn line(sources: &Sources, warning: &Diagnostic) -> String {
    let span = warning.primary.span;
    let source = sources.source(span.source);
    let (code, message) = (warning.code.as_str(), &warning.message);
    format!("{}:{}: [{code}] {message}", source.path().display(), source.line(span.start))
}

/// The formatted Rust of a description.
fn generate(sources: &Sources, options: &Options) -> Result<String, Error> {
    let wrong = |diagnostics: Vec<Diagnostic>| Error::Description {
        rendered: render(sources, &diagnostics, false),
        diagnostics,
    };
    let tokens = framer_dsl::compile(sources, options).map_err(wrong)?;
    let file = syn::parse2(tokens).map_err(Error::Generated)?;
    Ok(prettyplease::unparse(&file))
}

/// Why a description was not compiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The description is not right.
    #[error("{rendered}")]
    Description {
        /// What is wrong, one by one.
        diagnostics: Vec<Diagnostic>,
        /// The same with excerpts of the description, to be read.
        rendered: String,
    },
    /// The description cannot be read.
    #[error("cannot read `{}`: {error}", path.display())]
    Read {
        /// The description.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The generated file cannot be written.
    #[error("cannot write `{}`: {error}", path.display())]
    Write {
        /// The generated file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No directory was named, and cargo is not running this as a build script.
    #[error("`OUT_DIR` is not set: this is no build script, and `Builder::out_dir` names none")]
    NoOutDir,
    /// The path of the runtime is no path of Rust.
    #[error("`{path}` is no path of Rust")]
    Runtime {
        /// What was given.
        path: String,
    },
    /// The generated code is no Rust, which is a mistake in framer.
    #[error("framer generated what is no Rust: {0}")]
    Generated(syn::Error),
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use framer_dsl::Sources;

    use super::{Builder, Error, line};

    /// A directory of its own for the test of this name.
    fn directory(name: &str) -> PathBuf {
        let directory = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("the directory can be made");
        directory
    }

    #[test]
    fn a_right_description_becomes_a_file() {
        let out_dir = directory("framer-build-right");
        let source = out_dir.join("line.frame");
        std::fs::write(&source, "delimiter CRLF = \"\\r\\n\";\n").expect("the file is written");
        let file = Builder::new().out_dir(&out_dir).try_compile(&source).expect("it is right");
        assert_eq!(file, out_dir.join("line.rs"));
        assert!(file.exists());
        std::fs::remove_dir_all(out_dir).expect("the directory can be removed");
    }

    #[test]
    fn warnings_are_told_and_can_be_denied() {
        let out_dir = directory("framer-build-warnings");
        let source = out_dir.join("line.frame");
        std::fs::write(&source, "\nclass digit = '0'..='9';\n").expect("the file is written");
        let builder = Builder::new().out_dir(&out_dir);
        assert!(builder.try_compile(&source).is_ok());
        let sources = Sources::open(&source).expect("it can be read");
        let warnings = framer_dsl::diagnose(&sources);
        let told: Vec<String> = warnings.iter().map(|one| line(&sources, one)).collect();
        let expected = "line.frame:2: [F0401] nothing uses `digit`, which is a class";
        assert!(told.len() == 1 && told[0].ends_with(expected), "{told:?}");
        let error = builder.deny_warnings().try_compile(&source).expect_err("they are denied");
        assert!(error.to_string().starts_with("warning[F0401]"), "{error}");
        std::fs::remove_dir_all(out_dir).expect("the directory can be removed");
    }

    #[test]
    fn a_wrong_one_is_told_with_its_place() {
        let out_dir = directory("framer-build-wrong");
        let source = out_dir.join("line.frame");
        std::fs::write(&source, "frame Line { text utf8 }\n").expect("the file is written");
        let error = Builder::new().out_dir(&out_dir).try_compile(&source).expect_err("is wrong");
        assert!(error.to_string().contains("line.frame:1:19"), "{error}");
        let builder = Builder::new().out_dir(&out_dir);
        let error = builder.clone().runtime("1x").try_compile(&source);
        assert!(matches!(error, Err(Error::Runtime { .. })));
        let error = builder.try_compile(out_dir.join("none.frame"));
        assert!(matches!(error, Err(Error::Read { .. })));
        std::fs::remove_dir_all(out_dir).expect("the directory can be removed");
    }

    #[test]
    fn what_it_imports_is_a_file_or_a_text() {
        let out_dir = directory("framer-build-imports");
        let write = |name: &str, text: &str| {
            std::fs::write(out_dir.join(name), text).expect("the file is written");
        };
        let own = "import \"words.frame\" { Word }; frame Two { first: Word, second: Word }";
        write("own.frame", own);
        let text = "frame Word { size: u8 = len(text), text: ascii [size] }";
        let builder = Builder::new().out_dir(&out_dir);
        let path = out_dir.join("own.frame");
        let error = builder.try_compile(&path).expect_err("nothing to import from");
        assert!(error.to_string().contains("there is no file"), "{error}");
        let with_text = builder.clone().text("words.frame", text);
        let from_text = std::fs::read_to_string(with_text.try_compile(&path).expect("it is right"));
        write("words.frame", text);
        let from_file = std::fs::read_to_string(builder.try_compile(&path).expect("it is right"));
        let code = from_file.expect("it was written");
        assert_eq!(from_text.expect("it was written"), code);
        assert!(code.contains("pub struct Word"));
        // A file goes before a text.
        write("words.frame", "frame Word { kind: u16 }");
        let code = std::fs::read_to_string(with_text.try_compile(&path).expect("it is right"));
        assert!(code.expect("it was written").contains("kind: u16"));
        std::fs::remove_dir_all(out_dir).expect("the directory can be removed");
    }
}
