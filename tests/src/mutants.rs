//! Descriptions with one rule less: what hostile peers say must show the difference.

mod changes;
mod watched;

use std::panic::{AssertUnwindSafe, catch_unwind};

use framer_dsl::Sources;
use framer_interpret::Description;

use crate::bundled::{self, Bundled};
use crate::conversation::{self, Line};
use crate::hostile;

pub use changes::{Change, changes};

/// What became of a changed description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It does not compile.
    Refused,
    /// It means what it meant before.
    Same,
    /// Something is read otherwise: the conversation or the attack that shows it.
    Noticed(String),
    /// Nothing shows it.
    Unnoticed,
}

/// A bundled description, and what is read of all that is known to be said in its protocols.
pub struct Original {
    text: String,
    meant: String,
    /// By the protocols, what they are called.
    said: Vec<(&'static str, Vec<Said>)>,
}

/// A conversation or an attack, and what is seen of it.
struct Said {
    name: String,
    lines: Vec<Line>,
    seen: Vec<String>,
}

impl Original {
    /// As it is.
    ///
    /// # Panics
    /// If its description is not there.
    #[must_use]
    pub fn of(of: &Bundled) -> Original {
        let text = std::fs::read_to_string(of.path()).expect("it is there");
        let load = Description::load(&Sources::new("changed.frame", text.as_str()));
        let meant = meant(load.expect("it compiles"));
        let alike = bundled::ALL.iter().filter(|other| other.path() == of.path());
        let said = alike.map(|of| (of.protocol().name(), said(of)));
        Original { text, meant, said: said.collect() }
    }

    /// All ways of taking one rule out of it.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        changes(&self.text)
    }

    /// What becomes of it with this change.
    #[must_use]
    pub fn with(&self, change: &Change) -> Fate {
        let text = change.applied(&self.text);
        let Ok(description) = Description::load(&Sources::new("changed.frame", text)) else {
            return Fate::Refused;
        };
        if meant(description) == self.meant {
            return Fate::Same;
        }
        for (name, all) in &self.said {
            let mut protocols = description.protocols().iter();
            let Some(changed) = protocols.find(|of| of.name() == *name) else {
                return Fate::Refused;
            };
            let noticed = all.iter().find(|said| {
                // Engines that no longer agree are a difference, too.
                let watched =
                    catch_unwind(AssertUnwindSafe(|| watched::watched(changed, &said.lines)));
                watched.map_or(true, |watched| watched != said.seen)
            });
            if let Some(said) = noticed {
                return Fate::Noticed(said.name.clone());
            }
        }
        Fate::Unnoticed
    }
}

/// All that is known to be said in a protocol.
fn said(of: &Bundled) -> Vec<Said> {
    let attacks = hostile::of(of.name).into_iter().map(|attack| (attack.name, attack.lines));
    let all = conversation::of(of.name).into_iter().chain(attacks);
    let said = all.map(|(name, lines)| {
        let seen = watched::watched(of.protocol(), &lines);
        Said { name, lines, seen }
    });
    said.collect()
}

/// What a description means, wherever it stands in its text.
fn meant(description: &Description) -> String {
    let ir = format!("{:?}", description.ir());
    let mut parts = ir.split("Span {");
    let first = parts.next().map(str::to_owned);
    let behind = parts.filter_map(|part| part.split_once('}').map(|(_, behind)| behind));
    first.into_iter().chain(behind.map(str::to_owned)).collect()
}
