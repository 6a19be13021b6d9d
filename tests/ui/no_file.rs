//! The description is not there.

framer_runtime::framer!("ui/missing.frame");

fn main() {}
