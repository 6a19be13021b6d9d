//! What one side makes of bytes.

use std::fmt::Debug;

use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::{Machine, Progress};

/// A connection at its beginning, with the usual limits.
pub fn connection<M: Machine>(machine: M) -> Connection<M> {
    Connection::new(machine, Limits::default())
}

/// All that comes of the pieces, up to the violation that ends it. The parts of a streamed
/// payload, which is called `payload`, are put together.
pub fn seen<M: Machine>(side: &mut Connection<M>, payload: &str, pieces: &[&[u8]]) -> Vec<String>
where
    for<'a> M::Event<'a>: Debug,
{
    let begin = format!("{payload}([");
    let mut seen: Vec<String> = Vec::new();
    let mut add = |text: String| match (seen.last_mut(), text.strip_prefix(&begin)) {
        (Some(last), Some(part)) if last.starts_with(&begin) => {
            last.truncate(last.len() - "])".len());
            last.push_str(", ");
            last.push_str(part);
        }
        _ => seen.push(text),
    };
    for piece in pieces {
        side.receive(piece);
        loop {
            match side.poll() {
                Ok(Progress::Event((event, _))) => add(format!("{event:?}")),
                Ok(_) => break,
                Err(violation) => {
                    add(violation.to_string());
                    return seen;
                }
            }
        }
    }
    seen
}

/// How an event of a payload is shown.
#[must_use]
pub fn payload(name: &str, bytes: &[u8]) -> String {
    format!("{name}({bytes:?})")
}
