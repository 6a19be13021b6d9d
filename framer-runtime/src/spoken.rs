//! Frames as the rules of a protocol see them.

use crate::protocol::{Key, KindId, Role, Said};

/// A frame or choice of frames as the rules of a protocol see it. Generated.
pub trait Spoken {
    /// What the rules tell it apart by, when `role` says it.
    fn kind(&self, role: Role) -> KindId;

    /// The value of its `by` field, 0 where it has none.
    fn value(&self) -> u64 {
        0
    }

    /// What pairs it with its reply, where the protocol pairs by a field and it has it.
    fn key(&self) -> Option<Key> {
        None
    }

    /// All of it that rules and arms look at, but for what they ask about numbers.
    fn said(&self, role: Role) -> Said {
        Said { kind: self.kind(role), value: self.value(), key: self.key(), tests: 0 }
    }

    /// What an effect needs of its fields, by the place in the description.
    fn site(&self, _site: u8) -> u64 {
        0
    }
}
