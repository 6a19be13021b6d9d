//! A peer that says a byte now and then is waited for as long as the description says, in each bundled
//! protocol over a stream.

use std::time::Duration;

use framer_runtime::violation::Rule;
use framer_tests::bundled::{self, ALL};

/// How a client begins to say something, and how a server does: a byte now and then, and never all of it. A frame
/// of one byte is there or not.
const BEGINNINGS: [(&str, &[u8], &[u8]); 8] = [
    ("smtp", b"EHLO some", b"220 hello"),
    ("pop3", b"USER some", b"+OK hello"),
    ("imap", b"a LOGIN x", b"* OK Serv"),
    ("http1", b"GET / HTT", b"HTTP/1.1 "),
    ("nats", b"CONNECT {", b"INFO {\"se"),
    ("mqtt", b"\x10\x0e\0\x04MQTT\x04", b"\x20"),
    ("tinyproto", b"", b""),
    ("dns-tcp", b"\0\x0c\0\x01\x01\0\0\0\0", b"\0\x0c\0\x01\x81\0\0\0\0"),
];

/// Those that begin in a state without a time limit, for which their descriptions say why (F0402).
const NO_LIMIT: [&str; 7] =
    ["memcached", "resp", "websocket", "nmea", "packetstream", "modbus", "modbus-ascii"];

#[test]
fn a_byte_now_and_then_is_no_progress() {
    for (name, client, server) in BEGINNINGS {
        let sides = bundled::named(name).behind(&[]).expect("it is over a stream");
        for (mut side, said) in sides.into_iter().zip([server, client]) {
            side.pass(Duration::ZERO).expect("nothing has passed");
            let limit = side.lasts().unwrap_or_else(|| panic!("{name} lasts for ever"));
            let mut bytes = said.chunks(1);
            for tenth in 1..10 {
                side.pass(limit / 10 * tenth).expect("there is time");
                side.receive(bytes.next().unwrap_or_default());
                side.look().unwrap_or_else(|violation| panic!("{name}: {violation}"));
                assert_eq!(side.lasts(), Some(limit), "{name}");
            }
            let over = side.pass(limit).map_err(|violation| violation.rule);
            assert!(matches!(over, Err(Rule::TimeLimit { .. })), "{name}: {over:?}");
        }
    }
}

#[test]
fn who_may_be_silent_is_known() {
    let streams = ALL.iter().filter(|of| !of.protocol().is_datagram());
    let unlimited = streams.filter_map(|of| {
        let [mut first, mut second] = of.behind(&[]).expect("it is over a stream");
        first.pass(Duration::ZERO).expect("nothing has passed");
        second.pass(Duration::ZERO).expect("nothing has passed");
        assert_eq!(first.lasts(), second.lasts(), "{}", of.name);
        first.lasts().is_none().then_some(of.name)
    });
    assert_eq!(unlimited.collect::<Vec<_>>(), NO_LIMIT);
    let limited = BEGINNINGS.map(|(name, ..)| name);
    let all = ALL.iter().filter(|of| !of.protocol().is_datagram()).map(|of| of.name);
    assert!(all.into_iter().all(|name| NO_LIMIT.contains(&name) || limited.contains(&name)));
}
