//! What is fuzzed holds for everything that was kept, and for what is made of it in a moment.
//!
//! `FRAMER_TWIN_CHANGES` says how many changed inputs of each target there are.

use framer_tests::targets::{self, Target};
use framer_tests::twin::Changes;

/// How many changed inputs there are of each target, unless the environment says so.
const CHANGES: u64 = 300;

/// The longest that is changed: a whole description takes long in a build for tests.
const LONGEST: usize = 2000;

fn changes() -> u64 {
    let number = std::env::var("FRAMER_TWIN_CHANGES").ok();
    number.map_or(CHANGES, |number| number.parse().expect("FRAMER_TWIN_CHANGES is a number"))
}

/// The inputs of a target that were kept.
fn kept(target: &str) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(targets::kept(target)).expect("the corpus");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).expect("an input")).collect()
}

fn hold(name: &str) {
    let Target { name, run } = targets::ALL.into_iter().find(|of| of.name == name).expect("it is");
    let mut inputs = kept(name);
    inputs.iter().for_each(|input| run(input));
    inputs.extend(targets::seeds(name));
    inputs.retain(|input| input.len() <= LONGEST);
    let changed = if inputs.is_empty() { 0 } else { changes() };
    for seed in 0..changed {
        let mut source = Changes::of(seed);
        let mut input = inputs[source.below(inputs.len())].clone();
        for _ in 0..=source.below(4) {
            source.bytes(&mut input);
        }
        run(&input);
    }
}

#[test]
fn descriptions() {
    hold("description");
}

#[test]
fn frames() {
    hold("recoding");
}

#[test]
fn streams() {
    hold("cutting");
}

#[test]
fn conversations() {
    hold("conversation");
}

#[test]
fn sessions() {
    hold("session");
    // What both sides try to say is as good by chance.
    for seed in 0..20 * changes() {
        let mut source = Changes::of(seed);
        let length = source.below(200);
        let input = (0..length).map(|_| u8::try_from(source.below(256)).unwrap_or_default());
        targets::session(&input.collect::<Vec<u8>>());
    }
}
