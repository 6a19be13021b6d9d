//! The same bytes, right and wrong, read here and by an implementation that others have written:
//! both take them as the same, or there is a reason that is written down in `tests/README.md`.
//!
//! `FRAMER_TWIN_CHANGES` says how many changed inputs there are of each.

mod cobs;
mod dns;
mod http1;
mod mqtt;
mod resp;
mod smtp;
mod websocket;

use std::collections::BTreeMap;

use framer_tests::bundled;
use framer_tests::twin::Changes;

/// How many changed inputs there are of each, unless the environment says so.
const CHANGES: u64 = 400;

/// Where the reasons are written down.
const WRITTEN: &str = include_str!("../../README.md");

fn changes() -> u64 {
    let number = std::env::var("FRAMER_TWIN_CHANGES").ok();
    number.map_or(CHANGES, |number| number.parse().expect("FRAMER_TWIN_CHANGES is a number"))
}

/// Each of these, and each with up to four changes, so many times.
fn changed(seeds: &[Vec<u8>]) -> impl Iterator<Item = Vec<u8>> {
    let all = (0_u64..).zip(seeds).flat_map(|(place, seed)| {
        (0..changes()).map(move |change| {
            let mut bytes = seed.clone();
            let mut source = Changes::of(place * changes() + change);
            for _ in 0..change.min(1 + change % 4) {
                source.bytes(&mut bytes);
            }
            bytes
        })
    });
    all.into_iter()
}

/// The frames of a protocol's conversations that are of this type.
fn frames(protocol: &str, ty: &str) -> Vec<Vec<u8>> {
    let frames = bundled::named(protocol).frames().iter().filter(|(name, _)| *name == ty);
    frames.map(|(_, bytes)| bytes.clone()).collect()
}

/// What came of the comparison.
#[derive(Debug, Default)]
struct Compared {
    /// Taken as the same by both.
    taken: u64,
    /// Refused by both.
    refused: u64,
    /// Why the others are not.
    reasons: BTreeMap<&'static str, u64>,
}

impl Compared {
    /// Compares what both take some bytes for, as a text in the same words; `reason` tells from
    /// the bytes why they may differ.
    fn add(
        &mut self,
        input: &[u8],
        ours: Option<String>,
        theirs: Option<String>,
        reason: impl FnOnce() -> Option<&'static str>,
    ) {
        match (&ours, &theirs) {
            (None, None) => self.refused += 1,
            (Some(ours), Some(theirs)) if ours == theirs => self.taken += 1,
            _ => {
                let reason = reason().unwrap_or_else(|| {
                    panic!("`{}`: {ours:?}, but {theirs:?}", input.escape_ascii())
                });
                *self.reasons.entry(reason).or_default() += 1;
            }
        }
    }

    /// Both have taken some and refused some, and every reason is written down.
    fn finish(&self) {
        println!("{self:?}");
        assert!(self.taken > 100 && self.refused > 100, "{self:?}");
        for reason in self.reasons.keys() {
            assert!(WRITTEN.contains(reason), "`{reason}` is not in tests/README.md");
        }
    }
}
