//! What announces much, or has no end: of each protocol over a stream, for both roles.

use crate::bundled;
use crate::conversation::{self, Line};
use crate::driven::Driven;

/// Something that announces much, and bytes without end behind it.
#[derive(Clone, Copy, Debug)]
pub struct Flood {
    /// The protocol.
    pub protocol: &'static str,
    /// What it is.
    pub name: &'static str,
    /// What is said before, a line each.
    before: &'static [&'static str],
    /// Who says it: `C` or `S`, and what.
    head: &'static str,
    /// What comes behind it, again and again.
    again: &'static str,
}

const fn flood(
    protocol: &'static str,
    name: &'static str,
    before: &'static [&'static str],
    head: &'static str,
    again: &'static str,
) -> Flood {
    Flood { protocol, name, before, head, again }
}

const CHUNKING: &[&str] = &[r"S 220 hi\r\n", r"C EHLO me\r\n", r"S 250-here\r\n250 CHUNKING\r\n"];
const CONTENT: &[&str] = &[
    r"S 220 hi\r\n",
    r"C EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a>\r\nDATA\r\n",
    r"S 250 a\r\n250 b\r\n250 c\r\n354 d\r\n",
];
const MAILDROP: &[&str] = &[r"S +OK\r\n", r"C PASS x\r\n", r"S +OK\r\n"];
const RETRIEVING: &[&str] =
    &[r"S +OK\r\n", r"C PASS x\r\n", r"S +OK\r\n", r"C RETR 1\r\n", r"S +OK\r\n"];
const PREAUTH: &[&str] = &[r"S * PREAUTH hi\r\n"];
const NATS: &[&str] = &[r"S INFO {}\r\n", r"C CONNECT {}\r\n"];
const GET: &[&str] = &[r"C GET / HTTP/1.1\r\nHost: a\r\n\r\n"];
const MQTT: &[&str] = &[r"C \x10\x0e\x00\x04MQTT\x04\x02\x00\n\x00\x02me", r"S \x20\x02\x00\x00"];
const MQTT5: &[&str] =
    &[r"C \x10\x0f\x00\x04MQTT\x05\x02\x00\n\x00\x00\x02me", r"S \x20\x03\x00\x00\x00"];
const ASKED: &[&str] = &[r"C *1\r\n$1\r\nx\r\n"];
const ACCEPTED: &[&str] = &[r"C \xff", r"S \xff", r"C \xf0\xff\xff\xff", r"S \xff"];
const CHUNKED: &str = r"C PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/// All of them.
pub const FLOODS: [Flood; 54] = [
    flood("smtp", "a command without an end", &[r"S 220 hi\r\n"], "C NOOP ", "x"),
    flood("smtp", "commands without an end", &[r"S 220 hi\r\n"], "C ", r"HELP\r\n"),
    flood("smtp", "a message without an end", CONTENT, "C ", r".a line\r\n"),
    flood("smtp", "a message of line ends", CONTENT, "C ", r"\r\n"),
    flood("smtp", "a chunk of 2^64 - 1 bytes", CHUNKING, r"C BDAT 18446744073709551615\r\n", "x"),
    flood("smtp", "a reply without an end", &[], "S 220 ", "x"),
    flood("smtp", "lines of a reply without an end", &[], "S ", r"220-x\r\n"),
    flood("pop3", "a command without an end", &[r"S +OK\r\n"], "C USER ", "x"),
    flood("pop3", "commands without an end", MAILDROP, "C ", r"NOOP\r\n"),
    flood("pop3", "a reply without an end", &[], "S +OK ", "x"),
    flood("pop3", "a message without an end", RETRIEVING, "S ", r"..\n\r\n"),
    flood("imap", "a command without an end", PREAUTH, "C a SEARCH ", "x"),
    flood(
        "imap",
        "a literal of 2^63 - 1",
        PREAUTH,
        r"C a APPEND x {9223372036854775807+}\r\n",
        "x",
    ),
    flood("imap", "literals of nothing", PREAUTH, "C a LIST", r" {0+}\r\n"),
    flood("imap", "a response without an end", PREAUTH, "S * SEARCH ", "1 "),
    flood("imap", "a literal of a server", PREAUTH, r"S * 1 FETCH {9223372036854775807}\r\n", "x"),
    flood("imap", "responses without an end", PREAUTH, "S ", r"* 1 EXISTS\r\n"),
    flood("http1", "a first line without an end", &[], "C GET /", "x"),
    flood("http1", "fields without an end", &[], r"C GET / HTTP/1.1\r\n", r"A: b\r\n"),
    flood("http1", "long fields without an end", &[], r"C GET / HTTP/1.1\r\n", LONG_FIELD),
    flood("http1", "requests without an end", &[], "C ", r"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    flood(
        "http1",
        "a body of 2^63",
        &[],
        r"C PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n",
        "x",
    ),
    flood("http1", "a chunk of 2^64 - 1", &[CHUNKED], r"C ffffffffffffffff\r\n", "x"),
    flood("http1", "chunks of a byte", &[CHUNKED], "C ", r"1\r\nx\r\n"),
    flood("http1", "chunks with extensions", &[CHUNKED], "C ", r"1;a=bcdefghijkl\r\nx\r\n"),
    flood("http1", "trailers without an end", &[CHUNKED], r"C 0\r\n", r"A: b\r\n"),
    flood("http1", "a head of a response", GET, r"S HTTP/1.1 200 OK\r\n", LONG_FIELD),
    flood("http1", "a response that ends with the stream", GET, r"S HTTP/1.1 200 OK\r\n\r\n", "x"),
    flood("http1", "responses before the last", GET, "S ", r"HTTP/1.1 102 Wait\r\n\r\n"),
    flood("memcached", "a command without an end", &[], "C get ", "x"),
    flood("memcached", "keys without an end", &[], "C get", " x"),
    flood("memcached", "a value of 1 GiB", &[], r"C set k 0 0 1073741824\r\n", "x"),
    flood("memcached", "values without an end", &[r"C get k\r\n"], "S ", r"VALUE k 0 0\r\n\r\n"),
    flood(
        "memcached",
        "a value of a server",
        &[r"C get k\r\n"],
        r"S VALUE k 0 1073741824\r\n",
        "x",
    ),
    flood("nats", "a line without an end", NATS, "C SUB ", "x"),
    flood("nats", "a payload of 64 MiB", NATS, r"C PUB a 67108864\r\n", "x"),
    flood("nats", "messages of nothing", NATS, "S ", r"MSG a 1 0\r\n\r\n"),
    flood("resp", "a line for people without an end", &[], "C ", "x"),
    flood("resp", "a million words", &[], r"C *1048576\r\n", r"$1\r\nx\r\n"),
    flood("resp", "long words", &[], r"C *1048576\r\n$16777216\r\n", "x"),
    flood("resp", "a million elements", ASKED, r"S *1048576\r\n", r"$-1\r\n"),
    flood("resp", "a long string", ASKED, r"S $16777216\r\n", "x"),
    flood("resp", "arrays in arrays", ASKED, "S ", r"*1\r\n"),
    flood("mqtt", "a message of 16 MiB", MQTT, r"C \x30\x80\x80\x80\x08\x00\x01t", "x"),
    flood(
        "mqtt",
        "many properties",
        MQTT5,
        r"C \x30\x80\x80\x40\x00\x01t\x80\x80\x10",
        r"\x01\x00",
    ),
    flood("mqtt", "a message of a server", MQTT, r"S \x30\x80\x80\x80\x08\x00\x01t", "x"),
    flood(
        "websocket",
        "a frame of 2^63 - 1",
        &[],
        r"S \x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",
        "x",
    ),
    flood("websocket", "frames of nothing", &[], r"S \x01\x00", r"\x00\x00"),
    flood(
        "websocket",
        "a frame of a client",
        &[],
        r"C \x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04",
        "x",
    ),
    flood("nmea", "a line without an end", &[], "C $", "GP,"),
    flood("packetstream", "a record of 16 MiB", &[], r"C \x88\x80\x80\x00\x01\x02\x01", "x"),
    flood("tinyproto", "a message of 4 GiB", ACCEPTED, "C ", "x"),
    flood("modbus-ascii", "a line without an end", &[], "C :", "0"),
    flood(
        "dns-tcp",
        "a message of 64 KiB",
        &[],
        r"C \xff\xff\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00",
        r"\x01a",
    ),
];

/// More than most fields have.
const LONG_FIELD: &str = r"A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";

impl Flood {
    /// Who hears it, what comes first, and what comes again and again.
    ///
    /// # Panics
    /// If it is of no protocol over a stream.
    #[must_use]
    pub fn begin(&self) -> (Box<dyn Driven>, Vec<u8>, Vec<u8>) {
        let before: Vec<Line> = self.before.iter().map(|line| conversation::line(line)).collect();
        let behind = bundled::named(self.protocol).behind(&before);
        let [client, server] = behind.expect("it is over a stream");
        let bytes = |line| match conversation::line(line) {
            Line::Client(bytes) | Line::Server(bytes) => bytes,
            Line::Upgrade => Vec::new(),
        };
        let hears = if self.head.starts_with('C') { server } else { client };
        (hears, bytes(self.head), bytes(&format!("C {}", self.again)))
    }
}
