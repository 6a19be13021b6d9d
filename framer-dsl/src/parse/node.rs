//! pest's pairs as nodes whose children are asked for by rule, and what all of the tree needs.

use pest::iterators::Pair;

use super::grammar::Rule;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};
use crate::syntax::{Docs, Ident};

/// A pair of the grammar.
#[derive(Clone)]
pub(super) struct Node<'t> {
    pair: Pair<'t, Rule>,
    children: Vec<Pair<'t, Rule>>,
}

impl<'t> Node<'t> {
    pub(super) fn new(pair: Pair<'t, Rule>) -> Node<'t> {
        Node { children: pair.clone().into_inner().collect(), pair }
    }

    pub(super) fn rule(&self) -> Rule {
        self.pair.as_rule()
    }

    pub(super) fn text(&self) -> &'t str {
        self.pair.as_str()
    }

    /// Where it starts, its documentation left out.
    pub(super) fn start(&self) -> usize {
        match &self.children[..] {
            [docs, first, ..] if docs.as_rule() == Rule::docs => first.as_span().start(),
            _ => self.pair.as_span().start(),
        }
    }

    /// Where its last token ends. pest counts the blanks before an absent tail as part of it.
    pub(super) fn end(&self) -> usize {
        let mut last = self.pair.clone();
        while let Some(inner) = last.clone().into_inner().next_back() {
            last = inner;
        }
        last.as_span().end()
    }

    /// The first child of the rule.
    pub(super) fn child(&self, rule: Rule) -> Option<Node<'t>> {
        self.all(rule).next()
    }

    /// Every child of the rule.
    pub(super) fn all(&self, rule: Rule) -> impl Iterator<Item = Node<'t>> + '_ {
        self.children.iter().filter(move |child| child.as_rule() == rule).cloned().map(Node::new)
    }

    /// Every child.
    pub(super) fn children(&self) -> impl Iterator<Item = Node<'t>> + '_ {
        self.children.iter().cloned().map(Node::new)
    }

    pub(super) fn has(&self, rule: Rule) -> bool {
        self.children.iter().any(|child| child.as_rule() == rule)
    }

    /// The first child of the rule, where the grammar has one always.
    pub(super) fn the(&self, rule: Rule) -> Node<'t> {
        self.nth(rule, 0)
    }

    /// One of several children of the rule, where the grammar has that many always.
    pub(super) fn nth(&self, rule: Rule, index: usize) -> Node<'t> {
        self.all(rule).nth(index).unwrap_or_else(|| self.broken(rule))
    }

    /// The first child that is no documentation, of a rule that is a choice.
    pub(super) fn choice(&self) -> Node<'t> {
        let mut children = self.children().filter(|child| child.rule() != Rule::docs);
        children.next().unwrap_or_else(|| self.broken(self.rule()))
    }

    /// The grammar and this code have come apart.
    pub(super) fn broken(&self, rule: Rule) -> ! {
        panic!("grammar.pest: no `{rule:?}` in the `{:?}` `{}`", self.rule(), self.text())
    }

    /// The documentation before it.
    pub(super) fn docs(&self) -> Docs {
        let docs = self.child(Rule::docs);
        let lines = docs.as_ref().unwrap_or(self).children();
        let lines = lines.filter(|line| matches!(line.rule(), Rule::doc | Rule::inner_doc));
        Docs(lines.map(|line| doc_line(line.text())).collect())
    }
}

fn doc_line(comment: &str) -> String {
    let line = comment.get(3..).unwrap_or_default();
    line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned()
}

/// Makes the tree of nodes; what is wrong with literals goes to `diagnostics`.
pub(super) struct Builder<'d> {
    id: SourceId,
    base: usize,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Builder<'_> {
    /// `base`: where the text that pest was given starts in the whole.
    pub(super) fn new(id: SourceId, base: usize, diagnostics: &mut Vec<Diagnostic>) -> Builder<'_> {
        Builder { id, base, diagnostics }
    }

    pub(super) fn span(&self, node: &Node<'_>) -> Span {
        self.place(node.start(), node.end())
    }

    /// Bytes `start..end` of the text that pest was given.
    pub(super) fn place(&self, start: usize, end: usize) -> Span {
        let at = |offset: usize| u32::try_from(self.base + offset).unwrap_or(u32::MAX);
        Span { source: self.id, start: at(start), end: at(end) }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// How much was reported so far.
    pub(super) fn reported(&self) -> usize {
        self.diagnostics.len()
    }

    pub(super) fn bad_literal(&mut self, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::new(Code::BadLiteral, span, message));
    }

    /// The node itself as a name.
    pub(super) fn ident(&self, node: &Node<'_>) -> Ident {
        Ident { name: node.text().to_owned(), span: self.span(node) }
    }

    /// The first name in the node.
    pub(super) fn name(&self, node: &Node<'_>) -> Ident {
        self.ident(&node.the(Rule::name))
    }

    /// Every name in the node.
    pub(super) fn names(&self, node: &Node<'_>) -> Vec<Ident> {
        node.all(Rule::name).map(|name| self.ident(&name)).collect()
    }
}
