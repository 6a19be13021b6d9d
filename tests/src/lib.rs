//! What the tests share: recorded conversations, both roles replaying them, and one description
//! compiled in three ways.

pub mod conversation;
pub mod replay;
pub mod small;
pub mod ways_in;
