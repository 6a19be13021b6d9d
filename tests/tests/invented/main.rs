//! Descriptions made up: what the checker lets pass reads back what it writes, in every cut.

mod members;
mod text;

use framer_dsl::Sources;
use framer_interpret::{Cutter, Description, Schema, Value};
use framer_runtime::cutter::Cutting;
use framer_runtime::violation::Rule;
use framer_tests::twin::{Changes, Made, same};

/// How many descriptions are made up, unless `FRAMER_TWIN_CHANGES` says so.
const DESCRIPTIONS: u64 = 500;

fn descriptions() -> u64 {
    let number = std::env::var("FRAMER_TWIN_CHANGES").ok();
    number.map_or(DESCRIPTIONS, |number| number.parse().expect("FRAMER_TWIN_CHANGES is a number"))
}

#[test]
fn what_is_written_is_read_back() {
    let (mut accepted, mut written) = (0, 0);
    let mut wrong = Vec::new();
    for seed in 1..=descriptions() {
        let text = text::description(seed);
        let sources = Sources::new("invented.frame", text.as_str());
        let Ok(description) = Description::load(&sources) else { continue };
        accepted += 1;
        for schema in description.schemas() {
            match (Held { description, schema, seed }).hold() {
                Ok(count) => written += count,
                Err(what) => wrong.push(format!("{seed} {}: {what}\n{text}", schema.name())),
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {accepted}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(accepted > descriptions() / 10 && written > accepted, "{accepted}, {written}");
}

/// A type of a description that was accepted.
struct Held {
    description: &'static Description,
    schema: Schema,
    seed: u64,
}

impl Held {
    /// How many values could be written; or what went wrong with one.
    fn hold(&self) -> Result<u64, String> {
        let mut written = 0;
        for seed in 0..12 {
            let value =
                Made::of(self.description, self.seed * 100 + seed).value(self.schema.name());
            let mut bytes = Vec::new();
            let encoded = self.schema.encode(&value, &mut bytes);
            let mut source = Changes::of(self.seed + seed);
            if encoded.is_ok() {
                written += 1;
                self.reads_back(&value, &bytes)?;
                self.is_cut(&bytes)?;
            } else {
                bytes = (0..source.below(12))
                    .map(|_| b"ab.-1 \r\n\x01\xff"[source.below(10)])
                    .collect();
            }
            for _ in 0..6 {
                source.bytes(&mut bytes);
                self.is_written_again(&bytes)?;
                self.is_cut_alike(&bytes)?;
            }
        }
        Ok(written)
    }

    fn reads_back(&self, value: &Value<'_>, bytes: &[u8]) -> Result<(), String> {
        let shown = bytes.escape_ascii();
        match self.schema.decode(bytes) {
            Err(invalid) => Err(format!("`{shown}` is written of {value:?}, and breaks {invalid}")),
            Ok(read) if !same(value, &read) => {
                Err(format!("`{shown}` is written of {value:?}, and read as {read:?}"))
            }
            Ok(read) => {
                let mut again = Vec::new();
                let written = self.schema.encode(&read, &mut again);
                match written.is_ok() && again == bytes {
                    true => Ok(()),
                    false => Err(format!(
                        "`{shown}` is read as {read:?}, and written {written:?} `{}`",
                        again.escape_ascii()
                    )),
                }
            }
        }
    }

    /// What can be read can be written, and is the same then.
    fn is_written_again(&self, bytes: &[u8]) -> Result<(), String> {
        let Ok(read) = self.schema.decode(bytes) else { return Ok(()) };
        let shown = bytes.escape_ascii();
        let mut again = Vec::new();
        if let Err(error) = self.schema.encode(&read, &mut again) {
            // A shorter delimiter was read than is written, or elements that are told from the end
            // of their list only by what follows.
            if matches!(error.rule, Rule::TooLong { .. } | Rule::Ambiguous) {
                return Ok(());
            }
            return Err(format!("`{shown}` is read as {read:?}, and not written: {error}"));
        }
        match self.schema.decode(&again) {
            Ok(second) if same(&read, &second) => Ok(()),
            other => Err(format!(
                "`{shown}` is read as {read:?}, written as `{}`, and read as {other:?}",
                again.escape_ascii()
            )),
        }
    }

    /// Two of a kind behind each other are cut apart again.
    fn is_cut(&self, bytes: &[u8]) -> Result<(), String> {
        let Some(cutter) = self.schema.cutter(0) else { return Ok(()) };
        let seen = cut(cutter, [[bytes, bytes].concat().as_slice()].into_iter());
        match seen.0.len() == 2 && seen.1.is_none() {
            true => self.is_cut_alike(&[bytes, bytes].concat()),
            false => Err(format!("twice `{}` is cut as {seen:?}", bytes.escape_ascii())),
        }
    }

    /// The same comes of bytes in one piece and byte by byte, and none is looked at often.
    fn is_cut_alike(&self, bytes: &[u8]) -> Result<(), String> {
        let cutter = || self.schema.cutter(0);
        let (Some(one), Some(other)) = (cutter(), cutter()) else { return Ok(()) };
        let (whole, single) = (cut(one, [bytes].into_iter()), cut(other, bytes.chunks(1)));
        let most = 3 * bytes.len() as u64 + 16;
        match (whole.0 == single.0 && whole.1 == single.1, single.2 <= most) {
            (false, _) => Err(format!(
                "`{}` is cut as {whole:?}, and byte by byte as {single:?}",
                bytes.escape_ascii()
            )),
            (_, false) => Err(format!("`{}` takes {} looks", bytes.escape_ascii(), single.2)),
            _ => Ok(()),
        }
    }
}

/// What was cut out of a stream: the frames, how it ended, and how many bytes were looked at.
type Seen = (Vec<String>, Option<String>, u64);

fn cut<'b>(mut cutter: Cutter, pieces: impl Iterator<Item = &'b [u8]>) -> Seen {
    let mut frames = Vec::new();
    for piece in pieces {
        cutter.receive(piece);
        loop {
            match cutter.poll() {
                Ok(Cutting::Frame(value)) => frames.push(format!("{value:?}")),
                Ok(Cutting::Malformed(violation)) => frames.push(violation.to_string()),
                Ok(Cutting::More(_)) => break,
                Err(violation) => return (frames, Some(violation.to_string()), cutter.scanned()),
            }
        }
    }
    let end = cutter.end_of_stream().err().map(|error| error.to_string());
    (frames, end, cutter.scanned())
}
