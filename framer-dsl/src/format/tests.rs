//! What a layout keeps, and that there is one for a text.

use std::path::{Path, PathBuf};

use super::{essence, format};
use crate::parse::{TokenKind, Tokens};
use crate::source::Source;

fn formatted(text: &str) -> String {
    match format(&Source::new("a.frame", text)) {
        Ok(formatted) => formatted,
        Err(diagnostics) => panic!("{diagnostics:?}\n{text}"),
    }
}

/// The files of a folder with this ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(folder).expect("the folder");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == ending));
    files.sort();
    files
}

/// Every text at hand that is of the grammar: the bundled descriptions, what the papers show, and
/// the fixtures that are wrong otherwise.
fn texts() -> Vec<String> {
    let read = |path: PathBuf| std::fs::read_to_string(path).expect("a text");
    let mut texts: Vec<String> = files("../protocols", "frame").into_iter().map(read).collect();
    for paper in files("../docs", "md").into_iter().map(read) {
        let blocks = paper.split("```frame").skip(1);
        texts.extend(blocks.filter_map(|block| {
            let (_, block) = block.split_once('\n')?;
            block.split_once("```").map(|(text, _)| text.to_owned())
        }));
    }
    texts.extend(files("tests/ui", "frame").into_iter().map(read));
    // A long text takes long, and shows no more than many short ones.
    texts
        .retain(|text| text.len() < 6000 && format(&Source::new("a.frame", text.as_str())).is_ok());
    assert!(texts.len() > 80, "{} texts", texts.len());
    texts
}

/// The first line that differs, if one does.
fn difference(one: &str, other: &str) -> Option<String> {
    let pairs = one.lines().chain([""]).zip(other.lines().chain([""]));
    let differs = pairs.enumerate().find(|(_, (one, other))| one != other);
    differs.map(|(line, (one, other))| format!("{line}:\n{one}\n{other}"))
}

/// How often a text is changed: long ones less.
fn rounds(text: &str) -> usize {
    (1000 / (text.len() + 1)).clamp(1, 4)
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        all[(self.0 % all.len() as u64) as usize]
    }
}

/// The text with what stands between its tokens written anew: it is given what stood there, and
/// whether the token before it ends its line.
fn between(text: &str, mut written: impl FnMut(&str, bool) -> String) -> String {
    let mut whole = String::new();
    let mut at = 0;
    let mut ends_line = false;
    for token in Tokens::read(text).0 {
        whole += &written(&text[at..token.range().start], ends_line);
        whole += &text[token.range()];
        at = token.range().end;
        ends_line = token.kind == TokenKind::Doc;
    }
    whole + &text[at..]
}

/// The comments of a text, in order.
fn comments(text: &str) -> Vec<String> {
    let mut comments = Vec::new();
    between(text, |gap, _| {
        comments.extend(
            super::comments::between(gap, 0, gap.len())
                .iter()
                .map(|comment| comment.text.to_owned()),
        );
        String::new()
    });
    let behind = Tokens::read(text).0.last().map_or(0, |token| token.range().end);
    let rest = super::comments::between(text, behind, text.len());
    comments.extend(rest.iter().map(|comment| comment.text.to_owned()));
    comments
}

#[test]
fn bundled_descriptions_are_laid_out() {
    for path in files("../protocols", "frame") {
        let text = std::fs::read_to_string(&path).expect("a text");
        assert!(formatted(&text) == text, "framer fmt {}", path.display());
    }
}

#[test]
fn a_layout_is_its_own_layout_and_keeps_everything() {
    for text in texts() {
        let once = formatted(&text);
        assert_eq!(essence(&once), essence(&text));
        assert_eq!(comments(&once), comments(&text));
        assert_eq!(difference(&formatted(&once), &once), None);
        let long = once.lines().filter(|line| line.chars().count() > 100);
        for line in long.filter(|line| !line.contains("//")) {
            // What cannot be broken is one token and what belongs to it.
            assert!(line.matches('"').count() >= 2, "{line}");
        }
    }
}

#[test]
fn blanks_do_not_matter() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for text in texts() {
        let expected = formatted(&text);
        for _ in 0..rounds(&text) {
            let shaken = between(&text, |gap, ends_line| match gap.matches('\n').count() {
                _ if gap.contains('/') => gap.to_owned(),
                0 | 1 if ends_line => numbers.one_of(&["\n", " \r\n\t", "\n  "]).to_owned(),
                0 if gap.is_empty() => numbers.one_of(&["", "", " ", "\n"]).to_owned(),
                0 | 1 => numbers.one_of(&[" ", "\n", "\t", "  \n    ", "\r\n "]).to_owned(),
                _ => numbers.one_of(&["\n\n", "\n \n\n\t", "\r\n\r\n"]).to_owned(),
            });
            // Numbers and dots, as in `1 ..`, are other tokens when they touch.
            if essence(&shaken) == essence(&text) {
                assert_eq!(difference(&formatted(&shaken), &expected), None);
            }
        }
    }
}

#[test]
fn comments_stay_wherever_they_stand() {
    let kinds = [
        "",
        "",
        "",
        "",
        "",
        "",
        " /* in */ ",
        " // behind\n",
        "\n// alone\n",
        "\n\n// apart\n\n",
        "\n/* alone */\n",
        " /* two\n lines */ ",
        "/* a *//* b */ // c\n",
        "\n/* before */ ",
        " // one\n// two\n",
        "\n\n",
        " /* behind */\n",
    ];
    let mut numbers = Numbers(0x0123_4567_89ab_cdef);
    for text in texts() {
        for _ in 0..rounds(&text) {
            let commented = between(&text, |gap, ends_line| {
                let line = if ends_line { "\n" } else { "" };
                format!("{line}{}{gap}", numbers.one_of(&kinds))
            });
            if essence(&commented) != essence(&text) {
                continue;
            }
            let once = formatted(&commented);
            assert_eq!(comments(&once), comments(&commented));
            assert_eq!(difference(&formatted(&once), &once), None, "{commented}");
        }
    }
}

/// A line with comments is as wide as it is printed: this one has 99 characters.
#[test]
fn a_line_that_just_fits_stays() {
    let text = r#"delimiter LF = "\n";
frame Line in until LF max 80 { text: utf8 to end }
protocol Talk over stream {
    roles client, server;
    client speaks Line;
    server speaks Line;
    pending fifo max 4;
    state Open {
        client Line => awaits
            /* alone */
            { /* in */ 250 => Mailing, /* behind */ /* behind */ _ => /* before */ stay /* in */ };
    }
}
"#;
    assert_eq!(formatted(text), text);
}

#[test]
fn damaged_texts_are_told_or_laid_out() {
    let text = include_str!("../../../protocols/http1.frame");
    for (end, _) in text.char_indices().step_by(97) {
        let _ = format(&Source::new("a.frame", &text[..end]));
        let _ = format(&Source::new("a.frame", &text[end..]));
    }
    assert_eq!(formatted(""), "");
    assert_eq!(formatted("\u{feff}\r\n// only this \r\n"), "// only this\n");
    assert!(format(&Source::new("a.frame", "frame A {")).is_err());
    assert!(format(&Source::new("a.frame", "frame A { n: u8 in 0x }")).is_err());
}
