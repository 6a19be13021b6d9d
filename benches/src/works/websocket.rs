//! W8: messages of a WebSocket client, with the key taken off them, each into one buffer.

mod by_hand;

use framer_protocols::websocket::server::Event;
use framer_protocols::websocket::{ClientFrame, Opcode, Server};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Decode;
use framer_runtime::machine::Progress;
use framer_runtime::mask::{Mask, Masked};
use framer_runtime::read::Reader;
use futures_util::FutureExt;
use tungstenite::protocol::Role;

use super::reads::{READ_BYTES, Stream};
use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;

/// An input of longer messages, which stays in the cache, as what a socket has just given.
const LONG_BYTES: usize = 1 << 20;

/// 125 bytes each, the most that a head of two bytes tells.
pub(crate) fn short(bytes: usize) -> Group<'static> {
    group("W8", "WebSocket messages of 125 bytes, masked", bytes, 125, READ_BYTES)
}

/// 64 KiB each, read as there is room for them.
pub(crate) fn long(_: usize) -> Group<'static> {
    group("W8k", "WebSocket messages of 64 KiB, masked", LONG_BYTES, 64 * 1024, usize::MAX)
}

fn group(
    work: &'static str,
    title: &'static str,
    bytes: usize,
    size: usize,
    most: usize,
) -> Group<'static> {
    let input: &'static [u8] = inputs::masked(bytes, size).leak();
    let peer = move |run: fn(&[u8], usize, usize) -> Tally| move || run(input, size, most);
    Group {
        work,
        title,
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer, a session", Kind::Ours, peer(session)),
            Case::new("framer, frames in memory", Kind::Ours, peer(frames)),
            Case::new("fastwebsockets", Kind::Peer, peer(fast)),
            Case::new("tungstenite", Kind::Peer, peer(by_tungstenite)),
            Case::new("by hand, in memory", Kind::Limit, peer(by_hand::in_memory)),
            Case::new("by hand, in place", Kind::Limit, peer(by_hand::in_place)),
            Case::new("the copy alone", Kind::Floor, peer(copied)),
        ],
    }
}

/// Looks at a message: its middle, too, so that it has to be there.
#[inline]
fn see(tally: &mut Tally, message: &[u8]) {
    tally.see(message);
    tally.see(&message[message.len() / 2..]);
    tally.frame();
}

// By its name in profiles.
#[inline(never)]
fn session(input: &[u8], size: usize, most: usize) -> Tally {
    let mut tally = Tally::default();
    let mut message = Vec::with_capacity(size);
    let mut stream = Stream::new(input, most);
    let mut session = Connection::new(Server::new(), Limits::default());
    loop {
        let spare = session.spare();
        let read = stream.next(spare.len());
        if read.is_empty() {
            return tally;
        }
        spare[..read.len()].copy_from_slice(read);
        session.filled(read.len());
        while let Progress::Event((event, _)) = session.poll().expect("the input is right") {
            match event {
                Event::ClientFrame(frame) => assert_eq!(frame.opcode, Opcode::Binary),
                Event::ClientPayload(part) => part.append_to(&mut message),
                Event::ClientPayloadEnd => {
                    see(&mut tally, &message);
                    message.clear();
                }
            }
        }
    }
}

// By its name in profiles.
#[inline(never)]
fn frames(input: &[u8], size: usize, _: usize) -> Tally {
    let mut tally = Tally::default();
    let mut message = vec![0; size];
    let mut reader = Reader::new(input);
    while !reader.is_empty() {
        let frame = ClientFrame::read(&mut reader).expect("the input is right");
        let payload = reader.sized(frame.size).expect("the input is whole");
        let payload = Masked::new(payload, Mask::new(frame.key.into(), 4));
        let count = payload.copy_to(&mut message);
        see(&mut tally, &message[..count]);
    }
    tally
}

fn fast(input: &[u8], _: usize, most: usize) -> Tally {
    let all = async {
        let mut tally = Tally::default();
        let stream = Stream::new(input, most);
        let mut socket =
            fastwebsockets::WebSocket::after_handshake(stream, fastwebsockets::Role::Server);
        while let Ok(frame) = socket.read_frame().await {
            see(&mut tally, &frame.payload);
        }
        tally
    };
    all.now_or_never().expect("nothing waits")
}

fn by_tungstenite(input: &[u8], _: usize, most: usize) -> Tally {
    let mut tally = Tally::default();
    let stream = Stream::new(input, most);
    let mut socket = tungstenite::WebSocket::from_raw_socket(stream, Role::Server, None);
    while let Ok(message) = socket.read() {
        see(&mut tally, &message.into_data());
    }
    tally
}

fn copied(input: &[u8], size: usize, most: usize) -> Tally {
    let mut tally = Tally::default();
    let mut stream = Stream::new(input, most);
    let mut copy = vec![0; size];
    loop {
        let read = stream.next(size);
        if read.is_empty() {
            return tally;
        }
        copy[..read.len()].copy_from_slice(read);
        see(&mut tally, &copy[..read.len()]);
    }
}
