//! Payloads of a length that is said before, and the literal that stands behind each.

use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::{Machine, Progress};
use framer_runtime::violation::{EncodeError, Misuse, Rule, Violation};
use framer_runtime::write::Out;
use framer_tests::small::blocks::blocks::source::Message;
use framer_tests::small::blocks::blocks::{Sink, Size, Source, sink};

/// What a sink sees of bytes that come in these parts, with pieces of a payload joined.
fn seen(parts: &[&[u8]]) -> (Vec<String>, Option<Violation>) {
    let mut sink = Connection::new(Sink::new(), Limits::default());
    let (mut events, mut block) = (Vec::new(), Vec::new());
    for part in parts {
        sink.receive(part);
        loop {
            match sink.poll() {
                Ok(Progress::Event((sink::Event::Size(size), _))) => {
                    events.push(size.size.to_string());
                }
                Ok(Progress::Event((sink::Event::Block(data), _))) => block.extend_from_slice(data),
                Ok(Progress::Event((sink::Event::BlockEnd, _))) => {
                    events.push(String::from_utf8_lossy(&block).into_owned());
                    block.clear();
                }
                Ok(_) => break,
                Err(violation) => return (events, Some(violation)),
            }
        }
    }
    (events, sink.end_of_stream().err())
}

#[test]
fn the_literal_is_matched_in_every_cut() {
    let wire = b"5\nhello\r\n0\n\r\n2\n\r\n\r\n";
    let whole = seen(&[wire]);
    assert_eq!(whole, (["5", "hello", "0", "", "2", "\r\n"].map(String::from).to_vec(), None));
    for cut in 1..wire.len() {
        let (first, second) = wire.split_at(cut);
        assert_eq!(seen(&[first, second]), whole, "cut at {cut}");
    }
    let bytes: Vec<&[u8]> = wire.chunks(1).collect();
    assert_eq!(seen(&bytes), whole);
}

#[test]
fn anything_else_in_its_place_is_final() {
    let cases: [(&[u8], u64); 6] = [
        (b"2\nabc\r\n", 4),
        (b"2\nab\n", 4),
        (b"2\nab\r\r\n", 5),
        (b"2\nab\rx", 5),
        (b"0\n\n", 2),
        (b"0\n\r0", 3),
    ];
    for (wire, start) in cases {
        let rule = Rule::Bytes(b"\r\n");
        let violation = Violation { rule, frame: "Block", start, end: start + 1 };
        for cut in 0..wire.len() {
            let (first, second) = wire.split_at(cut);
            let (events, broken) = seen(&[first, second]);
            assert_eq!(broken, Some(violation), "{} cut at {cut}", wire.escape_ascii());
            assert_eq!(events.len(), 1, "the block has no end: {events:?}");
        }
        let bytes: Vec<&[u8]> = wire.chunks(1).collect();
        assert_eq!(seen(&bytes).1, Some(violation), "{}", wire.escape_ascii());
    }
}

#[test]
fn an_end_before_the_literal_is_told() {
    for wire in [&b"2\nab\r\n"[..], b"0\n\r\n"] {
        for end in 2..wire.len() {
            let broken = seen(&[&wire[..end]]).1.map(|violation| violation.rule);
            assert!(matches!(broken, Some(Rule::EndOfStream { .. })), "after {end}: {broken:?}");
        }
    }
}

#[test]
fn the_encoder_writes_it_behind_the_last_byte() {
    let mut source = Source::new();
    let mut out = Vec::new();
    let mut send = |message: Message<'_>| {
        source.send(&message, &mut Out::from(&mut out)).map(|()| out.clone())
    };
    assert_eq!(send(Size::new(3).into()), Ok(b"3\n".to_vec()));
    assert_eq!(send(Message::Block(b"ab")), Ok(b"3\nab".to_vec()));
    let refused = EncodeError { frame: "Block", field: "", rule: Rule::TooLong { max: 1 } };
    assert_eq!(send(Message::Block(b"cd")), Err(Misuse::Encode(refused)));
    assert_eq!(send(Message::Block(b"")), Ok(b"3\nab".to_vec()));
    assert_eq!(send(Message::Block(b"c")), Ok(b"3\nabc\r\n".to_vec()));
    assert_eq!(send(Size::new(0).into()), Ok(b"3\nabc\r\n0\n\r\n".to_vec()));
    assert_eq!(send(Size::new(1).into()), Ok(b"3\nabc\r\n0\n\r\n1\n".to_vec()));
}
