//! IMAP from a peer that keeps to no rule: injected plaintext and commands, announcements that lie, what has no place.

use framer_protocols::imap::server::Event;
use framer_protocols::imap::{self, *};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::Progress;
use framer_runtime::violation::{Misuse, Rule, Violation};
use framer_tests::imap::{client, done, serve, server};
use framer_tests::seen::{payload, seen};

/// What comes behind STARTTLS in clear is none of what is said inside TLS.
#[test]
fn nothing_is_injected_before_tls() {
    let mut server = server(false);
    server.receive(b"a STARTTLS\r\na LOGIN me secret\r\n");
    let mut ends = None;
    for _ in 0..3 {
        match server.poll() {
            Ok(Progress::Event((Event::StartTls(_), mut reply))) => {
                reply.send(done("a", "begin")).expect("it is due");
            }
            Ok(Progress::Event((event, _))) => panic!("{event:?}"),
            Ok(_) => {}
            Err(violation) => ends = Some(violation),
        }
    }
    let Some(Violation { rule, start, .. }) = ends else { panic!("no violation") };
    assert!(matches!(rule, Rule::BeforeUpgrade { .. }), "{rule:?}");
    assert_eq!(start, 12);
    let mut client = client(false);
    client.send(StartTls::new("a")).expect("it may be asked");
    let seen = seen(&mut client, "", &[b"a OK begin\r\n* PREAUTH forged\r\n"]);
    assert!(!seen.concat().contains("forged"), "{seen:?}");
    assert!(seen[1].contains("Tls"), "{seen:?}");
}

/// What a line announces is no commands, and where it cannot be told what it announces, nothing is read.
#[test]
fn announcements_that_break_a_rule() {
    let end = |wire: &str| {
        let (told, _) = serve(&mut server(true), &[wire.as_bytes()]);
        assert_eq!(told.len(), 1, "{wire}: {told:?}");
        told[0].clone()
    };
    for size in [
        "99999999999999999999",
        "9223372036854775808",
        "000000000000000000003",
        "18446744073709551616",
    ] {
        for plus in ["", "+"] {
            let told = end(&format!("a APPEND x {{{size}{plus}}}\r\nb LOGOUT\r\n"));
            assert!(!told.starts_with("Append"), "{told}");
        }
    }
    // Where nothing may be announced, what would be is not passed over.
    for line in ["a NOOP {9+}", "a LOGOUT {9}", "{9+}", "a", "(a) NOOP", "+ NOOP"] {
        let told = end(&format!("{line}\r\nb LOGOUT\r\n"));
        assert!(!told.contains("Logout"), "{line}: {told}");
    }
    for wire in ["a NOOP\nb LOGOUT\r\n", "a NOOP\rb LOGOUT\r\n", "a SEARCH \0\r\n"] {
        assert!(!end(wire).contains("Logout"), "{wire:?}");
    }
    // A quoted string ends otherwise.
    let (told, _) = serve(&mut server(true), &[b"a APPEND \"{3}\"\r\nb NOOP\r\n"]);
    assert!(told[0].contains("literal: None") && told[1].starts_with("Noop"), "{told:?}");
}

#[test]
fn a_literal_takes_no_memory() {
    let limits = Limits { input_bytes: 1 << 18, ..Limits::default() };
    let mut server = Connection::new(imap::Server::new(), limits);
    server.send(Untagged::new(PreAuth::new(b"hello"))).expect("it speaks first");
    server.receive(b"a APPEND box {9223372036854775807+}\r\n");
    assert!(matches!(server.poll(), Ok(Progress::Event(_))));
    for _ in 0..1000 {
        assert_eq!(server.receive(&[0xff; 4096]), 4096);
        let Ok(Progress::Event((Event::Literal(part), _))) = server.poll() else {
            panic!("no part")
        };
        assert_eq!(part.len(), 4096);
    }
    let line = [&b"a SEARCH "[..], &[b'x'; 70_000]].concat();
    let mut server = self::server(true);
    let seen = seen(&mut server, "", &[&line]);
    assert_eq!(seen.len(), 1);
    assert!(seen[0].contains("65536"), "{seen:?}");
}

/// Each command where it has no place.
#[test]
fn out_of_place() {
    let wire: [&[u8]; 1] = [b"a SELECT {5+}\r\nINBOX\r\nb FETCH 1 ALL\r\n"];
    let told = seen(&mut server(false), "Literal", &wire);
    assert!(told[0].starts_with("Refused(Select"), "{told:?}");
    assert_eq!(told[1], payload("Literal", b"INBOX"));
    assert!(told[4].starts_with("Refused(Fetch"), "{told:?}");
    let told = seen(&mut server(true), "", &[b"a LOGIN me secret\r\nb CLOSE\r\nc STARTTLS\r\n"]);
    assert!(told.iter().all(|event| event.starts_with("Refused(")), "{told:?}");
    assert_eq!(told.len(), 3);
    let mut client = client(false);
    assert!(matches!(client.send(Idle::new("a")), Err(Misuse::OutOfSequence { .. })));
    for forged in ["zz OK nobody asked\r\n", "+ nobody asked\r\n"] {
        let mut client = self::client(true);
        client.send(Noop::new("a")).expect("it may be asked");
        let told = seen(&mut client, "", &[forged.as_bytes()]);
        assert!(told[0].contains("reply out of turn"), "{told:?}");
    }
}
