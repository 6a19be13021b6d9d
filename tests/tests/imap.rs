//! IMAP: the examples of RFC 9051 and RFC 7888 in every cut and for both sides, answers in any order, what waits for
//! which, injected plaintext and commands, what neither side may write.

use framer_protocols::imap::client::{Event as Told, Message as Asked};
use framer_protocols::imap::server::{Event, Message};
use framer_protocols::imap::{self, *};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::machine::{Machine, Progress};
use framer_runtime::protocol::Key;
use framer_runtime::violation::{Misuse, Rule, Violation};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use framer_tests::seen::{connection, payload, seen};
use proptest::prelude::*;

const GREETING: &str = "* OK [CAPABILITY IMAP4rev2] Service Ready\r\n";

fn args(text: &[u8], literal: Option<Announced>) -> Arguments<'_> {
    Arguments { text, literal }
}

fn plain(text: &str) -> Arguments<'_> {
    Arguments::new(text.as_bytes())
}

fn part(text: &[u8], literal: Option<Announced>) -> CommandPart<'_> {
    CommandPart { text, literal }
}

fn told_part(text: &[u8], literal: Option<Announced>) -> ResponsePart<'_> {
    ResponsePart { text, literal }
}

fn told_other(text: &[u8], literal: Option<Announced>) -> Other<'_> {
    Other { text, literal }
}

/// A literal that the client waits with.
fn waiting(size: u64) -> Option<Announced> {
    Some(Announced::new(false, size, false))
}

/// A literal that it does not wait with.
fn at_once(size: u64) -> Option<Announced> {
    Some(Announced::new(false, size, true))
}

fn done<'a>(tag: &'a str, text: &'a str) -> Tagged<'a> {
    Tagged::new(tag, imap::Done::new(text.as_bytes()))
}

fn other(text: &str) -> Untagged<'_> {
    Untagged::new(told_other(text.as_bytes(), None))
}

/// A client that was greeted, and has logged in if it says so.
fn client(logged_in: bool) -> Connection<imap::Client> {
    let mut client = connection(imap::Client::new());
    let greeting = if logged_in { "* PREAUTH hello\r\n" } else { GREETING };
    assert_eq!(seen(&mut client, "Literal", &[greeting.as_bytes()]).len(), 1);
    client
}

/// A server that has greeted.
fn server(logged_in: bool) -> Connection<imap::Server> {
    let mut server = connection(imap::Server::new());
    let data = match logged_in {
        true => Data::from(PreAuth::new(b"hello")),
        false => Ready::new(b"[CAPABILITY IMAP4rev2] Service Ready").into(),
    };
    server.send(Untagged::new(data)).expect("it speaks first");
    let greeted = server.transmit().len();
    server.transmitted(greeted);
    server
}

fn written<M: Machine>(side: &mut Connection<M>) -> String {
    let text = String::from_utf8_lossy(side.transmit()).into_owned();
    side.transmitted(text.len());
    text
}

/// A server that asks for every literal and finishes every command: what it sees, and what it writes.
fn serve(server: &mut Connection<imap::Server>, pieces: &[&[u8]]) -> (Vec<String>, String) {
    let mut told: Vec<String> = Vec::new();
    let mut out = String::new();
    let mut tag = String::new();
    for piece in pieces {
        server.receive(piece);
        loop {
            let (mut go_on, mut finished) = (false, false);
            match server.poll() {
                Ok(Progress::Event((event, mut reply))) => {
                    let mut literal = None;
                    match event {
                        Event::Literal(part) => {
                            let part = String::from_utf8_lossy(part);
                            match told.last_mut().filter(|last| last.starts_with("Literal:")) {
                                Some(last) => last.push_str(&part),
                                None => told.push(format!("Literal:{part}")),
                            }
                            continue;
                        }
                        Event::Login(of) => {
                            (tag, literal) = (of.tag.to_owned(), of.arguments.literal);
                        }
                        Event::Append(of) => {
                            (tag, literal) = (of.tag.to_owned(), of.arguments.literal);
                        }
                        Event::Search(of) => {
                            (tag, literal) = (of.tag.to_owned(), of.arguments.literal);
                        }
                        Event::CommandPart(of) => literal = of.literal,
                        Event::Noop(of) => tag = of.tag.to_owned(),
                        Event::Idle(of) => tag = of.tag.to_owned(),
                        Event::Authenticate(of) => tag = of.tag.to_owned(),
                        Event::Logout(of) => tag = of.tag.to_owned(),
                        _ => {}
                    }
                    match event {
                        Event::Idle(_) | Event::Authenticate(_) => go_on = true,
                        Event::LiteralEnd => {}
                        _ => finished = literal.is_none(),
                    }
                    go_on |= literal.is_some_and(|literal| !literal.now);
                    told.push(format!("{event:?}"));
                    if go_on {
                        reply.send(Continue::new(b"go on")).expect("it is due");
                    } else if finished {
                        reply.send(done(&tag, "completed")).expect("it is due");
                    }
                    out.push_str(&written(server));
                }
                Ok(_) => break,
                Err(violation) => {
                    told.push(violation.to_string());
                    return (told, out);
                }
            }
        }
    }
    (told, out)
}

/// RFC 9051, section 4.3, and the same with what RFC 7888 adds.
#[test]
fn a_login_in_literals() {
    for (plus, asks) in [("", "+ go on\r\n+ go on\r\n"), ("+", "")] {
        let wire = format!(
            "A001 LOGIN {{11{plus}}}\r\nFRED FOOBAR {{7{plus}}}\r\nfat man\r\nA002 noop\r\n"
        );
        let (seen, out) =
            same_in_every_cut(wire.as_bytes(), |pieces| serve(&mut server(false), pieces));
        assert_eq!(out, format!("{asks}A001 OK completed\r\nA002 OK completed\r\n"));
        let now = plus == "+";
        let announced = |size| Some(Announced::new(false, size, now));
        let login = Login::new("A001", args(b"", announced(11)));
        let behind = part(b" ", announced(7));
        let wanted = [
            format!("{:?}", Event::Login(login)),
            "Literal:FRED FOOBAR".to_owned(),
            "LiteralEnd".to_owned(),
            format!("{:?}", Event::CommandPart(behind)),
            "Literal:fat man".to_owned(),
            "LiteralEnd".to_owned(),
            format!("{:?}", Event::CommandPart(part(b"", None))),
            format!("{:?}", Event::Noop(Noop::new("A002"))),
        ];
        assert_eq!(seen, wanted);
    }
}

/// The same as its client says it.
#[test]
fn a_client_waits_to_be_asked() {
    let mut client = client(false);
    client.send(Login::new("A001", args(b"", waiting(11)))).expect("it may log in");
    for early in [Asked::Literal(b"FRED FOOBAR"), Asked::CommandPart(part(b"", None))] {
        let refused = client.send(early);
        assert!(
            matches!(refused, Err(Misuse::Wait { .. } | Misuse::Framing { .. })),
            "{refused:?}"
        );
    }
    assert!(matches!(client.send(Noop::new("A002")), Err(Misuse::Wait { .. })));
    assert_eq!(written(&mut client), "A001 LOGIN {11}\r\n");
    let told = seen(&mut client, "Literal", &[b"+ Ready for additional command text\r\n"]);
    assert!(told[0].starts_with("Continue"), "{told:?}");
    client.send(Asked::Literal(b"FRED ")).expect("it was asked for");
    client.send(Asked::Literal(b"FOOBAR")).expect("it was asked for");
    client.send(part(b" ", at_once(7))).expect("it goes on");
    client.send(Asked::Literal(b"fat man")).expect("it does not wait");
    assert!(matches!(
        client.send(Noop::new("A002")),
        Err(Misuse::Framing { .. } | Misuse::Wait { .. })
    ));
    client.send(part(b"", None)).expect("it goes on");
    assert_eq!(written(&mut client), "FRED FOOBAR {7+}\r\nfat man\r\n");
    // What follows depends on what becomes of it.
    assert!(matches!(client.send(Noop::new("A002")), Err(Misuse::Wait { .. })));
    assert_eq!(seen(&mut client, "Literal", &[b"A001 OK LOGIN completed\r\n"]).len(), 1);
    client.send(Select::new("A002", plain("INBOX"))).expect("it is logged in");
    assert_eq!(client.machine().engine().session().state_name(), "Authenticated");
}

/// A server that does not want a literal says so, and nothing of it comes.
#[test]
fn a_literal_that_is_not_wanted() {
    let mut client = client(true);
    client.send(Noop::new("a1")).expect("it may be asked");
    client.send(Append::new("a2", args(b"box ", waiting(100_000_000)))).expect("it may");
    written(&mut client);
    assert_eq!(seen(&mut client, "Literal", &[b"a1 OK\x20done\r\n"]).len(), 1);
    assert!(matches!(client.send(Asked::Literal(b"x")), Err(Misuse::Wait { .. })));
    assert_eq!(seen(&mut client, "Literal", &[b"a2 NO too large\r\n"]).len(), 1);
    assert!(matches!(client.send(Asked::Literal(b"x")), Err(Misuse::Framing { .. })));
    client.send(Noop::new("a3")).expect("it may be asked");
    assert_eq!(written(&mut client), "a3 NOOP\r\n");

    let mut server = server(true);
    let told = seen(&mut server, "Literal", &[b"a2 APPEND box {100000000}\r\n"]);
    assert!(told[0].starts_with("Append"), "{told:?}");
    let large = Tagged::new("a2", No::new(b"[TOOBIG] too large"));
    server.send(large).expect("it is due");
    assert_eq!(seen(&mut server, "Literal", &[b"a3 NOOP\r\n"]).len(), 1);
    server.send(done("a3", "done")).expect("it is due");
}

/// Both have said more before they knew: the answer that ends a command crosses its next literal.
#[test]
fn an_answer_crosses_an_announcement() {
    let mut server = server(true);
    let told = seen(&mut server, "Literal", &[b"a0 NOOP\r\na1 SEARCH TEXT {1+}\r\n"]);
    assert_eq!(told.len(), 2);
    server.send(Tagged::new("a1", Bad::new(b"no"))).expect("it is due");
    let told = seen(&mut server, "Literal", &[b"x TEXT {5}\r\na2 NOOP\r\n"]);
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[3].starts_with("Noop"), "{told:?}");
    let asked = server.send(Continue::new(b""));
    assert!(matches!(asked, Err(Misuse::Unasked { .. })), "{asked:?}");

    let mut client = client(true);
    client.send(Noop::new("a0")).expect("it may be asked");
    client.send(Unknown::new("a1", args(b"XSEARCH TEXT ", at_once(1)))).expect("it may");
    client.send(Asked::Literal(b"x")).expect("it does not wait");
    client.send(part(b" TEXT ", waiting(5))).expect("it goes on");
    assert_eq!(seen(&mut client, "Literal", &[b"a1 BAD no\r\n"]).len(), 1);
    client.send(Noop::new("a2")).expect("the rest is not due any more");
}

/// RFC 9051, sections 6.3.12, 6.4.5 and 7.5.2: literals in answers, answers in any order.
#[test]
fn answers_in_any_order() {
    let answers = "* 12 FETCH (BODY[HEADER] {12}\r\nSubject: x\r\n BODY[TEXT] {0}\r\n UID 7)\r\n\
        * 13 FETCH (BINARY[1] ~{3}\r\na\0b)\r\na3 OK FETCH completed\r\n* SEARCH 2 84 882\r\n\
        A002 OK SEARCH completed\r\n";
    let seen = same_in_every_cut(answers.as_bytes(), |pieces| {
        let mut client = client(true);
        client.send(Select::new("a1", plain("INBOX"))).expect("it may be asked");
        let early = client.send(Fetch::new("a3", plain("12 ALL")));
        assert!(matches!(early, Err(Misuse::Wait { .. })), "{early:?}");
        assert_eq!(seen(&mut client, "", &[b"a1 OK [READ-WRITE] done\r\n"]).len(), 1);
        client.send(Search::new("A002", plain("FLAGGED"))).expect("it may be asked");
        client.send(Fetch::new("a3", plain("12:13 BODY[]"))).expect("it may be asked at once");
        let used = client.send(Noop::new("a3"));
        assert!(matches!(used, Err(Misuse::KeyInUse { .. })), "{used:?}");
        assert_eq!(used, Err(Misuse::KeyInUse { key: Key::text("a3") }));
        let seen = seen(&mut client, "Literal", pieces);
        assert_eq!(client.end_of_stream(), Ok(()));
        seen
    });
    let names: Vec<&str> = seen.iter().map(|event| event.split('(').next().unwrap_or("")).collect();
    let literal = ["Literal", "LiteralEnd", "ResponsePart"];
    let wanted = [
        &["Untagged"][..],
        &literal,
        &literal[1..],
        &["Untagged"],
        &literal,
        &["Tagged", "Untagged", "Tagged"],
    ];
    assert_eq!(names, wanted.concat());
    assert_eq!(seen[1], payload("Literal", b"Subject: x\r\n"));
    assert_eq!(seen[7], payload("Literal", b"a\0b"));
}

/// RFC 9051, section 6.3.13.
#[test]
fn idle_ends_with_done() {
    let mut client = client(true);
    client.send(Idle::new("A002")).expect("it may be asked");
    assert!(matches!(client.send(IdleLine), Err(Misuse::Wait { .. })));
    let told = [&b"+ idling\r\n* 2 EXPUNGE\r\n* 3 EXISTS\r\n"[..]];
    assert_eq!(seen(&mut client, "", &told).len(), 3);
    assert!(matches!(
        client.send(Noop::new("A003")),
        Err(Misuse::Framing { .. } | Misuse::Wait { .. })
    ));
    client.send(IdleLine).expect("it was told to go on");
    assert!(matches!(client.send(Noop::new("A003")), Err(Misuse::Wait { .. })));
    assert_eq!(written(&mut client), "A002 IDLE\r\nDONE\r\n");
    assert_eq!(seen(&mut client, "", &[b"A002 OK IDLE terminated\r\n"]).len(), 1);
    client.send(Noop::new("A003")).expect("it may be asked");

    let wire = b"A002 IDLE\r\ndone\r\nA003 NOOP\r\n";
    let (told, out) = same_in_every_cut(wire, |pieces| serve(&mut server(true), pieces));
    assert_eq!(told[1..], ["IdleLine(IdleLine)", "Noop(Noop { tag: \"A003\" })"]);
    assert_eq!(out, "+ go on\r\nA002 OK completed\r\nA003 OK completed\r\n");
}

/// RFC 4959, section 4, and what RFC 9051 says of giving up.
#[test]
fn authentication_takes_turns() {
    let wire = b"A1 AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=\r\n*\r\nA2 NOOP\r\n";
    let (told, out) = same_in_every_cut(wire, |pieces| serve(&mut server(false), pieces));
    assert!(told[0].contains("dGVzdAB0ZXN0AHRlc3Q="), "{told:?}");
    assert_eq!(told[1..], ["AuthCancel(AuthCancel)", "Noop(Noop { tag: \"A2\" })"]);
    assert_eq!(out, "+ go on\r\nA1 OK completed\r\nA2 OK completed\r\n");
    let mut client = client(false);
    client.send(Authenticate::new("A1", "PLAIN")).expect("it may log in");
    assert!(client.send(AuthResponse::new("AA==")).is_err());
    for _ in 0..3 {
        assert_eq!(seen(&mut client, "", &[b"+ \r\n"]).len(), 1);
        client.send(AuthResponse::new("AA==")).expect("it is its turn");
        assert!(client.send(AuthResponse::new("AA==")).is_err());
    }
    assert_eq!(seen(&mut client, "", &[b"A1 OK done\r\n"]).len(), 1);
    assert_eq!(client.machine().engine().session().state_name(), "Authenticated");
}

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

/// A mailbox that cannot be opened closes the one that was; answers of what came before keep their meaning.
#[test]
fn states_follow_answers() {
    let mut client = client(true);
    let state =
        |client: &Connection<imap::Client>| client.machine().engine().session().state_name();
    let ask = |client: &mut Connection<imap::Client>, command: Command<'_>, answer: &str| {
        client.send(command).expect("it may be asked");
        assert_eq!(seen(client, "", &[answer.as_bytes()]).len(), 1);
        state(client)
    };
    assert_eq!(ask(&mut client, Select::new("a", plain("x")).into(), "a OK x\r\n"), "Selected");
    assert_eq!(
        ask(&mut client, Examine::new("b", plain("y")).into(), "b NO y\r\n"),
        "Authenticated"
    );
    assert_eq!(ask(&mut client, Select::new("c", plain("x")).into(), "c OK x\r\n"), "Selected");
    client.send(Fetch::new("d", plain("1 ALL"))).expect("it may be asked");
    client.send(imap::Close::new("e")).expect("it may follow");
    assert!(matches!(client.send(Noop::new("f")), Err(Misuse::Wait { .. })));
    assert_eq!(seen(&mut client, "", &[b"e OK closed\r\nd OK fetched\r\n"]).len(), 2);
    assert_eq!(state(&client), "Authenticated");
    client.send(Logout::new("g")).expect("it may be asked");
    assert_eq!(seen(&mut client, "", &[b"* BYE see you\r\ng OK gone\r\n"]).len(), 2);
    assert!(matches!(client.poll(), Ok(Progress::Closed)));
}

#[test]
fn what_cannot_be_written() {
    let command = |frame: Command<'static>| refused(frame);
    assert_eq!(command(Search::new("a", plain("TEXT {3}")).into()).1, Rule::Ambiguous);
    assert_eq!(command(Search::new("a", args(b"x\r\nb", None)).into()).1, Rule::Ambiguous);
    assert_eq!(command(Search::new("a", plain("x\0")).into()).1, Rule::Require("Nul"));
    assert_eq!(command(Search::new("a~", args(b"x~", waiting(3))).into()).1, Rule::Ambiguous);
    assert_eq!(command(Unknown::new("a", plain("login me secret")).into()).1, Rule::Ambiguous);
    assert_eq!(command(Noop::new("a b").into()).0, "tag");
    assert_eq!(command(Noop::new("0123456789abcdef").into()).0, "tag");
    assert_eq!(command(Noop::new("").into()).0, "tag");
    assert_eq!(
        refused(Response::from(Untagged::new(told_other(b"OK x", None)))).1,
        Rule::Ambiguous
    );
    let mut client = client(true);
    client.send(Append::new("a", args(b"x ", at_once(3)))).expect("it may be asked");
    assert!(matches!(client.send(Asked::Literal(b"four")), Err(Misuse::Encode(_))));
    let mut server = server(true);
    assert!(server.send(Message::Literal(b"x")).is_err());
    server.send(Untagged::new(told_other(b"1 FETCH (A ", waiting(1)))).expect("it may tell");
    assert!(server.send(other("2 EXISTS")).is_err());
    server.send(Message::Literal(b"x")).expect("it was announced");
    server.send(told_part(b")", None)).expect("it goes on");
    assert_eq!(written(&mut server), "* 1 FETCH (A {1}\r\nx)\r\n");
}

proptest! {
    #[test]
    fn every_line_comes_back(
        tag in "[a-zA-Z0-9.#$&]{1,15}",
        text in proptest::collection::vec(1_u8..=255, 0..40),
        literal in proptest::option::of((any::<bool>(), 0..=u64::MAX >> 1, any::<bool>())),
        kind in 0_usize..6,
    ) {
        let literal = literal.map(|(binary, size, now)| Announced::new(binary, size, now));
        let arguments = args(&text, literal);
        let tag = tag.as_str();
        let mut out = Vec::new();
        let same = match kind {
            0 => write(Command::from(Fetch::new(tag, arguments)), &mut out),
            1 => write(Command::from(Unknown::new(tag, arguments)), &mut out),
            2 => write(part(&text, literal), &mut out),
            3 => write(Response::from(Untagged::new(told_other(&text, literal))), &mut out),
            4 => write(Response::from(Tagged::new(tag, No::new(&text))), &mut out),
            _ => write(told_part(&text, literal), &mut out),
        };
        prop_assert_eq!(same, Ok(()));
    }

    /// Whatever a line holds, what follows its literal is where it says.
    #[test]
    fn lines_are_read_as_they_are_written(line in "[a-c{}0-9+~\"]{0,24}") {
        let wire = format!("a SEARCH {line}\r\n");
        if let Ok(Command::Search(search)) = Command::decode(wire.as_bytes()) {
            // The size of a literal may be read with zeros before it, and is written without.
            let mut threes = line.as_bytes().windows(3);
            let zeros = threes.any(|three| three.starts_with(b"{0") && three[2].is_ascii_digit());
            prop_assert!(zeros || encoded(Command::from(search)).len() == wire.len());
            let text = search.arguments.text;
            prop_assert!(line.as_bytes().starts_with(text));
            prop_assert_eq!(search.arguments.literal.is_none(), text.len() == line.len());
        }
    }
}

/// What is written is read as it was, or not written.
fn write<'o, F>(frame: F, out: &'o mut Vec<u8>) -> Result<(), String>
where
    F: Frame + for<'a> framer_runtime::frame::Decode<View<'a>: std::fmt::Debug> + std::fmt::Debug,
{
    let shown = format!("{frame:?}");
    if frame.encode(out).is_err() {
        return Ok(());
    }
    match F::decode(out) {
        Ok(read) if format!("{read:?}") == shown => Ok(()),
        Ok(read) => Err(format!("{shown} was read as {read:?}")),
        Err(invalid) => Err(format!("{shown}: {invalid:?}")),
    }
}

/// Every client event has a place in this: none is forgotten where the description changes.
#[test]
fn a_client_is_told_seven_things() {
    fn name(event: Told<'_>) -> &'static str {
        match event {
            Told::Untagged(_) => "untagged",
            Told::Continue(_) => "continue",
            Told::Tagged(_) => "tagged",
            Told::Literal(_) => "literal",
            Told::LiteralEnd => "its end",
            Told::ResponsePart(_) => "what follows",
            Told::Upgrade(_) => "tls",
        }
    }
    let mut client = client(false);
    client.receive(b"* BYE\x20now\r\n");
    let Ok(Progress::Event((event, _))) = client.poll() else { panic!("nothing") };
    assert_eq!(name(event), "untagged");
}
