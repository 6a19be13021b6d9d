//! How each direction may be cut in each state: every way that some conversation leads to.
//!
//! What is found is never too little. It may be more than any conversation shows, since guards over
//! variables are not followed.

use std::collections::BTreeSet;

use framer_dsl::ir::{Effect, Ir, KindOf, Machine, Role, Rule, StateId, Target, TypeId};

use super::ROLES;

/// Framers, by their places.
pub(super) type Framers = BTreeSet<usize>;

/// A state, and what each role speaks there until it is switched.
type Config = (usize, [usize; 2]);

/// For each state and role, the framers that may be in effect while the session is there.
pub(super) fn framings(ir: &Ir, machine: &Machine) -> Vec<[Framers; 2]> {
    let mut search = Search {
        ir,
        machine,
        seen: BTreeSet::new(),
        open: vec![(0, machine.speaks)],
        found: vec![[Framers::new(), Framers::new()]; machine.states.len()],
        due: vec![[Framers::new(), Framers::new()]; machine.states.len()],
        moves: BTreeSet::new(),
        ahead: BTreeSet::new(),
    };
    while let Some(config) = search.open.pop() {
        if search.seen.insert(config) {
            search.look(config);
        }
    }
    search.carry();
    for (found, due) in search.found.iter_mut().zip(search.due) {
        for (found, due) in found.iter_mut().zip(due) {
            found.extend(due);
        }
    }
    search.found
}

struct Search<'i> {
    ir: &'i Ir,
    machine: &'i Machine,
    seen: BTreeSet<Config>,
    open: Vec<Config>,
    /// What the roles speak.
    found: Vec<[Framers; 2]>,
    /// What is due once.
    due: Vec<[Framers; 2]>,
    /// From where to where a frame or reply leads while something of a role may be due.
    moves: BTreeSet<(usize, usize, usize)>,
    /// From a state to those that what is said next may be for, while replies are outstanding.
    ahead: BTreeSet<(usize, usize)>,
}

impl Search<'_> {
    fn look(&mut self, (state, speaks): Config) {
        let Some(of) = self.machine.states.get(state) else { return };
        for (role, framer) in ROLES.into_iter().zip(speaks) {
            self.found[state][role.index()].insert(framer);
        }
        if let Some(StateId(late)) = of.within.and_then(|within| within.otherwise) {
            self.open.push((late, speaks));
            for role in ROLES {
                self.moves.insert((state, late, role.index()));
            }
        }
        let any = self.machine.any.iter().filter(|_| of.any);
        for rule in of.rules.iter().chain(any) {
            if self.may_fire(rule, speaks) {
                self.fire(rule, state, speaks);
            }
        }
    }

    /// Whether the rule is about something that can be cut: as the role speaks, or by a switch.
    fn may_fire(&self, rule: &Rule, speaks: [usize; 2]) -> bool {
        let once = |framer: usize| self.is_once(framer);
        rule.kinds.iter().filter_map(|place| self.machine.kinds.get(*place)).any(|kind| {
            let KindOf::Frame(frame) = kind.of else { return true };
            let framers = self.machine.framers.iter().enumerate();
            let mut fitting = framers
                .filter(|(place, _)| *place == speaks[kind.role.index()] || once(*place))
                .filter(|(_, framer)| framer.role == kind.role);
            fitting.any(|(_, framer)| self.holds(framer.ty, TypeId::Frame(frame)))
        })
    }

    fn holds(&self, ty: TypeId, frame: TypeId) -> bool {
        match &self.ir.ty(ty).kind {
            framer_dsl::ir::TypeKind::Choice(choice) => {
                choice.alternatives.iter().any(|of| TypeId::Frame(of.frame) == frame)
            }
            _ => ty == frame,
        }
    }

    /// Whether a framer is one that some effect makes due once.
    fn is_once(&self, framer: usize) -> bool {
        let rules = self.machine.states.iter().flat_map(|state| &state.rules);
        let mut rules = rules.chain(&self.machine.any);
        rules.any(|rule| {
            let arms = rule.arms.iter().flat_map(|arm| &arm.effects);
            let mut effects = rule.effects.iter().chain(arms);
            effects.any(|effect| matches!(effect, Effect::Then { framer: of, .. } if *of == framer))
        })
    }

    fn fire(&mut self, rule: &Rule, state: usize, speaks: [usize; 2]) {
        let Some(role) = rule.kinds.first().and_then(|kind| self.machine.kinds.get(*kind)) else {
            return;
        };
        let role = role.role;
        let at_once = lasting(&rule.effects, speaks);
        let Some(target) = enter(rule.target, state) else { return };
        if rule.arms.is_empty() {
            self.go(role.peer(), state, target, at_once);
            self.make_due(&rule.effects, target);
            return;
        }
        self.go(role.peer(), state, state, at_once);
        self.make_due(&rule.effects, state);
        for arm in &rule.arms {
            let to = match arm.target {
                Target::Stay => Some(target),
                other => enter(other, state),
            };
            let Some(to) = to else { continue };
            self.go(role, state, to, lasting(&arm.effects, at_once));
            self.go(role.peer(), state, to, lasting(&arm.effects, at_once));
            self.make_due(&rule.effects, to);
            self.make_due(&arm.effects, to);
            if rule.barrier.is_none() || self.machine.asks[role.peer().index()] {
                self.ahead.insert((state, to));
            }
        }
    }

    /// The session goes on elsewhere, and what is due of a role stays due.
    fn go(&mut self, role: Role, from: usize, to: usize, speaks: [usize; 2]) {
        self.open.push((to, speaks));
        self.moves.insert((from, to, role.index()));
    }

    fn make_due(&mut self, effects: &[Effect], state: usize) {
        for effect in effects {
            if let Effect::Then { role, framer, .. } = effect {
                self.due[state][role.index()].insert(*framer);
            }
        }
    }

    /// Behind what is outstanding, more may be said that leads elsewhere.
    fn run_ahead(&mut self) {
        let mut open: Vec<(usize, usize)> = self.ahead.iter().copied().collect();
        while let Some((state, to)) = open.pop() {
            let next = self.moves.iter().filter(|(from, ..)| *from == to);
            let next: Vec<usize> = next.map(|(_, next, _)| *next).collect();
            for next in next {
                if self.ahead.insert((state, next)) {
                    open.push((state, next));
                }
            }
        }
    }

    /// Takes what is due along, until nothing new is found.
    fn carry(&mut self) {
        self.run_ahead();
        let mut grown = true;
        while grown {
            grown = false;
            for (from, to, role) in &self.moves {
                grown |= add(&mut self.due, *from, *to, *role);
            }
            // Frames that follow before the reply are taken in the state that it leads to, while
            // the session still stands in the one before.
            for (state, to) in &self.ahead {
                for role in ROLES.map(Role::index) {
                    grown |= add(&mut self.due, *to, *state, role);
                    grown |= add(&mut self.found, *to, *state, role);
                }
            }
        }
    }
}

/// Adds what is known of one state to another; whether that was new there.
fn add(sets: &mut [[Framers; 2]], from: usize, to: usize, role: usize) -> bool {
    let more = sets[from][role].clone();
    let set = &mut sets[to][role];
    let before = set.len();
    set.extend(more);
    set.len() > before
}

/// The state that a target leads to; `None` closes.
fn enter(target: Target, state: usize) -> Option<usize> {
    match target {
        Target::Stay | Target::Again => Some(state),
        Target::State(StateId(place)) => Some(place),
        Target::Close => None,
    }
}

/// What the roles speak behind some effects.
fn lasting(effects: &[Effect], mut speaks: [usize; 2]) -> [usize; 2] {
    for effect in effects {
        if let Effect::Speaks { role, framer } = effect {
            speaks[role.index()] = *framer;
        }
    }
    speaks
}
