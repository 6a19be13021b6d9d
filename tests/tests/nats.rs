//! NATS: the examples of its documentation in every cut, what breaks a rule, TLS before anything else is
//! said, what neither side may write.

use framer_protocols::nats::client::Message as Asked;
use framer_protocols::nats::server::Message as Told;
use framer_protocols::nats::{self, *};
use framer_runtime::connection::Connection;
use framer_runtime::frame::Frame;
use framer_runtime::violation::{Misuse, Rule};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use framer_tests::seen::{connection, payload, seen};
use proptest::prelude::*;

const INFO: &str = "INFO {\"server_id\":\"x\",\"headers\":true,\"max_payload\":1048576} \r\n";
const CONNECT: &str = "CONNECT {\"verbose\":false,\"lang\":\"rust\"}\r\n";

/// A client that has said who it is.
fn client() -> Connection<nats::Client> {
    let mut client = connection(nats::Client::new());
    assert_eq!(seen(&mut client, "", &[INFO.as_bytes()]).len(), 1);
    client.send(Connect::new("{\"verbose\":false,\"lang\":\"rust\"}")).expect("it may be said");
    assert_eq!(client.transmit(), CONNECT.as_bytes());
    client.transmitted(CONNECT.len());
    client
}

/// A server whose client has.
fn server() -> Connection<nats::Server> {
    let mut server = connection(nats::Server::new());
    server.send(Info::new("{\"server_id\":\"x\"}")).expect("it speaks first");
    assert_eq!(seen(&mut server, "", &[CONNECT.as_bytes()]).len(), 1);
    let written = server.transmit().len();
    server.transmitted(written);
    server
}

/// What a server sees of the pieces.
fn served(pieces: &[&[u8]]) -> Vec<String> {
    seen(&mut server(), "Payload", pieces)
}

/// What a client sees of the pieces.
fn told(pieces: &[&[u8]]) -> Vec<String> {
    seen(&mut client(), "Payload", pieces)
}

/// Each frame with its bytes.
#[test]
fn examples_of_the_documentation() {
    let name = |text| Some(Name::new(text));
    let asked: [(ClientLine<'_>, &str); 12] = [
        (Pub::new("FOO", 11).into(), "PUB FOO 11\r\n"),
        (
            Pub { subject: "FRONT.DOOR", reply: name("JOKE.22"), size: 11 }.into(),
            "PUB FRONT.DOOR JOKE.22 11\r\n",
        ),
        (Pub::new("NOTIFY", 0).into(), "PUB NOTIFY 0\r\n"),
        (HPub::new("FOO", 22, 33).into(), "HPUB FOO 22 33\r\n"),
        (
            HPub { subject: "FRONT.DOOR", reply: name("JOKE.22"), headers: 45, size: 56 }.into(),
            "HPUB FRONT.DOOR JOKE.22 45 56\r\n",
        ),
        // Names may look like numbers.
        (HPub { subject: "1", reply: name("2"), headers: 3, size: 4 }.into(), "HPUB 1 2 3 4\r\n"),
        (Sub::new("FOO", "1").into(), "SUB FOO 1\r\n"),
        (Sub { subject: "BAR", queue: name("G1"), id: "44" }.into(), "SUB BAR G1 44\r\n"),
        (Unsub::new("1").into(), "UNSUB 1\r\n"),
        (Unsub { id: "1", after: Some(After::new(5)) }.into(), "UNSUB 1 5\r\n"),
        (Ping.into(), "PING\r\n"),
        (Pong.into(), "PONG\r\n"),
    ];
    for (line, wire) in asked {
        assert_eq!(encoded(line), wire.as_bytes());
        assert_eq!(ClientLine::decode(wire.as_bytes()), Ok(line));
        let lower = wire.to_lowercase();
        assert_eq!(encoded(line).len(), lower.len());
        assert!(ClientLine::decode(lower.as_bytes()).is_ok(), "{lower}");
    }
    let told: [(ServerLine<'_>, &str); 6] = [
        (Msg::new("FOO.BAR", "9", 11).into(), "MSG FOO.BAR 9 11\r\n"),
        (
            Msg { subject: "FOO.BAR", id: "9", reply: name("GREETING.34"), size: 11 }.into(),
            "MSG FOO.BAR 9 GREETING.34 11\r\n",
        ),
        (HMsg::new("FOO.BAR", "9", 34, 45).into(), "HMSG FOO.BAR 9 34 45\r\n"),
        (
            HMsg { subject: "FOO.BAR", id: "9", reply: name("BAZ.69"), headers: 34, size: 45 }
                .into(),
            "HMSG FOO.BAR 9 BAZ.69 34 45\r\n",
        ),
        (Okay.into(), "+OK\r\n"),
        (
            Error::new("'Unknown Protocol Operation'").into(),
            "-ERR 'Unknown Protocol Operation'\r\n",
        ),
    ];
    for (line, wire) in told {
        assert_eq!(encoded(line), wire.as_bytes());
        assert_eq!(ServerLine::decode(wire.as_bytes()), Ok(line));
    }
}

/// Several blanks are read, as clients write them, and one is written.
#[test]
fn blanks_between_words() {
    for (loose, strict) in [
        ("PUB a  5\r\n", "PUB a 5\r\n"),
        ("PUB\ta \t b  5 \r\n", "PUB a b 5\r\n"),
        ("HPUB a  5 6\r\n", "HPUB a 5 6\r\n"),
        ("HPUB a  b  5  6\r\n", "HPUB a b 5 6\r\n"),
        ("SUB a  1\r\n", "SUB a 1\r\n"),
        ("UNSUB 1 \r\n", "UNSUB 1\r\n"),
        ("UNSUB 1  5\r\n", "UNSUB 1 5\r\n"),
    ] {
        let line = ClientLine::decode(loose.as_bytes()).expect(loose);
        assert_eq!(encoded(line), strict.as_bytes());
        assert_eq!(ClientLine::decode(strict.as_bytes()), Ok(line));
    }
    let many = format!("SUB a{}1\r\n", " ".repeat(17));
    assert!(ClientLine::decode(many.as_bytes()).is_err());
}

#[test]
fn what_a_client_says_in_every_cut() {
    let headers = "NATS/1.0\r\nBar: Baz\r\n\r\n";
    let input = format!(
        "SUB FOO 1\r\nPUB FOO 11\r\nHello NATS!\r\nPUB NOTIFY 0\r\n\r\n\
         HPUB FOO {size} {all}\r\n{headers}PING\r\n\r\nHPUB FOO x {size} {size}\r\n{headers}\r\n\
         UNSUB 1 5\r\n",
        size = headers.len(),
        all = headers.len() + 6,
    );
    let seen = same_in_every_cut(input.as_bytes(), served);
    let names: Vec<&str> = seen.iter().map(|event| event.split('(').next().unwrap_or("")).collect();
    let wanted = "Sub Pub Payload PayloadEnd Pub PayloadEnd HPub Payload PayloadEnd \
        HPub Payload PayloadEnd Unsub";
    assert_eq!(names.join(" "), wanted);
    assert_eq!(seen[2], payload("Payload", b"Hello NATS!"));
    // What looks like a line is none.
    assert_eq!(seen[7], payload("Payload", format!("{headers}PING\r\n").as_bytes()));
}

#[test]
fn messages_and_pings_of_both_sides() {
    let input = b"MSG a 1 5\r\nhello\r\nPING\r\nPONG\r\n+OK\r\nMSG a 1 b 0\r\n\r\nPING\r\n";
    let (seen, written) = same_in_every_cut(input, |pieces| {
        let mut client = client();
        client.send(Sub::new("a", "1")).expect("it may be said");
        client.send(Ping).expect("it may be asked");
        // Messages do not wait for it.
        client.send(Pub::new("b", 2)).expect("it may be said");
        client.send(Asked::Payload(b"hi")).expect("it was announced");
        let seen = seen(&mut client, "Payload", pieces);
        client.send(Pong).expect("it is due");
        client.send(Pong).expect("it is due");
        let unasked = client.send(Pong);
        assert!(matches!(unasked, Err(Misuse::Unasked { .. })), "{unasked:?}");
        assert_eq!(client.end_of_stream(), Ok(()));
        (seen, client.transmit().to_vec())
    });
    let wanted =
        ["Msg", "Payload", "PayloadEnd", "Ping", "Pong", "Okay", "Msg", "PayloadEnd", "Ping"];
    let names: Vec<&str> = seen.iter().map(|event| event.split('(').next().unwrap_or("")).collect();
    assert_eq!(names, wanted);
    assert_eq!(written, b"SUB a 1\r\nPING\r\nPUB b 2\r\nhi\r\nPONG\r\nPONG\r\n");
}

/// Messages behind a ping that nobody answers are not kept.
#[test]
fn an_unanswered_ping_costs_nothing() {
    use framer_runtime::machine::Machine;
    let mut client = client();
    client.send(Ping).expect("it may be asked");
    for _ in 0..10_000 {
        client.send(Sub::new("a", "1")).expect("it may be said");
        let written = client.transmit().len();
        client.transmitted(written);
    }
    assert_eq!(client.machine().engine().session().outstanding(), 1);
    let pings = (0..100).take_while(|_| client.send(Ping).is_ok()).count();
    assert_eq!(pings, 63);
    assert_eq!(client.send(Ping), Err(Misuse::Pending { max: 64 }));
}

#[test]
fn broken_rules_of_a_client() {
    let wanted = |start: usize| {
        format!("Payload: expected the bytes `\\r\\n` (bytes {start}..{})", start + 1)
    };
    // Counted from the beginning, with what the client said first.
    let begin = CONNECT.len();
    let broken =
        |input: &[u8]| same_in_every_cut(input, served).pop().expect("something comes of it");
    assert_eq!(broken(b"PUB a 2\r\nabc\r\n"), wanted(begin + 11));
    assert_eq!(broken(b"PUB a 2\r\na\r\nPING\r\n"), wanted(begin + 11));
    assert_eq!(broken(b"PUB a 2\r\nab\nPING\r\n"), wanted(begin + 11));
    assert!(broken(b"HPUB a 12 11\r\n").starts_with("HPub: HeadersLongerThanAll"));
    for size in ["-1", "+1", "01", "0x1", "", "67108865", "4294967297", "99999999999999999999"] {
        let seen = same_in_every_cut(format!("PUB a {size}\r\nPING\r\n").as_bytes(), served);
        assert!(seen.len() == 1 && seen[0].contains(" (bytes "), "{seen:?}");
    }
    assert!(broken(b"PUB a b c 1\r\n").contains(" (bytes "));
    assert!(broken(b"PUB 1\r\n").contains(" (bytes "));
    assert!(broken(b"PINGS\r\n").starts_with("ClientLine: none of the alternatives"));
    assert!(broken(b"PING\nPING\r\n").contains("0x0a"));
    assert!(broken(b"MSG a 1 0\r\n\r\n").starts_with("ClientLine: none of the alternatives"));
    assert!(broken(b"PONG\r\n").contains("reply out of turn"));
    let long = [&b"SUB "[..], &[b'x'; 70_000]].concat();
    assert!(served(&[&long])[0].contains("longer than 65536 bytes"));
}

#[test]
fn a_session_begins_with_who_they_are() {
    let mut early = connection(nats::Client::new());
    let refused = early.send(Ping);
    assert!(matches!(refused, Err(Misuse::OutOfSequence { .. })), "{refused:?}");
    let seen_early = seen(&mut early, "", &[b"MSG a 1 0\r\n\r\n"]);
    assert!(seen_early[0].contains("not expected in state Greeting"), "{seen_early:?}");
    let mut server = connection(nats::Server::new());
    server.send(Info::new("{}")).expect("it speaks first");
    let seen_first = seen(&mut server, "", &[b"PUB a 0\r\n\r\n"]);
    assert!(seen_first[0].contains("not expected in state Start"), "{seen_first:?}");
}

/// A server that wants TLS is heard and told nothing before it.
#[test]
fn nothing_is_injected_before_tls() {
    let wants = "INFO {\"tls_required\":true,\"headers\":true}\r\n";
    let mut client = connection(nats::Client::new());
    let forged = format!("{wants}MSG a 1 0\r\n\r\n");
    let events = same_in_every_cut(forged.as_bytes(), |pieces| {
        let mut client = connection(nats::Client::new());
        seen(&mut client, "", pieces).concat().contains("Msg")
    });
    assert!(!events, "it was not said under TLS");
    let seen_whole = seen(&mut client, "", &[forged.as_bytes()]);
    assert!(seen_whole[1].contains("bytes before the upgrade to Tls"), "{seen_whole:?}");
    let mut client = connection(nats::Client::new());
    assert_eq!(seen(&mut client, "", &[wants.as_bytes()]).len(), 2);
    let early = client.send(Connect::new("{}"));
    assert_eq!(early, Err(Misuse::Upgrading { layer: "Tls" }));
    client.upgraded().expect("it was told");
    client.send(Connect::new("{}")).expect("it may be said now");
    let mut server = connection(nats::Server::new());
    server.receive(CONNECT.as_bytes());
    server.send(Info::new("{\"tls_required\":true}")).expect("it speaks first");
    let rule = server.poll().map(|_| ()).map_err(|violation| violation.rule);
    assert_eq!(rule, Err(Rule::BeforeUpgrade { layer: "Tls" }));
    // Only where it is required.
    let mut plain = connection(nats::Server::new());
    plain.send(Info::new("{\"tls_required\":false}")).expect("it speaks first");
    assert_eq!(seen(&mut plain, "", &[CONNECT.as_bytes()]).len(), 1);
}

#[test]
fn what_cannot_be_written() {
    let class = Rule::Class { class: "name" };
    assert_eq!(refused(Pub::new("a b", 1)), ("subject", class));
    assert_eq!(refused(Pub::new("a\r\nPUB b", 1)), ("subject", class));
    assert_eq!(refused(Sub::new("", "1")).0, "subject");
    let reply = Some(Name::new("a b"));
    assert_eq!(refused(Pub { subject: "a", reply, size: 1 }), ("text", class));
    assert_eq!(refused(Pub::new("a", 67_108_865)).0, "size");
    assert_eq!(refused(HPub::new("a", 12, 11)), ("", Rule::Require("HeadersLongerThanAll")));
    assert_eq!(refused(Connect::new("{}\r\nPING")).0, "json");
    let mut server = server();
    let mut told = |message: Told<'_>| server.send(message);
    told(Told::ServerLine(Msg::new("a", "1", 2).into())).expect("it may be said");
    assert!(matches!(told(Told::ServerLine(Okay.into())), Err(Misuse::Framing { .. })));
    assert!(matches!(told(Told::Payload(b"abc")), Err(Misuse::Encode(_))));
    told(Told::Payload(b"ab")).expect("it was announced");
    assert_eq!(server.transmit(), b"MSG a 1 2\r\nab\r\n");
    assert_eq!(told_end(&[b"MSG a 1 2\r\nab"]), Some(Rule::EndOfStream { have: 0 }));
}

/// What a client makes of the end of the stream behind these pieces.
fn told_end(pieces: &[&[u8]]) -> Option<Rule> {
    let mut client = client();
    seen(&mut client, "Payload", pieces);
    client.end_of_stream().err().map(|violation| violation.rule)
}

fn name() -> impl Strategy<Value = String> {
    // Some look like numbers.
    prop_oneof!["[!-~]{1,40}", "[0-9]{1,4}", "[!-~é]{1,40}"]
}

proptest! {
    #[test]
    fn every_line_comes_back(
        kind in 0..11_u8,
        subject in name(),
        reply in proptest::option::of(name()),
        id in name(),
        (headers, size) in (0..=67_108_864_u32).prop_flat_map(|size| (0..=size, Just(size))),
        after in proptest::option::of(0..=9_999_999_999_999_999_999_u64),
        text in "[ -~]{2,200}",
    ) {
        let (subject, id) = (subject.as_str(), id.as_str());
        let reply = reply.as_deref().map(Name::new);
        let client: Option<ClientLine<'_>> = match kind {
            0 => Some(Connect::new(&text).into()),
            1 => Some(Pub { subject, reply, size }.into()),
            2 => Some(HPub { subject, reply, headers, size }.into()),
            3 => Some(Sub { subject, queue: reply, id }.into()),
            4 => Some(Unsub { id, after: after.map(After::new) }.into()),
            5 => Some(Ping.into()),
            _ => None,
        };
        if let Some(line) = client {
            let wire = encoded(line);
            prop_assert_eq!(ClientLine::decode(&wire), Ok(line));
        }
        let server: Option<ServerLine<'_>> = match kind {
            6 => Some(Info::new(&text).into()),
            7 => Some(Msg { subject, id, reply, size }.into()),
            8 => Some(HMsg { subject, id, reply, headers, size }.into()),
            9 => Some(Error::new(&text).into()),
            10 => Some(Pong.into()),
            _ => None,
        };
        if let Some(line) = server {
            let wire = encoded(line);
            prop_assert_eq!(ServerLine::decode(&wire), Ok(line));
        }
    }

    /// What is read is written the same.
    #[test]
    fn every_text_comes_back(line in "(PUB|HPUB|SUB|UNSUB)( [a1-9]{1,3}){1,5}") {
        let wire = line + "\r\n";
        if let Ok(line) = ClientLine::decode(wire.as_bytes()) {
            prop_assert_eq!(encoded(line), wire.as_bytes());
        }
    }

    #[test]
    fn a_message_comes_as_it_went(message: Vec<u8>, cut: prop::sample::Index) {
        let mut server = server();
        let size = u32::try_from(message.len()).expect("a short one");
        server.send(Msg::new("a", "1", size)).expect("it may be said");
        if size > 0 {
            server.send(Told::Payload(&message)).expect("it was announced");
        }
        let wire = server.transmit().to_vec();
        let (first, second) = wire.split_at(cut.index(wire.len()));
        let seen = told(&[first, second]);
        prop_assert_eq!(seen.len(), if size > 0 { 3 } else { 2 });
        if size > 0 {
            prop_assert_eq!(&seen[1], &payload("Payload", &message));
        }
    }
}
