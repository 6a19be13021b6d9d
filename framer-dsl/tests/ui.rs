//! Each mistake has its code, and says what a newcomer needs.
//!
//! `ui/CODE_what.frame` raises `CODE` and no other, rendered as in `ui/CODE_what.stderr`. With
//! `FRAMER_BLESS=1` in the environment the renderings are written instead of compared.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use framer_dsl::diagnostic::{Code, render};
use framer_dsl::source::Source;
use framer_dsl::{Options, Sources, compile};

fn fixtures() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let entries = std::fs::read_dir(directory).expect("the fixtures");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut frames: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "frame"))
        .collect();
    frames.sort();
    frames
}

/// The code in a fixture's name.
fn code(path: &Path) -> &str {
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    name.split('_').next().unwrap_or_default()
}

#[test]
fn each_fixture_raises_its_code_and_no_other() {
    let bless = std::env::var_os("FRAMER_BLESS").is_some();
    let mut wrong = Vec::new();
    for path in fixtures() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let source = Source::new(&*name, std::fs::read_to_string(&path).expect("a text"));
        let sources = Sources::load(source, |beside| {
            std::fs::read_to_string(path.with_file_name("").join(beside))
        });
        let Err(diagnostics) = compile(&sources, &Options::default()) else {
            wrong.push(format!("{name} compiles"));
            continue;
        };
        for diagnostic in &diagnostics {
            if diagnostic.code.as_str() != code(&path) {
                wrong.push(format!("{name} raises {}", diagnostic.code.as_str()));
            }
        }
        let rendered = render(&sources, &diagnostics, false);
        let expected = path.with_extension("stderr");
        if bless {
            std::fs::write(expected, rendered).expect("the rendering is written");
        } else if std::fs::read_to_string(expected).unwrap_or_default() != rendered {
            wrong.push(format!("{name} is rendered otherwise:\n{rendered}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_code_has_a_fixture() {
    let fixtures = fixtures();
    let raised: BTreeSet<&str> = fixtures.iter().map(|path| code(path)).collect();
    let known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(raised, known);
}
