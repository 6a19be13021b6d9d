//! Which types end by themselves, whatever follows them.

use super::{
    Choice, Element, Extent, ExternalId, Field, List, ListEnd, Literal, Member, Model, Type,
    TypeId, ValuesKind,
};

/// Whether something takes a byte at least, and nothing that follows it is read as a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ends {
    No,
    /// Yes, if all of these do.
    If(Vec<ExternalId>),
}

impl Ends {
    const YES: Ends = Ends::If(Vec::new());

    fn and(self, other: Ends) -> Ends {
        match (self, other) {
            (Ends::If(mut one), Ends::If(other)) => {
                one.extend(other);
                one.sort();
                one.dedup();
                Ends::If(one)
            }
            _ => Ends::No,
        }
    }

    fn when(holds: bool) -> Ends {
        if holds { Ends::YES } else { Ends::No }
    }
}

impl Model {
    /// Whether a type ends by itself.
    #[must_use]
    pub(crate) fn ends(&self, ty: TypeId) -> Ends {
        self.ends_in(ty, &mut Vec::new())
    }

    fn ends_in(&self, ty: TypeId, open: &mut Vec<TypeId>) -> Ends {
        if let TypeId::External(id) = ty {
            return Ends::If(vec![id]);
        }
        if self.region(ty).is_some() || open.contains(&ty) {
            return Ends::YES;
        }
        match self.is_apart(ty, open) {
            true => self.memo.ends.of(ty, || self.ends_inside(ty, open)),
            false => self.ends_inside(ty, open),
        }
    }

    fn ends_inside(&self, ty: TypeId, open: &mut Vec<TypeId>) -> Ends {
        open.push(ty);
        let ends = match ty {
            TypeId::Frame(frame) => self.body_ends(&self.frames[frame.0].body, open),
            TypeId::Choice(choice) => self.choice_ends(&self.choices[choice.0], open),
            TypeId::Values(values) => match &self.values[values.0].kind {
                ValuesKind::Numbers { .. } => Ends::YES,
                ValuesKind::Literals(values) => {
                    Ends::when(values.iter().all(|value| literal_ends(&value.value)))
                }
            },
            TypeId::External(_) => Ends::No,
        };
        open.pop();
        ends
    }

    fn choice_ends(&self, choice: &Choice, open: &mut Vec<TypeId>) -> Ends {
        // What a catch-all is told by must lie in it, and not in what follows.
        let told = |frame| match self.lead(frame) {
            Some(super::Lead::Literal(literal)) => literal.bytes.len(),
            Some(super::Lead::Pattern(pattern)) => pattern.len(),
            None => 0,
        };
        let led = choice.alternatives.iter().filter(|alternative| !alternative.catch_all);
        let longest = led.map(|alternative| told(alternative.frame)).max().unwrap_or(0);
        let mut ends = Ends::when(self.passed(choice) == 0);
        for alternative in &choice.alternatives {
            let frame = TypeId::Frame(alternative.frame);
            if alternative.catch_all && choice.by.is_none() {
                let least = self.measured(frame).map_or(0, |size| size.min);
                ends = ends.and(Ends::when(u64::try_from(longest).is_ok_and(|most| most <= least)));
            }
            ends = ends.and(self.ends_in(frame, open));
        }
        ends
    }

    fn body_ends(&self, body: &[Member], open: &mut Vec<TypeId>) -> Ends {
        let mut ends = Ends::YES;
        if body.iter().any(|member| matches!(member, Member::Rest { .. })) {
            return ends;
        }
        for member in body.iter().rev() {
            ends = ends.and(self.member_ends(member, open));
            if !self.may_be_empty(member) {
                return ends;
            }
        }
        // Nothing in it must be there.
        Ends::No
    }

    fn member_ends(&self, member: &Member, open: &mut Vec<TypeId>) -> Ends {
        let field = match member {
            Member::Literal(literal) => return Ends::when(literal_ends(literal)),
            Member::Bits(_)
            | Member::Param(_)
            | Member::Rest { .. }
            | Member::Require { .. }
            | Member::Open(_)
            | Member::Close(_) => return Ends::YES,
            // It takes as many as there are.
            Member::Skip(_) => return Ends::No,
            Member::Stream(_) => return Ends::No,
            Member::Field(field) => field,
        };
        match &field.ty {
            Type::Fixed(_) | Type::Varint(_) | Type::Coded { .. } => Ends::YES,
            Type::Number(number) => {
                Ends::when(number.min_digits == number.max_digits && !number.int.signed)
            }
            Type::Text { extent, .. } => Ends::when(match extent {
                Extent::ToEnd => false,
                Extent::Run { escape, trim, min, max, .. } => {
                    escape.is_none() && trim.is_none() && min == max
                }
                Extent::Exactly(_) | Extent::Sized(_) | Extent::Until { .. } => true,
            }),
            Type::Flag { on, off: Some(off), or_end: false } => {
                Ends::when(literal_ends(on) && literal_ends(off))
            }
            Type::Flag { .. } | Type::Optional(_) => Ends::No,
            Type::Named { length: Some(_), .. } => Ends::YES,
            Type::Named { ty, length: None, .. } => self.ends_in(*ty, open),
            Type::List(List { end: ListEnd::Region, .. }) => Ends::No,
            Type::List(List { end: ListEnd::Literal { literal, .. }, .. }) => {
                Ends::when(literal_ends(literal))
            }
            Type::List(list) => match list.element {
                Element::Type(ty) => self.ends_in(ty, open),
                Element::Int { .. } => Ends::YES,
            },
        }
    }

    /// Whether a type may end with a word, which is one only if no letter follows.
    #[must_use]
    pub(crate) fn ends_with_word(&self, ty: TypeId) -> bool {
        self.word_in(ty, &mut Vec::new())
    }

    fn word_in(&self, ty: TypeId, open: &mut Vec<TypeId>) -> bool {
        if self.region(ty).is_some() || open.contains(&ty) {
            return false;
        }
        let find = |open: &mut Vec<TypeId>| {
            open.push(ty);
            let frames = self.frames_of(ty);
            let found = frames.iter().any(|frame| self.body_ends_with_word(frame.0, open));
            open.pop();
            found
        };
        match self.is_apart(ty, open) {
            true => self.memo.words.of(ty, || find(open)),
            false => find(open),
        }
    }

    fn body_ends_with_word(&self, frame: usize, open: &mut Vec<TypeId>) -> bool {
        for member in self.frames[frame].body.iter().rev() {
            let word = self.member_word(member, open);
            if word || !self.may_be_empty(member) {
                return word;
            }
        }
        false
    }

    /// Whether a member may end with a word.
    #[must_use]
    pub(crate) fn member_ends_with_word(&self, member: &Member) -> bool {
        self.member_word(member, &mut Vec::new())
    }

    fn member_word(&self, member: &Member, open: &mut Vec<TypeId>) -> bool {
        match member {
            Member::Literal(literal) => literal.word,
            Member::Field(field) => match &field.ty {
                Type::Flag { on, off, .. } => on.word || off.as_ref().is_some_and(|off| off.word),
                Type::Named { ty, length: None, .. } | Type::Optional(ty) => {
                    self.word_in(*ty, open)
                }
                Type::List(list) => list.element.ty().is_some_and(|ty| self.word_in(ty, open)),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a member may take no byte.
    pub(crate) fn may_be_empty(&self, member: &Member) -> bool {
        let Member::Field(field) = member else {
            return !matches!(member, Member::Bits(_) | Member::Literal(_) | Member::Close(_));
        };
        field.cond.is_some()
            || match &field.ty {
                Type::Fixed(_) | Type::Varint(_) | Type::Coded { .. } => false,
                Type::Number(number) => number.min_digits == 0,
                Type::Text { extent: Extent::Exactly(len), .. } => *len == 0,
                Type::Text { extent: Extent::Run { min, .. }, .. } => *min == 0,
                Type::Text { extent: Extent::Until { .. }, .. } => false,
                Type::Flag { off, or_end, .. } => off.is_none() || *or_end,
                Type::List(list) => matches!(list.end, ListEnd::Region | ListEnd::Count(_)),
                // One that ends by itself takes a byte.
                Type::Named { length: None, .. } => false,
                _ => true,
            }
    }

    /// The types declared elsewhere that must end by themselves: something follows them, or another
    /// of their kind.
    #[must_use]
    pub(crate) fn followed(&self) -> Vec<ExternalId> {
        let mut followed = Vec::new();
        for frame in &self.frames {
            for (place, member) in frame.body.iter().enumerate() {
                let Member::Field(Field { ty, .. }) = member else { continue };
                let behind = frame.body.get(place + 1..).unwrap_or_default();
                let last = behind.iter().all(|member| matches!(member, Member::Require { .. }));
                let external = match ty {
                    Type::Named { ty, length: None, .. } | Type::Optional(ty) if !last => Some(*ty),
                    Type::List(list) => list.element.ty(),
                    _ => None,
                };
                if let Some(Ends::If(all)) = external.map(|ty| self.ends(ty)) {
                    followed.extend(all);
                }
            }
        }
        followed.sort();
        followed.dedup();
        followed
    }
}

/// Whether a literal is matched whatever follows it.
fn literal_ends(literal: &Literal) -> bool {
    !literal.word && !literal.bytes.is_empty()
}
