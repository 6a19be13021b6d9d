//! What is said of a place that the grammar does not allow.

use pest::error::{Error, ErrorVariant};

use super::Reader;
use super::grammar::Rule;
use super::recover::position;
use super::tokens::{ITEM_WORDS, Token, TokenKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// Words that begin what stands in a protocol.
const SECTION_WORDS: &[&str] = &["roles", "pending", "var", "any", "state"];

/// Words that begin a type.
const TYPE_WORDS: &[&str] =
    &["bytes", "ascii", "utf8", "dec", "hex", "flag", "leb128", "base128", "quic"];

/// Words that begin how far something goes.
const EXTENT_WORDS: &[&str] = &["until", "to end", "run", "via"];

impl Reader<'_> {
    /// Reports what pest found in the text from `base` on. `lonely`: a bracket without partner.
    pub(super) fn syntax_error(&mut self, base: usize, error: &Error<Rule>, lonely: Option<usize>) {
        let at = base + position(error);
        let index = self.tokens.index(at);
        let span = self.token_span(index);
        let rules = expected_rules(error);
        let expected = list(&rules);
        let mut diagnostic = match self.unclosed(index) {
            None if self.word_at(index).starts_with("#[") => {
                let message = format!("expected {expected} in an attribute");
                let message = if at > span.start as usize { message } else { no_attribute() };
                Diagnostic::new(Code::Syntax, span, message)
                    .label("an attribute is `#[allow(CODE, \"why\")]`")
            }
            Some((what, end)) => {
                Diagnostic::new(Code::Syntax, span, format!("{what} is not closed"))
                    .label(format!("expected {end} behind it"))
            }
            None => {
                let message = format!("expected {expected}, found {}", self.found(index));
                let label = format!("expected {expected}");
                Diagnostic::new(Code::Syntax, span, message).label(label)
            }
        };
        if let Some(place) = lonely.filter(|&place| place < index) {
            diagnostic = diagnostic.also(self.token_span(place), "this bracket is not closed");
        }
        if let Some(help) = self.help(index, &rules) {
            diagnostic = diagnostic.help(help);
        }
        self.diagnostics.push(diagnostic);
    }

    /// The place of a token; behind the last one it is the end of the text.
    fn token_span(&self, index: usize) -> Span {
        let end = self.tokens.0.last().map_or(0, |last| last.end);
        let (start, end) = self.tokens.0.get(index).map_or((end, end), |at| (at.start, at.end));
        Span { source: self.id, start, end }
    }

    /// What the token leaves open, and what would close it.
    fn unclosed(&self, index: usize) -> Option<(&'static str, &'static str)> {
        let token = self.tokens.0.get(index).filter(|token| token.kind == TokenKind::Broken)?;
        Some(match &self.text[token.range()] {
            text if text.starts_with("/*") => ("a comment", "`*/`"),
            text if text.contains('"') => ("a string", "`\"`"),
            _ => ("a character", "`'`"),
        })
    }

    fn found(&self, index: usize) -> String {
        let Some(token) = self.tokens.0.get(index) else { return "the end of the text".into() };
        let text = &self.text[token.range()];
        match token.kind {
            TokenKind::Doc => "a doc comment".into(),
            _ if text.chars().count() <= 32 => format!("`{text}`"),
            _ => format!("`{}...`", text.chars().take(29).collect::<String>()),
        }
    }

    /// A way out, where it is plain.
    fn help(&self, index: usize, rules: &[Rule]) -> Option<String> {
        let token = self.tokens.0.get(index);
        let before = index.checked_sub(1).and_then(|before| self.tokens.0.get(before));
        let text = token.map_or("", |token| &self.text[token.range()]);
        let attribute = |token: &Token| self.text[token.range()].starts_with('#');
        let is_doc = |token: &Token| token.kind == TokenKind::Doc && !attribute(token);
        let no_docs = || Some("only what has a name is documented with `///`; write `//`".into());
        if token.is_some_and(is_doc) {
            return no_docs();
        }
        if let Some(word) = similar(text, &words(rules)) {
            return Some(format!("perhaps `{word}` is meant"));
        }
        if let Some(word) = before.and_then(|_| self.misspelt(index - 1)) {
            let written = self.word_at(index - 1);
            return Some(format!("perhaps `{word}` is meant in place of `{written}`"));
        }
        if before.is_some_and(is_doc) {
            return no_docs();
        }
        let from = before.map_or(0, |before| before.range().end);
        let to = token.map_or(self.text.len(), |token| token.range().start);
        let new_line = self.text.get(from..to).is_some_and(|gap| gap.contains('\n'));
        if self.word_at(index.saturating_sub(1)) == ".." || text == ".." {
            return Some("ranges hold their end: `..=`".into());
        }
        let mark = [(Rule::p_semi, ";"), (Rule::p_comma, ",")];
        let mark = mark.iter().find(|(rule, _)| rules.contains(rule)).map(|(_, mark)| mark)?;
        let before = (index > 0).then(|| self.word_at(index - 1))?;
        if matches!((text, *mark), (";", ",") | (",", ";")) {
            return Some(format!("write `{mark}` in place of `{text}`"));
        }
        let starts = token.is_some_and(|token| {
            matches!(token.kind, TokenKind::Name | TokenKind::String) && *mark == ","
        });
        (new_line || starts).then(|| format!("perhaps a `{mark}` is missing behind `{before}`"))
    }

    fn word_at(&self, index: usize) -> &str {
        self.tokens.0.get(index).map_or("", |token| &self.text[token.range()])
    }

    /// The keyword that the token is nearly, if it begins something.
    fn misspelt(&self, index: usize) -> Option<String> {
        let text = self.word_at(index);
        let begins = match index.checked_sub(1).and_then(|before| self.tokens.0.get(before)) {
            Some(before) if before.kind == TokenKind::Doc => true,
            Some(_) => matches!(self.word_at(index - 1), ";" | "}" | "{"),
            None => true,
        };
        let word = similar(text, SECTION_WORDS)?;
        (begins && text.len() >= 3).then_some(word)
    }
}

/// Where no attribute may stand.
fn no_attribute() -> String {
    "an attribute stands before what has a name, or before a rule".to_owned()
}

/// What pest would have taken, in the grammar's order.
fn expected_rules(error: &Error<Rule>) -> Vec<Rule> {
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else { return Vec::new() };
    let mut rules: Vec<_> = positives.iter().copied().filter(|rule| !before_all(*rule)).collect();
    // Behind documentation pest names the words of all items, one by one.
    if rules.contains(&Rule::kw_import) && rules.contains(&Rule::kw_protocol) {
        rules = vec![Rule::item];
    }
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// What may stand before anything, and is not what was missed.
fn before_all(rule: Rule) -> bool {
    matches!(rule, Rule::doc | Rule::docs | Rule::allow | Rule::p_attribute)
}

/// `a`, `b` or `c`
fn list(rules: &[Rule]) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in rules.iter().map(|&rule| readable(rule)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.split_last() {
        None => "something else".into(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} or {last}", first.join(", ")),
    }
}

/// A rule as the author of a description knows it.
fn readable(rule: Rule) -> String {
    let debug = format!("{rule:?}");
    if let Some(word) = debug.strip_prefix("kw_") {
        return format!("`{word}`");
    }
    let plain = match rule {
        Rule::p_attribute => "`#[`",
        Rule::p_semi => "`;`",
        Rule::p_comma => "`,`",
        Rule::p_colon => "`:`",
        Rule::p_question => "`?`",
        Rule::p_dot => "`.`",
        Rule::p_dotdot => "`..`",
        Rule::p_dotdoteq | Rule::range_rest => "`..=`",
        Rule::p_eq => "`=`",
        Rule::p_more => "`+=`",
        Rule::p_fewer => "`-=`",
        Rule::p_arrow => "`=>`",
        Rule::p_both => "`<=>`",
        Rule::p_decode => "`<=`",
        Rule::p_pipe => "`|`",
        Rule::p_minus => "`-`",
        Rule::p_lparen | Rule::params | Rule::args => "`(`",
        Rule::p_rparen => "`)`",
        Rule::p_lbracket | Rule::length | Rule::digits => "`[`",
        Rule::p_rbracket => "`]`",
        Rule::p_lbrace | Rule::body | Rule::bit_body | Rule::transitions | Rule::effects => "`{`",
        Rule::p_rbrace => "`}`",
        Rule::EOI => "the end of the text",
        other => described(other),
    };
    plain.to_owned()
}

/// Rules that are more than one token.
fn described(rule: Rule) -> &'static str {
    match rule {
        Rule::item => "an item (`frame`, `enum`, `protocol`, ...)",
        Rule::name => "a name",
        Rule::number => "a number",
        Rule::string => "a string",
        Rule::character | Rule::byte => "a character or number",
        Rule::literal => "a literal",
        Rule::class_union | Rule::class_term | Rule::class_atom => "a set of bytes",
        Rule::member => "a field",
        Rule::field => "a field",
        Rule::stream => "`stream`",
        Rule::require => "`require`",
        Rule::variant => "a variant",
        Rule::variant_value | Rule::derived | Rule::untyped => "`=`",
        Rule::typed | Rule::repr => "`:`",
        Rule::wildcard => "`_`",
        Rule::bit_field => "a bit field",
        Rule::param => "a parameter",
        Rule::setting => "a setting",
        Rule::region_extent | Rule::region => "`until`, `[n]` or `to end`",
        Rule::extent => "`[n]`, `until`, `to end`, `run` or `via`",
        Rule::stream_extent => "`[n]`, `until`, `to end` or `via`",
        Rule::until | Rule::list_until => "`until`",
        Rule::elsewhere => "`or`",
        Rule::to_end => "`to end`",
        Rule::run => "`run`",
        Rule::via => "`via`",
        Rule::max | Rule::limits => "`max`",
        Rule::run_escape => "`escape`",
        Rule::list_max => "`count`",
        Rule::shared => "`shared`",
        Rule::or_end => "`or`",
        Rule::condition => "`if`",
        Rule::tag => "`by`",
        Rule::type_ | Rule::base_type | Rule::named_type => "a type",
        Rule::int_type | Rule::int_name | Rule::tiered_type => "an integer type",
        Rule::tiers => "`{`",
        Rule::tier => "what a mark stands for (`126 => u16`)",
        Rule::bit_group => "`bits`",
        Rule::list_counted => "`;`",
        Rule::list_open => "`]`",
        Rule::range => "a range",
        Rule::expr | Rule::operand | Rule::path => "an expression",
        Rule::not => "`!`",
        Rule::operator => "an operator",
        Rule::transform_rule => "`blocks` or a block of rules",
        Rule::escape_block | Rule::context => "`at start`, `after` or `anywhere`",
        Rule::after => "`after`",
        Rule::at_start => "`at start`",
        Rule::escape_rule => "a rule (`PLAIN <=> CODED;`, `PLAIN <= CODED;` or `end CODED;`)",
        Rule::begin_rule => "`begin`",
        Rule::transport => "`stream` or `datagram`",
        Rule::section => "`roles`, `ROLE speaks`, `pending`, `var`, `state` or `any state`",
        Rule::except => "`except`",
        Rule::within => "`within`",
        Rule::unit => "`ms`, `s`, `min` or `h`",
        Rule::transition => "a rule (`ROLE FRAME => ...;`)",
        Rule::pattern => "a frame, a value or `_`",
        Rule::action => "what the rule does (`stay`, a state, `awaits`, ...)",
        Rule::outcome | Rule::target => "`stay`, `close`, a state or effects in braces",
        Rule::awaits => "`awaits`",
        Rule::arm => "an arm (`PATTERN => ...`)",
        Rule::effect => "an effect",
        _ => "something else",
    }
}

/// The keywords among the expected.
fn words(rules: &[Rule]) -> Vec<String> {
    let mut words = Vec::new();
    for rule in rules {
        let several: &[&str] = match rule {
            Rule::item => ITEM_WORDS,
            Rule::section => SECTION_WORDS,
            Rule::type_ | Rule::base_type => TYPE_WORDS,
            Rule::region | Rule::region_extent | Rule::extent | Rule::stream_extent => EXTENT_WORDS,
            other => {
                words.extend(format!("{other:?}").strip_prefix("kw_").map(str::to_owned));
                continue;
            }
        };
        words.extend(several.iter().map(|&word| word.to_owned()));
    }
    words
}

/// The word that `text` is nearly, and not quite.
fn similar<S: AsRef<str>>(text: &str, words: &[S]) -> Option<String> {
    let word_like = text.len() >= 2 && text.starts_with(|first: char| first.is_ascii_alphabetic());
    let near = |word: &&str| (1..=1 + word.len() / 6).contains(&distance(text, word));
    words.iter().map(AsRef::as_ref).filter(|_| word_like).find(near).map(str::to_owned)
}

/// How many letters are to be put in, left out, replaced or swapped with the next.
fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, &letter) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, &other) in to.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != other);
            let mut least = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && letter == to[column - 1] && from[row - 1] == other {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut last, current);
    }
    last[to.len()]
}
