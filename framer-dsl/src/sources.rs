//! The texts of one description: its own, and what it imports.
//!
//! Afterwards every text is parsed once, whichever ways lead to it, and every import that can be
//! followed knows which text it means.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::diagnostic::{Code, Diagnostic};
use crate::parse;
use crate::source::{Source, SourceId, Span};
use crate::syntax::{File, Import, Item};

/// How many texts one description may be made of.
pub const MAX_SOURCES: usize = 256;

/// The texts of one description: its own, and those that it imports.
///
/// ```
/// use framer_dsl::diagnostic::render;
/// use framer_dsl::{Options, Sources, compile};
///
/// let sources = Sources::new("ping.frame", "frame Ping { id: u166 }");
/// let mistakes = compile(&sources, &Options::default()).unwrap_err();
/// assert!(render(&sources, &mistakes, false).contains("ping.frame:1:18"));
/// ```
#[derive(Clone, Debug)]
pub struct Sources {
    units: Vec<Unit>,
    /// What is wrong with the imports themselves.
    diagnostics: Vec<Diagnostic>,
}

/// A text and what was read of it.
#[derive(Clone, Debug)]
struct Unit {
    source: Source,
    /// By which it is known, whatever way led to it.
    path: PathBuf,
    /// The import that led to it first.
    import: Option<Span>,
    file: File,
    diagnostics: Vec<Diagnostic>,
}

impl Unit {
    fn read(source: Source, path: PathBuf, import: Option<Span>, id: SourceId) -> Unit {
        let (file, diagnostics) = parse::parse(source.text(), id);
        Unit { source, path, import, file, diagnostics }
    }
}

impl Sources {
    /// A text that stands for itself: an import in it finds nothing.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Sources {
        let alone = |_: &Path| Err(io::Error::other("this description stands for itself"));
        Sources::load(Source::new(path, text), alone)
    }

    /// The description in a file, and the files that it imports.
    ///
    /// # Errors
    /// If the file itself cannot be read. An import that cannot is a mistake of the description,
    /// which [`compile`](crate::compile) tells.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Sources> {
        let path = path.into();
        let text = std::fs::read_to_string(&path)?;
        Ok(Sources::load(Source::new(path, text), |path| std::fs::read_to_string(path)))
    }

    /// A text and those that it imports, which `read` is asked for, each once. It is given the path
    /// of the import behind the directory of the text that it stands in; at most
    /// [`MAX_SOURCES`] texts are read.
    ///
    /// ```
    /// use std::io::{Error, ErrorKind};
    /// use std::path::Path;
    ///
    /// use framer_dsl::Sources;
    /// use framer_dsl::source::Source;
    ///
    /// let own = Source::new("wire/own.frame", "import \"base.frame\" { CRLF };");
    /// let sources = Sources::load(own, |path: &Path| match path.to_str() {
    ///     Some("wire/base.frame") => Ok("delimiter CRLF = \"\\r\\n\";".to_owned()),
    ///     _ => Err(Error::from(ErrorKind::NotFound)),
    /// });
    /// assert_eq!(sources.iter().count(), 2);
    /// ```
    pub fn load(root: Source, mut read: impl FnMut(&Path) -> io::Result<String>) -> Sources {
        let path = plain(root.path());
        let first = Unit::read(root, path, None, SourceId(0));
        let mut sources = Sources { units: vec![first], diagnostics: Vec::new() };
        let mut next = 0;
        while next < sources.units.len() {
            sources.follow(next, &mut read);
            next += 1;
        }
        sources
    }

    /// Finds what a text imports.
    fn follow(&mut self, unit: usize, read: &mut impl FnMut(&Path) -> io::Result<String>) {
        let Some(importing) = self.units.get_mut(unit) else { return };
        let base = importing.source.base().to_path_buf();
        let mut items = std::mem::take(&mut importing.file.items);
        for item in &mut items {
            let Item::Import(import) = item else { continue };
            match self.find(&base, import, read) {
                Ok(found) => import.from = Some(found),
                Err(diagnostic) => self.diagnostics.push(*diagnostic),
            }
        }
        if let Some(importing) = self.units.get_mut(unit) {
            importing.file.items = items;
        }
    }

    /// The text that an import means, read if it is a new one.
    fn find(
        &mut self,
        base: &Path,
        import: &Import,
        read: &mut impl FnMut(&Path) -> io::Result<String>,
    ) -> Result<SourceId, Box<Diagnostic>> {
        let span = import.path.span;
        let wrong = |message: String| Diagnostic::new(Code::Import, span, message);
        let written = Path::new(&import.path.value);
        if written.file_name().is_none() || written.has_root() || written.is_absolute() {
            let wrong = wrong(format!("`{}` is no relative path of a file", import.path.value))
                .help("a path is relative to the directory of the text that it stands in");
            return Err(Box::new(wrong));
        }
        let path = plain(&base.join(written));
        if let Some(known) = self.units.iter().position(|unit| unit.path == path) {
            return Ok(id(known));
        }
        if self.units.len() >= MAX_SOURCES {
            let message = format!("a description is made of at most {MAX_SOURCES} texts");
            return Err(Box::new(wrong(message)));
        }
        let text = read(&path).map_err(|error| {
            let path = path.display();
            let wrong = wrong(match error.kind() {
                io::ErrorKind::NotFound => format!("there is no file `{path}`"),
                _ => format!("cannot read `{path}`: {error}"),
            });
            Box::new(wrong.label("leads to no text"))
        })?;
        let found = id(self.units.len());
        let source = Source::new(path.clone(), text);
        self.units.push(Unit::read(source, path, Some(span), found));
        Ok(found)
    }

    /// The text of the description itself.
    #[must_use]
    pub fn root(&self) -> &Source {
        &self.units[0].source
    }

    /// Every text, the description's own first, the others as they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.units.iter().map(|unit| &unit.source)
    }

    /// The text that a [`Span`] of a diagnostic points into; the description's
    /// own for one that is of another compilation.
    #[must_use]
    pub fn source(&self, id: SourceId) -> &Source {
        self.units.get(usize::from(id.0)).map_or(self.root(), |unit| &unit.source)
    }

    /// The place itself if it is in the description's own text; otherwise the import there that led
    /// to the other.
    #[must_use]
    pub fn in_root(&self, place: Span) -> Span {
        let mut place = place;
        // Each text was found by an import in one before it.
        while let Some(import) =
            self.units.get(usize::from(place.source.0)).and_then(|unit| unit.import)
        {
            place = import;
        }
        place
    }

    /// What was read of every text, in the same order.
    ///
    /// # Errors
    /// What could not be read, in any of them.
    pub(crate) fn files(&self) -> Result<Vec<&File>, Vec<Diagnostic>> {
        let wrong = self.units.iter().flat_map(|unit| &unit.diagnostics);
        let wrong: Vec<Diagnostic> = wrong.chain(&self.diagnostics).cloned().collect();
        match wrong.is_empty() {
            true => Ok(self.units.iter().map(|unit| &unit.file).collect()),
            false => Err(wrong),
        }
    }
}

/// There are fewer than [`MAX_SOURCES`].
fn id(place: usize) -> SourceId {
    SourceId(u16::try_from(place).unwrap_or(u16::MAX))
}

/// The path without `.` and without `..` behind a name, so that two ways to a file are one path.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match (part, plain.components().next_back()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                plain.pop();
            }
            _ => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};
    use std::path::Path;

    use super::{MAX_SOURCES, Sources, plain};
    use crate::diagnostic::Code;
    use crate::source::Source;

    #[test]
    fn a_text_is_read_once_whichever_way_leads_to_it() {
        let mut asked = Vec::new();
        let root = "import \"b.frame\" { B }; import \"../a/./sub/c.frame\" { C };";
        let sources = Sources::load(Source::new("a/root.frame", root), |path: &Path| {
            asked.push(path.display().to_string());
            match path.to_str() {
                Some("a/b.frame") => Ok("import \"sub/c.frame\" { C };".to_owned()),
                Some("a/sub/c.frame") => Ok("import \"../root.frame\" { R };".to_owned()),
                _ => Err(Error::from(ErrorKind::NotFound)),
            }
        });
        let paths: Vec<_> = sources.iter().map(|one| one.path().display().to_string()).collect();
        assert_eq!(paths, ["a/root.frame", "a/b.frame", "a/sub/c.frame"]);
        assert_eq!(asked, ["a/b.frame", "a/sub/c.frame"]);
        assert!(sources.files().is_ok());
    }

    #[test]
    fn there_is_an_end_to_it() {
        let mut asked = 0;
        let root = Source::new("0.frame", "import \"1.frame\" { X };");
        let sources = Sources::load(root, |_: &Path| {
            asked += 1;
            Ok(format!("import \"{}.frame\" {{ X }};", asked + 1))
        });
        assert_eq!(sources.iter().count(), MAX_SOURCES);
        assert_eq!(asked, MAX_SOURCES - 1);
        let diagnostics = sources.files().expect_err("one too many");
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].code, Code::Import);
        assert_eq!(usize::from(diagnostics[0].primary.span.source.0), MAX_SOURCES - 1);
    }

    #[test]
    fn paths_are_those_beside_the_text() {
        for (path, expected) in [
            ("a/../b.frame", "b.frame"),
            ("../../b.frame", "../../b.frame"),
            ("./a/./b/../../c", "c"),
            ("a/../../b", "../b"),
        ] {
            assert_eq!(plain(Path::new(path)), Path::new(expected));
        }
        for path in ["", ".", "a/..", "/etc/passwd"] {
            let sources = Sources::new("a.frame", format!("import \"{path}\" {{ X }};"));
            let diagnostics = sources.files().expect_err("no path");
            assert_eq!(diagnostics[0].code, Code::Import);
        }
    }
}
