//! Repeated elements, without a copy of them.

mod elements;
mod lines;
mod until;

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::fmt;

pub use elements::{counted, run};
use lines::Lines;
pub use until::until;

use crate::frame::{Decode, Decoded, told};
use crate::read::Reader;
use crate::violation::{Invalid, Rule};

/// Elements of a frame: on the wire, in a slice, or as the lines of a text.
///
/// Elements on the wire are decoded again each time they are looked at, so that no memory is
/// needed for them.
pub struct List<'a, T>(Form<'a, T>);

enum Form<'a, T> {
    /// Bytes that hold so many elements, and the bits of [`Decode::alternative`] of all of them.
    Wire(&'a [u8], usize, u32),
    /// As many elements in a message that they may refer to. Positions are of four bytes, so that
    /// a list is no larger for it.
    Message {
        message: &'a [u8],
        begin: u32,
        end: u32,
        count: u32,
    },
    Items(&'a [T]),
    /// Each line is what [`Decode::from_text`] makes of it.
    Text(&'a str),
}

/// A message that elements refer to is less than 4 GiB.
const TOO_LONG: Rule = Rule::TooLong { max: u32::MAX as u64 };

impl<'a, T> List<'a, T> {
    /// The elements that fill `bytes`, which have been read before.
    #[must_use]
    pub const fn wire(bytes: &'a [u8], count: usize) -> List<'a, T> {
        List(Form::Wire(bytes, count, u32::MAX))
    }

    /// How many elements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.0 {
            Form::Wire(_, count, _) => count,
            Form::Message { count, .. } => index(count),
            Form::Items(items) => items.len(),
            Form::Text(text) => Lines::new(text).count(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a, T: Decode<View<'a> = T> + Clone> List<'a, T> {
    /// Reads elements up to the end of `reader`; `seen` is told of each.
    ///
    /// # Errors
    /// The first rule that one of them breaks, [`Rule::Count`] if there are more than `max`, or
    /// [`Rule::Truncated`] if one takes no byte.
    #[inline]
    pub fn read_to_end<const AGAIN: bool>(
        reader: &mut Reader<'a, AGAIN>,
        max: usize,
        seen: impl FnMut(T),
    ) -> Result<List<'a, T>, Invalid> {
        List::read_run(reader, max, |reader| !reader.is_empty(), seen)
    }

    /// Reads elements as long as `another` begins; `seen` is told of each.
    ///
    /// # Errors
    /// The first rule that one of them breaks, [`Rule::Count`] if there are more than `max`, or
    /// [`Rule::Truncated`] if one takes no byte.
    #[inline]
    pub fn read_run<const AGAIN: bool>(
        reader: &mut Reader<'a, AGAIN>,
        max: usize,
        another: impl Fn(&Reader<'a, AGAIN>) -> bool,
        seen: impl FnMut(T),
    ) -> Result<List<'a, T>, Invalid> {
        let begin = reader.position();
        let mut held = Held { bits: 0, seen };
        let count = run(reader, max, another, |reader| held.read(reader))?;
        List::read(reader, begin, count, held.bits)
    }

    /// Reads so many elements; `seen` is told of each.
    ///
    /// # Errors
    /// The first rule that one of them breaks, or [`Rule::Count`] if there are more than `max`.
    #[inline]
    pub fn read_counted<const AGAIN: bool>(
        reader: &mut Reader<'a, AGAIN>,
        count: u64,
        max: usize,
        seen: impl FnMut(T),
    ) -> Result<List<'a, T>, Invalid> {
        if count == 0 {
            return Ok(List::wire(&[], 0));
        }
        let begin = reader.position();
        let mut held = Held { bits: 0, seen };
        let count = counted(reader, count, max, |reader| held.read(reader))?;
        List::read(reader, begin, count, held.bits)
    }

    /// So many elements from `begin` to the place, which have been read, and their bits.
    #[inline]
    fn read<const AGAIN: bool>(
        reader: &Reader<'a, AGAIN>,
        begin: usize,
        count: usize,
        held: u32,
    ) -> Result<List<'a, T>, Invalid> {
        if !T::REFERS || count == 0 {
            return Ok(List(Form::Wire(reader.since(begin), count, held)));
        }
        let end = reader.offset();
        let begin = end.saturating_sub(reader.position().saturating_sub(begin));
        let small = |place| u32::try_from(place).map_err(|_| reader.fail(TOO_LONG));
        let (begin, end, count) = (small(begin)?, small(end)?, small(count)?);
        Ok(List(Form::Message { message: reader.message(), begin, end, count }))
    }

    /// The elements, in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'a, T> {
        Iter(match self.0 {
            Form::Wire(bytes, count, _) => Rest::Wire(Reader::again(bytes), count),
            Form::Message { message, begin, end, count } => {
                let message = message.get(..index(end)).unwrap_or(message);
                let mut reader = Reader::again(message);
                reader.skip(index(begin));
                Rest::Wire(reader.segment(index(begin)), index(count))
            }
            Form::Items(items) => Rest::Items(items.iter()),
            Form::Text(text) => Rest::Text(Lines::new(text)),
        })
    }

    /// What `of` makes first of an element, those on the wire left out that do not begin as `begins` says;
    /// `pass` passes over one of them. Those that do are alternatives of this bit, of
    /// [`Decode::alternative`].
    #[inline]
    pub fn find_led<P, R>(
        &self,
        alternative: u32,
        begins: impl Fn(&Reader<'a, true>) -> bool,
        pass: impl Fn(&mut Reader<'a, true>) -> Decoded<P>,
        of: impl FnMut(T) -> Option<R>,
    ) -> Option<R> {
        match self.0 {
            Form::Wire(_, _, held) if held & alternative == 0 => None,
            _ => self.find_begun(begins, pass, of),
        }
    }

    fn find_begun<P, R>(
        &self,
        begins: impl Fn(&Reader<'a, true>) -> bool,
        pass: impl Fn(&mut Reader<'a, true>) -> Decoded<P>,
        mut of: impl FnMut(T) -> Option<R>,
    ) -> Option<R> {
        let mut elements = self.iter();
        loop {
            if let Rest::Wire(reader, count) = &mut elements.0 {
                while *count > 0 && !T::REFERS && !begins(reader) {
                    pass(reader).ok()?;
                    *count = count.saturating_sub(1);
                }
            }
            if let Some(found) = of(elements.next()?) {
                return Some(found);
            }
        }
    }
}

/// What is remembered of the elements of a list while it is read, and who is told of each.
struct Held<S> {
    bits: u32,
    seen: S,
}

impl<S> Held<S> {
    #[inline(always)]
    fn read<'a, T: Decode<View<'a> = T>, const AGAIN: bool>(
        &mut self,
        reader: &mut Reader<'a, AGAIN>,
    ) -> Decoded<()>
    where
        S: FnMut(T),
    {
        let element = element::<T, AGAIN>(reader)?;
        self.bits |= T::alternative(&element);
        (self.seen)(element);
        Ok(())
    }
}

/// Reads one, which is named here where it breaks a rule.
#[inline(always)]
fn element<'a, T: Decode, const AGAIN: bool>(
    reader: &mut Reader<'a, AGAIN>,
) -> Decoded<T::View<'a>> {
    told(T::FRAME, T::read(reader))
}

/// A place in memory.
fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// Reads elements up to the end of `reader` into a vector.
///
/// # Errors
/// As [`List::read_to_end`].
#[cfg(feature = "alloc")]
pub fn collect_to_end<'a, T: Decode, O: From<T::View<'a>>, const AGAIN: bool>(
    reader: &mut Reader<'a, AGAIN>,
    max: usize,
) -> Result<Vec<O>, Invalid> {
    let mut elements = Vec::new();
    let another = |reader: &Reader<'a, AGAIN>| !reader.is_empty();
    run(reader, max, another, |reader| {
        elements.push(O::from(element::<T, AGAIN>(reader)?));
        Ok(())
    })?;
    Ok(elements)
}

/// Reads so many elements into a vector, which grows with what is there and not with `count`.
///
/// # Errors
/// As [`List::read_counted`].
#[cfg(feature = "alloc")]
pub fn collect_counted<'a, T: Decode, O: From<T::View<'a>>, const AGAIN: bool>(
    reader: &mut Reader<'a, AGAIN>,
    count: u64,
    max: usize,
) -> Result<Vec<O>, Invalid> {
    let mut elements = Vec::new();
    counted(reader, count, max, |reader| {
        elements.push(O::from(element::<T, AGAIN>(reader)?));
        Ok(())
    })?;
    Ok(elements)
}

/// The elements of a [`List`], in order.
#[derive(Clone)]
pub struct Iter<'a, T>(Rest<'a, T>);

#[derive(Clone)]
enum Rest<'a, T> {
    Wire(Reader<'a, true>, usize),
    Items(core::slice::Iter<'a, T>),
    Text(Lines<'a>),
}

impl<'a, T: Decode<View<'a> = T> + Clone> Iterator for Iter<'a, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        match &mut self.0 {
            Rest::Wire(reader, count) => {
                *count = count.checked_sub(1)?;
                if T::REFERS
                    && let Some(offset) = T::jump(reader)
                {
                    *reader = led::<T>(*reader, offset)?;
                }
                T::read_again(reader)
            }
            Rest::Items(items) => items.next().cloned(),
            Rest::Text(lines) => T::from_text(lines.next()?),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = match &self.0 {
            Rest::Wire(_, count) => *count,
            Rest::Items(items) => items.len(),
            Rest::Text(lines) => lines.clone().count(),
        };
        (count, Some(count))
    }
}

/// Where the next element is, if what stood in its place led to `offset`.
#[cold]
fn led<'a, T: Decode>(
    mut reader: Reader<'a, true>,
    offset: Decoded<u64>,
) -> Option<Reader<'a, true>> {
    let mut next = Some(offset);
    while let Some(offset) = next {
        reader = reader.elsewhere(offset.ok()?, 0).ok()?;
        next = T::jump(&mut reader);
    }
    Some(reader)
}

impl<'a, T: Decode<View<'a> = T> + Clone> ExactSizeIterator for Iter<'a, T> {}

impl<'a, T: Decode<View<'a> = T> + Clone> IntoIterator for List<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T: Decode<View<'a> = T> + Clone> IntoIterator for &List<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T> From<&'a [T]> for List<'a, T> {
    fn from(items: &'a [T]) -> List<'a, T> {
        List(Form::Items(items))
    }
}

#[cfg(feature = "alloc")]
impl<'a, T> From<&'a Vec<T>> for List<'a, T> {
    fn from(items: &'a Vec<T>) -> List<'a, T> {
        List(Form::Items(items))
    }
}

impl<'a, T, const N: usize> From<&'a [T; N]> for List<'a, T> {
    fn from(items: &'a [T; N]) -> List<'a, T> {
        List(Form::Items(items))
    }
}

impl<'a, T: Decode + From<&'a str>> From<&'a str> for List<'a, T> {
    /// An element for each line of the text.
    fn from(text: &'a str) -> List<'a, T> {
        List(Form::Text(text))
    }
}

impl<T> Default for List<'_, T> {
    fn default() -> Self {
        List(Form::Items(&[]))
    }
}

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<'_, T> {}

impl<T> Clone for Form<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Form<'_, T> {}

impl<'a, T: Decode<View<'a> = T> + Clone + fmt::Debug> fmt::Debug for List<'a, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: Decode<View<'a> = T> + Clone + PartialEq> PartialEq for List<'a, T> {
    fn eq(&self, other: &List<'a, T>) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T: Decode<View<'a> = T> + Clone + Eq> Eq for List<'a, T> {}
