//! Lists that end with a literal, and go on where they have stood before.

use framer_runtime::frame::Frame;
use framer_runtime::list::List;
use framer_runtime::violation::{Invalid, Rule};
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

framer_runtime::framer! {
    /// Words between braces, each behind its length.
    frame Words { "{", words: [Word] until "}" max 40 count max 4, rest: bytes to end }
    frame Word { size: u8 = len(text), text: ascii [size] }

    /// Names one behind the other, the second part of which need not be written again.
    frame Message { id: u8, count: u8 = count(entries), entries: [Entry; count], more: [u8] to end count max 9 }
    frame Entry { size: u8 = len(inner), inner: Inner in [size], name: Name }
    frame Inner { name: Name, value: u8 }
    frame Name { labels: [Label] until b"\0" max 40 or Pointer <=> at(Message, offset) count max 8 }
    frame Label { bits u8 { kind: 2 = 0, size: 6 in 1.. = len(text) }, text: bytes [size] }
    frame Pointer { bits u16 { kind: 2 = 3, offset: 14 } }
    /// The message begins behind its length.
    frame Framed { length: u16 = len(message), message: Message in [length], sum: u8 }
}

fn labels<'a>(texts: &[&'a str]) -> Vec<Label<'a>> {
    texts.iter().map(|text| Label::new(text.as_bytes())).collect()
}

fn texts<'a>(name: Name<'a>) -> Vec<&'a [u8]> {
    name.labels.iter().map(|label| label.text).collect()
}

#[test]
fn up_to_a_literal() {
    let words = [Word::new("a"), Word::new(""), Word::new("xyz")];
    let wire = b"{\x01a\0\x03xyz}rest";
    assert_eq!(encoded(Words::new(&words, b"rest")), wire);
    let read = Words::decode(wire).expect("words");
    assert!(read.words.iter().eq(words));
    assert_eq!((read.words.len(), read.rest), (3, &b"rest"[..]));
    assert_eq!(encoded(Words::new(&[], b"")), b"{}");
    let rule = |wire: &'static [u8]| Words::decode(wire).map_err(|wrong| wrong.rule).err();
    assert_eq!(rule(b"{\x01a"), Some(Rule::Truncated));
    assert_eq!(rule(b"{\0\0\0\0\0}"), Some(Rule::Count { max: 4 }));
    assert_eq!(
        rule(&[b"{\x27", &[b'x'; 39][..], b"}"].concat().leak()[..]),
        Some(Rule::TooLong { max: 40 })
    );
    // A word of 125 letters would begin with the brace.
    let long = "x".repeat(125);
    assert_eq!(refused(Words::new(&[Word::new(&long)], b"")), ("words", Rule::Ambiguous));
    let wide = "x".repeat(39);
    assert_eq!(refused(Words::new(&[Word::new(&wide)], b"")), ("", Rule::TooLong { max: 40 }));
}

/// The names of RFC 1035, section 4.1.4, in a message of our own.
#[test]
fn what_has_stood_before_is_not_written_again() {
    let (f, foo, arpa, root) = (
        labels(&["F", "ISI", "ARPA"]),
        labels(&["FOO", "F", "ISI", "ARPA"]),
        labels(&["ARPA"]),
        labels(&[]),
    );
    let name = |labels| Name::new(labels);
    let entries = [
        Entry::new(Inner::new(name(&f), 1), name(&foo)),
        Entry::new(Inner::new(name(&arpa), 2), name(&root)),
        Entry::new(Inner::new(name(&foo), 3), name(&f)),
    ];
    let message = Message { id: 7, entries: (&entries).into(), more: List::default() };
    let wire = b"\x07\x03\
        \x0d\x01F\x03ISI\x04ARPA\0\x01\
        \x03FOO\xc0\x03\
        \x03\xc0\x09\x02\0\
        \x03\xc0\x10\x03\xc0\x03";
    assert_eq!(encoded(message), wire);
    let read = Message::decode(wire).expect("what was written");
    assert!(read.entries.iter().eq(entries));
    let entry = read.entries.iter().nth(2).expect("three entries");
    assert_eq!(texts(entry.inner.name), [&b"FOO"[..], b"F", b"ISI", b"ARPA"]);
    assert_eq!(texts(entry.name), [&b"F"[..], b"ISI", b"ARPA"]);
    // Letters of another case are other bytes.
    let mixed = labels(&["f", "Isi", "ARPA"]);
    let entries = [Entry::new(Inner::new(name(&f), 1), name(&mixed))];
    let message = Message { entries: (&entries).into(), ..message };
    assert!(encoded(message).ends_with(b"\x01f\x03Isi\xc0\x09"));
}

#[test]
fn offsets_count_from_the_beginning_of_the_message() {
    let label = labels(&["a"]);
    let entries = [Entry::new(Inner::new(Name::new(&label), 1), Name::new(&label))];
    let message = Message { id: 7, entries: (&entries).into(), more: List::default() };
    let framed = Framed::new(message, 9);
    assert_eq!(encoded(framed), b"\0\x09\x07\x01\x04\x01a\0\x01\xc0\x03\x09");
    let read = Framed::decode(b"\0\x09\x07\x01\x04\x01a\0\x01\xc0\x03\x09").expect("a message");
    assert_eq!(read, framed);
    // Behind what the buffer holds, too.
    let mut out = b"before".to_vec();
    message.encode(&mut out).expect("it can be written");
    assert!(out.ends_with(b"\xc0\x03"));
    // What stands alone counts from itself.
    let entry = Entry::decode(b"\x04\x01a\0\x01\xc0\x01").expect("an entry");
    assert_eq!(texts(entry.name), [b"a"]);
    assert_eq!(encoded(entry), b"\x04\x01a\0\x01\xc0\x01");
}

#[test]
fn references_lead_backwards_only() {
    let rule = |wire: &[u8]| Message::decode(wire).expect_err("it breaks a rule");
    let reference = |offset, before, start| Invalid {
        rule: Rule::Reference { offset, before },
        frame: "Name",
        start,
        end: start + 2,
    };
    // To itself, forwards, into the middle of its own name, out of the message.
    assert_eq!(rule(b"\x07\x01\x03\xc0\x03\x01\0"), reference(3, 3, 3));
    assert_eq!(rule(b"\x07\x01\x03\xc0\x06\x01\0"), reference(6, 3, 3));
    assert_eq!(rule(b"\x07\x01\x05\x01a\xc0\x03\x01\0"), reference(3, 3, 5));
    assert_eq!(rule(b"\x07\x01\x03\xff\xff\x01\0"), reference(0x3fff, 3, 3));
    // What they lead to stands before them as a whole.
    assert_eq!(rule(b"\x07\x01\x03\xc0\x00\x01\0").rule, Rule::Truncated);
}

/// A chain of references is no longer than a name has parts.
#[test]
fn chains_of_references() {
    let chain = |links: u8| {
        let mut wire = vec![7, 1 + links, 3, 1, b'a', 0, 1, 0xc0, 3];
        wire[2] = 4;
        for link in 0..links {
            // Each entry of five bytes refers to the second name of the one before.
            let there = 7 + 6 * link;
            wire.extend([3, 0xc0, there, 1, 0xc0, there]);
        }
        wire
    };
    let texts_of_last = |links| {
        let wire = chain(links);
        let read = Message::decode(&wire).map_err(|wrong| wrong.rule)?;
        Ok(read.entries.iter().last().map(|entry| texts(entry.name).len()))
    };
    assert_eq!(texts_of_last(7), Ok(Some(1)));
    assert_eq!(texts_of_last(8), Err(Rule::Count { max: 8 }));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        names in prop::collection::vec(prop::collection::vec("[ab]{1,3}", 0..4), 0..12),
        id: u8,
    ) {
        let names: Vec<Vec<Label<'_>>> = names
            .iter()
            .map(|name| name.iter().map(|text| Label::new(text.as_bytes())).collect())
            .collect();
        let entries: Vec<Entry<'_>> = names
            .chunks_exact(2)
            .map(|two| Entry::new(Inner::new(Name::new(&two[0]), id), Name::new(&two[1])))
            .collect();
        let message = Message { id, entries: (&entries).into(), more: List::default() };
        let wire = encoded(message);
        let read = Message::decode(&wire).expect("what was written");
        prop_assert!(read.entries.iter().eq(entries.iter().copied()));
        prop_assert_eq!(encoded(read), wire);
    }

    #[test]
    fn whatever_comes_is_read_to_its_end_or_refused(
        wire in prop::collection::vec(
            prop_oneof![0..6_u8, Just(0xc0_u8), b'a'..=b'c'],
            0..60,
        ),
    ) {
        let wire = [&[7, 3], &wire[..]].concat();
        if let Ok(read) = Message::decode(&wire) {
            for entry in read.entries {
                prop_assert_eq!(texts(entry.name).len(), entry.name.labels.len());
                prop_assert_eq!(texts(entry.inner.name).len(), entry.inner.name.labels.len());
            }
            prop_assert_eq!(read.entries.iter().count(), read.entries.len());
            let mut again = Vec::new();
            read.encode(&mut again).expect("what was read");
            let read_again = Message::decode(&again).expect("what was written");
            prop_assert!(read_again.entries.iter().eq(read.entries.iter()));
        }
    }
}
