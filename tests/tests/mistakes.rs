//! A mistake in a description is reported once, where it was made.

use std::path::Path;

#[test]
fn one_mistake_is_one_error() {
    // The programs are compiled in a crate of their own, to whose Cargo.toml paths are relative.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let place = target.join("tests/trybuild/framer-tests/ui");
    std::fs::create_dir_all(&place).expect("a directory");
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    for description in ["wrong.frame", "words.frame"] {
        std::fs::copy(ui.join(description), place.join(description)).expect("a file");
    }
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
