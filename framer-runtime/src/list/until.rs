//! Lists that end with a literal in the place of an element, and may go on elsewhere.

use super::{Held, List};
use crate::frame::{Decode, Decoded};
use crate::read::{Reader, begins, wide};
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
    pub fn read_until<const AGAIN: bool>(
        reader: &mut Reader<'a, AGAIN>,
        end: &[u8],
        max_bytes: u64,
        max: usize,
        seen: impl FnMut(T),
    ) -> Result<List<'a, T>, Invalid> {
        let begin = reader.position();
        let jump = |reader: &mut Reader<'a, AGAIN>| T::jump(reader);
        let mut held = Held { bits: 0, seen };
        let count = until(reader, end, max_bytes, max, jump, |reader| held.read(reader))?;
        List::read(reader, begin, count, held.bits)
    }
}

/// Reads elements up to `end`, as [`List::read_until`]; how many. `jump` is as [`Decode::jump`],
/// and what breaks a rule in an element has been [named](crate::frame::told).
///
/// # Errors
/// As [`List::read_until`].
#[inline]
pub fn until<'a, const AGAIN: bool>(
    reader: &mut Reader<'a, AGAIN>,
    end: &[u8],
    max_bytes: u64,
    max: usize,
    jump: impl Fn(&mut Reader<'a, AGAIN>) -> Option<Decoded<u64>>,
    mut element: impl FnMut(&mut Reader<'a, AGAIN>) -> Decoded<()>,
) -> Decoded<usize> {
    let begin = reader.position();
    let mut seen = Seen { max_bytes, max, bytes: 0, count: 0 };
    match seen.stretch(reader.uncut(), end, &jump, &mut element)? {
        None => Ok(seen.count),
        Some(led) => seen.elsewhere(reader.segment(begin), led, end, jump, element),
    }
}

/// How much of a list has been read, and how much there may be.
struct Seen {
    max_bytes: u64,
    max: usize,
    bytes: usize,
    count: usize,
}

/// Where what stood at a place led to.
struct Led {
    offset: u64,
    start: usize,
}

impl Seen {
    /// Reads what stands side by side, up to the end of the list or to what leads elsewhere, and
    /// that.
    #[inline(always)]
    fn stretch<'a, const AGAIN: bool>(
        &mut self,
        reader: &mut Reader<'a, AGAIN>,
        end: &[u8],
        jump: &impl Fn(&mut Reader<'a, AGAIN>) -> Option<Decoded<u64>>,
        element: &mut impl FnMut(&mut Reader<'a, AGAIN>) -> Decoded<()>,
    ) -> Decoded<Option<Led>> {
        loop {
            let left = reader.rest().len();
            let ends = begins(reader.rest(), end);
            if ends {
                reader.skip(end.len());
            } else if let Some(offset) = jump(reader) {
                return Ok(Some(Led { offset: offset?, start: reader.end().saturating_sub(left) }));
            } else if !AGAIN && self.count == self.max {
                return Err(reader.fail(Rule::Count { max: self.max }));
            } else {
                element(reader)?;
                self.count = self.count.saturating_add(1);
            }
            let taken = left.saturating_sub(reader.rest().len());
            self.bytes = self.bytes.saturating_add(taken);
            if !AGAIN && wide(self.bytes) > self.max_bytes {
                let rule = Rule::TooLong { max: self.max_bytes };
                return Err(reader.fail_since(reader.end().saturating_sub(left), rule));
            }
            if taken == 0 {
                return Err(reader.fail(Rule::Truncated));
            }
            if ends {
                return Ok(None);
            }
        }
    }

    /// Reads what is led to, behind what stands side by side.
    fn elsewhere<'a, const AGAIN: bool>(
        mut self,
        mut walk: Reader<'a, AGAIN>,
        led: Led,
        end: &[u8],
        jump: impl Fn(&mut Reader<'a, AGAIN>) -> Option<Decoded<u64>>,
        mut element: impl FnMut(&mut Reader<'a, AGAIN>) -> Decoded<()>,
    ) -> Decoded<usize> {
        let (mut led, mut jumps) = (Some(led), 0_usize);
        while let Some(Led { offset, start }) = led {
            let there = walk.elsewhere(offset, start)?;
            if !AGAIN && jumps == self.max {
                return Err(walk.fail_since(start, Rule::Count { max: self.max }));
            }
            jumps = jumps.saturating_add(1);
            walk = there;
            led = self.stretch(&mut walk, end, &jump, &mut element)?;
        }
        Ok(self.count)
    }
}
