//! The command, run at the root of the workspace, and what it printed before.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs `framer` with this on its standard input.
pub(crate) fn framer(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_framer"))
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command begins");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    child.wait_with_output().expect("the command ends")
}

/// What it printed.
pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("a text")
}

/// The names of the bundled descriptions, in order.
pub(crate) fn bundled() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("protocols")).expect("the folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> =
        names.filter_map(|name| Some(name.to_str()?.strip_suffix(".frame")?.to_owned())).collect();
    names.sort();
    assert!(names.len() >= 15, "{names:?}");
    names
}

/// What was printed is what the file says; `FRAMER_BLESS=1` in the environment writes it anew.
pub(crate) fn golden(name: &str, printed: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("FRAMER_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        std::fs::write(&path, printed).expect("it is written");
    } else {
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(before, printed, "{name}: `FRAMER_BLESS=1` writes it anew");
    }
}
