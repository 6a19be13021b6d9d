//! Limits for people.

use std::fmt::{self, Write as _};

use super::{Direction, Limits, Pending, Protocol, State};
use crate::words;

/// Writes the limits of a description.
pub(crate) fn tell(limits: &Limits) -> Result<String, fmt::Error> {
    let mut out = String::new();
    for (place, protocol) in limits.protocols.iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        tell_protocol(&mut out, protocol)?;
    }
    if !limits.frames.is_empty() {
        writeln!(out, "Frames that are cut out of a stream")?;
        let rows = limits
            .frames
            .iter()
            .map(|frame| vec![frame.name.clone(), words::bytes(frame.bytes), frame.ends.clone()]);
        table(&mut out, &["frame", "longest", "ends"], &rows.collect::<Vec<_>>(), &[1])?;
    }
    if limits.protocols.is_empty() && limits.frames.is_empty() {
        writeln!(out, "No frame of this is cut out of a stream.")?;
    }
    Ok(out)
}

fn tell_protocol(out: &mut String, protocol: &Protocol) -> fmt::Result {
    writeln!(out, "{} over {}", protocol.name, protocol.over)?;
    for direction in &protocol.directions {
        writeln!(
            out,
            "\nWhat the {} says: {} of memory hold any frame, the longest being {}",
            direction.role,
            words::bytes(direction.bound_bytes),
            direction.longest
        )?;
        let rows = direction
            .frames
            .iter()
            .map(|frame| vec![frame.name.clone(), words::bytes(frame.bytes), frame.ends.clone()]);
        table(out, &["framer", "longest", "ends"], &rows.collect::<Vec<_>>(), &[1])?;
    }
    writeln!(out, "\nStates")?;
    tell_states(out, protocol)?;
    for direction in &protocol.directions {
        tell_groups(out, direction)?;
    }
    tell_crossing(out, &protocol.states)?;
    if let Some(pending) = &protocol.pending {
        tell_pending(out, pending)?;
    }
    Ok(())
}

fn tell_states(out: &mut String, protocol: &Protocol) -> fmt::Result {
    let [first, second] = &protocol.directions;
    let bounds = [first, second].map(|direction| format!("{} at most", direction.role));
    let rows = protocol.states.iter().map(|state| {
        let mut row = vec![state.name.clone()];
        for here in &state.directions {
            row.push(words::bytes(here.bound_bytes));
            row.push(here.framers.join(", "));
        }
        row.push(late(state));
        row
    });
    let headers = ["state", &bounds[0], "of", &bounds[1], "of", "time limit"];
    table(out, &headers, &rows.collect::<Vec<_>>(), &[1, 3])
}

/// What the time limit of a state is, and what comes then.
pub(crate) fn late(state: &State) -> String {
    match (state.time_limit_ms, &state.late) {
        (None, _) => String::from("none"),
        (Some(millis), None) => format!("{}, then it closes", words::time(millis)),
        (Some(millis), Some(late)) => format!("{}, then {late}", words::time(millis)),
    }
}

fn tell_groups(out: &mut String, direction: &Direction) -> fmt::Result {
    let Some(groups) = &direction.groups else { return Ok(()) };
    writeln!(out, "\nPipelining: what the {} may say before the replies", direction.role)?;
    for end in &groups.ends {
        writeln!(out, "  ends a group ({}): {}", end.kind, end.frames.join(", "))?;
        writeln!(out, "    {}", end.why)?;
    }
    for free in &groups.free {
        let with = match free.with.as_slice() {
            [] => String::new(),
            [one] => format!(", with its {one}"),
            several => format!(", with its {}", several.join(" or ")),
        };
        writeln!(out, "  free: {}{with}", free.frames.join(", "))?;
    }
    Ok(())
}

fn tell_crossing(out: &mut String, states: &[State]) -> fmt::Result {
    writeln!(out, "\nMay cross")?;
    let mut crossing = states.iter().filter(|state| state.crossing).peekable();
    if crossing.peek().is_none() {
        return writeln!(out, "  nothing: in no state both may speak without being asked");
    }
    for state in crossing {
        writeln!(out, "  {}", state.name)?;
        for here in &state.directions {
            writeln!(out, "    {}: {}", here.role, here.says.join(", "))?;
        }
    }
    Ok(())
}

fn tell_pending(out: &mut String, pending: &Pending) -> fmt::Result {
    let roles = pending.roles.join(" and to the ");
    let order = match &pending.by {
        None => String::from("in order"),
        Some(by) => format!("in any order, paired by {by}"),
    };
    let within = match pending.within_ms {
        None => String::new(),
        Some(millis) => format!(", each forgotten after {}", words::time(millis)),
    };
    let replies = if pending.max == 1 { "reply" } else { "replies" };
    let max = words::number(pending.max);
    writeln!(out, "\nOutstanding: at most {max} {replies} to the {roles}, {order}{within}")
}

/// Writes rows under headers; the columns of numbers are aligned on the right.
fn table(out: &mut String, headers: &[&str], rows: &[Vec<String>], right: &[usize]) -> fmt::Result {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(headers.get(column).map(|header| header.len())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headers.len()).map(width).collect();
    let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
    for row in std::iter::once(&headers).chain(rows) {
        let mut line = String::new();
        for (place, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let width = *width;
            match right.contains(&place) {
                true => write!(line, "  {cell:>width$}")?,
                false => write!(line, "  {cell:<width$}")?,
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
