//! Choices of numbers where they are derived, and where they are wrong.

use framer_runtime::cutter::{Cutter, Cutting};
use framer_runtime::frame::{Frame, Framed};
use framer_runtime::violation::{Invalid, Rule, Violation};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::encoded;

framer_runtime::framer! {
    enum Kind: u8 { Ping = 1, Pong = 2 }
    enum Level: u16 le { Low = 1, _ Other }
    enum Small: u4 { One = 1, Two = 2 }

    /// Constants of choices, and a value that is made of another field.
    frame Derived {
        kind: Kind = Kind.Pong,
        level: Level = twice,
        bits u8 { small: 4 as Small = Small.Two, rest: 4 },
        twice: u16,
    }
    /// What it begins with tells an alternative, too.
    enum Either { Ping { kind: Kind = Kind.Ping, id: u8 }, Pong { kind: Kind = Kind.Pong } }

    /// Its end depends on values, so they are looked at before all of it is there.
    frame InBits { bits u16 { kind: 4 as Small, rest: 12 }, more: u16 if kind == Small.One }
    frame Whole { before: u8, level: Wide, more: u16 if level == Wide.High }
    enum Wide: u16 { High = 0x0101, Higher = 0x0102 }
}

#[test]
fn derived_values_are_written_and_checked() {
    let wire = b"\x02\x34\x12\x27\x12\x34";
    assert_eq!(encoded(Derived::new(7, 0x1234)), wire);
    assert_eq!(Derived::decode(wire), Ok(Derived::new(7, 0x1234)));
    let invalid = |rule, start, end| Err(Invalid { rule, frame: "Derived", start, end });
    let with = |place: usize, byte: u8| {
        let mut wire = wire.to_vec();
        wire[place] = byte;
        Derived::decode(&wire).map(|_| ())
    };
    assert_eq!(with(0, 1), invalid(Rule::Range { low: 2, high: 2 }, 0, 1));
    assert_eq!(with(1, 0x35), invalid(Rule::Derived("level"), 1, 3));
    assert_eq!(with(3, 0x17), invalid(Rule::Range { low: 2, high: 2 }, 3, 4));

    assert_eq!(encoded(Either::from(Ping::new(9))), b"\x01\x09");
    assert_eq!(Either::decode(b"\x02"), Ok(Either::from(Pong)));
    assert!(Either::decode(b"\x03").is_err());
}

/// How a stream of frames ends.
fn violation<F: Framed>(pieces: &[&[u8]]) -> Option<Violation> {
    let mut cutter = Cutter::<F>::new(0);
    for piece in pieces {
        assert_eq!(cutter.receive(piece), piece.len());
        loop {
            match cutter.poll() {
                Ok(Cutting::Frame(_)) => {}
                Ok(Cutting::Malformed(violation)) | Err(violation) => return Some(violation),
                Ok(Cutting::More(_)) => break,
            }
        }
    }
    None
}

#[test]
fn a_wrong_value_has_one_place_in_every_cut() {
    let wrong = |frame, start, end| Some(Violation { rule: Rule::Choice, frame, start, end });
    let seen = same_in_every_cut(b"\x10\x00\xaa\xbb\x30\x00\x01\x02", violation::<InBits>);
    assert_eq!(seen, wrong("InBits", 4, 6));
    let seen = same_in_every_cut(b"\x07\x01\x02\x07\x01\x03\x00\x00", violation::<Whole>);
    assert_eq!(seen, wrong("Whole", 4, 6));
}
