//! A tap on both directions: recorded conversations given at once and as they passed, upgrades, what
//! answers nothing, datagrams.

use framer_dsl::Sources;
use framer_interpret::{Description, Event, Protocol, Seen, Sight, Tap};
use framer_runtime::protocol::Role;
use framer_runtime::violation::Rule;
use framer_tests::conversation::{self, Line};

fn protocol(file: &str, name: &str) -> &'static Protocol {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols");
    let sources = Sources::open(root.join(file)).expect("it is there");
    let description = Description::load(&sources).expect("it compiles");
    let mut all = description.protocols().iter();
    all.find(|protocol| protocol.name() == name).expect("it is declared")
}

fn smtp() -> Tap {
    Tap::new(protocol("smtp.frame", "Smtp"), 64 * 1024)
}

/// What was seen, in short; parts of payloads are left out.
fn note(seen: &Seen<'_>) -> Option<String> {
    let who = if seen.from == Role::First { "C" } else { "S" };
    let what = match &seen.sight {
        Sight::Event(Event::Frame { frame, .. }) => frame.name.clone().into_owned(),
        Sight::Event(Event::Data { .. }) => return None,
        Sight::Event(Event::End { frame }) => format!("end of {frame}"),
        Sight::Event(Event::Malformed(violation)) => format!("malformed {}", violation.rule),
        Sight::Event(Event::Upgrade(layer)) => format!("upgrade to {layer}"),
        Sight::Violation(violation) => format!("wrong {}", violation.rule),
        Sight::Assumed(assumed) => panic!("both are heard: {assumed:?}"),
    };
    Some(format!("{who} {what}"))
}

/// All there is to tell, and whether the last is an upgrade.
fn drain(tap: &mut Tap, notes: &mut Vec<String>) {
    while let Some(seen) = tap.poll() {
        notes.extend(note(&seen));
    }
}

/// The conversation as it passed, each line in pieces of so many bytes.
fn passed(mut tap: Tap, lines: &[Line], size: usize) -> Vec<String> {
    let mut notes = Vec::new();
    for line in lines {
        let Some((from, bytes)) = line.said() else {
            tap.upgraded();
            continue;
        };
        for piece in bytes.chunks(size) {
            assert_eq!(tap.receive(from, piece), piece.len());
            drain(&mut tap, &mut notes);
        }
    }
    notes
}

/// The same given at once, one direction and then the other.
fn at_once(mut tap: Tap, lines: &[Line]) -> Vec<String> {
    let mut notes = Vec::new();
    for line in lines {
        if let Line::Server(bytes) = line {
            assert_eq!(tap.receive(Role::Second, bytes), bytes.len());
        }
    }
    for line in lines {
        if let Line::Client(bytes) = line {
            assert_eq!(tap.receive(Role::First, bytes), bytes.len());
        }
    }
    drain(&mut tap, &mut notes);
    notes
}

/// A conversation that has both directions in one file each can be told as well as one that is
/// watched: an answer stands behind what it answers.
#[test]
fn recorded_conversations_are_told_whenever_they_are_given() {
    for (corpus, file, name) in [
        ("smtp", "smtp.frame", "Smtp"),
        ("pop3", "pop3.frame", "Pop3"),
        ("memcached", "memcached.frame", "Memcached"),
        ("resp", "resp.frame", "Resp"),
        ("http1", "http1.frame", "Http1"),
        ("imap", "imap.frame", "Imap"),
        ("mqtt", "mqtt.frame", "Mqtt"),
        ("nats", "nats.frame", "Nats"),
        ("websocket", "websocket.frame", "Websocket"),
        ("modbus", "modbus.frame", "Tcp"),
    ] {
        let protocol = protocol(file, name);
        let tap = || Tap::new(protocol, 64 * 1024);
        for (name, lines) in conversation::of(corpus) {
            let watched = passed(tap(), &lines, usize::MAX);
            assert_eq!(passed(tap(), &lines, 1), watched, "{corpus}/{name}");
            assert!(!watched.iter().any(|note| note.contains("wrong")), "{watched:?}");
            if lines.contains(&Line::Upgrade) {
                continue;
            }
            // What was said at once may be told in another order.
            let mut given = at_once(tap(), &lines);
            let (mut watched, at_once) = (watched, given.clone());
            watched.sort();
            given.sort();
            assert_eq!(given, watched, "{corpus}/{name}: {at_once:?}");
        }
    }
}

#[test]
fn states_and_places_are_told() {
    let mut tap = smtp();
    tap.receive(Role::First, b"EHLO a\r\nMAIL FROM:<a@b>\r\n");
    tap.receive(Role::Second, b"220 here\r\n250-here\r\n250 SIZE\r\n250 so\r\n");
    let mut seen = Vec::new();
    while let Some(Seen { from, start, end, before, after, next, .. }) = tap.poll() {
        seen.push((from, start, end, before, after, next));
    }
    let (client, server) = (Role::First, Role::Second);
    let next = ["Command", "Reply"];
    assert_eq!(
        seen,
        [
            (server, 0, 10, "Greeting", "Hello", next),
            (client, 0, 8, "Hello", "Hello", next),
            (server, 10, 30, "Hello", "Ready", next),
            (client, 8, 25, "Ready", "Ready", next),
            (server, 30, 38, "Ready", "Transaction", next),
        ]
    );
    assert_eq!(tap.state(), "Transaction");
}

#[test]
fn what_answers_nothing_breaks_a_rule() {
    let mut tap = smtp();
    tap.receive(Role::Second, b"220 here\r\n250 what\r\n250 more\r\n");
    let mut notes = Vec::new();
    drain(&mut tap, &mut notes);
    assert_eq!(notes, ["S Reply", "S wrong reply out of turn in state Hello"]);
    // The other side is still heard, and what is lost is forgotten.
    assert_eq!(tap.receive(Role::Second, b"250 more\r\n"), 10);
    tap.receive(Role::First, b"NOOP\r\n");
    drain(&mut tap, &mut notes);
    assert_eq!(notes.last().map(String::as_str), Some("C Noop"));
}

#[test]
fn what_was_injected_before_an_upgrade_is_seen() {
    let mut tap = smtp();
    let mut notes = Vec::new();
    tap.receive(Role::Second, b"220 here\r\n");
    tap.receive(Role::First, b"EHLO a\r\n");
    drain(&mut tap, &mut notes);
    tap.receive(Role::Second, b"250-here\r\n250 STARTTLS\r\n");
    tap.receive(Role::First, b"STARTTLS\r\nRSET\r\n");
    drain(&mut tap, &mut notes);
    tap.receive(Role::Second, b"220 go\r\n");
    drain(&mut tap, &mut notes);
    assert_eq!(
        notes,
        [
            "S Reply",
            "C Ehlo",
            "S Reply",
            "C StartTls",
            "S Reply",
            "S upgrade to Tls",
            "C wrong bytes before the upgrade to Tls",
        ]
    );
    let violation = tap.end_of_stream(Role::First).expect_err("it is final");
    assert_eq!(violation.rule, Rule::BeforeUpgrade { layer: "Tls" });
    assert_eq!((violation.start, violation.end), (18, 24));
}

#[test]
fn another_protocol_goes_on_where_one_ends() {
    let mut tap = Tap::new(protocol("http1.frame", "Http1"), 64 * 1024);
    let mut notes = Vec::new();
    tap.receive(
        Role::First,
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    );
    tap.receive(Role::Second, b"HTTP/1.1 101 Switching\r\n\r\n\x81\x05Hello");
    drain(&mut tap, &mut notes);
    let mut tap = tap.continue_with(protocol("websocket.frame", "Websocket"), 64 * 1024);
    drain(&mut tap, &mut notes);
    assert_eq!(
        notes,
        [
            "C Request",
            "C end of Body",
            "S Response",
            "C upgrade to Switched",
            "S ServerFrame",
            "S end of ServerPayload",
        ]
    );
}

#[test]
fn datagrams_are_told_one_by_one() {
    let mut tap = Tap::new(protocol("dns.frame", "Udp"), 0);
    let mut notes = Vec::new();
    let lines = conversation::of("dns-udp").remove(0).1;
    for line in &lines {
        let (from, bytes) = match line {
            Line::Client(bytes) => (Role::First, bytes),
            Line::Server(bytes) => (Role::Second, bytes),
            Line::Upgrade => continue,
        };
        notes.extend(tap.datagram(from, bytes).and_then(|seen| note(&seen)));
    }
    let loops = "C wrong refers to byte 12, which is not before byte 12";
    let late = "S wrong reply out of turn in state Open";
    let each = ["C Message", "S Message", "C Message", "S Message", loops, late];
    assert_eq!(notes, each);
}
