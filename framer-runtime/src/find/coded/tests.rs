use alloc::vec::Vec;

use crate::find::{Finder, More};
use crate::machine::Failed;
use crate::protocol::Cut;
use crate::transform::{Coding, Token};
use crate::violation::Violation;

static CODINGS: [Coding; 6] = [
    Coding::blocks("Cobs", 0xff, false),
    Coding::hex("Hex", b":", b"\r\n", true),
    Coding::escapes(
        "Slip",
        b"",
        &[Token::both(b"\xdb", b"\xdb\xdd"), Token::end(b"\xc0")],
        b"\xc0\xdb",
    ),
    Coding::escapes(
        "Dle",
        b"\x10\x02",
        &[Token::both(b"\x10", b"\x10\x10"), Token::end(b"\x10\x03")],
        b"\x10",
    ),
    // What it begins with is shorter than what ends it, and longer.
    Coding::escapes(
        "Short",
        b"<",
        &[Token::both(b"\xdb", b"\xdb\xdb"), Token::end(b"\xdb\0\xc0")],
        b"\xdb",
    ),
    Coding::escapes(
        "Stuffed",
        b"\xff\xff\xff\xff\xff",
        &[
            Token::both(b"\xff\xff\xff\xff", b"\xff\xff\xff\xff\0"),
            Token::end(b"\xff\xff\xff\xff\xfe"),
        ],
        b"\xff",
    ),
];

/// What is told of bytes that come in these pieces: each frame and what breaks a rule, with the place behind
/// it.
fn told(
    coding: &'static Coding,
    max: usize,
    skip: bool,
    pieces: impl Iterator<Item = Vec<u8>>,
) -> Vec<(u64, Option<Violation>)> {
    let cut = Cut::Coded { coding, max, skip };
    let (mut finder, mut input, mut told) = (Finder::<0>::default(), Vec::new(), Vec::new());
    for piece in pieces {
        input.extend(piece);
        loop {
            let taken = match finder.look("Frame", &cut, &input) {
                Ok(Ok((taken, _))) => {
                    let violation = finder.overlong();
                    finder.take(taken);
                    finder.next();
                    told.push((finder.position(), violation));
                    taken
                }
                Ok(Err(More { taken, need })) => {
                    input.drain(..taken);
                    assert!(input.len() + need <= max || finder.is_skipping(), "{input:?} {need}");
                    break;
                }
                Err(Failed) => {
                    told.push((finder.position(), finder.failed()));
                    return told;
                }
            };
            input.drain(..taken);
        }
    }
    told
}

#[test]
fn frames_are_the_same_in_every_cut() {
    let mut random = 1_u32;
    let mut next = |of: usize| {
        random = random.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
        usize::try_from(random >> 16).unwrap() % of
    };
    let mut broken = 0;
    for round in 0..30_000_usize {
        let coding = &CODINGS[round % CODINGS.len()];
        let skip = round % 7 != 0;
        let max = 12 + next(6);
        let mut bytes = Vec::new();
        let parts = [&b"0a"[..], b"AB", b"x", b"\xdb", b"\0", coding.begin(), coding.end()];
        for _ in 0..next(20) {
            let part = parts[next(parts.len())];
            // Of some only the beginning.
            bytes.extend_from_slice(&part[..part.len() - next(6) / 5 * part.len().min(1)]);
        }
        let whole = told(coding, max, skip, [bytes.clone()].into_iter());
        let single = told(coding, max, skip, bytes.iter().map(|byte| alloc::vec![*byte]));
        assert_eq!(single, whole, "{} of {max}: {}", coding.name(), bytes.escape_ascii());
        let some = 1 + next(5);
        let pieces = told(coding, max, skip, bytes.chunks(some).map(<[u8]>::to_vec));
        assert_eq!(pieces, whole, "{} of {max}: {}", coding.name(), bytes.escape_ascii());
        broken += whole.iter().filter(|(_, violation)| violation.is_some()).count();
    }
    assert!(broken > 10_000, "{broken}");
}
