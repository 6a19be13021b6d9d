//! Events as people read them: a line each.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use framer_interpret::{Frame, Value};

use super::event::{At, Broken, Event, Fields};

const ROLES: [Style; 2] = [AnsiColor::Cyan.on_default(), AnsiColor::Magenta.on_default()];
const WRONG: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Yellow.on_default();

/// How many bytes of a payload are shown.
const SHOWN_BYTES: usize = 24;

/// How many names are shown of what else something may have been.
const SHOWN_NAMES: usize = 4;

/// The line of an event; `first` is the role that stands first.
pub(super) fn line(event: &Event, first: &str) -> String {
    match event {
        Event::Connection { client, server } => format!("{client} -> {server}"),
        Event::Frame { at, frame, start, end, refused, fields } => {
            let refused = if *refused { " (refused)" } else { "" };
            let fields = match fields {
                Fields::Shown(fields) if !fields.is_empty() => format!(" {fields}"),
                _ => String::new(),
            };
            format!("{} {frame}{refused}{fields}{}", whence(at, (*start, *end), first), moved(at))
        }
        Event::Chunk { at, frame, start, end, data } => {
            format!("{} {frame} {}", whence(at, (*start, *end), first), payload(data))
        }
        Event::Assumed { at, frame, values, answers, others } => {
            let values = match values {
                Some([low, high]) if low == high => format!(" {low}"),
                Some([low, u64::MAX]) => format!(" {low}.."),
                Some([low, high]) => format!(" {low}..={high}"),
                None => String::new(),
            };
            // The others have values of their own.
            let another = values.is_empty() && others.is_empty() && answers.is_some();
            let frame = if another { format!("another {frame}") } else { (*frame).to_owned() };
            let to = answers.map(|asked| format!(" to {asked}")).unwrap_or_default();
            let or = if others.is_empty() { String::new() } else { instead(others) };
            let moved = moved(at);
            let what = format!("{NOTE}assumed{NOTE:#} {frame}{values}{to}{or}{moved}");
            note(at.role.unwrap_or_default(), String::new(), &what, first)
        }
        Event::End { at, frame, start, end } => {
            format!("{} {frame} ends{}", whence(at, (*start, *end), first), moved(at))
        }
        Event::Malformed { at, broken } => wrong(at, broken, "malformed", first),
        Event::Violation { at, broken } => wrong(at, broken, "violation", first),
        Event::Switch { role, from, to, at } => {
            note(role, format!("{at}.."), &format!("{from} -> {to}"), first)
        }
        Event::Upgrade { to } => format!("{NOTE}upgrade to {to}{NOTE:#}"),
        Event::Passed { role, start, end } => {
            note(role, format!("{start}..{end}"), "passed on", first)
        }
        Event::Gap { role, start, end } => {
            let what = format!("{WRONG}missing from the capture{WRONG:#}");
            note(role, format!("{start}..{end}"), &what, first)
        }
        Event::Partial { role, frame, start, have, need } => {
            let wants = match need {
                Some(need) => format!("wants {need} more at least"),
                None => "waits for the other side".to_owned(),
            };
            let what = format!("{WRONG}partial{WRONG:#} {frame}: {have} bytes, {wants}");
            note(role.unwrap_or_default(), format!("{start}.."), &what, first)
        }
    }
}

/// Who says it, where it stands, and in which state.
fn whence(at: &At, (start, end): (u64, u64), first: &str) -> String {
    note(at.role.unwrap_or_default(), format!("{start}..{end}"), "", first)
}

fn note(role: &str, range: String, what: &str, first: &str) -> String {
    let style = ROLES[usize::from(role != first)];
    let role =
        if role.is_empty() { role.to_owned() } else { format!("{style}{role:<6}{style:#} ") };
    format!("{role}{range:>13}  {what}").trim_end().to_owned()
}

/// What else something may have been.
fn instead(others: &[&str]) -> String {
    let shown = others.iter().take(SHOWN_NAMES).copied().collect::<Vec<_>>().join(", ");
    match others.len().saturating_sub(SHOWN_NAMES) {
        0 => format!(" (or {shown})"),
        more => format!(" (or {shown}, {more} more)"),
    }
}

/// The state behind it, if it is another.
fn moved(at: &At) -> String {
    match (at.state, at.after) {
        (Some(before), Some(after)) if before != after => {
            format!(" {NOTE}{before} -> {after}{NOTE:#}")
        }
        _ => String::new(),
    }
}

fn wrong(at: &At, broken: &Broken, what: &str, first: &str) -> String {
    let Broken { code, frame, start, end, message } = broken;
    let whence = whence(at, (*start, *end), first);
    format!("{whence} {WRONG}{what}{WRONG:#} {code} in {frame}: {message}")
}

/// The fields of a frame that are there and are not derived.
pub(super) fn fields(frame: &Frame<'_>) -> String {
    let shown = frame.fields.iter().filter(|field| !field.derived && field.value.is_there());
    let shown: Vec<_> =
        shown.map(|field| format!("{}={}", field.name, value(&field.value))).collect();
    shown.join(" ")
}

/// A value.
pub(super) fn value(of: &Value<'_>) -> String {
    match of {
        Value::Missing => String::new(),
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Signed(number) => number.to_string(),
        Value::Bytes(bytes) => format!("b\"{}\"", bytes.escape_ascii()),
        Value::Coded(coded) => format!("b\"{}\"", coded.to_vec().escape_ascii()),
        Value::Text(text) => format!("{text:?}"),
        Value::Name { name, number } => match number {
            Some(number) => format!("{name} ({number})"),
            None => name.to_string(),
        },
        Value::Frame(frame) => {
            let fields = fields(frame);
            if fields.is_empty() {
                frame.name.to_string()
            } else {
                format!("{} {{{fields}}}", frame.name)
            }
        }
        Value::List(all) => {
            let all: Vec<_> = all.iter().map(|element| value(&element.value)).collect();
            format!("[{}]", all.join(", "))
        }
    }
}

/// The beginning of a payload, and how long it is.
fn payload(digits: &str) -> String {
    let bytes = hex::decode(digits).unwrap_or_default();
    let mut shown = String::new();
    for byte in bytes.iter().take(SHOWN_BYTES) {
        // Writing to a string does not fail.
        let _ = write!(shown, "{}", byte.escape_ascii());
    }
    let more = if bytes.len() > SHOWN_BYTES { "..." } else { "" };
    format!("\"{shown}\"{more} ({} bytes)", bytes.len())
}
