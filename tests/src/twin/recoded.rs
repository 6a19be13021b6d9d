//! Single types: bytes read, written again, and cut out of streams.

use std::fmt::Debug;

use framer_dsl::Sources;
use framer_dsl::source::Source;
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

impl Types {
    /// The description as it is interpreted.
    ///
    /// # Panics
    /// If it does not compile.
    #[must_use]
    pub fn load(&self) -> &'static Description {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let sources = match self.file {
            Some(file) => Sources::open(root.join(file)).expect("it is there"),
            None => Sources::load(Source::new("example.frame", self.text), |path| {
                std::fs::read_to_string(root.join(path))
            }),
        };
        Description::load(&sources).expect("it compiles")
    }
}

/// What is cut out of a stream that comes in pieces.
pub type Cuts = fn(&[&[u8]]) -> CutUp;

/// What was cut out of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CutUp {
    /// The frames, and what was passed over.
    pub frames: Vec<String>,
    /// How many bytes were asked for whenever there was no frame.
    pub needs: Vec<usize>,
    /// What ended it.
    pub ended: Option<Violation>,
    /// How many bytes were done with.
    pub position: u64,
    /// How many bytes were examined to find boundaries.
    pub scanned: u64,
}

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
///
/// # Panics
/// If more memory is taken than what has come can explain.
#[must_use]
pub fn compiled_cut<F: Framed>(pieces: &[&[u8]]) -> CutUp
where
    for<'a> F::View<'a>: Debug,
{
    let mut cutter = Cutter::<F>::new(0);
    let mut seen = CutUp::default();
    for piece in pieces {
        let mut left = *piece;
        while let Some(behind) = seen.room(left, |bytes| cutter.receive(bytes)) {
            left = behind;
            while seen.note(cutter.poll(), |frame| format!("{frame:?}")) {}
        }
    }
    // Whatever was announced: a kibibyte for any, and room is made twofold.
    let most = 1024 + 4 * pieces.iter().map(|piece| piece.len()).sum::<usize>();
    assert!(cutter.peak_bytes() <= most, "{} bytes held", cutter.peak_bytes());
    seen.finish(cutter.end_of_stream(), cutter.position(), cutter.scanned())
}

/// What the interpreted one is.
///
/// # Panics
/// If the description has no such type.
#[must_use]
pub fn interpreted_cut(description: &'static Description, name: &str, pieces: &[&[u8]]) -> CutUp {
    let schema = description.schema(name).expect("it is declared");
    let mut cutter = schema.cutter(0).expect("it says where it ends");
    let mut seen = CutUp::default();
    for piece in pieces {
        let mut left = *piece;
        while let Some(behind) = seen.room(left, |bytes| cutter.receive(bytes)) {
            left = behind;
            while seen.note(cutter.poll(), |value| show(description, name, &value)) {}
        }
    }
    seen.finish(cutter.end_of_stream(), cutter.position(), cutter.scanned())
}

impl CutUp {
    /// Has a cutter take as much as it has room for; what it has not taken, if there was something to take
    /// and it has not ended.
    fn room<'p>(&self, bytes: &'p [u8], receive: impl FnOnce(&[u8]) -> usize) -> Option<&'p [u8]> {
        if bytes.is_empty() || self.ended.is_some() {
            return None;
        }
        let taken = receive(bytes);
        assert!(taken > 0, "there is no room, and all has been looked at");
        bytes.get(taken..)
    }

    /// Notes what a cutter gave; whether there may be more.
    fn note<F>(
        &mut self,
        cutting: Result<Cutting<F>, Violation>,
        text: impl FnOnce(F) -> String,
    ) -> bool {
        match cutting {
            Ok(Cutting::Frame(frame)) => self.frames.push(text(frame)),
            Ok(Cutting::Malformed(violation)) => self.frames.push(format!("{violation:?}")),
            Ok(Cutting::More(need)) => {
                self.needs.push(need);
                return false;
            }
            Err(violation) => {
                self.ended = Some(violation);
                return false;
            }
        }
        true
    }

    fn finish(self, end: Result<(), Violation>, position: u64, scanned: u64) -> CutUp {
        CutUp { ended: self.ended.or(end.err()), position, scanned, ..self }
    }
}
