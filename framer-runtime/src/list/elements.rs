//! Elements one after the other, whatever becomes of each.

use crate::frame::Decoded;
use crate::read::Reader;
use crate::violation::Rule;

/// Reads elements as long as `another` begins; how many.
///
/// # Errors
/// The first rule that one of them breaks, which whoever reads it has [named](crate::frame::told),
/// [`Rule::Count`] if there are more than `max`, or [`Rule::Truncated`] if one takes no byte.
pub fn run<'a, const AGAIN: bool>(
    reader: &mut Reader<'a, AGAIN>,
    max: usize,
    another: impl Fn(&Reader<'a, AGAIN>) -> bool,
    mut element: impl FnMut(&mut Reader<'a, AGAIN>) -> Decoded<()>,
) -> Decoded<usize> {
    let mut count = 0_usize;
    while another(reader) {
        let start = reader.position();
        if count == max {
            return Err(reader.fail(Rule::Count { max }));
        }
        element(reader)?;
        if reader.position() == start {
            return Err(reader.fail(Rule::Truncated));
        }
        count = count.saturating_add(1);
    }
    Ok(count)
}

/// Reads so many elements; the same number.
///
/// # Errors
/// The first rule that one of them breaks, which whoever reads it has [named](crate::frame::told),
/// or [`Rule::Count`] if there are more than `max`.
pub fn counted<'a, const AGAIN: bool>(
    reader: &mut Reader<'a, AGAIN>,
    count: u64,
    max: usize,
    mut element: impl FnMut(&mut Reader<'a, AGAIN>) -> Decoded<()>,
) -> Decoded<usize> {
    let count = usize::try_from(count).ok().filter(|count| *count <= max);
    let Some(count) = count else { return Err(reader.fail(Rule::Count { max })) };
    for _ in 0..count {
        element(reader)?;
    }
    Ok(count)
}
