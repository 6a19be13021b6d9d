//! What a side that is not heard may say next.

use std::ops::RangeInclusive;

use framer_dsl::ir::{FieldKind, KindOf, TypeId};
use framer_runtime::machine::Machine as _;
use framer_runtime::protocol::{
    Amount, Arm, Cut, Effect, Key, KindId, Role, Rule, Said, StateId, Target,
};
use framer_runtime::session::Judgement;

use crate::half::Half;
use crate::protocol::{Protocol, role, tiny};

/// The side that is not heard.
#[derive(Debug)]
pub(super) struct Absent {
    role: Role,
    /// Where values begin that rules and arms tell apart.
    values: Vec<u64>,
}

/// Something that it may say, and all that comes to the same.
#[derive(Clone, Debug)]
pub(super) struct Step {
    said: Said,
    /// What every expression over its fields gives.
    site: u64,
    comes_to: Comes,
    /// It has no place in the state.
    pub(super) refused: bool,
    /// The frames that it may be, with what tells them from others of their names.
    pub(super) names: Vec<&'static str>,
    /// The values that come to this, where not all do.
    pub(super) values: Option<RangeInclusive<u64>>,
    /// What it answers.
    pub(super) answers: Option<&'static str>,
    /// The state before it and behind it.
    pub(super) states: [&'static str; 2],
    /// What each role says behind it.
    pub(super) next: [&'static str; 2],
}

/// What decides what comes of it.
#[derive(Clone, Copy, Debug)]
enum Comes {
    /// It was due.
    Due(KindId),
    Arm(&'static Arm, usize),
    Rule(&'static Rule),
}

impl Comes {
    fn is(self, other: Comes) -> bool {
        match (self, other) {
            (Comes::Due(one), Comes::Due(other)) => one == other,
            (Comes::Arm(one, place), Comes::Arm(other, at)) => {
                place == at && one.target == other.target && one.effects == other.effects
            }
            (Comes::Rule(one), Comes::Rule(other)) => std::ptr::eq(one, other),
            _ => false,
        }
    }

    fn effects(self) -> &'static [Effect] {
        match self {
            Comes::Due(_) => &[],
            Comes::Arm(arm, _) => arm.effects,
            Comes::Rule(rule) => rule.effects,
        }
    }

    fn values(self) -> Option<RangeInclusive<u64>> {
        let (low, high) = match self {
            Comes::Due(_) => return None,
            Comes::Arm(arm, _) => (arm.low, arm.high),
            Comes::Rule(rule) => (rule.low, rule.high),
        };
        ((low, high) != (0, u64::MAX)).then_some(low..=high)
    }
}

impl Step {
    /// Whether both come to the same.
    pub(super) fn is(&self, other: &Step) -> bool {
        self.comes_to.is(other.comes_to) && self.site == other.site
    }

    /// It was said; `false` where it cannot be.
    pub(super) fn take(&mut self, half: &mut Half<false>) -> bool {
        let before = half.state();
        let site = self.site;
        let said = half.engine_mut().said(self.said, &|_| site);
        self.states = [before, half.state()];
        self.next = speaks(half);
        said.is_ok()
    }
}

impl Absent {
    pub(super) fn new(protocol: &'static Protocol, role: Role) -> Absent {
        let states = protocol.table().states;
        let rules = states.iter().flat_map(|state| state.rules.iter().chain(state.any));
        let ranges = rules.flat_map(|rule| {
            let arms = rule.arms.iter().map(|arm| (arm.low, arm.high));
            arms.chain([(rule.low, rule.high)])
        });
        let mut values: Vec<u64> =
            ranges.flat_map(|(low, high)| [Some(low), high.checked_add(1)]).flatten().collect();
        values.sort_unstable();
        values.dedup();
        Absent { role, values }
    }

    /// What it may say where `half` stands, which reads the other side: replies before what is said by itself,
    /// and each in the order of the description. `key` is what the other side speaks of next.
    pub(super) fn steps(&self, half: &Half<false>, key: Option<Key>) -> Vec<Step> {
        let session = half.engine().session();
        let all = self.kinds(half);
        let by = half.framer(session.framer(self.role)).is_some_and(|framer| framer.by.is_some());
        let values: &[u64] = if by { &self.values } else { &[0] };
        let asked = session.exchanges().filter(|(role, _)| *role != self.role);
        let asked = asked.map(|(_, said)| said.key);
        let known: Vec<Option<Key>> = asked.chain([key]).filter(Option::is_some).collect();
        let mut steps: Vec<Step> = Vec::new();
        for kind in all {
            let keyed = !known.is_empty() && has_key(half.protocol(), kind);
            for key in if keyed { &known[..] } else { &[None] } {
                for value in values {
                    let said = Said { value: *value, key: *key, ..Said::only(kind) };
                    // What it says is taken to allow the most first.
                    self.add(half, said, 1, &mut steps);
                    self.add(half, said, 0, &mut steps);
                }
            }
        }
        steps.sort_by_key(|step| match step.comes_to {
            Comes::Due(_) => (0, 0),
            Comes::Arm(arm, place) => (1 + place, std::ptr::from_ref(arm).addr()),
            Comes::Rule(rule) => (usize::MAX, place_of(half, session.state(), rule)),
        });
        steps
    }

    /// The reply to the oldest that is outstanding, where only one lets the session go on.
    pub(super) fn certain(&self, half: &Half<false>) -> Option<Step> {
        let replies = self.steps(half, None).into_iter().filter(|step| match step.comes_to {
            Comes::Arm(arm, 0) => match arm.target {
                Target::Close => false,
                Target::Again => arm.effects.iter().any(|effect| !self.is_own(effect)),
                _ => true,
            },
            _ => false,
        });
        match &replies.collect::<Vec<_>>()[..] {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    /// Whether an effect is on how this side itself is read, and on nothing else.
    fn is_own(&self, effect: &Effect) -> bool {
        matches!(effect, Effect::Then { role, .. } | Effect::Speaks { role, .. } if *role == self.role)
    }

    /// Adds what the session makes of `said`, unless it is known already, or depends on what is not known.
    /// Every expression over its fields gives `site`.
    fn add(&self, half: &Half<false>, said: Said, site: u64, steps: &mut Vec<Step>) {
        let session = half.engine().session();
        let judgement = half.engine().judge(self.role, said, &|_| site);
        let (comes_to, refused) = match judgement {
            Judgement::Rule { rule: Some(rule), refused } => (Comes::Rule(rule), refused),
            Judgement::Rule { rule: None, refused } => (Comes::Due(said.kind), refused),
            Judgement::Reply { arm, place } => (Comes::Arm(arm, place), false),
            _ => return,
        };
        let kinds = &half.protocol().machine.kinds;
        let Some(kind) = kinds.get(usize::from(said.kind.0)) else { return };
        let sets = comes_to.effects().iter().any(sets);
        let same = |step: &&mut Step| step.comes_to.is(comes_to) && (step.site == site || !sets);
        if let Some(step) = steps.iter_mut().find(same) {
            if !step.names.contains(&kind.label.as_str()) {
                step.names.push(&kind.label);
            }
            return;
        }
        if comes_to.effects().iter().any(|effect| self.depends(half, effect)) {
            return;
        }
        let answers = match comes_to {
            Comes::Arm(_, place) => session
                .exchanges()
                .nth(place)
                .map(|(_, of)| half.protocol().table().kind_name(of.kind)),
            _ => None,
        };
        steps.push(Step {
            said,
            site,
            comes_to,
            refused,
            names: vec![&kind.label],
            values: comes_to.values(),
            answers,
            states: [half.state(); 2],
            next: speaks(half),
        });
    }

    /// Whether how the other side is read depends on fields of what this one says.
    fn depends(&self, half: &Half<false>, effect: &Effect) -> bool {
        let Effect::Then { role, framer, .. } = effect else { return false };
        let framer = half.protocol().table().framers.get(usize::from(framer.0));
        let counted = framer.is_some_and(|framer| matches!(framer.cut, Cut::Counted { .. }));
        *role != self.role && counted
    }

    /// The kinds of what is due of it.
    fn kinds(&self, half: &Half<false>) -> Vec<KindId> {
        let session = half.engine().session();
        let protocol = half.protocol();
        let framer = session.framer(self.role);
        let cut = protocol.table().framers.get(usize::from(framer.0)).map(|framer| framer.cut);
        if let Some(Cut::Escaped { kind, .. } | Cut::Rest { kind } | Cut::Counted { kind, .. }) =
            cut
        {
            return vec![kind];
        }
        let Some(ty) = half.framer(framer).map(|framer| framer.ty) else { return Vec::new() };
        let alternatives = protocol.description.choice(ty).map_or(&[][..], |of| &of.alternatives);
        let kinds = protocol.machine.kinds.iter().enumerate().filter(|(_, kind)| match kind.of {
            KindOf::Frame(frame) if role(kind.role) == self.role => {
                ty == TypeId::Frame(frame) || alternatives.iter().any(|of| of.frame == frame)
            }
            _ => false,
        });
        kinds.map(|(place, _)| KindId(tiny(place))).collect()
    }
}

/// Whether an effect keeps what an expression over fields gives.
fn sets(effect: &Effect) -> bool {
    matches!(effect, Effect::Set { .. } | Effect::Change { by: Amount::Site(_), .. })
}

/// What each role says next.
fn speaks(half: &Half<false>) -> [&'static str; 2] {
    let session = half.engine().session();
    [Role::First, Role::Second].map(|role| session.framer_name(role))
}

/// Whether frames of a kind have what pairs a reply with its request.
fn has_key(protocol: &'static Protocol, kind: KindId) -> bool {
    let description = protocol.description;
    let found = || {
        let KindOf::Frame(frame) = protocol.machine.kinds.get(usize::from(kind.0))?.of else {
            return None;
        };
        let mut record = description.record(TypeId::Frame(frame))?;
        let (last, way) = protocol.machine.key.as_ref()?.field.split_last()?;
        for name in way {
            let FieldKind::Named { ty, .. } = record.slot(name)?.kind else { return None };
            record = description.record(*ty)?;
        }
        record.slot(last)
    };
    found().is_some()
}

/// Where a rule stands in a state.
fn place_of(half: &Half<false>, state: StateId, rule: &'static Rule) -> usize {
    let state = half.protocol().table().states.get(usize::from(state.0));
    let mut rules = state.into_iter().flat_map(|state| state.rules.iter().chain(state.any));
    rules.position(|other| std::ptr::eq(other, rule)).unwrap_or(usize::MAX)
}
