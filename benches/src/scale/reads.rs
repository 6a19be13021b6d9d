//! The cost of a byte as reads grow.

use super::{Plot, group, steps};
use crate::harness::{Case, Kind};
use crate::inputs;
use crate::works::reads::READ_BYTES;
use crate::works::{data, heads, lines, resp};

/// How long the inputs are, in bytes: the largest read gives all of one.
const INPUT_BYTES: usize = 1 << 20;

/// Lines, commands, heads and a message in reads of one byte up to 1 MiB.
#[must_use]
pub fn reads() -> Plot {
    let plot = Plot {
        name: "reads",
        title: "The time of a byte, by how many a read gives",
        grows: "bytes a read",
        times: 4.0,
        told: "ns a byte",
        lines: Vec::new(),
    };
    let mail: &'static [u8] = inputs::mail_lines(INPUT_BYTES).leak();
    let commands: &'static [u8] = inputs::commands(INPUT_BYTES).leak();
    let heads: &'static [u8] = heads::pieces::heads(INPUT_BYTES / 640).leak();
    let message: &'static [u8] = inputs::message(INPUT_BYTES).leak();
    let mut places = Vec::new();
    for bytes in steps(1, INPUT_BYTES, 4) {
        let cases = vec![
            Case::new("framer", Kind::Ours, move || lines::pieces::borrowed(mail, bytes)),
            Case::new("LinesCodec", Kind::Peer, move || lines::lines_codec(mail, bytes)),
        ];
        places.push((bytes, group("CR LF lines", mail.len(), cases)));
        let cases = vec![
            Case::new("framer", Kind::Ours, move || resp::ours(commands, bytes)),
            Case::new("redis-protocol", Kind::Peer, move || {
                resp::ranges(commands, bytes, READ_BYTES)
            }),
        ];
        places.push((bytes, group("commands of RESP", commands.len(), cases)));
        let cases = vec![
            Case::new("framer", Kind::Ours, move || heads::pieces::ours(heads, bytes)),
            Case::new("httparse", Kind::Peer, move || heads::pieces::by_httparse(heads, bytes)),
        ];
        places.push((bytes, group("heads of HTTP", heads.len(), cases)));
        let session = data::session();
        let streamed = move || data::streamed(session.clone(), message, bytes);
        let cases = vec![Case::new("framer", Kind::Ours, streamed)];
        places.push((bytes, group("one message of SMTP", message.len(), cases)));
    }
    plot.measure(places)
}
