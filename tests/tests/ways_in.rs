//! A description gives the same code by path, inline and from a build script.
//!
//! The modules are in `framer_tests::ways_in`.

use std::path::Path;
use std::process::Command;

use framer_dsl::{Options, Sources, compile};
use framer_tests::ways_in::{built, by_path, inline};

/// What rustc makes of a module of `framer_tests::ways_in`.
fn module<'e>(items: &'e [syn::Item], name: &str) -> &'e [syn::Item] {
    let found = items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == name => module.content.as_ref(),
        _ => None,
    });
    &found.unwrap_or_else(|| panic!("no module {name}")).1
}

/// The formatted `mod smtp` among items, without what the macro adds around it.
fn smtp(items: &[syn::Item]) -> String {
    let module = items.iter().find(|item| matches!(item, syn::Item::Mod(_))).expect("mod smtp");
    let file = syn::parse2(quote::quote!(#module)).expect("Rust");
    prettyplease::unparse(&file)
}

#[test]
fn the_three_ways_give_the_same_code() {
    let output = Command::new(env!("CARGO"))
        .args(["rustc", "--quiet", "--offline", "--package", "framer-tests"])
        .args(["--lib", "--profile", "check", "--", "-Zunpretty=expanded"])
        // The expansion is a view for developers of the compiler; nothing else depends on it.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("expanded"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("rustc writes UTF-8");
    let expanded = syn::parse_file(&text).expect("rustc writes Rust");
    let expanded = module(&expanded.items, "ways_in");
    let built = smtp(module(expanded, "built"));
    assert!(built.lines().count() > 2000, "{} lines", built.lines().count());
    for way in ["by_path", "inline"] {
        let code = smtp(module(expanded, way));
        let differs = code.lines().zip(built.lines()).find(|(one, other)| one != other);
        assert_eq!(differs, None, "{way} differs from what the build script writes");
        assert_eq!(code.len(), built.len());
    }
}

#[test]
fn the_golden_file_is_what_is_generated() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("../protocols/smtp.frame");
    let sources = Sources::new("smtp.frame", std::fs::read_to_string(path).expect("a text"));
    let tokens = compile(&sources, &Options::default()).expect("a right description");
    let file = syn::parse2(tokens).expect("Rust");
    let code = prettyplease::unparse(&file);
    let golden = root.join("golden/smtp.rs");
    if std::env::var_os("FRAMER_BLESS").is_some() {
        std::fs::write(&golden, &code).expect("the golden file is written");
    }
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    let differs = code.lines().zip(expected.lines()).find(|(one, other)| one != other);
    assert_eq!(differs, None, "FRAMER_BLESS=1 writes the golden file anew");
    assert_eq!(code.len(), expected.len());
    assert_eq!(framer_tests::ways_in::BUILT, code, "what the build script writes");
}

#[test]
fn the_three_ways_run_alike() {
    let tables = [
        format!("{:?}", by_path::smtp::PROTOCOL),
        format!("{:?}", inline::smtp::PROTOCOL),
        format!("{:?}", built::smtp::PROTOCOL),
    ];
    // The one function in the table has an address of its own each time.
    let [by_path, inline, built] = tables.map(|table| {
        let parts: Vec<&str> = table.split("last: ").collect();
        let [before, behind] = parts.as_slice() else { panic!("{table}") };
        format!("{before}{}", behind.split_once(' ').map_or("", |(_, rest)| rest))
    });
    assert_eq!(by_path, built);
    assert_eq!(inline, built);
}
