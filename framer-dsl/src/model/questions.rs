//! What the stages ask of a model.

use super::{
    BitKind, Carrier, Choice, Effect, Expr, ExprKind, Field, FrameId, LARGEST_BYTES, Limits, List,
    ListEnd, Literal, Member, MessageKind, Model, Protocol, Range, Region, Role, Rule, Slot,
    StreamExtent, TransformId, Type, TypeId, slot,
};
use crate::source::Span;

/// How the end of a frame is found on a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Boundary<'m> {
    /// By its delimiter.
    Delimited(&'m Region),
    /// It is a datagram.
    Datagram,
    /// By the numbers in it, at most so many bytes.
    Measured { max: u64 },
    /// By the coding of its payload, which is all of it.
    Coded { transform: TransformId, max: u64, skip: bool },
    /// By the flag of its last element.
    Lines { element: TypeId, region: &'m Region, max: usize },
    /// It is not looked for: the payload is passed on as it comes.
    Stream(StreamExtent),
}

/// What a frame begins with, whatever its fields hold.
#[derive(Clone, Debug)]
pub enum Lead {
    Literal(Literal),
    /// For each byte which of its bits are known, and what they are.
    Pattern(Vec<(u8, u8)>),
}

/// What expressions see of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    Flag,
    Number(Range),
    /// Its values cannot be named.
    Hidden,
}

impl Model {
    /// The name of a type.
    #[must_use]
    pub(crate) fn name(&self, ty: TypeId) -> &str {
        match ty {
            TypeId::Frame(id) => &self.frames[id.0].name,
            TypeId::Choice(id) => &self.choices[id.0].name,
            TypeId::Values(id) => &self.values[id.0].name,
            TypeId::External(id) => &self.externals[id.0].name,
        }
    }

    /// Where the name of a type is declared.
    #[must_use]
    pub(crate) fn span(&self, ty: TypeId) -> Span {
        match ty {
            TypeId::Frame(id) => self.frames[id.0].span,
            TypeId::Choice(id) => self.choices[id.0].span,
            TypeId::Values(id) => self.values[id.0].span,
            TypeId::External(id) => self.externals[id.0].span,
        }
    }

    /// The region of a type itself.
    #[must_use]
    pub(crate) fn region(&self, ty: TypeId) -> Option<&Region> {
        match ty {
            TypeId::Frame(id) => self.frames[id.0].region.as_ref(),
            TypeId::Choice(id) => self.choices[id.0].region.as_ref(),
            TypeId::Values(_) | TypeId::External(_) => None,
        }
    }

    /// How large a type may be as a whole, where that is said.
    #[must_use]
    pub(crate) fn limits(&self, ty: TypeId) -> Option<Limits> {
        match ty {
            TypeId::Frame(id) => self.frames[id.0].limits,
            TypeId::Choice(id) => self.choices[id.0].limits,
            TypeId::Values(_) | TypeId::External(_) => None,
        }
    }

    /// The frames that a frame or choice can be.
    #[must_use]
    pub(crate) fn frames_of(&self, ty: TypeId) -> Vec<FrameId> {
        match ty {
            TypeId::Frame(frame) => vec![frame],
            TypeId::Choice(choice) => {
                let alternatives = self.choices[choice.0].alternatives.iter();
                alternatives.map(|alternative| alternative.frame).collect()
            }
            TypeId::Values(_) | TypeId::External(_) => Vec::new(),
        }
    }

    /// The types that a type is made of directly.
    #[must_use]
    pub(crate) fn parts(&self, ty: TypeId) -> Vec<TypeId> {
        let TypeId::Frame(frame) = ty else {
            return self.frames_of(ty).into_iter().map(TypeId::Frame).collect();
        };
        let mut parts = Vec::new();
        for field in self.frames[frame.0].fields() {
            match &field.ty {
                Type::Named { ty, .. } | Type::Optional(ty) => parts.push(*ty),
                Type::List(list) => {
                    parts.extend(list.element.ty());
                    parts.extend(list.elsewhere().map(|of| TypeId::Frame(of.frame)));
                }
                _ => {}
            }
        }
        parts
    }

    /// How the end of a frame of this type is found where a protocol speaks it, if it can be.
    #[must_use]
    pub(crate) fn boundary_in(&self, protocol: &Protocol, ty: TypeId) -> Option<Boundary<'_>> {
        let stream = |frame: FrameId| self.frames[frame.0].stream().is_some();
        match protocol.datagrams {
            true if self.frames_of(ty).into_iter().any(stream) => None,
            true => Some(Boundary::Datagram),
            false => self.boundary(ty),
        }
    }

    /// How the end of a frame of this type is found on a stream, if it can be.
    #[must_use]
    pub(crate) fn boundary(&self, ty: TypeId) -> Option<Boundary<'_>> {
        if let Some(region) = self.region(ty) {
            return Some(Boundary::Delimited(region));
        }
        if let Some(coded) = self.coded(ty) {
            return Some(coded);
        }
        if let Some(size) = self.measured(ty).filter(|_| !self.ends_with_word(ty)) {
            return Some(Boundary::Measured { max: size.max });
        }
        let TypeId::Frame(frame) = ty else { return None };
        let frame = &self.frames[frame.0];
        if let Some(stream) = frame.stream() {
            return Some(Boundary::Stream(stream.extent));
        }
        self.lines(&frame.body)
    }

    /// How a frame of this type is cut out of a stream without a protocol, if it can be: it takes
    /// a byte, and fits memory.
    #[must_use]
    pub(crate) fn cut(&self, ty: TypeId) -> Option<Boundary<'_>> {
        let given = !self.params(ty).is_empty();
        if given || !self.protocols.is_empty() || matches!(ty, TypeId::Values(_)) {
            return None;
        }
        self.boundary(ty).filter(|boundary| match boundary {
            Boundary::Delimited(_) | Boundary::Coded { .. } => true,
            Boundary::Measured { max } => {
                let least = self.measured(ty).map_or(0, |size| size.min);
                least > 0 && *max <= LARGEST_BYTES
            }
            _ => false,
        })
    }

    /// The boundary of a frame that is a payload in a coding, and nothing else.
    fn coded(&self, ty: TypeId) -> Option<Boundary<'_>> {
        let TypeId::Frame(frame) = ty else { return None };
        let frame = &self.frames[frame.0];
        match (frame.limits, frame.body.as_slice()) {
            (
                None,
                [Member::Field(Field { ty: Type::Coded { transform, max, skip }, cond, .. })],
            ) if cond.is_none() => {
                let (transform, max, skip) = (*transform, *max, skip.is_some());
                Some(Boundary::Coded { transform, max, skip })
            }
            _ => None,
        }
    }

    /// The boundary of a frame that is a list of lines.
    fn lines(&self, body: &[Member]) -> Option<Boundary<'_>> {
        let [Member::Field(Field { ty: Type::List(list), .. })] = body else { return None };
        let List { element, end: ListEnd::Flag { .. }, max, .. } = list else { return None };
        let element = element.ty()?;
        Some(Boundary::Lines { element, region: self.region(element)?, max: *max })
    }

    /// What a frame begins with, whatever its fields hold.
    #[must_use]
    pub(crate) fn lead(&self, frame: FrameId) -> Option<Lead> {
        self.lead_behind(frame, 0)
    }

    /// What tells an alternative of a choice from the others.
    #[must_use]
    pub(crate) fn lead_in(&self, choice: &Choice, frame: FrameId) -> Option<Lead> {
        self.lead_behind(frame, self.passed(choice))
    }

    /// How many members are passed over to see which alternative of a choice it is. Where they are always of
    /// one length, it is seen from the beginning.
    #[must_use]
    pub(crate) fn passed(&self, choice: &Choice) -> usize {
        let mut led = choice.alternatives.iter().filter(|alternative| !alternative.catch_all);
        match led.all(|alternative| self.lead(alternative.frame).is_some()) {
            true => 0,
            false => choice.head,
        }
    }

    fn lead_behind(&self, frame: FrameId, head: usize) -> Option<Lead> {
        let frame = &self.frames[frame.0];
        if frame.region.is_some() {
            return None;
        }
        let marks = |member: &&Member| matches!(member, Member::Param(_) | Member::Open(_));
        let mut body = frame.body.iter().filter(|member| !marks(member)).skip(head).peekable();
        if let Some(Member::Literal(literal)) = body.peek() {
            return Some(Lead::Literal(literal.clone()));
        }
        let mut pattern = Vec::new();
        for member in body {
            match pattern_of(member) {
                Some(bytes) => pattern.extend(bytes),
                None => break,
            }
        }
        while pattern.pop_if(|(mask, _)| *mask == 0).is_some() {}
        (!pattern.is_empty()).then_some(Lead::Pattern(pattern))
    }

    /// What expressions see of a field among `members`.
    #[must_use]
    pub(crate) fn sight(&self, members: &[Member], name: &str) -> Option<Sight> {
        members.iter().find_map(|member| match member {
            Member::Param(param) if param.name == name => Some(number(0, param.int.max())),
            Member::Field(field) if field.name == name => Some(match field.cond {
                None => self.sight_of(&field.ty),
                Some(_) => Sight::Hidden,
            }),
            Member::Bits(bits) => {
                let field = bits.fields.iter().find(|field| field.name == name)?;
                Some(match &field.kind {
                    BitKind::Flag => Sight::Flag,
                    BitKind::Number { low, high } => number(*low, *high),
                    BitKind::Values(_) => number(0, u64::MAX >> (64 - field.width)),
                    BitKind::Tiered(varint) => number(varint.low, varint.high),
                })
            }
            _ => None,
        })
    }

    /// Whether a frame has a number or short text of this name, and whether it may lack it.
    #[must_use]
    pub(crate) fn key(&self, frame: FrameId, name: &str) -> Option<bool> {
        let body = &self.frames.get(frame.0)?.body;
        let lacking = match slot(body, name)? {
            Slot::Field(field) if field.ty.is_short_text() && field.cond.is_none() => false,
            Slot::Field(field) => match self.sight_of(&field.ty) {
                Sight::Number(_) => field.cond.is_some(),
                _ => return None,
            },
            Slot::Bits(_) => match self.sight(body, name)? {
                Sight::Number(_) => false,
                _ => return None,
            },
        };
        Some(lacking)
    }

    pub(crate) fn sight_of(&self, ty: &Type) -> Sight {
        match ty {
            Type::Number(of) if !of.int.signed => number(of.low, of.high),
            Type::Fixed(of) if !of.int.signed => number(of.low, of.high),
            Type::Varint(of) => number(of.low, of.high),
            Type::Flag { .. } => Sight::Flag,
            Type::Named { ty: TypeId::Values(id), .. } => match self.values[id.0].int() {
                Some(int) => number(0, int.max()),
                None => Sight::Hidden,
            },
            _ => Sight::Hidden,
        }
    }

    /// Which values an expression over `members` can have; `None` where it has none for some.
    #[must_use]
    pub(crate) fn range(&self, members: &[Member], expr: &Expr) -> Option<Range> {
        expr.range(&|name| match name {
            ExprKind::Field(name) => match self.sight(members, name)? {
                Sight::Number(range) => Some(range),
                _ => None,
            },
            // What is written is in memory.
            ExprKind::Len(_) | ExprKind::Count(_) => Some(Range { low: 0, high: 1 << 40 }),
            ExprKind::Tag(field) => {
                let int = self.by(self.tagged(members, field)?)?.int;
                Some(Range { low: 0, high: int.max().into() })
            }
            ExprKind::Checksum(id, _) => {
                let bits = self.checksums[id.0].bits();
                Some(Range { low: 0, high: (u64::MAX >> (64 - bits)).into() })
            }
            _ => None,
        })
    }
}

fn number(low: u64, high: u64) -> Sight {
    Sight::Number(Range { low: low.into(), high: high.into() })
}

/// For each byte of a member of known width which of its bits are known, and what they are.
fn pattern_of(member: &Member) -> Option<Vec<(u8, u8)>> {
    let (bytes, little, mask, value) = match member {
        Member::Field(Field { ty: Type::Fixed(fixed), cond: None, .. }) => {
            let mask = if fixed.low == fixed.high { fixed.int.max() } else { 0 };
            (fixed.int.bytes(), fixed.little, mask, fixed.low)
        }
        Member::Bits(bits) => {
            let Carrier::Fixed(carrier) = &bits.carrier else { return None };
            let tiered = |field: &super::BitField| matches!(field.kind, BitKind::Tiered(_));
            if bits.fields.iter().any(tiered) {
                return None;
            }
            let (mut mask, mut value) = (0, 0);
            for field in &bits.fields {
                let ones = u64::MAX >> (64 - field.width);
                let constant = match (&field.kind, field.derived.as_ref().map(|d| &d.kind)) {
                    (_, Some(ExprKind::Number(constant))) => Some(*constant),
                    (_, Some(ExprKind::Bool(constant))) => Some(u64::from(*constant)),
                    (BitKind::Number { low, high }, _) if low == high => Some(*low),
                    _ => None,
                };
                if let Some(constant) = constant {
                    mask |= ones << field.shift;
                    value |= constant << field.shift;
                }
            }
            (carrier.int.bytes(), carrier.little, mask, value)
        }
        _ => return None,
    };
    let (mut masks, mut values) = (mask.to_be_bytes().to_vec(), value.to_be_bytes().to_vec());
    let (mut masks, mut values) = (masks.split_off(8 - bytes), values.split_off(8 - bytes));
    if little {
        masks.reverse();
        values.reverse();
    }
    Some(masks.into_iter().zip(values).map(|(mask, value)| (mask, value & mask)).collect())
}

impl Protocol {
    /// Every rule, those of any state last.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.states.iter().flat_map(|state| &state.rules).chain(&self.any)
    }

    /// What a role says so that what is due of the other may come.
    pub(crate) fn words(&self, role: Role) -> impl Iterator<Item = FrameId> {
        self.rules().flat_map(Rule::all_effects).filter_map(move |effect| match effect {
            Effect::Then { role: of, after, .. } if *of != role => *after,
            _ => None,
        })
    }

    /// Whether frames of the role await replies.
    #[must_use]
    pub(crate) fn asks(&self, role: Role) -> bool {
        self.rules().any(|rule| rule.role == role && rule.arms.is_some())
    }

    /// What rules and arms look at in a frame of the role: whether each holds or not.
    pub(crate) fn guards(&self, role: Role, frame: FrameId) -> Vec<&Expr> {
        let spoken = self.speaks[role.index()].ty == TypeId::Frame(frame);
        let meant = |kind: MessageKind| match kind {
            MessageKind::Frame(other) => other == frame,
            // Where a role speaks one frame, these are it.
            MessageKind::Any | MessageKind::Value { .. } => spoken,
            MessageKind::Malformed => false,
        };
        let mut guards = Vec::new();
        for rule in self.rules() {
            if rule.role == role && rule.messages.iter().any(|message| meant(message.kind)) {
                guards.extend(&rule.own);
            }
            for arm in rule.arms.iter().flatten() {
                if rule.role != role && meant(arm.message.kind) {
                    guards.extend(&arm.own);
                }
            }
        }
        guards.into_iter().map(|guard| guard.positive().0).collect()
    }

    /// How each role's direction may be cut, the lasting ways first.
    #[must_use]
    pub(crate) fn framers(&self) -> Vec<(Role, TypeId)> {
        let roles = [Role::First, Role::Second];
        let mut framers = roles.map(|role| (role, self.speaks[role.index()].ty)).to_vec();
        for effect in self.rules().flat_map(Rule::all_effects) {
            if let Effect::Then { role, ty, .. } | Effect::Speaks { role, ty, .. } = effect
                && !framers.contains(&(*role, *ty))
            {
                framers.push((*role, *ty));
            }
        }
        framers
    }
}

impl Rule {
    /// Its effects and those of its arms.
    pub(crate) fn all_effects(&self) -> impl Iterator<Item = &Effect> {
        let arms = self.arms.iter().flatten().flat_map(|arm| &arm.effects);
        self.effects.iter().chain(arms)
    }
}
