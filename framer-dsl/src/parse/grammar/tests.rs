//! The table is that of `grammar.pest`, and texts are read by it as by the parser that pest
//! derives.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use pest::iterators::Pairs;
use pest::{Parser as _, RuleType};
use pest_meta::ast::RuleType as Kind;
use pest_meta::optimizer::{OptimizedExpr, OptimizedRule, optimize};
use pest_meta::parser;
use proptest::prelude::*;

use super::Rule;
use super::rules::RULES;

/// The parser that pest derives.
mod derived {
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar.pest"]
    pub(super) struct Grammar;
}

/// What the file of the table begins with.
const HEAD: &str = "\
//! `grammar.pest` as a table: `FRAMER_BLESS=1 cargo test -p framer-dsl --lib table_is` writes it.

use super::Expr::{self, *};
use super::Kind;
";

/// What stands in the grammar.
fn grammar() -> Vec<OptimizedRule> {
    let text = include_str!("../../grammar.pest");
    let pairs = parser::parse(parser::Rule::grammar_rules, text).unwrap();
    optimize(parser::consume_rules(pairs).unwrap())
}

/// The file of the table.
fn table() -> String {
    let rules = grammar();
    let mut text = HEAD.to_owned();
    text += "\n/// The rules, in the order of the grammar.\n\
             #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = \"the grammar's\")]\n\
             #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]\n\
             pub(crate) enum Rule {\n";
    for rule in &rules {
        writeln!(text, "    {},", rule.name).unwrap();
    }
    text += "    /// The end of the text.\n    EOI,\n}\n\n\
             /// What each of them stands for; of `EOI` pest knows it.\n";
    writeln!(text, "pub(super) static RULES: [(Rule, Kind, Expr); {}] = [", rules.len()).unwrap();
    for rule in &rules {
        let kind = match rule.ty {
            Kind::Normal => "Normal",
            Kind::Silent => "Silent",
            Kind::Atomic => "Atomic",
            Kind::CompoundAtomic | Kind::NonAtomic => panic!("{}: no such kind is read", rule.name),
        };
        writeln!(text, "    (Rule::{}, Kind::{kind}, {}),", rule.name, expr(&rule.expr)).unwrap();
    }
    text + "];\n"
}

/// An expression as Rust.
fn expr(one: &OptimizedExpr) -> String {
    type E = OptimizedExpr;
    match one {
        E::Str(text) => format!("Str({text:?})"),
        E::Range(first, last) => {
            let [first, last] = [first, last].map(|one| one.parse::<char>().unwrap());
            format!("Range({first:?}, {last:?})")
        }
        E::Ident(name) => builtin(name),
        E::Seq(first, rest) => {
            let next = |rest: &E| match rest {
                E::Seq(first, rest) => Some((first.clone(), rest.clone())),
                _ => None,
            };
            format!("Seq(&[{}])", flat(first, rest, next))
        }
        E::Choice(first, rest) => {
            let next = |rest: &E| match rest {
                E::Choice(first, rest) => Some((first.clone(), rest.clone())),
                _ => None,
            };
            format!("Choice(&[{}])", flat(first, rest, next))
        }
        E::Opt(inner) => format!("Opt(&{})", expr(inner)),
        E::Rep(inner) => format!("Rep(&{})", expr(inner)),
        E::NegPred(inner) => format!("Not(&{})", expr(inner)),
        E::Push(inner) => format!("Push(&{})", expr(inner)),
        E::RestoreOnErr(inner) => format!("Restore(&{})", expr(inner)),
        E::Skip(ends) => format!("Until(&{ends:?})"),
        E::Insens(_) | E::PosPred(_) | E::PeekSlice(..) => panic!("{one:?} is not read"),
    }
}

/// A rule by its name, pest's own among them.
fn builtin(name: &str) -> String {
    match name {
        "ANY" => "Any",
        "SOI" => "Start",
        "DROP" => "Drop",
        "ASCII_DIGIT" => "Range('0', '9')",
        "ASCII_ALPHA" => "Choice(&[Range('a', 'z'), Range('A', 'Z')])",
        "ASCII_ALPHANUMERIC" => "Choice(&[Range('a', 'z'), Range('A', 'Z'), Range('0', '9')])",
        name => return format!("Is(Rule::{name})"),
    }
    .to_owned()
}

/// What hangs one in another, as a list.
fn flat(
    first: &OptimizedExpr,
    rest: &OptimizedExpr,
    next: impl Fn(&OptimizedExpr) -> Option<(Box<OptimizedExpr>, Box<OptimizedExpr>)>,
) -> String {
    let mut all = vec![expr(first)];
    let mut rest = rest.clone();
    while let Some((first, behind)) = next(&rest) {
        all.push(expr(&first));
        rest = *behind;
    }
    all.push(expr(&rest));
    all.join(", ")
}

#[test]
fn table_is_of_the_grammar() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/parse/grammar/rules.rs");
    if std::env::var_os("FRAMER_BLESS").is_some() {
        fs::write(&place, table()).unwrap();
    }
    let kept = fs::read_to_string(place).unwrap();
    assert!(kept == table(), "FRAMER_BLESS=1 writes it anew");
}

/// What was read, or where it does not go on, and what could stand there.
fn told<R: RuleType>(read: Result<Pairs<'_, R>, pest::error::Error<R>>) -> String {
    match read {
        Ok(pairs) => format!("{pairs:#?}"),
        Err(error) => format!("{:?} {:?}", error.location, error.variant),
    }
}

/// Asserts that both read a text alike, by the rule of that place in the grammar.
fn assert_alike(place: usize, text: &str) {
    let theirs = derived::Rule::all_rules()[place];
    let (rule, ..) = RULES[place];
    assert_eq!(format!("{rule:?}"), format!("{theirs:?}"));
    let ours = told(super::parse(rule, text).map_err(|error| *error));
    assert_eq!(ours, told(derived::Grammar::parse(theirs, text)), "{rule:?} of {text}");
}

/// The bundled descriptions, and all that are tried in `tests/ui`, wrong as they are.
fn texts() -> Vec<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [here.join("../protocols"), here.join("tests/ui")];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut places: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    places.retain(|place| place.extension().is_some_and(|extension| extension == "frame"));
    places.sort();
    let texts: Vec<_> = places.iter().filter_map(|place| fs::read_to_string(place).ok()).collect();
    assert!(texts.len() > 100, "{}", texts.len());
    texts
}

#[test]
fn items_are_read_alike() {
    for text in texts() {
        assert_alike(Rule::tokens as usize, &text);
        for (start, _) in text.match_indices('\n') {
            assert_alike(Rule::item as usize, &text[start..]);
        }
    }
}

/// A part of a text with a few changes, and a rule to read it by.
fn changed() -> impl Strategy<Value = (usize, String)> {
    let change = (any::<prop::sample::Index>(), "[ -~\n]{0,3}");
    let changes = prop::collection::vec(change, 0..3);
    let text = prop::sample::select(texts());
    (0..RULES.len(), text, any::<prop::sample::Index>(), changes).prop_map(
        |(rule, text, start, changes)| {
            let mut chars: Vec<_> = text.chars().chain(['\n']).collect();
            chars.drain(..start.index(chars.len()));
            for (place, put) in changes {
                let place = place.index(chars.len());
                chars.splice(place..=place, put.chars());
                chars.push('\n');
            }
            (rule, chars.into_iter().collect())
        },
    )
}

proptest! {
    #[test]
    fn any_rule_reads_alike((rule, text) in changed()) {
        assert_alike(rule, &text);
    }
}
