//! What passes over a frame or its elements.

use core::fmt;

use super::{Measured, Ruler};
use crate::scan::Delimiter;

/// Passes over a frame, or a part of it; what follows it as its elements is left.
#[derive(Clone, Copy)]
pub struct Node(pub(super) Way);

#[derive(Clone, Copy)]
pub(super) enum Way {
    /// A function, in generated code; what interprets a description knows more than its type does.
    Pass(&'static Pass),
    Delimited(&'static Delimited),
}

pub(super) type Pass = dyn Fn(&mut Ruler<'_>) -> Measured<Children> + Send + Sync;

impl Node {
    /// What is passed over so.
    #[must_use]
    pub const fn new(pass: &'static Pass) -> Node {
        Node(Way::Pass(pass))
    }

    /// What ends with a delimiter, and is not looked into.
    #[must_use]
    pub const fn delimited(of: &'static Delimited) -> Node {
        Node(Way::Delimited(of))
    }
}

/// A frame that ends with a delimiter.
#[derive(Debug)]
pub struct Delimited {
    pub(super) frame: &'static str,
    pub(super) delimiter: &'static Delimiter,
    pub(super) max: usize,
}

impl Delimited {
    /// A frame called `frame`, of at most `max` bytes with its delimiter.
    #[must_use]
    pub const fn new(frame: &'static str, delimiter: &'static Delimiter, max: usize) -> Delimited {
        Delimited { frame, delimiter, max }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Node")
    }
}

/// Elements that follow what was passed over, and end it.
#[derive(Clone, Copy, Debug)]
pub struct Children {
    pub(super) count: u64,
    pub(super) node: Option<Node>,
    pub(super) until: Option<&'static [u8]>,
}

impl Children {
    /// It ended by itself.
    pub const NONE: Children = Children { count: 0, node: None, until: None };

    /// So many elements follow.
    #[must_use]
    pub fn of(count: u64, node: Node) -> Children {
        Children { count, node: Some(node), until: None }
    }

    /// Elements follow, at most so many, and then the literal.
    #[must_use]
    pub fn until(literal: &'static [u8], max: u64, node: Node) -> Children {
        Children { count: max, node: Some(node), until: Some(literal) }
    }
}
