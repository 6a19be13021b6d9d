//! Rules into table rows: kinds, guards, derived barriers, and what agrees on the framing.

use crate::ir::{
    Amount, Arm, Barrier, Effect, Expr, Framer, Kind, KindOf, Rule, Shape, Site, SiteAction,
    StreamExtent, Target, VarTest, bit,
};
use crate::model::{
    self, Ask, ExprKind, FrameId, Message, MessageKind, Model, Protocol, Role, TypeId, Uses,
};

use super::variables::Variables;

/// The rules of one protocol on their way into the table.
pub(super) struct Rules<'m> {
    model: &'m Model,
    protocol: &'m Protocol,
    framers: &'m [Framer],
    kinds: &'m [Kind],
    /// What the frames of each role do with variables at once.
    uses: [Uses; 2],
    variables: &'m Variables,
    /// What the rules of the state at hand take by its name, as no reply.
    unasked: Vec<FrameId>,
    signatures: Vec<String>,
    layers: Vec<String>,
    sites: Vec<Site>,
    tests: Vec<VarTest>,
}

/// The frames of a role that rules name.
fn unasked(role: Role, rules: &[&model::Rule]) -> Vec<FrameId> {
    let messages = rules.iter().filter(|rule| rule.role == role).flat_map(|rule| &rule.messages);
    let frames = messages.filter_map(|message| match message.kind {
        MessageKind::Frame(frame) => Some(frame),
        _ => None,
    });
    frames.collect()
}

impl<'m> Rules<'m> {
    pub(super) fn new(
        model: &'m Model,
        protocol: &'m Protocol,
        framers: &'m [Framer],
        kinds: &'m [Kind],
        variables: &'m Variables,
    ) -> Rules<'m> {
        Rules {
            model,
            protocol,
            framers,
            kinds,
            uses: [Role::First, Role::Second].map(|role| protocol.uses(role)),
            variables,
            unasked: Vec::new(),
            signatures: Vec::new(),
            layers: Vec::new(),
            sites: Vec::new(),
            tests: Vec::new(),
        }
    }

    /// The layers, sites and tests that came up.
    pub(super) fn finish(self) -> (Vec<String>, Vec<Site>, Vec<VarTest>) {
        (self.layers, self.sites, self.tests)
    }

    /// The rows of one rule: one for its frames, and one for each range of values. `beside`: the
    /// rules of its state.
    pub(super) fn lower(&mut self, rule: &model::Rule, beside: &[&model::Rule]) -> Vec<Rule> {
        self.unasked = unasked(rule.role.peer(), beside);
        let mut rows = Vec::new();
        let frames: Vec<usize> = rule
            .messages
            .iter()
            .filter(|message| !matches!(message.kind, MessageKind::Value { .. }))
            .flat_map(|message| self.kinds_of(rule.role, message, &rule.own))
            .collect();
        if !frames.is_empty() {
            rows.push(self.row(rule, frames, 0, u64::MAX));
        }
        for message in &rule.messages {
            if let MessageKind::Value { low, high } = message.kind {
                let kinds = self.kinds_of(rule.role, message, &rule.own);
                rows.push(self.row(rule, kinds, low, high));
            }
        }
        rows
    }

    fn row(&mut self, rule: &model::Rule, mut kinds: Vec<usize>, low: u64, high: u64) -> Rule {
        let own = kinds.first().and_then(|kind| self.frame_of(*kind));
        self.keep_known(&mut kinds, &rule.vars, own);
        let (mask, value) = self.guard(&rule.vars, own);
        let effects = self.effects(&rule.effects, own);
        let arms: Vec<Arm> = rule.arms.iter().flatten().map(|arm| self.arm(rule, arm)).collect();
        Rule {
            span: rule.span,
            kinds,
            low,
            high,
            mask,
            value,
            refuse: rule.refuse.is_some(),
            barrier: self.barrier(rule),
            framing: self.signature(rule),
            target: rule.target,
            effects,
            arms,
        }
    }

    /// The kinds that a message stands for, given what the frame's own fields must be.
    fn kinds_of(&self, role: Role, message: &Message, own: &[model::Expr]) -> Vec<usize> {
        let spoken = self.protocol.speaks[role.index()].ty;
        let fits = |kind: &Kind| {
            let meant = match (message.kind, kind.of) {
                (MessageKind::Frame(wanted), KindOf::Frame(frame)) => wanted == frame,
                (MessageKind::Malformed, KindOf::Malformed) => true,
                (MessageKind::Value { .. }, KindOf::Frame(frame)) => spoken == TypeId::Frame(frame),
                (MessageKind::Any, _) => true,
                _ => false,
            };
            let holds = own.iter().all(|guard| {
                let (guard, wanted) = guard.positive();
                kind.own.iter().any(|(other, answer)| *answer == wanted && same(other, guard))
            });
            kind.role == role && meant && holds
        };
        self.kinds
            .iter()
            .enumerate()
            .filter(|(_, kind)| fits(kind))
            .map(|(place, _)| place)
            .collect()
    }

    /// The frames that a role speaks without a `then`.
    fn spoken(&self, role: Role) -> Vec<FrameId> {
        let switches = self.protocol.rules().flat_map(model::Rule::all_effects);
        let lasting = switches.filter_map(|effect| match effect {
            model::Effect::Speaks { role: of, ty, .. } if *of == role => Some(*ty),
            _ => None,
        });
        let types = lasting.chain([self.protocol.speaks[role.index()].ty]);
        types.flat_map(|ty| self.model.frames_of(ty)).collect()
    }

    fn frame_of(&self, kind: usize) -> Option<FrameId> {
        match self.kinds[kind].of {
            KindOf::Frame(frame) => Some(frame),
            KindOf::Malformed => None,
        }
    }

    fn arm(&mut self, rule: &model::Rule, arm: &model::Arm) -> Arm {
        let role = rule.role.peer();
        let (low, high) = match arm.message.kind {
            MessageKind::Value { low, high } => (low, high),
            _ => (0, u64::MAX),
        };
        let mut kinds = self.kinds_of(role, &arm.message, &arm.own);
        if arm.message.kind == MessageKind::Any {
            // What only `then` makes due belongs to another frame, and answers none; nor does what
            // is said by itself.
            let (spoken, unasked) = (self.spoken(role), &self.unasked);
            kinds.retain(|kind| match self.kinds[*kind].of {
                KindOf::Frame(frame) => spoken.contains(&frame) && !unasked.contains(&frame),
                KindOf::Malformed => true,
            });
        }
        let reply = match arm.message.kind {
            MessageKind::Frame(frame) => Some(frame),
            _ => match self.protocol.speaks[role.index()].ty {
                TypeId::Frame(frame) => Some(frame),
                _ => None,
            },
        };
        let effects = self.effects(&arm.effects, reply);
        self.keep_known(&mut kinds, &arm.vars, reply);
        let (mask, value) = self.guard(&arm.vars, reply);
        Arm { span: arm.message.span, kinds, low, high, mask, value, target: arm.target, effects }
    }

    /// Where a variable is compared with what a frame says, only that frame is meant.
    fn keep_known(&self, kinds: &mut Vec<usize>, asks: &[(Ask, bool)], frame: Option<FrameId>) {
        let of_frame = |(ask, _): &(Ask, bool)| match ask {
            Ask::Number { to: model::Amount::Value(value), .. } => {
                !matches!(value.kind, ExprKind::Number(_))
            }
            _ => false,
        };
        if asks.iter().any(of_frame) {
            kinds.retain(|kind| self.frame_of(*kind) == frame);
        }
    }

    /// The bits that a guard looks at, and what they must be.
    fn guard(&mut self, asks: &[(Ask, bool)], frame: Option<FrameId>) -> (u32, u32) {
        asks.iter().fold((0, 0), |(mask, value), (ask, wanted)| {
            let bit = match ask {
                Ask::Flag(var) => bit(self.variables.places[var.0]),
                Ask::Number { var, is, to } => {
                    let number = self.variables.places[var.0];
                    let to = self.amount(number, to, frame);
                    self.test(VarTest { number, is: *is, to })
                }
            };
            (mask | bit, if *wanted { value | bit } else { value })
        })
    }

    /// The bit of a test; alike ones share it.
    fn test(&mut self, test: VarTest) -> u32 {
        let known = self.tests.iter().position(|other| *other == test);
        let place = known.unwrap_or_else(|| {
            self.tests.push(test);
            self.tests.len() - 1
        });
        bit(self.variables.flags.len() + place)
    }

    fn amount(&mut self, number: usize, amount: &model::Amount, frame: Option<FrameId>) -> Amount {
        match amount {
            model::Amount::Var(var) => Amount::Number(self.variables.places[var.0]),
            model::Amount::Value(Expr { kind: ExprKind::Number(value) }) => {
                Amount::Constant(*value)
            }
            model::Amount::Value(value) => {
                let action = SiteAction::Number { number, value: value.clone() };
                Amount::Site(self.site(frame, action))
            }
        }
    }

    fn effects(&mut self, effects: &[model::Effect], frame: Option<FrameId>) -> Vec<Effect> {
        let mut lowered = Vec::new();
        for effect in effects {
            lowered.push(self.effect(effect, frame));
            if let model::Effect::Then { role, after: Some(until), .. } = effect {
                lowered.push(Effect::Hold { role: *role, until: *until });
            }
        }
        lowered
    }

    fn effect(&mut self, effect: &model::Effect, frame: Option<FrameId>) -> Effect {
        match effect {
            model::Effect::Then { role, ty, args, .. } => {
                let framer = place(self.framers, *role, *ty);
                let (size, mask) = match self.framers[framer].shape {
                    Shape::Stream(StreamExtent::Param { size, mask }) => {
                        (args.get(size), mask.and_then(|mask| args.get(mask.place)))
                    }
                    _ => (None, None),
                };
                let mut site = |value: Option<&Expr>| match value {
                    Some(value) => {
                        let action = SiteAction::Parameter { framer, value: value.clone() };
                        self.site(frame, action)
                    }
                    None => 0,
                };
                let (site, mask) = (site(size), site(mask));
                Effect::Then { role: *role, framer, site, mask }
            }
            model::Effect::Speaks { role, ty, .. } => {
                Effect::Speaks { role: *role, framer: place(self.framers, *role, *ty) }
            }
            model::Effect::Upgrade { layer, received, .. } => {
                let known = self.layers.iter().position(|other| other == layer);
                let layer = known.unwrap_or_else(|| {
                    self.layers.push(layer.clone());
                    self.layers.len() - 1
                });
                Effect::Upgrade { layer, received: *received }
            }
            model::Effect::Set { var, value, .. } => {
                let var = self.variables.places[var.0];
                if let ExprKind::Bool(value) = value.kind {
                    return Effect::Assign { var, value };
                }
                let action = SiteAction::Variable { var, value: value.clone() };
                Effect::Set { var, site: self.site(frame, action) }
            }
            model::Effect::Change { var, change, by } => {
                let number = self.variables.places[var.0];
                Effect::Change { number, change: *change, by: self.amount(number, by, frame) }
            }
        }
    }

    /// The place where a value is made; alike ones share it, and 0 stands for none.
    fn site(&mut self, frame: Option<FrameId>, action: SiteAction) -> usize {
        let Some(frame) = frame else { return 0 };
        let key = |site: &Site| (site.frame, action_text(&site.action));
        let site = Site { frame, action };
        let known = self.sites.iter().position(|other| key(other) == key(&site));
        known.unwrap_or_else(|| {
            self.sites.push(site);
            self.sites.len() - 1
        }) + 1
    }

    /// Why nothing of its direction may follow until the reply, if so.
    fn barrier(&self, rule: &model::Rule) -> Option<Barrier> {
        let declared = rule.sync.then_some(Barrier::Declared);
        let Some(arms) = &rule.arms else { return declared };
        let open: Vec<&model::Arm> =
            arms.iter().filter(|arm| arm.target != Target::Close).collect();
        // A reply behind which another follows ends nothing.
        if open.iter().all(|arm| arm.target == Target::Again) {
            return Some(Barrier::End);
        }
        let switches =
            |arm: &model::Arm| !self.framing_text(&arm.effects, Some(rule.role)).is_empty();
        // Where all of them do the same, what follows is still read otherwise before the reply.
        if open.iter().any(|arm| switches(arm)) {
            return Some(Barrier::Framing);
        }
        let by_replies = model::Rule::uses_of_arms(open.iter().copied());
        if by_replies.race(&self.uses[rule.role.index()]).is_some() {
            return Some(Barrier::Variable);
        }
        let leads = open.iter().any(|arm| matches!(arm.target, Target::State(_)));
        let leads = leads || matches!(rule.target, Target::State(_));
        let keyed = self.model.is_keyed(self.protocol, rule);
        if leads && keyed { Some(Barrier::Order) } else { declared }
    }

    /// A number that is equal for rules with the same effects on the framing, at once and by
    /// each reply.
    fn signature(&mut self, rule: &model::Rule) -> u16 {
        let mut parts = vec![self.framing_text(&rule.effects, None)];
        let mut arms: Vec<String> = rule
            .arms
            .iter()
            .flatten()
            .filter(|arm| arm.target != Target::Close)
            .map(|arm| (arm, self.framing_text(&arm.effects, None)))
            .filter(|(_, framing)| !framing.is_empty())
            .map(|(arm, framing)| format!("{:?} {framing}", arm.message.kind))
            .collect();
        arms.sort();
        parts.append(&mut arms);
        let signature = parts.join("; ");
        let known = self.signatures.iter().position(|other| *other == signature);
        let place = known.unwrap_or_else(|| {
            self.signatures.push(signature);
            self.signatures.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    }

    /// The effects on the framing, of one role's direction or of both.
    fn framing_text(&self, effects: &[model::Effect], only: Option<Role>) -> String {
        let concerns = |role: Role| only.is_none_or(|only| only == role);
        let words: Vec<String> = effects
            .iter()
            .filter_map(|effect| match effect {
                model::Effect::Then { role, ty, args, after, .. } if concerns(*role) => {
                    let args: Vec<String> = args.iter().map(ToString::to_string).collect();
                    let framer = &self.framers[place(self.framers, *role, *ty)].name;
                    let after = after.map(|word| format!(" after {}", word.0)).unwrap_or_default();
                    Some(format!("{role:?} then {framer}({}){after}", args.join(", ")))
                }
                model::Effect::Speaks { role, ty, .. } if concerns(*role) => {
                    let framer = &self.framers[place(self.framers, *role, *ty)].name;
                    Some(format!("{role:?} speaks {framer}"))
                }
                model::Effect::Upgrade { layer, .. } => Some(format!("upgrade {layer}")),
                _ => None,
            })
            .collect();
        words.join(", ")
    }
}

fn action_text(action: &SiteAction) -> String {
    match action {
        SiteAction::Parameter { framer, value } => format!("{framer}({value})"),
        SiteAction::Variable { var, value } => format!("{var} = {value}"),
        SiteAction::Number { number, value } => format!("{number}: {value}"),
    }
}

/// The place of a framer.
pub(super) fn place(framers: &[Framer], role: Role, ty: TypeId) -> usize {
    let found = framers.iter().position(|framer| framer.role == role && framer.ty == ty);
    found.unwrap_or_else(|| panic!("no framer for {ty:?}"))
}

/// Whether two expressions are written alike.
pub(super) fn same(left: &model::Expr, right: &model::Expr) -> bool {
    left.to_string() == right.to_string()
}
