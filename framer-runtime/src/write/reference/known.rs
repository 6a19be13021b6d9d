//! Where lists stand that were written, by a hash of their bytes.

#[cfg(feature = "alloc")]
use alloc::collections::BTreeMap;

/// How many are remembered without the feature `alloc`: what comes later is written again.
#[cfg(not(feature = "alloc"))]
const PLACES: usize = 16;

/// Where lists stand, or what is left of one.
#[derive(Debug)]
pub(super) struct Known {
    // None before the first, so that a frame without such lists has nothing to drop.
    #[cfg(feature = "alloc")]
    places: Option<BTreeMap<u64, usize>>,
    #[cfg(not(feature = "alloc"))]
    places: [Option<(u64, usize)>; PLACES],
}

#[cfg(feature = "alloc")]
impl Known {
    pub(super) const fn new() -> Known {
        Known { places: None }
    }

    pub(super) fn get(&self, hash: u64) -> Option<usize> {
        self.places.as_ref()?.get(&hash).copied()
    }

    pub(super) fn insert(&mut self, hash: u64, place: usize) {
        self.places.get_or_insert_default().insert(hash, place);
    }
}

#[cfg(not(feature = "alloc"))]
impl Known {
    pub(super) const fn new() -> Known {
        Known { places: [None; PLACES] }
    }

    pub(super) fn get(&self, hash: u64) -> Option<usize> {
        let mut places = self.places.iter().flatten();
        places.find(|(known, _)| *known == hash).map(|(_, place)| *place)
    }

    pub(super) fn insert(&mut self, hash: u64, place: usize) {
        if let Some(free) = self.places.iter_mut().find(|place| place.is_none()) {
            *free = Some((hash, place));
        }
    }
}
