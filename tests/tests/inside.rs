//! Frames that look into what they hold, and lists that end where an element could begin.

use framer_runtime::cutter::{Cutter, Cutting};
use framer_runtime::frame::{Frame, Framed};
use framer_runtime::violation::Rule;
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use framer_tests::inside::{
    Count, Kind, Many, Mark, Marks, Name, Named, Optional, Parts, Report, Whole,
};

#[test]
fn what_is_there_depends_on_a_part() {
    let name = |size| Some(Name { size });
    let report = Report { name: name(10), more: Some(1), large: Some(2) };
    assert_eq!(encoded(report), b"n10;!\r\n\x01\x02");
    let read = |bytes| Report::decode(bytes);
    assert_eq!(read(b"n10;!\r\n\x01\x02"), Ok(report));
    assert_eq!(read(b"n9;!\r\n\x01"), Ok(Report { name: name(9), more: Some(1), large: None }));
    assert_eq!(read(b"!\r\n"), Ok(Report { name: None, more: None, large: None }));
    assert_eq!(read(b"!\r\n\x01").map_err(|invalid| invalid.rule), Err(Rule::Trailing));
    let missing = Report { name: name(9), more: None, large: None };
    assert_eq!(refused(missing), ("more", Rule::Condition));
}

#[test]
fn what_parts_are_there() {
    let told = |bytes: &[u8]| Parts::decode(bytes).map(|parts| (parts.named(), parts.filled()));
    assert_eq!(told(b"\r\n"), Ok((false, false)));
    assert_eq!(told(b"m.\r\n"), Ok((false, false)));
    assert_eq!(told(b"pn1;mn2;n3;.\r\n"), Ok((true, true)));
    assert_eq!(Parts::decode(b"m.mn2;n3;.\r\n").map(|parts| parts.first()), Ok(2));
    let whole = Whole::decode(b"\x01n7;n4;n5;!").expect("a part and two names");
    assert_eq!((whole.inner(), whole.small(), whole.outer()), (7, true, 4));
    let whole = Whole::decode(b"\x02n7;!").expect("a part alone");
    assert_eq!((whole.inner(), whole.small(), whole.outer()), (7, false, 0));
    let names = [Name { size: 2 }];
    let parts = [Named { name: names[0] }.into(), Many { names: names.as_slice().into() }.into()];
    assert_eq!(encoded(Parts::new(&parts)), b"pn2;mn2;.\r\n");
}

/// The frames that come of the pieces, or what ends them.
fn cut<F: Framed>(pieces: &[&[u8]]) -> Vec<String>
where
    for<'a> F::View<'a>: std::fmt::Debug,
{
    let mut cutter = Cutter::<F>::new(1024);
    let mut seen = Vec::new();
    for piece in pieces {
        assert_eq!(cutter.receive(piece), piece.len());
        loop {
            match cutter.poll() {
                Ok(Cutting::Frame(frame)) => seen.push(format!("{frame:?}")),
                Ok(Cutting::Malformed(violation)) => seen.push(format!("malformed: {violation}")),
                Ok(Cutting::More(_)) => break,
                Err(violation) => {
                    seen.push(violation.to_string());
                    return seen;
                }
            }
        }
    }
    seen
}

#[test]
fn an_element_is_told_from_the_end_by_its_first_byte() {
    let seen = same_in_every_cut(b"\x01\x01\r\n\r\n", cut::<Marks<'_>>);
    assert_eq!(
        seen,
        ["Marks { marks: [Mark { kind: Low }, Mark { kind: Low }] }", "Marks { marks: [] }"]
    );
    // The fourth is one too many, and so is what is none: both are told when they come.
    let seen = same_in_every_cut(b"\x01\x01\x01\x01", cut::<Marks<'_>>);
    assert_eq!(seen, ["Marks: more than 3 elements (bytes 3..3)"]);
    let seen = same_in_every_cut(b"\x01\x02", cut::<Marks<'_>>);
    assert_eq!(seen, ["Mark: none of the alternatives (bytes 1..2)"]);
    // An element that begins as the end does is one, unless it is the end.
    let marks = [Mark { kind: Kind::Return }, Mark { kind: Kind::Low }];
    assert_eq!(encoded(Marks::new(&marks)), b"\r\x01\r\n");
    let seen = same_in_every_cut(b"\r\x01\r\n", cut::<Marks<'_>>);
    assert_eq!(seen, ["Marks { marks: [Mark { kind: Return }, Mark { kind: Low }] }"]);
}

#[test]
fn an_optional_number() {
    let count = Optional { count: Some(Count { count: 7 }) };
    assert_eq!(Optional::decode(b"7!\r\n"), Ok(count));
    assert_eq!(Optional::decode(b"!\r\n"), Ok(Optional { count: None }));
    assert_eq!(encoded(count), b"7!\r\n");
}

/// What a reply comes to may depend on a number of its request.
mod asked {
    framer_runtime::framer! {
        enum Kind: u8 { Low = 1, High = 2 }
        frame Ask { kind: Kind }
        frame Told { size: u8 }
        frame Body(size: u64) { stream data: bytes [size] }

        protocol Asked over stream {
            roles client, server;
            client speaks Ask;
            server speaks Told;
            pending fifo max 4;
            state Open {
                client Ask => awaits {
                    _ if Ask.kind == Kind.Low => stay,
                    _ => { server then Body(size) },
                };
            }
        }
    }
}

#[test]
fn an_arm_asks_what_its_request_was() {
    use asked::asked::{Ask, Client, Kind, client::Event};
    use framer_runtime::connection::{Connection, Limits};
    use framer_runtime::machine::Progress;

    let mut client = Connection::new(Client::new(), Limits::default());
    for kind in [Kind::Low, Kind::High, Kind::Low] {
        client.send(Ask::new(kind)).expect("a question");
    }
    client.receive(b"\x02\x02\x02\x02");
    let mut seen = Vec::new();
    while let Ok(Progress::Event((event, _))) = client.poll() {
        seen.push(match event {
            Event::Told(told) => format!("told {}", told.size),
            Event::Body(part) => format!("body {part:?}"),
            Event::BodyEnd => "end".to_owned(),
        });
    }
    assert_eq!(seen, ["told 2", "told 2", "body [2, 2]", "end"]);
}
