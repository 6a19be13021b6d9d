//! The grammar at work: `grammar.pest` as a table, and what reads a text by it with pest's
//! combinators.
//!
//! pest's own derive makes functions and closures of a grammar, two thousand of them, and has to be
//! compiled itself: together a quarter of what everyone who uses the compiler would wait for. The
//! table is made of the grammar by pest's own reading and optimizing of it, when a test is asked
//! to, and the test tells when it is another one, or when a text is read otherwise than pest's
//! parser does.

#[rustfmt::skip]
mod rules;
#[cfg(test)]
mod tests;

use pest::error::Error;
use pest::iterators::Pairs;
use pest::{Atomicity, ParseResult, ParserState};

pub(crate) use rules::Rule;

/// What a rule makes of what it matches.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A node, with blanks between its parts.
    Normal,
    /// No node.
    Silent,
    /// A node without parts, and without blanks.
    Atomic,
}

/// What a text has to look like.
#[derive(Debug)]
enum Expr {
    Str(&'static str),
    Range(char, char),
    Any,
    /// Where the text begins.
    Start,
    Is(Rule),
    Seq(&'static [Expr]),
    Choice(&'static [Expr]),
    Opt(&'static Expr),
    Rep(&'static Expr),
    /// Nothing, where it does not stand.
    Not(&'static Expr),
    /// What stands before the first of these texts.
    Until(&'static [&'static str]),
    /// What matches is put on the stack.
    Push(&'static Expr),
    /// What was put on the stack last is taken from it.
    Drop,
    /// The stack stays as it was if it does not match.
    Restore(&'static Expr),
}

type State<'i> = Box<ParserState<'i, Rule>>;

/// Reads what a text begins with as a rule.
///
/// # Errors
/// Where it does not go on, and what could stand there.
pub(super) fn parse(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Box<Error<Rule>>> {
    pest::state(text, |state| apply(rule, state)).map_err(Box::new)
}

fn apply(rule: Rule, state: State<'_>) -> ParseResult<State<'_>> {
    let Some((of, kind, expr)) = rules::RULES.get(rule as usize) else {
        return state.rule(rule, ParserState::end_of_input);
    };
    debug_assert_eq!(*of, rule, "they are in order");
    match kind {
        Kind::Normal => state.rule(rule, |state| read(expr, state)),
        Kind::Silent => match rule {
            Rule::WHITESPACE | Rule::COMMENT => {
                state.atomic(Atomicity::Atomic, |state| read(expr, state))
            }
            _ => read(expr, state),
        },
        Kind::Atomic => {
            state.rule(rule, |state| state.atomic(Atomicity::Atomic, |state| read(expr, state)))
        }
    }
}

fn read<'i>(expr: &'static Expr, state: State<'i>) -> ParseResult<State<'i>> {
    match expr {
        Expr::Str(text) => state.match_string(text),
        Expr::Range(first, last) => state.match_range(*first..*last),
        Expr::Any => state.skip(1),
        Expr::Start => state.start_of_input(),
        Expr::Is(rule) => apply(*rule, state),
        Expr::Seq(parts) => state.sequence(|mut state| {
            for (place, part) in parts.iter().enumerate() {
                if place > 0 {
                    state = blanks(state)?;
                }
                state = read(part, state)?;
            }
            Ok(state)
        }),
        Expr::Choice(all) => {
            let mut state = Err(state);
            for one in *all {
                state = state.or_else(|state| read(one, state));
            }
            state
        }
        Expr::Opt(expr) => state.optional(|state| read(expr, state)),
        Expr::Rep(expr) => state.sequence(|state| {
            state.optional(|state| {
                read(expr, state)?
                    .repeat(|state| state.sequence(|state| read(expr, blanks(state)?)))
            })
        }),
        Expr::Not(expr) => state.lookahead(false, |state| read(expr, state)),
        Expr::Until(ends) => state.skip_until(ends),
        Expr::Push(expr) => state.stack_push(|state| read(expr, state)),
        Expr::Drop => state.stack_drop(),
        Expr::Restore(expr) => state.restore_on_err(|state| read(expr, state)),
    }
}

/// Passes over blanks and comments, where a rule may have them between its parts.
fn blanks(state: State<'_>) -> ParseResult<State<'_>> {
    if state.atomicity() != Atomicity::NonAtomic {
        return Ok(state);
    }
    state.sequence(|state| {
        spaces(state)?.repeat(|state| state.sequence(|state| spaces(apply(Rule::COMMENT, state)?)))
    })
}

fn spaces(state: State<'_>) -> ParseResult<State<'_>> {
    state.repeat(|state| apply(Rule::WHITESPACE, state))
}
