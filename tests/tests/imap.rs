//! IMAP: the examples of RFC 9051 and RFC 7888 in every cut and for both sides, answers in any order, what waits for
//! which, and where it leads.

use framer_protocols::imap::client::{Event as Told, Message as Asked};
use framer_protocols::imap::server::Event;
use framer_protocols::imap::{self, *};
use framer_runtime::connection::Connection;
use framer_runtime::machine::{Machine, Progress};
use framer_runtime::protocol::Key;
use framer_runtime::violation::Misuse;
use framer_tests::cuts::same_in_every_cut;
use framer_tests::imap::{
    args, at_once, client, done, part, plain, serve, server, waiting, written,
};
use framer_tests::seen::{payload, seen};

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

/// If it asked twice before the first line came, it would read two and the client say one, or the
/// other way round.
#[test]
fn a_server_asks_for_one_line_at_a_time() {
    let asks: [(&[u8], &[u8]); 2] =
        [(b"a1 AUTHENTICATE PLAIN\r\n", b"AA==\r\n"), (b"a1 IDLE\r\n", b"DONE\r\n")];
    for (logged_in, (asks, line)) in [false, true].into_iter().zip(asks) {
        let mut server = server(logged_in);
        assert_eq!(seen(&mut server, "", &[asks]).len(), 1);
        server.send(Continue::new(b"go on")).expect("it is due");
        let again = server.send(Continue::new(b"go on"));
        assert!(matches!(again, Err(Misuse::Unasked { .. })), "{again:?}");
        assert_eq!(seen(&mut server, "", &[line]).len(), 1);
        server.send(Continue::new(b"go on")).expect("the line has come");
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
