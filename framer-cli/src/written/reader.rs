//! Puts together what the compiler took apart.

use std::collections::BTreeSet;

use framer_dsl::ir::{
    self, Barrier, Effect as Row, Ir, Kind, KindOf, Machine, Role, SiteAction, Span, TypeId,
};

use super::{Arm, Effect, Outcome, Part, Rule, frames_of};
use crate::words;

/// So many frames are named, even if they are all that a role speaks.
const FEW: usize = 6;

/// Reads the rows of a table.
pub(super) struct Reader<'i> {
    ir: &'i Ir,
    machine: &'i Machine,
}

/// A part of what was taken apart, with the kinds that are left for it.
struct Share<T> {
    of: T,
    kinds: Vec<usize>,
}

/// What some parts of a rule or arm agree on.
type Terms = BTreeSet<String>;

impl<'i> Reader<'i> {
    pub(super) fn new(ir: &'i Ir, machine: &'i Machine) -> Reader<'i> {
        Reader { ir, machine }
    }

    /// The rule that these rows are.
    pub(super) fn rule(&self, rows: &'i [ir::Rule]) -> Option<Rule<'i>> {
        let first = rows.first()?;
        let role = self.kind(*first.kinds.first()?)?.role;
        let shares = shares(rows, |row| (&row.kinds, row.low, row.high));
        let all = kinds(&shares);
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
        let any = everything.map(|(place, _)| place).all(|place| all.contains(&place));
        let frames = said.iter().filter(|name| *name != "malformed").count();
        if any && frames > FEW {
            said = vec![String::from("_")];
        }
        let vars = self.machine.vars.iter().enumerate().filter_map(|(place, var)| {
            let bit = 1_u32.checked_shl(u32::try_from(place).ok()?)?;
            let not = if first.value & bit == 0 { "!" } else { "" };
            (first.mask & bit != 0).then(|| format!("{not}{}", var.name))
        });
        Some(Rule {
            role,
            said,
            when: vars.chain(common.iter().cloned()).collect(),
            refuse: first.refuse,
            outcome: Outcome { target: first.target, effects: self.effects(&shares, &common) },
            arms: self.arms(role, &shares, &common),
            parts: self.parts(&shares),
            rows: rows.iter().collect(),
        })
    }

    /// What of a rule has which barrier behind it.
    fn parts(&self, shares: &[Share<&'i ir::Rule>]) -> Vec<Part> {
        let mut found: Vec<(Option<Barrier>, Vec<usize>)> = Vec::new();
        for share in shares {
            match found.iter_mut().find(|(barrier, _)| *barrier == share.of.barrier) {
                Some((_, kinds)) => kinds.extend(&share.kinds),
                None => found.push((share.of.barrier, share.kinds.clone())),
            }
        }
        let all: Vec<Vec<usize>> = found.iter().map(|(_, kinds)| kinds.clone()).collect();
        let parts = found.into_iter().enumerate().map(|(place, (barrier, kinds))| {
            let others = all.iter().enumerate().filter(|(other, _)| *other != place);
            let others: Vec<usize> = others.flat_map(|(_, kinds)| kinds).copied().collect();
            Part { barrier, when: self.told_apart(&kinds, &others) }
        });
        parts.collect()
    }

    /// What tells some kinds from others.
    fn told_apart(&self, kinds: &[usize], others: &[usize]) -> Vec<String> {
        if others.is_empty() {
            return vec![String::new()];
        }
        let terms = |kind: &usize| self.common(&[*kind]);
        let foreign: Terms = others.iter().flat_map(terms).collect();
        let mut found = Terms::new();
        let mut rest = false;
        for kind in kinds {
            // A term that no other kind has tells this one.
            match terms(kind).difference(&foreign).next() {
                Some(term) => drop(found.insert(term.clone())),
                None => rest = true,
            }
        }
        if rest {
            // All that they agree on, since none alone is theirs.
            let common: Vec<String> = self
                .common(kinds)
                .difference(&self.common(&[kinds, others].concat()))
                .cloned()
                .collect();
            return vec![common.join(" && ")];
        }
        found.into_iter().collect()
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
        let mut found: Vec<(Effect, Vec<usize>)> = Vec::new();
        for share in shares {
            for effect in self.each(&share.of.effects) {
                add(&mut found, effect, &share.kinds);
            }
        }
        let when = |kinds: &[usize]| self.common(kinds).difference(common).cloned().collect();
        found.into_iter().map(|(effect, kinds)| (effect, when(&kinds))).collect()
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
        // Each with the kinds of the request that it is for.
        let mut parts: Vec<(Share<&'i ir::Arm>, &[usize])> = Vec::new();
        for share in shares {
            let here: Vec<&ir::Arm> =
                share.of.arms.iter().filter(|arm| arm.span == place).collect();
            let here = shares_of(here, |arm| (&arm.kinds, arm.low, arm.high));
            parts.extend(here.into_iter().map(|arm| (arm, share.kinds.as_slice())));
        }
        let first = parts.first()?.0.of;
        let asked: Vec<usize> = parts.iter().flat_map(|(_, asked)| *asked).copied().collect();
        let replies: Vec<usize> =
            parts.iter().flat_map(|(arm, _)| &arm.of.kinds).copied().collect();
        let (of_request, own) = (self.common(&asked), self.common(&replies));
        let mut found: Vec<(Effect, Vec<usize>, Vec<usize>)> = Vec::new();
        for (arm, asked) in &parts {
            for effect in self.each(&arm.of.effects) {
                match found.iter_mut().find(|(other, ..)| *other == effect) {
                    Some((_, kinds, of)) => {
                        kinds.extend(&arm.kinds);
                        of.extend(*asked);
                    }
                    None => found.push((effect, arm.kinds.clone(), asked.to_vec())),
                }
            }
        }
        let request = |terms: &Terms, known: &Terms| -> Vec<String> {
            let name = self.names(role, &asked).join("|");
            terms.difference(known).map(|term| prefixed(&name, term)).collect()
        };
        let effects = found
            .into_iter()
            .map(|(effect, kinds, of)| {
                let mut when = request(&self.common(&of), &of_request);
                when.extend(self.common(&kinds).difference(&own).cloned());
                (effect, when)
            })
            .collect();
        let mut when = request(&of_request, common);
        when.extend(own.iter().cloned());
        let said = match value(first.low, first.high) {
            Some(value) => vec![value],
            None => self.replies(role.peer(), &replies),
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

    /// What is known of every frame of these kinds.
    fn common(&self, kinds: &[usize]) -> Terms {
        let mut common: Option<Terms> = None;
        for kind in kinds.iter().filter_map(|place| self.kind(*place)) {
            let terms = match kind.of {
                KindOf::Malformed => Terms::new(),
                KindOf::Frame(frame) => {
                    let frame = TypeId::Frame(frame);
                    let own = kind.own.iter();
                    own.map(|(guard, holds)| words::answer(self.ir, frame, guard, *holds)).collect()
                }
            };
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
                Effect::Set { var: self.var(var), value: self.site(site).unwrap_or_default() }
            }
            Row::Assign { var, value } => {
                Effect::Set { var: self.var(var), value: value.to_string() }
            }
        })
    }

    fn var(&self, place: usize) -> String {
        self.machine.vars.get(place).map(|var| var.name.clone()).unwrap_or_default()
    }

    /// The value that is made at a site; 0 is none.
    fn site(&self, place: usize) -> Option<String> {
        let site = self.machine.sites.get(place.checked_sub(1)?)?;
        let (SiteAction::Parameter { value, .. } | SiteAction::Variable { value, .. }) =
            &site.action;
        Some(words::expr(self.ir, Some(TypeId::Frame(site.frame)), value))
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

fn kinds<T>(shares: &[Share<T>]) -> Vec<usize> {
    shares.iter().flat_map(|share| &share.kinds).copied().collect()
}

/// The parts of what is written once: an earlier one takes its kinds from the later ones.
fn shares<'i, T>(
    parts: &'i [T],
    of: impl Fn(&'i T) -> (&'i Vec<usize>, u64, u64),
) -> Vec<Share<&'i T>> {
    shares_of(parts.iter().collect(), of)
}

fn shares_of<'i, T>(
    parts: Vec<&'i T>,
    of: impl Fn(&'i T) -> (&'i Vec<usize>, u64, u64),
) -> Vec<Share<&'i T>> {
    let mut taken: Vec<(usize, u64, u64)> = Vec::new();
    let mut shares = Vec::new();
    for part in parts {
        let (kinds, low, high) = of(part);
        let left = kinds.iter().copied().filter(|kind| !taken.contains(&(*kind, low, high)));
        let left: Vec<usize> = left.collect();
        taken.extend(left.iter().map(|kind| (*kind, low, high)));
        shares.push(Share { of: part, kinds: left });
    }
    shares
}

/// Adds the kinds of one more part in which something happens.
fn add(found: &mut Vec<(Effect, Vec<usize>)>, effect: Effect, kinds: &[usize]) {
    match found.iter_mut().find(|(other, _)| *other == effect) {
        Some((_, of)) => of.extend(kinds),
        None => found.push((effect, kinds.to_vec())),
    }
}
