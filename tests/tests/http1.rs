//! HTTP/1.1: messages of every framing in every cut, both roles; what can be smuggled is not; what is
//! read is written back.

use framer_protocols::http1::{self, *};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::machine::Machine;
use framer_runtime::machine::Progress;
use framer_runtime::violation::{Misuse, Rule};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use framer_tests::http::{served, text};
use proptest::prelude::*;

#[test]
fn requests_one_behind_another() {
    let wire = b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n\
        POST /form HTTP/1.1\r\nhost:example.org\r\nCONTENT-LENGTH:\t 5 \r\n\r\nhello\
        PUT /chunks HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n\
        5;name=value\r\nhello\r\n006 \r\n world\r\n0\r\nExpires: never\r\n\r\n\
        HEAD / HTTP/1.0\r\n\r\n";
    let (seen, sent) = same_in_every_cut(wire, served);
    assert_eq!(
        seen,
        [
            r#"GET / 1.1 ["Host: example.org\\r\\n"]"#,
            "body ",
            r#"POST /form 1.1 ["Host: example.org\\r\\n", "Content-Length: 5\\r\\n"]"#,
            "body hello",
            r#"PUT /chunks 1.1 ["Host: example.org\\r\\n", "Transfer-Encoding: chunked\\r\\n"]"#,
            "size 5",
            "chunk hello",
            "size 6",
            "chunk  world",
            "size 0",
            "trailers 1",
            "HEAD / 1.0 []",
            "body ",
        ]
    );
    assert_eq!(sent, text(&b"HTTP/1.1 204 No Content\r\n\r\n".repeat(4)));
}

/// What a client that asked for these sees.
fn answered(requests: &[Request<'_>], pieces: &[&[u8]], ended: bool) -> Vec<String> {
    let mut client = Connection::new(http1::Client::new(), Limits::default());
    for request in requests {
        client.send(*request).expect("a request");
    }
    let mut seen = Vec::new();
    let (mut data, mut rest): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    for piece in pieces {
        client.receive(piece);
        loop {
            use http1::client::Event;
            let event = match client.poll() {
                Ok(Progress::Event((event, _))) => event,
                Ok(Progress::Closed) => {
                    seen.push("closed".to_owned());
                    return seen;
                }
                Ok(_) => break,
                Err(violation) => {
                    seen.push(violation.to_string());
                    return seen;
                }
            };
            match event {
                Event::Response(response) => seen.push(response.status.to_string()),
                Event::Body(piece) | Event::ChunkData(piece) => data.extend_from_slice(piece),
                Event::BodyEnd | Event::ChunkDataEnd => {
                    seen.push(format!("body {}", text(&std::mem::take(&mut data))));
                }
                Event::Chunk(chunk) => seen.push(format!("size {:x}", chunk.size)),
                Event::Trailers(trailers) => {
                    seen.push(format!("trailers {}", trailers.fields.len()));
                }
                Event::Rest(piece) => rest.extend_from_slice(piece),
                Event::Upgrade(layer) => {
                    seen.push(format!("upgrade {layer:?}"));
                    break;
                }
            }
        }
        if client.upgrade_due() {
            break;
        }
    }
    if !rest.is_empty() {
        seen.push(format!("rest {}", text(&rest)));
    }
    if ended {
        let end = client.end_of_stream();
        seen.push(end.map_or_else(|violation| violation.to_string(), |()| "end".to_owned()));
    }
    if client.upgrade_due() {
        seen.push(text(&client.into_received()));
    }
    seen
}

const HOST: [Field<'static>; 1] = [Field::Host(Host { host: "a" })];

fn request(method: &'static str) -> Request<'static> {
    Request::new(method, "/", 1, &HOST)
}

#[test]
fn responses_of_every_framing() {
    let asked =
        [request("GET"), request("HEAD"), request("GET"), request("GET"), request("DELETE")];
    let wire = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello\
        HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\
        HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n\
        HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n\
        HTTP/1.1 200 \r\nConnection: keep-alive, Close\r\nContent-Length: 2\r\n\r\nok";
    let seen = same_in_every_cut(wire, |pieces| answered(&asked, pieces, false));
    assert_eq!(
        seen,
        [
            "103",
            "200",
            "body hello",
            "200",
            "body ",
            "304",
            "body ",
            "200",
            "size a",
            "body 0123456789",
            "size 0",
            "trailers 0",
            "200",
            "body ok",
            "closed",
        ]
    );
}

#[test]
fn a_body_until_the_end() {
    let wire = b"HTTP/1.0 200 OK\r\n\r\nall of it";
    let seen = same_in_every_cut(wire, |pieces| answered(&[request("GET")], pieces, true));
    assert_eq!(seen, ["200", "rest all of it", "end"]);
}

#[test]
fn a_response_that_is_cut_is_none() {
    let whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    for end in 0..whole.len() {
        let seen = answered(&[request("GET")], &[&whole[..end]], true);
        let last = seen.last().expect("an end");
        assert!(last.contains("the stream ended"), "{end}: {seen:?}");
    }
    let seen = answered(&[request("GET")], &[whole], true);
    assert_eq!(seen, ["200", "size 5", "body hello", "size 0", "trailers 0", "end"]);
}

#[test]
fn responses_that_answer_nothing() {
    let ok = b"HTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(answered(&[], &[ok], false).len(), 1);
    assert!(answered(&[], &[ok], false)[0].contains("out of turn"));
    let timeout = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 4\r\n\r\nslow";
    let seen = same_in_every_cut(timeout, |pieces| answered(&[], pieces, false));
    assert_eq!(seen, ["408", "body slow", "closed"]);
    let switched = b"HTTP/1.1 101 Switching Protocols\r\n\r\nsmuggled";
    assert_eq!(answered(&[request("GET")], &[switched], false), ["101", "closed"]);
}

fn upgrade() -> [Field<'static>; 3] {
    [
        Field::Host(Host { host: "a" }),
        Field::UpgradeTo(UpgradeTo { protocols: "websocket" }),
        Field::Connection(http1::Connection::new(&[ConnectionOption { name: "Upgrade" }])),
    ]
}

#[test]
fn another_protocol_begins_behind_its_response() {
    let fields = upgrade();
    let ask = Request::new("GET", "/chat", 1, &fields);
    assert!(ask.upgrades() && !request("GET").upgrades());
    let wire = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi";
    for behind in 0..=4 {
        let seen = answered(&[ask], &[&wire[..56 + behind]], false);
        assert_eq!(seen, ["101", "upgrade Switched", &text(&b"\x81\x02hi"[..behind])]);
    }
    let refused = b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(answered(&[ask], &[refused], false), ["426", "body "]);
    // Nothing follows a request that may end the protocol, neither when it is sent nor when it is
    // read.
    let mut client = Connection::new(http1::Client::new(), Limits::default());
    client.send(ask).expect("the first");
    assert_eq!(client.send(request("GET")), Err(Misuse::Wait { frame: "Request" }));
    let mut server = Connection::new(http1::Server::new(), Limits::default());
    server.receive(&[&encoded(ask)[..], b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"].concat());
    assert!(matches!(server.poll(), Ok(Progress::Event((http1::server::Event::Request(_), _)))));
    assert!(matches!(server.poll(), Ok(Progress::Event((http1::server::Event::BodyEnd, _)))));
    assert!(matches!(server.poll(), Ok(Progress::Owed)));
    let fields = [upgrade()[1], upgrade()[2]];
    server.send(Response::new(1, 101, b"Switching Protocols", &fields)).expect("an answer");
    let layer = http1::Upgrade::Switched;
    assert!(
        matches!(server.poll(), Ok(Progress::Event((http1::server::Event::Upgrade(l), _))) if l == layer)
    );
    assert_eq!(server.into_received(), b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

/// RFC 9110, section 7.8: the protocol does not change in the middle of a message.
#[test]
fn another_protocol_begins_behind_the_whole_request() {
    use http1::{client, server};
    let fields = [&upgrade()[..], &[Field::ContentLength(ContentLength { length: 5 })]].concat();
    let ask = Request::new("POST", "/chat", 1, &fields);
    let switched = Response::new(1, 101, b"Switching Protocols", &fields[1..3]);
    let interrupts = Err(Misuse::Interrupts { frame: "Response", due: "Body" });
    let mut server = Connection::new(http1::Server::new(), Limits::default());
    server.receive(&[&encoded(ask)[..], b"hel"].concat());
    assert!(matches!(server.poll(), Ok(Progress::Event((server::Event::Request(_), _)))));
    assert_eq!(server.send(switched), interrupts);
    assert!(matches!(server.poll(), Ok(Progress::Event((server::Event::Body(b"hel"), _)))));
    assert_eq!(server.send(switched), interrupts);
    server.receive(b"lo\x81");
    assert!(matches!(server.poll(), Ok(Progress::Event((server::Event::Body(b"lo"), _)))));
    assert!(matches!(server.poll(), Ok(Progress::Event((server::Event::BodyEnd, _)))));
    server.send(switched).expect("the request is there as a whole");
    assert!(matches!(server.poll(), Ok(Progress::Event((server::Event::Upgrade(_), _)))));
    assert_eq!(server.into_received(), b"\x81");

    let mut client = Connection::new(http1::Client::new(), Limits::default());
    client.send(ask).expect("a request");
    client.receive(&[&encoded(switched)[..], b"\x81"].concat());
    assert!(matches!(client.poll(), Ok(Progress::Owed)));
    client.send(client::Message::Body(b"hello")).expect("its body");
    assert!(matches!(client.poll(), Ok(Progress::Event((client::Event::Response(_), _)))));
    assert!(matches!(client.poll(), Ok(Progress::Event((client::Event::Upgrade(_), _)))));
    assert_eq!(client.into_received(), b"\x81");
}

#[test]
fn a_tunnel_begins_behind_its_response() {
    let ask = Request { target: "example.org:443", ..request("CONNECT") };
    let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbanner";
    let seen = answered(&[ask], &[wire], false);
    assert_eq!(seen, ["200", "upgrade Tunnel", "banner"]);
    let wire = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\nhello";
    assert_eq!(answered(&[ask], &[wire], false), ["407", "body hello"]);
}

#[test]
fn what_would_not_be_read_back_is_not_written() {
    let with = |field: Field<'static>| {
        let fields = [HOST[0], field];
        let mut out = Vec::new();
        let error =
            Request::new("GET", "/", 1, &fields).encode(&mut out).map_err(|e| (e.field, e.rule));
        assert_eq!(out.is_empty(), error.is_err());
        error
    };
    let other = |name, value: &'static str| Field::Other(Other { name, value: value.as_bytes() });
    assert_eq!(with(other("X", "a\r\nY: b")), Err(("value", Rule::Class { class: "text" })));
    assert_eq!(with(other("X", "a\nb")), Err(("value", Rule::Class { class: "text" })));
    assert_eq!(with(other("X", " a")), Err(("value", Rule::Ambiguous)));
    assert_eq!(with(other("X", "a\t")), Err(("value", Rule::Ambiguous)));
    assert_eq!(with(other("X:", "a")), Err(("name", Rule::Class { class: "token" })));
    assert_eq!(with(other("content-length", "5")), Err(("", Rule::Ambiguous)));
    assert_eq!(with(other("Transfer-Encoding", "gzip")), Err(("", Rule::Ambiguous)));
    assert_eq!(
        with(Field::ContentLength(ContentLength { length: u64::MAX })),
        Err(("length", Rule::Range { low: 0, high: 9_999_999_999_999_999_999 }))
    );
    assert_eq!(with(Field::ContentLength(ContentLength { length: 5 })), Ok(()));
    assert_eq!(refused(Request::new("GET", "/", 1, &[])), ("", Rule::Require("Host")));
    assert_eq!(
        refused(Request::new("GET", "/ HTTP/1.1\r\n", 1, &HOST)),
        ("target", Rule::Class { class: "visible" })
    );
}

#[test]
fn a_million_chunks_are_as_light_as_one() {
    let mut server = Connection::new(http1::Server::new(), Limits::default());
    server.receive(b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    let mut given: u64 = 0;
    for _ in 0..100_000 {
        given += server.receive(b"1\r\nx\r\n") as u64;
        while let Ok(Progress::Event(_)) = server.poll() {}
    }
    assert_eq!(server.machine().engine().session().outstanding(), 1);
    assert!(server.peak_bytes().0 <= 1024, "{:?}", server.peak_bytes());
    assert!(server.scanned() <= given + given / 10 + 64, "{} of {given}", server.scanned());
}

#[test]
fn heads_are_scanned_once() {
    let fields = b"X-Field: some value that is not short\r\n".repeat(100);
    let head = [&b"GET / HTTP/1.1\r\nHost: a\r\n"[..], &fields, b"\r\n"].concat();
    let mut server = Connection::new(http1::Server::new(), Limits::default());
    for byte in &head {
        server.receive(std::slice::from_ref(byte));
        while let Ok(Progress::Event(_)) = server.poll() {}
    }
    let (scanned, len) = (server.scanned(), head.len() as u64);
    assert!(scanned <= len + len / 10, "{scanned} of {len}");
}

/// What heads are made of.
const PIECES: [&str; 14] = [
    "\r\n",
    ": ",
    ":",
    "Host",
    "Connection",
    "a",
    " ",
    "\t",
    ",",
    "close",
    "Content-Length",
    "5",
    "Upgrade",
    "é",
];

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Z0-9-]{0,20}"
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(b' '), Just(b'\t'), b'!'..=b'~', 0x80..=0xff_u8];
    prop::collection::vec(byte, 0..40)
}

proptest! {
    /// Whatever can be written is read back as it was.
    #[test]
    fn heads_round_trip(
        method in "[A-Z]{1,10}", target in "[!-~]{1,60}", minor in 0..=1_u8,
        names in prop::collection::vec((name(), value()), 0..8),
        length in any::<Option<u64>>(), options in prop::collection::vec(name(), 1..4),
        status in 100..=999_u16, reason in value(),
    ) {
        let options: Vec<ConnectionOption<'_>> =
            options.iter().map(|name| ConnectionOption { name }).collect();
        let mut fields: Vec<Field<'_>> = vec![HOST[0], http1::Connection::new(&options).into()];
        fields.extend(length.map(|length| Field::from(ContentLength { length })));
        fields.extend(names.iter().map(|(name, value)| Field::from(Other { name, value })));
        let request = Request::new(&method, &target, minor, &fields);
        let mut out = Vec::new();
        if request.encode(&mut out).is_ok() {
            prop_assert_eq!(Request::decode(&out), Ok(request));
        }
        let response = Response::new(minor, status, &reason, &fields);
        out.clear();
        if response.encode(&mut out).is_ok() {
            prop_assert_eq!(Response::decode(&out), Ok(response));
        }
        let trailers = Trailers::new(&fields);
        out.clear();
        if trailers.encode(&mut out).is_ok() {
            prop_assert_eq!(Trailers::decode(&out), Ok(trailers));
        }
    }

    /// Whatever can be read is written, and read again the same.
    #[test]
    fn what_is_read_is_written(places in prop::collection::vec(0..PIECES.len(), 0..40)) {
        let bytes: Vec<u8> = places.iter().flat_map(|place| PIECES[*place].bytes()).collect();
        let head = [b"GET / HTTP/1.0\r\n", &bytes[..], b"\r\n\r\n"].concat();
        if let Ok(request) = Request::decode(&head) {
            let again = encoded(request);
            prop_assert_eq!(Request::decode(&again), Ok(request));
            prop_assert_eq!(encoded(Request::decode(&again).expect("read before")), again);
        }
    }
}
