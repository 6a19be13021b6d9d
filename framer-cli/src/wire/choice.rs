//! Which protocols are spoken: what several commands are told.

use std::path::Path;

use framer_dsl::Sources;
use framer_dsl::diagnostic::Severity;
use framer_interpret::{Description, Protocol};
use framer_runtime::protocol::Role;

use super::conversation::Spoken;
use super::event::Audience;
use crate::description;
use crate::error::Error;
use crate::findings::{Checked, Format, report};

/// Which protocols are meant, and to whom they are told.
#[derive(Debug, clap::Args)]
pub(crate) struct Choice {
    /// The protocol, of several in the description
    #[arg(long, value_name = "NAME")]
    protocol: Option<String>,
    /// Write an object of JSON a line
    #[arg(long)]
    json: bool,
    /// What a layer speaks that the connection is handed to: a description, and of several the protocol
    #[arg(long, value_name = "LAYER=FILE[:PROTOCOL]")]
    layer: Vec<String>,
}

impl Choice {
    /// To whom it is told.
    pub(crate) fn audience(&self) -> Audience {
        if self.json { Audience::Programs } else { Audience::People }
    }

    /// The protocol of a description that is meant; of several that are `fit` the one named.
    pub(crate) fn spoken(
        &self,
        description: &'static Description,
        fit: impl Fn(&Protocol) -> bool,
    ) -> Result<Spoken, Error> {
        spoken(description, self.protocol.as_deref(), fit, self.audience())
    }

    /// What is spoken over streams, and over datagrams: one of both at least.
    pub(crate) fn both(
        &self,
        description: &'static Description,
    ) -> Result<[Option<Spoken>; 2], Error> {
        let fitting = |datagrams: bool| {
            self.spoken(description, |protocol| protocol.is_datagram() == datagrams)
        };
        match (fitting(false), fitting(true)) {
            (Err(error), Err(_)) => Err(error),
            (stream, datagram) => {
                let stream = stream.ok().filter(|spoken| !spoken.protocol.is_datagram());
                let datagram = datagram.ok().filter(|spoken| spoken.protocol.is_datagram());
                Ok([stream, datagram])
            }
        }
    }

    /// What the layers speak; `None` if a description is not right, which is told.
    pub(crate) fn layers(&self) -> Result<Option<Vec<(String, Spoken)>>, Error> {
        let mut layers = Vec::new();
        for given in &self.layer {
            let parts = given.split_once('=').ok_or_else(|| Error::Layer(given.clone()))?;
            let (layer, rest) = parts;
            let (path, protocol) = match rest.rsplit_once(':') {
                Some((path, protocol)) => (path, Some(protocol)),
                None => (rest, None),
            };
            let Some(description) = load(Path::new(path))? else { return Ok(None) };
            layers.push((
                layer.to_owned(),
                spoken(description, protocol, |_| true, self.audience())?,
            ));
        }
        Ok(Some(layers))
    }
}

fn spoken(
    description: &'static Description,
    name: Option<&str>,
    fit: impl Fn(&Protocol) -> bool,
    audience: Audience,
) -> Result<Spoken, Error> {
    let all = || description.protocols().iter();
    let names = || all().map(|protocol| protocol.name().to_owned()).collect();
    let protocol = match name {
        Some(name) => all()
            .find(|protocol| protocol.name() == name)
            .ok_or_else(|| Error::UnknownProtocol { name: name.to_owned(), names: names() })?,
        None => match all().filter(|protocol| fit(protocol)).collect::<Vec<_>>()[..] {
            [protocol] => protocol,
            [] => return Err(Error::NoProtocol),
            _ => return Err(Error::WhichProtocol { names: names() }),
        },
    };
    Ok(Spoken { protocol, ir: description.ir(), audience })
}

/// The role of this name; `client` and `server` are the first and the second, whatever their names.
pub(crate) fn role(protocol: &Protocol, name: &str) -> Result<Role, Error> {
    let found = protocol.role(name).or(match name {
        "client" => Some(Role::First),
        "server" => Some(Role::Second),
        _ => None,
    });
    found.ok_or_else(|| Error::NoRole(protocol.roles().join(", ")))
}

/// The description at `path`, ready to be run; `None` if it is not right, which is told.
pub(crate) fn load(path: &Path) -> Result<Option<&'static Description>, Error> {
    let sources: Sources = description::read(path)?;
    match Description::load(&sources) {
        Ok(description) => Ok(Some(description)),
        Err(diagnostics) => {
            report(&[Checked { sources, diagnostics }], Format::Human, Severity::Error)?;
            Ok(None)
        }
    }
}
