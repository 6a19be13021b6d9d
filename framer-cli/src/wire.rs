//! What is on the wire, told to people and to programs.

pub(crate) mod choice;
pub(crate) mod conversation;
pub(crate) mod event;
pub(crate) mod files;
pub(crate) mod frames;
mod heard;
pub(crate) mod output;
mod people;
pub(crate) mod pieces;
pub(crate) mod values;
