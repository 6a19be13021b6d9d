//! Framers that are switched by hand: what is in the input is cut afresh at once, nothing that was
//! found or scanned before is carried over, and nothing is lost or made up.

use std::time::Duration;

use framer_runtime::connection::{Connection, Limits};
use framer_runtime::framers::{Event, Framers, Framing, Message, Stack};
use framer_runtime::machine::Progress;
use framer_runtime::violation::{Misuse, Rule, Violation};
use framer_tests::cuts::same_in_every_cut;

framer_runtime::framer! {
    delimiter LINE = "\r\n" | "\n" lenient;
    delimiter COMMA = ",";
    class digit = '0'..='9';
    frame Line in until LINE max 16 skip { text: bytes to end }
    frame Long in until LINE max 8000 { text: bytes to end }
    frame Word in until COMMA max 16 { text: bytes to end }
    frame Size in until LINE max 16 { "size ", size: dec u64 [1..=20] }
    frame Block { len: u8 = len(data), data: bytes [len] }
}

framer_runtime::framer! {
    delimiter LF = "\n";
    frame Ask in until LF max 64 { text: utf8 to end }
    protocol Echo over stream {
        roles client, server;
        client speaks Ask;
        server speaks Ask;
        pending fifo max 4;
        state Open within 5 min else close { client Ask => awaits { _ => stay }; }
    }
}

fn connection(receiving: Framing) -> Connection<Framers> {
    Connection::new(Framers::new(receiving, receiving), Limits::default())
}

fn lines() -> Framing {
    Framing::of::<Line<'_>>()
}

/// The next event, as a text.
fn next(connection: &mut Connection<Framers>) -> String {
    match connection.poll() {
        Ok(Progress::Event((event, _))) => shown(&event),
        Ok(Progress::More(_)) => "more".into(),
        Ok(Progress::Owed) => "owed".into(),
        Ok(Progress::Closed) => "closed".into(),
        Err(violation) => violation.to_string(),
    }
}

fn shown(event: &Event<'_>) -> String {
    match event {
        Event::Frame(frame) => format!("{} {}", frame.name(), frame.bytes().escape_ascii()),
        Event::Data(data) => format!("data {}", data.escape_ascii()),
        Event::End => "end".into(),
        Event::Malformed(violation) => format!("malformed: {violation}"),
        Event::Upgrade(layer) => format!("upgrade to {layer}"),
    }
}

/// As a server that reads sizes in lines, and so many bytes behind each.
fn sized(pieces: &[&[u8]]) -> (Vec<String>, Result<(), Violation>) {
    let mut connection = connection(lines());
    let mut seen = Vec::new();
    for piece in pieces {
        assert_eq!(connection.receive(piece), piece.len());
        loop {
            let (event, mut sender) = match connection.poll() {
                Ok(Progress::Event(turn)) => turn,
                Ok(Progress::More(need)) => {
                    assert!(need > 0);
                    break;
                }
                Ok(progress) => panic!("{:?}", progress_name(&progress)),
                Err(violation) => return (seen, Err(violation)),
            };
            match event {
                Event::Frame(line) => match line.decode::<Size>() {
                    Ok(size) => {
                        seen.push(format!("size {}", size.size));
                        let bytes = Framing::bytes(size.size);
                        sender.framers().receiving().push(bytes).expect("not so deep");
                    }
                    Err(violation) => seen.push(violation.to_string()),
                },
                // Parts of a payload are cut as the input is.
                Event::Data(data) => match seen.last_mut() {
                    Some(last) if last.starts_with("data ") => last.push_str(&text(data)),
                    _ => seen.push(shown(&event)),
                },
                event => seen.push(shown(&event)),
            }
        }
    }
    (seen, connection.end_of_stream())
}

fn text(data: &[u8]) -> String {
    data.escape_ascii().to_string()
}

fn progress_name<E>(progress: &Progress<E>) -> &'static str {
    match progress {
        Progress::Event(_) => "an event",
        Progress::More(_) => "more",
        Progress::Owed => "owed",
        Progress::Closed => "closed",
    }
}

#[test]
fn parameters_that_are_known_only_then() {
    let input = b"size 5\r\nhello\nsize 0\nsize 2\r\n\r\nwhat?\nsize 1\nx";
    let (seen, ended) = same_in_every_cut(input, sized);
    let wanted = [
        "size 5",
        "data hello",
        "end",
        // An empty line is a line: nothing was made up behind the payload.
        "Size: expected `size ` (bytes 13..13)",
        "size 0",
        "end",
        "size 2",
        "data \\r\\n",
        "end",
        "Size: expected `size ` (bytes 31..32)",
        "size 1",
        "data x",
        "end",
    ];
    assert_eq!(seen, wanted);
    assert_eq!(ended, Ok(()));
}

#[test]
fn the_stream_may_end_inside_nothing() {
    let ended = |input: &[u8]| same_in_every_cut(input, sized).1.map_err(|broken| broken.rule);
    assert_eq!(ended(b""), Ok(()));
    assert_eq!(ended(b"size 2\nab"), Ok(()));
    assert_eq!(ended(b"size 2\na"), Err(Rule::EndOfStream { have: 0 }));
    assert_eq!(ended(b"size 2\n"), Err(Rule::EndOfStream { have: 0 }));
    assert_eq!(ended(b"size 0\n"), Ok(()));
    assert_eq!(ended(b"size"), Err(Rule::EndOfStream { have: 4 }));
    let mut rest = connection(Framing::rest());
    rest.receive(b"all of it");
    assert_eq!(next(&mut rest), "data all of it");
    assert_eq!(rest.end_of_stream(), Ok(()));
}

#[test]
fn what_is_in_the_input_is_cut_afresh_at_once() {
    let mut connection = connection(lines());
    connection.receive(b"a\nb,c\nd");
    assert_eq!(next(&mut connection), "Line a\\n");
    // Nothing more has to come.
    connection.framers().receiving().set(Framing::of::<Word<'_>>());
    assert_eq!(next(&mut connection), "Word b,");
    // Nothing that was found is kept: it was looked for up to the end of the input.
    assert_eq!(next(&mut connection), "more");
    connection.framers().receiving().set(lines());
    assert_eq!(next(&mut connection), "Line c\\n");
    // A frame that is there, and that no event has told of, is not told of any more.
    connection.receive(b"\ne,");
    assert!(matches!(connection.ready(), Ok(Progress::Event(()))));
    connection.framers().receiving().push(Framing::bytes(2)).expect("not so deep");
    assert_eq!(next(&mut connection), "data d\\n");
    assert_eq!(next(&mut connection), "end");
    assert_eq!(connection.framers().receiving().current(), lines());
    assert_eq!(connection.framers().position(), 8);
}

#[test]
fn a_payload_may_be_interrupted() {
    let mut connection = connection(Framing::bytes(10));
    connection.receive(b"abc");
    assert_eq!(next(&mut connection), "data abc");
    connection.framers().receiving().push(lines()).expect("not so deep");
    connection.receive(b"x\ndefghijklmn");
    assert_eq!(next(&mut connection), "Line x\\n");
    assert_eq!(connection.framers().receiving().pop(), Some(lines()));
    assert_eq!(connection.framers().receiving().left(), 7);
    let mut torn = connection.clone();
    torn.framers().receiving().push(lines()).expect("not so deep");
    assert!(matches!(next(&mut torn).as_str(), "more"));
    torn.receive(b"");
    assert!(torn.end_of_stream().is_err(), "of the payload below, bytes are missing");
    assert_eq!(next(&mut connection), "data defghij");
    assert_eq!(next(&mut connection), "end");
    // Nothing says what is next, and nothing ends twice.
    assert_eq!(next(&mut connection), "owed");
    assert_eq!(next(&mut connection), "owed");
    connection.framers().receiving().set(Framing::bytes(4));
    assert_eq!(next(&mut connection), "data klmn");
    assert_eq!(next(&mut connection), "end");
    assert_eq!(connection.framers().receiving().pop(), None);
}

#[test]
fn what_breaks_a_rule_is_told_and_passed_over() {
    let mut connection = connection(lines());
    connection.receive(b"0123456789abcdef\nok\n0123456789abcdef,");
    assert_eq!(next(&mut connection), "malformed: Line: longer than 16 bytes (bytes 0..17)");
    assert_eq!(next(&mut connection), "Line ok\\n");
    // A boundary that cannot be found is final, however it is switched.
    connection.framers().receiving().set(Framing::of::<Word<'_>>());
    let broken = next(&mut connection);
    assert_eq!(broken, "Word: longer than 16 bytes (bytes 20..36)");
    connection.framers().receiving().set(Framing::rest());
    assert_eq!(next(&mut connection), broken);
    assert!(connection.end_of_stream().is_err());

    // In the middle of what is too long, it is switched: that goes on where it was.
    let mut connection = self::connection(lines());
    connection.receive(b"0123456789abcdefgh");
    assert_eq!(next(&mut connection), "more");
    connection.framers().receiving().set(Framing::of::<Word<'_>>());
    connection.receive(b",x,");
    let word = next(&mut connection);
    assert!(word.starts_with("Word ") && word.ends_with(','), "{word}");
    assert_eq!(next(&mut connection), "Word x,");
}

#[test]
fn the_same_bytes_may_be_read_as_other_frames() {
    let mut connection = connection(Framing::of::<Long<'_>>());
    connection.receive(b"size 12\nblock,x\n");
    let Ok(Progress::Event((Event::Frame(frame), _))) = connection.poll() else { panic!() };
    assert_eq!(frame.decode::<Long<'_>>().map(|line| line.text), Ok(&b"size 12"[..]));
    assert_eq!(frame.decode::<Size>().map(|size| size.size), Ok(12));
    // Of another form: the positions are those of the direction.
    let other = frame.decode::<Word<'_>>().expect_err("it has no comma");
    assert_eq!((other.rule, other.start), (Rule::Truncated, 8));
    let Ok(Progress::Event((Event::Frame(frame), _))) = connection.poll() else { panic!() };
    let behind = frame.decode::<Word<'_>>().expect_err("bytes behind the comma");
    assert_eq!((behind.rule, behind.start, behind.end), (Rule::Trailing, 14, 16));
}

#[test]
fn what_is_announced_takes_no_memory() {
    let mut connection = connection(Framing::bytes(u64::MAX));
    for _ in 0..1000 {
        connection.receive(&[b'x'; 1000]);
        assert!(next(&mut connection).starts_with("data "));
    }
    assert_eq!(connection.framers().receiving().left(), u64::MAX - 1_000_000);
    assert_eq!(
        connection.end_of_stream().map_err(|broken| broken.rule),
        Err(Rule::EndOfStream { have: 0 })
    );
    assert!(connection.peak_bytes().0 <= 4096, "{:?}", connection.peak_bytes());
}

#[test]
fn a_longer_frame_has_its_room_once_it_is_switched_to() {
    let limits = Limits { input_bytes: 1024, output_bytes: 1024, output_low_bytes: 512 };
    let mut connection = Connection::new(Framers::new(lines(), lines()), limits);
    connection.framers().receiving().set(Framing::of::<Long<'_>>());
    let line = [&[b'x'; 7998][..], b"\r\n"].concat();
    assert_eq!(connection.receive(&line), line.len());
    assert!(next(&mut connection).starts_with("Long xxx"));
}

#[test]
fn both_directions_are_switched_for_themselves() {
    let mut connection = Connection::new(Framers::new(lines(), lines()), Limits::default());
    let wrong = connection.send(&Word::new(b"b"));
    assert_eq!(wrong, Err(Misuse::Framing { frame: "Word", expected: "Line" }));
    assert_eq!(connection.send(&Line::new(b"a")), Ok(()));
    let early = connection.send(&b"raw"[..]);
    assert_eq!(early, Err(Misuse::Framing { frame: "bytes", expected: "Line" }));
    connection.framers().sending().push(Framing::bytes(5)).expect("not so deep");
    assert_eq!(connection.framers().receiving().current(), lines());
    let line = connection.send(&Line::new(b"a"));
    assert_eq!(line, Err(Misuse::Framing { frame: "Line", expected: "bytes" }));
    assert_eq!(connection.send(&b"raw"[..]), Ok(()));
    let long = connection.send(&b"raw"[..]);
    let Err(Misuse::Encode(long)) = long else { panic!("{long:?}") };
    assert_eq!((long.frame, long.rule), ("bytes", Rule::TooLong { max: 2 }));
    assert_eq!(connection.send(&b"!?"[..]), Ok(()));
    // All of it is said: lines again.
    assert_eq!(connection.send(&Line::new(b"z")), Ok(()));
    connection.framers().sending().push(Framing::bytes(0)).expect("not so deep");
    assert_eq!(connection.send(&Line::new(b"y")), Ok(()));
    connection.framers().sending().set(Framing::bytes(1));
    assert_eq!(connection.send(&b"."[..]), Ok(()));
    let nothing = connection.send(&b"."[..]);
    assert_eq!(nothing, Err(Misuse::Framing { frame: "bytes", expected: "another framing" }));
    // A frame that cannot be written leaves nothing.
    connection.framers().sending().set(lines());
    assert!(matches!(connection.send(&Line::new(b"a\nb")), Err(Misuse::Encode(_))));
    assert_eq!(connection.transmit(), b"a\r\nraw!?z\r\ny\r\n.");
    let shown = format!("{:?} {:?}", Message::from(&Line::new(b"a")), Message::Data(b"a"));
    assert_eq!(shown, "Frame(Framing(Line)) Data([97])");
}

#[test]
fn not_without_end() {
    let mut connection = connection(lines());
    let stack = connection.framers().receiving();
    for depth in 2..=Stack::MAX_DEPTH {
        assert_eq!(stack.push(Framing::rest()), Ok(()));
        assert_eq!(stack.depth(), depth);
    }
    assert_eq!(stack.push(Framing::rest()), Err(Misuse::Depth { max: Stack::MAX_DEPTH }));
    while stack.pop().is_some() {}
    assert_eq!((stack.depth(), stack.current()), (1, lines()));
}

#[test]
fn nothing_from_before_an_upgrade_is_read_behind_it() {
    let upgrading = |input: &[u8]| {
        let mut connection = connection(lines());
        connection.receive(input);
        assert_eq!(next(&mut connection), "Line STARTTLS\\r\\n");
        connection.send(&Line::new(b"go ahead")).expect("it may be said");
        connection.framers().upgrade("TLS");
        connection
    };
    let mut clean = upgrading(b"STARTTLS\r\n");
    assert_eq!(clean.upgraded(), Err(Misuse::NotUpgraded));
    assert_eq!(next(&mut clean), "upgrade to TLS");
    assert_eq!(clean.receive(b"\x16"), 0);
    assert_eq!(clean.send(&Line::new(b"x")), Err(Misuse::Upgrading { layer: "TLS" }));
    assert_eq!(clean.transmit(), b"go ahead\r\n");
    assert_eq!(clean.upgraded(), Ok(()));
    clean.receive(b"EHLO\r\n");
    assert_eq!(next(&mut clean), "Line EHLO\\r\\n");

    // In the middle of a line that is passed over, too: what is left of it would come under TLS.
    let mut skipping = connection(lines());
    skipping.receive(b"0123456789abcdefgh");
    assert_eq!(next(&mut skipping), "more");
    skipping.framers().upgrade("TLS");
    let told = next(&mut skipping);
    assert!(told.starts_with("TLS: bytes before the upgrade to TLS"), "{told}");

    let mut injected = upgrading(b"STARTTLS\r\nRSET\r\n");
    assert_eq!(next(&mut injected), "TLS: bytes before the upgrade to TLS (bytes 10..16)");
    assert_eq!(injected.upgraded(), Err(Misuse::NotUpgraded));
}

#[test]
fn a_described_protocol_goes_on_with_what_was_received() {
    let mut connection = connection(lines());
    connection.receive(b"echo\nhello\n");
    assert_eq!(next(&mut connection), "Line echo\\n");
    let connection = connection.continue_with(echo::Server::new());
    assert_eq!(connection.map(|_| ()), Err(Misuse::NotUpgraded));

    let mut connection = self::connection(lines());
    connection.receive(b"echo\nhello\n");
    assert_eq!(next(&mut connection), "Line echo\\n");
    connection.framers().hand_over("echo");
    assert_eq!(next(&mut connection), "upgrade to echo");
    let mut echo = connection.continue_with(echo::Server::new()).expect("it was told");
    let Ok(Progress::Event((echo::server::Event::Ask(ask), _))) = echo.poll() else { panic!() };
    assert_eq!(ask.text, "hello");
}

/// How long it was cut by hand does not count against the states of the protocol behind.
#[test]
fn the_time_limit_of_a_protocol_begins_with_it() {
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let mut connection = connection(lines());
    assert_eq!(connection.handle_time(hours(1)), Ok(()));
    connection.framers().hand_over("echo");
    assert_eq!(next(&mut connection), "upgrade to echo");
    let mut echo = connection.continue_with(echo::Server::new()).expect("it was told");
    assert_eq!(echo.handle_time(hours(2)), Ok(()));
    assert_eq!(echo.next_time(), Some(hours(2) + Duration::from_secs(300)));
    let late = echo.handle_time(hours(3)).map_err(|late| late.rule);
    assert_eq!(late, Err(Rule::TimeLimit { millis: 300_000, state: "Open" }));
}

#[test]
fn a_frame_whose_numbers_say_where_it_ends() {
    let blocks = |pieces: &[&[u8]]| {
        let mut connection = connection(Framing::of::<Block<'_>>());
        let mut seen = Vec::new();
        for piece in pieces {
            connection.receive(piece);
            while let Ok(Progress::Event((event, _))) = connection.poll() {
                seen.push(shown(&event));
            }
        }
        seen
    };
    let seen = same_in_every_cut(b"\x03abc\x00\x01,", blocks);
    assert_eq!(seen, ["Block \\x03abc", "Block \\x00", "Block \\x01,"]);
}
