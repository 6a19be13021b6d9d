//! From pest's pairs to a layout: each token once, in order, with the comments before it.

use pest::iterators::Pair;

use super::comments::{self, Comment};
use super::layout::Layout;
use super::spaces::{self, Between, Token};
use crate::parse::{Part, Rule};

/// Makes the layout.
pub(super) struct Composer<'t> {
    pub(super) text: &'t str,
    /// Where the text begins that the pairs at hand count from.
    base: usize,
    /// Up to here everything has been laid out.
    pub(super) at: usize,
    /// The last token, if what stands behind it is not said yet.
    pub(super) last: Option<Token>,
    /// What is being made: the innermost list last.
    made: Vec<Vec<Layout<'t>>>,
    /// Comments on lines of their own that come before what is next.
    waiting: Vec<Comment<'t>>,
    /// The last comment ended the line of the last token.
    ended: bool,
}

impl<'t> Composer<'t> {
    pub(super) fn new(text: &'t str) -> Composer<'t> {
        Composer {
            text,
            base: 0,
            at: 0,
            last: None,
            made: vec![Vec::new()],
            waiting: Vec::new(),
            ended: false,
        }
    }

    /// All of it, with the comments behind the last token.
    pub(super) fn finish(mut self) -> Vec<Layout<'t>> {
        self.comments_until(self.text.len());
        self.made.swap_remove(0)
    }

    /// The documentation of the file and its items.
    pub(super) fn file(&mut self, parts: &[Part<'t>]) {
        for part in parts {
            self.base = part.base;
            self.separate();
            self.pair(&part.pair, part.pair.as_rule());
            self.trailing();
            if part.pair.as_rule() == Rule::header {
                self.push(Layout::Break { blank: true });
            }
        }
    }

    pub(super) fn push(&mut self, layout: Layout<'t>) {
        if let Some(made) = self.made.last_mut() {
            made.push(layout);
        }
    }

    /// What `make` makes, by itself.
    pub(super) fn apart(&mut self, make: impl FnOnce(&mut Self)) -> Vec<Layout<'t>> {
        self.made.push(Vec::new());
        make(self);
        self.made.pop().unwrap_or_default()
    }

    /// Where a pair stands in the whole text.
    pub(super) fn start(&self, pair: &Pair<'t, Rule>) -> usize {
        self.base + pair.as_span().start()
    }

    /// Any pair, part of one of the rule `parent`.
    pub(super) fn pair(&mut self, pair: &Pair<'t, Rule>, parent: Rule) {
        let rule = pair.as_rule();
        let children: Vec<_> = pair.clone().into_inner().collect();
        match rule {
            Rule::docs | Rule::header => self.documentation(&children),
            Rule::transition => self.transition(&children),
            _ if children.is_empty() => self.token(pair, parent),
            _ if children.iter().any(|child| child.as_rule() == Rule::p_lbrace) => {
                self.braced(rule, &children);
            }
            _ => self.each(&children, rule),
        }
    }

    /// All of them, part of one of the rule `parent`.
    pub(super) fn each(&mut self, pairs: &[Pair<'t, Rule>], parent: Rule) {
        for pair in pairs {
            self.pair(pair, parent);
        }
    }

    /// A rule of a state: what comes of it may stand on the next line.
    fn transition(&mut self, children: &[Pair<'t, Rule>]) {
        let arrow = children.iter().position(|child| child.as_rule() == Rule::p_arrow);
        let (head, rest) = children.split_at(arrow.map_or(0, |arrow| arrow + 1));
        self.each(head, Rule::transition);
        let (action, end) = rest.split_at(rest.len().saturating_sub(1));
        self.last = None;
        let action = self.apart(|composer| composer.each(action, Rule::transition));
        self.push(Layout::Drop(action));
        self.each(end, Rule::transition);
    }

    fn documentation(&mut self, lines: &[Pair<'t, Rule>]) {
        for line in lines {
            self.comments_until(self.start(line));
            self.push(Layout::Text(line.as_str().trim_end()));
            self.push(Layout::Break { blank: false });
            self.at = self.base + line.as_span().end();
            self.last = None;
        }
    }

    fn token(&mut self, pair: &Pair<'t, Rule>, parent: Rule) {
        if pair.as_str().trim().is_empty() {
            return;
        }
        let token = Token { rule: pair.as_rule(), parent };
        if self.comments_until(self.start(pair)) {
            self.push(Layout::Space);
        } else if let Some(last) = self.last {
            match spaces::between(last, token) {
                Between::Nothing => {}
                Between::Space => self.push(Layout::Space),
                Between::Fill => self.push(Layout::Fill { deeper: true }),
            }
        }
        self.push(Layout::Text(pair.as_str()));
        self.at = self.base + pair.as_span().end();
        self.last = Some(token);
    }

    /// The comments before `place`; whether there are any.
    pub(super) fn comments_until(&mut self, place: usize) -> bool {
        let mut comments = std::mem::take(&mut self.waiting);
        let ended = std::mem::take(&mut self.ended);
        comments.extend(comments::between(self.text, self.at, place.max(self.at)));
        for comment in &comments {
            let is_alone = comment.is_alone || ended;
            self.push(Layout::Comment(Comment { is_alone, ..*comment }));
        }
        self.at = place.max(self.at);
        !comments.is_empty()
    }

    /// Whether comments on lines of their own stand before it.
    pub(super) fn is_apart(&self, pair: &Pair<'t, Rule>) -> bool {
        let between = || comments::between(self.text, self.at, self.start(pair));
        self.ended || between().iter().any(|comment| comment.is_alone)
    }

    /// The comments that end the line of the last token; whether there are any.
    pub(super) fn trailing(&mut self) -> bool {
        if self.ended {
            return false;
        }
        let comments = comments::ending_line(self.text, self.at);
        for comment in &comments {
            self.at = comment.end;
            self.push(Layout::Comment(*comment));
        }
        !comments.is_empty()
    }

    /// What stands between two parts of a list: the comments before it go behind it.
    pub(super) fn separator(&mut self, pair: &Pair<'t, Rule>, mark: Layout<'t>) {
        let comments = comments::between(self.text, self.at, self.start(pair));
        let beside = comments.iter().take_while(|comment| !comment.is_alone).count();
        self.push(mark);
        for comment in &comments[..beside] {
            self.push(Layout::Comment(*comment));
        }
        self.waiting.extend(&comments[beside..]);
        self.ended = comments.iter().any(Comment::breaks);
        self.at = self.base + pair.as_span().end();
    }

    /// A new line before what comes next, with the blank line that stood before it.
    pub(super) fn separate(&mut self) {
        let blank = comments::blank_ahead(self.text, self.at);
        self.push(Layout::Break { blank });
        self.last = None;
    }
}
