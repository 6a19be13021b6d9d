//! The compiler on the bundled descriptions, beside how long it may take.

use std::fs;
use std::path::Path;
use std::time::Duration;

use framer_dsl::{Options, Sources};

use crate::harness::{Case, Group, Kind, Tally};

/// SMTP, checked.
pub(crate) fn check_smtp() -> Group<'static> {
    let all = descriptions(|name| name == "smtp.frame");
    group("C1", "smtp.frame, checked", all, Duration::from_millis(50), check)
}

/// All that is bundled, checked.
pub(crate) fn check_all() -> Group<'static> {
    let all = descriptions(|_| true);
    group("C2", "all bundled descriptions, checked", all, Duration::from_secs(2), check)
}

/// All that is bundled, as Rust.
pub(crate) fn expand_all() -> Group<'static> {
    let all = descriptions(|_| true);
    group("C3", "all bundled descriptions, expanded to Rust", all, Duration::from_secs(2), expand)
}

fn group(
    work: &'static str,
    title: &'static str,
    all: Vec<Sources>,
    goal: Duration,
    run: fn(&Sources) -> usize,
) -> Group<'static> {
    let bytes = all.iter().map(|sources| sources.root().text().len()).sum();
    let case = Case::new("framer-dsl", Kind::Ours, move || {
        let mut tally = Tally::default();
        for sources in &all {
            tally.number(run(sources) as u64);
            tally.frame();
        }
        tally
    });
    Group { work, title, bytes, goal: Some(goal), cases: vec![case] }
}

/// The bundled descriptions whose files are called so, in the order of their names.
///
/// # Panics
/// If they cannot be read.
fn descriptions(wanted: fn(&str) -> bool) -> Vec<Sources> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols");
    let entries = fs::read_dir(folder).expect("the folder of the bundled descriptions");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.ends_with(".frame") && wanted(name)
    });
    paths.sort();
    paths.iter().map(|path| Sources::open(path).expect("a description")).collect()
}

/// How many types it has.
fn check(sources: &Sources) -> usize {
    framer_dsl::analyze(sources).expect("a description without a mistake").types.len()
}

/// How many tokens it becomes.
fn expand(sources: &Sources) -> usize {
    let tokens = framer_dsl::compile(sources, &Options::default());
    tokens.expect("a description without a mistake").into_iter().count()
}
