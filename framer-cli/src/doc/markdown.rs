//! Documentation of a description as HTML. A description is not trusted: what is HTML in it is
//! shown as text, nothing is fetched, and links lead to the web or to what the page holds.

use maud::{Markup, PreEscaped};
use pulldown_cmark::{BrokenLink, CowStr, Event, Options, Parser, Tag, TagEnd, html};

use crate::graph::clean;

/// What a page has a place for.
pub(super) type Places<'p> = &'p dyn Fn(&str) -> Option<String>;

/// The lines of a doc comment; `places` says where a name stands.
pub(super) fn markdown(lines: &[String], places: Places<'_>) -> Markup {
    // Line ends are control characters, too.
    let lines: Vec<String> = lines.iter().map(|line| clean(line)).collect();
    let text = lines.join("\n");
    let mut resolve = |link: BrokenLink<'_>| {
        let name = link.reference.trim_matches('`');
        places(name).map(|place| (CowStr::from(place), CowStr::from(String::new())))
    };
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let parser = Parser::new_with_broken_link_callback(&text, options, Some(&mut resolve));
    let mut dropped = 0_usize;
    let events = parser.filter_map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Some(Event::Text(html)),
        Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => None,
        // Its text remains.
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { ref dest_url, .. }) if !is_safe(dest_url) => {
            dropped += 1;
            None
        }
        Event::End(TagEnd::Link) if dropped > 0 => {
            dropped -= 1;
            None
        }
        // The page has headings of its own above them.
        Event::Start(Tag::Heading { .. }) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::Heading(_)) => Some(Event::End(TagEnd::Paragraph)),
        other => Some(other),
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    PreEscaped(out)
}

/// Whether a link leads to the web, or to a place of the page.
fn is_safe(link: &str) -> bool {
    ["https://", "http://", "#"].iter().any(|prefix| link.starts_with(prefix))
}
