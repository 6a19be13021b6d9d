//! What was found out of types, so that it is found out once: a type that many others hold would
//! be looked into as often as there are ways to it.
//!
//! A model is not changed any more once something of this was asked.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use super::{ByteSet, Ends, Model, Size, TypeId};
use crate::cycles::components;

/// The bytes that something can begin with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct First {
    pub bytes: ByteSet,
    /// Whether it can be nothing at all.
    pub empty: bool,
    /// Whether it can be nothing where its region ends.
    pub ends: bool,
}

impl First {
    /// One of these bytes.
    pub(crate) fn of(bytes: ByteSet) -> First {
        First { bytes, empty: false, ends: false }
    }

    /// The same, or nothing, if so.
    pub(crate) fn or_nothing(self, empty: bool) -> First {
        First { empty: self.empty || empty, ..self }
    }

    /// Either.
    pub(crate) fn or(self, other: First) -> First {
        First {
            bytes: self.bytes.union(other.bytes),
            empty: self.empty || other.empty,
            ends: self.ends || other.ends,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Memo {
    groups: OnceCell<BTreeMap<TypeId, usize>>,
    pub(super) sizes: Known<Option<Size>>,
    pub(super) ends: Known<Ends>,
    pub(super) words: Known<bool>,
    pub(crate) firsts: Known<First>,
    pub(crate) greedy: Known<ByteSet>,
    pub(crate) endless: Known<bool>,
}

/// What is known of types.
#[derive(Clone, Debug)]
pub(crate) struct Known<T>(RefCell<BTreeMap<TypeId, T>>);

impl<T> Default for Known<T> {
    fn default() -> Known<T> {
        Known(RefCell::default())
    }
}

impl<T: Clone> Known<T> {
    /// What is known of a type, or is found out.
    pub(crate) fn of(&self, ty: TypeId, find: impl FnOnce() -> T) -> T {
        let known = self.0.borrow().get(&ty).cloned();
        known.unwrap_or_else(|| {
            let found = find();
            self.0.borrow_mut().insert(ty, found.clone());
            found
        })
    }
}

impl Model {
    /// Where each type leads: the types that it is made of, by their places in `order`, as often
    /// as it holds them.
    #[must_use]
    pub(crate) fn ways(&self) -> Vec<Vec<usize>> {
        let places: BTreeMap<TypeId, usize> =
            self.order.iter().enumerate().map(|(place, ty)| (*ty, place)).collect();
        let parts = self.order.iter().map(|ty| self.parts(*ty));
        parts
            .map(|parts| parts.iter().filter_map(|part| places.get(part).copied()).collect())
            .collect()
    }

    /// Whether what is found of a type depends on none of those it is looked at in: none of them
    /// is contained in it again.
    pub(super) fn is_apart(&self, ty: TypeId, open: &[TypeId]) -> bool {
        let groups = self.memo.groups.get_or_init(|| {
            let groups = components(&self.ways()).into_iter().enumerate();
            groups
                .flat_map(|(group, places)| places.into_iter().map(move |place| (place, group)))
                .map(|(place, group)| (self.order[place], group))
                .collect()
        });
        let group = groups.get(&ty);
        group.is_none() || !open.iter().any(|of| groups.get(of) == group)
    }
}
