//! Puts together what the compiler took apart.

use framer_dsl::ir::{
    self, Barrier, Change, Effect as Row, Ir, Kind, KindOf, Machine, Role, Span, TypeId,
};

use super::cases::{self, Case, Share, Term, Terms, texts};
use super::variables;

use super::{Arm, Effect, Outcome, Part, Rule, frames_of};
use crate::words;

/// So many frames are named, even if they are all that a role speaks.
const FEW: usize = 6;

/// Reads the rows of a table.
pub(super) struct Reader<'i> {
    ir: &'i Ir,
    machine: &'i Machine,
}

impl<'i> Reader<'i> {
    pub(super) fn new(ir: &'i Ir, machine: &'i Machine) -> Reader<'i> {
        Reader { ir, machine }
    }

    /// The rule that these rows are.
    pub(super) fn rule(&self, rows: &'i [ir::Rule]) -> Option<Rule<'i>> {
        let first = rows.first()?;
        let role = self.kind(*first.kinds.first()?)?.role;
        let shares = cases::shares(rows);
        let all = cases::all(&shares);
        let common = self.common(&all);
        let mut said: Vec<String> = Vec::new();
        for row in rows {
            let names = match value(row.low, row.high) {
                Some(value) => vec![value],
                None => self.names(role, &row.kinds),
            };
            said.extend(names.into_iter().filter(|name| !said.contains(name)).collect::<Vec<_>>());
        }
        let everything = self.machine.kinds.iter().enumerate().filter(|(_, of)| of.role == role);
        let any = everything
            .map(|(place, _)| place)
            .all(|place| all.iter().any(|case| case.kind == place));
        let frames = said.iter().filter(|name| *name != "malformed").count();
        if any && frames > FEW {
            said = vec![String::from("_")];
        }
        Some(Rule {
            role,
            said,
            when: texts(&common),
            refuse: first.refuse,
            outcome: Outcome { target: first.target, effects: self.effects(&shares, &common) },
            arms: self.arms(role, &shares, &common),
            parts: self.parts(&shares),
            rows: rows.iter().collect(),
        })
    }

    /// What of a rule has which barrier behind it.
    fn parts(&self, shares: &[Share<&'i ir::Rule>]) -> Vec<Part> {
        let mut found: Vec<(Option<Barrier>, Vec<Case>)> = Vec::new();
        for share in shares {
            match found.iter_mut().find(|(barrier, _)| *barrier == share.of.barrier) {
                Some((_, cases)) => cases.extend(&share.cases),
                None => found.push((share.of.barrier, share.cases.clone())),
            }
        }
        let all: Vec<Vec<Case>> = found.iter().map(|(_, cases)| cases.clone()).collect();
        let parts = found.into_iter().enumerate().map(|(place, (barrier, cases))| {
            let others = all.iter().enumerate().filter(|(other, _)| *other != place);
            let others: Vec<Case> = others.flat_map(|(_, cases)| cases).copied().collect();
            Part { barrier, when: self.told_apart(&cases, &others) }
        });
        parts.collect()
    }

    /// What tells some cases from others.
    fn told_apart(&self, cases: &[Case], others: &[Case]) -> Vec<String> {
        if others.is_empty() {
            return vec![String::new()];
        }
        let terms = |case: &Case| self.common(&[*case]);
        let foreign: Terms = others.iter().flat_map(terms).collect();
        let mut found = Terms::new();
        let mut rest = false;
        for case in cases {
            // A term that no other case has tells this one.
            match terms(case).difference(&foreign).next() {
                Some(term) => drop(found.insert(term.clone())),
                None => rest = true,
            }
        }
        if rest {
            // All that they agree on, since none alone is theirs.
            let (common, all) = (self.common(cases), self.common(&[cases, others].concat()));
            return vec![texts(common.difference(&all)).join(" && ")];
        }
        texts(&found)
    }

    fn kind(&self, place: usize) -> Option<&'i Kind> {
        self.machine.kinds.get(place)
    }

    /// What happens in some of the rows, and when.
    fn effects(
        &self,
        shares: &[Share<&'i ir::Rule>],
        common: &Terms,
    ) -> Vec<(Effect, Vec<String>)> {
        let mut found: Vec<(Effect, Vec<Case>)> = Vec::new();
        for share in shares {
            for effect in self.each(&share.of.effects) {
                add(&mut found, effect, &share.cases);
            }
        }
        let when = |cases: &[Case]| texts(self.common(cases).difference(common));
        found.into_iter().map(|(effect, cases)| (effect, when(&cases))).collect()
    }

    fn arms(&self, role: Role, shares: &[Share<&'i ir::Rule>], common: &Terms) -> Vec<Arm> {
        let mut places: Vec<Span> = Vec::new();
        for arm in shares.iter().flat_map(|share| &share.of.arms) {
            if !places.contains(&arm.span) {
                places.push(arm.span);
            }
        }
        places.sort();
        let mut arms: Vec<Arm> = Vec::new();
        for place in places {
            let Some(arm) = self.arm(role, shares, common, place) else { continue };
            match arms.last_mut() {
                Some(last) if (&last.when, &last.outcome) == (&arm.when, &arm.outcome) => {
                    last.said.extend(arm.said);
                }
                _ => arms.push(arm),
            }
        }
        arms
    }

    fn arm(
        &self,
        role: Role,
        shares: &[Share<&'i ir::Rule>],
        common: &Terms,
        place: Span,
    ) -> Option<Arm> {
        // Each with the cases of the request that it is for.
        let mut parts: Vec<(Share<&'i ir::Arm>, &[Case])> = Vec::new();
        for share in shares {
            let here = cases::shares(share.of.arms.iter().filter(|arm| arm.span == place));
            parts.extend(here.into_iter().map(|arm| (arm, share.cases.as_slice())));
        }
        let first = parts.first()?.0.of;
        let asked: Vec<Case> = parts.iter().flat_map(|(_, asked)| *asked).copied().collect();
        let replies: Vec<Case> = parts.iter().flat_map(|(arm, _)| whole(arm)).collect();
        let (of_request, own) = (self.common(&asked), self.common(&replies));
        let mut found: Vec<(Effect, Vec<Case>, Vec<Case>)> = Vec::new();
        for (arm, asked) in &parts {
            for effect in self.each(&arm.of.effects) {
                match found.iter_mut().find(|(other, ..)| *other == effect) {
                    Some((_, cases, of)) => {
                        cases.extend(&arm.cases);
                        of.extend(*asked);
                    }
                    None => found.push((effect, arm.cases.clone(), asked.to_vec())),
                }
            }
        }
        let request = |terms: &Terms, known: &Terms| -> Vec<String> {
            let name = self.names(role, &kinds_of(&asked)).join("|");
            terms.difference(known).map(|term| prefixed(&name, term.text())).collect()
        };
        let effects = found
            .into_iter()
            .map(|(effect, cases, of)| {
                let mut when = request(&self.common(&of), &of_request);
                when.extend(texts(self.common(&cases).difference(&own)));
                (effect, when)
            })
            .collect();
        let mut when = request(&of_request, common);
        when.extend(texts(&own));
        let said = match value(first.low, first.high) {
            Some(value) => vec![value],
            None => self.replies(role.peer(), &kinds_of(&replies)),
        };
        Some(Arm { said, when, outcome: Outcome { target: first.target, effects } })
    }

    /// The names of replies; `_` if they are all that the role speaks.
    fn replies(&self, role: Role, kinds: &[usize]) -> Vec<String> {
        let mut names = self.names(role, kinds);
        names.retain(|name| name != "malformed");
        let Some(framer) = self.machine.framers.get(self.machine.speaks[role.index()]) else {
            return names;
        };
        let spoken = frames_of(self.ir, framer.ty);
        let all = spoken.iter().all(|name| names.contains(name));
        if all && (spoken.len() > 1 || framer.by.is_some()) {
            vec![String::from("_")]
        } else {
            names
        }
    }

    /// The names of the frames of some kinds, each once.
    fn names(&self, role: Role, kinds: &[usize]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for kind in kinds.iter().filter_map(|place| self.kind(*place)) {
            if kind.role == role && !names.contains(&kind.name) {
                names.push(kind.name.clone());
            }
        }
        names
    }

    /// What is known in all of these cases.
    fn common(&self, cases: &[Case]) -> Terms {
        let mut common: Option<Terms> = None;
        for case in cases {
            let Some(kind) = self.kind(case.kind) else { continue };
            let mut terms: Terms = match kind.of {
                KindOf::Malformed => Terms::new(),
                KindOf::Frame(frame) => {
                    let frame = TypeId::Frame(frame);
                    let own = kind.own.iter();
                    let told = |guard, holds| words::answer(self.ir, frame, guard, holds);
                    own.map(|(guard, holds)| Term::Frame(told(guard, *holds))).collect()
                }
            };
            terms.extend(variables::known(self.ir, self.machine, *case));
            common = Some(match common {
                None => terms,
                Some(known) => known.intersection(&terms).cloned().collect(),
            });
        }
        common.unwrap_or_default()
    }

    /// What the rows do, each with what it waits for.
    fn each(&self, rows: &[Row]) -> Vec<Effect> {
        let mut effects = Vec::new();
        for row in rows {
            match (*row, effects.last_mut()) {
                (Row::Hold { until, .. }, Some(Effect::Then { after, .. })) => {
                    *after = Some(self.ir.ty(TypeId::Frame(until)).name.clone());
                }
                (row, _) => effects.extend(self.effect(row)),
            }
        }
        effects
    }

    /// What a row does; `None` for one that belongs to the row before it.
    fn effect(&self, effect: Row) -> Option<Effect> {
        let framer = |place: usize| {
            self.machine.framers.get(place).map(|framer| framer.name.clone()).unwrap_or_default()
        };
        Some(match effect {
            Row::Hold { .. } => return None,
            Row::Then { role, framer: place, site, mask } => {
                let args: Vec<String> =
                    [site, mask].iter().filter_map(|of| self.site(*of)).collect();
                let (frame, args) = (framer(place), args.join(", "));
                Effect::Then { role, frame, args, after: None }
            }
            Row::Speaks { role, framer: place } => Effect::Speaks { role, frame: framer(place) },
            Row::Upgrade { layer, received } => {
                let layer = self.machine.layers.get(layer).cloned().unwrap_or_default();
                Effect::Upgrade { layer, received }
            }
            Row::Set { var, site } => {
                let value = self.site(site).unwrap_or_default();
                Effect::Set { var: self.var(var), change: Change::To, value }
            }
            Row::Assign { var, value } => {
                Effect::Set { var: self.var(var), change: Change::To, value: value.to_string() }
            }
            Row::Change { number, change, by } => {
                let value = variables::amount(self.ir, self.machine, by);
                Effect::Set { var: variables::number(self.machine, number), change, value }
            }
        })
    }

    fn var(&self, place: usize) -> String {
        self.machine.vars.get(place).map(|var| var.name.clone()).unwrap_or_default()
    }

    fn site(&self, place: usize) -> Option<String> {
        variables::site(self.ir, self.machine, place)
    }
}

/// A condition over the fields of a request that an arm asks about.
fn prefixed(name: &str, term: &str) -> String {
    match term.strip_prefix('!') {
        Some(term) if !term.starts_with('(') => format!("!{name}.{term}"),
        _ => format!("{name}.{term}"),
    }
}

/// The values that something is for, if it is not for all.
fn value(low: u64, high: u64) -> Option<String> {
    match (low, high) {
        (0, u64::MAX) => None,
        (low, u64::MAX) => Some(format!("{low}..")),
        (low, high) if low == high => Some(low.to_string()),
        (low, high) => Some(format!("{low}..={high}")),
    }
}

/// The cases of an arm, with the kinds that another takes before it.
fn whole(arm: &Share<&ir::Arm>) -> Vec<Case> {
    let kinds = arm.of.kinds.iter().map(|kind| Case { kind: *kind, mask: 0, value: 0 });
    if arm.cases.iter().any(|case| case.mask != 0) { arm.cases.clone() } else { kinds.collect() }
}

/// The kinds of some cases, each once.
fn kinds_of(cases: &[Case]) -> Vec<usize> {
    let mut kinds: Vec<usize> = Vec::new();
    for case in cases {
        if !kinds.contains(&case.kind) {
            kinds.push(case.kind);
        }
    }
    kinds
}

/// Adds the cases of one more part in which something happens.
fn add(found: &mut Vec<(Effect, Vec<Case>)>, effect: Effect, cases: &[Case]) {
    match found.iter_mut().find(|(other, _)| *other == effect) {
        Some((_, of)) => of.extend(cases),
        None => found.push((effect, cases.to_vec())),
    }
}
