//! Any bytes as what both roles of a bundled protocol say.

use framer_runtime::violation::Rule;

use super::byte;
use crate::bundled;
use crate::conversation::Line;
use crate::twin::{Changes, Ran, Told};

/// What stands before the lines of a conversation.
const CLIENT: &[u8; 3] = b"\0C>";
const SERVER: &[u8; 3] = b"\0S>";
const UPGRADE: &[u8; 3] = b"\0=>";

/// The lines, each behind what says whose it is.
pub(super) fn bytes(lines: &[Line]) -> Vec<u8> {
    let line = |line: &Line| match line {
        Line::Client(bytes) => [CLIENT, bytes.as_slice()].concat(),
        Line::Server(bytes) => [SERVER, bytes.as_slice()].concat(),
        Line::Upgrade => UPGRADE.to_vec(),
    };
    lines.iter().flat_map(line).collect()
}

/// The lines in any bytes: the first is of the client, whatever it begins with.
fn lines(data: &[u8]) -> Vec<Line> {
    let mut lines = vec![Line::Client(Vec::new())];
    let mut rest = data;
    while let Some((first, behind)) = rest.split_first() {
        rest = match rest.split_first_chunk::<3>() {
            Some((CLIENT, behind)) => {
                lines.push(Line::Client(Vec::new()));
                behind
            }
            Some((SERVER, behind)) => {
                lines.push(Line::Server(Vec::new()));
                behind
            }
            Some((UPGRADE, behind)) => {
                lines.extend([Line::Upgrade, Line::Client(Vec::new())]);
                behind
            }
            _ => {
                if let Some(Line::Client(bytes) | Line::Server(bytes)) = lines.last_mut() {
                    bytes.push(*first);
                }
                behind
            }
        };
    }
    lines.retain(
        |line| !matches!(line, Line::Client(bytes) | Line::Server(bytes) if bytes.is_empty()),
    );
    lines
}

/// Both engines of both roles see the same, and the same at the same positions whether the lines
/// come as they are, byte by byte, or in other pieces; no byte is looked at much more than once.
///
/// # Panics
/// Where that is not so.
pub fn conversation(data: &[u8]) {
    let Some((choice, rest)) = byte(data) else { return };
    let Some((seed, rest)) = byte(rest) else { return };
    let of = &bundled::ALL[choice % bundled::ALL.len()];
    let lines = lines(rest);
    let most = 3 * rest.len() as u64 + 16;
    let run = |split: crate::twin::Split<'_>| {
        let ran = of.run(&lines, split);
        assert!(ran.examined.iter().all(|of| *of <= most), "{}: {:?}", of.name, ran.examined);
        ran
    };
    let whole = run(&|_, bytes| vec![bytes]);
    let source = std::cell::RefCell::new(Changes::of(seed as u64));
    let pieces = run(&|_, bytes| source.borrow_mut().pieces(bytes));
    let single = run(&|_, bytes| bytes.chunks(1).collect());
    // Whether bytes come before an upgrade or behind it is told by when they come.
    if ![&whole, &pieces, &single].into_iter().any(upgrades) {
        assert_eq!(pieces.said, whole.said, "{}", of.name);
        assert_eq!(single.said, whole.said, "{}", of.name);
    }
}

fn upgrades(ran: &Ran) -> bool {
    ran.said.iter().flatten().any(|told| match told {
        Told::Event { what, .. } => what.starts_with("Upgrade("),
        Told::Violation(violation) => matches!(violation.rule, Rule::BeforeUpgrade { .. }),
        Told::Payload { .. } => false,
    })
}
