//! `framer encode`: from JSON to bytes.

use std::io::{self, Write as _};
use std::path::PathBuf;

use framer_dsl::ir::{Ir, TypeKind};
use framer_interpret::Schema;
use serde_json::{Deserializer, Map, Value as Json};

use crate::Outcome;
use crate::description::is_stdin;
use crate::error::Error;
use crate::wire::choice::load;
use crate::wire::values::{self, Wrong};

/// Write the bytes of frames that are given as JSON
///
/// The standard input holds objects as `decode` writes them, one or more: those of frames are written one
/// behind the other, and what is derived in them is made anew. An object of the fields alone will do,
/// too; of a choice of frames one of the name of the alternative with its fields.
#[derive(Debug, clap::Args)]
pub(crate) struct Encode {
    /// The description
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What is to be written: a frame, a choice of frames or an alternative of one
    #[arg(long, value_name = "NAME")]
    frame: String,
    /// Where the bytes go, instead of to the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Encode {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        if is_stdin(&self.file) {
            return Err(Error::Input);
        }
        let Some(description) = load(&self.file)? else { return Ok(Outcome::Findings) };
        let name = &self.frame;
        let schema = description.schema(name).ok_or_else(|| Error::NoFrame(name.clone()))?;
        let mut bytes = Vec::new();
        let input = io::stdin().lock();
        for (place, json) in Deserializer::from_reader(input).into_iter::<Json>().enumerate() {
            let object = place + 1;
            let json = json.map_err(|error| Error::Json { object, message: error.to_string() })?;
            encode(description.ir(), schema, &json, &mut bytes)
                .map_err(|message| Error::Json { object, message })?;
        }
        match &self.output {
            Some(path) => std::fs::write(path, bytes)
                .map_err(|error| Error::Write { path: path.display().to_string(), error })?,
            None => io::stdout().lock().write_all(&bytes)?,
        }
        Ok(Outcome::Clean)
    }
}

/// Writes what an object stands for; what is wrong with it.
fn encode(ir: &Ir, schema: Schema, json: &Json, out: &mut Vec<u8>) -> Result<(), String> {
    let told = |wrong: Wrong| wrong.to_string();
    let value = match (json.get("event"), json.get("frame"), json.get("fields")) {
        (Some(Json::String(event)), _, _) if event != "frame" => return Ok(()),
        (Some(_), Some(Json::String(frame)), Some(fields)) => {
            if schema.name() == frame {
                let is_value = matches!(schema.ty().kind, TypeKind::Values(_));
                let value = fields.get("value").filter(|_| is_value);
                values::from_json(ir, schema.ty(), value.unwrap_or(fields)).map_err(told)?
            } else {
                let alternative = Map::from_iter([(frame.clone(), fields.clone())]);
                values::from_json(ir, schema.ty(), &Json::Object(alternative)).map_err(told)?
            }
        }
        _ => values::from_json(ir, schema.ty(), json).map_err(told)?,
    };
    schema.encode(&value, out).map_err(|error| match error.field {
        "" => format!("{}: {}", error.frame, error.rule),
        _ => error.to_string(),
    })
}
