//! The picture for Mermaid.

use std::fmt::{self, Write as _};

use super::{Picture, dot, text};

/// The picture as a state diagram of Mermaid.
pub(crate) fn mermaid(picture: &Picture) -> Result<String, fmt::Error> {
    let mut out = String::from("stateDiagram-v2\n");
    for (place, block) in picture.boxes.iter().enumerate() {
        let time = block.time.as_ref().map(|time| format!(" (at most {time})")).unwrap_or_default();
        writeln!(out, "    state \"{}\" as s{place}", escaped(&format!("{}{time}", block.name)))?;
        for line in &block.lines {
            writeln!(out, "    s{place} : {}", escaped(&text::plain(line, &picture.roles)))?;
        }
        if block.any && !picture.final_replies.is_empty() {
            writeln!(out, "    s{place} : {}", escaped(&dot::closing(picture)))?;
        }
    }
    writeln!(out, "    [*] --> s0")?;
    for edge in &picture.edges {
        let lines = edge.lines.iter().map(|line| escaped(&text::plain(line, &picture.roles)));
        let lines = lines.collect::<Vec<_>>().join("<br/>");
        writeln!(out, "    s{} --> s{} : {lines}", edge.from, edge.to)?;
    }
    Ok(out)
}

/// A text without what means something in a diagram, as its entities.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    let text = match text.strip_prefix("  ") {
        Some(inner) => format!("↳ {inner}"),
        None => text.to_owned(),
    };
    for c in text.chars() {
        match c {
            '#' | ';' | ':' | '"' | '<' | '>' | '&' | '\\' | '{' | '}' | '%' | '`' | '[' | ']' => {
                out.push_str(&format!("#{};", u32::from(c)));
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
