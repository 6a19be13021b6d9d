//! What may be said while replies are outstanding, as the language has it and nothing else: every way
//! in which the replies may turn out is gone through.

use std::collections::BTreeSet;

use super::spec::{Arm, Effect, Goes, Rule, Said, Spec};

/// What becomes of something that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is taken; a state may have no place for it and say so.
    Taken { refused: bool },
    /// Replies must come first.
    Wait,
    /// What the client has begun must come first.
    Interrupts,
    /// It has no place.
    Refused,
    /// Too much is outstanding.
    Full,
    /// Nothing is said any more.
    Over,
}

/// How much holds back what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Barrier {
    No,
    /// But for what the frame itself made due.
    Derived,
    Declared,
}

/// What was said and is not settled.
#[derive(Clone, Copy, Debug)]
struct Asked {
    ask: usize,
    /// The variable, when it was said.
    open: bool,
    /// It awaits a reply, or leads elsewhere behind one that does.
    counts: bool,
}

/// One side's view of a conversation.
#[derive(Clone, Debug)]
pub(crate) struct Session<'s> {
    pub(crate) spec: &'s Spec,
    pub(crate) state: usize,
    open: bool,
    asked: Vec<Asked>,
    barrier: Barrier,
    /// What each role must say next.
    due: [Option<Said>; 2],
    pub(crate) over: bool,
}

impl Spec {
    /// The first rule of a state for a request.
    pub(crate) fn rule(&self, state: usize, ask: usize, open: bool) -> Option<&Rule> {
        let mut rules = self.states[state].iter().chain(&self.any);
        rules.find(|rule| rule.ask == ask && (open || !rule.guarded))
    }

    fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.states.iter().flatten().chain(&self.any)
    }

    /// Whether anything makes it due, where something must.
    pub(crate) fn speaks(&self, said: Said) -> bool {
        let made = |rule: &Rule| {
            let replies = rule.arms.iter().map(|arm| arm.effect);
            replies.chain([rule.effect]).any(|effect| effect == Some(Effect::Then(said)))
        };
        matches!(said, Said::Ask(_) | Said::Tell(_)) || self.rules().any(made)
    }

    /// Whether anything may follow before the reply, and what.
    pub(crate) fn barrier(&self, rule: &Rule) -> Barrier {
        let mut open = rule.arms.iter().filter(|arm| arm.goes != Goes::Close);
        let read = self.rules().any(|rule| rule.guarded);
        let closes = |arm: &Arm| matches!(arm.goes, Goes::Close | Goes::Again);
        let ends = !rule.arms.is_empty() && rule.arms.iter().all(closes);
        let decides = |arm: &Arm| arm.sets.is_some() && read || arm.effect.is_some_and(of_client);
        match ends || open.any(decides) {
            true => Barrier::Derived,
            false if rule.sync => Barrier::Declared,
            false => Barrier::No,
        }
    }
}

/// Whether it changes how the client is read.
fn of_client(effect: Effect) -> bool {
    effect != Effect::Then(Said::Extra)
}

/// What it does to the framing, at once and by each reply.
fn framing(rule: &Rule) -> (Option<Effect>, Vec<(Option<u8>, Effect)>) {
    let open = rule.arms.iter().filter(|arm| arm.goes != Goes::Close);
    let mut replies: Vec<_> = open.filter_map(|arm| Some((arm.code, arm.effect?))).collect();
    replies.sort_unstable();
    (rule.effect, replies)
}

/// Where it leads from a state, unless that ends everything or nothing yet.
fn led(from: usize, goes: Goes) -> Option<usize> {
    match goes {
        Goes::Stay => Some(from),
        Goes::To(state) => Some(state),
        Goes::Close | Goes::Again => None,
    }
}

impl<'s> Session<'s> {
    pub(crate) fn new(spec: &'s Spec) -> Session<'s> {
        Session {
            spec,
            state: 0,
            open: false,
            asked: Vec::new(),
            barrier: Barrier::No,
            due: [None; 2],
            over: false,
        }
    }

    /// What the client must say next, or the server.
    pub(crate) fn due(&self, server: bool) -> Option<Said> {
        self.due[usize::from(server)]
    }

    /// Whether a reply is outstanding.
    pub(crate) fn waits(&self) -> bool {
        !self.asked.is_empty()
    }

    /// What becomes of `said`.
    pub(crate) fn verdict(&self, said: Said) -> Verdict {
        let taken = Verdict::Taken { refused: false };
        match (said, self.due) {
            _ if self.over => Verdict::Over,
            (Said::Extra, [_, due]) if due.is_some() => taken,
            (Said::Tell(code), [due, None]) if self.waits() => {
                let switches = self.arm(code).effect.is_some_and(of_client);
                let under_way = due.is_some() && self.barrier != Barrier::Declared;
                if under_way && switches { Verdict::Interrupts } else { taken }
            }
            (Said::Extra | Said::Tell(_), _) => Verdict::Refused,
            (Said::Note | Said::Mark, [due, _]) if due == Some(said) => {
                if self.barrier == Barrier::Declared { Verdict::Wait } else { taken }
            }
            _ if self.barrier > Barrier::No => Verdict::Wait,
            (Said::Ask(ask), [None, _]) => self.early(ask),
            _ => Verdict::Refused,
        }
    }

    /// A request, with any replies outstanding.
    fn early(&self, ask: usize) -> Verdict {
        let found = self.found(ask);
        let taking: Vec<&Rule> = found.iter().copied().flatten().collect();
        if taking.is_empty() && !found.is_empty() {
            return Verdict::Refused;
        }
        let alike = taking.windows(2).all(|two| framing(two[0]) == framing(two[1]));
        if found.is_empty() || taking.len() < found.len() || !alike {
            return Verdict::Wait;
        }
        let counted = self.asked.iter().filter(|asked| asked.counts).count();
        if self.counts(&taking) && counted >= self.spec.pending {
            return Verdict::Full;
        }
        Verdict::Taken { refused: taking.iter().all(|rule| rule.refuse) }
    }

    fn counts(&self, taking: &[&Rule]) -> bool {
        let behind = self.asked.iter().any(|asked| asked.counts);
        let leads = |rule: &&Rule| !rule.arms.is_empty() || behind && rule.goes != Goes::Stay;
        taking.iter().any(leads)
    }

    /// What each state that is possible has for a request.
    fn found(&self, ask: usize) -> Vec<Option<&'s Rule>> {
        let mut states = BTreeSet::new();
        self.follow(self.state, &self.asked, &mut states);
        states.into_iter().map(|state| self.spec.rule(state, ask, self.open)).collect()
    }

    /// Every state that the replies to `asked` may lead to from `state`.
    fn follow(&self, state: usize, asked: &[Asked], reached: &mut BTreeSet<usize>) {
        let Some((first, rest)) = asked.split_first() else {
            reached.insert(state);
            return;
        };
        let Some(rule) = self.spec.rule(state, first.ask, first.open) else { return };
        let Some(stay) = led(state, rule.goes) else { return };
        if rule.arms.is_empty() {
            self.follow(stay, rest, reached);
        }
        for to in rule.arms.iter().filter_map(|arm| led(stay, arm.goes)) {
            self.follow(to, rest, reached);
        }
    }

    /// Something that is taken.
    pub(crate) fn take(&mut self, said: Said) {
        match said {
            Said::Ask(ask) => self.ask(ask),
            Said::Tell(code) => self.tell(code),
            Said::Note | Said::Mark => self.due[0] = None,
            Said::Extra => self.due[1] = None,
        }
    }

    fn ask(&mut self, ask: usize) {
        let taking: Vec<&Rule> = self.found(ask).into_iter().flatten().collect();
        let barriers = taking.iter().map(|rule| self.spec.barrier(rule));
        self.barrier = barriers.max().unwrap_or(Barrier::No);
        let counts = self.counts(&taking);
        self.asked.push(Asked { ask, open: self.open, counts });
        if let Some(effect) = taking.first().and_then(|rule| rule.effect) {
            self.apply(effect);
        }
        self.settle();
    }

    /// What a reply to the oldest request comes to.
    fn arm(&self, code: u8) -> &'s Arm {
        let first = self.asked[0];
        let rule = self.spec.rule(self.state, first.ask, first.open).expect("it was taken");
        let mut arms = rule.arms.iter();
        arms.find(|arm| arm.code.is_none_or(|of| of == code)).expect("the last")
    }

    fn tell(&mut self, code: u8) {
        let first = self.asked[0];
        let rule = self.spec.rule(self.state, first.ask, first.open).expect("it was taken");
        let arm = self.arm(code);
        if let Some(value) = arm.sets {
            self.open = value;
        }
        if arm.goes != Goes::Again {
            self.asked.remove(0);
            let stay = led(self.state, rule.goes).unwrap_or(self.state);
            match led(stay, arm.goes) {
                Some(state) => self.state = state,
                None => self.over = true,
            }
        }
        if let Some(effect) = arm.effect {
            self.apply(effect);
        }
        self.settle();
    }

    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Then(Said::Extra) => self.due[1] = Some(Said::Extra),
            Effect::Then(said) => self.due[0] = Some(said),
            Effect::Upgrade => self.over = true,
        }
    }

    /// What awaits nothing happens once nothing is before it.
    fn settle(&mut self) {
        while let Some(first) = self.asked.first().copied()
            && let Some(rule) = self.spec.rule(self.state, first.ask, first.open)
            && rule.arms.is_empty()
        {
            self.asked.remove(0);
            self.state = led(self.state, rule.goes).unwrap_or(self.state);
        }
        if self.asked.is_empty() {
            self.barrier = Barrier::No;
        }
    }
}
