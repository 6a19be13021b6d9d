//! Diagnostics as rustc shows them.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Diagnostic, Label};
use crate::source::{Source, Span};

/// Writes what is wrong with `source` for a terminal: in the order of the places, each mistake
/// once.
#[must_use]
pub fn render(source: &Source, diagnostics: &[Diagnostic], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut sorted: Vec<_> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| (diagnostic.primary.span, diagnostic.code));
    sorted.dedup();
    let rendered = sorted.into_iter().map(|diagnostic| render_one(source, diagnostic, &renderer));
    rendered.collect::<Vec<_>>().join("\n\n")
}

fn render_one(source: &Source, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let path = source.path().display().to_string();
    let title =
        Level::ERROR.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
    let annotation = |kind: AnnotationKind, label: &Label| {
        let text = Some(label.text.clone()).filter(|text| !text.is_empty());
        kind.span(place(source.text(), label.span)).label(text)
    };
    // A place in another text than this one cannot be shown here.
    let here = |label: &&Label| label.span.source == diagnostic.primary.span.source;
    let secondary = diagnostic.secondary.iter().filter(here);
    let snippet = Snippet::source(source.text())
        .path(path)
        .annotation(annotation(AnnotationKind::Primary, &diagnostic.primary))
        .annotations(secondary.map(|label| annotation(AnnotationKind::Context, label)));
    let help = diagnostic.help.as_deref().map(|help| Level::HELP.message(help));
    renderer.render(&[title.element(snippet).elements(help)])
}

/// The bytes of the text that a span stands for, moved to where characters begin.
fn place(text: &str, span: Span) -> Range<usize> {
    let boundary = |offset: u32| {
        let offset = (offset as usize).min(text.len());
        (0..=offset).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
    };
    let start = boundary(span.start);
    start..boundary(span.end).max(start)
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::diagnostic::{Code, Diagnostic};
    use crate::source::{Source, SourceId, Span};

    fn span(start: u32, end: u32) -> Span {
        Span { source: SourceId(0), start, end }
    }

    #[test]
    fn looks_like_rustc() {
        let source = Source::new("protocols/a.frame", "frame A { x: Bee }\nframe Be {}\n");
        let wrong = Diagnostic::new(Code::Unknown, span(13, 16), "nothing is called `Bee`")
            .label("not declared")
            .also(span(25, 27), "this one is")
            .help("perhaps `Be` is meant");
        let expected = "\
error[F0102]: nothing is called `Bee`
 --> protocols/a.frame:1:14
  |
1 | frame A { x: Bee }
  |              ^^^ not declared
2 | frame Be {}
  |       -- this one is
  |
  = help: perhaps `Be` is meant";
        assert_eq!(render(&source, std::slice::from_ref(&wrong), false), expected);
        assert!(render(&source, &[wrong], true).contains("\u{1b}["));
    }

    #[test]
    fn sorted_and_each_once() {
        let source = Source::new("a.frame", "é b c");
        let at = |start, end| Diagnostic::new(Code::Syntax, span(start, end), "no");
        let text = render(&source, &[at(5, 6), at(3, 4), at(5, 6), at(1, 900)], false);
        let places: Vec<_> =
            text.lines().filter_map(|line| line.trim().strip_prefix("--> ")).collect();
        assert_eq!(places, ["a.frame:1:1", "a.frame:1:3", "a.frame:1:5"]);
    }
}
