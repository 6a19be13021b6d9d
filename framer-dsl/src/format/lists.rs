//! What stands in braces.

use pest::iterators::Pair;

use super::comments;
use super::layout::Layout;
use super::tokens::Composer;
use crate::parse::Rule;

impl<'t> Composer<'t> {
    /// The children of a rule that has a list in braces among them.
    pub(super) fn braced(&mut self, rule: Rule, children: &[Pair<'t, Rule>]) {
        let is = |brace: Rule| move |child: &Pair<'t, Rule>| child.as_rule() == brace;
        let open = children.iter().position(is(Rule::p_lbrace)).map_or(0, |open| open + 1);
        let close = children.iter().rposition(is(Rule::p_rbrace)).unwrap_or(children.len());
        let (head, rest) = children.split_at(open);
        let (parts, tail) = rest.split_at(close.saturating_sub(open));
        self.each(head, rule);
        let list = self.apart(|composer| {
            let commented = composer.trailing();
            let parts = flat(parts);
            let inner = composer.apart(|composer| {
                composer.parts(rule, &parts);
                composer.rest(tail);
            });
            if commented || !inner.is_empty() {
                composer.push(Layout::Nest(inner));
                composer.push(Layout::Line);
            }
            composer.last = None;
            composer.each(tail, rule);
        });
        self.push(Layout::Group(list));
    }

    /// The parts of a list, with what stands between them.
    fn parts(&mut self, rule: Rule, parts: &[Pair<'t, Rule>]) {
        let fills = rule == Rule::enumeration && parts.iter().all(is_bare);
        let lines = takes_lines(rule) || parts.iter().any(|it| it.as_rule() == Rule::escape_block);
        let mut parts = parts.iter().peekable();
        let mut first = true;
        while let Some(part) = parts.next() {
            let blank = !first && comments::blank_ahead(self.text, self.at);
            self.push(match part {
                _ if lines || blank || !first && self.is_apart(part) => Layout::Break { blank },
                _ if !first && (fills || stays(part)) => Layout::Fill { deeper: false },
                _ => Layout::Line,
            });
            first = false;
            self.last = None;
            self.pair(part, rule);
            let separator = parts.next_if(|next| is_separator(next));
            let mark = match (mark(rule), parts.peek()) {
                ("", _) => None,
                (mark, Some(_)) => Some(Layout::Text(mark)),
                (mark, None) => Some(Layout::Tail(mark)),
            };
            match (separator, mark) {
                (Some(separator), Some(mark)) => self.separator(separator, mark),
                (_, mark) => mark.into_iter().for_each(|mark| self.push(mark)),
            }
            self.trailing();
        }
    }

    /// The comments behind the last part.
    fn rest(&mut self, tail: &[Pair<'t, Rule>]) {
        let Some(end) = tail.first().map(|brace| self.start(brace)) else { return };
        let blank = comments::blank_ahead(self.text, self.at);
        let comments = self.apart(|composer| {
            composer.comments_until(end);
        });
        let breaks = |layout: &Layout<'_>| matches!(layout, Layout::Comment(it) if it.breaks());
        if comments.iter().any(breaks) {
            self.push(Layout::Break { blank });
        }
        comments.into_iter().for_each(|comment| self.push(comment));
    }
}

/// The parts of a list, where the grammar has one more rule around them.
fn flat<'t>(parts: &[Pair<'t, Rule>]) -> Vec<Pair<'t, Rule>> {
    match parts {
        [only] if only.as_rule() == Rule::transform_rule => only.clone().into_inner().collect(),
        _ => parts.to_vec(),
    }
}

/// Each part of such a list stands on lines of its own.
fn takes_lines(rule: Rule) -> bool {
    matches!(rule, Rule::protocol | Rule::transitions | Rule::escape_block)
}

/// What stands between the parts of such a list.
fn mark(rule: Rule) -> &'static str {
    match rule {
        Rule::effects => ";",
        Rule::protocol | Rule::transitions | Rule::escape_block | Rule::transform => "",
        _ => ",",
    }
}

fn is_separator(part: &Pair<'_, Rule>) -> bool {
    matches!(part.as_rule(), Rule::p_comma | Rule::p_semi)
}

/// An alternative that is only a name, or what stands between two.
fn is_bare(part: &Pair<'_, Rule>) -> bool {
    let bare = |inner: Pair<'_, Rule>| match inner.as_rule() {
        Rule::docs => inner.into_inner().next().is_none(),
        other => matches!(other, Rule::wildcard | Rule::name),
    };
    is_separator(part) || part.clone().into_inner().all(bare)
}

/// A member that stays on the line of the one before it: bytes that are always the same, or are
/// passed over.
fn stays(part: &Pair<'_, Rule>) -> bool {
    let inner = part.clone().into_inner().next();
    part.as_rule() == Rule::member
        && inner.is_some_and(|inner| matches!(inner.as_rule(), Rule::literal | Rule::skip))
}
