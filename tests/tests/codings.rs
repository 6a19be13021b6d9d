//! Payloads in a coding as fields among others, and as what a role says.

use framer_runtime::connection::{Connection, Limits};
use framer_runtime::cutter::{Cutter, Cutting};
use framer_runtime::frame::Frame;
use framer_runtime::machine::Progress;
use framer_runtime::transform::Coded;
use framer_runtime::violation::{Invalid, Rule};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

mod fields {
    framer_runtime::framer! {
        delimiter LF = "\n";
        /// XON and XOFF do not stand in what is sent.
        transform Flow {
            anywhere {
                begin "<";
                b"\x11" <=> b"}1";
                b"\x13" <=> b"}3";
                "}" <=> "}]";
                ">" <=> "}.";
                // Whatever else somebody escapes.
                "!" <= "}!";
                end ">";
            }
        }
        transform Blocks { blocks cobs; }

        /// Its end is looked for, and its length derived.
        frame Message {
            "M", id: u8, size: u16 = len(body), body: bytes via Flow max 40, check: u16 le,
        }
        frame Maybe { bits u8 { more: 1 = some(body), id: 7 }, body: bytes via Blocks max 20 if more }
        frame Two { one: bytes via Flow max 20, other: bytes via Blocks max 20 }
        frame Line in until LF max 60 { "to ", name: bytes via Flow max 20, rest: bytes to end }
        enum Either { Text { "T", text: bytes via Flow max 20 }, _ Raw { size: u8 = len(raw), raw: bytes [size] } }
        frame Many { count: u8 in ..=9 = count(items), items: [Item; count] }
        frame Item { kind: u8, item: bytes via Blocks max 20 }
    }
}
use fields::{Either, Item, Line, Many, Maybe, Message, Raw, Text, Two};

#[test]
fn fields_among_others() {
    let message = Message::new(7, b"a>\x11}", 0x0102);
    let wire = b"M\x07\0\x09<a}.}1}]>\x02\x01";
    assert_eq!(encoded(message), wire);
    let read = Message::decode(wire).expect("it was written");
    assert_eq!((read, read.body.len()), (message, 4));
    assert_eq!(format!("{:?}", read.body), "\"a>\\x11}\"");
    // Read but never written.
    let other = Message::decode(b"M\x07\0\x04<}!>\x02\x01").expect("it may be so");
    assert_eq!(other.body, Coded::from(b"!"));
    let invalid = |rule, start, end| Err(Invalid { rule, frame: "Message", start, end });
    let coding = Rule::Coding { coding: "Flow" };
    assert_eq!(Message::decode(b"M\x07\0\x04<\x13>\x02\x01"), invalid(coding, 5, 6));
    assert_eq!(Message::decode(b"M\x07\0\x04a>\x02\x01"), invalid(Rule::Bytes(b"<"), 4, 5));
    assert_eq!(Message::decode(b"M\x07\0\x05<ab>\x02\x01"), invalid(Rule::Derived("size"), 2, 4));
    assert_eq!(Message::decode(b"M\x07\0\x05<ab"), invalid(Rule::Truncated, 7, 7));
    let long = Message::new(7, &[b'}'; 20], 0);
    assert_eq!(refused(long), ("body", Rule::TooLong { max: 40 }));

    let maybe = Maybe { id: 5, body: Some(Coded::from(b"\0")) };
    assert_eq!(encoded(maybe), b"\x85\x01\x01\0");
    assert_eq!(Maybe::decode(b"\x85\x01\x01\0"), Ok(maybe));
    assert_eq!(encoded(Maybe { id: 5, body: None }), b"\x05");
    let two = Two::new(b"1", b"2");
    assert_eq!((encoded(two), Two::decode(b"<1>\x022\0")), (b"<1>\x022\0".to_vec(), Ok(two)));
    let line = Line::new(b"x", b"yz");
    assert_eq!((encoded(line), Line::decode(b"to <x>yz\n")), (b"to <x>yz\n".to_vec(), Ok(line)));
    assert_eq!(refused(Line::new(b"\n", b"")).1, Rule::Ambiguous);
    let text = Either::from(Text::new(b"t"));
    assert_eq!((encoded(text), Either::decode(b"T<t>")), (b"T<t>".to_vec(), Ok(text)));
    assert_eq!(encoded(Either::from(Raw::new(b"r"))), b"\x01r");
}

/// The frames of a stream, in every cut.
fn frames(stream: &[u8]) -> (Vec<String>, Option<Rule>) {
    same_in_every_cut(stream, |pieces| {
        let mut cutter = Cutter::<Message<'_>>::new(0);
        let mut seen = Vec::new();
        for piece in pieces {
            cutter.receive(piece);
            loop {
                match cutter.poll() {
                    Ok(Cutting::Frame(frame)) => seen.push(format!("{:?}", frame.body)),
                    Ok(Cutting::Malformed(violation)) => seen.push(violation.rule.to_string()),
                    Ok(Cutting::More(_)) => break,
                    Err(violation) => return (seen, Some(violation.rule)),
                }
            }
        }
        (seen, None)
    })
}

#[test]
fn they_say_where_a_frame_ends() {
    let (seen, ended) = frames(b"M\x07\0\x05<ab>.M\x07\0\x05<}>>..M\x07\0\x02<>..M\x07\0\x02!");
    assert_eq!(seen[0], "`size` does not agree with what it is made of");
    assert_eq!((seen.len(), ended), (1, Some(Rule::Literal("M"))));
    let (seen, ended) = frames(b"M\x07\0\x04<ab>..M\x07\0\x04<\x13a>..M\x07\0\x02<>..M\x07\0\x02!");
    assert_eq!(seen, ["\"ab\"", "not of the coding `Flow`", "\"\""]);
    assert_eq!(ended, Some(Rule::Bytes(b"<")));
    let long = [&b"M\x07\0\x40<"[..], &[b'a'; 60]].concat();
    assert_eq!(frames(&long), (vec![], Some(Rule::TooLong { max: 40 })));
}

#[test]
fn elements_are_passed_over_one_by_one() {
    let items = [Item::new(1, b"a\0"), Item::new(2, b"")];
    let many = Many::new(&items);
    let wire = encoded(many);
    assert_eq!(wire, b"\x02\x01\x02a\x01\0\x02\x01\0");
    assert_eq!(Many::decode(&wire), Ok(many));
    let mut cutter = Cutter::<Many<'_>>::new(0);
    let mut found = 0;
    for byte in wire.iter().cycle().take(wire.len() * 100) {
        cutter.receive(&[*byte]);
        found += usize::from(matches!(cutter.poll(), Ok(Cutting::Frame(_))));
    }
    assert_eq!(found, 100);
}

#[test]
fn payloads_are_looked_at_without_a_copy() {
    let wire = b"M\x07\0\x07<a}1bc>..";
    let body = Message::decode(wire).expect("a message").body;
    let pieces: Vec<&[u8]> = body.pieces().collect();
    assert_eq!(pieces, [&b"a"[..], b"\x11", b"bc"]);
    assert_eq!(pieces[2].as_ptr(), wire[8..].as_ptr());
    let mut room = [0; 4];
    assert_eq!(body.copy_to(&mut room), Some(&b"a\x11bc"[..]));
    assert_eq!(body.copy_to(&mut room[..3]), None);
    assert_eq!((body.to_vec(), body.is_empty()), (b"a\x11bc".to_vec(), false));
    assert!(Coded::default().is_empty());
    // From one coding into another.
    assert_eq!(encoded(Item { kind: 9, item: body }), b"\x09\x05a\x11bc\0");
}

/// A device that reports in COBS over a line with noise.
mod reports {
    framer_runtime::framer! {
    transform Blocks { blocks cobs; }
    frame Report { data: bytes via Blocks max 16 skip }
    enum Order { Start { "S" }, Stop { "X" } }
    protocol Reports over stream {
        roles device, host;
        device speaks Report;
        host speaks Order;
        state Open {
            device Report => stay;
            device malformed => stay;
            host Start => stay;
            host Stop => close;
        }
    }
    }
}
use reports::reports::host::Event;

#[test]
fn a_session_goes_on_behind_noise() {
    let stream = b"\x03ab\0\x09noise\0\x02c\0far longer than sixteen bytes\0\x01\0";
    let seen = same_in_every_cut(stream, |pieces| {
        let mut host = Connection::new(reports::reports::Host::new(), Limits::default());
        let mut seen = Vec::new();
        for piece in pieces {
            host.receive(piece);
            while let Progress::Event((event, _)) = host.poll().expect("nothing is final") {
                seen.push(match event {
                    Event::Report(report) => format!("{:?}", report.data),
                    Event::Malformed(violation) => violation.to_string(),
                });
            }
        }
        assert_eq!(host.end_of_stream(), Ok(()));
        seen
    });
    let wanted = [
        "\"ab\"",
        "Report: not of the coding `Blocks` (bytes 4..10)",
        "\"c\"",
        "Report: longer than 16 bytes (bytes 14..44)",
        "\"\"",
    ];
    assert_eq!(seen, wanted);
    let mut device = Connection::new(reports::reports::Device::new(), Limits::default());
    device.send(reports::reports::Report::new(b"a\0")).expect("it may");
    assert_eq!(device.transmit(), b"\x02a\x01\0");
}

proptest! {
    #[test]
    fn fields_come_back(one in prop::collection::vec(any::<u8>(), 0..9), other in "[<>}!1\\x11\\x13]{0,9}", id: u8) {
        let message = Message::new(id, other.as_bytes(), 7);
        let wire = encoded(message);
        prop_assert_eq!(Message::decode(&wire), Ok(message));
        let two = Two::new(other.as_bytes(), &one[..]);
        let wire = encoded(two);
        prop_assert_eq!(Two::decode(&wire), Ok(two));
        let items = [Item::new(id, &one[..]), Item::new(0, other.as_bytes())];
        let many = Many::new(&items);
        let wire = encoded(many);
        prop_assert_eq!(Many::decode(&wire), Ok(many));
        let maybe = Maybe { id: id >> 1, body: (id & 1 == 1).then(|| Coded::from(&one[..])) };
        let wire = encoded(maybe);
        prop_assert_eq!(Maybe::decode(&wire), Ok(maybe));
    }
}
