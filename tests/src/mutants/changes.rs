//! All ways of taking one rule out of a description, by its text.

use std::ops::Range;

/// A rule less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is changed, by the line that it stands in.
    pub what: String,
    range: Range<usize>,
    with: String,
}

impl Change {
    /// The description with it.
    ///
    /// # Panics
    /// If it is of another description.
    #[must_use]
    pub fn applied(&self, text: &str) -> String {
        let (before, behind) = (text.get(..self.range.start), text.get(self.range.end..));
        format!("{}{}{}", before.expect("its place"), self.with, behind.expect("its place"))
    }
}

/// A word, a number, a text or a sign of a description.
#[derive(Clone, Debug)]
struct Token<'t> {
    text: &'t str,
    start: usize,
}

impl Token<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    fn number(&self) -> Option<u64> {
        let digits = self.text.replace('_', "");
        match digits.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        }
    }
}

/// How long the token is that a text begins with, which is not blank.
fn token(text: &str) -> usize {
    let first = text.as_bytes()[0];
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if is_word(char::from(first)) {
        return text.find(|c| !is_word(c)).unwrap_or(text.len());
    }
    if first == b'"' || first == b'\'' {
        let mut escaped = false;
        let end = text.bytes().skip(1).position(|byte| {
            let ends = byte == first && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        return end.map_or(text.len(), |end| end + 2);
    }
    let signs = ["..=", "<=>", "..", "=>", "==", "!=", "<=", ">=", "&&", "||", "+=", "-="];
    signs.iter().find(|sign| text.starts_with(**sign)).map_or(1, |sign| sign.len())
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with(char::is_whitespace) {
            at += 1;
        } else {
            let len = token(rest);
            tokens.push(Token { text: &rest[..len], start: at });
            at += len;
        }
    }
    tokens
}

/// All ways of taking one rule out of a description: a `require`, a guard, a condition, a range, what a
/// field must be; of doubling a limit; of allowing a class another byte, a number zeros, a delimiter
/// its parts.
#[must_use]
pub fn changes(text: &str) -> Vec<Change> {
    let tokens = tokens(text);
    let mut found = Found { text, changes: Vec::new() };
    let mut class = false;
    for at in 0..tokens.len() {
        let words = |of: usize| tokens.get(of).map_or("", |token| token.text);
        let number = |of: usize| tokens.get(of).and_then(Token::number);
        let (token, before) = (&tokens[at], if at == 0 { "" } else { words(at - 1) });
        let doubled = |value: u64| value.saturating_mul(2).max(1).to_string();
        class |= token.text == "class" && words(at + 2) == "=";
        match token.text {
            "require" => {
                let end = closes(&tokens, at + 1, &[","]);
                let end = if words(end) == "," { tokens[end].end() } else { tokens[end].start };
                found.add("without", token.start..end, String::new());
            }
            "if" => {
                let end = closes(&tokens, at + 1, &["=>", ",", ";"]);
                found.add("without", token.start..tokens[end].start, String::new());
            }
            "in" if words(at + 1) == "..=" => {
                found.add("without", token.start..tokens[at + 2].end(), String::new());
            }
            "in" if number(at + 1).is_some() => {
                let last = match words(at + 2) {
                    "..=" => at + 3,
                    ".." => at + 2,
                    _ => at + 1,
                };
                found.add("without", token.start..tokens[last].end(), String::new());
            }
            "max" | "depth" => {
                if let Some(value) = number(at + 1) {
                    let next = &tokens[at + 1];
                    found.add("doubled", next.start..next.end(), doubled(value));
                }
            }
            "=" if number(at + 1).is_some()
                && matches!(words(at + 2), "," | "}")
                && typed(&tokens, at) =>
            {
                found.add("without", token.start..tokens[at + 1].end(), String::new());
            }
            "[" if number(at + 1).is_some() && (words(at + 2) == "..=" || words(at + 2) == "]") => {
                digits(&mut found, &tokens, at);
            }
            ";" if class => {
                class = false;
                found.add("with a zero in", token.start..token.start, " | 0x00".to_owned());
                found.add("with a blank in", token.start..token.start, " | ' '".to_owned());
            }
            ";" if before.ends_with('"') && delimits(&tokens, at) => {
                found.add("lenient", token.start..token.start, " lenient".to_owned());
            }
            _ => {}
        }
    }
    found.changes
}

/// How many digits a number has, or bytes a run.
fn digits(found: &mut Found<'_>, tokens: &[Token<'_>], at: usize) {
    let (Some(least), Some(kind)) = (tokens[at + 1].number(), at.checked_sub(2)) else { return };
    let ranged = tokens[at + 2].text == "..=";
    let (most, close) = if ranged { (at + 3, at + 4) } else { (at + 1, at + 2) };
    let kind = tokens[kind].text;
    let Some(value) = tokens[most].number() else { return };
    // Numbers of a few bytes hold no more; of a list or a text it is its length.
    let most_bytes = match kind {
        "leb128" | "base128" => value + 1,
        _ => value.saturating_mul(2),
    };
    if !(ranged || kind == "dec" || kind == "hex") {
        return;
    }
    let most = if ranged { &tokens[most] } else { &tokens[close] };
    let with = if ranged { most_bytes.to_string() } else { format!("..={most_bytes}]") };
    found.add("longer", most.start..most.end(), with);
    if ranged && least > 0 && !matches!(kind, "dec" | "hex" | "leb128" | "base128") {
        let least = &tokens[at + 1];
        found.add("empty", least.start..least.end(), "0".to_owned());
    }
    let behind = tokens.get(close + 1).map_or("", |token| token.text);
    if matches!(kind, "dec" | "hex") && behind != "zeros" {
        let end = tokens[close].end();
        found.add("with zeros", end..end, " zeros".to_owned());
    }
}

/// The first token from `at` on that closes what is open, or is one of these.
fn closes(tokens: &[Token<'_>], at: usize, ends: &[&str]) -> usize {
    let mut open = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(at) {
        match token.text {
            "(" | "[" | "{" => open += 1,
            ")" | "]" | "}" if open > 0 => open -= 1,
            ")" | "]" | "}" => return place,
            end if open == 0 && ends.contains(&end) => return place,
            _ => {}
        }
    }
    tokens.len() - 1
}

/// Whether what stands before is a field and its type.
fn typed(tokens: &[Token<'_>], at: usize) -> bool {
    let member = tokens[..at].iter().rev().take_while(|token| !"{},;".contains(token.text));
    member.into_iter().any(|token| token.text == ":")
}

/// Whether it ends the item of a delimiter.
fn delimits(tokens: &[Token<'_>], at: usize) -> bool {
    let item = tokens[..at].iter().rev().take_while(|token| !"{};".contains(token.text));
    item.last().is_some_and(|token| token.text == "delimiter")
}

struct Found<'t> {
    text: &'t str,
    changes: Vec<Change>,
}

impl Found<'_> {
    /// A change, by the line that it stands in and how often the same stands before it.
    fn add(&mut self, how: &str, range: Range<usize>, with: String) {
        let line = self.text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let end =
            self.text[range.start..].find('\n').map_or(self.text.len(), |at| range.start + at);
        let words: Vec<&str> = self.text[line..end].split_whitespace().collect();
        let of = self.text[range.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        let what = format!("{how} `{of}`: {}", words.join(" "));
        let before = self.changes.iter().filter(|of| of.what.split(" #").next() == Some(&what));
        let what = match before.count() {
            0 => what,
            before => format!("{what} #{}", before + 1),
        };
        self.changes.push(Change { what, range, with });
    }
}
