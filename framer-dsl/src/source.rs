//! `.frame` text and places in it.

use std::path::{Path, PathBuf};

/// Which text of a compilation a span points into: its place among the
/// [`Sources`](crate::Sources).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u16);

/// A range of bytes in a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Which text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

impl Span {
    /// From the start of `self` to the end of `other`.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { end: other.end, ..self }
    }
}

/// One `.frame` text with the name it is reported under.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    base: PathBuf,
    text: String,
}

impl Source {
    /// A text that was read from `path`, or is to be reported under it. What it imports is looked
    /// for beside it.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Source {
        let path = path.into();
        let base = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        Source { path, base, text: text.into() }
    }

    /// The same text, whose imports are looked for in the directory `base`.
    #[must_use]
    pub fn based_at(self, base: impl Into<PathBuf>) -> Source {
        Source { base: base.into(), ..self }
    }

    /// The path it is reported under.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory that paths in it are relative to.
    #[must_use]
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line, counted from 1, that a byte of the text stands in.
    #[must_use]
    pub fn line(&self, at: u32) -> usize {
        let before = self.text.bytes().take(at as usize);
        before.filter(|byte| *byte == b'\n').count() + 1
    }
}
