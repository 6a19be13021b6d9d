//! Frames, written and refused.

use framer_runtime::frame::Frame;
use framer_runtime::violation::Rule;

/// Its bytes.
///
/// # Panics
/// If it cannot be written.
pub fn encoded<F: Frame>(frame: F) -> Vec<u8> {
    let mut out = Vec::new();
    frame.encode(&mut out).expect("it can be written");
    out
}

/// The field for which it is not written, and the rule that it would break.
///
/// # Panics
/// If it can be written, or if anything was.
pub fn refused<F: Frame>(frame: F) -> (&'static str, Rule) {
    let mut out = b"before".to_vec();
    let error = frame.encode(&mut out).expect_err("it is refused");
    assert_eq!(out, b"before");
    (error.field, error.rule)
}
