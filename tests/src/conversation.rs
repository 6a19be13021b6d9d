//! Conversations as they were recorded between real peers.
//!
//! A line is `C` or `S`, whoever spoke, and the bytes of one segment with `\r`, `\n`, `\\` and
//! `\x..` escaped; `= Tls` is an upgrade, behind which the bytes are those inside TLS.

use std::path::Path;

/// What both sides said between two upgrades.
#[derive(Clone, Debug, Default)]
pub struct Leg {
    /// All bytes of the client.
    pub client: Vec<u8>,
    /// All bytes of the server.
    pub server: Vec<u8>,
}

/// Every recorded conversation, by its name.
///
/// # Panics
/// If the directory cannot be read.
#[must_use]
pub fn all() -> Vec<(String, Vec<Leg>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("conversations");
    let entries = std::fs::read_dir(directory).expect("the recorded conversations");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
        .iter()
        .map(|file| {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (name, parse(&std::fs::read_to_string(file).expect("a text")))
        })
        .collect()
}

fn parse(text: &str) -> Vec<Leg> {
    let mut legs = vec![Leg::default()];
    for line in text.lines() {
        let leg = legs.last_mut().expect("there is always one");
        match line.split_at(2) {
            ("C ", bytes) => leg.client.extend(unescape(bytes)),
            ("S ", bytes) => leg.server.extend(unescape(bytes)),
            ("= ", _) => legs.push(Leg::default()),
            _ => panic!("not a line of a conversation: {line}"),
        }
    }
    legs
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next() {
                Some(b'r') => b'\r',
                Some(b'n') => b'\n',
                Some(b'x') => {
                    let digits = [rest.next(), rest.next()].map(|digit| digit.expect("a digit"));
                    let digits = std::str::from_utf8(&digits).expect("digits").to_owned();
                    u8::from_str_radix(&digits, 16).expect("hexadecimal")
                }
                other => other.expect("an escaped byte"),
            },
            byte => byte,
        });
    }
    bytes
}
