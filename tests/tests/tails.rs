//! What stands behind a text that goes to the end, and choices whose alternatives begin alike.

use framer_runtime::cutter::{Cutter, Cutting};
use framer_runtime::frame::Frame;
use framer_runtime::violation::Rule;
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

framer_runtime::framer! {
    delimiter LF = "\n";
    class letter = 'a'..='z';
    class digit = '0'..='9';

    /// In a line, in a region of its own, and in so many bytes.
    frame Line in until LF max 64 { text: utf8 to end, size: Size? }
    frame Size { "{", bytes: dec u8 [1..=3] zeros, now: flag "+", "}" }
    frame Split {
        in until LF max 64 { head: bytes to end, mark: Mark? },
        in until LF max 64 { more: bytes to end, sum: Sum? },
    }
    frame Mark { nocase "<p-", letters: ascii run letter [2..=4], kind: flag "=" | "-" }
    frame Sum { "*", value: hex u8 [2], require value > 0 else Zero }
    frame Sized { size: u8 = len(rest), text: utf8 to end, mark: Mark? }
    frame Held { size: u8 = len(inner), inner: Inner in [size], last: u8 }
    frame Inner { text: bytes to end, size: Size? }

    /// Each begins with a name.
    enum Call nocase in until LF max 64 {
        each { name: ascii run letter [1..=4], skip digit [0..=2], ":" },
        Get { word "GET", key: Key? },
        Put { "PUT ", level: hex u8 [2], },
        PutAll { "PUT *" },
        _ Other { text: bytes to end, size: Size? },
    }
    frame Key { " ", key: ascii run letter [1..=9] }
    /// Where what they begin with is of one length, they are told apart on a stream.
    enum Record {
        each { id: u16, kind: u8, },
        Ping { b: u8 = 1 },
        Data { b: u8 = 2, size: u8 = len(data), data: bytes [size] },
    }
    /// One without a catch-all.
    enum Closed in until LF max 16 { each { n: dec u8 [1..=3], " " }, Up { "up" }, Down { "down" } }
}

#[test]
fn the_end_of_a_line() {
    let size = |bytes, now| Some(Size::new(bytes, now));
    let lines: [(&str, &str, Option<Size>); 8] = [
        ("a {5}\n", "a ", size(5, false)),
        ("{5+}\n", "", size(5, true)),
        ("a {005}\n", "a ", size(5, false)),
        ("a {5}b\n", "a {5}b", None),
        ("a {5} \n", "a {5} ", None),
        ("\n", "", None),
        ("\u{e4}{1}{2}\n", "\u{e4}{1}", size(2, false)),
        ("{{2}\n", "{", size(2, false)),
    ];
    for (wire, text, size) in lines {
        assert_eq!(Line::decode(wire.as_bytes()), Ok(Line { text, size }), "{wire:?}");
    }
    assert_eq!(encoded(Line { text: "a ", size: size(255, true) }), b"a {255+}\n");
    // It has the shape of a size, so it is one.
    let rule = |wire: &str| Line::decode(wire.as_bytes()).err().map(|invalid| invalid.rule);
    assert_eq!(rule("a {0005}\n"), Some(Rule::Number));
    assert_eq!(rule("a {256}\n"), Some(Rule::Range { low: 0, high: 255 }));
    assert_eq!(refused(Line::new("a {5}")), ("size", Rule::Ambiguous));
    assert_eq!(encoded(Line::new("a {5")), b"a {5\n");
}

#[test]
fn parts_of_every_sort() {
    let split = Split {
        head: b"ab",
        mark: Some(Mark::new("cd", true)),
        more: b"",
        sum: Some(Sum::new(0xfe)),
    };
    assert_eq!(encoded(split), b"ab<p-cd=\n*fe\n");
    assert_eq!(Split::decode(b"ab<P-cd=\n*fe\n"), Ok(split));
    let plain = Split { head: b"ab<p-cd", mark: None, more: b"*fg", sum: None };
    assert_eq!(Split::decode(&encoded(plain)), Ok(plain));
    // From the end, all the letters belong to it; then they are too many.
    let broken = Split::decode(b"<p-abcde-\n\n").map_err(|invalid| invalid.rule);
    assert!(broken.is_err(), "{broken:?}");
    let zero = Split::decode(b"a\n*00\n").map_err(|invalid| invalid.rule);
    assert_eq!(zero, Err(Rule::Require("Zero")));
    let sized = Sized { text: "\u{e4}", mark: Some(Mark::new("ab", false)) };
    assert_eq!(encoded(sized), "\u{8}\u{e4}<p-ab-".as_bytes());
    assert_eq!(Sized::decode(&encoded(sized)), Ok(sized));
    let held = Held { inner: Inner { text: b"a", size: Some(Size::new(7, false)) }, last: 9 };
    assert_eq!(encoded(held), b"\x04a{7}\x09");
    assert_eq!(Held::decode(b"\x04a{7}\x09"), Ok(held));
    assert_eq!(refused(Held::new(Inner::new(b"{1}"), 0)), ("size", Rule::Ambiguous));
}

#[test]
fn what_every_alternative_begins_with() {
    let get = Get { name: "ab", key: Some(Key::new("x")) };
    assert_eq!(Call::decode(b"ab:get x\n"), Ok(get.into()));
    assert_eq!(encoded(Call::from(get)), b"ab:GET x\n");
    assert_eq!(Call::decode(b"ab12:PUT 0f\n"), Ok(Put::new("ab", 15).into()));
    assert_eq!(Call::decode(b"ab:put *\n"), Ok(PutAll::new("ab").into()));
    assert_eq!(Call::decode(b"ab:gets\n"), Ok(Other::new("ab", b"gets").into()));
    assert_eq!(Call::decode(b"ab:\n"), Ok(Other::new("ab", b"").into()));
    let sized = Other { name: "a", text: b"x", size: Some(Size::new(3, false)) };
    assert_eq!(Call::decode(b"a:x{3}\n"), Ok(sized.into()));
    for text in ["GET", "put ab", "put *"] {
        assert_eq!(refused(Call::from(Other::new("ab", text.as_bytes()))).1, Rule::Ambiguous);
    }
    let invalid =
        |wire: &str| Call::decode(wire.as_bytes()).err().map(|of| (of.rule, of.start, of.end));
    let short = Rule::TooShort { class: "letter", min: 1 };
    assert_eq!(invalid(":GET\n"), Some((short, 0, 0)));
    assert_eq!(invalid("ab123:GET\n"), Some((Rule::Literal(":"), 4, 5)));
    assert_eq!(invalid("abcde:GET\n"), Some((Rule::Literal(":"), 4, 5)));
    assert_eq!(Closed::decode(b"12 down\n"), Ok(Down::new(12).into()));
    let none = Closed::decode(b"12 left\n").map_err(|of| (of.rule, of.start));
    assert_eq!(none, Err((Rule::Choice, 0)));
    assert_eq!(Closed::decode(b"256 up\n").map_err(|of| of.start), Err(0));
}

#[test]
fn of_one_length_on_a_stream() {
    let wire = [&[0, 7, 9, 1][..], &[0, 8, 9, 2, 3], b"abc", &[1, 0, 0, 1]].concat();
    let frames = same_in_every_cut(&wire, |pieces| {
        let mut cutter = Cutter::<Record<'_>>::new(64);
        let mut seen = Vec::new();
        for piece in pieces {
            assert_eq!(cutter.receive(piece), piece.len());
            while let Ok(Cutting::Frame(frame)) = cutter.poll() {
                seen.push(encoded(frame));
            }
        }
        assert_eq!(cutter.end_of_stream(), Ok(()));
        seen
    });
    assert_eq!(frames, [&wire[..4], &wire[4..12], &wire[12..]]);
    assert_eq!(encoded(Record::from(Data::new(8, 9, b"abc"))), wire[4..12]);
}

proptest! {
    /// Whatever the text holds, what is written is read as it was, or not written.
    #[test]
    fn texts_come_back(text in "[a<x{}0-9+=~-]{0,12}", size in proptest::option::of((0_u8.., any::<bool>()))) {
        let line = Line { text: &text, size: size.map(|(bytes, now)| Size::new(bytes, now)) };
        let mut out = Vec::new();
        if line.encode(&mut out).is_ok() {
            prop_assert_eq!(Line::decode(&out), Ok(line));
        } else {
            prop_assert!(text.ends_with('}'), "{}", text);
        }
        let call = Call::from(Other { name: "a", text: text.as_bytes(), size: line.size });
        out.clear();
        if call.encode(&mut out).is_ok() {
            prop_assert_eq!(Call::decode(&out), Ok(call));
        }
    }
}
