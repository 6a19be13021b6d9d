//! Delimiters, classes, transforms and checksums.

use framer_dsl::ir::{
    ByteSet, Checksum, ChecksumKind, Delimiter, Docs, Escapes, Ir, Token, TokenKind, Transform,
    TransformKind, Whole,
};
use maud::{Markup, html};

use super::types::Sections;
use crate::words::quoted;

/// Where they stand in a page.
pub(super) fn contents(ir: &Ir) -> Markup {
    html! {
        @if !ir.delimiters.is_empty() { " " a href="#delimiters" { "Delimiters" } }
        @if !ir.classes.is_empty() { " " a href="#classes" { "Classes" } }
        @if !ir.transforms.is_empty() { " " a href="#transforms" { "Transforms" } }
        @if !ir.checksums.is_empty() { " " a href="#checksums" { "Checksums" } }
    }
}

/// All of them.
pub(super) fn section(sections: &Sections<'_, '_>) -> Markup {
    let ir = sections.ir;
    let delimiters = ir.delimiters.iter().map(|of| (&of.name, delimiter(of), &of.docs));
    let classes = ir.classes.iter().map(|of| {
        let set = html! { code { (class(of.set)) } };
        (&of.name, set, &of.docs)
    });
    let checksums = ir.checksums.iter().map(|of| (&of.name, html! { (checksum(of)) }, &of.docs));
    html! {
        (listed(sections, "delimiter", "Delimiters", delimiters.collect()))
        (listed(sections, "class", "Classes", classes.collect()))
        @if !ir.transforms.is_empty() {
            section id="transforms" {
                h2 { "Transforms" }
                @for of in &ir.transforms { (transform(sections, of)) }
            }
        }
        (listed(sections, "checksum", "Checksums", checksums.collect()))
    }
}

/// Items of one sort, each with its place.
fn listed(
    sections: &Sections<'_, '_>,
    sort: &str,
    title: &str,
    rows: Vec<(&String, Markup, &Docs)>,
) -> Markup {
    html! {
        @if !rows.is_empty() {
            section id=(title.to_lowercase()) {
                h2 { (title) }
                div class="wide" {
                    table {
                        thead { tr { th { "name" } th { "is" } th { "about it" } } }
                        tbody {
                            @for (name, is, docs) in &rows {
                                tr id={ (sort) "-" (name) } {
                                    td { code { (name) } }
                                    td { (is) }
                                    td { (sections.docs(docs)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn delimiter(of: &Delimiter) -> Markup {
    html! {
        code { (quoted(&of.bytes)) }
        @for other in &of.others { ", also read: " code { (quoted(other)) } }
        "; " @if !of.lenient { "none of " } "its bytes may stand alone"
    }
}

/// The bytes of a class as ranges.
fn class(set: ByteSet) -> String {
    let mut ranges: Vec<(u8, u8)> = Vec::new();
    for byte in (0..=u8::MAX).filter(|byte| set.contains(*byte)) {
        match ranges.last_mut() {
            Some((_, high)) if *high == byte.wrapping_sub(1) => *high = byte,
            _ => ranges.push((byte, byte)),
        }
    }
    let shown = ranges.iter().map(|(low, high)| match high - low {
        0 => character(*low),
        1 => format!("{} | {}", character(*low), character(*high)),
        _ => format!("{}..={}", character(*low), character(*high)),
    });
    shown.collect::<Vec<_>>().join(" | ")
}

/// A byte as the language writes it.
fn character(byte: u8) -> String {
    match byte {
        b' '..=b'~' => format!("'{}'", byte.escape_ascii()),
        byte => format!("{byte:#04x}"),
    }
}

fn transform(sections: &Sections<'_, '_>, of: &Transform) -> Markup {
    let (intro, tokens): (String, &[Token]) = match &of.kind {
        TransformKind::Escapes(Escapes { at_start, after, tokens }) => {
            let delimiter = &sections.ir.delimiters[after.0].name;
            let start = if *at_start { "at the start and " } else { "" };
            (format!("These rules hold {start}behind {delimiter}:"), tokens)
        }
        TransformKind::Whole(Whole::Escapes { begin, tokens }) => {
            (begun(begin, "These rules hold anywhere:"), tokens)
        }
        TransformKind::Whole(Whole::Hex { begin, tokens, upper }) => {
            let letters = if *upper { ", in capital letters" } else { "" };
            (begun(begin, &format!("Each byte is two hexadecimal digits{letters}.")), tokens)
        }
        TransformKind::Whole(Whole::Blocks { full, reduced }) => {
            let reduced = if *reduced { ", the last one perhaps reduced" } else { "" };
            (
                format!(
                    "Blocks without zeros up to a zero, the longest of code {full:02x}{reduced}."
                ),
                &[],
            )
        }
    };
    html! {
        section class="type" id=(format!("transform-{}", of.name)) {
            h3 { (of.name) " " span class="sort" { "transform" } }
            (sections.docs(&of.docs))
            p { (intro) }
            @if !tokens.is_empty() {
                div class="wide" { table {
                    thead { tr { th { "in the payload" } th { } th { "on the wire" } } }
                    tbody { @for token in tokens { (rule(token)) } }
                } }
            }
        }
    }
}

fn begun(begin: &[u8], rest: &str) -> String {
    if begin.is_empty() {
        rest.to_owned()
    } else {
        format!("It begins with {}. {rest}", quoted(begin))
    }
}

fn rule(token: &Token) -> Markup {
    let (plain, way) = match token.kind {
        TokenKind::Both => (quoted(&token.plain), "both ways"),
        TokenKind::Decode => (quoted(&token.plain), "read only"),
        TokenKind::End => (String::from("the end"), "both ways"),
    };
    html! { tr { td { code { (plain) } } td { (way) } td { code { (quoted(&token.coded)) } } } }
}

fn checksum(of: &Checksum) -> String {
    match of.kind {
        ChecksumKind::Crc { width, poly, init, refin, refout, xorout } => format!(
            "CRC of {width} bits: poly {poly:#x}, init {init:#x}, refin {refin}, refout {refout}, \
             xorout {xorout:#x}"
        ),
        ChecksumKind::Xor => String::from("all bytes, joined by exclusive or"),
        ChecksumKind::Lrc => String::from("what the sum of all bytes lacks to 256"),
        ChecksumKind::Internet => String::from("the ones' complement sum of RFC 1071"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ranges() {
        let mut set = ByteSet::default();
        set.insert(b'a', b'z');
        set.insert(b' ', b' ');
        set.insert(b'0', b'1');
        set.insert(0x80, 0xff);
        assert_eq!(class(set), "' ' | '0' | '1' | 'a'..='z' | 0x80..=0xff");
    }
}
