//! What real peers said is told the same, however the bytes are cut.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What each side says in a recorded conversation: lines of `C` and `S` with escapes, as in Rust's
/// literals. `None` where it goes on in another layer, whose bytes were not recorded.
fn sides(text: &str) -> Option<[Vec<u8>; 2]> {
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

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

#[test]
fn recorded_conversations_are_told_the_same_in_every_cut() {
    let mut count = 0;
    for protocol in ["smtp", "pop3", "http1", "memcached", "nats", "resp"] {
        let folder = root("tests/conversations").join(protocol);
        let entries = std::fs::read_dir(folder).expect("the conversations");
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            let text = std::fs::read_to_string(&path).expect("a conversation");
            let Some(sides) = sides(&text) else { continue };
            let directory = tempfile::tempdir().expect("a directory");
            let files = ["client", "server"].map(|name| directory.path().join(name));
            for (file, bytes) in files.iter().zip(&sides) {
                std::fs::write(file, bytes).expect("the file is written");
            }
            let told = |cut: &[&str]| {
                let output = Command::new(env!("CARGO_BIN_EXE_framer"))
                    .arg("decode")
                    .arg(root(&format!("protocols/{protocol}.frame")))
                    .args(["--json", "--client"])
                    .arg(&files[0])
                    .arg("--server")
                    .arg(&files[1])
                    .args(cut)
                    .output();
                String::from_utf8(output.expect("the command runs").stdout).expect("a text")
            };
            let whole = told(&[]);
            assert!(!whole.contains("\"violation\""), "{}: {whole}", path.display());
            assert!(whole.lines().count() > 2, "{}: {whole}", path.display());
            for cut in [&["--chunk", "1"][..], &["--chunk", "7"], &["--chunks", "3,1,7"]] {
                assert_eq!(told(cut), whole, "{} {cut:?}", path.display());
            }
            count += 1;
        }
    }
    assert!(count > 10, "{count} conversations");
}
