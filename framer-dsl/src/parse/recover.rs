//! Going on behind a mistake.
//!
//! The item that could not be read is read again with the part around the mistake blanked: a
//! member, a variant, a rule. Places stay what they were, and the mistakes that do not depend on
//! the first are found too. When brackets do not match, no part can be told from another, and
//! reading goes on with the next item.

use std::ops::Range;

use pest::error::{Error, InputLocation};

use super::grammar::{self, Rule};
use super::node::Node;
use super::tokens::Partners;
use super::{MAX_SYNTAX_ERRORS, Reader};

impl Reader<'_> {
    /// Reports the mistake in the item at `start` and what else is wrong in it; where to go on.
    pub(super) fn recover(&mut self, start: usize, error: &Error<Rule>) -> usize {
        let first = self.tokens.index(start);
        let keyword = self.tokens.skip_docs(first);
        let found = self.tokens.index(start + position(error));
        let next = self.tokens.next_item(self.text, found.saturating_sub(1).max(keyword + 1));
        let last = next.unwrap_or(self.tokens.0.len());
        let (partners, lonely) = self.tokens.partners(self.text, first..last);
        self.syntax_error(start, error, lonely);
        let end = next.map_or(self.text.len(), |next| self.tokens.0[next].range().start);
        if lonely.is_none() {
            let item = Broken { first, keyword, last, partners };
            self.reread(&item, start..end, found);
        }
        end
    }

    /// Reads the item again and again, each time without the part that was wrong.
    fn reread(&mut self, item: &Broken, range: Range<usize>, mut found: usize) {
        let mut text = self.text[range.clone()].to_owned();
        let mut blanked: Option<(Range<usize>, usize)> = None;
        while self.diagnostics.len() < MAX_SYNTAX_ERRORS {
            // An error right behind a blanked part is of our making: the part was too small.
            let follows = blanked.take().filter(|(part, _)| part.end == found);
            let depth = follows.as_ref().map(|(_, depth)| depth.saturating_sub(1));
            let Some((part, depth)) = self.part(item, found, depth) else { return };
            for token in self.tokens.0.get(part.clone()).unwrap_or_default() {
                let place = token.range();
                let blank = " ".repeat(place.len());
                text.replace_range(place.start - range.start..place.end - range.start, &blank);
            }
            blanked = Some((part.clone(), depth));
            let error = match grammar::parse(Rule::item, &text) {
                Ok(pairs) => {
                    pairs.for_each(|pair| self.keep(&Node::new(pair), range.start));
                    return;
                }
                Err(error) => error,
            };
            found = self.tokens.index(range.start + position(&error));
            if found >= item.last || found < part.start {
                return;
            }
            if found != part.end {
                self.syntax_error(range.start, &error, None);
            }
        }
    }

    /// The smallest part of the item that token `found` is in, or the one at `depth` braces; and
    /// its depth.
    fn part(
        &self,
        item: &Broken,
        found: usize,
        depth: Option<usize>,
    ) -> Option<(Range<usize>, usize)> {
        let blocks = self.blocks(item, found);
        let depth = depth.unwrap_or(blocks.len());
        let block = blocks.get(depth.checked_sub(1)?)?.clone();
        let word = self.word(item.keyword);
        let rules = matches!(word, "protocol" | "transform");
        let sections = depth == 1 && rules;
        let arms = block.start.checked_sub(1).is_some_and(|before| self.word(before) == "awaits");
        let separator = if rules && !arms { ";" } else { "," };
        let mut start = block.start + 1;
        let mut index = start;
        while index < block.end {
            let close = item.partners.of(index).filter(|&close| close > index);
            let last = close.unwrap_or(index);
            let ends = match self.word(last) {
                mark @ ("," | ";") => mark == separator || last == found,
                "}" => sections,
                _ => false,
            };
            if ends {
                if found <= last {
                    return Some((start..last + 1, depth));
                }
                start = last + 1;
            }
            index = last + 1;
        }
        (start < block.end).then_some((start..block.end, depth))
    }

    /// The pairs of braces around token `found`, the outermost first.
    fn blocks(&self, item: &Broken, found: usize) -> Vec<Range<usize>> {
        let opening = (item.first..item.last.min(found)).filter(|&open| self.word(open) == "{");
        opening
            .filter_map(|open| item.partners.of(open).map(|close| open..close))
            .filter(|block| found <= block.end)
            .collect()
    }

    fn word(&self, index: usize) -> &str {
        self.tokens.0.get(index).map_or("", |token| &self.text[token.range()])
    }
}

/// An item that could not be read, by its tokens.
struct Broken {
    first: usize,
    /// The word that says what it is.
    keyword: usize,
    /// Behind its last token.
    last: usize,
    partners: Partners,
}

/// Where pest could not go on.
pub(super) fn position(error: &Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}
