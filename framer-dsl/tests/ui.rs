//! Each mistake has its code, and says what a newcomer needs.
//!
//! `ui/CODE_what.frame` raises `CODE` and no other, rendered as in `ui/CODE_what.stderr`. With
//! `FRAMER_BLESS=1` in the environment the renderings are written instead of compared.
//! `near/CODE_what.frame` is a word away from one of them, and there is nothing to say of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use framer_dsl::diagnostic::{Code, render};
use framer_dsl::source::Source;
use framer_dsl::{Sources, diagnose};

fn fixtures(kind: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(kind);
    let entries = std::fs::read_dir(directory).expect("the fixtures");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut frames: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "frame"))
        .collect();
    frames.sort();
    frames
}

fn sources(path: &Path) -> Sources {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let source = Source::new(name, std::fs::read_to_string(path).expect("a text"));
    Sources::load(source, |beside| std::fs::read_to_string(path.with_file_name("").join(beside)))
}

/// The code in a fixture's name.
fn code(path: &Path) -> &str {
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    name.split('_').next().unwrap_or_default()
}

/// What is wrong with the rendering of a fixture, if something is.
fn compare(path: &Path, rendered: &str) -> Option<String> {
    let expected = path.with_extension("stderr");
    if std::env::var_os("FRAMER_BLESS").is_some() {
        std::fs::write(expected, rendered).expect("the rendering is written");
        return None;
    }
    let alike = std::fs::read_to_string(expected).unwrap_or_default() == rendered;
    (!alike).then(|| format!("{} is rendered otherwise:\n{rendered}", path.display()))
}

#[test]
fn each_fixture_raises_its_code_and_no_other() {
    let mut wrong = Vec::new();
    for path in fixtures("ui") {
        let sources = sources(&path);
        let found = diagnose(&sources);
        if found.is_empty() {
            wrong.push(format!("{} is right", path.display()));
        }
        let others = found.iter().map(|one| one.code.as_str()).filter(|one| *one != code(&path));
        wrong.extend(others.map(|other| format!("{} raises {other}", path.display())));
        wrong.extend(compare(&path, &render(&sources, &found, false)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_nearly_wrong_is_right() {
    let mut wrong = Vec::new();
    for path in fixtures("near") {
        let sources = sources(&path);
        let found = diagnose(&sources);
        if !found.is_empty() {
            wrong.push(render(&sources, &found, false));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_code_has_a_fixture() {
    let fixtures = fixtures("ui");
    let raised: BTreeSet<&str> = fixtures.iter().map(|path| code(path)).collect();
    let known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(raised, known);
    let wrong = fixtures.iter().filter(|path| code(path) != Code::Unsupported.as_str()).count();
    assert!(wrong >= 60, "{wrong} descriptions that are wrong");
}

#[test]
fn each_code_has_a_near_miss() {
    let near = fixtures("near");
    let missed: BTreeSet<&str> = near.iter().map(|path| code(path)).collect();
    let known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(missed, known);
    let wrong: Vec<_> =
        fixtures("ui").iter().map(|path| path.file_name().map(Into::into)).collect();
    let missing = near.iter().map(|path| path.file_name().map(Into::into));
    let missing: Vec<Option<PathBuf>> = missing.filter(|name| !wrong.contains(name)).collect();
    assert!(missing.is_empty(), "near nothing that is wrong: {missing:?}");
}

/// The groups of what the compiler proves or refuses, each with the codes that it comes to.
#[test]
fn each_group_of_checks_has_three_fixtures() {
    let groups: &[(&str, &[Code])] = &[
        ("dispatch", &[Code::Shadowed]),
        ("bounds", &[Code::Unbounded, Code::NoProgress]),
        ("delimiters", &[Code::HoldsDelimiter]),
        ("inverses", &[Code::NotInverse, Code::NotTotal]),
        ("ends", &[Code::Unreachable, Code::Stuck, Code::Unanswered]),
        ("races", &[Code::Race, Code::Crossing, Code::AnyOrder]),
        ("upgrades, one length", &[Code::CarriedOn, Code::NotDerived]),
        ("bits, references, depth", &[Code::BadBits, Code::NotAround, Code::Recursion]),
    ];
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for path in fixtures("ui") {
        *counts.entry(Code::named(code(&path)).map_or("", Code::as_str)).or_default() += 1;
    }
    for (group, codes) in groups {
        let count: usize = codes.iter().filter_map(|code| counts.get(code.as_str())).sum();
        assert!(count >= 3, "{count} of {group}");
    }
}

/// Mistakes that do not depend on each other are all told at once.
#[test]
fn five_mistakes_are_five_messages() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/five.frame");
    let sources = sources(&path);
    let found = diagnose(&sources);
    let wrong = compare(&path, &render(&sources, &found, false));
    assert_eq!(wrong, None);
    let codes: BTreeSet<Code> = found.iter().map(|one| one.code).collect();
    assert_eq!((found.len(), codes.len()), (5, 5));
}
