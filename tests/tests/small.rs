//! Small descriptions, whole.

use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::machine::Progress;
use framer_runtime::violation::{Invalid, Misuse, Rule, Violation};
use framer_tests::small::echo::echo;
use framer_tests::small::feed::feed;
use framer_tests::small::frames::{Colour, Paint, Step, Steps, Word};

#[test]
fn frames_round_trip() {
    let word = Word::new(258, "abc", true);
    let mut out = b"kept".to_vec();
    word.encode(&mut out).expect("it fits");
    assert_eq!(out, b"kept\x02\x01:abc!");
    assert_eq!(Word::decode(&out[4..]), Ok(word));
    let owned = word.owned().expect("it fits");
    assert_eq!((owned.view(), owned.as_bytes()), (word, &out[4..]));
    let paint = Paint::new(Colour::Green, 0xbeef, b"tail");
    out.clear();
    paint.encode(&mut out).expect("it fits");
    assert_eq!(out, b"green#beef=tail");
    assert_eq!(Paint::decode(b"green#BEEF=tail"), Ok(paint));
}

#[test]
fn shared_fields_keep_their_places() {
    let wire = b"12,walk\n12.run\n";
    let steps = Steps::decode(wire).expect("two steps");
    assert_eq!((steps.from, steps.to, steps.steps.len()), (1, 2, 2));
    let how: Vec<&str> = steps.steps.iter().map(|step| step.how).collect();
    assert_eq!(how, ["walk", "run"]);
    let mut out = Vec::new();
    steps.encode(&mut out).expect("it came so");
    assert_eq!(out, wire);
    assert_eq!(Steps::new(1, 2, &[Step::new("walk"), Step::new("run")]), steps);
    let invalid = |rule, start, end| Err(Invalid { rule, frame: "Steps", start, end });
    assert_eq!(Steps::decode(b"12,a\n13.b\n"), invalid(Rule::Shared("to"), 5, 10));
    assert_eq!(Steps::decode(b"12,\n12,\n12,\n12.\n"), invalid(Rule::Count { max: 3 }, 12, 16));
}

#[test]
fn frames_say_what_is_wrong() {
    let invalid = |rule, frame, start, end| Err(Invalid { rule, frame, start, end });
    let range = Rule::Range { low: 1, high: 500 };
    assert_eq!(Word::decode(b"\0\0:a"), invalid(range, "Word", 0, 2));
    assert_eq!(Word::decode(b"\x01"), invalid(Rule::Truncated, "Word", 0, 1));
    assert_eq!(Word::decode(b"\x01\0;a"), invalid(Rule::Literal(":"), "Word", 2, 3));
    let short = Rule::TooShort { class: "letter", min: 1 };
    assert_eq!(Word::decode(b"\x01\0:1"), invalid(short, "Word", 3, 3));
    assert_eq!(Word::decode(b"\x01\0:a1"), invalid(Rule::Trailing, "Word", 4, 5));
    let invalid = |rule, frame, start, end| Err(Invalid { rule, frame, start, end });
    assert_eq!(Paint::decode(b"blue#1=tail"), invalid(Rule::Choice, "Paint", 0, 1));
    assert_eq!(Paint::decode(b"red#01=tail"), invalid(Rule::Number, "Paint", 4, 6));
    assert_eq!(Paint::decode(b"red#1=tai"), invalid(Rule::Truncated, "Paint", 6, 7));
    let mut out = Vec::new();
    let error = Word::new(501, "a", false).encode(&mut out).expect_err("out of range");
    assert_eq!((error.frame, error.field, error.rule), ("Word", "count", range));
    let error = Word::new(1, "a!", false).encode(&mut out).expect_err("not of the class");
    assert_eq!((error.field, error.rule), ("text", Rule::Class { class: "letter" }));
    assert_eq!(out, b"");
}

#[test]
fn every_line_is_echoed() {
    let mut server = Connection::new(echo::Server::new(), Limits::default());
    let mut client = Connection::new(echo::Client::new(), Limits::default());
    for text in ["one", "", "drei \u{1f4e7}", "four"] {
        client.send(echo::Line::new(text)).expect("room");
    }
    let full = client.send(echo::Line::new("five"));
    assert_eq!(full, Err(Misuse::Pending { max: 4 }));
    server.receive(client.transmit());
    let mut lines = 0;
    while let Ok(Progress::Event((event, mut reply))) = server.poll() {
        let echo::server::Event::Line(line) = event;
        reply.send(line).expect("an answer, borrowed from its question");
        lines += 1;
    }
    assert_eq!((lines, server.transmit()), (4, client.transmit()));
    assert_eq!(server.machine().state(), echo::State::Open);
}

#[test]
fn a_feed_ends_by_either_side() {
    let mut sink = Connection::new(feed::Sink::new(), Limits::default());
    sink.receive(b"#7\0.\0#8\0");
    let next = |sink: &mut Connection<feed::Sink>| match sink.poll() {
        Ok(Progress::Event((event, _))) => Ok(Some(event)),
        Ok(_) => Ok(None),
        Err(violation) => Err(violation),
    };
    let event = next(&mut sink).expect("a number");
    assert!(matches!(event, Some(feed::sink::Event::Number(feed::Number { value: 7 }))));
    assert!(matches!(next(&mut sink), Ok(Some(feed::sink::Event::End(_)))));
    assert_eq!(sink.machine().state(), feed::State::Done);
    let rule = Rule::OutOfSequence { state: "Done" };
    let violation = Violation { rule, frame: "Number", start: 5, end: 8 };
    assert_eq!(next(&mut sink).map(|_| ()), Err(violation));
    // What this side has to say is still said.
    sink.send(feed::Stop).expect("the last word");
    assert_eq!(sink.transmit(), b"stop\0");
    assert_eq!(sink.send(feed::Stop), Err(Misuse::Closed));
}

#[test]
fn the_runtime_may_have_another_name() {
    use framer_tests::small::renamed::log;
    let mut source = Connection::new(log::Source::new(), Limits::default());
    source.send(log::Line::new("one")).expect("an open state");
    assert_eq!(source.transmit(), b"one\n");
    let mut sink = Connection::new(log::Sink::new(), Limits::default());
    sink.receive(source.transmit());
    assert!(matches!(sink.poll(), Ok(Progress::Event((log::sink::Event::Line(_), _)))));
}

/// What a session of `guards` comes to: the line, the replies to it, and the state behind them.
#[test]
fn rules_look_into_their_frames() {
    use framer_tests::small::guards::guarded::{Client, Code, Ping, Put, Server, State};
    let put = |count, soon, last| Put::new(count, soon, last);
    let cases: [(Put, &[u16], State); 5] = [
        (put(1, true, true), &[200], State::Both),
        (put(1, true, true), &[500], State::Open),
        // `stay` in an arm is where the rule leads.
        (put(10, true, false), &[200], State::Many),
        (put(10, true, false), &[500], State::Open),
        (put(1, false, true), &[200], State::Open),
    ];
    for (put, codes, state) in cases {
        let mut client = Connection::new(Client::new(), Limits::default());
        let mut server = Connection::new(Server::new(), Limits::default());
        client.send(put).expect("an open state");
        server.receive(client.transmit());
        assert!(matches!(server.poll(), Ok(Progress::Event(_))));
        for code in codes {
            server.send(Code::new(*code)).expect("an answer");
        }
        client.receive(server.transmit());
        assert!(matches!(client.poll(), Ok(Progress::Event(_))));
        assert_eq!((client.machine().state(), server.machine().state()), (state, state));
    }
    // The variable was used up by the first.
    let mut client = Connection::new(Client::new(), Limits::default());
    client.send(put(1, false, false)).expect("an open state");
    client.receive(b"200\n");
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    client.send(put(1, false, false)).expect("an open state");
    client.receive(b"200\n");
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    assert!(matches!(client.poll(), Ok(Progress::Closed)));
    // Replies that say that another follows.
    let mut client = Connection::new(Client::new(), Limits::default());
    client.send(Ping).expect("an open state");
    client.receive(b"100\n150\n200\n");
    for outstanding in [1, 1, 0] {
        assert!(matches!(client.poll(), Ok(Progress::Event(_))));
        let session = framer_runtime::machine::Machine::engine(client.machine()).session();
        assert_eq!(session.outstanding(), outstanding);
    }
}
