//! What is kept, and until when.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

/// What a key stands for.
#[derive(Debug)]
pub(super) enum Data {
    Text(Vec<u8>),
    List(VecDeque<Vec<u8>>),
    Set(HashSet<Vec<u8>>),
    Hash(HashMap<Vec<u8>, Vec<u8>>),
    /// By score, as bits that sort like the number.
    Sorted(BTreeSet<(i64, Vec<u8>)>),
}

#[derive(Debug)]
struct Entry {
    data: Data,
    expires: Option<Instant>,
}

/// Everything that is kept.
#[derive(Debug, Default)]
pub struct Store {
    entries: HashMap<Vec<u8>, Entry>,
}

impl Store {
    /// What the key stands for, if it has not expired.
    pub(super) fn get(&mut self, key: &[u8]) -> Option<&mut Data> {
        self.drop_expired(key);
        self.entries.get_mut(key).map(|entry| &mut entry.data)
    }

    /// The same, made by `new` where there is nothing.
    pub(super) fn entry(&mut self, key: &[u8], new: impl FnOnce() -> Data) -> &mut Data {
        self.drop_expired(key);
        let entry = || Entry { data: new(), expires: None };
        &mut self.entries.entry(key.to_vec()).or_insert_with(entry).data
    }

    /// Sets a text, for ever or for a while.
    pub(super) fn set(&mut self, key: &[u8], text: &[u8], lasts: Option<Duration>) {
        let expires = lasts.and_then(|lasts| Instant::now().checked_add(lasts));
        self.entries.insert(key.to_vec(), Entry { data: Data::Text(text.to_vec()), expires });
    }

    /// Lets a key expire; whether there is one.
    pub(super) fn expire(&mut self, key: &[u8], lasts: Duration) -> bool {
        self.drop_expired(key);
        let Some(entry) = self.entries.get_mut(key) else { return false };
        entry.expires = Instant::now().checked_add(lasts);
        true
    }

    /// How long a key will be there; `None` without it, `Some(None)` if it does not expire.
    pub(super) fn lasts(&mut self, key: &[u8]) -> Option<Option<Duration>> {
        self.drop_expired(key);
        let entry = self.entries.get(key)?;
        Some(entry.expires.map(|expires| expires.saturating_duration_since(Instant::now())))
    }

    /// Takes a key out; whether it was there.
    pub(super) fn remove(&mut self, key: &[u8]) -> bool {
        self.drop_expired(key);
        self.entries.remove(key).is_some()
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Takes everything out.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    fn drop_expired(&mut self, key: &[u8]) {
        let expires = self.entries.get(key).and_then(|entry| entry.expires);
        if expires.is_some_and(|expires| expires <= Instant::now()) {
            self.entries.remove(key);
        }
    }
}
