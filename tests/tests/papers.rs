//! What the papers show of descriptions is true.

use std::path::Path;

use framer_dsl::diagnostic::{Code, render};
use framer_dsl::source::Source;
use framer_dsl::{Options, compile};

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
        let source = Source::new("docs/language.md", text.as_str());
        if let Err(diagnostics) = compile(&source, &Options::default()) {
            panic!("{text}\n{}", render(&source, &diagnostics, false));
        }
    }
    // What is read but not compiled yet says so, and nothing else.
    let later = blocks(&reference, "```frame later");
    assert!(later.len() >= 3, "{} examples", later.len());
    for text in later {
        let source = Source::new("docs/language.md", text.as_str());
        let Err(diagnostics) = compile(&source, &Options::default()) else {
            panic!("compiled: {text}");
        };
        for diagnostic in &diagnostics {
            let rendered = render(&source, &diagnostics, false);
            assert_eq!(diagnostic.code, Code::Unsupported, "{text}\n{rendered}");
        }
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
