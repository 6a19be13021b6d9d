//! `framer graph`: the states of a protocol as a picture.

use std::io::Write as _;
use std::path::PathBuf;

use framer_dsl::ir::{Ir, Machine};

use crate::Outcome;
use crate::error::Error;
use crate::{findings, graph};

/// Draw the states of a protocol
#[derive(Debug, clap::Args)]
pub(crate) struct Graph {
    /// The description; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which of several protocols
    #[arg(short, long, value_name = "NAME")]
    protocol: Option<String>,
    /// As what it is drawn
    #[arg(short, long, value_name = "FORMAT", default_value_t, value_enum)]
    format: How,
    /// Where it goes, instead of to the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What pictures are made as.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum How {
    /// A picture for browsers
    #[default]
    Svg,
    /// For Graphviz
    Dot,
    /// For Mermaid
    Mermaid,
}

impl Graph {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let Some((_, ir)) = findings::analyzed(&self.file)? else {
            return Ok(Outcome::Findings);
        };
        let picture = graph::picture(&ir, self.machine(&ir)?);
        let drawn = match self.format {
            How::Svg => graph::svg(&picture) + "\n",
            How::Dot => graph::dot(&picture)?,
            How::Mermaid => graph::mermaid(&picture)?,
        };
        match &self.output {
            Some(path) => std::fs::write(path, drawn)
                .map_err(|error| Error::Write { path: path.display().to_string(), error })?,
            None => std::io::stdout().lock().write_all(drawn.as_bytes())?,
        }
        Ok(Outcome::Clean)
    }

    /// The protocol that is meant.
    fn machine<'i>(&self, ir: &'i Ir) -> Result<&'i Machine, Error> {
        let names = || ir.machines.iter().map(|machine| machine.name.clone()).collect();
        match (&self.protocol, ir.machines.as_slice()) {
            (None, [machine]) => Ok(machine),
            (None, []) => Err(Error::NoProtocol),
            (None, _) => Err(Error::WhichProtocol { names: names() }),
            (Some(name), all) => {
                let found = all.iter().find(|machine| machine.name == *name);
                let unknown = || Error::UnknownProtocol { name: name.clone(), names: names() };
                found.ok_or_else(unknown)
            }
        }
    }
}
