//! POP3: the session of RFC 1939 in every cut, messages behind replies that were asked for at once, injected
//! plaintext, what each side may not write.

use std::time::Duration;

use framer_protocols::pop3::client::Message as Asked;
use framer_protocols::pop3::server::Message as Told;
use framer_protocols::pop3::{self, *};
use framer_runtime::connection::Connection;
use framer_runtime::frame::Frame;
use framer_runtime::machine::{Progress, Sent};
use framer_runtime::violation::{Misuse, Rule, Violation};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use framer_tests::seen::{connection, seen};
use proptest::prelude::*;

/// RFC 1939, section 10, with the message that it leaves out.
const ASKED: [&str; 7] = [
    "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n",
    "STAT\r\n",
    "LIST\r\n",
    "RETR 1\r\n",
    "DELE 1\r\n",
    "LIST 2\r\n",
    "QUIT\r\n",
];
const GREETING: &str = "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n";
const ANSWERS: [&str; 7] = [
    "+OK mrose's maildrop has 2 messages (320 octets)\r\n",
    "+OK 2 320\r\n",
    "+OK 2 messages (320 octets)\r\n1 120\r\n2 200\r\n.\r\n",
    "+OK 120 octets\r\nSubject: dots\r\n\r\n..\r\n.. two\r\nend\r\n.\r\n",
    "+OK message 1 deleted\r\n",
    "+OK 2 200\r\n",
    "+OK dewey POP3 server signing off (maildrop empty)\r\n",
];

fn command(line: &str) -> Command<'_> {
    Command::decode(line.as_bytes()).expect("it is a command")
}

/// A client that is logged in.
fn client() -> Connection<pop3::Client> {
    let mut client = connection(pop3::Client::new());
    assert_eq!(seen(&mut client, "Content", &[GREETING.as_bytes()]).len(), 1);
    client.send(command(ASKED[0])).expect("it may be said first");
    let early = client.send(Stat);
    assert!(matches!(early, Err(Misuse::Wait { .. })), "{early:?}");
    assert_eq!(seen(&mut client, "Content", &[ANSWERS[0].as_bytes()]).len(), 1);
    client
}

#[test]
fn the_session_of_the_standard_at_once() {
    let answers = ANSWERS[1..].concat();
    let seen = same_in_every_cut(answers.as_bytes(), |pieces| {
        let mut client = client();
        for line in &ASKED[1..] {
            client.send(command(line)).expect("it may be asked at once");
        }
        assert_eq!(client.transmit(), [&ASKED[..]].concat().concat().as_bytes());
        let seen = seen(&mut client, "Content", pieces);
        assert_eq!(client.end_of_stream(), Ok(()));
        seen
    });
    let names: Vec<&str> = seen.iter().map(|event| event.split('(').next().unwrap_or("")).collect();
    let content = ["Done", "Content", "ContentEnd"];
    let wanted = [&["Done"][..], &content, &content, &["Done", "Done", "Done"]].concat();
    assert_eq!(names, wanted);
    assert_eq!(seen[5], format!("Content({:?})", b"Subject: dots\r\n\r\n.\r\n. two\r\nend\r\n"));
}

fn answer(server: &mut Connection<pop3::Server>, text: &str, lines: Option<&[u8]>) -> Sent {
    server.send(Done::new(text))?;
    match lines {
        Some(lines) => {
            server.send(Told::Content(lines))?;
            server.send(Told::ContentEnd)
        }
        None => Ok(()),
    }
}

#[test]
fn the_server_of_that_session() {
    let serve = |pieces: &[&[u8]]| {
        let mut server = connection(pop3::Server::new());
        server.send(Done::new(" POP3 server ready")).expect("it speaks first");
        let mut told = seen(&mut server, "Content", pieces);
        // What stands behind a login waits for its answer.
        answer(&mut server, "", None).expect("it is due");
        told.extend(seen(&mut server, "Content", &[b""]));
        for lines in [None, Some(&b"1 120\r\n2 200\r\n"[..]), Some(b".\r\n.. two\r\n"), None, None]
        {
            answer(&mut server, "", lines).expect("it is due");
        }
        answer(&mut server, " bye", None).expect("it is due");
        (told, String::from_utf8_lossy(server.transmit()).into_owned())
    };
    let (seen, written) = same_in_every_cut(ASKED.concat().as_bytes(), serve);
    assert_eq!(seen.len(), ASKED.len());
    assert!(seen[5].contains("message: Some(2)"), "{}", seen[5]);
    let wanted = "+OK POP3 server ready\r\n+OK\r\n+OK\r\n+OK\r\n1 120\r\n2 200\r\n.\r\n\
        +OK\r\n..\r\n... two\r\n.\r\n+OK\r\n+OK\r\n+OK bye\r\n";
    assert_eq!(written, wanted);
}

/// Behind STLS is nothing before the handshake (RFC 2595, section 4).
#[test]
fn nothing_is_injected_before_tls() {
    let mut server = connection(pop3::Server::new());
    server.send(Done::new("")).expect("it speaks first");
    server.receive(b"STLS\r\nUSER someone\r\n");
    let mut ends = None;
    for _ in 0..3 {
        match server.poll() {
            Ok(Progress::Event((event, mut reply))) => {
                if let pop3::server::Event::Stls(_) = event {
                    reply.send(Done::new("")).expect("it is due");
                }
            }
            Ok(_) => {}
            Err(violation) => ends = Some(violation),
        }
    }
    let Some(Violation { rule, start, .. }) = ends else { panic!("no violation") };
    assert!(matches!(rule, Rule::BeforeUpgrade { .. }), "{rule:?}");
    assert_eq!(start, 6);
    let mut client = connection(pop3::Client::new());
    assert_eq!(seen(&mut client, "Content", &[b"+OK\r\n"]).len(), 1);
    client.send(Stls).expect("it may be asked");
    let seen = seen(&mut client, "Content", &[b"+OK\r\n+OK forged\r\n"]);
    assert!(!seen.concat().contains("forged"), "{seen:?}");
}

#[test]
fn a_message_that_takes_long() {
    let minutes = |count: u64| Duration::from_secs(60 * count);
    let mut server = connection(pop3::Server::new());
    server.send(Done::new("")).expect("it speaks first");
    assert_eq!(seen(&mut server, "Content", &[b"PASS x\r\n"]).len(), 1);
    server.send(Done::new("")).expect("it is due");
    assert_eq!(seen(&mut server, "Content", &[b"RETR 1\r\n"]).len(), 1);
    server.send(Done::new("")).expect("it is due");
    for minute in 0..30 {
        server.handle_time(minutes(minute)).expect("it goes on");
        server.send(Told::Content(&[b'x'; 5000])).expect("it is due");
        let written = server.transmit().len();
        server.transmitted(written);
    }
    server.handle_time(minutes(30)).expect("it has gone on");
    let over = server.handle_time(minutes(40)).map_err(|violation| violation.rule);
    assert!(matches!(over, Err(Rule::TimeLimit { .. })), "{over:?}");
}

/// Anyone may have mailed it.
#[test]
fn line_ends_within_a_line() {
    let mut client = client();
    client.send(Retr::new(1)).expect("it may be asked");
    let seen = seen(&mut client, "Content", &[b"+OK\r\na\rb\nc\n.\nd\r.\r\n.\r\n"]);
    let content = format!("Content({:?})", b"a\rb\nc\n.\nd\r.\r\n");
    assert_eq!(seen[1..], [content, "ContentEnd".to_owned()]);
}

/// Nothing may be said before the greeting; of what is passed over, all is out of place.
#[test]
fn a_line_that_is_too_long_and_too_early() {
    let line = [&[b'x'; 300][..], b"\r\n"].concat();
    let seen = same_in_every_cut(&line, |pieces| {
        let mut server = connection(pop3::Server::new());
        pieces.iter().find_map(|piece| {
            assert_eq!(server.receive(piece), piece.len());
            server.poll().err()
        })
    });
    let rule = Rule::OutOfSequence { state: "Greeting" };
    assert_eq!(seen, Some(Violation { rule, frame: "malformed", start: 0, end: 302 }));
}

#[test]
fn out_of_place() {
    let mut server = connection(pop3::Server::new());
    server.send(Done::new("")).expect("it speaks first");
    let early = seen(&mut server, "Content", &[b"RETR 1\r\n"]);
    assert!(early[0].starts_with("Refused(Retr"), "{early:?}");
    assert!(server.send(Told::Content(b"")).is_err());
    server.send(Failed::new(" log in first")).expect("it is due");
    let seen = seen(&mut server, "Content", &[&[b'x'; 300][..], b"\r\n", b"USER a\nQUIT\r\n"]);
    assert!(seen[0].starts_with("Malformed"), "{seen:?}");
    assert!(seen[1].contains("0x0a"), "{seen:?}");
    let mut client = client();
    client.receive(b"+OK nobody asked\r\n");
    let rule = client.poll().map(|_| ()).map_err(|violation| violation.rule);
    assert_eq!(rule, Err(Rule::UnexpectedReply { state: "Transaction" }));
}

#[test]
fn what_cannot_be_written() {
    let injected = Command::from(User::new("me\r\nDELE 1"));
    assert_eq!(refused(injected), ("", Rule::Ambiguous));
    assert_eq!(refused(Retr::new(0)).0, "message");
    assert_eq!(refused(Apop::new("me", "c4c9")).0, "digest");
    let mut client = connection(pop3::Client::new());
    assert_eq!(seen(&mut client, "Content", &[b"+OK\r\n"]).len(), 1);
    let long = "x".repeat(300);
    assert!(matches!(client.send(User::new(&long)), Err(Misuse::Encode(_))));
    assert!(client.send(Asked::Command(Retr::new(1).into())).is_err());
    assert!(client.transmit().is_empty());
}

proptest! {
    #[test]
    fn every_command_comes_back(
        kind in 0..10_u8,
        message in 1_u32..,
        lines: u32,
        one: bool,
        text in "[ -~]{0,100}",
    ) {
        let message_or_all = one.then_some(message);
        let command: Command<'_> = match kind {
            0 => User::new(&text).into(),
            1 => Pass::new(&text).into(),
            2 => Apop::new("someone", "00112233445566778899aabbCCDDEEFF").into(),
            3 => List { message: message_or_all }.into(),
            4 => Uidl { message: message_or_all }.into(),
            5 => Retr::new(message).into(),
            6 => Top::new(message, lines).into(),
            7 => Dele::new(message).into(),
            8 => Rset.into(),
            _ => Auth { mechanism: "PLAIN", initial: one.then(|| InitialResponse::new("=")) }.into(),
        };
        let wire = encoded(command);
        prop_assert_eq!(Command::decode(&wire), Ok(command));
        for reply in [Reply::from(Done::new(&text)), Failed::new(&text).into()] {
            let wire = encoded(reply);
            prop_assert_eq!(Reply::decode(&wire), Ok(reply));
        }
    }

    #[test]
    fn a_message_comes_as_it_went(
        message in prop::collection::vec(
            prop_oneof![Just("."), Just("\r\n"), Just("a"), Just("..\r\n")],
            0..20,
        ),
        cut: prop::sample::Index,
    ) {
        let message = message.concat() + "\r\n";
        let mut server = connection(pop3::Server::new());
        server.send(Done::new("")).expect("it speaks first");
        prop_assert_eq!(seen(&mut server, "Content", &[b"PASS x\r\n"]).len(), 1);
        server.send(Done::new("")).expect("it is due");
        prop_assert_eq!(seen(&mut server, "Content", &[b"RETR 1\r\n"]).len(), 1);
        let begin = server.transmit().len();
        answer(&mut server, "", Some(message.as_bytes())).expect("it is due");
        let written = server.transmit()[begin..].to_vec();
        let mut client = client();
        client.send(Retr::new(1)).expect("it may be asked");
        let (first, second) = written.split_at(cut.index(written.len()));
        let seen = seen(&mut client, "Content", &[first, second]);
        prop_assert_eq!(seen.len(), 3, "{:?}", seen);
        prop_assert_eq!(&seen[1], &format!("Content({:?})", message.as_bytes()));
    }
}
