//! A type of one's own is read and written as the one that a description declares: the same bytes,
//! the same refusals, the same places.

use framer_runtime::Frame;
use std::borrow::Cow;

use framer_runtime::cutter::{Cutter, Cutting};
use framer_runtime::frame::{Decode as _, Framed};
use framer_runtime::list::List;
use framer_runtime::read::Le;
use framer_runtime::transform::Coded;
use framer_runtime::violation::{Invalid, Rule};
use framer_tests::frames::{encoded, refused};
use framer_tests::own::{derived, described, owned};
use proptest::prelude::*;

/// What is read, written again; or what is wrong.
fn again<F: Frame>(wire: &[u8]) -> Result<Vec<u8>, Invalid>
where
    for<'a> F::View<'a>: Frame,
{
    F::decode(wire).map(encoded)
}

/// Both read the same: whole, cut short, and with any byte changed.
fn alike<A: Frame, B: Frame>(wire: &[u8])
where
    for<'a> A::View<'a>: Frame,
    for<'a> B::View<'a>: Frame,
{
    assert_eq!(again::<A>(wire), Ok(wire.to_vec()), "{}", wire.escape_ascii());
    for end in 0..=wire.len() {
        assert_eq!(again::<A>(&wire[..end]), again::<B>(&wire[..end]));
    }
    for place in 0..wire.len() {
        for byte in 0..=u8::MAX {
            let mut other = wire.to_vec();
            other[place] = byte;
            let text = other.escape_ascii();
            assert_eq!(again::<A>(&other), again::<B>(&other), "{} {text}", A::NAME);
        }
    }
    assert_eq!((A::NAME, A::ENDS), (B::NAME, B::ENDS));
}

const TABLE: &[u8] = b"\xca\xfe\x03\x01\x00\x02\x00\xff\xff\x01a\x02bc\x02\x01id!?\x85\x03xyz\
    \x04\x03\x00\x01!\xfe\xff\xffmin\x00\x01q";

#[test]
fn the_same_bytes() {
    use derived as d;
    use described as e;
    for wire in [&b"\0\x03\x01hi"[..], b"\0\x01\x09"] {
        alike::<e::Block<'_>, d::Block<'_>>(wire);
        alike::<e::Block<'_>, owned::Block>(wire);
    }
    for wire in [&b"\x00"[..], b"\x02hi"] {
        alike::<e::Name<'_>, d::Name<'_>>(wire);
        alike::<e::Name<'_>, owned::Name>(wire);
    }
    for wire in [&b"v2 color=green!\r\n"[..], b"v99 color=a\r\n"] {
        alike::<e::Line<'_>, d::Line<'_>>(wire);
        alike::<e::Line<'_>, owned::Line>(wire);
    }
    let long = [&b"\x82\x7e\x00\x80"[..], &[7; 128]].concat();
    for wire in [&b"\x81\x02hi"[..], b"\x09\x80\x01\x02\x03\x04", &long] {
        alike::<e::Message<'_>, d::Message<'_>>(wire);
        alike::<e::Message<'_>, owned::Message<'_>>(wire);
    }
    for data in [&b"\x00\x6b\x03"[..], b""] {
        let wire = encoded(owned::Serial { unit: 17, data: data.to_vec() });
        alike::<e::Serial<'_>, d::Serial<'_>>(&wire);
        alike::<e::Serial<'_>, owned::Serial>(&wire);
    }
    alike::<e::Table<'_>, d::Table<'_>>(TABLE);
    alike::<e::Table<'_>, owned::Table>(TABLE);
    for wire in [&b"\x03\x00\x01\x00\x02"[..], b"\x90\x03hi", b"\x04", b"\x05abc", b"\x00"] {
        alike::<e::Command<'_>, d::Command<'_>>(wire);
    }
    for wire in [&b"GET 12\r\n"[..], b"PUT\tabc-\r\n", b"STOP\r\n", b"STOPS\r\n", b"\r\n"] {
        alike::<e::Order<'_>, d::Order<'_>>(wire);
    }
    for wire in [&b":-5\r\n"[..], b"$2\r\n\r\n\r\n", b"_\r\n", b"*2\r\n*1\r\n:1\r\n$0\r\n\r\n"] {
        alike::<e::Value<'_>, d::Value<'_>>(wire);
        alike::<e::Value<'_>, owned::Value>(wire);
    }
}

/// A value of both types of a name is written to the same bytes and read back, or is refused.
macro_rules! both {
    ($ty:ident { $($fields:tt)* }, $expected:expr) => {{
        use derived as d;
        use described as e;
        let expected: Result<&[u8], (&str, Rule)> = $expected;
        let (one, other) = (e::$ty { $($fields)* }, d::$ty { $($fields)* });
        match expected {
            Ok(wire) => {
                assert_eq!((encoded(one), encoded(other)), (wire.to_vec(), wire.to_vec()));
                assert_eq!(e::$ty::decode(wire), Ok(one));
                assert_eq!(d::$ty::decode(wire), Ok(other));
            }
            Err(refusal) => assert_eq!((refused(one), refused(other)), (refusal, refusal)),
        }
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
    }};
}

#[test]
fn the_same_values() {
    let range = |low, high| Rule::Range { low, high };
    both!(Block { kind: 1, data: b"hi" }, Ok(b"\0\x03\x01hi"));
    both!(Block { kind: 10, data: b"" }, Err(("kind", range(1, 9))));
    both!(Block { kind: 1, data: &[0; 4096] }, Err(("length", range(0, 4096))));
    both!(Name { text: "\u{e9}" }, Ok(b"\x02\xc3\xa9"));
    let long = "x".repeat(256);
    both!(Name { text: &long }, Err(("length", range(0, 255))));
    both!(Line { version: 9, color: "red", loud: false }, Ok(b"v9 color=red\r\n"));
    let run = Rule::Class { class: "name" };
    both!(Line { version: 9, color: "r d", loud: false }, Err(("color", run)));
    both!(Line { version: 0, color: "red", loud: true }, Err(("version", range(1, 99))));
    both!(Message { last: true, kind: 1, key: None, data: b"hi" }, Ok(b"\x81\x02hi"));
    both!(Message { last: true, kind: 11, key: None, data: b"" }, Err(("kind", range(0, 10))));
    both!(Serial { unit: 1, data: b"\x02" }, Ok(b"\x01\x01\x02\xa0\x51"));
}

#[test]
fn the_values_of_a_table() {
    let wide = |numbers: [u16; 3]| numbers.map(Le);
    let cells = wide([1, 2, 0xffff]);
    let names = [derived::Name { text: "a" }, derived::Name { text: "bc" }];
    let table = derived::Table {
        cells: (&cells).into(),
        names: (&names).into(),
        kind: derived::Kind::Red,
        id: b"id!?",
        low: 5,
        extra: Some(derived::Name { text: "xyz" }),
        inner: derived::Name { text: "\0\x01!" },
        signed: -2,
        unit: derived::Unit::Minutes,
        rest: (&[derived::Name { text: "" }, derived::Name { text: "q" }]).into(),
    };
    let owned = owned::Table::decode(TABLE).expect("a table");
    assert_eq!(encoded(table), TABLE);
    assert_eq!(derived::Table::decode(TABLE), Ok(table));
    assert_eq!((owned.cells.as_slice(), owned.id), (&[1, 2, 0xffff][..], *b"id!?"));
    assert_eq!(owned.extra, Some(owned::Name("xyz".to_owned())));
    let counted =
        |names: &'static [derived::Name<'static>]| derived::Table { names: names.into(), ..table };
    assert_eq!(refused(counted(&[])), ("names", Rule::Derived("names")));
    let other = derived::Table { kind: derived::Kind::Other(3), ..table };
    assert_eq!(refused(other), ("", Rule::Ambiguous));
    assert_eq!(refused(derived::Table { cells: Default::default(), ..table }).0, "count");
    assert_eq!(refused(derived::Table { signed: 1 << 23, ..table }), ("signed", Rule::Number));
}

fn name() -> impl Strategy<Value = owned::Name> {
    "\\PC{0,20}".prop_map(owned::Name)
}

fn table() -> impl Strategy<Value = owned::Table> {
    let kind = prop_oneof![
        Just(derived::Kind::Red),
        Just(derived::Kind::Green),
        (4..0x0102_u16).prop_map(derived::Kind::Other),
    ];
    let unit = prop_oneof![Just(derived::Unit::Seconds), Just(derived::Unit::Minutes)];
    let cells = prop::collection::vec((any::<u16>(), name()), 1..=4);
    let low = (0..128_u8, -(1 << 23)..1 << 23);
    let rest = prop::collection::vec(name(), 0..=3);
    (cells, kind, any::<[u8; 4]>(), low, prop::option::of(name()), name(), unit, rest).prop_map(
        |(cells, kind, id, (low, signed), extra, inner, unit, rest)| {
            let (cells, mut names): (_, Vec<_>) = cells.into_iter().unzip();
            names.pop();
            owned::Table { cells, names, kind, id, low, extra, inner, signed, unit, rest }
        },
    )
}

fn value() -> impl Strategy<Value = owned::Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(owned::Value::Number),
        prop::collection::vec(any::<u8>(), 0..100).prop_map(owned::Value::Text),
        Just(owned::Value::Nothing),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(owned::Value::Values)
    })
}

proptest! {
    #[test]
    fn what_is_owned_comes_back(table in table(), value in value(), data: Vec<u8>) {
        let wire = encoded(table.clone());
        prop_assert_eq!(owned::Table::decode(&wire), Ok(table));
        prop_assert_eq!(again::<described::Table<'_>>(&wire), Ok(wire));
        let wire = encoded(value.clone());
        prop_assert_eq!(owned::Value::decode(&wire), Ok(value));
        prop_assert_eq!(again::<described::Value<'_>>(&wire), Ok(wire));
        let block = owned::Block { kind: 3, data };
        prop_assert_eq!(owned::Block::decode(&encoded(block.clone())), Ok(block));
    }

    #[test]
    fn any_bytes_are_the_same_to_both(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(
            again::<described::Message<'_>>(&bytes),
            again::<owned::Message<'_>>(&bytes),
        );
        prop_assert_eq!(
            again::<described::Command<'_>>(&bytes),
            again::<derived::Command<'_>>(&bytes),
        );
    }
}

#[test]
fn what_a_type_says_of_itself() {
    let last = owned::Last { r#type: 7, empty: owned::Empty };
    assert_eq!((encoded(last.clone()), owned::Last::decode(b"\x07")), (vec![7], Ok(last)));
    assert_eq!((owned::Last::ENDS, owned::Empty::ENDS), (false, false));
    let trailing = Invalid { rule: Rule::Trailing, frame: "Empty", start: 0, end: 1 };
    assert_eq!(owned::Empty::decode(b"x"), Err(trailing));
    assert_eq!(
        owned::Block::decode(b"\0\x01\x01").expect("a block").owned().map(|own| own.view()),
        Ok(owned::Block { kind: 1, data: Vec::new() })
    );
}

/// Frames of a description are part of a type of one's own, with what they refer to before them.
#[test]
fn what_refers_to_what_stands_before_it() {
    mod hosts {
        framer_runtime::framer! {
            frame Message { count: u8 = count(hosts), hosts: [Name; count] }
            frame Name {
                labels: [Label] until b"\0" max 255 or Pointer <=> at(Message, offset) count max 127
            }
            frame Label { bits u8 { kind: 2 = 0, size: 6 in 1.. = len(text) }, text: bytes [size] }
            frame Pointer { bits u16 { kind: 2 = 3, offset: 14 } }
        }
    }
    use hosts::{Label, Name};
    #[derive(Frame, Clone, Debug, PartialEq)]
    struct Host<'a> {
        name: Name<'a>,
        port: u16,
    }
    #[derive(Frame, Debug, PartialEq)]
    struct Hosts<'a> {
        #[frame(before(count: u8 = count(hosts)))]
        #[frame([Host; count])]
        hosts: List<'a, Host<'a>>,
    }
    let wire = b"\x02\x02ab\x01c\0\0\x50\x01d\xc0\x04\0\x51";
    let hosts = Hosts::decode(wire).expect("hosts");
    let texts = |host: Host<'static>| -> Vec<Vec<u8>> {
        host.name.labels.iter().map(|label: Label<'_>| label.text.to_vec()).collect()
    };
    let read: Vec<_> = hosts.hosts.iter().map(|host| (texts(host.clone()), host.port)).collect();
    let label = |text: &[u8]| text.to_vec();
    let expected =
        vec![(vec![label(b"ab"), label(b"c")], 80), (vec![label(b"d"), label(b"c")], 81)];
    assert_eq!(read, expected);
    assert_eq!(encoded(hosts), wire);
}

/// What has an end is cut out of a stream, a byte at a time.
#[test]
fn frames_in_a_stream() {
    fn cut<F: Framed>(wires: &[&[u8]])
    where
        for<'a> F::View<'a>: Frame,
    {
        let mut cutter = Cutter::<F>::new(4096);
        let mut found: Vec<Vec<u8>> = Vec::new();
        for byte in wires.concat() {
            cutter.receive(&[byte]);
            if let Cutting::Frame(frame) = cutter.poll().expect("frames") {
                found.push(encoded(frame));
            }
        }
        assert_eq!(found, wires);
    }
    cut::<derived::Block<'_>>(&[b"\0\x03\x01hi", b"\0\x01\x09"]);
    cut::<owned::Name>(&[b"\0", b"\x02hi"]);
    cut::<owned::Line>(&[b"v2 color=green!\r\n", b"v3 color=red\r\n"]);
    cut::<derived::Message<'_>>(&[b"\x81\x02hi", b"\x09\x80\x01\x02\x03\x04"]);
    cut::<derived::Order<'_>>(&[b"STOP\r\n", b"\r\n"]);
    let values = [&b"*2\r\n*1\r\n:1\r\n$0\r\n\r\n"[..], b"_\r\n", b"$2\r\n\r\n\r\n"];
    cut::<derived::Value<'_>>(&values);
    cut::<owned::Value>(&values);
}

/// A transform stands beside a type as in a description.
#[test]
fn payloads_in_a_coding() {
    #[derive(Frame, Clone, Debug, PartialEq)]
    #[frame(transform Cobs { blocks cobs; })]
    struct Sample<'a> {
        unit: u8,
        #[frame(bytes via Cobs max 300)]
        values: Coded<'a>,
    }
    let wire = b"\x07\x03\x11\x22\x02\x33\0";
    let sample = Sample::decode(wire).expect("a sample");
    assert_eq!(sample.values.to_vec(), b"\x11\x22\0\x33");
    assert_eq!(encoded(sample), wire);
}

/// Variants with everything that a struct may have, under names that the code has, too.
#[allow(non_camel_case_types)]
#[derive(Frame, Clone, Debug, PartialEq)]
#[frame(delimiter NUL = "\0"; u8 max 64)]
enum Mixed<'a> {
    #[frame(= 1)]
    None {
        #[frame(bits u8 { kind: 4 in 0..=9, more: 1 = some(text), last: 1, low: 2 })]
        kind: u8,
        last: bool,
        low: u8,
        #[frame(before(sum: u16 = kind + low, require kind >= low else Order))]
        #[frame(utf8 until NUL max 9 if more)]
        text: Option<String>,
        #[frame(before(size: u8 = len(value), name: flag "+" | "-" = some(value)))]
        #[frame(bytes [size] if name)]
        value: Option<Cow<'a, [u8]>>,
    },
    #[frame(= 2)]
    Some(
        Option<owned::Name>,
        #[frame(before(";", count: u8 = count(_1)))]
        #[frame([u32 le; count])]
        Vec<u32>,
    ),
    #[frame(= 3)]
    r#try {
        reader: u8,
        writer: [u8; 2],
        begin: owned::Serial,
        #[frame(after(end: u8 = 9))]
        r#match: derived::Name<'a>,
    },
}

#[test]
fn variants_of_every_kind() {
    let value = |text: Option<&str>, value: Option<&'static [u8]>| Mixed::None {
        kind: 7,
        last: true,
        low: 3,
        text: text.map(str::to_owned),
        value: value.map(Cow::Borrowed),
    };
    let serial = owned::Serial { unit: 1, data: vec![2] };
    let begin = derived::Name { text: "z" };
    let name = |text: &str| owned::Name(text.to_owned());
    let rows: [(Mixed<'_>, &[u8]); 6] = [
        (value(None, None), b"\x01\x77\0\x0a\0-"),
        (value(Some("hi"), None), b"\x01\x7f\0\x0ahi\0\0-"),
        (value(None, Some(b"\0")), b"\x01\x77\0\x0a\x01+\0"),
        (Mixed::Some(Some(name("hi")), vec![1]), b"\x02\x02hi;\x01\x01\0\0\0"),
        (Mixed::Some(None, vec![]), b"\x02;\0"),
        (
            Mixed::r#try { reader: 5, writer: *b"ab", begin: serial, r#match: begin },
            b"\x03\x05ab\x01\x01\x02\xa0\x51\x01z\x09",
        ),
    ];
    for (value, wire) in rows {
        assert_eq!(encoded(value.clone()), wire);
        assert_eq!(Mixed::decode(wire), Ok(value));
        for end in 0..wire.len() {
            assert!(Mixed::decode(&wire[..end]).is_err());
        }
    }
    let order = Mixed::None { kind: 1, last: true, low: 3, text: None, value: None };
    assert_eq!(refused(order), ("", Rule::Require("Order")));
    let long = Mixed::Some(None, vec![0; 20]);
    assert_eq!(refused(long), ("", Rule::TooLong { max: 64 }));
    let broken = Invalid { rule: Rule::Derived("sum"), frame: "None", start: 2, end: 4 };
    assert_eq!(Mixed::decode(b"\x01\x77\0\x0b\0-"), Err(broken));
}

/// The type may come out of a `macro_rules!`, and its runtime be another.
#[test]
fn types_made_by_a_macro() {
    use framer_runtime as runtime;
    macro_rules! ping {
        ($name:ident, $size:literal, $($field:ident: $ty:ty),*) => {
            #[derive(runtime::Frame, Debug, PartialEq)]
            #[frame(crate = runtime)]
            #[frame(before("PING", size: u8 = $size))]
            struct $name { $($field: $ty),* }
        };
    }
    ping!(Ping, 4, id: u16, name: owned::Name, data: [u8; 2]);
    ping!(Pong, 0,);
    let ping = Ping { id: 1, name: owned::Name(String::new()), data: *b"ab" };
    assert_eq!(Ping::decode(b"PING\x04\0\x01\0ab"), Ok(ping));
    assert_eq!(encoded(Pong {}), b"PING\0");
}

/// What is announced is not reserved: a count of 65,535 in a message of three bytes takes none.
#[test]
fn memory_follows_what_is_there() {
    #[derive(Frame, Debug, PartialEq)]
    struct Many {
        #[frame(before(count: u16 = count(cells)))]
        #[frame([u64; count])]
        cells: Vec<u64>,
    }
    let truncated = |start, end| Invalid { rule: Rule::Truncated, frame: "Many", start, end };
    assert_eq!(Many::decode(b"\xff\xff"), Err(truncated(2, 2)));
    assert_eq!(Many::decode(b"\xff\xff\x01").map_err(|error| error.rule), Err(Rule::Truncated));
}
