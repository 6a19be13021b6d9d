//! Diagnostics as rustc shows them.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Diagnostic, Severity};
use crate::Sources;
use crate::source::Span;

/// Writes what is wrong with a description for a terminal: in the order of the places, each
/// mistake once.
#[must_use]
pub fn render(sources: &Sources, diagnostics: &[Diagnostic], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut sorted: Vec<_> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| (diagnostic.primary.span, diagnostic.code));
    sorted.dedup();
    let rendered = sorted.into_iter().map(|diagnostic| render_one(sources, diagnostic, &renderer));
    rendered.collect::<Vec<_>>().join("\n\n")
}

fn render_one(sources: &Sources, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.code.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
    let first = diagnostic.primary.span.source;
    let mut texts = vec![first];
    for label in &diagnostic.secondary {
        if !texts.contains(&label.span.source) {
            texts.push(label.span.source);
        }
    }
    let snippets = texts.into_iter().map(|id| {
        let source = sources.source(id);
        let primary = (id == first).then_some((AnnotationKind::Primary, &diagnostic.primary));
        let secondary = diagnostic.secondary.iter().filter(|label| label.span.source == id);
        let context = secondary.map(|label| (AnnotationKind::Context, label));
        let annotations = primary.into_iter().chain(context).map(|(kind, label)| {
            let text = Some(label.text.clone()).filter(|text| !text.is_empty());
            kind.span(place(source.text(), label.span)).label(text)
        });
        Snippet::source(source.text())
            .path(source.path().display().to_string())
            .annotations(annotations)
    });
    let help = diagnostic.help.as_deref().map(|help| Level::HELP.message(help));
    let witness =
        diagnostic.witness.as_ref().map(|witness| Level::NOTE.message(witness.to_string()));
    renderer.render(&[title.elements(snippets).elements(witness).elements(help)])
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
    use crate::Sources;
    use crate::diagnostic::{Code, Diagnostic};
    use crate::source::{Source, SourceId, Span};

    fn span(start: u32, end: u32) -> Span {
        Span { source: SourceId(0), start, end }
    }

    #[test]
    fn looks_like_rustc() {
        let sources = Sources::new("protocols/a.frame", "frame A { x: Bee }\nframe Be {}\n");
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
        assert_eq!(render(&sources, std::slice::from_ref(&wrong), false), expected);
        assert!(render(&sources, &[wrong], true).contains("\u{1b}["));
    }

    #[test]
    fn sorted_and_each_once() {
        let sources = Sources::new("a.frame", "é b c");
        let at = |start, end| Diagnostic::new(Code::Syntax, span(start, end), "no");
        let text = render(&sources, &[at(5, 6), at(3, 4), at(5, 6), at(1, 900)], false);
        let places: Vec<_> =
            text.lines().filter_map(|line| line.trim().strip_prefix("--> ")).collect();
        assert_eq!(places, ["a.frame:1:1", "a.frame:1:3", "a.frame:1:5"]);
    }

    #[test]
    fn places_in_several_texts() {
        let root = Source::new("a.frame", "import \"b.frame\" { B };\nframe B {}\n");
        let sources = Sources::load(root, |_| Ok("frame B { x: u8 }\n".to_owned()));
        let other = Span { source: SourceId(1), start: 6, end: 7 };
        let wrong = Diagnostic::new(Code::Duplicate, span(30, 31), "`B` is declared twice")
            .also(other, "declared here first")
            .also(span(19, 20), "imported here");
        let expected = "\
error[F0101]: `B` is declared twice
 --> a.frame:2:7
  |
1 | import \"b.frame\" { B };
  |                    - imported here
2 | frame B {}
  |       ^
  |
 ::: b.frame:1:7
  |
1 | frame B { x: u8 }
  |       - declared here first";
        assert_eq!(render(&sources, &[wrong], false), expected);
    }
}
