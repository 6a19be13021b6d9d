//! Lines as plain text, and cut to a width.

use super::{Line, Sort, Word};

/// A line as text, with the roles by name.
pub(super) fn plain(line: &Line, roles: &[String; 2]) -> String {
    let mut text = String::from(if line.inner { "  " } else { "" });
    for (place, word) in line.words.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| line.words.get(before));
        match before.map(|before| (before.sort, word.sort)) {
            None => {}
            Some((Sort::Note, _)) => text.push(' '),
            Some((_, Sort::Said(_))) => text.push_str(", "),
            Some(_) => text.push(' '),
        }
        match word.sort {
            Sort::Said(role) => {
                text.push_str(&roles[role.index()]);
                text.push_str(": ");
                text.push_str(&word.text);
            }
            Sort::Switch(_) | Sort::Upgrade | Sort::Close => {
                text.push('[');
                text.push_str(&word.text);
                text.push(']');
            }
            Sort::More(_) | Sort::Guard | Sort::Note => text.push_str(&word.text),
        }
    }
    text
}

/// The text in rows of at most so many characters, cut at spaces where it has some.
pub(super) fn rows(text: &str, width: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match rows.last_mut() {
            Some(row) if row.chars().count() + 1 + word.chars().count() <= width => {
                row.push(' ');
                row.push_str(word);
            }
            _ => rows.push(word.to_owned()),
        }
    }
    rows
}

/// At most so many characters of a text: where there were more, an ellipsis stands for what is between brackets, and
/// if that does not do, for the last.
pub(super) fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    if let (Some((before, rest)), Some((_, behind))) = (text.split_once('('), text.rsplit_once(')'))
        && rest.chars().count() > behind.chars().count() + 2
    {
        return shortened(&format!("{before}(…){behind}"), width);
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// A line in rows of at most so many characters: `(words, indent in characters)`.
pub(super) fn wrapped(line: &Line, width: usize) -> Vec<(usize, Vec<Word>)> {
    let indent = if line.inner { 3 } else { 0 };
    let mut rows: Vec<(usize, Vec<Word>)> = vec![(indent, Vec::new())];
    let mut used = indent;
    for word in pieces(line, width.saturating_sub(indent + 4)) {
        let length = length(&word);
        let Some((_, row)) = rows.last_mut() else { break };
        if used + length > width && !row.is_empty() {
            // What goes on stands below what it goes on with.
            let more = if matches!(word.sort, Sort::More(_)) { 0 } else { 2 };
            rows.push((indent + more, vec![word]));
            used = indent + more + length;
        } else {
            row.push(word);
            used += length;
        }
    }
    rows
}

/// The room that a word takes, with its mark and the space behind it, in characters.
pub(super) fn length(word: &Word) -> usize {
    let extra = match word.sort {
        Sort::Said(_) | Sort::Switch(_) | Sort::Upgrade | Sort::Close => 3,
        Sort::More(_) => 3,
        Sort::Guard | Sort::Note => 1,
    };
    word.text.chars().count() + extra
}

/// The words of a line, long ones cut or shortened.
fn pieces(line: &Line, width: usize) -> Vec<Word> {
    let mut pieces = Vec::new();
    for word in &line.words {
        match word.sort {
            Sort::Said(role) => {
                let rows = rows(&word.text, width).into_iter().enumerate();
                let sort = |place| if place == 0 { word.sort } else { Sort::More(role) };
                pieces.extend(rows.map(|(place, row)| Word::new(sort(place), row)));
            }
            Sort::Guard => {
                let rows = rows(&word.text, width).into_iter();
                pieces.extend(rows.map(|row| Word::new(word.sort, row)));
            }
            _ => pieces.push(Word::new(word.sort, shortened(&word.text, width))),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn what_stands_behind_brackets_is_kept() {
        let text = "client then Literal(arguments.literal.size) after Continue";
        assert_eq!(shortened(text, 58), text);
        assert_eq!(shortened(text, 40), "client then Literal(…) after Continue");
        assert_eq!(shortened(text, 20), "client then Literal…");
        assert_eq!(shortened("no brackets at all", 12), "no brackets…");
    }
}
