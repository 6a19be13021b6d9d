//! Descriptions that went wrong: the compiler answers with mistakes or with Rust, and never
//! otherwise.

use framer_dsl::diagnostic::render;
use framer_dsl::source::Source;
use framer_dsl::{Options, compile};
use proptest::collection::vec;
use proptest::prelude::*;

const TEXTS: [&str; 2] =
    [include_str!("../../protocols/smtp.frame"), include_str!("../src/small.rs")];

/// The words, spaces and signs of a description; of the second text, of what its macros hold.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut last = ' ';
    for letter in text.chars() {
        let joins = letter.is_alphanumeric() == last.is_alphanumeric() && letter.is_alphanumeric();
        if !joins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(letter);
        }
        last = letter;
    }
    words
}

fn descriptions() -> Vec<Vec<String>> {
    let inline = TEXTS[1].split("framer_runtime::framer! {").skip(1);
    let inline = inline.filter_map(|rest| rest.split("\n    }\n").next());
    std::iter::once(TEXTS[0]).chain(inline).map(words).collect()
}

proptest! {
    #[test]
    fn every_text_is_answered(
        which in 0..5_usize,
        changes in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3_u8), 1..5),
    ) {
        let mut words = descriptions().swap_remove(which);
        for (one, other, what) in changes {
            let (one, other) = (one.index(words.len()), other.index(words.len()));
            match what {
                0 => words[one] = String::new(),
                1 => words.swap(one, other),
                _ => words[one] = words[other].clone(),
            }
        }
        let text = words.concat();
        let source = Source::new("changed.frame", text.as_str());
        match compile(&source, &Options::default()) {
            Ok(tokens) => {
                let code = tokens.to_string();
                if let Err(error) = syn::parse2::<syn::File>(tokens) {
                    prop_assert!(false, "{error} in {code}\nof {text}");
                }
            }
            Err(diagnostics) => {
                prop_assert!(!diagnostics.is_empty());
                prop_assert!(!render(&source, &diagnostics, false).is_empty());
            }
        }
    }
}
