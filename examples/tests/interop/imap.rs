//! IMAP: a server with Python's imaplib, aioimaplib and curl, a client with Dovecot.

mod mailbox;
mod server;
mod words;

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use framer_examples::tls;
use framer_protocols::imap::client::{Event as Told, Message as Asked};
use framer_protocols::imap::{self as wire, Announced, Arguments, CommandPart, Data, Outcome};
use framer_runtime::blocking::Connection;
use framer_runtime::net::Tls;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::from_peers::succeeds;
use crate::peers::Peer;
use crate::pop3::dovecot_of;
use mailbox::{Mailbox, Mailboxes};
use server::Store;

/// A message that looks like answers, and one of many lines.
fn mail() -> [Vec<u8>; 2] {
    let sly = b"Subject: sly\r\n\r\na1 OK done\r\n)\r\n* BYE\r\n{3}\r\n".to_vec();
    [sly, [b"Subject: many\r\n\r\n", &b"0123456789abcdef\r\n".repeat(40_000)[..]].concat()]
}

/// A server with mail, for a peer that is told its port and an authority's certificate.
fn with_server(test: impl FnOnce(SocketAddr, &str, &Store)) {
    let directory = TempDir::new().expect("a directory");
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let place = |name: &str| directory.path().join(name);
    std::fs::write(place("cert.pem"), made.cert.pem()).expect("a file");
    std::fs::write(place("key.pem"), made.signing_key.serialize_pem()).expect("a file");
    let config = tls::server(&place("cert.pem"), &place("key.pem")).expect("a certificate");
    let mut inbox = Mailbox::default();
    for message in mail() {
        inbox.append(BTreeSet::new(), message);
    }
    let mailboxes = Mailboxes::from([("INBOX".to_owned(), inbox)]);
    let store = Arc::new(Mutex::new(mailboxes));
    let runtime = Runtime::new().expect("a runtime");
    let address = runtime.block_on(server::listen(Arc::clone(&store), Tls::server(config)));
    test(address, &place("cert.pem").to_string_lossy(), &store);
}

const IMAPLIB: &str = r#"
import imaplib, ssl, sys
imap = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]), timeout=10)
assert "LITERAL+" in imap.capabilities, imap.capabilities
try:
    imap.login('"some one"', "wrong")
    raise SystemExit("it is wrong")
except imap.error as error:
    assert "AUTHENTICATIONFAILED" in str(error), error
imap.starttls(ssl.create_default_context(cafile=sys.argv[2]))
imap.login('"some one"', 'two "words"')
assert imap.list()[1] == [b'() "/" "INBOX"'], imap.list()
assert imap.create("Sent Mail".join('""')) == ("OK", [b"made"])
assert imap.select("nowhere")[0] == "NO"
assert imap.select() == ("OK", [b"2"])
typ, (head, end) = imap.fetch("1", "(FLAGS BODY.PEEK[])")
assert head == (b"1 (FLAGS () BODY[] {43}", b"Subject: sly\r\n\r\na1 OK done\r\n)\r\n* BYE\r\n{3}\r\n"), head
assert end == b")", end
typ, found = imap.uid("FETCH", "1:*", "(RFC822.SIZE BODY[])")
assert len(found) == 4 and len(found[2][1]) == 40000 * 18 + 17, [len(part) for part in found]
imap.literal = "many".encode()
assert imap.search("utf-8", "TEXT") == ("OK", [b"2"])
message = b"Subject: new\r\n\r\n{9}\r\na OK\r\n" * 9000
assert imap.append('"Sent Mail"', "\\Seen", None, message)[0] == "OK"
assert imap.append("nowhere", None, None, b"x")[0] == "NO"
assert imap.store("1", "+FLAGS", "\\Deleted") == ("OK", [b"1 (FLAGS (\\Deleted))"])
assert imap.expunge() == ("OK", [b"1"])
assert imap.noop()[0] == "OK" and imap.check()[0] == "OK"
assert imap.close()[0] == "OK"
assert imap.select('"Sent Mail"') == ("OK", [b"1"])
assert imap.fetch("1", "(FLAGS BODY[])")[1][0][1] == message
assert imap.logout()[0] == "BYE"
imap = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]), timeout=10)
imap.authenticate("PLAIN", lambda challenge: b"\0some one\0two \"words\"")
assert imap.select() == ("OK", [b"1"])
assert imap.logout()[0] == "BYE"
print("done")
"#;

pub(crate) fn imaplib() {
    with_server(|address, authority, store| {
        let port = address.port().to_string();
        let out = succeeds(Peer::Python.command().args(["-c", IMAPLIB, &port, authority]));
        assert_eq!(out.trim(), "done");
        let store = store.lock().expect("nobody has panicked");
        assert_eq!(store.keys().collect::<Vec<_>>(), ["INBOX", "Sent Mail"]);
    });
}

const AIOIMAPLIB: &str = r#"
import asyncio, sys
from aioimaplib import aioimaplib

async def main():
    imap = aioimaplib.IMAP4("127.0.0.1", int(sys.argv[1]), timeout=10)
    await imap.wait_hello_from_server()
    assert (await imap.login('"some one"', 'two "words"')).result == "OK"
    assert (await imap.select()).result == "OK"
    # At once; answered by their tags.
    found = await asyncio.gather(
        imap.fetch("1", "BODY[]"), imap.noop(), imap.uid_search("TEXT many"), imap.fetch("2", "BODY[]")
    )
    assert [of.result for of in found] == ["OK"] * 4, found
    assert bytes(found[0].lines[1]) == b"Subject: sly\r\n\r\na1 OK done\r\n)\r\n* BYE\r\n{3}\r\n", found[0]
    assert len(found[3].lines[1]) == 40000 * 18 + 17
    assert found[2].lines[0] == b"2", found[2]
    idle = await imap.idle_start(timeout=10)
    assert await imap.wait_server_push() == [b"7 EXISTS"]
    imap.idle_done()
    await asyncio.wait_for(idle, 10)
    message = b"Subject: new\r\n\r\n{9+}\r\n" * 5000
    assert (await imap.append(message, mailbox="INBOX", flags="\\Seen")).result == "OK"
    assert bytes((await imap.fetch("3", "BODY[]")).lines[1]) == message
    assert (await imap.logout()).result == "OK"
    print("done")

asyncio.run(main())
"#;

pub(crate) fn aioimaplib() {
    with_server(|address, _, _| {
        let port = address.port().to_string();
        let out = succeeds(Peer::Aioimaplib.command().args(["-c", AIOIMAPLIB, &port]));
        assert_eq!(out.trim(), "done");
    });
}

pub(crate) fn curl() {
    with_server(|address, authority, store| {
        let directory = TempDir::new().expect("a directory");
        let message = directory.path().join("message");
        std::fs::write(&message, &mail()[0]).expect("a file");
        let ask = |path: &str, more: &[&str]| {
            let url = format!("imap://localhost:{}/{path}", address.port());
            let login = ["--silent", "--show-error", "--user", "some one:two \"words\""];
            let secured = ["--ssl-reqd", "--cacert", authority];
            succeeds(Peer::Curl.command().args(login).args(secured).args(more).arg(&url))
        };
        assert_eq!(ask("INBOX;UID=1", &[]).as_bytes(), mail()[0]);
        assert_eq!(ask("INBOX;UID=2", &[]).as_bytes(), mail()[1]);
        assert!(ask("INBOX?ALL", &[]).starts_with("* SEARCH 1 2"));
        ask("INBOX", &["--upload-file", &message.to_string_lossy()]);
        let store = store.lock().expect("nobody has panicked");
        assert_eq!(store["INBOX"].len(), 3);
    });
}

// ---- The client ----

type Client = Connection<TcpStream, wire::Client>;

/// What the server says up to the answer of `tag`: each response as a text, and all literals.
fn told(client: &mut Client, tag: &str) -> (Vec<String>, Vec<Vec<u8>>, bool) {
    let (mut texts, mut literals): (Vec<String>, Vec<Vec<u8>>) = (Vec::new(), Vec::new());
    let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    loop {
        match client.next().expect("no fault").expect("not the end").0 {
            Told::Untagged(of) => {
                let (text, literal) = match of.data {
                    Data::Other(other) => (other.text, other.literal),
                    Data::Ready(of) => (of.text, None),
                    Data::Bye(of) => (of.text, None),
                    Data::PreAuth(of) => (of.text, None),
                };
                texts.push(shown(text));
                literals.extend(literal.map(|_| Vec::new()));
            }
            Told::ResponsePart(of) => {
                texts.last_mut().expect("it goes on").push_str(&shown(of.text));
                literals.extend(of.literal.map(|_| Vec::new()));
            }
            Told::Literal(part) => literals.last_mut().expect("one").extend_from_slice(part),
            Told::LiteralEnd => {}
            Told::Continue(_) if tag == "+" => return (texts, literals, true),
            Told::Tagged(of) if of.tag == tag => {
                return (texts, literals, matches!(of.outcome, Outcome::Done(_)));
            }
            other => panic!("{other:?} before {tag}"),
        }
    }
}

fn plain(text: &str) -> Arguments<'_> {
    Arguments::new(text.as_bytes())
}

/// Asks, and hears what comes of it.
fn ask<'m>(client: &mut Client, tag: &str, command: impl Into<Asked<'m>>) -> Vec<String> {
    client.send(command).expect("it may be asked");
    let (texts, _, done) = told(client, tag);
    assert!(done, "{tag}: {texts:?}");
    texts
}

/// A literal, at once or once it is asked for.
fn literal(client: &mut Client, bytes: &[u8], now: bool) {
    if !now {
        told(client, "+");
    }
    for part in bytes.chunks(8192) {
        client.send(Asked::Literal(part)).expect("it was announced");
        client.flush().expect("it is read");
    }
}

fn announced(bytes: &[u8], now: bool) -> Option<Announced> {
    Some(Announced::new(false, u64::try_from(bytes.len()).expect("a length"), now))
}

pub(crate) fn dovecot() {
    let directory = TempDir::new().expect("a directory");
    let server = dovecot_of("imap", directory.path(), &[]);
    let socket = TcpStream::connect(server.address).expect("a server");
    let mut client = Connection::new(socket, wire::Client::new());
    assert!(matches!(client.next(), Ok(Some((Told::Untagged(_), _)))));
    let can = ask(&mut client, "c", wire::Capability::new("c")).concat();
    assert!(can.contains("LITERAL+"), "{can}");
    log_in(&mut client);
    ask(&mut client, "b", wire::Create::new("b", plain("\"sent {3}\"")));
    for (tag, message, now) in [("1", &mail()[0], true), ("2", &mail()[1], false)] {
        let literal = announced(message, now);
        let append = Arguments { text: b"\"sent {3}\" (\\Seen) ", literal };
        client.send(wire::Append::new(tag, append)).expect("it may be asked");
        self::literal(&mut client, message, now);
        client.send(CommandPart::new(b"")).expect("it goes on");
        assert!(told(&mut client, tag).2);
    }
    // It has no such mailbox, and says so before anything of the message comes.
    let refused = Arguments { text: b"nowhere ", literal: announced(&mail()[1], false) };
    client.send(wire::Append::new("n", refused)).expect("it may be asked");
    assert!(!told(&mut client, "n").2);
    let told_of = ask(&mut client, "s", wire::Select::new("s", plain("\"sent {3}\"")));
    assert!(told_of.contains(&"2 EXISTS".to_owned()), "{told_of:?}");
    fetch_at_once(&mut client);
    idle(&mut client);
    ask(&mut client, "y", wire::Close::new("y"));
    ask(&mut client, "z", wire::Logout::new("z"));
    assert!(client.next().expect("no fault").is_none());
}

/// By literals of both kinds, the wrong password first.
fn log_in(client: &mut Client) {
    let login = |literal| Arguments { text: b"", literal };
    for (tag, word, now) in [("w", &b"wrong"[..], true), ("a", b"secret", false)] {
        client.send(wire::Login::new(tag, login(announced(b"someone", now)))).expect("it may");
        literal(client, b"someone", now);
        client
            .send(CommandPart { text: b" ", literal: announced(word, !now) })
            .expect("it goes on");
        literal(client, word, !now);
        client.send(CommandPart::new(b"")).expect("it goes on");
        assert_eq!(told(client, tag).2, tag == "a");
    }
}

/// Several commands without waiting for their answers.
fn fetch_at_once(client: &mut Client) {
    client.send(wire::Fetch::new("f1", plain("1 (FLAGS BODY.PEEK[] UID)"))).expect("it may");
    client.send(wire::Fetch::new("f2", plain("2 BODY.PEEK[]"))).expect("it may");
    let search = Arguments { text: b"TEXT ", literal: announced(b"sly", true) };
    client.send(wire::Search::new("f3", search)).expect("it may");
    literal(client, b"sly", true);
    client.send(CommandPart::new(b"")).expect("it goes on");
    client.send(wire::Noop::new("f4")).expect("it may");
    // It answers in an order of its own, but no sooner than it has done what all four ask.
    let (mut texts, mut literals) = (Vec::new(), Vec::new());
    for tag in ["f1", "f2", "f3", "f4"] {
        let (more, bytes, done) = told(client, tag);
        assert!(done, "{tag}: {more:?}");
        texts.extend(more);
        literals.extend(bytes);
    }
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert_eq!(literals, mail());
    assert!(texts.contains(&"SEARCH 1".to_owned()), "{texts:?}");
}

fn idle(client: &mut Client) {
    client.send(wire::Idle::new("i")).expect("it may be asked");
    told(client, "+");
    client.send(wire::IdleLine).expect("it was told to go on");
    assert!(told(client, "i").2);
}
