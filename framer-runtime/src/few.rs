//! A few values: on the heap, or without the feature `alloc` in places of which there are as many
//! as the description needs.

#[cfg(feature = "alloc")]
mod heap {
    /// Values that come and go at any place; `PLACES` is how many there are at most.
    pub(crate) type Queue<T, const PLACES: usize> = alloc::collections::VecDeque<T>;

    /// Values of which the last goes first; `PLACES` is how many there are at most.
    pub(crate) type Stack<T, const PLACES: usize> = alloc::vec::Vec<T>;

    /// A value that few have: elsewhere, whoever has none has no room for it.
    pub(crate) type Rare<T> = alloc::boxed::Box<T>;

    /// Whether there is no place for another one.
    pub(crate) const fn is_full<T>(_stack: &Stack<T, 0>) -> bool {
        false
    }
}

#[cfg(not(feature = "alloc"))]
mod rare {
    use core::ops::{Deref, DerefMut};

    /// A value that few have.
    #[derive(Clone, Debug)]
    pub(crate) struct Rare<T>(T);

    impl<T> Rare<T> {
        pub(crate) const fn new(value: T) -> Rare<T> {
            Rare(value)
        }
    }

    impl<T> Deref for Rare<T> {
        type Target = T;

        fn deref(&self) -> &T {
            &self.0
        }
    }

    impl<T> DerefMut for Rare<T> {
        fn deref_mut(&mut self) -> &mut T {
            &mut self.0
        }
    }
}

#[cfg(feature = "alloc")]
pub(crate) use heap::{Queue, Rare, Stack, is_full};

#[cfg(not(feature = "alloc"))]
pub(crate) use {
    places::{Places as Queue, Places as Stack, is_full},
    rare::Rare,
};

#[cfg(any(test, not(feature = "alloc")))]
#[cfg_attr(feature = "alloc", allow(dead_code, reason = "it is tested with `alloc`, too"))]
mod places {
    /// Values in places, the first ones taken. It can what is asked of the types of the heap.
    #[derive(Clone, Debug)]
    pub(crate) struct Places<T, const PLACES: usize> {
        places: [Option<T>; PLACES],
        len: usize,
    }

    /// Whether there is no place for another one.
    pub(crate) const fn is_full<T, const PLACES: usize>(places: &Places<T, PLACES>) -> bool {
        places.len == PLACES
    }

    impl<T, const PLACES: usize> Default for Places<T, PLACES> {
        fn default() -> Places<T, PLACES> {
            Places { places: [const { None }; PLACES], len: 0 }
        }
    }

    impl<T: Copy, const PLACES: usize> Places<T, PLACES> {
        pub(crate) const fn len(&self) -> usize {
            self.len
        }

        pub(crate) const fn is_empty(&self) -> bool {
            self.len == 0
        }

        pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
            self.places.iter().flatten()
        }

        pub(crate) fn get(&self, place: usize) -> Option<&T> {
            self.places.get(place)?.as_ref()
        }

        pub(crate) fn last(&self) -> Option<&T> {
            self.get(self.len.checked_sub(1)?)
        }

        pub(crate) fn last_mut(&mut self) -> Option<&mut T> {
            self.places.get_mut(self.len.checked_sub(1)?)?.as_mut()
        }

        /// The compiler has proven that there is a place.
        pub(crate) fn push(&mut self, value: T) {
            debug_assert!(self.len < PLACES, "more than the description has places for");
            if let Some(place) = self.places.get_mut(self.len) {
                *place = Some(value);
                self.len = self.len.saturating_add(1);
            }
        }

        pub(crate) fn push_back(&mut self, value: T) {
            self.push(value);
        }

        pub(crate) fn pop(&mut self) -> Option<T> {
            self.remove(self.len.checked_sub(1)?)
        }

        pub(crate) fn remove(&mut self, place: usize) -> Option<T> {
            let behind = self.places.get_mut(place..self.len)?;
            let removed = behind.first_mut()?.take();
            behind.rotate_left(1);
            self.len = self.len.saturating_sub(1);
            removed
        }

        pub(crate) fn front(&self) -> Option<&T> {
            self.get(0)
        }

        pub(crate) fn pop_front(&mut self) -> Option<T> {
            self.remove(0)
        }

        pub(crate) fn clear(&mut self) {
            *self = Places::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::places::{Places, is_full};

    #[test]
    fn it_can_what_the_heap_can() {
        let (mut places, mut heap) = (Places::<u32, 5>::default(), Vec::new());
        let mut full = 0;
        for step in 0..1000_u32 {
            match step * 7 % 11 {
                0..=5 if !is_full(&places) => {
                    places.push_back(step);
                    heap.push(step);
                }
                6 => assert_eq!(places.pop(), heap.pop()),
                10 if !heap.is_empty() => assert_eq!(places.pop_front(), Some(heap.remove(0))),
                7 if step % 13 == 0 => {
                    places.clear();
                    heap.clear();
                }
                other => {
                    let place = usize::try_from(other % 4).unwrap();
                    let removed = (place < heap.len()).then(|| heap.remove(place));
                    assert_eq!(places.remove(place), removed);
                }
            }
            assert_eq!(places.last_mut(), heap.last_mut());
            if let Some(last) = places.last_mut() {
                *last += 1;
                *heap.last_mut().unwrap() += 1;
            }
            assert_eq!(is_full(&places), heap.len() == 5);
            full += u32::from(heap.len() == 5);
            assert!(places.iter().eq(&heap));
            assert_eq!((places.len(), places.is_empty()), (heap.len(), heap.is_empty()));
            assert_eq!((places.front(), places.last()), (heap.first(), heap.last()));
        }
        assert!(full > 100, "it was full {full} times");
    }
}
