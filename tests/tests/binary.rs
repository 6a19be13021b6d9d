//! Frames of bytes: each coding has its bytes, what breaks a rule is told where, and whatever can be
//! read is written back the same.

use framer_runtime::frame::Frame;
use framer_runtime::read::Le;
use framer_runtime::violation::{Invalid, Rule};
use framer_tests::binary::{
    Block, Codings, Colour, Command, Envelope, Flags, Integers, Kind, Message, Name, Nested, Open,
    Packet, Pair, Publish, Read, Sentence, Serial, Signed, Stored, Table, Unknown, Write,
};
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

#[test]
fn integers() {
    let wire =
        b"\x01\x02\x03\x01\0\0\0\xff\x80\xfe\xff\xff\xff\xff\xff\xff\xff\x9c\0\0\0\0\0\0\0\x09";
    let integers = Integers { a: 0x0001_0203, b: 0xff_0000_0001, c: -128, d: -2, e: -100, f: 9 };
    assert_eq!(Integers::decode(wire), Ok(integers));
    assert_eq!(encoded(integers), wire);
    let range = Rule::Range { low: 0, high: 0x00ff_ffff };
    assert_eq!(refused(Integers { a: 1 << 24, ..integers }), ("a", range));
    assert_eq!(refused(Integers { e: 1 << 55, ..integers }), ("e", Rule::Number));
    let range = Rule::Range { low: 1, high: 9 };
    assert_eq!(refused(Integers { f: 0, ..integers }), ("f", range));
    let ten = [&wire[..25], b"\x0a"].concat();
    let invalid = Invalid { rule: range, frame: "Integers", start: 18, end: 26 };
    assert_eq!(Integers::decode(&ten), Err(invalid));
    let truncated = Invalid { rule: Rule::Truncated, frame: "Integers", start: 9, end: 9 };
    assert_eq!(Integers::decode(&wire[..9]), Err(truncated));
    assert_eq!(Signed::decode(b"\xff\0\xff\xff\xff\xfe"), Ok(Signed { value: -2 }));
    let bytes = Invalid { rule: Rule::Bytes(b"\xff\0"), frame: "Signed", start: 0, end: 1 };
    assert_eq!(Signed::decode(b"\xfe\0\xff\xff\xff\xfe"), Err(bytes));
}

#[test]
fn codings() {
    let wire = b"\xac\x02\x82\x00\x7b\xbd\xfd\xfd\x00";
    let codings = Codings { short: 300, long: 256, quic: 15_293, compact: 0xfd };
    assert_eq!(Codings::decode(wire), Ok(codings));
    assert_eq!(encoded(codings), wire);
    let invalid = |rule, start, end| Err(Invalid { rule, frame: "Codings", start, end });
    assert_eq!(Codings::decode(b"\x80\x00\0\0\0"), invalid(Rule::Number, 0, 2));
    assert_eq!(Codings::decode(b"\x01\x80\x01\0\0"), invalid(Rule::Number, 1, 2));
    assert_eq!(Codings::decode(b"\x01\x01\x40\x01\0"), invalid(Rule::Number, 2, 4));
    assert_eq!(Codings::decode(b"\x01\x01\x01\xfd\xfc\0"), invalid(Rule::Number, 3, 6));
    let range = Rule::Range { low: 0, high: 0x0fff_ffff };
    assert_eq!(refused(Codings { short: 1 << 28, ..codings }), ("short", range));
}

#[test]
fn bits_with_their_marks() {
    let short = Message { last: true, kind: Kind::Ping, key: None, data: b"hi" };
    assert_eq!(encoded(short), b"\x81\x02hi");
    assert_eq!(Message::decode(b"\x81\x02hi"), Ok(short));
    let masked = Message { last: false, kind: Kind::Other(9), key: Some(0x0102_0304), data: b"" };
    assert_eq!(encoded(masked), b"\x09\x80\x01\x02\x03\x04");
    assert_eq!(Message::decode(b"\x09\x80\x01\x02\x03\x04"), Ok(masked));
    for (len, head) in
        [(125, &b"\x82\x7d"[..]), (126, b"\x82\x7e\0\x7e"), (65_535, b"\x82\x7e\xff\xff")]
    {
        let data = vec![b'x'; len];
        let wire = [head, &data].concat();
        let message = Message { last: true, kind: Kind::Pong, key: None, data: &data };
        assert_eq!(encoded(message), wire);
        assert_eq!(Message::decode(&wire), Ok(message));
    }
    let data = vec![0; 65_536];
    let wire = [&b"\x82\x7f\0\0\0\0\0\x01\0\0"[..], &data].concat();
    let message = Message { last: true, kind: Kind::Pong, key: None, data: &data };
    assert_eq!((encoded(message), Message::decode(&wire)), (wire.clone(), Ok(message)));
    let invalid = |rule, start, end| Err(Invalid { rule, frame: "Message", start, end });
    let zero = Rule::Range { low: 0, high: 0 };
    assert_eq!(Message::decode(b"\xc1\x02hi"), invalid(zero, 0, 2));
    assert_eq!(Message::decode(b"\x81\x7e\x00\x02hi"), invalid(Rule::Number, 0, 4));
    let high = b"\x81\x7f\x80\0\0\0\0\0\0\0";
    let limit = Rule::Range { low: 0, high: 1 << 20 };
    assert_eq!(Message::decode(high), invalid(limit, 0, 10));
    let ambiguous = Message { kind: Kind::Other(1), ..short };
    assert_eq!(refused(ambiguous), ("kind", Rule::Ambiguous));
    let wide = Message { kind: Kind::Other(16), ..short };
    assert_eq!(refused(wide), ("kind", Rule::Range { low: 0, high: 15 }));
}

#[test]
fn counts() {
    let cells = [Le(1_u16), Le(0x0203)];
    let names = [Name::new("a\u{e4}")];
    let table = Table::new(&cells, &names);
    let wire = b"\xca\xfe\x02\x01\0\x03\x02\x03a\xc3\xa4";
    assert_eq!((encoded(table), Table::decode(wire)), (wire.to_vec(), Ok(table)));
    let read = Table::decode(wire).expect("it was written");
    assert_eq!(read.names.iter().map(|name| name.text).collect::<Vec<_>>(), ["a\u{e4}"]);
    assert_eq!(refused(Table::new(&cells, &[])), ("names", Rule::Derived("names")));
    assert_eq!(refused(Table::new(&[Le(0); 5], &[])), ("count", Rule::Range { low: 1, high: 4 }));
    let cafe = Rule::Range { low: 0xcafe, high: 0xcafe };
    let invalid = Invalid { rule: cafe, frame: "Table", start: 0, end: 2 };
    assert_eq!(Table::decode(b"\xca\xff\x02"), Err(invalid));
    let utf8 = Invalid { rule: Rule::Utf8, frame: "Name", start: 1, end: 2 };
    assert_eq!(Name::decode(b"\x01\xff"), Err(utf8));
}

#[test]
fn lengths_that_count_more() {
    let block = Block::new(b"12345678", b"!?");
    let wire = b"\0\x0d\x0212345678!?";
    assert_eq!((encoded(block), Block::decode(wire)), (wire.to_vec(), Ok(block)));
    assert_eq!(refused(Block::new(b"12345", b"!?")), ("data", Rule::Derived("data")));
    let differs = Invalid { rule: Rule::Derived("total"), frame: "Block", start: 0, end: 2 };
    assert_eq!(Block::decode(b"\0\x06\0!?"), Err(differs));
    let short = Invalid { rule: Rule::Require("TooShort"), frame: "Block", start: 5, end: 5 };
    assert_eq!(Block::decode(b"\0\x04\0!?"), Err(short));
    let nested = Nested::new(Name::new("x"), 7);
    assert_eq!(encoded(nested), b"\0\x02\x01x\x07");
    assert_eq!(Nested::decode(b"\0\x02\x01x\x07"), Ok(nested));
    let trailing = Invalid { rule: Rule::Trailing, frame: "Nested", start: 4, end: 5 };
    assert_eq!(Nested::decode(b"\0\x03\x01xy\x07"), Err(trailing));
}

#[test]
fn the_rest_is_a_region() {
    let envelope = Envelope::new(Colour::Red, "tag", Pair::new(9, 5), b"tail");
    let wire = b"\x0c\x02\x01tag\0\x4dtail";
    assert_eq!((encoded(envelope), Envelope::decode(wire)), (wire.to_vec(), Ok(envelope)));
    let long = vec![b'.'; 300];
    let envelope = Envelope { rest: &long, ..envelope };
    let wire = encoded(envelope);
    assert_eq!(&wire[..3], b"\xb4\x02\x02");
    assert_eq!(Envelope::decode(&wire), Ok(envelope));
    assert_eq!(refused(Envelope { label: "a\0", ..envelope }), ("label", Rule::Ambiguous));
    let longer = Rule::TooLong { max: 8 };
    assert_eq!(refused(Envelope { label: "12345678", ..envelope }), ("label", longer));
    let invalid = |rule, frame, start, end| Err(Invalid { rule, frame, start, end });
    assert_eq!(
        Envelope::decode(b"\0"),
        invalid(Rule::Range { low: 1, high: 16_383 }, "Envelope", 0, 1)
    );
    assert_eq!(Envelope::decode(b"\x03\x05\0"), invalid(Rule::Choice, "Envelope", 1, 3));
    let range = Rule::Range { low: 3, high: 9 };
    assert_eq!(Envelope::decode(b"\x0c\x02\x01tag\0\x0dtail"), invalid(range, "Pair", 7, 8));
}

/// Once no such flag was written, and a comparison in one was no Rust.
#[test]
fn flags_that_others_make() {
    let named = Flags { name: Some(Name::new("n")), cells: (&[7, 8]).into() };
    assert_eq!(encoded(named), b"+\x01n \x03\x07\x08");
    assert_eq!(Flags::decode(b"+\x01n \x03\x07\x08"), Ok(named));
    let bare = Flags { name: None, cells: (&[]).into() };
    assert_eq!(encoded(bare), b"-\x01");
    assert_eq!(Flags::decode(b"-\x01"), Ok(bare));
    // What follows begins as the flag does, which is there.
    let long = Flags { name: None, cells: (&[0; 31]).into() };
    let wire = [&b"-  "[..], &[0; 31]].concat();
    assert_eq!(encoded(long), wire);
    assert_eq!(Flags::decode(&wire), Ok(long));
    let invalid = |start, end| Invalid { rule: Rule::Derived("many"), frame: "Flags", start, end };
    assert_eq!(Flags::decode(b"-\x03\x07\x08"), Err(invalid(1, 1)));
    assert_eq!(Flags::decode(b"- \x02\x07"), Err(invalid(1, 2)));
}

#[test]
fn choices_by_number() {
    for (command, wire) in [
        (Command::from(Read::new(1, 125)), &b"\x03\0\x01\0\x7d"[..]),
        (Write::new(b"ab").into(), b"\x90\x03ab"),
        (Unknown::new(4, b"xyz").into(), b"\x04xyz"),
    ] {
        assert_eq!((encoded(command), Command::decode(wire)), (wire.to_vec(), Ok(command)));
    }
    assert_eq!(refused(Command::from(Unknown::new(3, b""))), ("", Rule::Ambiguous));
    let open = Packet::from(Open::new(b"now"));
    assert_eq!(
        (encoded(open), Packet::decode(b"\x10\x03now")),
        (b"\x10\x03now".to_vec(), Ok(open))
    );
    let publish = Publish {
        dup: false,
        quality: 1,
        retain: true,
        topic: Name::new("t"),
        id: Some(7),
        payload: b"go",
    };
    let wire = b"\x33\x06\x01t\0\x07go";
    let packet = Packet::from(publish);
    assert_eq!((encoded(packet), Packet::decode(wire)), (wire.to_vec(), Ok(packet)));
    let condition = ("id", Rule::Condition);
    assert_eq!(refused(Packet::from(Publish { quality: 0, ..publish })), condition);
    assert_eq!(refused(Packet::from(Publish { id: None, ..publish })), condition);
    let quality = Rule::Range { low: 0, high: 2 };
    let invalid = |rule, start, end| Err(Invalid { rule, frame: "Publish", start, end });
    assert_eq!(Packet::decode(b"\x36\x02\x01t"), invalid(quality, 0, 1));
    assert_eq!(Packet::decode(b"\x30\x80\x80\x80\x80\x01"), invalid(Rule::Number, 1, 5));
    let flags = Invalid { rule: Rule::Choice, frame: "Packet", start: 0, end: 1 };
    assert_eq!(Packet::decode(b"\x11\x00"), Err(flags));
}

#[test]
fn checksums() {
    // CRC-16/MODBUS of `123456789` is 0x4b37.
    let serial = Serial::new(b'1', b"hello");
    let wire = encoded(serial);
    assert_eq!(wire[..7], *b"1\x05hello");
    assert_eq!(Serial::decode(&wire), Ok(serial));
    let mut wrong = wire.clone();
    wrong[3] ^= 1;
    let invalid = |rule, frame, start, end| Some(Invalid { rule, frame, start, end });
    assert_eq!(Serial::decode(&wrong).err(), invalid(Rule::Derived("crc"), "Serial", 7, 9));
    // CRC-32 of `00 04 07 61 62 63`.
    let stored = Stored::new(7, b"abc");
    let wire = encoded(stored);
    assert_eq!(wire, b"\x13\xf0\xa7\x0a\x00\x04\x07abc");
    assert_eq!(Stored::decode(&wire), Ok(stored));
    let mut wrong = wire;
    wrong[0] ^= 0x80;
    assert_eq!(Stored::decode(&wrong).err(), invalid(Rule::Derived("crc"), "Stored", 0, 4));
    let fix = Sentence::new("GPGGA,1,2");
    let wire = encoded(fix);
    assert_eq!(wire, b"$GPGGA,1,2*55");
    assert_eq!(Sentence::decode(&wire), Ok(fix));
    assert_eq!(Sentence::decode(b"$A*42").err(), invalid(Rule::Derived("sum"), "Sentence", 3, 5));
}

/// What was read, if it was, written again.
fn again<F: Frame>(bytes: &[u8]) -> Option<Vec<u8>>
where
    for<'a> F::View<'a>: Frame,
{
    F::decode(bytes).ok().map(encoded)
}

/// The description has one encoding for each value, so that what is read is written the same.
fn same<F: Frame>(bytes: &[u8])
where
    for<'a> F::View<'a>: Frame,
{
    if let Some(written) = again::<F>(bytes) {
        assert_eq!(written, bytes, "a {}", F::NAME);
    }
}

fn all(bytes: &[u8]) {
    same::<Integers>(bytes);
    same::<Codings>(bytes);
    same::<Message<'_>>(bytes);
    same::<Table<'_>>(bytes);
    same::<Block<'_>>(bytes);
    same::<Envelope<'_>>(bytes);
    same::<Command<'_>>(bytes);
    same::<Packet<'_>>(bytes);
    same::<Nested<'_>>(bytes);
    same::<Serial<'_>>(bytes);
    same::<Stored<'_>>(bytes);
    same::<Signed>(bytes);
    same::<Flags<'_>>(bytes);
}

const SAMPLES: [&[u8]; 14] = [
    b"\x01\x02\x03\x01\0\0\0\xff\x80\xfe\xff\xff\xff\xff\xff\xff\xff\x9c\0\0\0\0\0\0\0\x09",
    b"\xac\x02\x82\x00\x7b\xbd\xfd\xfd\x00",
    b"\x81\x02hi",
    b"\x09\x80\x01\x02\x03\x04",
    b"\xca\xfe\x02\x01\0\x03\x02\x03a\xc3\xa4",
    b"\0\x0d\x0212345678!?",
    b"\x0c\x02\x01tag\0\x4dtail",
    b"\x03\0\x01\0\x7d",
    b"\x90\x03ab",
    b"\x33\x06\x01t\0\x07go",
    b"\0\x02\x01x\x07",
    b"\xff\0\xff\xff\xff\xfe",
    b"+\x01n \x03\x07\x08",
    b"-\x01",
];

proptest! {
    #[test]
    fn what_is_read_is_written_the_same(
        sample in 0..SAMPLES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
        tail in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let mut bytes = SAMPLES[sample].to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        all(&bytes);
        bytes.truncate(cut.index(bytes.len() + 1));
        bytes.extend(tail);
        all(&bytes);
    }

    #[test]
    fn what_is_written_is_read_the_same(
        last: bool, kind in 0..16_u8, key: Option<u32>,
        data in prop::collection::vec(any::<u8>(), 0..300),
        quality in 0..3_u8, id in 1..=u16::MAX, topic in ".{0,20}",
    ) {
        let kind = Kind::from_number(kind).expect("every number is one");
        let message = Message { last, kind, key, data: &data };
        let wire = encoded(message);
        prop_assert_eq!(Message::decode(&wire), Ok(message));
        let publish = Publish {
            dup: last,
            quality,
            retain: !last,
            topic: Name::new(&topic),
            id: (quality > 0).then_some(id),
            payload: &data,
        };
        let packet = Packet::from(publish);
        let wire = encoded(packet);
        prop_assert_eq!(Packet::decode(&wire), Ok(packet));
        let owned = packet.owned().expect("it can be written");
        prop_assert_eq!(owned.view(), packet);
    }
}
