//! The same description in the two ways that need a file: built, and inline in a macro; and the
//! examples of the papers.

use std::path::PathBuf;

fn main() {
    framer_build::compile("../protocols/smtp.frame");
    framer_build::compile("inside.frame");
    framer_build::compile("imports.frame");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let text = std::fs::read_to_string("../protocols/smtp.frame").expect("the description");
    // An inner doc comment is an attribute of what it stands in: inside braces of a macro it
    // is not one of rustc's own.
    let inline = format!("framer_runtime::framer! {{\n{text}\n}}\n");
    std::fs::write(out.join("inline.rs"), inline).expect("OUT_DIR is writable");
    std::fs::write(out.join("reference.rs"), reference()).expect("OUT_DIR is writable");
}

/// The examples of the language reference and of the tutorial, each in a module of its own.
fn reference() -> String {
    let mut modules = String::new();
    for (path, name) in [("../docs/language.md", "example"), ("../docs/tutorial.md", "tutorial")] {
        println!("cargo::rerun-if-changed={path}");
        let text = std::fs::read_to_string(path).expect("the paper");
        let examples = text.split("```frame\n").skip(1);
        let examples = examples.filter_map(|rest| rest.split("```").next());
        for (number, example) in examples.enumerate() {
            // In the macro a path is relative to the crate.
            let example = example.replace("import \"", "import \"../protocols/");
            let header = format!("/// Example {number} of `{path}`.");
            modules += &format!(
                "{header}\npub mod {name}_{number} {{\nframer_runtime::framer! {{\n{example}\n}}\n}}\n"
            );
        }
    }
    modules
}
