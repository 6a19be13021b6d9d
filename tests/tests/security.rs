//! What framing must make impossible, with the bytes of the attacks.

use framer_protocols::smtp::client::{self, Message};
use framer_protocols::smtp::{Client, Data, Ehlo, Mail, NullPath, Path, Rcpt, StartTls};
use framer_protocols::smtp::{DottedLocal, Mailbox};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::Progress;
use framer_runtime::violation::{Misuse, Rule, Violation};
use framer_tests::served::Served;

const BEGIN: &[u8] = b"EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n";
const EVIL: &[u8] = b"MAIL FROM:<e@f>\r\nRCPT TO:<g@h>\r\nDATA\r\nevil\r\n.\r\n";

/// Everything that some server has taken for the end of a message.
const ENDS: [(&[u8], Option<u8>); 11] = [
    (b"\n.\n", Some(b'\n')),
    (b"\n.\r", Some(b'\n')),
    (b"\r.\n", Some(b'\r')),
    (b"\r.\r", Some(b'\r')),
    (b"\n.\r\n", Some(b'\n')),
    (b"\r.\r\n", Some(b'\r')),
    (b"\r\n.\n", Some(b'\n')),
    (b"\r\n.\r", Some(b'\r')),
    (b"\r\n.\r\r\n", Some(b'\r')),
    (b"\r\r\n.\r\r\n", Some(b'\r')),
    (b"\r\n\0.\r\n", None),
];

#[test]
fn no_message_is_smuggled_into_another() {
    for (end, bare) in ENDS {
        for bytewise in [false, true] {
            let mut served = Served::new();
            let mut bytes = BEGIN.to_vec();
            let content = bytes.len();
            bytes.extend(b"a");
            bytes.extend(end);
            bytes.extend(EVIL);
            bytes.extend(b"\r\n.\r\nQUIT\r\n");
            let fed = if bytewise {
                bytes.chunks(1).try_for_each(|byte| served.feed(byte))
            } else {
                served.feed(&bytes)
            };
            assert_eq!(served.count("Mail"), 1, "{end:?}: {:?}", served.events);
            match bare {
                Some(byte) => {
                    let violation = fed.expect_err("a violation");
                    let place = content + 1 + end.iter().position(|at| *at == byte).unwrap_or(0);
                    let place = match end {
                        b"\r\n.\r" | b"\r\n.\r\r\n" => content + 4,
                        b"\r\n.\n" => content + 4,
                        _ => place,
                    } as u64;
                    assert_eq!(violation.rule, Rule::BareDelimiter { byte }, "{end:?}");
                    assert_eq!((violation.start, violation.end), (place, place + 1), "{end:?}");
                    assert_eq!(violation.frame, "Content");
                    assert_eq!(served.count("ContentEnd"), 0);
                    // Final: nothing is ever read again.
                    assert_eq!(served.feed(b"QUIT\r\n"), Err(violation));
                }
                // The first real end is behind "evil": the rest of it are commands.
                None => {
                    assert_eq!(fed, Ok(()));
                    assert_eq!(served.count("ContentEnd"), 1);
                }
            }
        }
    }
}

#[test]
fn the_client_never_writes_what_could_be_an_end() {
    for (end, bare) in ENDS {
        let mut conn = in_data();
        let mut content = b"a".to_vec();
        content.extend(end);
        content.extend(b"b");
        let before = conn.transmit().len();
        let sent = conn.send(Message::Content(&content));
        match bare {
            Some(byte) => {
                let Err(Misuse::Encode(error)) = sent else { panic!("{end:?}: {sent:?}") };
                assert_eq!((error.frame, error.rule), ("Content", Rule::BareDelimiter { byte }));
                assert_eq!(conn.transmit().len(), before, "nothing is written");
            }
            None => assert_eq!(sent, Ok(())),
        }
    }
    let mut conn = in_data();
    conn.send(Message::Content(b".\r\n..\r\n")).expect("text");
    conn.send(Message::ContentEnd).expect("an end");
    assert!(conn.transmit().ends_with(b"DATA\r\n..\r\n...\r\n.\r\n"));
}

/// A client that has been told to send its message.
fn in_data() -> Connection<Client> {
    let mut conn = Connection::new(Client::new(), Limits::default());
    told(&mut conn, b"220 ready\r\n");
    conn.send(Ehlo::new("me")).expect("EHLO");
    told(&mut conn, b"250-here\r\n250-STARTTLS\r\n250 CHUNKING\r\n");
    let mailbox = Mailbox::new(DottedLocal::new("c"));
    conn.send(Mail::new(NullPath)).expect("MAIL");
    conn.send(Rcpt::new(Path::new(mailbox))).expect("RCPT");
    conn.send(Data).expect("DATA");
    for reply in [&b"250 ok\r\n"[..], b"250 ok\r\n", b"354 go\r\n"] {
        told(&mut conn, reply);
    }
    conn
}

fn told(conn: &mut Connection<Client>, reply: &[u8]) {
    assert_eq!(conn.receive(reply), reply.len());
    let progress = conn.poll().expect("no violation");
    assert!(matches!(progress, Progress::Event((client::Event::Reply(_), _))), "{reply:?}");
}

#[test]
fn bytes_behind_starttls_are_refused_by_the_server() {
    let line = b"EHLO me\r\nSTARTTLS\r\n";
    for injected in [&b"\n"[..], b"RSET\r\n", b"MAIL FROM:<e@f>\r\n", b"\x16\x03\x01"] {
        let mut served = Served::new();
        let mut bytes = line.to_vec();
        bytes.extend(injected);
        let violation = served.feed(&bytes).expect_err("a violation");
        let start = line.len() as u64;
        let end = start + injected.len() as u64;
        let rule = Rule::BeforeUpgrade { layer: "Tls" };
        assert_eq!(violation, Violation { rule, frame: "Tls", start, end });
        assert_eq!(served.events.len(), 2, "{:?}", served.events);
    }
    // What comes once the upgrade is announced belongs to the layer, not to the session.
    let mut served = Served::new();
    served.feed(line).expect("no violation");
    assert_eq!(served.events.last().map(String::as_str), Some("Upgrade(Tls)"));
    assert_eq!(served.conn.receive(b"RSET\r\n"), 0);
    assert!(served.conn.spare().is_empty());
    served.conn.upgraded().expect("it was told");
    // RFC 3207 section 4.2: what EHLO said before is forgotten.
    served.feed(b"MAIL FROM:<a@b>\r\n").expect("no violation");
    assert_eq!(served.count("Refused"), 1, "{:?}", served.events);
}

#[test]
fn bytes_behind_the_answer_to_starttls_are_refused_by_the_client() {
    let mut conn = Connection::new(Client::new(), Limits::default());
    let (greeting, offers) = (b"220 ready\r\n", b"250-here\r\n250 STARTTLS\r\n");
    told(&mut conn, greeting);
    conn.send(Ehlo::new("me")).expect("EHLO");
    told(&mut conn, offers);
    conn.send(StartTls).expect("STARTTLS");
    let (answer, injected) = (b"220 go\r\n", b"250-evil\r\n250 AUTH PLAIN\r\n");
    conn.receive(&[&answer[..], injected].concat());
    assert!(matches!(conn.poll(), Ok(Progress::Event((client::Event::Reply(_), _)))));
    let start = (greeting.len() + offers.len() + answer.len()) as u64;
    let end = start + injected.len() as u64;
    let rule = Rule::BeforeUpgrade { layer: "Tls" };
    let violation = Violation { rule, frame: "Tls", start, end };
    assert_eq!(conn.poll().map(|_| ()), Err(violation));
    // Nothing can be said in the clear either.
    let said = conn.send(Ehlo::new("me"));
    assert_eq!(said, Err(Misuse::Upgrading { layer: "Tls" }));
}

#[test]
fn nothing_is_injected_into_a_command() {
    let mut conn = Connection::new(Client::new(), Limits::default());
    told(&mut conn, b"220 ready\r\n");
    for name in ["a\r\nRSET", "a\nb", "a b", ""] {
        let Err(Misuse::Encode(error)) = conn.send(Ehlo::new(name)) else { panic!("{name:?}") };
        assert_eq!((error.frame, error.field), ("Ehlo", "domain"));
        assert_eq!(conn.transmit(), b"");
    }
}
