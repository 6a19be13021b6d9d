//! Attributes: what its author allows, and why.

use super::grammar::Rule;
use super::node::{Builder, Node};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::Allow;

impl Builder<'_> {
    /// Every attribute in an item, with what it stands before.
    pub(super) fn allows(&mut self, node: &Node<'_>, found: &mut Vec<Allow>) {
        for child in node.children() {
            if child.rule() == Rule::docs {
                let allows: Vec<Node<'_>> = child.all(Rule::allow).collect();
                found.extend(allows.iter().filter_map(|allow| self.allow(allow, node)));
            } else {
                self.allows(&child, found);
            }
        }
    }

    fn allow(&mut self, allow: &Node<'_>, before: &Node<'_>) -> Option<Allow> {
        let (name, span) = (self.name(allow), self.span(allow));
        let why = allow.the(Rule::string);
        let text = self.text(&why);
        if text.value.trim().is_empty() {
            self.bad_literal(text.span, "why it is allowed is not said");
        }
        let Some(code) = Code::named(&name.name) else {
            let message = format!("no code is `{}`", name.name);
            self.report(Diagnostic::new(Code::Unknown, name.span, message).label("not a code"));
            return None;
        };
        if !code.can_be_allowed() {
            let message = format!("`{}` cannot be allowed", name.name);
            self.report(
                Diagnostic::new(Code::WrongSort, name.span, message)
                    .label("an error, whoever knows of it")
                    .help("warnings can be allowed, and races that the bytes of a protocol leave"),
            );
            return None;
        }
        Some(Allow { code, span, site: self.span(before) })
    }
}
