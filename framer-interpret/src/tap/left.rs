//! What has come of a direction and was not told.

use framer_runtime::machine::Machine as _;
use framer_runtime::protocol::Role;

use super::{Tap, place};

/// What a direction stands inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The frame that is due, by its name.
    pub frame: &'static str,
    /// Its first byte that was not told, counted from the beginning of the direction.
    pub start: u64,
    /// How many bytes of it are there.
    pub have: u64,
    /// How many more it takes at least; `None` where what is there waits for the other side.
    pub need: Option<u64>,
}

impl Tap {
    /// What a role has said that is not whole, or waits for the other side; `None` where its bytes
    /// end behind a frame, a rule was broken, or the session is over.
    ///
    /// ```
    /// use framer_dsl::Sources;
    /// use framer_interpret::{Description, Left, Tap};
    /// use framer_runtime::protocol::Role;
    ///
    /// let text = r#"
    ///     frame Block { size: u8 = len(data), data: bytes [size] }
    ///     protocol Blocks over stream {
    ///         roles client, server;
    ///         client speaks Block;
    ///         server speaks Block;
    ///         state Open { client Block => stay; server Block => stay; }
    ///     }
    /// "#;
    /// let description = Description::load(&Sources::new("blocks.frame", text)).expect("it compiles");
    /// let mut tap = Tap::new(&description.protocols()[0], 1024);
    /// tap.receive(Role::First, b"\x05ab");
    /// let left = Left { frame: "Block", start: 0, have: 3, need: Some(3) };
    /// assert_eq!(tap.left(Role::First), Some(left));
    /// tap.receive(Role::First, b"cde");
    /// assert!(tap.poll().is_some());
    /// assert_eq!(tap.left(Role::First), None);
    /// ```
    pub fn left(&mut self, from: Role) -> Option<Left> {
        self.sides[place(from)].left()
    }

    /// Whether the session is over.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.sides[0].half.engine().session().closed()
    }
}
