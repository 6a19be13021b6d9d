//! Choices by a number and lists that go on elsewhere, together with everything else.

use framer_runtime::frame::Frame;
use framer_runtime::list::List;
use framer_runtime::violation::Rule;
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

framer_runtime::framer! {
    delimiter LF = "\n";
    checksum sum = crc(width 8, poly 0x07);

    /// Values in values, told by a number before each.
    frame Item max 4096 depth 6 { kind: u8 = tag(value), value: Value(kind) }
    enum Value(kind: u8) by kind {
        Leaf = 1 { x: u8 },
        Many = 2 { count: u8 = count(items), items: [Item; count] },
        _ Raw { size: u8 = len(data), data: bytes [size] },
    }

    /// The number in digits, in a line.
    frame Line in until LF max 40 { "K", kind: dec u16 [1..=5] = tag(body), ":", body: Body(kind) }
    enum Body(kind: u16) by kind {
        Point = 1 { x: dec u8 [1..=3], ",", y: dec u8 [1..=3] },
        Word = 20 { text: utf8 to end },
        _ Rest { text: bytes to end },
    }

    /// In a varint, behind an optional frame, with a checksum over all.
    frame Record {
        mark: Mark?,
        kind: leb128 u32 = tag(data),
        size: u16 in ..=1000 = len(data),
        data: Data(kind) in [size],
        check: u8 = sum(kind..data),
    }
    frame Mark { b"\xff", level: u8 }
    enum Data(kind: u32) by kind { Empty = 0 {}, Big = 100000 { value: u64 }, _ Other { bytes: bytes to end } }

    /// Elements of a message with references, each with a checksum of its own and a part that is a
    /// message's list, too.
    frame Book { count: u8 = count(pages), pages: [Page; count], end: u8 = 0x2a }
    frame Page {
        size: u8 = len(rest),
        title: Title,
        note: Note?,
        tags: [Tag] until "." count max 4,
        check: u8 = sum(title..tags),
    }
    frame Note { "!", title: Title }
    frame Tag { "#", title: Title }
    frame Title { parts: [Part] until b"\0" max 30 or Link <=> at(Book, place) count max 5 }
    frame Part { bits u8 { is_link: 1 = 0, size: 7 in 1.. = len(text) }, text: ascii [size] }
    frame Link { bits u8 { is_link: 1 = 1, place: 7 } }

    /// Lists up to a literal: of numbers, of choices, of lists; and what follows.
    frame Lists {
        numbers: [u16] until b"\xff\xff" count max 5,
        words: [Entry] until "end" max 60 count max 9,
        last: u8,
    }
    enum Entry { Named { "n", size: u8 = len(text), text: bytes [size] }, Nested { "(", inner: [Named] until ")" count max 3 } }

    enum Piece { Small { "s", x: u8 }, Large { "l", x: u16 } }
    /// One alternative is counted in a rule, the other decides what follows.
    frame Counted {
        pieces: [Piece] until "." count max 6,
        require count(pieces.Small) <= 2 else Small,
        more: u8 if count(pieces.Large) > 0,
    }
}

#[test]
fn values_in_values() {
    let leaves = [Item::new(Leaf::new(1)), Item::new(Raw::new(9, b"xy"))];
    let tree = [Item::new(Many::new(&leaves)), Item::new(Leaf::new(2))];
    let item = Item::new(Many::new(&tree));
    let wire = b"\x02\x02\x02\x02\x01\x01\x09\x02xy\x01\x02";
    assert_eq!(encoded(item), wire);
    assert_eq!(Item::decode(wire), Ok(item));
    let deep = [&[2, 1].repeat(6)[..], &[1, 0]].concat();
    assert_eq!(Item::decode(&deep).map_err(|wrong| wrong.rule), Err(Rule::Depth { max: 6 }));
    let deep = [&[2, 1].repeat(100_000)[..], &[1, 0]].concat();
    assert!(Item::decode(&deep).is_err());
    assert!(Item::decode(&[&[2, 1].repeat(5)[..], &[1, 0]].concat()).is_ok());
}

#[test]
fn numbers_in_digits() {
    let lines: [(&[u8], Line<'_>); 3] = [
        (b"K1:3,255\n", Line::new(Point::new(3, 255))),
        (b"K20:hi\n", Line::new(Word::new("hi"))),
        (b"K21:\n", Line::new(Rest::new(21, b""))),
    ];
    for (wire, line) in lines {
        assert_eq!(encoded(line), wire);
        assert_eq!(Line::decode(wire), Ok(line));
    }
    assert_eq!(refused(Line::new(Rest::new(20, b"hi"))), ("kind", Rule::Ambiguous));
    let rule = |wire: &'static [u8]| Line::decode(wire).map_err(|wrong| (wrong.rule, wrong.start));
    assert_eq!(rule(b"K1:3,256\n"), Err((Rule::Range { low: 0, high: 255 }, 5)));
    assert_eq!(rule(b"K01:3,2\n"), Err((Rule::Number, 1)));
    assert_eq!(rule(b"K1:3,2,\n"), Err((Rule::Trailing, 6)));
}

#[test]
fn numbers_of_several_bytes() {
    let record = |data: Data<'static>| Record { mark: None, data };
    for data in [Empty.into(), Big::new(7).into(), Other::new(300, b"abc").into()] {
        let wire = encoded(record(data));
        assert_eq!(Record::decode(&wire), Ok(record(data)));
        let mut wrong = wire.clone();
        *wrong.last_mut().expect("a byte") ^= 1;
        assert_eq!(Record::decode(&wrong).map_err(|w| w.rule), Err(Rule::Derived("check")));
    }
    let marked = Record { mark: Some(Mark::new(3)), data: Empty.into() };
    assert_eq!(encoded(marked)[..4], [0xff, 3, 0, 0]);
    assert_eq!(refused(record(Other::new(100_000, b"").into())), ("kind", Rule::Ambiguous));
}

fn parts<'a>(texts: &[&'a str]) -> Vec<Part<'a>> {
    texts.iter().map(|text| Part::new(text)).collect()
}

#[test]
fn references_among_checksums_and_options() {
    let (one, two) = (parts(&["ab", "c"]), parts(&["x", "c"]));
    let tags = [Tag::new(Title::new(&one)), Tag::new(Title::new(&two))];
    let pages = [
        Page { title: Title::new(&one), tags: (&tags).into(), note: None },
        Page {
            title: Title::new(&two),
            tags: List::default(),
            note: Some(Note::new(Title::new(&one))),
        },
    ];
    let book = Book::new(&pages);
    let wire = encoded(book);
    assert_eq!(wire, b"\x02\x0e\x02ab\x01c\0#\x82#\x01x\x85.\x96\x05\x8b!\x82.\xc5*");
    let read = Book::decode(&wire).expect("what was written");
    assert!(read.pages.iter().eq(pages));
    assert_eq!(encoded(read), wire);
    let page = read.pages.iter().nth(1).expect("two pages");
    let note = page.note.expect("a note");
    assert!(note.title.parts.iter().map(|part| part.text).eq(["ab", "c"]));
}

#[test]
fn lists_up_to_literals() {
    let inner = [Named::new(b"q"), Named::new(b"")];
    let words =
        [Entry::from(Named::new(b"end")), Nested::new(&inner).into(), Nested::new(&[]).into()];
    let lists = Lists::new(&[1_u16, 0xff00], &words, 7);
    let wire = b"\0\x01\xff\0\xff\xffn\x03end(n\x01qn\0)()end\x07";
    assert_eq!(encoded(lists), wire);
    assert_eq!(Lists::decode(wire), Ok(lists));
    assert_eq!(refused(Lists::new(&[0xffff_u16], &words, 7)), ("numbers", Rule::Ambiguous));
    for end in 0..wire.len() {
        assert!(Lists::decode(&wire[..end]).is_err(), "{end}");
    }
}

#[test]
fn conditions_and_rules_count_alternatives_of_one_list() {
    let small = Piece::from(Small::new(1));
    let large = Piece::from(Large::new(2));
    let pieces = [small, large, small];
    let counted = Counted { pieces: List::from(&pieces), more: Some(9) };
    let wire = b"s\x01l\0\x02s\x01.\x09";
    assert_eq!(encoded(counted), wire);
    assert_eq!(Counted::decode(wire), Ok(counted));
    assert!(Counted::decode(&wire[..8]).is_err(), "what follows a large piece");

    let few = [small];
    let plain = Counted { pieces: List::from(&few), more: None };
    assert_eq!(encoded(plain), b"s\x01.");
    assert_eq!(Counted::decode(b"s\x01."), Ok(plain));
    assert_eq!(Counted::decode(b"s\x01.\x09").map_err(|wrong| wrong.rule), Err(Rule::Trailing));

    let many = [small; 3];
    let many = Counted { pieces: List::from(&many), more: None };
    assert_eq!(refused(many).1, Rule::Require("Small"));
    let wrong = Counted::decode(b"s\x01s\x01s\x01.").map_err(|wrong| wrong.rule);
    assert_eq!(wrong, Err(Rule::Require("Small")));
}

proptest! {
    #[test]
    fn what_is_read_is_written_the_same(wire in prop::collection::vec(prop_oneof![0..4_u8, any::<u8>()], 0..40)) {
        if let Ok(read) = Item::decode(&wire) {
            prop_assert_eq!(encoded(read), wire.clone());
        }
        if let Ok(read) = Record::decode(&wire) {
            prop_assert_eq!(encoded(read), wire.clone());
        }
        if let Ok(read) = Lists::decode(&wire) {
            prop_assert_eq!(encoded(read), wire);
        }
    }

    #[test]
    fn books_come_back(
        pages in prop::collection::vec(
            (prop::collection::vec("[ab]{1,2}", 0..4), prop::collection::vec("[abc]", 0..3), 0..3_usize, any::<bool>()),
            0..5,
        ),
    ) {
        let pages: Vec<(Vec<Part<'_>>, Vec<Part<'_>>, usize, bool)> = pages
            .iter()
            .map(|(title, other, tags, note)| {
                let title: Vec<Part<'_>> = title.iter().map(|text| Part::new(text)).collect();
                let other: Vec<Part<'_>> = other.iter().map(|text| Part::new(text)).collect();
                (title, other, *tags, *note)
            })
            .collect();
        let tags: Vec<Vec<Tag<'_>>> = pages
            .iter()
            .map(|(_, other, tags, _)| vec![Tag::new(Title::new(other)); *tags])
            .collect();
        let pages: Vec<Page<'_>> = pages
            .iter()
            .zip(&tags)
            .map(|((title, other, _, note), tags)| Page {
                title: Title::new(title),
                tags: tags.into(),
                note: note.then(|| Note::new(Title::new(other))),
            })
            .collect();
        let book = Book::new(&pages);
        let wire = encoded(book);
        let read = Book::decode(&wire).expect("what was written");
        prop_assert!(read.pages.iter().eq(pages.iter().copied()));
        prop_assert_eq!(encoded(read), wire);
    }
}
