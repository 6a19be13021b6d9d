//! What the parts of a rule or an arm are for.

use std::collections::BTreeSet;

use framer_dsl::ir::{Arm, Rule};

/// What a part of something is for: a kind, and answers about variables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) kind: usize,
    /// The bits that are asked about.
    pub(super) mask: u32,
    /// What they are.
    pub(super) value: u32,
}

/// What a row is for.
#[derive(Clone, Copy)]
pub(super) struct For<'i> {
    kinds: &'i [usize],
    low: u64,
    high: u64,
    mask: u32,
    value: u32,
}

impl<'i> From<&'i Rule> for For<'i> {
    fn from(row: &'i Rule) -> For<'i> {
        let Rule { kinds, low, high, mask, value, .. } = row;
        For { kinds, low: *low, high: *high, mask: *mask, value: *value }
    }
}

impl<'i> From<&'i Arm> for For<'i> {
    fn from(row: &'i Arm) -> For<'i> {
        let Arm { kinds, low, high, mask, value, .. } = row;
        For { kinds, low: *low, high: *high, mask: *mask, value: *value }
    }
}

/// A part of what was taken apart, with the cases that are left for it.
pub(super) struct Share<T> {
    pub(super) of: T,
    pub(super) cases: Vec<Case>,
}

/// What some parts of a rule or arm agree on: about variables, and about the frame.
pub(super) type Terms = BTreeSet<Term>;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Term {
    Variable(String),
    Frame(String),
}

impl Term {
    pub(super) fn text(&self) -> &str {
        match self {
            Term::Variable(text) | Term::Frame(text) => text,
        }
    }
}

/// The texts of some terms.
pub(super) fn texts<'t>(terms: impl IntoIterator<Item = &'t Term>) -> Vec<String> {
    terms.into_iter().map(|term| term.text().to_owned()).collect()
}

/// The parts of what is written once: an earlier one takes its cases from the later ones.
pub(super) fn shares<'i, T>(parts: impl IntoIterator<Item = &'i T>) -> Vec<Share<&'i T>>
where
    For<'i>: From<&'i T>,
{
    let parts: Vec<(&T, For<'i>)> = parts.into_iter().map(|part| (part, For::from(part))).collect();
    let mask = parts.iter().fold(0, |mask, (_, of)| mask | of.mask);
    let mut taken: Vec<(Case, u64, u64)> = Vec::new();
    let mut shares = Vec::new();
    for (part, of) in parts {
        let values = subsets(mask).filter(|value| value & of.mask == of.value);
        let values: Vec<u32> = values.collect();
        let all = of
            .kinds
            .iter()
            .flat_map(|kind| values.iter().map(|value| Case { kind: *kind, mask, value: *value }));
        let cases: Vec<Case> =
            all.filter(|case| !taken.contains(&(*case, of.low, of.high))).collect();
        taken.extend(cases.iter().map(|case| (*case, of.low, of.high)));
        shares.push(Share { of: part, cases });
    }
    shares
}

/// Every subset of some bits.
fn subsets(bits: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(bits), move |set| (*set > 0).then(|| (set - 1) & bits))
}

/// The cases of all parts.
pub(super) fn all<T>(shares: &[Share<T>]) -> Vec<Case> {
    shares.iter().flat_map(|share| &share.cases).copied().collect()
}
