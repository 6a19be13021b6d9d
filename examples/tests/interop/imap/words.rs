//! What the lines and literals of a command hold.

/// A part of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// An atom, a quoted string or a literal: what it means.
    Text(Vec<u8>),
    Open,
    Close,
}

/// The words of a command, which comes in parts.
#[derive(Debug, Default)]
pub(super) struct Words(Vec<Word>);

impl Words {
    /// The command goes on with a part of a line.
    pub(super) fn line(&mut self, mut text: &[u8]) {
        while let [first, rest @ ..] = text {
            text = match first {
                b' ' => rest,
                b'(' => self.add(Word::Open, rest),
                b')' => self.add(Word::Close, rest),
                b'"' => self.quoted(rest),
                _ => self.atom(text),
            };
        }
    }

    /// The command goes on with a literal.
    pub(super) fn literal(&mut self, bytes: Vec<u8>) {
        self.0.push(Word::Text(bytes));
    }

    pub(super) fn take(&mut self) -> Vec<Word> {
        std::mem::take(&mut self.0)
    }

    fn add<'t>(&mut self, word: Word, rest: &'t [u8]) -> &'t [u8] {
        self.0.push(word);
        rest
    }

    fn quoted<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let (mut word, mut rest) = (Vec::new(), text.iter());
        while let Some(byte) = rest.next() {
            match byte {
                b'"' => break,
                b'\\' => word.extend(rest.next()),
                byte => word.push(*byte),
            }
        }
        self.add(Word::Text(word), rest.as_slice())
    }

    /// An atom, with what stands in brackets in it: `BODY[HEADER.FIELDS (SUBJECT)]`.
    fn atom<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let mut depth = 0_usize;
        let end = text.iter().position(|byte| {
            match byte {
                b'[' => depth += 1,
                b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && b" ()".contains(byte)
        });
        let (atom, rest) = text.split_at(end.unwrap_or(text.len()));
        self.add(Word::Text(atom.to_vec()), rest)
    }
}

/// The text of a word.
pub(super) fn text(word: Option<&Word>) -> String {
    match word {
        Some(Word::Text(text)) => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    }
}

/// The numbers of a set such as `1,3:*`, `last` being the last of all.
pub(super) fn set(text: &str, last: u32) -> impl Fn(u32) -> bool {
    let number = move |text: &str| if text == "*" { last } else { text.parse().unwrap_or(0) };
    let ranges: Vec<(u32, u32)> = text
        .split(',')
        .map(|range| {
            let (from, to) = range.split_once(':').unwrap_or((range, range));
            let (from, to) = (number(from), number(to));
            (from.min(to), from.max(to))
        })
        .collect();
    move |wanted| ranges.iter().any(|(from, to)| (*from..=*to).contains(&wanted))
}
