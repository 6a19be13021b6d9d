//! One machine as both sides run it: what may be said at a place, and where that leads.

use std::collections::BTreeSet;

use super::numbers;
use crate::diagnostic::Step;
use crate::ir::{Arm, Effect, KindOf, Machine, Rule, Target, bit};
use crate::model::{Model, Protocol, Role, TypeId};

/// Both roles, in order.
pub(super) const ROLES: [Role; 2] = [Role::First, Role::Second];

/// So many tests of one kind are looked through in every way.
const MAX_TESTS: u32 = 8;

/// A frame as the rules look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Symbol {
    pub(super) role: Role,
    pub(super) kind: usize,
    pub(super) value: u64,
    /// What it would set each variable to, a bit each.
    pub(super) coins: u32,
    /// What is answered about numbers when it is said. What they hold is not followed.
    pub(super) tests: u32,
}

/// Where a session stands while nothing is outstanding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) state: usize,
    pub(super) variables: u32,
    /// How each direction is cut.
    pub(super) lasting: [usize; 2],
    /// What a switch made due.
    pub(super) due: [Option<usize>; 2],
}

/// What comes of a frame at a place.
#[derive(Clone, Copy)]
pub(super) enum Taken<'i> {
    Rule(&'i Rule),
    /// A switch made it due, and no rule says more.
    Due,
    Refused,
}

impl<'i> Taken<'i> {
    /// What it does at once.
    pub(super) fn effects(self) -> &'i [Effect] {
        match self {
            Taken::Rule(rule) => &rule.effects,
            Taken::Due | Taken::Refused => &[],
        }
    }

    pub(super) fn arms(self) -> &'i [Arm] {
        match self {
            Taken::Rule(rule) => &rule.arms,
            Taken::Due | Taken::Refused => &[],
        }
    }
}

pub(super) struct Walk<'i> {
    pub(super) protocol: &'i Protocol,
    pub(super) machine: &'i Machine,
    /// The kinds that each framer cuts.
    kinds_of: Vec<Vec<usize>>,
    symbols: Vec<Symbol>,
    /// More is asked about numbers than can be looked through.
    pub(super) asks_too_much: bool,
}

impl<'i> Walk<'i> {
    pub(super) fn new(model: &Model, protocol: &'i Protocol, machine: &'i Machine) -> Walk<'i> {
        let kinds_of = machine
            .framers
            .iter()
            .map(|framer| {
                let frames = model.frames_of(framer.ty);
                let kinds = machine.kinds.iter().enumerate().filter(|(_, kind)| {
                    let of = matches!(kind.of, KindOf::Frame(frame) if frames.contains(&frame));
                    kind.role == framer.role && of
                });
                kinds.map(|(place, _)| place).collect()
            })
            .collect();
        let mut walk =
            Walk { protocol, machine, kinds_of, symbols: Vec::new(), asks_too_much: false };
        let kinds = 0..machine.kinds.len();
        walk.asks_too_much = kinds.clone().any(|kind| walk.asked_of(kind).count_ones() > MAX_TESTS);
        if walk.asks_too_much {
            return walk;
        }
        let all: Vec<Symbol> = kinds.flat_map(|kind| walk.symbols_of(model, kind)).collect();
        let mut seen = BTreeSet::new();
        walk.symbols =
            all.into_iter().filter(|symbol| seen.insert(walk.likeness(*symbol))).collect();
        walk
    }

    /// A frame of a kind, for each range of values and each way to set variables that rules tell
    /// apart.
    fn symbols_of(&self, model: &Model, kind: usize) -> Vec<Symbol> {
        let of = &self.machine.kinds[kind];
        let KindOf::Frame(frame) = of.of else { return Vec::new() };
        let speaks = &self.protocol.speaks[of.role.index()];
        let by = speaks.by.as_ref().filter(|_| speaks.ty == TypeId::Frame(frame));
        let range = by.and_then(|by| model.number_in(frame, by));
        let mut values = BTreeSet::from([range.map_or(0, |(low, _)| low)]);
        if let Some((low, high)) = range {
            let bounds = self.ranges(kind).flat_map(|(from, to)| [Some(from), to.checked_add(1)]);
            values.extend(bounds.flatten().filter(|value| (low..=high).contains(value)));
        }
        let mut symbols = Vec::new();
        for value in values {
            let symbol = Symbol { role: of.role, kind, value, coins: 0, tests: 0 };
            let all_tests = subsets(self.asked_of(kind));
            let tests = all_tests.filter(|tests| numbers::possible(self.machine, *tests));
            let coins: Vec<u32> = subsets(self.set_by(symbol)).collect();
            symbols.extend(tests.flat_map(|tests| {
                coins.iter().map(move |coins| Symbol { coins: *coins, tests, ..symbol })
            }));
        }
        symbols
    }

    fn rules(&self) -> impl Iterator<Item = &'i Rule> {
        let machine = self.machine;
        machine.states.iter().flat_map(|state| &state.rules).chain(&machine.any)
    }

    /// The ranges of values in which rules and arms take a kind.
    fn ranges(&self, kind: usize) -> impl Iterator<Item = (u64, u64)> {
        let of_rules = self.rules().filter(move |rule| rule.kinds.contains(&kind));
        let arms = self.rules().flat_map(|rule| &rule.arms);
        let of_arms = arms.filter(move |arm| arm.kinds.contains(&kind));
        let of_arms = of_arms.map(|arm| (arm.low, arm.high));
        of_rules.map(|rule| (rule.low, rule.high)).chain(of_arms)
    }

    /// The variables that a frame may set to one thing or the other, a bit each.
    fn set_by(&self, symbol: Symbol) -> u32 {
        let of_rules =
            self.rules().filter(|rule| takes(rule, symbol)).flat_map(|rule| &rule.effects);
        let arms = self.rules().flat_map(|rule| &rule.arms).filter(|arm| answers(arm, symbol));
        of_rules.chain(arms.flat_map(|arm| &arm.effects)).fold(0, |set, effect| match effect {
            Effect::Set { var, .. } => set | bit(*var),
            _ => set,
        })
    }

    /// The tests that rules and arms for a kind look at, a bit each.
    fn asked_of(&self, kind: usize) -> u32 {
        let of_rules = self.rules().filter(|rule| rule.kinds.contains(&kind)).map(|rule| rule.mask);
        let arms = self.rules().flat_map(|rule| &rule.arms);
        let arms = arms.filter(|arm| arm.kinds.contains(&kind));
        let masks = of_rules.chain(arms.map(|arm| arm.mask));
        masks.fold(0, |all, mask| all | mask) & self.machine.bits_of_tests()
    }

    /// What all rules and arms make of a frame: equal for those that they do not tell apart.
    fn likeness(&self, symbol: Symbol) -> (Role, u32, u32, Vec<bool>) {
        let framers = self.kinds_of.iter().map(|kinds| kinds.contains(&symbol.kind));
        let rules = self.rules().map(|rule| takes(rule, symbol));
        let arms = self.rules().flat_map(|rule| &rule.arms).map(|arm| answers(arm, symbol));
        (symbol.role, symbol.coins, symbol.tests, framers.chain(rules).chain(arms).collect())
    }

    /// Where the session begins.
    pub(super) fn start(&self) -> Place {
        let initial = self.machine.vars.iter().enumerate().filter(|(_, var)| var.initial);
        Place {
            state: 0,
            variables: initial.map(|(place, _)| bit(place)).sum(),
            lasting: self.machine.speaks,
            due: [None; 2],
        }
    }

    /// What a role can write at a place, be there a rule for it or not.
    pub(super) fn written(&self, place: Place, role: Role) -> impl Iterator<Item = Symbol> {
        let framer = place.due[role.index()].unwrap_or(place.lasting[role.index()]);
        let kinds = &self.kinds_of[framer];
        let spoken = move |symbol: &&Symbol| symbol.role == role && kinds.contains(&symbol.kind);
        self.symbols.iter().filter(spoken).copied()
    }

    /// What a role may say at a place by itself.
    pub(super) fn said(&self, place: Place, role: Role) -> impl Iterator<Item = Symbol> {
        self.written(place, role).filter(move |symbol| match self.take(place, *symbol) {
            Taken::Rule(rule) => !rule.refuse,
            Taken::Due => true,
            Taken::Refused => false,
        })
    }

    /// The rules that hold in a state, in the order in which they are looked at.
    pub(super) fn rules_in(&self, state: usize) -> impl Iterator<Item = &'i Rule> {
        let state = self.machine.states.get(state);
        let any = self.machine.any.iter().filter(move |_| state.is_some_and(|state| state.any));
        state.into_iter().flat_map(|state| &state.rules).chain(any)
    }

    /// The first rule of a state that takes a frame.
    pub(super) fn rule(&self, state: usize, symbol: Symbol, variables: u32) -> Option<&'i Rule> {
        let variables = variables | symbol.tests;
        self.rules_in(state).find(|rule| takes(rule, symbol) && variables & rule.mask == rule.value)
    }

    /// The first of some arms that takes a reply.
    pub(super) fn arm(&self, arms: &'i [Arm], reply: Symbol, variables: u32) -> Option<&'i Arm> {
        let variables = variables | reply.tests;
        arms.iter().find(|arm| answers(arm, reply) && variables & arm.mask == arm.value)
    }

    /// What comes of a frame.
    pub(super) fn take(&self, place: Place, symbol: Symbol) -> Taken<'i> {
        match self.rule(place.state, symbol, place.variables) {
            Some(rule) => Taken::Rule(rule),
            None if place.due[symbol.role.index()].is_some() => Taken::Due,
            None => Taken::Refused,
        }
    }

    /// The place behind a frame whose effects these are; where it leads is not among them.
    pub(super) fn apply(&self, place: Place, symbol: Symbol, effects: &[Effect]) -> Place {
        let mut next = place;
        next.due[symbol.role.index()] = None;
        for effect in effects {
            match effect {
                Effect::Then { role, framer, .. } => next.due[role.index()] = Some(*framer),
                Effect::Speaks { role, framer } => next.lasting[role.index()] = *framer,
                Effect::Assign { var, value: true } => next.variables |= bit(*var),
                Effect::Assign { var, value: false } => next.variables &= !bit(*var),
                Effect::Set { var, .. } => {
                    next.variables = next.variables & !bit(*var) | symbol.coins & bit(*var);
                }
                Effect::Upgrade { .. } => next.variables = self.start().variables,
                // It says when what is due may be said, not what it is; numbers are not followed.
                Effect::Hold { .. } | Effect::Change { .. } => {}
            }
        }
        next
    }

    /// The place behind a frame that awaits nothing; `None` if the session is over.
    pub(super) fn behind(&self, place: Place, symbol: Symbol, taken: Taken<'_>) -> Option<Place> {
        let next = self.apply(place, symbol, taken.effects());
        match taken {
            Taken::Rule(rule) if rule.arms.is_empty() => self.lead(next, rule.target),
            _ => Some(next),
        }
    }

    pub(super) fn lead(&self, place: Place, target: Target) -> Option<Place> {
        match target {
            Target::Stay | Target::Again => Some(place),
            Target::State(state) => Some(Place { state: state.0, ..place }),
            Target::Close => None,
        }
    }

    /// Whether a role may be in the middle of saying what is due. What waits for a word of the other side
    /// is not followed.
    pub(super) fn under_way(&self, place: Place, role: Role) -> bool {
        let holds =
            |effect: &Effect| matches!(effect, Effect::Hold { role: of, .. } if *of == role);
        let mut effects = self.rules().flat_map(|rule| {
            rule.effects.iter().chain(rule.arms.iter().flat_map(|arm| &arm.effects))
        });
        place.due[role.index()].is_some() && !effects.any(holds)
    }

    /// Whether frames of a kind only ever answer: no rule takes them.
    pub(super) fn only_answers(&self, kind: usize) -> bool {
        !self.rules().any(|rule| rule.kinds.contains(&kind))
    }

    pub(super) fn role(&self, role: Role) -> &'i str {
        &self.machine.roles[role.index()]
    }

    pub(super) fn state(&self, state: usize) -> &'i str {
        self.machine.states.get(state).map_or("?", |state| &state.name)
    }

    /// A frame by its name, and by the value that rules look at.
    pub(super) fn message(&self, symbol: Symbol) -> String {
        let kind = &self.machine.kinds[symbol.kind];
        let speaks = &self.protocol.speaks[symbol.role.index()];
        let by = speaks.by.is_some()
            && matches!(kind.of, KindOf::Frame(frame) if speaks.ty == TypeId::Frame(frame));
        if by { format!("{} {}", symbol.value, kind.label) } else { kind.label.clone() }
    }

    /// A frame as a message of an order.
    pub(super) fn step(&self, symbol: Symbol, leads: &[usize]) -> Step {
        let mut leads: Vec<usize> = leads.to_vec();
        leads.sort_unstable();
        leads.dedup();
        Step {
            role: self.role(symbol.role).to_owned(),
            message: self.message(symbol),
            leads: leads.into_iter().map(|state| self.state(state).to_owned()).collect(),
        }
    }
}

/// Every subset of some bits, all of them first.
fn subsets(bits: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(bits), move |set| (*set > 0).then(|| (set - 1) & bits))
}

/// Whether a rule takes a frame, whatever the variables are.
pub(super) fn takes(rule: &Rule, symbol: Symbol) -> bool {
    rule.kinds.contains(&symbol.kind) && (rule.low..=rule.high).contains(&symbol.value)
}

/// Whether an arm takes a frame.
pub(super) fn answers(arm: &Arm, symbol: Symbol) -> bool {
    arm.kinds.contains(&symbol.kind) && (arm.low..=arm.high).contains(&symbol.value)
}

/// The effects that change how bytes are read. A framer is of one role.
pub(super) fn framing(effects: &[Effect]) -> Vec<(u8, usize, usize, usize)> {
    let framing = effects.iter().filter_map(|effect| match *effect {
        Effect::Then { framer, site, mask, .. } => Some((0, framer, site, mask)),
        Effect::Speaks { framer, .. } => Some((1, framer, 0, 0)),
        Effect::Upgrade { layer, .. } => Some((2, layer, 0, 0)),
        Effect::Hold { .. }
        | Effect::Set { .. }
        | Effect::Assign { .. }
        | Effect::Change { .. } => None,
    });
    framing.collect()
}

/// Whether effects change how a role is read.
pub(super) fn switches(effects: &[Effect], role: Role) -> bool {
    effects.iter().any(|effect| match effect {
        Effect::Then { role: of, .. } | Effect::Speaks { role: of, .. } => *of == role,
        Effect::Upgrade { .. } => true,
        Effect::Hold { .. }
        | Effect::Set { .. }
        | Effect::Assign { .. }
        | Effect::Change { .. } => false,
    })
}
