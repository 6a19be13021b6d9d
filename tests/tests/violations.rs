//! Each fault has its type, its place and its rule.

use framer_protocols::http1;
use framer_protocols::smtp::server::Event;
use framer_protocols::smtp::{
    Client, Ehlo, Mail, Noop, NullPath, Path, Quit, Rcpt, Reply, Server, client,
};
use framer_protocols::smtp::{Data, DottedLocal, Mailbox};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::{Machine, Progress};
use framer_runtime::violation::{Misuse, Rule, Violation};
use std::time::Duration;

fn server() -> Connection<Server> {
    let mut conn = Connection::new(Server::new(), Limits::default());
    conn.send(Reply::new(220, "ready")).expect("a greeting");
    conn
}

fn client() -> Connection<Client> {
    let mut conn = Connection::new(Client::new(), Limits::default());
    conn.receive(b"220 ready\r\n");
    next(&mut conn).expect("a greeting");
    conn
}

/// The next event as text.
fn next<M>(conn: &mut Connection<M>) -> Result<Option<String>, Violation>
where
    M: Machine,
    for<'a> M::Event<'a>: std::fmt::Debug,
{
    Ok(match conn.poll()? {
        Progress::Event((event, _)) => Some(format!("{event:?}")),
        _ => None,
    })
}

fn answer(conn: &mut Connection<Server>, code: u16, text: &str) {
    conn.send(Reply::new(code, text)).expect("an answer");
}

#[test]
fn a_line_of_a_mebibyte_is_passed_over_in_bounded_memory() {
    let mut conn = server();
    let mut line = b"NOOP ".to_vec();
    line.resize(1 << 20, b'x');
    line.extend(b"\r\nQUIT\r\n");
    let mut left = &line[..];
    let violation = loop {
        let taken = conn.receive(left);
        left = &left[taken..];
        match conn.poll().expect("no final violation") {
            Progress::Event((Event::Malformed(violation), _)) => break violation,
            Progress::Event((event, _)) => panic!("{event:?}"),
            _ => {}
        }
    };
    let (rule, end) = (Rule::TooLong { max: 12288 }, (1 << 20) + 2);
    assert_eq!(violation, Violation { rule, frame: "Command", start: 0, end });
    let (input, _) = conn.peak_bytes();
    assert!(input <= 64 * 1024, "{input} bytes held");
    // Nothing was examined twice, however the pieces fell.
    assert!(conn.scanned() <= end + 8, "{} bytes examined", conn.scanned());
    answer(&mut conn, 500, "too long");
    conn.receive(left);
    assert_eq!(next(&mut conn), Ok(Some("Quit(Quit)".to_owned())));
}

#[test]
fn a_reply_line_of_a_mebibyte_ends_the_session() {
    let mut conn = client();
    conn.send(Noop::default()).expect("NOOP");
    let line = [b"250 ".to_vec(), vec![b'x'; 1 << 20]].concat();
    let mut left = &line[..];
    let violation = loop {
        left = &left[conn.receive(left)..];
        match next(&mut conn) {
            Ok(event) => assert_eq!(event, None),
            Err(violation) => break violation,
        }
    };
    assert_eq!((violation.rule, violation.frame), (Rule::TooLong { max: 12290 }, "Reply"));
    assert_eq!(violation.start, 11);
}

#[test]
fn a_command_in_the_wrong_state_is_refused() {
    let mut conn = server();
    conn.receive(b"EHLO me\r\nRCPT TO:<a@b>\r\n");
    assert!(next(&mut conn).expect("EHLO").is_some());
    answer(&mut conn, 250, "here");
    let refused = next(&mut conn).expect("no violation").expect("an event");
    assert!(refused.starts_with("Refused(Rcpt(Rcpt {"), "{refused}");
    answer(&mut conn, 503, "not now");
    // Before the greeting there is nothing to refuse with.
    let mut conn = Connection::new(Server::new(), Limits::default());
    conn.receive(b"EHLO me\r\n");
    let rule = Rule::OutOfSequence { state: "Greeting" };
    let violation = Violation { rule, frame: "Ehlo", start: 0, end: 9 };
    assert_eq!(next(&mut conn), Err(violation));
    assert_eq!(violation.to_string(), "Ehlo: not expected in state Greeting (bytes 0..9)");
    // This side cannot say it in the first place.
    let mut conn = client();
    let rcpt = Rcpt::new(Path::new(Mailbox::new(DottedLocal::new("a"))));
    let misuse = Misuse::OutOfSequence { frame: "Rcpt", state: "Hello" };
    assert_eq!(conn.send(rcpt), Err(misuse));
    assert_eq!(misuse.to_string(), "Rcpt may not be sent in state Hello");
}

#[test]
fn a_reply_out_of_turn_is_a_violation() {
    let mut conn = client();
    conn.receive(b"250 what?\r\n");
    let rule = Rule::UnexpectedReply { state: "Hello" };
    assert_eq!(next(&mut conn), Err(Violation { rule, frame: "Reply", start: 11, end: 22 }));
    let mut conn = server();
    let misuse = Misuse::Unasked { frame: "Reply", value: 250, state: "Hello" };
    assert_eq!(conn.send(Reply::new(250, "what?")), Err(misuse));
    assert_eq!(conn.transmit(), b"220 ready\r\n");
    // 421 is always in turn (RFC 5321 section 3.8), and the last word.
    conn.send(Reply::new(421, "bye")).expect("421");
    assert_eq!(conn.send(Reply::new(421, "bye")), Err(Misuse::Closed));
}

#[test]
fn every_prefix_of_a_session_ends_cleanly_or_says_where_it_was_cut() {
    let bytes = b"EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\none\r\n.\r\nQUIT\r\n";
    let mut ends = 0;
    for cut in 0..bytes.len() {
        let mut conn = server();
        conn.receive(&bytes[..cut]);
        let mut content = false;
        while let Ok(Progress::Event((event, mut sender))) = conn.poll() {
            let code = match event {
                Event::Content(_) => continue,
                Event::Data(_) => 354,
                _ => 250,
            };
            content = code == 354;
            sender.send(Reply::new(code, "so")).expect("an answer");
        }
        let line = bytes[..cut].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        match conn.end_of_stream() {
            Ok(()) => {
                ends += 1;
                assert!(!content && line == cut, "cut at {cut}");
            }
            Err(Violation { rule: Rule::EndOfStream { have }, frame, end, .. }) => {
                assert!(have as usize <= cut - line + 1, "cut at {cut}: {have}");
                assert_eq!(frame, if content { "Content" } else { "Command" });
                assert_eq!(end, cut as u64);
            }
            Err(other) => panic!("{other}"),
        }
    }
    // Before each command, and once before the first.
    assert_eq!(ends, 5);
}

#[test]
fn a_server_that_goes_away_leaves_no_reply() {
    let mut conn = client();
    conn.send(Ehlo::new("me")).expect("EHLO");
    conn.receive(b"250-here\r\n250");
    assert_eq!(next(&mut conn), Ok(None));
    let rule = Rule::EndOfStream { have: 13 };
    let cut = Violation { rule, frame: "Reply", start: 11, end: 24 };
    assert_eq!(conn.end_of_stream(), Err(cut));
    let mut conn = client();
    assert_eq!(conn.end_of_stream(), Ok(()));
    conn.send(Quit).expect("QUIT");
    let rule = Rule::EndOfStream { have: 0 };
    let gone = Violation { rule, frame: "Reply", start: 11, end: 11 };
    assert_eq!(conn.end_of_stream(), Err(gone));
}

#[test]
fn malformed_lines_say_where_and_why() {
    let cases: [(&[u8], Rule, &str, u64, u64); 7] = [
        (b"MAIL FROM:<a\r\n", Rule::Literal(">"), "Path", 12, 12),
        (b"MAIL FROM:a@b\r\n", Rule::Literal("<"), "Path", 10, 11),
        (b"RCPT TO:<a@>\r\n", Rule::TooShort { class: "domain_char", min: 1 }, "AtDomain", 11, 11),
        (b"BDAT +5\r\n", Rule::Number, "Bdat", 5, 5),
        (b"BDAT 007\r\n", Rule::Number, "Bdat", 5, 8),
        (b"BDAT 99999999999999999999\r\n", Rule::Number, "Bdat", 5, 25),
        (b"QUIT now\r\n", Rule::Trailing, "Command", 4, 8),
    ];
    for (line, rule, frame, start, end) in cases {
        let mut conn = server();
        conn.receive(line);
        match conn.poll() {
            Ok(Progress::Event((Event::Malformed(violation), _))) => {
                assert_eq!(violation, Violation { rule, frame, start, end }, "{line:?}");
            }
            other => panic!("{line:?}: {:?}", other.is_ok()),
        }
        answer(&mut conn, 501, "no");
        conn.receive(b"NOOP\r\n");
        assert_eq!(next(&mut conn), Ok(Some("Noop(Noop { argument: None })".to_owned())));
    }
}

#[test]
fn a_source_route_ends_at_its_colon() {
    let mut conn = server();
    conn.receive(b"EHLO me\r\nMAIL FROM:<@a.b,@c:d@[IPv6:::1]>\r\n");
    next(&mut conn).expect("EHLO");
    answer(&mut conn, 250, "here");
    let mail = next(&mut conn).expect("MAIL").expect("MAIL");
    assert!(mail.contains("hosts: \"a.b,@c\""), "{mail}");
    assert!(mail.contains("name: \"[IPv6:::1]\""), "{mail}");
}

#[test]
fn a_silent_peer_is_cut_off() {
    let five = Duration::from_secs(300);
    let mut conn = server();
    conn.handle_time(Duration::from_secs(10)).expect("no violation");
    assert_eq!(conn.next_time(), Some(Duration::from_secs(310)));
    // Single bytes are no progress.
    conn.receive(b"NO");
    conn.handle_time(five).expect("no violation");
    assert_eq!(conn.next_time(), Some(Duration::from_secs(310)));
    conn.receive(b"OP\r\n");
    next(&mut conn).expect("NOOP");
    answer(&mut conn, 250, "ok");
    conn.handle_time(five).expect("no violation");
    assert_eq!(conn.next_time(), Some(2 * five));
    let rule = Rule::TimeLimit { millis: 300_000, state: "Hello" };
    let violation = Violation { rule, frame: "Hello", start: 6, end: 6 };
    assert_eq!(conn.handle_time(2 * five), Err(violation));
    assert_eq!(next(&mut conn), Err(violation));
    // It is told why, and no more than that.
    conn.transmitted(conn.transmit().len());
    conn.send(Reply::new(421, "too late")).expect("a last word");
    assert_eq!(conn.transmit(), b"421 too late\r\n");
    assert_eq!(conn.send(Reply::new(421, "too late")), Err(Misuse::Closed));
    assert_eq!(next(&mut conn), Err(violation));
}

/// Of a payload that is passed on as it comes 4 KiB are progress, and less is none.
#[test]
fn a_few_bytes_of_a_payload_are_no_progress() {
    let (minute, five) = (Duration::from_secs(60), Duration::from_secs(300));
    let begun = || {
        let mut conn = Connection::new(http1::Server::new(), Limits::default());
        conn.receive(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n");
        next(&mut conn).expect("its head");
        conn.handle_time(Duration::ZERO).expect("no violation");
        conn
    };
    let mut conn = begun();
    for minutes in 1..5 {
        conn.receive(&[b'x'; 1000]);
        next(&mut conn).expect("a part of the body");
        conn.handle_time(minutes * minute).expect("no violation");
        assert_eq!(conn.next_time(), Some(five));
    }
    let violation = conn.handle_time(five).expect_err("it is too late");
    assert_eq!(violation.rule, Rule::TimeLimit { millis: 300_000, state: "Open" });
    let mut conn = begun();
    for minutes in 1..10 {
        conn.receive(&[b'x'; 4096]);
        next(&mut conn).expect("a part of the body");
        conn.handle_time(minutes * minute).expect("no violation");
        assert_eq!(conn.next_time(), Some(minutes * minute + five));
    }
}

#[test]
fn an_owed_reply_stops_what_depends_on_it() {
    let mut conn = server();
    conn.receive(b"EHLO me\r\nMAIL FROM:<>\r\n");
    next(&mut conn).expect("EHLO");
    assert!(matches!(conn.poll(), Ok(Progress::Owed)));
    answer(&mut conn, 250, "here");
    assert!(next(&mut conn).expect("MAIL").expect("MAIL").starts_with("Mail("));
    let mut conn = client();
    conn.send(Ehlo::new("me")).expect("EHLO");
    assert_eq!(conn.send(Mail::new(NullPath)), Err(Misuse::Wait { frame: "Mail" }));
    conn.receive(b"250 here\r\n");
    assert!(matches!(conn.poll(), Ok(Progress::Event((client::Event::Reply(_), _)))));
    conn.send(Mail::new(NullPath)).expect("MAIL");
    conn.send(Data).expect("DATA");
    assert_eq!(conn.send(Noop::default()), Err(Misuse::Wait { frame: "Noop" }));
}
