//! Single types: bytes read, written again, and cut out of streams.

use std::fmt::Debug;

use framer_interpret::{Description, Value};
use framer_runtime::cutter::{Cutter, Cutting};
use framer_runtime::frame::{Frame, Framed};
use framer_runtime::violation::{EncodeError, Invalid, Violation};

use super::show;

/// A description with its types that stand by themselves.
pub struct Types {
    /// How it is called in messages.
    pub name: &'static str,
    /// The file that it is in, from the directory of this crate.
    pub file: Option<&'static str>,
    /// Its text, where it is in none.
    pub text: &'static str,
    /// The types.
    pub types: &'static [Ty],
}

/// A compiled type.
pub struct Ty {
    /// Its name in the description.
    pub name: &'static str,
    /// What it does with bytes.
    pub compiled: fn(&[u8]) -> Recoded,
    /// What is cut out of a stream, where it says where it ends.
    pub cut: Option<Cuts>,
}

/// What is cut out of a stream that comes in pieces.
pub type Cuts = fn(&[&[u8]]) -> Vec<String>;

/// What became of bytes that were decoded, and encoded again: as text, and the bytes.
pub type Recoded = Result<(String, Result<Vec<u8>, EncodeError>), Invalid>;

/// What the compiled type does with bytes.
///
/// # Errors
/// The rule that they break.
pub fn compiled<F>(bytes: &[u8]) -> Recoded
where
    F: Frame,
    for<'a> F::View<'a>: Frame + Debug,
{
    let frame = F::decode(bytes)?;
    let mut out = Vec::new();
    let written = frame.encode(&mut out);
    Ok((format!("{frame:?}"), written.map(|()| out)))
}

/// What the interpreted one does.
///
/// # Errors
/// The rule that they break.
///
/// # Panics
/// If the description has no such type.
pub fn interpreted(description: &'static Description, name: &str, bytes: &[u8]) -> Recoded {
    let schema = description.schema(name).expect("it is declared");
    let value: Value<'_> = schema.decode(bytes)?;
    let mut out = Vec::new();
    let written = schema.encode(&value, &mut out);
    Ok((show(description, name, &value), written.map(|()| out)))
}

/// What the compiled type is cut out of a stream as.
#[must_use]
pub fn compiled_cut<F: Framed>(pieces: &[&[u8]]) -> Vec<String>
where
    for<'a> F::View<'a>: Debug,
{
    let mut cutter = Cutter::<F>::new(0);
    let mut seen = Vec::new();
    for piece in pieces {
        cutter.receive(piece);
        while note(&mut seen, cutter.poll(), |frame| format!("{frame:?}")) {}
    }
    seen.push(format!("{:?}", cutter.end_of_stream()));
    seen.push(format!("{} {}", cutter.position(), cutter.scanned()));
    seen
}

/// What the interpreted one is.
///
/// # Panics
/// If the description has no such type.
#[must_use]
pub fn interpreted_cut(
    description: &'static Description,
    name: &str,
    pieces: &[&[u8]],
) -> Vec<String> {
    let schema = description.schema(name).expect("it is declared");
    let mut cutter = schema.cutter(0).expect("it says where it ends");
    let mut seen = Vec::new();
    for piece in pieces {
        cutter.receive(piece);
        while note(&mut seen, cutter.poll(), |value| show(description, name, &value)) {}
    }
    seen.push(format!("{:?}", cutter.end_of_stream()));
    seen.push(format!("{} {}", cutter.position(), cutter.scanned()));
    seen
}

/// Notes what a cutter gave; whether there may be more.
fn note<F>(
    seen: &mut Vec<String>,
    cutting: Result<Cutting<F>, Violation>,
    text: impl FnOnce(F) -> String,
) -> bool {
    let (more, text) = match cutting {
        Ok(Cutting::Frame(frame)) => (true, text(frame)),
        Ok(Cutting::Malformed(violation)) => (true, format!("{violation:?}")),
        Ok(Cutting::More(need)) => (false, format!("{need} more")),
        Err(violation) => (false, violation.to_string()),
    };
    seen.push(text);
    more
}
