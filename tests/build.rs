//! The same description in the two ways that need a file: built, and inline in a macro.

use std::path::PathBuf;

fn main() {
    framer_build::compile("../protocols/smtp.frame");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let text = std::fs::read_to_string("../protocols/smtp.frame").expect("the description");
    // An inner doc comment is an attribute of what it stands in: inside braces of a macro it
    // is not one of rustc's own.
    let inline = format!("framer_runtime::framer! {{\n{text}\n}}\n");
    std::fs::write(out.join("inline.rs"), inline).expect("OUT_DIR is writable");
}
