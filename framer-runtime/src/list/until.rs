//! Lists that end with a literal in the place of an element, and may go on elsewhere.

use super::List;
use crate::frame::{Decode, Decoded};
use crate::read::{Reader, wide};
use crate::violation::{Invalid, Rule};

impl<'a, T: Decode<View<'a> = T> + Clone> List<'a, T> {
    /// Reads elements up to `end`, at most `max_bytes` with it, and `max` of them; `seen` is told
    /// of each.
    ///
    /// Where [`Decode::jump`] says so, they go on at a place before, each time in what stands
    /// wholly before the place that led there. What is read there counts with the rest, so that a
    /// list costs no more than its limits, whatever refers to what. The place is then behind what
    /// led elsewhere first.
    ///
    /// # Errors
    /// The first rule that one of them breaks; [`Rule::Reference`]; [`Rule::TooLong`] or
    /// [`Rule::Count`]; [`Rule::Truncated`] if one takes no byte.
    #[inline]
    pub fn read_until(
        reader: &mut Reader<'a>,
        end: &[u8],
        max_bytes: u64,
        max: usize,
        mut seen: impl FnMut(T),
    ) -> Result<List<'a, T>, Invalid> {
        let begin = reader.position();
        let jump = |reader: &mut Reader<'a>| T::jump(reader);
        let element = |reader: &mut Reader<'a>| T::read(reader).map(&mut seen);
        let count = until(reader, end, max_bytes, max, jump, element)?;
        List::read(reader, begin, count)
    }
}

/// Reads elements up to `end`, as [`List::read_until`]; how many. `jump` is as [`Decode::jump`].
///
/// # Errors
/// As [`List::read_until`].
pub fn until<'a>(
    reader: &mut Reader<'a>,
    end: &[u8],
    max_bytes: u64,
    max: usize,
    jump: impl Fn(&mut Reader<'a>) -> Option<Decoded<u64>>,
    mut element: impl FnMut(&mut Reader<'a>) -> Decoded<()>,
) -> Decoded<usize> {
    let begin = reader.position();
    let mut walk = reader.segment();
    let mut behind = None;
    let (mut bytes, mut count, mut jumps) = (0_usize, 0_usize, 0_usize);
    loop {
        let start = walk.position();
        let ends = walk.starts(end, false, false);
        if ends {
            walk.skip(end.len());
        } else if let Some(offset) = jump(&mut walk) {
            let there = walk.elsewhere(offset?, start)?;
            if jumps == max {
                return Err(walk.fail_since(start, Rule::Count { max }));
            }
            jumps = jumps.saturating_add(1);
            behind.get_or_insert(walk);
            walk = there;
            continue;
        } else if count == max {
            return Err(walk.fail(Rule::Count { max }));
        } else {
            element(&mut walk)?;
            count = count.saturating_add(1);
        }
        let taken = walk.position().saturating_sub(start);
        bytes = bytes.saturating_add(taken);
        if wide(bytes) > max_bytes {
            return Err(walk.fail_since(start, Rule::TooLong { max: max_bytes }));
        }
        if taken == 0 {
            return Err(walk.fail(Rule::Truncated));
        }
        if ends {
            break;
        }
    }
    let behind = behind.unwrap_or(walk).position();
    reader.skip(behind.saturating_sub(begin));
    Ok(count)
}
