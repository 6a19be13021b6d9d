//! Each rule of these descriptions is one that something said to them needs: without it, a conversation or
//! an attack of `hostile` is read otherwise. What nothing shows is explained in `mutants.txt`.
//!
//! Every so many are tried; `FRAMER_MUTANTS=all cargo test --release --test mutants` tries all of them, and with
//! `-- --nocapture` tells how many are noticed.

use std::collections::BTreeMap;

use framer_tests::bundled;
use framer_tests::mutants::{Fate, Original};

/// One of so many is tried, unless the environment says that all are.
const OF: usize = 16;

/// The changes that nothing shows, each with the reason; by the protocol.
fn explained(protocol: &str) -> BTreeMap<&'static str, &'static str> {
    let text = include_str!("../mutants.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut explained = BTreeMap::new();
    let mut of = "";
    for line in lines {
        match line.split_once(" -- ") {
            None => of = line,
            Some((what, why)) if of == protocol => drop(explained.insert(what.trim(), why)),
            Some(_) => {}
        }
    }
    explained
}

fn noticed(name: &str) {
    let all = std::env::var("FRAMER_MUTANTS").is_ok_and(|which| which == "all");
    let original = Original::of(bundled::named(name));
    let mut explained = explained(name);
    let changes = original.changes();
    assert!(changes.len() > 20, "{} changes of {name}", changes.len());
    let mut of = BTreeMap::new();
    let mut wrong = Vec::new();
    for change in changes {
        let why = explained.remove(change.what.as_str());
        if !all && !sum(&change.what).is_multiple_of(OF) {
            continue;
        }
        let fate = original.with(&change);
        if (fate == Fate::Unnoticed) != why.is_some() {
            wrong.push(format!("{}: {fate:?}, explained as {why:?}", change.what));
        }
        let fate = match fate {
            Fate::Noticed(_) => "noticed",
            Fate::Refused => "do not compile",
            Fate::Same => "mean the same",
            Fate::Unnoticed => "left",
        };
        *of.entry(fate).or_insert(0) += 1;
    }
    assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    assert!(explained.is_empty(), "{name}: there are no such changes: {explained:#?}");
    println!("{name}: {of:?}");
}

/// What a change is chosen by, whatever is changed elsewhere.
fn sum(what: &str) -> usize {
    what.bytes().fold(7, |sum, byte| (sum * 31 + usize::from(byte)) % 9973)
}

#[test]
fn smtp() {
    noticed("smtp");
}

#[test]
fn http1() {
    noticed("http1");
}

#[test]
fn websocket() {
    noticed("websocket");
}

#[test]
fn mqtt() {
    noticed("mqtt");
}

#[test]
fn nats() {
    noticed("nats");
}

#[test]
fn memcached() {
    noticed("memcached");
}

#[test]
fn modbus() {
    noticed("modbus");
}
