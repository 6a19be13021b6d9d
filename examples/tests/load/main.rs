//! The servers under load and in trouble, as processes of their own over the loopback: what was
//! accepted is there, and what has ended leaves nothing.
//!
//! `FRAMER_CONNECTIONS=10000 cargo test --release --test load -- --test-threads=1` has so many
//! connections at once, and `FRAMER_SEEDS=20` so many rounds of them. `FRAMER_SEED=17` is one round
//! again: what clients do then is the same, and when they do it is for the system to say.

mod descriptors;
mod disk;
mod floods;
mod killed;
mod letters;
mod memory;
mod server;
mod troubled;
mod waves;

use std::io::Write as _;

/// How many connections an ordinary run has at once.
const CONNECTIONS: u64 = 200;

/// Descriptors that are for something else than connections.
const OTHERS: u64 = 200;

/// How many connections there are at once: as many as asked for, or as the system lets one process
/// have.
fn connections() -> u64 {
    let asked = std::env::var("FRAMER_CONNECTIONS").map_or(CONNECTIONS, |value| {
        value.parse().unwrap_or_else(|_| panic!("FRAMER_CONNECTIONS: `{value}` is no number"))
    });
    let limits = std::fs::read_to_string("/proc/self/limits").expect("the limits");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("the line");
    let limit = line.split_whitespace().nth(3).and_then(|number| number.parse().ok());
    let most = limit.unwrap_or(u64::MAX).saturating_sub(OTHERS);
    if asked > most {
        skipped(&format!("{} connections, for want of descriptors", asked - most));
    }
    asked.min(most)
}

/// Tells what is not tested here, to whoever runs the tests: what is printed by `eprintln` would be
/// kept from them.
fn skipped(what: &str) {
    // Who has closed the standard error does not want to know.
    let _ = writeln!(std::io::stderr(), "skipped: {what}");
}
