//! What the targets begin with, beside what was kept.

use std::path::Path;

use super::conversation;
use super::recoding::typed;
use crate::bundled;
use crate::conversation as recorded;

/// The first inputs of a target: descriptions, right and wrong, and recorded conversations.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "description" => descriptions(),
        "recoding" => frames(),
        "cutting" => streams(),
        "conversation" => conversations(),
        _ => Vec::new(),
    }
}

/// Those that are bundled, and one for each mistake.
fn descriptions() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for directory in ["../protocols", "../framer-dsl/tests/ui"] {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
        let entries = std::fs::read_dir(directory).expect("descriptions");
        let files = entries.map(|entry| entry.expect("an entry").path());
        let files = files.filter(|file| file.extension().is_some_and(|of| of == "frame"));
        let mut files: Vec<_> = files.collect();
        files.sort();
        seeds.extend(files.iter().map(|file| std::fs::read(file).expect("a text")));
    }
    seeds
}

/// Each frame of a conversation, behind the place of its type.
fn frames() -> Vec<Vec<u8>> {
    let mut seeds =
        of_types(|head, frames| frames.iter().map(|frame| [&head[..], frame].concat()).collect());
    seeds.sort();
    seeds.dedup();
    seeds
}

/// All frames of a type, one behind the other.
fn streams() -> Vec<Vec<u8>> {
    of_types(|head, frames| vec![[&head[..], &[7], &frames.concat()].concat()])
}

/// What is made of the place of a spoken type and all frames of it.
fn of_types(seeds: impl Fn([u8; 2], &[&[u8]]) -> Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for of in &bundled::ALL {
        let places = (0_u16..).zip(typed()).filter(|(_, typed)| typed.of == of.description());
        for (place, typed) in places {
            let own = of.frames().iter().filter(|(name, _)| *name == typed.ty.name);
            let own: Vec<&[u8]> = own.map(|(_, bytes)| bytes.as_slice()).collect();
            if !own.is_empty() {
                all.extend(seeds(place.to_be_bytes(), &own));
            }
        }
    }
    all
}

/// Each behind the place of its protocol.
fn conversations() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (place, of) in (0_u8..).zip(&bundled::ALL) {
        for (_, lines) in recorded::of(of.name) {
            seeds.push([&[place, 7][..], &conversation::bytes(&lines)].concat());
        }
    }
    seeds
}
