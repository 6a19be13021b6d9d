//! `framer decode`: what is on the wire.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ArgGroup;
use framer_runtime::protocol::Role;

use crate::Outcome;
use crate::capture::Capture;
use crate::description::is_stdin;
use crate::error::Error;
use crate::wire::choice::{Choice, load, role};
use crate::wire::conversation::Conversation;
use crate::wire::output::Output;
use crate::wire::pieces::{Pieces, Sizes};
use crate::wire::{files, frames};

/// Tell what is on the wire
///
/// The exit status is 0 if all of it is as described, and 1 if a rule is broken or the input ends
/// inside a frame.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("source").required(true).args(["frame", "as", "client", "pcap"]))]
pub(crate) struct Decode {
    /// The description; `-` is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Frames of this sort one behind the other, without a protocol
    #[arg(long, value_name = "NAME")]
    frame: Option<String>,
    /// What this role says, alone
    #[arg(long, value_name = "ROLE")]
    r#as: Option<String>,
    /// The bytes of the frames or of the role; the standard input if it is not given
    #[arg(long, value_name = "FILE", default_value = "-", conflicts_with_all = ["client", "pcap"])]
    input: PathBuf,
    /// What the first role says, with `--server`
    #[arg(long, value_name = "FILE", requires = "server")]
    client: Option<PathBuf>,
    /// What the second role says, with `--client`
    #[arg(long, value_name = "FILE", requires = "client")]
    server: Option<PathBuf>,
    /// A capture of a network, as pcap or pcapng, with TCP put together and UDP by the datagram
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
    /// Where the servers of the capture listen; without it all connections are read, and who begins one is
    /// its client
    #[arg(long, value_name = "N", requires = "pcap")]
    port: Option<u16>,
    #[command(flatten)]
    choice: Choice,
    /// Read in pieces of so many bytes
    #[arg(long, value_name = "N", conflicts_with = "chunks")]
    chunk: Option<NonZeroUsize>,
    /// Read in pieces of so many bytes, in turn
    #[arg(long, value_name = "N,N...", value_delimiter = ',')]
    chunks: Vec<NonZeroUsize>,
}

impl Decode {
    pub(crate) fn run(self) -> Result<Outcome, Error> {
        let reads_input = self.frame.is_some() || self.r#as.is_some();
        if reads_input && is_stdin(&self.file) && is_stdin(&self.input) {
            return Err(Error::Input);
        }
        let Some(description) = load(&self.file)? else { return Ok(Outcome::Findings) };
        let sizes = Sizes::new(self.chunk, &self.chunks);
        if let Some(name) = &self.frame {
            let schema = description.schema(name).ok_or_else(|| Error::NoFrame(name.clone()))?;
            let mut output = Output::new(self.choice.audience(), "");
            let mut pieces = Pieces::open(&self.input, sizes)?;
            return frames::decode(description.ir(), schema, &mut pieces, &mut output);
        }
        let Some(layers) = self.choice.layers()? else { return Ok(Outcome::Findings) };
        if let Some(path) = &self.pcap {
            let [stream, datagram] = self.choice.both(description)?;
            let either = stream.or(datagram).map(|spoken| spoken.protocol.roles()[0]);
            let mut output = Output::new(self.choice.audience(), either.unwrap_or_default());
            let (layers, port) = (&layers[..], self.port);
            return Capture { stream, datagram, layers, port, sizes }.decode(path, &mut output);
        }
        let spoken = self.choice.spoken(description, |protocol| !protocol.is_datagram())?;
        let alone = match &self.r#as {
            Some(name) => Some(role(spoken.protocol, name)?),
            None => None,
        };
        let conversation = Conversation::new(spoken, &layers, alone);
        let mut output = Output::new(self.choice.audience(), spoken.protocol.roles()[0]);
        let mut sides = Vec::new();
        if let Some(role) = alone {
            sides.push((role, Pieces::open(&self.input, sizes.clone())?));
        }
        for (role, path) in [(Role::First, &self.client), (Role::Second, &self.server)] {
            if let Some(path) = path {
                sides.push((role, Pieces::open(path, sizes.clone())?));
            }
        }
        files::decode(conversation, &mut sides, &mut output)
    }
}
