//! Zones: their records by name, as they stand on the wire.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use domain::zonefile::inplace::{Entry, Zonefile};
use framer_protocols::dns::{Data, Label, Name, Outcome, Question, Record};
use framer_runtime::frame::Frame;
use framer_runtime::list::List;

use super::Answer;

/// What is used where no file is given.
const EXAMPLE: &str = include_str!("example.zone");
/// How many names may lead to another.
const MAX_ALIASES: usize = 8;
/// The kind of question that any record answers (RFC 1035, section 3.2.3).
const ANY: u16 = 255;
const NS: u16 = 2;
const CNAME: u16 = 5;
const SOA: u16 = 6;

/// A name as it is looked up: its labels in small letters, the root's first.
type Path = Vec<Vec<u8>>;

/// The records of a zone, each as its bytes.
#[derive(Debug)]
pub struct Zone {
    origin: Path,
    /// Names between others have no records, and are there (RFC 4592, section 2.2.2).
    names: BTreeMap<Path, Vec<Vec<u8>>>,
}

impl Zone {
    /// The zone of the example.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn example() -> anyhow::Result<Zone> {
        Zone::read(EXAMPLE)
    }

    /// Reads a zone file (RFC 1035, section 5).
    ///
    /// # Errors
    /// What is wrong with it, or that it has no SOA.
    pub fn read(text: &str) -> anyhow::Result<Zone> {
        let mut file = Zonefile::from(text);
        file.set_default_class(domain::base::iana::Class::IN);
        let mut names: BTreeMap<Path, Vec<Vec<u8>>> = BTreeMap::new();
        let mut origin = None;
        while let Some(entry) = file.next_entry().map_err(|error| anyhow::anyhow!("{error}"))? {
            let Entry::Record(record) = entry else { bail!("$INCLUDE is not supported") };
            let mut wire = Vec::new();
            record.compose(&mut wire).context("a record that is too long")?;
            let view = Record::decode(&wire)?;
            let path = path(view.name);
            if view.data.number() == SOA {
                origin = Some(path.clone());
            }
            for end in 0..path.len() {
                names.entry(path.get(..end).unwrap_or_default().to_vec()).or_default();
            }
            names.entry(path).or_default().push(wire);
        }
        let origin = origin.context("the zone has no SOA")?;
        names.retain(|path, _| path.starts_with(&origin));
        Ok(Zone { origin, names })
    }

    /// Whether a name is of the zone.
    pub(super) fn holds(&self, name: Name<'_>) -> bool {
        path(name).starts_with(&self.origin)
    }

    /// Adds what there is to a question about a name of the zone.
    pub(super) fn look_up<'a>(&'a self, question: Question<'a>, answer: &mut Answer<'a>) {
        let (mut name, mut path) = (question.name, path(question.name));
        for _ in 0..MAX_ALIASES {
            if self.delegated(&path, answer) {
                return;
            }
            let Some(found) = self.node(&path) else {
                answer.code = Some(Outcome::NameError);
                return self.deny(answer);
            };
            let records: Vec<Record<'a>> =
                of(found).map(|record| Record { name, ..record }).collect();
            let wanted = |record: &&Record<'a>| {
                let kind = record.data.number();
                question.kind == ANY || kind == question.kind || kind == CNAME
            };
            let before = answer.answers.len();
            answer.answers.extend(records.iter().filter(wanted));
            let added = answer.answers.get(before..).unwrap_or_default();
            let alias = added.iter().find_map(|record| match record.data {
                Data::Cname(alias) => Some(alias.target),
                _ => None,
            });
            match alias.filter(|_| ![ANY, CNAME].contains(&question.kind)) {
                Some(target) if self.holds(target) => (name, path) = (target, self::path(target)),
                Some(_) => return,
                None if added.is_empty() => return self.deny(answer),
                None => return self.add_addresses(answer),
            }
        }
    }

    /// The records of a name: its own, or those of the wildcard that stands for it.
    fn node(&self, path: &Path) -> Option<&[Vec<u8>]> {
        if let Some(found) = self.names.get(path) {
            return Some(found);
        }
        let above = (0..path.len()).rev().filter_map(|end| path.get(..end));
        let closest = above.into_iter().find(|above| self.names.contains_key(*above))?;
        let mut wildcard = closest.to_vec();
        wildcard.push(b"*".to_vec());
        self.names.get(&wildcard).map(Vec::as_slice)
    }

    /// Where the zone has given a name away: says to whom.
    fn delegated<'a>(&'a self, path: &Path, answer: &mut Answer<'a>) -> bool {
        let below = self.origin.len().saturating_add(1)..=path.len();
        let cut = below.filter_map(|end| self.names.get(path.get(..end)?)).find_map(|found| {
            let servers: Vec<_> = of(found).filter(|record| record.data.number() == NS).collect();
            (!servers.is_empty()).then_some(servers)
        });
        let Some(servers) = cut else { return false };
        answer.authoritative = !answer.answers.is_empty();
        answer.authorities.extend(servers);
        self.add_addresses(answer);
        true
    }

    /// Says for how long it may be kept that there is nothing (RFC 2308).
    fn deny<'a>(&'a self, answer: &mut Answer<'a>) {
        let origin = self.names.get(&self.origin).into_iter().flat_map(|found| of(found));
        answer.authorities.extend(origin.filter(|record| record.data.number() == SOA));
    }

    /// Adds the addresses of what the answer names.
    fn add_addresses<'a>(&'a self, answer: &mut Answer<'a>) {
        let mut named = Vec::new();
        for record in answer.answers.iter().chain(&answer.authorities) {
            named.extend(match record.data {
                Data::Ns(ns) => Some(path(ns.server)),
                Data::Mx(mx) => Some(path(mx.exchange)),
                Data::Srv(srv) => Some(path_of(srv.target.labels)),
                _ => None,
            });
        }
        named.sort();
        named.dedup();
        let found =
            named.iter().filter_map(|path| self.names.get(path)).flat_map(|found| of(found));
        let addresses = found.filter(|record| matches!(record.data, Data::A(_) | Data::Aaaa(_)));
        answer.additionals.extend(addresses);
    }
}

fn of(wires: &[Vec<u8>]) -> impl Iterator<Item = Record<'_>> {
    wires.iter().filter_map(|wire| Record::decode(wire).ok())
}

fn path(name: Name<'_>) -> Path {
    path_of(name.labels)
}

fn path_of(labels: List<'_, Label<'_>>) -> Path {
    let mut path: Path = labels.iter().map(|label| label.text.to_ascii_lowercase()).collect();
    path.reverse();
    path
}
