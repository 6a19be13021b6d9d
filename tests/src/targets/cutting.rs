//! Any bytes as a stream of frames of a type.

use super::byte;
use super::recoding::{Typed, chosen};
use crate::twin::{Changes, interpreted_cut};

/// Both engines cut a stream into the same frames, at once, byte by byte and in other pieces, and
/// look at no byte much more than once.
///
/// # Panics
/// Where that is not so.
pub fn cutting(data: &[u8]) {
    let Some((Typed { of, ty, description }, rest)) = chosen(data) else { return };
    let (Some(compiled), Some((seed, stream))) = (ty.cut, byte(rest)) else { return };
    let run = |pieces: &[&[u8]]| {
        let seen = compiled(pieces);
        let other = interpreted_cut(description, ty.name, pieces);
        let shown = || format!("{of} {}: {}", ty.name, stream.escape_ascii());
        assert_eq!(other, seen, "{}", shown());
        let most = 3 * stream.len() as u64 + 16;
        assert!(seen.scanned <= most, "{}: {} bytes examined", shown(), seen.scanned);
        // Bytes that were passed over before what ended it are done with at different times.
        (seen.frames, seen.ended.ok_or(seen.position))
    };
    let whole = run(&[stream]);
    let shown = || format!("{of} {}: {}", ty.name, stream.escape_ascii());
    assert_eq!(run(&stream.chunks(1).collect::<Vec<_>>()), whole, "{}", shown());
    assert_eq!(run(&Changes::of(seed as u64).pieces(stream)), whole, "{}", shown());
}
