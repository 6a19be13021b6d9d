//! What the papers show of descriptions is true.

use std::path::Path;

use framer_dsl::diagnostic::{Code, render};
use framer_dsl::source::Source;
use framer_dsl::{Options, Sources, compile};
use framer_runtime::frame::Frame;
use framer_tests::frames::encoded;
use framer_tests::reference::tutorial_0::supply;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The blocks between fences that begin with `fence`.
fn blocks(text: &str, fence: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == fence {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(block.join("\n"));
        }
    }
    blocks
}

#[test]
fn the_readme_shows_lines_of_smtp_frame() {
    let (readme, description) = (read("README.md"), read("protocols/smtp.frame"));
    let known: Vec<&str> = description.lines().map(str::trim).collect();
    let blocks = blocks(&readme, "```frame");
    assert_eq!(blocks.len(), 1);
    for line in blocks[0].lines().map(str::trim).filter(|line| *line != "...") {
        assert!(known.contains(&line), "{line}");
    }
}

#[test]
fn the_reference_shows_what_compiles() {
    let reference = read("docs/language.md");
    let whole = blocks(&reference, "```frame");
    assert!(whole.len() >= 6, "{} examples", whole.len());
    for text in whole {
        // What an example imports is one of the bundled descriptions.
        let source = Source::new("docs/language.md", text.as_str()).based_at("protocols");
        let sources = Sources::load(source, |path| Ok(read(&path.display().to_string())));
        if let Err(diagnostics) = compile(&sources, &Options::default()) {
            panic!("{text}\n{}", render(&sources, &diagnostics, false));
        }
    }
    // What is read but not compiled yet says so, and nothing else.
    let later = blocks(&reference, "```frame later");
    for text in later {
        let sources = Sources::new("docs/language.md", text.as_str());
        let Err(diagnostics) = compile(&sources, &Options::default()) else {
            panic!("compiled: {text}");
        };
        for diagnostic in &diagnostics {
            let rendered = render(&sources, &diagnostics, false);
            assert_eq!(diagnostic.code, Code::Unsupported, "{text}\n{rendered}");
        }
    }
}

/// What is left of a description without its documentation and layout.
fn bare(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let text: String = lines.flat_map(|line| line.chars().filter(|c| !c.is_whitespace())).collect();
    text.replace(",}", "}")
}

#[test]
fn the_tutorial_tells_what_happens() {
    let tutorial = read("docs/tutorial.md");
    let [description] = &blocks(&tutorial, "```frame")[..] else { panic!("one description") };
    // The program is compiled with the same description.
    let hidden: Vec<&str> =
        tutorial.lines().filter_map(|line| line.strip_prefix("# ")).map(str::trim).collect();
    let hidden = hidden.join("\n");
    let (_, hidden) = hidden.split_once("framer! {").expect("the description");
    let (hidden, _) = hidden.split_once("\n}\n}\nuse description").expect("its end");
    assert_eq!(bare(hidden), bare(description));
    // The mistake that is shown is the one that is made.
    let wrong = description.replace("size: u8 = len(command)", "size: u8");
    let sources = Sources::new("supply.frame", wrong.as_str());
    let Err(diagnostics) = compile(&sources, &Options::default()) else { panic!("it compiles") };
    let shown = blocks(&tutorial, "```text").swap_remove(0);
    assert_eq!(render(&sources, &diagnostics, false).trim_end(), shown);
    // So is the violation.
    let failed = supply::Failed::new(supply::Fault::OutOfRange);
    let mut wire = encoded(supply::Reply::new(7, failed));
    wire[5] ^= 1;
    let invalid = supply::Reply::decode(&wire).expect_err("a wrong checksum");
    assert!(tutorial.contains(&invalid.to_string()), "{invalid}");
}

/// Each block of the page stands in the file of tests, in the same order.
#[test]
fn the_page_on_testing_shows_tests_that_run() {
    let page = read("docs/testing.md");
    let tests = read("tests/tests/thermostat.rs");
    let trimmed = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let tests = trimmed(&tests);
    let mut rest = tests.as_str();
    let blocks = [blocks(&page, "```frame"), blocks(&page, "```rust")].concat();
    assert!(blocks.len() >= 8, "{} blocks", blocks.len());
    for block in blocks {
        let Some((_, behind)) = rest.split_once(&trimmed(&block)) else { panic!("{block}") };
        rest = behind;
    }
}

#[test]
fn the_reference_lists_every_code() {
    let reference = read("docs/language.md");
    for code in Code::ALL {
        let row = format!("| {} |", code.as_str());
        assert_eq!(reference.matches(&row).count(), 1, "{row}");
    }
}
