//! Framers that are switched while bytes come: payloads of a length, to the end of the connection, and
//! every other, as the original was recorded.

use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::machine::Progress;
use framer_runtime::violation::Misuse;
use framer_tests::frames::encoded;

mod described {
    framer_runtime::framer! {
        delimiter LINE = "\r\n" | "\n" lenient;
        delimiter LF = "\n";
        delimiter CRLF = "\r\n";

        enum Command in until LINE max 512 {
            TakeChunk { "CHUNK ", size: dec u64 [1..=9] },
            Structs { word "STRUCT !H" },
            Coded { word "COBS" },
            Stuffed { word "STUFF" },
            Data { word "DATA" },
            ToLf { word "LF" },
            /// What follows is passed on, whatever it is.
            ToRest { word "REST" },
            _ Text { text: bytes to end },
        }
        enum LfCommand in until LF max 512 { ToCrLf { word "CRLF" }, _ LfText { text: bytes to end } }
        frame Chunk(size: u64) { stream data: bytes [size] }
        frame Rest { stream data: bytes to end }
        enum StructFrame { StructEnd { b"\0\0" }, _ Struct { size: u16 = len(data), data: bytes [size] } }
        enum CobsFrame { CobsEnd { b"\x01\0" }, _ Cobs { data: bytes via Blocks max 1000 } }
        transform Blocks { blocks cobs; }
        enum StuffedFrame {
            StuffedEnd { b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe" },
            _ Stuff { data: bytes via Stuffing max 1000 },
        }
        transform Stuffing {
            anywhere {
                begin b"\xff\xff\xff\xff\xff";
                b"\xff\xff\xff\xff" <=> b"\xff\xff\xff\xff\x00";
                end b"\xff\xff\xff\xff\xfe";
            }
        }
        frame Message { stream text: bytes via Dots }
        transform Dots { at start, after CRLF { "." <=> ".."; "" <= "."; end ".\r\n"; } }
        frame Done in until CRLF max 20 { "ok ", bytes: dec u32 [1..=9] }
        frame LfDone in until LF max 20 { "ok ", bytes: dec u32 [1..=9] }

        protocol Switching over stream {
            roles client, server;
            client speaks Command;
            server speaks Done;
            pending fifo max 1000;
            state Open {
                client TakeChunk => { client then Chunk(size) };
                client Structs => { client speaks StructFrame };
                client Coded => { client speaks CobsFrame };
                client Stuffed => { client speaks StuffedFrame };
                client StructEnd, CobsEnd, StuffedEnd => { client speaks Command } awaits { _ => stay };
                client Data => { client then Message };
                #[allow(F0309, "the client that was recorded waits for the replies to what it said before")]
                client ToLf => { client speaks LfCommand; server speaks LfDone } awaits { _ => stay };
                #[allow(F0309, "as above")]
                client ToCrLf => { client speaks Command; server speaks Done } awaits { _ => stay };
                client ToRest => { client speaks Rest };
                client Text, LfText, Chunk, Message => awaits { _ => stay };
                client Struct, Cobs, Stuff, Rest => stay;
            }
        }
    }
}
use described::switching::server::Event;
use described::switching::{self, Client, Server, client};

fn hex(digits: &str) -> Vec<u8> {
    let digit = |c: u8| u8::try_from(char::from(c).to_digit(16).expect("a digit")).expect("a byte");
    let digits = if digits == "-" || digits == "." { "" } else { digits };
    digits.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// The stream in pieces of sizes as in `3*2,1`.
fn pieces<'s>(stream: &'s [u8], sizes: &str) -> Vec<&'s [u8]> {
    let mut left = stream;
    let number = |text: &str| text.parse::<usize>().expect("a number");
    let runs = sizes.split(',').filter(|run| *run != "-");
    let runs = runs.map(|run| run.split_once('*').unwrap_or((run, "1")));
    let sizes = runs.flat_map(|(size, count)| vec![number(size); number(count)]);
    let pieces = sizes.map(|size| {
        let (piece, rest) = left.split_at(size);
        left = rest;
        piece
    });
    pieces.collect()
}

/// A server that says how long each frame was behind which it reads commands.
struct Session {
    conn: Connection<Server>,
    frames: Vec<Vec<u8>>,
    /// A message, or how long the last part of a chunk was.
    message: Vec<u8>,
    last: usize,
    lf: bool,
    sent: Vec<u8>,
}

impl Session {
    fn new() -> Session {
        Session {
            conn: Connection::new(Server::new(), Limits::default()),
            frames: Vec::new(),
            message: Vec::new(),
            last: 0,
            lf: false,
            sent: Vec::new(),
        }
    }

    fn feed(&mut self, piece: &[u8]) {
        assert_eq!(self.conn.receive(piece), piece.len());
        while let Some(answer) = self.step() {
            let bytes = u32::try_from(self.last).expect("a length");
            match (answer, self.lf) {
                (false, _) => continue,
                (true, false) => self.conn.send(switching::Done::new(bytes)),
                (true, true) => self.conn.send(switching::LfDone::new(bytes)),
            }
            .expect("an answer");
            let written = self.conn.transmit().to_vec();
            self.conn.transmitted(written.len());
            self.sent.extend(written);
        }
    }

    /// One event; whether it is to be answered.
    fn step(&mut self) -> Option<bool> {
        let Progress::Event((event, _)) = self.conn.poll().expect("all of it is right") else {
            return None;
        };
        let line = |frame: Vec<u8>| {
            let line = frame.strip_suffix(b"\n").unwrap_or(&frame);
            line.strip_suffix(b"\r").unwrap_or(line).to_vec()
        };
        let (frame, answer) = match event {
            Event::TakeChunk(frame) => (line(encoded(frame_of(frame))), false),
            Event::Structs(frame) => (line(encoded(frame_of(frame))), false),
            Event::Coded(frame) => (line(encoded(frame_of(frame))), false),
            Event::Stuffed(frame) => (line(encoded(frame_of(frame))), false),
            Event::Data(frame) => (line(encoded(frame_of(frame))), false),
            Event::ToRest(frame) => (line(encoded(frame_of(frame))), false),
            Event::ToLf(_) => {
                self.lf = true;
                (b"LF".to_vec(), true)
            }
            Event::ToCrLf(_) => {
                self.lf = false;
                (b"CRLF".to_vec(), true)
            }
            Event::Text(text) => (text.text.to_vec(), true),
            Event::LfText(text) => (text.text.to_vec(), true),
            Event::Struct(frame) => (frame.data.to_vec(), false),
            Event::Cobs(frame) => (frame.data.to_vec(), false),
            Event::Stuff(frame) => (frame.data.to_vec(), false),
            Event::StructEnd(_) | Event::CobsEnd(_) | Event::StuffedEnd(_) => (Vec::new(), true),
            Event::Chunk(part) | Event::Rest(part) => (part.to_vec(), false),
            Event::ChunkEnd => return Some(true),
            Event::Message(part) => {
                self.message.extend(part);
                return Some(false);
            }
            Event::MessageEnd => (core::mem::take(&mut self.message), true),
        };
        self.last = frame.len();
        self.frames.push(frame);
        Some(answer)
    }
}

/// An alternative as the choice it is of, which is a line.
fn frame_of<'f>(frame: impl Into<switching::Command<'f>>) -> switching::Command<'f> {
    frame.into()
}

fn shown(frames: &[Vec<u8>]) -> String {
    let frames = frames.iter().map(|frame| match frame.is_empty() {
        true => ".".to_owned(),
        false => frame.iter().map(|byte| format!("{byte:02x}")).collect(),
    });
    let frames: Vec<String> = frames.collect();
    if frames.is_empty() { "-".to_owned() } else { frames.join(",") }
}

#[test]
fn what_the_original_made_of_streams() {
    let mut counts = [0; 3];
    let (mut kind, mut stream) = ("", Vec::new());
    for line in include_str!("../vectors/switching.txt").lines() {
        if line.starts_with('#') {
            continue;
        }
        let Some(cuts) = line.strip_prefix("  ") else {
            let (name, bytes) = line.split_once(' ').expect("two words");
            (kind, stream) = (name, hex(bytes));
            continue;
        };
        let mut session = Session::new();
        let words: Vec<&str> = cuts.split(' ').collect();
        let pieces = pieces(&stream, words[0]);
        if kind == "switching" {
            pieces.iter().for_each(|piece| session.feed(piece));
            assert_eq!(shown(&session.frames), words[1], "{stream:x?}");
            assert_eq!(session.sent, hex(words[2]), "{stream:x?}");
            assert_eq!(session.conn.end_of_stream(), Ok(()));
            counts[2] += 1;
        } else if let Some(size) = kind.strip_prefix("chunk:") {
            session.feed(format!("CHUNK {size}\r\n").as_bytes());
            // What is behind the chunk is left: it is read as lines, of which there is none.
            pieces.iter().for_each(|piece| session.feed(piece));
            assert_eq!(shown(&session.frames[1..]), words[1], "{stream:x?}");
            let size: usize = size.parse().expect("a number");
            assert_eq!(session.conn.end_of_stream().is_ok(), size == stream.len());
            counts[1] += 1;
        } else {
            session.feed(b"REST\n");
            pieces.iter().for_each(|piece| session.feed(piece));
            assert_eq!(
                shown(&session.frames[1..]),
                shown(&pieces.iter().map(|p| p.to_vec()).collect::<Vec<_>>())
            );
            assert_eq!(session.conn.end_of_stream(), Ok(()));
            counts[0] += 1;
        }
    }
    assert_eq!(counts, [12, 65, 32]);
}

/// A payload to the end of the connection is sent in parts, and nothing else behind it.
#[test]
fn to_the_end_of_the_connection() {
    let mut sender = Connection::new(Client::new(), Limits::default());
    sender.send(switching::Command::from(switching::ToRest)).expect("a line");
    sender.send(client::Message::Rest(b"one")).expect("a part");
    sender.send(client::Message::Rest(b"")).expect("a part");
    sender.send(client::Message::Rest(b"\ntwo")).expect("a part");
    let refused = sender.send(switching::Command::from(switching::ToLf));
    assert_eq!(refused, Err(Misuse::Framing { frame: "ToLf", expected: "Rest" }));
    let mut session = Session::new();
    session.feed(sender.transmit());
    assert_eq!(shown(&session.frames[1..]), shown(&[b"one\ntwo".to_vec()]));
    assert_eq!(session.conn.end_of_stream(), Ok(()));
    // The line is read at once, and no end is looked for behind it.
    assert_eq!(session.conn.scanned(), 0);
    // What the choice would read as the end of the list is no element.
    assert!(switching::CobsFrame::from(switching::Cobs::new(b"")).encode(&mut Vec::new()).is_err());
}
