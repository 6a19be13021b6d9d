//! What hostile peers say, each protocol's in a file of `hostile`, and what must come of it.
//!
//! A file begins with what several attacks begin with, each behind `% ` and its name. An attack is a line
//! `# ` with the row of `requirements/security.md` and what it tries, then lines as of a conversation, `% ` for
//! such a beginning, and `C*9` or `S*9` where a line is said nine times. Behind them stands what was told of
//! the client's bytes (`c> `) and of the server's (`s> `): frames by their names, payloads with
//! their bytes, and behind `!` the rule that was broken, with the bytes that broke it.

use std::path::{Path, PathBuf};

use crate::conversation::{self, Line};
use crate::twin::{Ran, Told};

/// One thing that a hostile peer does.
#[derive(Clone, Debug)]
pub struct Attack {
    /// The row and what it tries, as it stands there.
    pub name: String,
    /// What both sides say.
    pub lines: Vec<Line>,
    /// What must be told of each role.
    pub wanted: [String; 2],
}

/// The table of a protocol.
#[must_use]
pub fn file(protocol: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile").join(format!("{protocol}.txt"))
}

/// All attacks on a protocol.
///
/// # Panics
/// If there are none, or one is not written as it should be.
#[must_use]
pub fn of(protocol: &str) -> Vec<Attack> {
    let file = file(protocol);
    let text = std::fs::read_to_string(&file);
    parse(&text.unwrap_or_else(|error| panic!("{}: {error}", file.display())))
}

fn parse(text: &str) -> Vec<Attack> {
    let mut beginnings: Vec<(&str, Vec<Line>)> = Vec::new();
    let mut attacks: Vec<Attack> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        let Some(attack) = attacks.last_mut() else {
            match (kind, beginnings.last_mut()) {
                ("#", _) => attacks.push(Attack::named(rest)),
                ("%", _) => beginnings.push((rest, Vec::new())),
                (_, Some((_, lines))) => lines.extend(said(kind, rest)),
                (_, None) => panic!("not part of an attack: {line}"),
            }
            continue;
        };
        match kind {
            "#" => attacks.push(Attack::named(rest)),
            "%" => {
                let begun = beginnings.iter().find(|(name, _)| *name == rest);
                let (_, lines) = begun.unwrap_or_else(|| panic!("nothing begins as {rest}"));
                attack.lines.extend_from_slice(lines);
            }
            "c>" => rest.clone_into(&mut attack.wanted[0]),
            "s>" => rest.clone_into(&mut attack.wanted[1]),
            _ => attack.lines.extend(said(kind, rest)),
        }
    }
    attacks
}

/// A line of a conversation, as often as it says.
fn said(kind: &str, rest: &str) -> Option<Line> {
    let (who, times) = kind.split_once('*').unwrap_or((kind, "1"));
    let mut said = conversation::line(&format!("{who} {rest}"));
    if let Line::Client(bytes) | Line::Server(bytes) = &mut said {
        *bytes = bytes.repeat(times.parse().expect("how often"));
    }
    Some(said)
}

impl Attack {
    fn named(name: &str) -> Attack {
        Attack { name: name.to_owned(), lines: Vec::new(), wanted: Default::default() }
    }
}

/// What was told of the bytes of each role.
#[must_use]
pub fn told(ran: &Ran) -> [String; 2] {
    [0, 1].map(|role| {
        let told: Vec<String> = ran.said[role].iter().map(brief).collect();
        counted(&told).join("; ")
    })
}

/// The same with how often what comes again and again does.
fn counted(told: &[String]) -> Vec<String> {
    let (mut counted, mut at) = (Vec::new(), 0);
    while let Some(rest) = told.get(at..).filter(|rest| !rest.is_empty()) {
        let times = |len: usize| {
            let first = &rest[..len.min(rest.len())];
            rest.chunks(len).take_while(|next| *next == first).count()
        };
        let repeated = [1, 2, 3].into_iter().find(|len| times(*len) > 3);
        let (text, passed) = match repeated {
            Some(len) => {
                (format!("{} times {}", times(len), rest[..len].join(", ")), times(len) * len)
            }
            None => (rest[0].clone(), 1),
        };
        counted.push(text);
        at += passed;
    }
    counted
}

fn brief(told: &Told) -> String {
    shown(told).chars().fold(String::new(), |text, c| match c.is_control() {
        true => text + &c.escape_default().to_string(),
        false => text + c.encode_utf8(&mut [0; 4]),
    })
}

fn shown(told: &Told) -> String {
    match told {
        Told::Payload { name, bytes, .. } if bytes.len() > 64 => {
            format!("{name} of {} bytes", bytes.len())
        }
        Told::Payload { name, bytes, .. } => format!("{name} \"{}\"", bytes.escape_ascii()),
        Told::Violation(violation) => format!("! {violation}"),
        Told::Event { what, .. } => {
            if what.starts_with("Malformed(") {
                return what.clone();
            }
            let mut words = what.split('(');
            match (words.next(), words.next()) {
                (Some("Refused"), Some(refused)) => format!("Refused {refused}"),
                (Some(name), _) => name.to_owned(),
                (None, _) => String::new(),
            }
        }
    }
}

/// The table of a protocol with what was told now.
///
/// # Panics
/// If it does not stand there as it is read.
#[must_use]
pub fn blessed(text: &str, told: &[[String; 2]]) -> String {
    let mut told = told.iter();
    let (mut lines, mut open): (Vec<String>, Option<&[String; 2]>) = (Vec::new(), None);
    let close = |lines: &mut Vec<String>, open: Option<&[String; 2]>| {
        let Some([client, server]) = open else { return };
        for (mark, of) in [("c>", client), ("s>", server)] {
            if !of.is_empty() {
                lines.push(format!("{mark} {of}"));
            }
        }
        lines.push(String::new());
    };
    for line in text.lines() {
        if line.starts_with("# ") {
            close(&mut lines, open);
            open = Some(told.next().expect("one for each attack"));
        }
        let old = line.starts_with("c>") || line.starts_with("s>");
        if !(old || line.is_empty() && open.is_some()) {
            lines.push(line.to_owned());
        }
    }
    close(&mut lines, open);
    lines.join("\n")
}
