//! The long form of each code: its bad example raises this code alone, its good one nothing.

use framer_dsl::diagnostic::{Code, render};
use framer_dsl::{Sources, diagnose};

/// The example behind the fence of its kind.
fn example<'t>(text: &'t str, kind: &str) -> &'t str {
    let fence = format!("```frame {kind}\n");
    let (_, behind) = text.split_once(&fence).unwrap_or_else(|| panic!("no {kind} one: {text}"));
    behind.split_once("```").map_or(behind, |(example, _)| example)
}

#[test]
fn the_examples_are_what_they_are_said_to_be() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let text = code.explanation();
        let (title, _) = text.split_once('\n').unwrap_or_default();
        if !title.starts_with(&format!("# {}: ", code.as_str())) {
            wrong.push(format!("`{title}` is not the title of {}", code.as_str()));
        }
        let bad = Sources::new("bad.frame", example(text, "bad"));
        let found = diagnose(&bad);
        if found.is_empty() || found.iter().any(|one| one.code != *code) {
            let rendered = render(&bad, &found, false);
            wrong.push(format!("the bad example of {}:\n{rendered}", code.as_str()));
        }
        let good = Sources::new("good.frame", example(text, "good"));
        let found = diagnose(&good);
        if !found.is_empty() {
            let rendered = render(&good, &found, false);
            wrong.push(format!("the good example of {}:\n{rendered}", code.as_str()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_is_printed_is_a_code_again() {
    for code in Code::ALL {
        assert_eq!(Code::named(code.as_str()), Some(*code));
    }
    assert_eq!(Code::named("F9999"), None);
}
