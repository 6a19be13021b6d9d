//! The two engines, compiled and interpreted, see the same: of every bundled protocol, both roles,
//! every conversation whole, byte by byte and in every cut, and of changed ones.
//!
//! `FRAMER_TWIN_CHANGES` says how many changed conversations of each there are.

use framer_tests::bundled::Bundled;
use framer_tests::conversation;
use framer_tests::twin::{Changes, interpreted};

/// How many changed conversations there are of each, unless the environment says so.
const CHANGES: u64 = 60;

fn changes() -> u64 {
    let number = std::env::var("FRAMER_TWIN_CHANGES").ok();
    number.map_or(CHANGES, |number| number.parse().expect("FRAMER_TWIN_CHANGES is a number"))
}

/// Holds both engines against each other over every conversation; all frames that came in them.
fn hold(of: &Bundled) -> Vec<(&'static str, Vec<u8>)> {
    let mut frames = Vec::new();
    for (name, lines) in conversation::of(of.name) {
        let whole = of.run(&lines, &|_, bytes| vec![bytes]);
        assert!(!whole.frames.is_empty(), "{}/{name}: {:?}", of.name, whole.seen);
        for seed in 0..changes() {
            let mut source = Changes::of(seed);
            let changed = source.lines(&lines);
            let source = std::cell::RefCell::new(source);
            let _ = of.run(&changed, &|_, bytes| source.borrow_mut().pieces(bytes));
        }
        frames.extend(whole.frames);
    }
    frames
}

/// Frames are decoded and encoded alike, and so are changed ones.
fn recode(of: &Bundled, frames: &[(&str, Vec<u8>)]) {
    for (name, _) in of.types {
        assert!(frames.iter().any(|(spoken, _)| spoken == name), "no conversation has {name}");
    }
    let description = of.protocol().description();
    for (place, (name, bytes)) in frames.iter().enumerate() {
        let compiled = of.types.iter().find(|(known, _)| known == name);
        let (_, compiled) = compiled.unwrap_or_else(|| panic!("{name} is spoken"));
        let mut source = Changes::of(place as u64 + 1);
        let mut bytes = bytes.clone();
        for change in 0..=changes() {
            let shown = bytes.escape_ascii();
            assert_eq!(interpreted(description, name, &bytes), compiled(&bytes), "{name}: {shown}");
            if change % 3 == 0 {
                bytes.clone_from(&frames[place].1);
            }
            source.bytes(&mut bytes);
        }
    }
}

fn alike(of: &Bundled) {
    recode(of, &hold(of));
}

framer_tests::each_bundled!(alike);
