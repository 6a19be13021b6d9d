//! Layouts of text: what stands there, one behind the other.

use maud::{Markup, html};

use crate::graph::clean;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// What stands there, or the name of what does.
    pub(super) text: String,
    /// It stands there as it is.
    pub(super) literal: bool,
    /// What may stand there.
    pub(super) what: String,
    /// Where the page tells more of that.
    pub(super) place: Option<String>,
    /// How often, or when.
    pub(super) times: String,
    /// It may be missing.
    pub(super) optional: bool,
}

/// The tokens in a row, which goes on below where it is long.
pub(super) fn draw(name: &str, tokens: &[Token]) -> Markup {
    html! {
        ol class="tokens" aria-label=(format!("The layout of {name}")) {
            @for token in tokens {
                li class=(class(token)) {
                    span class="token" { (clean(&token.text)) }
                    @if !token.what.is_empty() {
                        span class="what" {
                            @match &token.place {
                                Some(place) => a href={ "#" (place) } { (clean(&token.what)) },
                                None => (clean(&token.what)),
                            }
                        }
                    }
                    @if !token.times.is_empty() { span class="times" { (clean(&token.times)) } }
                }
            }
        }
    }
}

fn class(token: &Token) -> &'static str {
    match (token.literal, token.optional) {
        (true, false) => "literal",
        (true, true) => "literal optional",
        (false, false) => "field",
        (false, true) => "field optional",
    }
}
