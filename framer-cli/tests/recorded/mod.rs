//! Conversations that were recorded, or stand in the standards.

use std::path::{Path, PathBuf};

/// What each side says in a recorded conversation: lines of `C` and `S` with escapes, as in Rust's
/// literals. `None` where it goes on in another layer, whose bytes were not recorded.
pub(crate) fn sides(text: &str) -> Option<[Vec<u8>; 2]> {
    let mut sides = [Vec::new(), Vec::new()];
    for line in text.lines() {
        let (who, said) = line.split_once(' ').unwrap_or((line, ""));
        match who {
            "C" => sides[0].extend(unescaped(said)),
            "S" => sides[1].extend(unescaped(said)),
            _ => return None,
        }
    }
    Some(sides)
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        let escaped = if byte == b'\\' { bytes.next() } else { None };
        out.push(match escaped {
            None => byte,
            Some(b'r') => b'\r',
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'0') => 0,
            Some(b'x') => {
                let digits = [bytes.next(), bytes.next()].map(|digit| digit.expect("a digit"));
                let digits = std::str::from_utf8(&digits).expect("digits").to_owned();
                u8::from_str_radix(&digits, 16).expect("digits")
            }
            Some(other) => other,
        });
    }
    out
}

pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The conversations of a protocol of which both sides are known to their ends, with their names.
pub(crate) fn conversations(protocol: &str) -> Vec<(String, [Vec<u8>; 2])> {
    let folder = root("tests/conversations").join(protocol);
    let entries = std::fs::read_dir(folder).expect("the conversations");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut found: Vec<_> = paths
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).expect("a conversation");
            Some((path.display().to_string(), sides(&text)?))
        })
        .collect();
    found.sort();
    found
}
