//! Headers of WebSocket frames, against tungstenite.

use std::io::Cursor;

use framer_protocols::websocket::{ClientFrame, Opcode, ServerFrame};
use framer_runtime::frame::Frame;
use tungstenite::protocol::frame::FrameHeader;

use super::{Compared, changed, frames};

/// A header in the words of both.
fn shown(fin: bool, opcode: u8, size: u64, key: Option<u32>) -> String {
    format!("{fin} {opcode} {size} {key:?}")
}

fn number(opcode: Opcode) -> u8 {
    match opcode {
        Opcode::Continuation => 0,
        Opcode::Text => 1,
        Opcode::Binary => 2,
        Opcode::Close => 8,
        Opcode::Ping => 9,
        Opcode::Pong => 10,
    }
}

fn theirs(header: &[u8]) -> Option<String> {
    let mut cursor = Cursor::new(header);
    let (read, size) = FrameHeader::parse(&mut cursor).ok()??;
    let whole = cursor.position() == header.len() as u64;
    let key = read.mask.map(u32::from_be_bytes);
    whole.then(|| shown(read.is_final, read.opcode.into(), size, key))
}

/// What tungstenite takes for a header and judges later, or not at all.
fn reason(header: &[u8], masked: bool) -> Option<&'static str> {
    let (first, second) = (*header.first()?, *header.get(1)?);
    let long = |from, to| {
        header
            .get(from..to)
            .map(|bytes| bytes.iter().fold(0_u64, |size, byte| size << 8 | u64::from(*byte)))
    };
    let size = match second & 0x7f {
        126 => long(2, 4)?,
        127 => long(2, 10)?,
        size => u64::from(size),
    };
    let needed = match size {
        0..=125 => size,
        126..=65535 => 126,
        _ => 127,
    };
    if first & 0x70 != 0 {
        return Some("reserved bits, which it judges later");
    }
    if (second & 0x80 != 0) != masked {
        return Some("a mask of the wrong side, which it judges later");
    }
    if first & 8 != 0 && (first & 0x80 == 0 || size > 125) {
        return Some("control frames in parts or too long, which it judges later");
    }
    if u64::from(second & 0x7f) != needed {
        return Some("a size in more bytes than needed, which it takes");
    }
    (size >> 63 == 1).then_some("a size above 2^63 - 1, which it judges later")
}

#[test]
fn client_frames() {
    let mut compared = Compared::default();
    for header in changed(&frames("websocket", "ClientFrame")) {
        let ours = ClientFrame::decode(&header).ok();
        let ours = ours.map(|of| shown(of.fin, number(of.opcode), of.size, Some(of.key)));
        compared.add(&header, ours, theirs(&header), || reason(&header, true));
    }
    compared.finish();
}

#[test]
fn server_frames() {
    let mut compared = Compared::default();
    for header in changed(&frames("websocket", "ServerFrame")) {
        let ours = ServerFrame::decode(&header).ok();
        let ours = ours.map(|of| shown(of.fin, number(of.opcode), of.size, None));
        compared.add(&header, ours, theirs(&header), || reason(&header, false));
    }
    compared.finish();
}
