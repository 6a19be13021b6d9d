//! The picture for Graphviz.

use std::fmt::{self, Write as _};

use super::{Line, Picture, text};

/// The picture in the language of Graphviz.
pub(crate) fn dot(picture: &Picture) -> Result<String, fmt::Error> {
    let mut out = String::new();
    writeln!(out, "digraph {} {{", quoted(&picture.name))?;
    writeln!(
        out,
        "    graph [fontname=\"monospace\", label={}, labelloc=t];",
        quoted(&head(picture))
    )?;
    writeln!(out, "    node [shape=box, style=rounded, fontname=\"monospace\", fontsize=11];")?;
    writeln!(out, "    edge [fontname=\"monospace\", fontsize=10];")?;
    writeln!(out, "    begin [shape=point, width=0.15];")?;
    for (place, block) in picture.boxes.iter().enumerate() {
        let time = block.time.as_ref().map(|time| format!(" (at most {time})")).unwrap_or_default();
        let mut rows = vec![format!("{}{time}", block.name)];
        rows.extend(text::rows(&block.docs, 44));
        rows.extend(lines(picture, &block.lines));
        if block.any && !picture.final_replies.is_empty() {
            rows.push(closing(picture));
        }
        let style = if block.any { ", style=\"rounded,dashed\"" } else { "" };
        writeln!(out, "    s{place} [label={}{style}];", left(&rows))?;
    }
    writeln!(out, "    begin -> s0;")?;
    for edge in &picture.edges {
        let style = if picture.boxes[edge.from].any { ", style=dashed" } else { "" };
        let label = left(&lines(picture, &edge.lines));
        writeln!(out, "    s{} -> s{} [label={label}{style}];", edge.from, edge.to)?;
    }
    writeln!(out, "}}")?;
    Ok(out)
}

fn head(picture: &Picture) -> String {
    let speaks = picture.roles.iter().zip(&picture.speaks);
    let speaks: Vec<String> =
        speaks.map(|(role, frame)| format!("{role} speaks {frame}")).collect();
    format!("{}: {}", picture.name, speaks.join(", "))
}

/// What is said once of all replies.
pub(super) fn closing(picture: &Picture) -> String {
    let role = &picture.roles[picture.answering.index()];
    format!("{role}: {} as the answer to anything [close]", picture.final_replies.join(" | "))
}

fn lines(picture: &Picture, lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| text::plain(line, &picture.roles)).collect()
}

/// A label whose rows begin on the left.
fn left(rows: &[String]) -> String {
    let rows = rows.iter().map(|row| format!("{}\\l", escaped(row)));
    format!("\"{}\"", rows.collect::<String>())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace(char::is_control, " ")
}
