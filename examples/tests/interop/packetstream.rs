//! packetstream with the original: requests of both sides at once, answered in any order.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use framer_protocols::packetstream::{self, Record, left, right};
use framer_runtime::blocking::Connection;

use crate::peers::Peer;

/// It asks 300 times before it looks at an answer, and wants every seventh request to fail.
const ASKING: &str = r#"
import socket, sys
from cs.packetstream import PacketConnection

def ask(asking, count):
    results = [asking.submit(place % 7, place % 4, bytes([place % 256]) * place) for place in range(count)]
    for place, result in enumerate(results):
        ok, flags, payload = result()
        if place % 7 == 0:
            assert (ok, flags, bytes(payload)) == (False, 0, b"no"), (place, ok, flags, payload)
        else:
            assert (ok, flags, bytes(payload)) == (True, place % 4, bytes([place % 256]) * place), place
    print("done", flush=True)
"#;

/// The original connects, asks, and says that it will ask no more.
const CLIENT: &str = r#"
connected = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
asking = PacketConnection((connected.fileno(), connected.makefile("wb")), "asking")
with asking:
    ask(asking, 300)
"#;

/// The original answers with what it was asked, backwards, while it asks itself.
const SERVER: &str = r#"
def answer(kind, flags, payload):
    if kind == 9:
        raise ValueError("no")
    return flags, bytes(payload)[::-1]

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
accepted = listener.accept()[0]
both = PacketConnection((accepted.fileno(), accepted.makefile("wb")), "both", request_handler=answer)
with both:
    ask(both, 300)
    both.join_recv()
"#;

/// The end: no request of this kind is answered.
const END: Option<u64> = Some(0);

/// A request or an answer on channel 0, which is the only one that works there.
fn record(tag: u64, flags: u64, kind: Option<u64>, payload: &[u8]) -> Record<'_> {
    Record { tag, flags, channel: None, kind, payload }
}

/// What a request of [`ASKING`] is to be answered with: its lowest flag says whether it was done.
fn answer<'m>(tag: u64, flags: u64, kind: u64, payload: &'m [u8]) -> Record<'m> {
    // Kinds are one more on the wire.
    if kind == 1 { record(tag, 0, None, b"no") } else { record(tag, flags << 1 | 1, None, payload) }
}

pub(crate) fn packetstream_asks() {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("its address").port().to_string();
    let child = Peer::Packetstream
        .command()
        .args(["-c", &format!("{ASKING}{CLIENT}"), &port])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let (socket, _) = socket.accept().expect("a client");
    let mut conn = Connection::new(socket, packetstream::Right::new());
    let mut asked = Vec::new();
    while let Some((right::Event::Record(request), mut reply)) = conn.next().expect("no fault") {
        match request.kind {
            END if request.tag == 0 => {
                reply.send(record(0, 0, END, b"")).expect("its end is answered with ours");
                break;
            }
            END => {}
            kind => {
                let kind = kind.expect("nothing was asked");
                asked.push((request.tag, request.flags, kind, request.payload.to_vec()));
            }
        }
        if asked.len() == 300 {
            // 107 and 300 have no common factor, so each of them has its turn.
            for place in 0..300 {
                let (tag, flags, kind, payload) = &asked[place * 107 % 300];
                reply.send(answer(*tag, *flags, *kind, payload)).expect("it was asked");
            }
            asked.clear();
        }
    }
    conn.flush().expect("the end is said");
    drop(conn);
    let output = child.wait_with_output().expect("it ends");
    let output = String::from_utf8_lossy(&output.stdout);
    // It counts what it asked behind that.
    assert_eq!(output.lines().next(), Some("done"));
}

/// What is asked of the original at a place, and what it answers.
fn question(place: u64) -> (u64, Vec<u8>, bool) {
    let payload = place.to_be_bytes().repeat(usize::try_from(place % 50).expect("it is small"));
    // One more on the wire than the kind that fails there.
    let fails = place.is_multiple_of(10);
    (if fails { 10 } else { place % 9 + 1 }, payload, fails)
}

pub(crate) fn packetstream_answers() {
    let mut child = Peer::Packetstream
        .command()
        .args(["-c", &format!("{ASKING}{SERVER}")])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let port: u16 = lines.next().expect("a line").expect("text").parse().expect("a port");
    let socket = TcpStream::connect(("127.0.0.1", port)).expect("a server");
    let mut conn = Connection::new(socket, packetstream::Left::new());
    let count = 1000;
    // Tags 0 and 1 are those of the ends.
    for place in 0..count {
        let (kind, payload, _) = question(place);
        conn.send(record(place + 2, place % 3, Some(kind), &payload)).expect("it may be asked");
    }
    let mut answered = vec![false; 1000];
    let mut asked = 0;
    while let Some((left::Event::Record(got), mut reply)) = conn.next().expect("no fault") {
        match got.kind {
            None => {
                let place = got.tag - 2;
                let (_, payload, fails) = question(place);
                let backwards: Vec<u8> = payload.iter().rev().copied().collect();
                if fails {
                    assert_eq!(got.flags, 0, "{place}");
                } else {
                    assert_eq!((got.flags, got.payload), ((place % 3) << 1 | 1, &backwards[..]));
                }
                let at = usize::try_from(place).expect("a place");
                assert!(!std::mem::replace(&mut answered[at], true), "{place} was answered twice");
            }
            END if got.tag == 0 => break,
            END => {}
            Some(kind) => {
                asked += 1;
                reply.send(answer(got.tag, got.flags, kind, got.payload)).expect("it was asked");
            }
        }
        if asked == 300 && answered.iter().all(|answered| *answered) {
            asked = 0;
            reply.send(record(0, 0, END, b"")).expect("nothing more is asked");
        }
    }
    assert!(answered.iter().all(|answered| *answered));
    assert_eq!(lines.next().expect("a line").expect("text"), "done");
    drop(conn);
    child.wait().expect("its status");
}
