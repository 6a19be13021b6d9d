//! COBS, against the crate `cobs`, both ways.

use framer_protocols::framers::Cobs;
use framer_runtime::frame::Frame;
use framer_tests::frames::encoded;
use framer_tests::twin::Changes;

use super::{Compared, changed};

const EMPTY: &str = "a zero alone, which is an empty payload here and an error there";

/// Payloads of all lengths around those at which blocks end.
fn payloads() -> Vec<Vec<u8>> {
    let lengths = [0, 1, 2, 9, 253, 254, 255, 256, 507, 508, 509, 600];
    let mut source = Changes::of(1);
    let mut byte = |zeros: usize| match source.below(zeros) {
        0 => 0,
        _ => u8::try_from(1 + source.below(255)).unwrap_or(1),
    };
    let mut payloads = Vec::new();
    for length in lengths {
        for zeros in [2, 20, usize::MAX >> 1] {
            payloads.push((0..length).map(|_| byte(zeros)).collect());
        }
    }
    payloads
}

#[test]
fn both_write_the_same() {
    for payload in payloads() {
        let mut theirs = cobs::encode_vec(&payload);
        theirs.push(0);
        assert_eq!(encoded(Cobs::new(&payload[..])), theirs);
    }
}

#[test]
fn both_read_the_same() {
    let mut compared = Compared::default();
    let written: Vec<Vec<u8>> =
        payloads().into_iter().map(|of| encoded(Cobs::new(&of[..]))).collect();
    for wire in changed(&written) {
        let ours = Cobs::decode(&wire).ok().map(|of| of.data.to_vec().escape_ascii().to_string());
        let alone = wire.iter().position(|byte| *byte == 0) == wire.len().checked_sub(1);
        let theirs = alone.then(|| cobs::decode_vec(&wire).ok()).flatten();
        let theirs = theirs.map(|of| of.escape_ascii().to_string());
        compared.add(&wire, ours, theirs, || (wire == [0]).then_some(EMPTY));
    }
    compared.finish();
}
