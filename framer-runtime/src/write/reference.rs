//! Lists that are not written again where the same one stands before.

mod known;

use known::Known;

use super::Writer;
use crate::frame::{Decode, Decoded, Encoded};
use crate::read::{Reader, wide};
use crate::violation::Rule;

/// What references count from the beginning of, and what they can lead to.
#[derive(Debug)]
pub struct Message {
    origin: usize,
    /// Where lists stand, or what is left of one, by a hash of their bytes.
    known: Known,
}

/// How the elements of a list are read that may have been written before.
pub struct Elements<'e> {
    /// Passes over one.
    pub read: &'e dyn Fn(&mut Reader<'_>) -> Decoded<()>,
    /// Where the list goes on, as [`Decode::jump`].
    pub jump: &'e dyn Fn(&mut Reader<'_>) -> Option<Decoded<u64>>,
}

impl Message {
    #[inline]
    pub(super) const fn at(origin: usize) -> Message {
        Message { origin, known: Known::new() }
    }
}

impl Writer<'_> {
    /// References count from the place. What it was before is for [`Writer::leave`].
    pub fn enter(&mut self) -> Message {
        let message = Message::at(self.mark());
        core::mem::replace(&mut self.message, message)
    }

    /// References count from where they did.
    pub fn leave(&mut self, around: Message) {
        self.message = around;
    }

    /// An element, written since `begin`, is none that would be read as the end of its list, and
    /// neither is the one before it, since `before`, with this one behind it. Two that are only a
    /// part of the end are refused, too.
    ///
    /// # Errors
    /// [`Rule::Ambiguous`].
    #[inline]
    pub fn not_begun(
        &self,
        field: &'static str,
        before: Option<usize>,
        begin: usize,
        end: &[u8],
    ) -> Encoded {
        let differs = |from| self.since(from).first().is_some_and(|byte| Some(byte) != end.first());
        match differs(begin) && before.is_none_or(differs) {
            true => Ok(()),
            false => self.not_begun_alike(field, before, begin, end),
        }
    }

    /// The same where one of them begins as the end does.
    fn not_begun_alike(
        &self,
        field: &'static str,
        before: Option<usize>,
        begin: usize,
        end: &[u8],
    ) -> Encoded {
        let part = before.is_some_and(|before| end.starts_with(self.since(before)));
        match part || [before, Some(begin)].into_iter().any(|from| self.ends_at(from, end)) {
            true => Err(self.fail(field, Rule::Ambiguous)),
            false => Ok(()),
        }
    }

    /// The last element, written since `begin`, is none that would be read as the end of its list
    /// with `end` behind it.
    ///
    /// # Errors
    /// [`Rule::Ambiguous`].
    pub fn not_ended(&self, field: &'static str, begin: Option<usize>, end: &[u8]) -> Encoded {
        match self.ends_at(begin, end) {
            true => Err(self.fail(field, Rule::Ambiguous)),
            false => Ok(()),
        }
    }

    fn ends_at(&self, begin: Option<usize>, end: &[u8]) -> bool {
        begin.is_some_and(|begin| self.since(begin).starts_with(end))
    }

    /// Takes back the end of the list that was written since `list`, with `end` behind it, as far
    /// as it stands in the message already: where. Otherwise it is remembered, if that is not
    /// more than `max` bytes from the beginning of the message.
    pub fn known<T: Decode>(&mut self, list: usize, end: &[u8], max: u64) -> Option<u64> {
        let read = |reader: &mut Reader<'_>| T::read(reader).map(|_| ());
        self.known_with(list, end, max, &Elements { read: &read, jump: &T::jump })
    }

    /// The same for elements that are read so.
    pub fn known_with(
        &mut self,
        list: usize,
        end: &[u8],
        max: u64,
        elements: &Elements<'_>,
    ) -> Option<u64> {
        let mut place = list;
        while self.since(place) != end {
            let offset = wide(place.saturating_sub(self.message.origin));
            let hash = hash(self.since(place));
            match self.message.known.get(hash) {
                Some(known) if self.is_same(known, place, end, elements) => {
                    self.out.truncate(place);
                    return Some(wide(known.saturating_sub(self.message.origin)));
                }
                Some(_) => {}
                None if offset <= max => {
                    self.message.known.insert(hash, place);
                }
                None => {}
            }
            let mut element = Reader::new(self.since(place));
            (elements.read)(&mut element).ok()?;
            place = place.saturating_add(element.position());
        }
        None
    }

    /// Whether the elements at a place before are those at `place`, wherever they lead.
    fn is_same(&self, known: usize, place: usize, end: &[u8], elements: &Elements<'_>) -> bool {
        let mut wanted = self.since(place);
        let message = self.range(self.message.origin, place);
        let mut there = Reader::new(message);
        there.skip(known.saturating_sub(self.message.origin));
        let mut there = there.segment(there.position());
        while !there.starts(end, false, false) {
            if let Some(offset) = (elements.jump)(&mut there) {
                match offset.and_then(|offset| there.elsewhere(offset, 0)) {
                    Ok(elsewhere) => there = elsewhere,
                    Err(_) => return false,
                }
                continue;
            }
            let begin = there.position();
            let read = (elements.read)(&mut there).is_ok();
            match wanted.strip_prefix(there.since(begin)) {
                Some(rest) if read && rest.len() < wanted.len() => wanted = rest,
                _ => return false,
            }
        }
        wanted == end
    }
}

/// FNV-1a. Where two are alike, what they stand for is compared.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
