//! NMEA 0183: known sentences in every cut, what is told and passed over, what cannot be written.

use framer_protocols::nmea::{self, *};
use framer_runtime::frame::Frame;
use framer_runtime::list::List;
use framer_runtime::violation::{Invalid, Misuse, Rule};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use framer_tests::seen::{connection, seen};
use proptest::prelude::*;

const SENTENCES: [&str; 6] = [
    "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n",
    "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n",
    "$GPGLL,4916.45,N,12311.12,W,225444,A,*1D\r\n",
    "!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n",
    "$PMTK605*31\r\n",
    "$CCGPQ,GGA*2B\r\n",
];

/// What a listener makes of the pieces, in short.
fn heard(pieces: &[&[u8]]) -> Vec<String> {
    let mut listener = connection(nmea::Listener::new());
    let seen = seen(&mut listener, "", pieces);
    assert_eq!(listener.end_of_stream(), Ok(()));
    seen.into_iter().map(short).collect()
}

/// The address of a sentence, or the rule that one breaks and where.
fn short(event: String) -> String {
    match event.strip_prefix("Malformed(Violation { rule: ") {
        Some(why) => why.trim_end_matches(" })").to_owned(),
        None => event.split('"').nth(1).unwrap_or(&event).to_owned(),
    }
}

/// As [`heard`], in every cut.
fn heard_in_every_cut(input: &[u8]) -> Vec<String> {
    same_in_every_cut(input, heard)
}

#[test]
fn known_sentences() {
    for wire in SENTENCES {
        let sentence = Sentence::decode(wire.as_bytes()).expect(wire);
        assert_eq!(encoded(sentence), wire.as_bytes());
        let fields: Vec<&str> = sentence.fields.iter().map(|field| field.text).collect();
        let (body, _) = wire[1..].split_once('*').expect("a sum");
        assert_eq!([&[sentence.address][..], &fields].concat().join(","), body);
        assert_eq!(sentence.start == Start::Encapsulated, wire.starts_with('!'));
    }
    let input = SENTENCES.concat();
    let heard = heard_in_every_cut(input.as_bytes());
    assert_eq!(heard, ["GPGGA", "GPRMC", "GPGLL", "AIVDM", "PMTK605", "CCGPQ"]);
    // Small letters are read, too, and capital ones written.
    let small = Sentence::decode(b"$CCGPQ,GGA*2b\r\n").expect("a sum");
    assert_eq!(encoded(small), b"$CCGPQ,GGA*2B\r\n");
}

#[test]
fn what_breaks_a_rule_is_told_and_passed_over() {
    let good = SENTENCES[2];
    let cases: [(&[u8], &str); 12] = [
        // Another sum, none, and one that is none.
        (b"$GPGLL,1*00\r\n", "Derived(\"sum\"), frame: \"Sentence\", start: 9, end: 11"),
        (b"$GPGLL,1\r\n", "Literal(\"*\"), frame: \"Sentence\", start: 8, end: 8"),
        (b"$GPGLL,1*\r\n", "Number, frame: \"Sentence\", start: 9, end: 9"),
        (b"$GPGLL,1*5\r\n", "Number, frame: \"Sentence\", start: 9, end: 10"),
        (b"$GPGLL,1*5G\r\n", "Number, frame: \"Sentence\", start: 9, end: 10"),
        (b"$GPGLL*50 \r\n", "Trailing, frame: \"Sentence\", start: 9, end: 10"),
        // The middle of one, noise, two in a line.
        (b"6.45,N*1D\r\n", "Choice, frame: \"Sentence\", start: 0, end: 1"),
        (b"\xff\x00\r\n", "Choice, frame: \"Sentence\", start: 0, end: 1"),
        (b"\r\n", "Choice, frame: \"Sentence\", start: 0, end: 0"),
        (b"$GPG$GPGLL,1*1D\r\n", "Literal(\"*\"), frame: \"Sentence\", start: 4, end: 5"),
        (b"$GPG\n\r$GPGLL,1*1D\r\n", "Literal(\"*\"), frame: \"Sentence\", start: 4, end: 5"),
        (
            b"$GP,1*1D\r\n",
            "TooShort { class: \"address\", min: 3 }, frame: \"Sentence\", start: 1, end: 3",
        ),
    ];
    for (bad, why) in cases {
        let input = [good.as_bytes(), bad, good.as_bytes()].concat();
        let heard = heard_in_every_cut(&input);
        assert_eq!((heard.len(), &*heard[0], &*heard[2]), (3, "GPGLL", "GPGLL"), "{heard:?}");
        // Places count from the beginning of the stream.
        let place = why.rsplit_once("start: ").and_then(|(_, place)| place.split_once(", end: "));
        let (start, end) = place.expect("two places");
        let moved = |place: &str| place.parse::<usize>().expect("a place") + good.len();
        let (before, _) = why.rsplit_once("start: ").expect("two places");
        assert_eq!(heard[1], format!("{before}start: {}, end: {}", moved(start), moved(end)));
    }
}

#[test]
fn lines_that_are_too_long() {
    let line = |len: usize| {
        let body = format!("GPTXT,{}", "x".repeat(len - 12));
        let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
        format!("${body}*{sum:02X}\r\n")
    };
    let (longest, longer) = (line(82), line(83));
    assert_eq!((longest.len(), longer.len()), (82, 83));
    let input = [&*longest, &longer, SENTENCES[2]].concat();
    let heard_all = heard_in_every_cut(input.as_bytes());
    assert_eq!(heard_all[0], "GPTXT");
    assert_eq!(heard_all[1], "TooLong { max: 82 }, frame: \"Sentence\", start: 82, end: 165");
    assert_eq!(heard_all[2], "GPGLL");
    // As long as it likes: nothing of it is kept.
    let mut listener = connection(nmea::Listener::new());
    for _ in 0..1000 {
        assert_eq!(seen(&mut listener, "", &[&[b'$'; 1000]]), Vec::<String>::new());
    }
    assert!(listener.peak_bytes().0 < 4096, "{:?}", listener.peak_bytes());
    assert_eq!(seen(&mut listener, "", &[b"\r\n", SENTENCES[0].as_bytes()]).len(), 2);
    assert!(listener.scanned() <= 2 * 1_000_100, "{}", listener.scanned());
}

#[test]
fn an_end_within_a_sentence() {
    for end in 1..SENTENCES[4].len() {
        let mut listener = connection(nmea::Listener::new());
        listener.receive(&SENTENCES[4].as_bytes()[..end]);
        assert!(listener.poll().is_ok());
        let rule = listener.end_of_stream().map_err(|violation| violation.rule);
        assert_eq!(rule, Err(Rule::EndOfStream { have: end as u64 }));
    }
}

fn sentence<'a>(address: &'a str, fields: &'a [Value<'a>]) -> Sentence<'a> {
    Sentence { start: Start::Parametric, address, fields: fields.into() }
}

#[test]
fn what_cannot_be_written() {
    let address = Rule::Class { class: "address" };
    assert_eq!(refused(sentence("GPG,A", &[])), ("address", address));
    assert_eq!(refused(sentence("GP", &[])).0, "address");
    for text in ["a,b", "a*b", "$", "!", "a\r\n$GPGLL", "\n", "\\", "~"] {
        assert_eq!(refused(sentence("GPGLL", &[Value::new(text)])).0, "text", "{text:?}");
    }
    let long = "x".repeat(72);
    assert_eq!(refused(sentence("GPGLL", &[Value::new(&long)])).1, Rule::TooLong { max: 82 });
    let many = [Value::new(""); 73];
    assert_eq!(refused(sentence("GPGLL", &many)), ("fields", Rule::Count { max: 72 }));
    // Nothing of it was written.
    let mut talker = connection(nmea::Talker::new());
    let refused = talker.send(sentence("GPGLL", &many));
    assert!(matches!(refused, Err(Misuse::Encode(_))), "{refused:?}");
    assert_eq!(talker.transmit(), b"");
    talker.send(sentence("GPGLL", &[])).expect("it may be said");
    assert_eq!(talker.transmit(), b"$GPGLL*50\r\n");
    let wrong = Sentence::decode(b"$GPGLL*51\r\n");
    let rule = Rule::Derived("sum");
    assert_eq!(wrong, Err(Invalid { rule, frame: "Sentence", start: 7, end: 9 }));
}

proptest! {
    #[test]
    fn every_sentence_comes_back(
        encapsulated: bool,
        address in "[A-Z0-9]{3,16}",
        texts in prop::collection::vec("[ -~&&[^!$*,\\\\~]]{0,6}", 0..9),
    ) {
        let fields: Vec<Value<'_>> = texts.iter().map(|text| Value::new(text)).collect();
        let start = if encapsulated { Start::Encapsulated } else { Start::Parametric };
        let sentence = Sentence { start, address: &address, fields: List::from(&fields) };
        let wire = encoded(sentence);
        prop_assert_eq!(Sentence::decode(&wire), Ok(sentence));
    }

    /// A byte that changed on its way is noticed.
    #[test]
    fn a_changed_byte_is_noticed(
        which in 0..SENTENCES.len(),
        place: prop::sample::Index,
        change in 1..=255_u8,
    ) {
        let whole = SENTENCES[which].as_bytes();
        let mut wire = whole.to_vec();
        // The end of the line is another matter.
        let place = place.index(whole.len() - 2);
        wire[place] ^= change;
        if let Ok(sentence) = Sentence::decode(&wire) {
            prop_assert_eq!(encoded(sentence).to_ascii_uppercase(), wire.to_ascii_uppercase());
            // A letter of the sum in another case, or the other beginning.
            prop_assert!(place == 0 || change == 0x20, "{}", wire.escape_ascii());
        }
    }
}
