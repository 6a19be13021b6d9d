//! What is heard of a conversation: both sides, or one alone.

use framer_interpret::{Alone, Left, Protocol, Seen, Tap};
use framer_runtime::protocol::Role;

/// How many bytes of a direction may wait to be told; twice the longest frame is granted.
const INPUT_BYTES: usize = 1 << 20;

/// One or both.
pub(super) enum Heard {
    Both(Box<Tap>),
    One(Box<Alone>),
}

impl Heard {
    /// Both sides; or one alone, where it is named.
    pub(super) fn new(protocol: &'static Protocol, alone: Option<Role>) -> Heard {
        match alone {
            Some(role) => Heard::One(Box::new(Alone::new(protocol, INPUT_BYTES, role))),
            None => Heard::Both(Box::new(Tap::new(protocol, INPUT_BYTES))),
        }
    }

    /// Whether a role is heard.
    pub(super) fn hears(&self, role: Role) -> bool {
        match self {
            Heard::Both(_) => true,
            Heard::One(alone) => alone.from() == role,
        }
    }

    /// Takes in bytes, and looks for ends in them; how many there was room for. Those of a side that is not
    /// heard are forgotten.
    pub(super) fn receive(&mut self, from: Role, bytes: &[u8]) -> usize {
        match self {
            Heard::Both(tap) => {
                let taken = tap.receive(from, bytes);
                tap.left(from);
                taken
            }
            Heard::One(alone) if alone.from() == from => alone.receive(bytes),
            Heard::One(_) => bytes.len(),
        }
    }

    /// What a datagram is.
    pub(super) fn datagram<'h>(&'h mut self, from: Role, bytes: &'h [u8]) -> Option<Seen<'h>> {
        match self {
            Heard::Both(tap) => tap.datagram(from, bytes),
            Heard::One(_) => None,
        }
    }

    /// Nothing more will come of what is heard.
    pub(super) fn ended(&mut self) {
        if let Heard::One(alone) = self {
            alone.ended();
        }
    }

    pub(super) fn poll(&mut self) -> Option<Seen<'_>> {
        match self {
            Heard::Both(tap) => tap.poll(),
            Heard::One(alone) => alone.poll(),
        }
    }

    /// What has come of a role and is not whole.
    pub(super) fn left(&mut self, from: Role) -> Option<Left> {
        match self {
            Heard::Both(tap) => tap.left(from),
            Heard::One(alone) if alone.from() == from => alone.left(),
            Heard::One(_) => None,
        }
    }

    pub(super) fn closed(&self) -> bool {
        match self {
            Heard::Both(tap) => tap.closed(),
            Heard::One(alone) => alone.closed(),
        }
    }

    /// The conversation goes on in another protocol.
    pub(super) fn continue_with(self, protocol: &'static Protocol) -> Heard {
        match self {
            Heard::Both(tap) => Heard::Both(Box::new(tap.continue_with(protocol, INPUT_BYTES))),
            Heard::One(alone) => Heard::One(Box::new(alone.continue_with(protocol, INPUT_BYTES))),
        }
    }
}
