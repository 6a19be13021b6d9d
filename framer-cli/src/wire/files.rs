//! Conversations that were recorded in a file for each direction.

use framer_runtime::protocol::Role;

use super::conversation::Conversation;
use super::output::Output;
use super::pieces::Pieces;
use crate::Outcome;
use crate::error::Error;

/// Tells what one side or both said, of which no times are known.
///
/// Before anything is told, as much of both is taken in as there is room for, so that what is told
/// does not depend on the pieces that it comes in.
pub(crate) fn decode(
    conversation: Conversation<'_>,
    sides: &mut [(Role, Pieces)],
    output: &mut Output,
) -> Result<Outcome, Error> {
    let mut conversation = conversation.timeless();
    loop {
        let mut moved = false;
        for (role, pieces) in &mut *sides {
            loop {
                let piece = pieces.piece()?;
                if piece.is_empty() {
                    conversation.ended();
                    break;
                }
                let taken = conversation.receive(*role, piece);
                pieces.take(taken);
                moved |= taken > 0;
                if taken == 0 {
                    break;
                }
            }
        }
        for event in conversation.poll() {
            moved = true;
            output.event(&event, None)?;
        }
        if !moved {
            break;
        }
    }
    for event in conversation.finish() {
        output.event(&event, None)?;
    }
    Ok(output.outcome())
}
