//! Places as people count them.

use framer_dsl::source::Span;
use serde::Serialize;

/// A stretch of a text, by bytes and by lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    /// The first byte, counted from 0.
    pub(super) start: u32,
    /// The byte behind the last.
    pub(super) end: u32,
    /// The line of the first character, counted from 1.
    pub(super) line: usize,
    /// The first character of the line, counted from 1.
    pub(super) column: usize,
    /// The line of the character behind the last.
    pub(super) end_line: usize,
    /// That character of the line.
    pub(super) end_column: usize,
}

impl Place {
    pub(super) fn new(text: &str, span: Span) -> Place {
        let (line, column) = line_and_column(text, span.start);
        let (end_line, end_column) = line_and_column(text, span.end);
        Place { start: span.start, end: span.end, line, column, end_line, end_column }
    }
}

/// The line and the character in it of the byte at `offset`.
fn line_and_column(text: &str, offset: u32) -> (usize, usize) {
    let offset = text.len().min(offset as usize);
    let before = (0..=offset).rev().find_map(|end| text.get(..end)).unwrap_or_default();
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    (line + 1, column + 1)
}

#[cfg(test)]
mod tests {
    use framer_dsl::source::{SourceId, Span};

    use super::Place;

    #[test]
    fn lines_and_characters_count_from_one() {
        let text = "é b\nc\n";
        let span = Span { source: SourceId(0), start: 3, end: 6 };
        let place = Place { start: 3, end: 6, line: 1, column: 3, end_line: 2, end_column: 2 };
        assert_eq!(Place::new(text, span), place);
        let span = Span { source: SourceId(0), start: 1, end: 900 };
        let place = Place { start: 1, end: 900, line: 1, column: 1, end_line: 3, end_column: 1 };
        assert_eq!(Place::new(text, span), place);
    }
}
