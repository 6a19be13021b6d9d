//! Descriptions that went wrong: the compiler answers with mistakes or with Rust, and never
//! otherwise.

use std::path::Path;

use framer_dsl::diagnostic::render;
use framer_dsl::source::Source;
use framer_dsl::{Options, Sources, compile};
use proptest::collection::vec;
use proptest::prelude::*;

/// Descriptions as they are.
const WHOLE: &[&str] = &[
    include_str!("../../protocols/dns.frame"),
    include_str!("../../protocols/framers.frame"),
    include_str!("../../protocols/http1.frame"),
    include_str!("../../protocols/imap.frame"),
    include_str!("../../protocols/memcached.frame"),
    include_str!("../../protocols/modbus.frame"),
    include_str!("../../protocols/mqtt.frame"),
    include_str!("../../protocols/nats.frame"),
    include_str!("../../protocols/nmea.frame"),
    include_str!("../../protocols/packetstream.frame"),
    include_str!("../../protocols/pop3.frame"),
    include_str!("../../protocols/proxy.frame"),
    include_str!("../../protocols/resp.frame"),
    include_str!("../../protocols/smtp.frame"),
    include_str!("../../protocols/tftp.frame"),
    include_str!("../../protocols/tinyproto.frame"),
    include_str!("../../protocols/websocket.frame"),
];

/// Texts that hold some, each between these lines.
const HOLDING: [(&str, &str, &str); 3] = [
    (include_str!("../src/small.rs"), "framer_runtime::framer! {", "\n    }\n"),
    (include_str!("../src/binary.rs"), "framer_runtime::framer! {", "\n}\n"),
    (include_str!("../../docs/language.md"), "```frame\n", "```"),
];

/// The words, spaces and signs of a description.
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
    let held = HOLDING.iter().flat_map(|(text, begin, end)| {
        let texts = text.split(begin).skip(1);
        // The path of the runtime is no part of a description.
        texts.filter_map(move |rest| rest.split(end).next()).map(|text| match text.trim_start() {
            text if text.starts_with("crate") => {
                text.split_once(';').map_or(text, |(_, rest)| rest)
            }
            text => text,
        })
    });
    WHOLE.iter().copied().chain(held).map(words).collect()
}

/// A description whose imports are bundled ones.
fn sources(text: String) -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols");
    Sources::load(Source::new("own.frame", text), |path| {
        std::fs::read_to_string(root.join(path.file_name().unwrap_or_default()))
    })
}

#[test]
fn they_compile_as_they_are() {
    for words in descriptions() {
        let sources = sources(words.concat());
        if let Err(diagnostics) = compile(&sources, &Options::default()) {
            panic!("{}", render(&sources, &diagnostics, false));
        }
    }
}

proptest! {
    #[test]
    fn every_text_is_answered(
        which: prop::sample::Index,
        changes in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3_u8), 1..5),
    ) {
        let mut all = descriptions();
        let mut words = all.swap_remove(which.index(all.len()));
        for (one, other, what) in changes {
            let (one, other) = (one.index(words.len()), other.index(words.len()));
            match what {
                0 => words[one] = String::new(),
                1 => words.swap(one, other),
                _ => words[one] = words[other].clone(),
            }
        }
        let text = words.concat();
        let sources = sources(text.clone());
        match compile(&sources, &Options::default()) {
            Ok(tokens) => {
                let code = tokens.to_string();
                if let Err(error) = syn::parse2::<syn::File>(tokens) {
                    prop_assert!(false, "{error} in {code}\nof {text}");
                }
            }
            Err(diagnostics) => {
                prop_assert!(!diagnostics.is_empty());
                prop_assert!(!render(&sources, &diagnostics, false).is_empty());
            }
        }
    }
}
