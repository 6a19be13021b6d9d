//! Bare frames of one sort, up to the end of the input.

use framer_dsl::ir::Ir;
use framer_interpret::{Schema, Value};
use framer_runtime::cutter::Cutting;
use framer_runtime::read::Reader;
use framer_runtime::violation::{Invalid, Rule, Violation};
use serde_json::Map;

use super::event::{At, Audience, Broken, Event, Fields};
use super::output::Output;
use super::pieces::Pieces;
use super::{people, values};
use crate::Outcome;
use crate::error::Error;

/// How many bytes may wait for the end of a frame; twice the longest frame is granted.
const INPUT_BYTES: usize = 1 << 20;

/// Tells the frames of an input, one behind the other.
pub(crate) fn decode(
    ir: &Ir,
    schema: Schema,
    pieces: &mut Pieces,
    output: &mut Output,
) -> Result<Outcome, Error> {
    let Some(mut cutter) = schema.cutter(INPUT_BYTES) else {
        return whole(ir, schema, pieces, output);
    };
    let mut need = 0;
    let mut have = 0;
    loop {
        let piece = pieces.piece()?;
        if piece.is_empty() {
            break;
        }
        let taken = cutter.receive(piece);
        pieces.take(taken);
        have += wide(taken);
        loop {
            let start = cutter.position();
            let event = match cutter.poll() {
                Ok(Cutting::Frame(value)) => Ok(fields(ir, schema, &value, output.audience())),
                Ok(Cutting::Malformed(violation)) => {
                    Err(Event::Malformed { at: At::default(), broken: violation.into() })
                }
                Ok(Cutting::More(more)) => {
                    need = more;
                    break;
                }
                Err(violation) => {
                    output.event(&violated(violation), None)?;
                    return Ok(output.outcome());
                }
            };
            let end = cutter.position();
            output.event(&event.map_or_else(|it| it, |it| framed(it, start, end)), None)?;
        }
    }
    if let Err(Violation { rule: Rule::EndOfStream { .. }, start, frame, .. }) =
        cutter.end_of_stream()
    {
        let need = Some(wide(need));
        let have = have.saturating_sub(start);
        output.event(&Event::Partial { role: None, frame, start, have, need }, None)?;
    }
    Ok(output.outcome())
}

/// Frames whose end is told by reading them: all of the input is needed.
fn whole(
    ir: &Ir,
    schema: Schema,
    pieces: &mut Pieces,
    output: &mut Output,
) -> Result<Outcome, Error> {
    let mut bytes = Vec::new();
    loop {
        let piece = pieces.piece()?;
        if piece.is_empty() {
            break;
        }
        bytes.extend_from_slice(piece);
        let taken = piece.len();
        pieces.take(taken);
    }
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let mut reader = Reader::new(rest);
        let start = wide(at);
        let event = match schema.read(&mut reader) {
            Ok(value) => {
                let length = reader.position();
                at = if length > 0 { at + length } else { bytes.len() };
                framed(fields(ir, schema, &value, output.audience()), start, wide(at))
            }
            Err(Invalid { rule: Rule::Truncated, frame, .. }) => {
                at = bytes.len();
                let have = wide(rest.len());
                Event::Partial { role: None, frame, start, have, need: Some(1) }
            }
            Err(Invalid { rule, frame, start: from, end }) => {
                let (start, end) = (start + wide(from), start + wide(end));
                at = bytes.len();
                violated(Violation { rule, frame, start, end })
            }
        };
        output.event(&event, None)?;
    }
    Ok(output.outcome())
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn violated(violation: Violation) -> Event {
    Event::Violation { at: At::default(), broken: Broken::from(violation) }
}

/// The name and the fields of a value, which of a choice of values are none but it.
fn fields(ir: &Ir, schema: Schema, value: &Value<'_>, audience: Audience) -> (String, Fields) {
    let name = value.frame().map_or(schema.name(), |frame| &frame.name).to_owned();
    let fields = match (audience, value) {
        (Audience::People, Value::Frame(frame)) => Fields::Shown(people::fields(frame)),
        (Audience::People, value) => Fields::Shown(people::value(value)),
        (Audience::Programs, Value::Frame(frame)) => Fields::Json(values::fields(ir, frame)),
        (Audience::Programs, value) => {
            let value = values::to_json(ir, Some(schema.ty()), value);
            Fields::Json(Map::from_iter([("value".to_owned(), value)]))
        }
    };
    (name, fields)
}

fn framed((frame, fields): (String, Fields), start: u64, end: u64) -> Event {
    Event::Frame { at: At::default(), frame, start, end, refused: false, fields }
}
