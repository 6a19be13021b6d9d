//! The cost of a byte as what is sent grows.

use super::{Plot, group, steps};
use crate::harness::{Case, Kind};
use crate::inputs;
use crate::works::reads::READ_BYTES;
use crate::works::{data, lines, resp};

/// Lines, commands and messages of 1 KiB up to so many bytes, in reads of 16 KiB.
#[must_use]
pub fn sizes(most: usize) -> Plot {
    let plot = Plot {
        name: "sizes",
        title: "The time of a byte, by how many there are",
        grows: "bytes in all, 16 KiB a read",
        times: 4.0,
        told: "ns a byte",
        lines: Vec::new(),
    };
    let mut places = Vec::new();
    for bytes in steps(1024, most, 4) {
        let input: &'static [u8] = inputs::mail_lines(bytes).leak();
        let cases = vec![
            Case::new("framer", Kind::Ours, || lines::pieces::borrowed(input, READ_BYTES)),
            Case::new("by hand", Kind::Limit, || lines::pieces::by_hand(input, READ_BYTES)),
        ];
        places.push((bytes, group("CR LF lines", input.len(), cases)));
        let input: &'static [u8] = inputs::commands(bytes).leak();
        let cases = vec![
            Case::new("framer", Kind::Ours, || resp::ours(input, READ_BYTES)),
            Case::new("by hand", Kind::Limit, || resp::by_hand(input)),
        ];
        places.push((bytes, group("commands of RESP", input.len(), cases)));
        let input: &'static [u8] = inputs::message(bytes).leak();
        let session = data::session();
        let cases = vec![
            Case::new("framer", Kind::Ours, move || {
                data::streamed(session.clone(), input, READ_BYTES)
            }),
            Case::new("smtp-proto", Kind::Peer, || data::receiver_streamed(input)),
        ];
        places.push((bytes, group("one message of SMTP", input.len(), cases)));
    }
    plot.measure(places)
}
