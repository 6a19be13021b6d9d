//! DNS.

use framer_protocols::dns::{Message, Operation, Outcome, Question};
use framer_runtime::list::List;

/// Questions and nothing else, or the same that says of itself that it is an answer.
#[must_use]
pub fn message<'a>(id: u16, response: bool, questions: &'a [Question<'a>]) -> Message<'a> {
    Message::new(
        id,
        response,
        Operation::Query,
        false,
        false,
        true,
        false,
        false,
        false,
        Outcome::NoError,
        questions,
        List::default(),
        List::default(),
        List::default(),
    )
}
