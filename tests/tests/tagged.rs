//! Choices by a number that is read before them, and what else frames are given.

use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::list::List;
use framer_runtime::machine::Progress;
use framer_runtime::violation::Rule;
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

framer_runtime::framer! {
    /// A kind, a length, and what they say.
    frame Item { kind: u16 = tag(data), size: u8 = len(data), data: Data(kind) in [size] }
    enum Data(kind: u16) by kind {
        Address = 1 { address: bytes [4] },
        Text = 7 { text: utf8 to end },
        Nothing = 9 {},
        Pair = 300,
        /// Any other, as it came.
        _ Other { data: bytes to end },
    }
    frame Pair { left: u8, right: u8 }
    frame Items { items: [Item] to end count max 8 }

    /// Four bits tell what follows at once.
    frame Short { bits u8 { kind: 4 = tag(body), level: 4 }, body: Body(level, kind), more: bytes to end }
    enum Body(level: u8, kind: u8) by kind {
        Plain = 1 { value: u16 if level >= 2, last: u8 },
        Deep = 2 { inner: Inner(level), sum: u8 },
    }
    frame Inner(depth: u8) { require depth > 0 else Shallow, a: u8, b: u16 le if depth == 3 }
    /// What is passed on must agree.
    enum Outer: u8 { Wrapped = 5 { kind: u8 = tag(held), held: Held(kind) } }
    enum Held(kind: u8) by kind { One = 1 { twice: Twice(kind) }, _ Rest { again: Twice(kind) } }
    enum Twice(kind: u8) by kind { First = 1 { x: u8 }, Second = 2 { y: u16 } }
}

/// Several numbers tell together, or some bits of one.
mod computed {
    framer_runtime::framer! {
        frame Report { class: u8, code: u8, size: u8 = len(about), about: About(class, code) in [size] }
        enum About(class: u8, code: u8) by class * 256 + code {
            Started = 0x0101 { version: u16 },
            Failed = 0x0203 { reason: utf8 to end },
            _ Unknown,
        }
        frame Unknown { data: bytes to end }
        frame Stamp { flags: u16, time: Time(flags) }
        enum Time(flags: u16) by (flags >> 8) & 3 {
            Never = 0 {},
            Seconds = 1 { seconds: u32 },
            Exact = 2 { seconds: u32, nanos: u32 if flags != 2 },
        }
    }
}

/// What a number tells is cut out of a stream by what it tells.
mod spoken {
    framer_runtime::framer! {
        frame Packet { kind: u8 = tag(body), level: u8, body: Body(level, kind) }
        enum Body(level: u8, kind: u8) by kind {
            Small = 1 { value: u16 if level > 1, require level < 9 else Level },
            Long = 2 { size: u16 in ..=300 = len(text), text: bytes [size], sum: u8 },
            Several = 3 { count: u8 = count(items), items: [Item; count] },
            _ Any { size: u8 = len(data), data: bytes [size] },
        }
        frame Item { kind: u8 = tag(value), value: Value(kind) }
        enum Value(kind: u8) by kind { One = 1 { one: u8 }, Two = 2 { two: u16, wide: u32 if two == 7 } }
        protocol Talk over stream {
            roles left, right;
            left speaks Packet;
            right speaks Answer;
            state Open { left Packet => stay; right Answer => stay; }
        }
        frame Answer { ok: u8 }
    }
}

#[test]
fn each_kind_is_read_as_what_it_means() {
    let cases: [(&[u8], Data<'_>); 5] = [
        (b"\0\x01\x04\x7f\0\0\x01", Address::new(b"\x7f\0\0\x01").into()),
        (b"\0\x07\x02hi", Text::new("hi").into()),
        (b"\0\x09\0", Nothing.into()),
        (b"\x01\x2c\x02\x05\x06", Pair::new(5, 6).into()),
        (b"\x01\x2d\x01x", Other::new(301, b"x").into()),
    ];
    for (wire, data) in cases {
        assert_eq!(encoded(Item::new(data)), wire);
        assert_eq!(Item::decode(wire), Ok(Item::new(data)));
    }
    let wire: Vec<u8> = cases.iter().flat_map(|(wire, _)| wire.iter().copied()).collect();
    let items = Items::decode(&wire).expect("all of them");
    assert!(items.items.iter().map(|item| item.data).eq(cases.map(|(_, data)| data)));
    assert_eq!(encoded(items), wire);
    assert_eq!(cases.map(|(_, data)| data.number()), [1, 7, 9, 300, 301]);
}

#[test]
fn what_breaks_a_rule() {
    let rule = |wire: &'static [u8]| {
        let invalid = Item::decode(wire).expect_err("it breaks a rule");
        (invalid.rule, invalid.start, invalid.end)
    };
    assert_eq!(rule(b"\0\x01\x03\x7f\0\0"), (Rule::Truncated, 3, 4));
    assert_eq!(rule(b"\0\x01\x05\x7f\0\0\x01\x01"), (Rule::Trailing, 7, 8));
    assert_eq!(rule(b"\0\x09\x01x"), (Rule::Trailing, 3, 4));
    assert_eq!(rule(b"\0\x07\x02h\xff"), (Rule::Utf8, 4, 5));
    let closed = Short::decode(b"\x30\0").expect_err("no such kind");
    assert_eq!((closed.rule, closed.start), (Rule::Choice, 1));
}

#[test]
fn the_catch_all_does_not_take_what_has_a_name() {
    for kind in [1, 7, 9, 300] {
        let item = Item::new(Other::new(kind, b"\x7f\0\0\x01"));
        assert_eq!(refused(item), ("kind", Rule::Ambiguous));
    }
}

#[test]
fn what_numbers_make_together_tells() {
    use computed::{About, Exact, Failed, Report, Seconds, Stamp, Started, Time, Unknown};
    let failed = Report::new(2, 3, About::Failed(Failed::new("why")));
    assert_eq!(encoded(failed), b"\x02\x03\x03why");
    assert_eq!(Report::decode(b"\x02\x03\x03why"), Ok(failed));
    let unknown = Report::new(3, 2, About::Unknown(Unknown::new(b"why")));
    assert_eq!(Report::decode(b"\x03\x02\x03why"), Ok(unknown));
    assert_eq!(encoded(unknown), b"\x03\x02\x03why");
    for otherwise in [
        Report::new(1, 1, failed.about),
        Report::new(1, 1, unknown.about),
        Report::new(2, 3, About::Started(Started::new(1))),
    ] {
        assert_eq!(otherwise.encode(&mut Vec::new()).expect_err("not so").rule, Rule::Ambiguous);
    }
    let stamp = Stamp::new(0xfd02, Time::Seconds(Seconds::new(1)));
    assert_eq!(Stamp::decode(b"\xfd\x02\0\0\0\x01"), Ok(stamp));
    assert_eq!(encoded(stamp), b"\xfd\x02\0\0\0\x01");
    let exact = Stamp::new(0x0201, Time::Exact(Exact { seconds: 1, nanos: Some(2) }));
    assert_eq!(Stamp::decode(&encoded(exact)), Ok(exact));
    assert_eq!(Stamp::decode(b"\x03\0").expect_err("none").rule, Rule::Choice);
}

#[test]
fn what_is_passed_on() {
    let plain = |level, value, last| Short::new(level, Plain { value, last }, b"");
    assert_eq!(encoded(plain(1, None, 9)), b"\x11\x09");
    assert_eq!(encoded(plain(2, Some(0x0102), 9)), b"\x12\x01\x02\x09");
    assert_eq!(refused(plain(2, None, 9)), ("value", Rule::Condition));
    assert_eq!(refused(plain(1, Some(3), 9)), ("value", Rule::Condition));
    let deep = |level, b| Short::new(level, Deep::new(Inner { a: 7, b }, 8), b"");
    assert_eq!(encoded(deep(3, Some(0x0102))), b"\x23\x07\x02\x01\x08");
    assert_eq!(encoded(deep(1, None)), b"\x21\x07\x08");
    assert_eq!(refused(deep(0, None)), ("", Rule::Require("Shallow")));
    assert_eq!(Short::decode(b"\x20\x07\x08").map_err(|at| at.rule), Err(Rule::Require("Shallow")));
    assert_eq!(Short::decode(b"\x23\x07\x02\x01\x08"), Ok(deep(3, Some(0x0102))));
}

#[test]
fn what_is_told_twice_agrees() {
    let one = Wrapped::new(One::new(First::new(4)));
    assert_eq!(encoded(one), b"\x05\x01\x04");
    let wrong = Wrapped::new(One::new(Second::new(4)));
    assert_eq!(refused(wrong), ("twice", Rule::Derived("twice")));
    let rest = Wrapped::new(Rest::new(2, Second::new(4)));
    assert_eq!(encoded(rest), b"\x05\x02\0\x04");
    assert_eq!(Wrapped::decode(b"\x05\x02\0\x04"), Ok(rest));
    assert_eq!(refused(Wrapped::new(Rest::new(3, Second::new(4)))).0, "again");
    assert_eq!(Wrapped::decode(b"\x05\x03\0\x04").map_err(|at| at.rule), Err(Rule::Choice));
}

#[test]
fn every_cut_of_a_stream() {
    use spoken::talk::{self, *};
    let items = [
        Item::new(One::new(7)),
        Item::new(Two { two: 7, wide: Some(9) }),
        Item::new(Two { two: 8, wide: None }),
    ];
    let packets = [
        Packet::new(0, Small { value: None }),
        Packet::new(2, Small { value: Some(5) }),
        Packet::new(0, Long::new(&[b'x'; 300], 4)),
        Packet::new(0, Several::new(&items)),
        Packet::new(0, Any::new(77, b"any")),
        Packet::new(0, Several::new(&[])),
    ];
    let wire: Vec<u8> = packets.iter().flat_map(|packet| encoded(*packet)).collect();
    for cut in 0..=wire.len() {
        let mut right = Connection::new(talk::Right::new(), Limits::default());
        let mut count = 0;
        for part in [&wire[..cut], &wire[cut..]] {
            assert_eq!(right.receive(part), part.len());
            while let Progress::Event((talk::right::Event::Packet(packet), _)) =
                right.poll().expect("what was written")
            {
                assert_eq!(packet, packets[count]);
                count += 1;
            }
        }
        assert_eq!(count, packets.len());
    }
    let mut right = Connection::new(talk::Right::new(), Limits::default());
    right.receive(b"\x03\0\x02\x01\x07\x03");
    assert_eq!(right.poll().map(|_| ()).map_err(|wrong| wrong.rule), Err(Rule::Choice));
}

proptest! {
    #[test]
    fn what_is_read_is_written_the_same(
        items in prop::collection::vec(
            (prop_oneof![0..12_u16, Just(300)], prop::collection::vec(any::<u8>(), 0..6)),
            0..8,
        ),
    ) {
        let mut wire = Vec::new();
        for (kind, data) in &items {
            wire.extend(kind.to_be_bytes());
            wire.extend(u8::try_from(data.len()));
            wire.extend(data);
        }
        if let Ok(read) = Items::decode(&wire) {
            prop_assert_eq!(encoded(read), wire);
        }
    }

    #[test]
    fn what_is_written_is_read(kind: u16, data in prop::collection::vec(any::<u8>(), 0..9)) {
        let item = Item::new(Other::new(kind, &data));
        let items = [item, Item::new(Text::new("x"))];
        let mut wire = Vec::new();
        if (Items { items: List::from(&items) }).encode(&mut wire).is_ok() {
            let read = Items::decode(&wire).expect("what was written");
            prop_assert!(read.items.iter().eq(items));
        } else {
            prop_assert!([1, 7, 9, 300].contains(&kind));
        }
    }
}
