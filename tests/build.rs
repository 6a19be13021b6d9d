//! The same description in the two ways that need a file: built, and inline in a macro; and the
//! examples of the papers.

use std::path::PathBuf;

use framer_dsl::Sources;
use framer_dsl::ir::{TypeKind, Values, ValuesKind};
use framer_dsl::source::Source;

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
    let (reference, mut types) = reference();
    std::fs::write(out.join("reference.rs"), reference).expect("OUT_DIR is writable");
    types.extend(bundled());
    let types = format!("pub const ALL: &[super::Types] = &[{}];\n", types.concat());
    let types = format!("/// All of them, by the description.\n{types}");
    std::fs::write(out.join("types.rs"), types).expect("OUT_DIR is writable");
}

/// The examples of the language reference and of the tutorial, each in a module of its own, and the
/// tables of their types.
fn reference() -> (String, Vec<String>) {
    let mut modules = String::new();
    let mut tables = Vec::new();
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
            let module = format!("crate::reference::{name}_{number}");
            let source = Source::new("example.frame", &*example);
            let sources = Sources::load(source, |path| std::fs::read_to_string(path));
            tables.push(types(&sources, &format!("{name}_{number}"), None, &example, &module));
        }
    }
    (modules, tables)
}

/// The tables of the types of the bundled descriptions, and of one more.
fn bundled() -> Vec<String> {
    let directory = std::fs::read_dir("../protocols").expect("the descriptions");
    let mut files: Vec<PathBuf> = directory.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "frame"));
    files.sort();
    let mut tables = Vec::new();
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let sources = Sources::open(&file).expect("the description");
        let path = file.display().to_string();
        // One protocol is a module by itself.
        let ir = framer_dsl::analyze(&sources).expect("it compiles");
        let module = match ir.machines.len() {
            1 => "framer_protocols".to_owned(),
            _ => format!("framer_protocols::{name}"),
        };
        tables.push(types(&sources, &name, Some(&path), "", &module));
    }
    let sources = Sources::open("inside.frame").expect("the description");
    tables.push(types(&sources, "inside", Some("inside.frame"), "", "crate::inside"));
    tables
}

/// The table of the types of a description that stand by themselves, which are in `module`.
fn types(sources: &Sources, name: &str, file: Option<&str>, text: &str, module: &str) -> String {
    let ir = framer_dsl::analyze(sources).expect("it compiles");
    let module = match ir.machines.as_slice() {
        [machine] => format!("{module}::{}", machine.name.to_lowercase()),
        _ => module.to_owned(),
    };
    let alone = ir.types.iter().filter(|ty| {
        ty.params.is_empty()
            && match &ty.kind {
                TypeKind::Record(record) => record.hoisted.is_empty(),
                TypeKind::Choice(_) => true,
                TypeKind::Values(Values { kind: ValuesKind::Numbers { int, .. } }) => {
                    int.bits % 8 == 0
                }
                TypeKind::Values(_) => true,
                TypeKind::Stream | TypeKind::External(_) => false,
            }
    });
    let rows: Vec<String> = alone
        .map(|ty| {
            let lifetime = if ty.borrows { "<'static>" } else { "" };
            let path = format!("{module}::{}{lifetime}", ty.name);
            let cut = match ty.cut {
                Some(_) => format!("Some(super::compiled_cut::<{path}>)"),
                None => "None".to_owned(),
            };
            format!(
                "super::Ty {{ name: {:?}, compiled: super::compiled::<{path}>, cut: {cut} }},",
                ty.name
            )
        })
        .collect();
    let rows = rows.concat();
    format!(
        "super::Types {{ name: {name:?}, file: {file:?}, text: {text:?}, types: &[{rows}] }},\n"
    )
}
