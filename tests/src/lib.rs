//! What the tests share: recorded conversations, and both roles replaying them.

pub mod conversation;
pub mod replay;
