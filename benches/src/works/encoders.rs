//! The encoders of the frames that are decoded elsewhere, each beside the same bytes put together by hand.

mod binary;
mod replies;
mod texts;

pub(crate) use binary::{publishes, queries};
pub(crate) use replies::values;
pub(crate) use texts::{commands, heads, replies};

use framer_runtime::frame::Frame;

use super::reads::READ_BYTES;
use crate::harness::{Case, Group, Kind, Tally};

/// How many frames are written in a run.
const FRAMES: usize = 10_000;

/// Writes every value behind the other, as into the output of a connection, which is sent and
/// empty again when it holds as much as a read.
fn each<V>(values: &[V], write: impl Fn(&V, &mut Vec<u8>)) -> Tally {
    let mut tally = Tally::default();
    let mut out = Vec::with_capacity(2 * READ_BYTES);
    for value in values {
        if out.len() > READ_BYTES {
            out.clear();
        }
        let begin = out.len();
        write(value, &mut out);
        tally.see(&out[begin..]);
        tally.frame();
    }
    tally
}

// By its name in profiles.
#[inline(never)]
fn ours<F: Frame>(frames: &[F]) -> Tally {
    each(frames, |frame, out| frame.encode(out).expect("the frame is right"))
}

/// A case for each way, over frames of ours and the values that they were made of.
fn group<F: Frame, V>(
    work: &'static str,
    title: &'static str,
    frames: &'static [F],
    values: &'static [V],
    by_hand: fn(&V, &mut Vec<u8>),
) -> Group<'static> {
    let mut all = Vec::new();
    for frame in frames {
        frame.encode(&mut all).expect("the frame is right");
    }
    Group {
        work,
        title,
        bytes: all.len(),
        goal: None,
        cases: vec![
            Case::new("framer", Kind::Ours, move || ours(frames)),
            Case::new("by hand", Kind::Limit, move || each(values, by_hand)),
        ],
    }
}

/// The digits of a number.
fn digits(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut begin = digits.len();
    loop {
        begin -= 1;
        digits[begin] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[begin..]);
}
