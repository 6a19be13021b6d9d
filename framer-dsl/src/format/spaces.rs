//! What stands between two tokens on a line.

use crate::parse::Rule;

/// A token, by its rule and the rule it is part of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) rule: Rule,
    pub(super) parent: Rule,
}

/// What stands between two tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    Nothing,
    Space,
    /// A space, or a new line where a line has to end.
    Fill,
}

/// What stands between these two.
pub(super) fn between(before: Token, next: Token) -> Between {
    if is_joined(before, next) {
        return Between::Nothing;
    }
    let fills = match next.rule {
        Rule::op_or | Rule::op_and | Rule::p_pipe => true,
        Rule::kw_if => next.parent == Rule::condition,
        Rule::p_eq => next.parent == Rule::derived,
        Rule::kw_else => next.parent == Rule::require,
        Rule::kw_count => next.parent == Rule::list_max,
        Rule::kw_or => next.parent == Rule::elsewhere,
        _ => before.rule == Rule::p_comma,
    };
    if fills { Between::Fill } else { Between::Space }
}

/// Whether nothing stands between these two.
fn is_joined(before: Token, next: Token) -> bool {
    let opened = matches!(before.rule, Rule::p_lparen | Rule::p_lbracket);
    let holds = match before.rule {
        Rule::p_dot | Rule::p_dotdoteq | Rule::not => true,
        Rule::p_dotdot => before.parent == Rule::fields,
        _ => opened,
    };
    holds
        || match next.rule {
            Rule::p_comma
            | Rule::p_semi
            | Rule::p_colon
            | Rule::p_question
            | Rule::p_dot
            | Rule::p_dotdot
            | Rule::p_rparen
            | Rule::p_rbracket => true,
            // Of `..=5` the range begins with it.
            Rule::p_dotdoteq => next.parent != Rule::range,
            Rule::p_lparen => {
                next.parent != Rule::paren && matches!(before.rule, Rule::name | Rule::kw_at)
            }
            _ => false,
        }
}
