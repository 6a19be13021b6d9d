//! Conversations, each protocol's in a folder: those of SMTP as they were recorded between real peers,
//! others from the examples of the standards.
//!
//! A line is `C` or `S`, whoever spoke, and the bytes of one segment with `\r`, `\n`, `\\` and
//! `\x..` escaped; `= Tls` is an upgrade, behind which the bytes are those inside TLS.

use std::path::Path;

use framer_runtime::protocol::Role;

/// What both sides said between two upgrades.
#[derive(Clone, Debug, Default)]
pub struct Leg {
    /// All bytes of the client.
    pub client: Vec<u8>,
    /// All bytes of the server.
    pub server: Vec<u8>,
}

/// A line of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The client said this in one piece.
    Client(Vec<u8>),
    /// The server did.
    Server(Vec<u8>),
    /// What follows is inside another layer.
    Upgrade,
}

impl Line {
    /// Who said it, and its bytes; `None` for an upgrade.
    #[must_use]
    pub fn said(&self) -> Option<(Role, &[u8])> {
        match self {
            Line::Client(bytes) => Some((Role::First, bytes)),
            Line::Server(bytes) => Some((Role::Second, bytes)),
            Line::Upgrade => None,
        }
    }
}

/// Every conversation of a protocol, by its name.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn of(protocol: &str) -> Vec<(String, Vec<Line>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("conversations").join(protocol);
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

/// Every recorded conversation of SMTP, by its name.
#[must_use]
pub fn all() -> Vec<(String, Vec<Leg>)> {
    of("smtp").into_iter().map(|(name, lines)| (name, legs(lines))).collect()
}

fn legs(lines: Vec<Line>) -> Vec<Leg> {
    let mut legs = vec![Leg::default()];
    for line in lines {
        let leg = legs.last_mut().expect("there is always one");
        match line {
            Line::Client(bytes) => leg.client.extend(bytes),
            Line::Server(bytes) => leg.server.extend(bytes),
            Line::Upgrade => legs.push(Leg::default()),
        }
    }
    legs
}

fn parse(text: &str) -> Vec<Line> {
    text.lines().map(line).collect()
}

/// A line as it is written.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn line(text: &str) -> Line {
    match text.split_at(2) {
        ("C ", bytes) => Line::Client(unescape(bytes)),
        ("S ", bytes) => Line::Server(unescape(bytes)),
        ("= ", _) => Line::Upgrade,
        _ => panic!("not a line of a conversation: {text}"),
    }
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
