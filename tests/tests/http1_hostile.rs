//! HTTP/1.1: what can be smuggled is not, and what is too long ends early.

use framer_protocols::http1::{self, Request};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::machine::Progress;
use framer_runtime::violation::Rule;
use framer_tests::cuts::same_in_every_cut;
use framer_tests::http::{served, text};

/// What ends a session that a server has with a peer which says only this.
fn violation(wire: &[u8]) -> Rule {
    let mut server = Connection::new(http1::Server::new(), Limits::default());
    server.receive(wire);
    loop {
        match server.poll() {
            Ok(Progress::Event(_)) => {}
            Ok(_) => panic!("nothing is wrong with {}", text(wire)),
            Err(violation) => return violation.rule,
        }
    }
}

/// The rule that a head breaks, after which no byte of what follows is read.
fn malformed(fields: &str) -> Rule {
    let head = format!("POST / HTTP/1.1\r\n{fields}\r\n");
    let wire = format!("{head}0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    let (seen, _) = same_in_every_cut(wire.as_bytes(), served);
    assert!(!seen.iter().any(|event| event.contains("smuggled")), "{seen:?}");
    assert_eq!(seen.last().map(String::as_str), Some("closed"), "{seen:?}");
    Request::decode(head.as_bytes()).expect_err("malformed").rule
}

#[test]
fn two_lengths_are_none() {
    let one = Rule::Require("OneLength");
    let host = "Host: a\r\n";
    assert_eq!(
        malformed(&format!("{host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")),
        one
    );
    assert_eq!(
        malformed(&format!("{host}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")),
        one
    );
    assert_eq!(malformed(&format!("{host}Content-Length: 5\r\nContent-Length: 6\r\n")), one);
    assert_eq!(malformed(&format!("{host}Content-Length: 5\r\nContent-Length: 5\r\n")), one);
    assert_eq!(malformed(&format!("{host}{host}")), Rule::Require("Host"));
    assert_eq!(malformed("Accept: */*\r\n"), Rule::Require("Host"));
}

#[test]
fn lengths_are_digits_and_codings_are_chunked() {
    for length in ["+5", "-5", "0x5", "5, 5", "5,5", "", "5 5", "5\u{b}", "18446744073709551616"] {
        let rule = malformed(&format!("Host: a\r\nContent-Length: {length}\r\n"));
        assert!(
            matches!(rule, Rule::Number | Rule::Trailing | Rule::Class { .. }),
            "{length}: {rule:?}"
        );
    }
    for coding in
        ["xchunked", "chunkedx", "chunked, gzip", "gzip, chunked", "gzip", "\u{b}chunked", ""]
    {
        let rule = malformed(&format!("Host: a\r\nTransfer-Encoding: {coding}\r\n"));
        assert!(matches!(rule, Rule::Choice | Rule::Trailing), "{coding}: {rule:?}");
    }
    // A name is not what it begins with, and blanks before the colon are of no name.
    let fields = "Host: a\r\nContent-Lengthy: x\r\n";
    let request = format!("GET / HTTP/1.1\r\n{fields}\r\n");
    assert_eq!(Request::decode(request.as_bytes()).map(|request| request.fields.len()), Ok(2));
    let colon = Rule::Literal(":");
    assert_eq!(malformed("Host: a\r\nContent-Length : 5\r\n"), colon);
    assert_eq!(malformed("Host: a\r\nTransfer-Encoding : chunked\r\n"), colon);
    // Lines are not folded, and hold no NUL.
    assert!(matches!(malformed("Host: a\r\nX: a\r\n b\r\n"), Rule::TooShort { .. }));
    assert_eq!(malformed("Host: a\r\nX: a\0b\r\n"), Rule::Trailing);
    // HTTP/1.0 knows no chunks.
    let old = b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
    let rule = Rule::Require("TransferEncoding");
    assert_eq!(Request::decode(old).map_err(|invalid| invalid.rule), Err(rule));
}

#[test]
fn one_line_ending() {
    let bare = |byte| Rule::BareDelimiter { byte };
    assert_eq!(violation(b"GET / HTTP/1.1\nHost: a\n\n"), bare(b'\n'));
    assert_eq!(violation(b"GET / HTTP/1.1\r\nHost: a\n\r\n"), bare(b'\n'));
    assert_eq!(violation(b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"), bare(b'\r'));
    assert_eq!(violation(b"GET / HTTP/1.1\r\nHost: a\r\n\n"), bare(b'\n'));
    let chunked = |rest: &str| {
        let head = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        format!("{head}{rest}").into_bytes()
    };
    assert_eq!(violation(&chunked("5\nhello\r\n0\r\n\r\n")), bare(b'\n'));
    assert_eq!(violation(&chunked("5;a\nb\r\nhello\r\n0\r\n\r\n")), bare(b'\n'));
    assert_eq!(violation(&chunked("5\r\nhello\n0\r\n\r\n")), Rule::Bytes(b"\r\n"));
    assert_eq!(violation(&chunked("5\r\nhellox\r\n0\r\n\r\n")), Rule::Bytes(b"\r\n"));
    assert_eq!(violation(&chunked("0\r\n\n")), bare(b'\n'));
    for size in ["+5", "-5", " 5", "0x5", "g", "", "5 5", "10000000000000000"] {
        let (seen, _) =
            same_in_every_cut(&chunked(&format!("{size}\r\nhello\r\n0\r\n\r\n")), served);
        assert!(!seen.iter().any(|event| event.starts_with("chunk ")), "{size}: {seen:?}");
        assert_eq!(seen.last().map(String::as_str), Some("closed"), "{size}: {seen:?}");
    }
}

#[test]
fn what_is_too_long_is_told_alike_in_every_cut() {
    let line = [b"GET /".to_vec(), vec![b'a'; 8200]].concat();
    let many = [&b"GET / HTTP/1.1\r\n"[..], &b"A: b\r\n".repeat(129), b"\r\n"].concat();
    for (wire, text) in [
        (&line, "Request: longer than 8192 bytes (bytes 0..8192)"),
        (&many, "Request: more than 128 elements (bytes 784..784)"),
    ] {
        for pieces in [1, 7, 1000, wire.len()] {
            let pieces: Vec<&[u8]> = wire.chunks(pieces).collect();
            assert_eq!(served(&pieces).0.last().map(String::as_str), Some(text));
        }
    }
}

#[test]
fn what_is_too_long_ends_early() {
    let line = [b"GET /".to_vec(), vec![b'a'; 9000]].concat();
    assert_eq!(violation(&line), Rule::TooLong { max: 8192 });
    let many = [&b"GET / HTTP/1.1\r\n"[..], &b"A: b\r\n".repeat(129), b"\r\n"].concat();
    assert_eq!(violation(&many), Rule::Count { max: 128 });
    let field = [&b"GET / HTTP/1.1\r\nA: "[..], &[b'a'; 20_000]].concat();
    assert_eq!(violation(&field), Rule::TooLong { max: 16384 });
    let fields = [b"A: ".to_vec(), vec![b'a'; 10_000], b"\r\n".to_vec()].concat().repeat(7);
    assert_eq!(
        violation(&[&b"GET / HTTP/1.1\r\n"[..], &fields].concat()),
        Rule::TooLong { max: 65536 }
    );
}

/// What a server tells of a body in these chunks: how many there were, and the violation that ended it.
fn chunks(chunk: &[u8], times: usize) -> (usize, Option<Rule>) {
    let mut server = Connection::new(http1::Server::new(), Limits::default());
    server.receive(b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    let mut ends = 0;
    for piece in std::iter::repeat_n(chunk, times).chain([&b"0\r\n\r\n"[..]]) {
        assert_eq!(server.receive(piece), piece.len());
        loop {
            match server.poll() {
                Ok(Progress::Event((http1::server::Event::ChunkDataEnd, _))) => ends += 1,
                Ok(Progress::Event(_)) => {}
                Ok(_) => break,
                Err(violation) => return (ends, Some(violation.rule)),
            }
        }
    }
    (ends, None)
}

#[test]
fn extensions_take_no_more_than_the_body_and_a_little() {
    let chunk = |extensions: &str, bytes: usize| {
        format!("{bytes:x}{extensions}\r\n{}\r\n", "x".repeat(bytes)).into_bytes()
    };
    let longest = format!(";{}", "e".repeat(4000));
    let (low, high) = (0, 32);
    let broken = Some(Rule::Variable { variable: "request_extensions", low, high });
    // As many as a client likes where each brings as much as its extensions may take.
    assert_eq!(chunks(&chunk(&longest, 4096), 1000), (1000, None));
    assert_eq!(chunks(&chunk(&longest, 4095), 1000), (32, broken));
    assert_eq!(chunks(&chunk(";a", 1), 32), (32, None));
    assert_eq!(chunks(&chunk(";a", 1), 33), (32, broken));
    // Without extensions, a line says no more than it needs to.
    assert_eq!(chunks(&chunk("", 1), 1000), (1000, None));
}
