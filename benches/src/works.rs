//! The works, and the ways of doing them.

mod coded;
mod compiler;
pub(crate) mod data;
mod echo;
mod encoders;
pub(crate) mod heads;
mod interpreted;
pub(crate) mod lines;
mod messages;
pub(crate) mod reads;
pub(crate) mod resp;
mod sized;
mod websocket;

use crate::harness::Group;

/// What came in pieces was looked at once, or hardly more: a delimiter that has begun is looked at
/// again.
///
/// # Panics
/// If it was not.
fn examined_once(examined: u64, input: &[u8]) {
    assert!(10 * examined <= 11 * input.len() as u64, "{examined} of {}", input.len());
}

/// A work by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Work {
    /// Lines, read 16 KiB at a time.
    W1,
    /// Lengths of four bytes, and what they measure.
    W2,
    /// The same of 64 KiB.
    W2k,
    /// A message of SMTP, its dots unstuffed.
    W3,
    /// A head of HTTP with many fields.
    W4,
    /// A head of HTTP with one.
    W4s,
    /// Commands of RESP.
    W5,
    /// Replies of RESP.
    W5r,
    /// A query of DNS.
    W6,
    /// A message of MQTT.
    W6m,
    /// Short frames in COBS.
    W7,
    /// Longer ones.
    W7k,
    /// Frames in SLIP.
    W7s,
    /// Short messages of WebSocket, under a key.
    W8,
    /// Long ones.
    W8k,
    /// Heads of HTTP in small reads.
    Wdh,
    /// A long reply of RESP in small reads.
    Wdr,
    /// Long lines in small reads.
    Wdl,
    /// A server that says what it is told.
    W9,
    /// Commands of SMTP, encoded.
    E1,
    /// Replies of SMTP.
    E2,
    /// Replies of RESP.
    E3,
    /// Queries of Modbus.
    E4,
    /// Messages of MQTT.
    E5,
    /// Heads of HTTP responses.
    E6,
    /// The compiler checks SMTP.
    C1,
    /// The compiler checks all that is bundled.
    C2,
    /// The compiler makes Rust of it.
    C3,
}

impl Work {
    /// Every one.
    pub const ALL: &'static [Work] = &[
        Work::W1,
        Work::W2,
        Work::W2k,
        Work::W3,
        Work::W4,
        Work::W4s,
        Work::W5,
        Work::W5r,
        Work::W6,
        Work::W6m,
        Work::W7,
        Work::W7k,
        Work::W7s,
        Work::W8,
        Work::W8k,
        Work::Wdh,
        Work::Wdr,
        Work::Wdl,
        Work::W9,
        Work::E1,
        Work::E2,
        Work::E3,
        Work::E4,
        Work::E5,
        Work::E6,
        Work::C1,
        Work::C2,
        Work::C3,
    ];

    /// Those whose instructions are counted.
    pub const SMALL: &'static [Work] = &[
        Work::W1,
        Work::W2,
        Work::W4,
        Work::W4s,
        Work::W5,
        Work::W5r,
        Work::W6,
        Work::W6m,
        Work::W7,
        Work::W7s,
        Work::W8,
        Work::Wdh,
        Work::Wdr,
        Work::Wdl,
        Work::E1,
        Work::E2,
        Work::E3,
        Work::E4,
        Work::E5,
        Work::E6,
    ];

    /// Its cases, over an input of about so many bytes where that is not given.
    pub fn group(self, bytes: usize) -> Group<'static> {
        match self {
            Work::W1 => lines::group(bytes),
            Work::W2 => sized::group(bytes),
            Work::W2k => sized::large(bytes),
            Work::W3 => data::group(bytes),
            Work::W4 => heads::long(bytes),
            Work::W4s => heads::short(bytes),
            Work::W5 => resp::commands(bytes),
            Work::W5r => resp::replies(bytes),
            Work::W6 => messages::queries(bytes),
            Work::W6m => messages::publishes(bytes),
            Work::W7 => coded::cobs_short(bytes),
            Work::W7k => coded::cobs_long(bytes),
            Work::W7s => coded::slip(bytes),
            Work::W8 => websocket::short(bytes),
            Work::W8k => websocket::long(bytes),
            Work::Wdh => heads::in_pieces(bytes),
            Work::Wdr => resp::in_pieces(bytes),
            Work::Wdl => lines::in_pieces(bytes),
            Work::W9 => echo::group(),
            Work::E1 => encoders::commands(bytes),
            Work::E2 => encoders::replies(bytes),
            Work::E3 => encoders::values(bytes),
            Work::E4 => encoders::queries(bytes),
            Work::E5 => encoders::publishes(bytes),
            Work::E6 => encoders::heads(bytes),
            Work::C1 => compiler::check_smtp(),
            Work::C2 => compiler::check_all(),
            Work::C3 => compiler::expand_all(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Work;
    use crate::harness;

    #[test]
    fn every_way_of_a_work_sees_the_same() {
        for work in Work::ALL {
            let frames = harness::seen(&work.group(64 * 1024))[0].frames;
            assert!(frames > 0, "{work:?} has no frames");
        }
    }
}
