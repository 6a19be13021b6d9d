//! Packetstream: what the original wrote, every cut, and both sides asking at once.

use framer_protocols::packetstream::{self, Record};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::machine::Progress;
use framer_runtime::protocol::Key;
use framer_runtime::testing::{Pair, Turn};
use framer_runtime::violation::{Misuse, Rule};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |c: u8| u8::try_from(char::from(c).to_digit(16).expect("a digit")).expect("a byte");
    let digits = if hex == "-" { "" } else { hex };
    digits.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// What one side reads of a stream: each record's numbers and payload, and the rule that ends it.
fn records(pieces: &[&[u8]]) -> (Vec<String>, Option<Rule>) {
    let mut side = Connection::new(packetstream::Left::new(), Limits::default());
    let mut seen = Vec::new();
    for piece in pieces {
        side.receive(piece);
        loop {
            match side.poll() {
                Ok(Progress::Event((packetstream::left::Event::Record(record), _))) => {
                    seen.push(described(&record));
                }
                Ok(_) => break,
                Err(violation) => return (seen, Some(violation.rule)),
            }
        }
    }
    (seen, side.end_of_stream().err().map(|violation| violation.rule))
}

fn described(record: &Record<'_>) -> String {
    let Record { tag, flags, channel, kind, payload } = record;
    let kind = kind.map_or("-".to_owned(), |kind| kind.to_string());
    let payload = match payload.is_empty() {
        true => "-".to_owned(),
        false => payload.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    format!("{tag},{flags},{},{kind},{payload}", channel.unwrap_or(0))
}

/// Every stream that the original was recorded on. A response to nothing and a tag that is in use
/// end a session here, so streams of several records are looked at record by record.
#[test]
fn what_the_original_wrote() {
    let vectors = include_str!("../vectors/packetstream.txt");
    let (mut good, mut bad) = (0, 0);
    for line in vectors.lines().filter(|line| !line.starts_with('#')) {
        let (stream, wanted) = line.split_once(' ').expect("two words");
        let stream = bytes(stream);
        if wanted == "error" {
            assert!(records(&[&stream]).1.is_some(), "{line}");
            bad += 1;
            continue;
        }
        let mut rest = stream.as_slice();
        for wanted in wanted.split(';').filter(|wanted| *wanted != "-") {
            let ends =
                (1..=rest.len()).find_map(|end| Some((end, Record::decode(&rest[..end]).ok()?)));
            let (end, record) = ends.unwrap_or_else(|| panic!("no record in {line}"));
            assert_eq!(described(&record), wanted);
            assert_eq!(encoded(record), rest[..end]);
            rest = &rest[end..];
        }
        assert!(rest.is_empty(), "{line}");
        good += 1;
    }
    assert_eq!((good, bad), (154, 6));
}

#[test]
fn every_cut_is_the_same() {
    let end = b"\x03\x01\x02\x00\x03\x00\x02\x00";
    let (seen, ended) = same_in_every_cut(end, records);
    assert_eq!((seen, ended), (vec!["1,0,0,0,-".to_owned(), "0,0,0,0,-".to_owned()], None));
    let mut input =
        encoded(Record { tag: 300, flags: 5, channel: Some(9), kind: Some(7), payload: b"abc" });
    input.extend(encoded(Record {
        tag: 301,
        flags: 0,
        channel: None,
        kind: Some(1),
        payload: &[0; 200],
    }));
    assert_eq!(same_in_every_cut(&input, records).0.len(), 2);
    for cut in 1..input.len() - 1 {
        let (seen, ended) = records(&[&input[..cut]]);
        assert_eq!(ended.is_some(), cut != 9, "{cut}: {seen:?}");
    }
    // 274 GB; longer than needed; a response to nothing.
    for (input, rule) in [
        (&b"\x87\xff\xff\xff\xff\x7f"[..], Rule::Number),
        (b"\x88\x80\x80\x01", Rule::Range { low: 2, high: 16_777_216 }),
        (b"\x80\x03", Rule::Number),
        (b"\x02\x00\x04", Rule::UnexpectedReply { state: "Open" }),
        (b"\x03\x00\x03\x00", Rule::Range { low: 1, high: u64::MAX }),
    ] {
        assert_eq!(same_in_every_cut(input, records).1, Some(rule));
    }
}

/// The same tag in two channels and on both sides is four requests.
#[test]
fn tags_count_within_channels_and_sides() {
    let mut left = Connection::new(packetstream::Left::new(), Limits::default());
    let mut right = Connection::new(packetstream::Right::new(), Limits::default());
    let ask = |channel| Record { tag: 5, flags: 0, channel, kind: Some(2), payload: b"?" };
    let answer = |channel| Record { kind: None, flags: 1, payload: b"!", ..ask(channel) };
    for channel in [None, Some(3)] {
        left.send(ask(channel)).expect("a request");
        right.send(ask(channel)).expect("a request");
    }
    let key = Key::Number { within: 3, number: 5 };
    assert_eq!(left.send(ask(Some(3))), Err(Misuse::KeyInUse { key }));
    assert_eq!(key.to_string(), "5 in 3");
    left.receive(right.transmit());
    right.receive(left.transmit());
    let (from_left, from_right) = (left.transmit().len(), right.transmit().len());
    left.transmitted(from_left);
    right.transmitted(from_right);
    for channel in [None, Some(3)] {
        let Ok(Progress::Event((packetstream::left::Event::Record(record), _))) = left.poll()
        else {
            panic!("no request")
        };
        assert_eq!(record, ask(channel));
        assert!(matches!(right.poll(), Ok(Progress::Event(_))));
    }
    for channel in [Some(3), None] {
        left.send(answer(channel)).expect("an answer");
    }
    let again = left.send(answer(None));
    assert!(matches!(again, Err(Misuse::Unasked { .. })), "{again:?}");
    right.receive(left.transmit());
    for channel in [Some(3), None] {
        let Ok(Progress::Event((packetstream::right::Event::Record(record), _))) = right.poll()
        else {
            panic!("no answer")
        };
        assert_eq!(record, answer(channel));
    }
    // Tags are used again.
    right.send(ask(None)).expect("5 is free");
}

fn record(tag: u64, kind: Option<u64>, payload: &[u8]) -> Record<'_> {
    Record { tag, flags: 0, channel: None, kind, payload }
}

/// Ten thousand requests, a thousand at a time, answered from the last to the first.
#[test]
fn ten_thousand_in_any_order() {
    let mut pair = Pair::new(0, packetstream::Left::new(), packetstream::Right::new());
    let (mut asked, mut answered) = (0_u64, 0);
    let mut asked_of = Vec::new();
    loop {
        if asked == answered && asked < 10_000 {
            for tag in asked..asked + 1000 {
                let question = tag.to_be_bytes();
                pair.left().send(record(tag, Some(1), &question)).expect("a request");
            }
            asked += 1000;
        }
        if asked_of.len() == 1000 {
            while let Some(tag) = asked_of.pop() {
                let answer = u64::to_be_bytes(tag);
                pair.right().send(record(tag, None, &answer)).expect("an answer");
            }
        }
        match pair.next() {
            Some(Turn::Left(packetstream::left::Event::Record(answer), _)) => {
                assert_eq!(answer.payload, answer.tag.to_be_bytes());
                answered += 1;
                assert_eq!(answer.tag, asked - 1 - (answered - 1) % 1000);
            }
            Some(Turn::Right(packetstream::right::Event::Record(question), _)) => {
                asked_of.push(question.tag);
            }
            None => break,
            ended => panic!("{ended:?}"),
        }
    }
    assert_eq!(answered, 10_000);
    assert!(pair.left().end_of_stream().is_ok());
    // Who waits is told when the stream ends.
    pair.left().send(record(0, Some(1), b"")).expect("asked");
    assert!(pair.left().end_of_stream().is_err());
}

proptest! {
    #[test]
    fn every_record_comes_back(
        tag: u64,
        flags in 0..1_u64 << 62,
        channel in prop::option::of(1..=u64::MAX),
        kind: Option<u64>,
        payload in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let record = Record { tag, flags, channel, kind, payload: &payload };
        let wire = encoded(record);
        prop_assert_eq!(Record::decode(&wire), Ok(record));
        let large = Record { flags: flags | 1 << 62, ..record };
        prop_assert_eq!(refused(large).0, "flags");
    }

    #[test]
    fn what_is_read_is_written_the_same(body in prop::collection::vec(any::<u8>(), 0..30)) {
        let mut wire = vec![u8::try_from(body.len()).expect("a length")];
        wire.extend(body);
        if let Ok(record) = Record::decode(&wire) {
            prop_assert_eq!(encoded(record), wire);
        }
    }
}
