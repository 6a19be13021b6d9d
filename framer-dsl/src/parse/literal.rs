//! Strings, characters and numbers: what their escapes and digits stand for.

use super::grammar::Rule;
use super::node::{Builder, Node};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::{Literal, Spanned};

impl Builder<'_> {
    /// A literal with its `nocase` and `word`.
    pub(super) fn literal(&mut self, node: &Node<'_>) -> Literal {
        Literal {
            bytes: self.string(&node.the(Rule::string)).value,
            nocase: node.has(Rule::kw_nocase),
            word: node.has(Rule::kw_word),
            span: self.span(node),
        }
    }

    /// The bytes of `"..."` or `b"..."`.
    pub(super) fn string(&mut self, node: &Node<'_>) -> Spanned<Vec<u8>> {
        Spanned { value: self.unescaped(node), span: self.span(node) }
    }

    /// A string that is text and not bytes.
    pub(super) fn text(&mut self, node: &Node<'_>) -> Spanned<String> {
        let span = self.span(node);
        if node.text().starts_with('b') {
            self.bad_literal(span, "expected text, found bytes");
        }
        let bytes = self.unescaped(node);
        Spanned { value: String::from_utf8_lossy(&bytes).into_owned(), span }
    }

    /// A string of which every byte counts for itself.
    pub(super) fn byte_set(&mut self, node: &Node<'_>) -> Spanned<Vec<u8>> {
        let set = self.string(node);
        if !node.text().starts_with('b') && !set.value.is_ascii() {
            self.not_one_byte(set.span);
        }
        set
    }

    /// `'a'`, `b'\xff'` or `0xff`.
    pub(super) fn byte(&mut self, node: &Node<'_>) -> Spanned<u8> {
        let node = node.choice();
        let span = self.span(&node);
        let value = if node.rule() == Rule::number {
            let number = self.number(&node).value;
            u8::try_from(number).unwrap_or_else(|_| {
                self.bad_literal(span, format!("{number} is no byte: the largest is 255"));
                0
            })
        } else {
            self.character(&node, span)
        };
        Spanned { value, span }
    }

    fn character(&mut self, node: &Node<'_>, span: Span) -> u8 {
        let before = self.reported();
        let bytes = self.unescaped(node);
        match bytes[..] {
            [byte] => return byte,
            _ if self.reported() > before => {}
            [] => self.bad_literal(span, "a character literal holds one character, not none"),
            _ if node.text().is_ascii() => {
                self.report(
                    Diagnostic::new(Code::BadLiteral, span, "more than one character in quotes")
                        .help("a string is written in double quotes"),
                );
            }
            _ => self.not_one_byte(span),
        }
        0
    }

    fn not_one_byte(&mut self, span: Span) {
        self.report(
            Diagnostic::new(Code::BadLiteral, span, "a character that takes more than one byte")
                .help("a class is a set of bytes: 0x80..=0xff holds all of UTF-8 beyond ASCII"),
        );
    }

    /// The content of a quoted literal, its escapes replaced.
    fn unescaped(&mut self, node: &Node<'_>) -> Vec<u8> {
        let text = node.text();
        let byte_literal = text.starts_with('b');
        let open = if byte_literal { 2 } else { 1 };
        let mut rest = text.get(open..text.len() - 1).unwrap_or_default();
        let mut bytes = Vec::with_capacity(rest.len());
        while let Some(first) = rest.chars().next() {
            let used = if first == '\\' {
                match escape(rest, byte_literal) {
                    Ok((value, used)) => {
                        bytes.extend(value);
                        used
                    }
                    Err((message, used)) => {
                        self.inside(node, rest, used, message);
                        used
                    }
                }
            } else {
                if byte_literal && !first.is_ascii() {
                    let message = "a byte literal holds only ASCII characters and escapes";
                    self.inside(node, rest, first.len_utf8(), message);
                }
                bytes.extend(first.encode_utf8(&mut [0; 4]).as_bytes());
                first.len_utf8()
            };
            rest = rest.get(used..).unwrap_or_default();
        }
        bytes
    }

    /// Reports the first `len` bytes of `rest`, which ends where the literal's content does.
    fn inside(&mut self, node: &Node<'_>, rest: &str, len: usize, message: &str) {
        let start = (node.end() - 1).saturating_sub(rest.len());
        let span = self.place(start, start + len);
        self.bad_literal(span, message);
    }

    /// An unsigned number.
    pub(super) fn number(&mut self, node: &Node<'_>) -> Spanned<u64> {
        let span = self.span(node);
        let value = number(node.text()).unwrap_or_else(|message| {
            self.bad_literal(span, format!("`{}` {message}", node.text()));
            0
        });
        Spanned { value, span }
    }
}

/// The bytes of the escape that `rest` begins with and its length; or what is wrong with it.
fn escape(rest: &str, byte_literal: bool) -> Result<(Vec<u8>, usize), (&'static str, usize)> {
    let Some(letter) = rest.chars().nth(1) else { return Err(("an escape without an end", 1)) };
    let simple = |byte: u8| Ok((vec![byte], 2));
    match letter {
        'n' => simple(b'\n'),
        'r' => simple(b'\r'),
        't' => simple(b'\t'),
        '0' => simple(0),
        '\\' | '\'' | '"' => simple(letter as u8),
        'x' => {
            let digits = rest.get(2..4).filter(|two| two.bytes().all(|c| c.is_ascii_hexdigit()));
            let Some(byte) = digits.and_then(|two| u8::from_str_radix(two, 16).ok()) else {
                return Err(("`\\x` takes two hexadecimal digits", 2));
            };
            if byte > 0x7f && !byte_literal {
                return Err(("beyond `\\x7f` the literal must be one of bytes: `b\"...\"`", 4));
            }
            Ok((vec![byte], 4))
        }
        'u' if !byte_literal => {
            let digits = rest.strip_prefix("\\u{").and_then(|rest| rest.split_once('}'));
            let code = digits.filter(|(digits, _)| digits.bytes().all(|c| c.is_ascii_hexdigit()));
            let code = code.and_then(|(digits, _)| u32::from_str_radix(digits, 16).ok());
            match (code.and_then(char::from_u32), digits) {
                (Some(char), Some((digits, _))) => {
                    Ok((char.encode_utf8(&mut [0; 4]).as_bytes().to_vec(), digits.len() + 4))
                }
                (None, Some((digits, _))) => Err(("no such character", digits.len() + 4)),
                _ => Err(("`\\u` takes a number in braces: `\\u{e9}`", 2)),
            }
        }
        other => Err(("an unknown escape", 1 + other.len_utf8())),
    }
}

/// Reads `10`, `1_000`, `0xff`, `0o17`, `0b1`.
fn number(text: &str) -> Result<u64, &'static str> {
    let (digits, radix) = match text.get(..2) {
        Some("0x") => (&text[2..], 16),
        Some("0o") => (&text[2..], 8),
        Some("0b") => (&text[2..], 2),
        _ => (text, 10),
    };
    let digits: String = digits.chars().filter(|&digit| digit != '_').collect();
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err("is no number");
    }
    u64::from_str_radix(&digits, radix).map_err(|_| "does not fit 64 bits")
}
