//! What refers to what: members to the fields they look at, lists to where they go on, fields to
//! what they are given.

use super::{
    ChoiceId, Element, Elsewhere, Expr, Extent, Field, FrameId, List, ListEnd, Member, MessageKind,
    Model, Param, Protocol, Rule, Slot, Type, TypeId, slot,
};

impl Member {
    /// The fields and parameters that its expressions look at.
    pub(crate) fn names(&self) -> Vec<&str> {
        fn of(expr: Option<&Expr>) -> Vec<&str> {
            expr.map_or(Vec::new(), Expr::names)
        }
        match self {
            Member::Rest { length, .. } => length.names(),
            Member::Require { cond, .. } => cond.names(),
            Member::Bits(bits) => {
                bits.fields.iter().flat_map(|field| of(field.derived.as_ref())).collect()
            }
            Member::Field(field) => {
                let mut names = of(field.derived.as_ref());
                names.extend(of(field.cond.as_ref()));
                names.extend(field.ty.names());
                names
            }
            Member::Param(_)
            | Member::Literal(_)
            | Member::Stream(_)
            | Member::Open(_)
            | Member::Close(_)
            | Member::Skip(_) => Vec::new(),
        }
    }
}

impl Type {
    /// The fields and parameters that say how much of it there is, or what.
    fn names(&self) -> Vec<&str> {
        match self {
            Type::Text { extent: Extent::Sized(length), .. } => length.names(),
            Type::Named { args, length, .. } => {
                let mut names = length.as_ref().map_or(Vec::new(), Expr::names);
                names.extend(args.iter().map(String::as_str));
                names
            }
            Type::List(List { end: ListEnd::Count(count), .. }) => count.names(),
            _ => Vec::new(),
        }
    }
}

impl Model {
    /// The lists that go on elsewhere, with what they are fields of.
    pub(crate) fn references(&self) -> impl Iterator<Item = (FrameId, &Field, &List, &Elsewhere)> {
        self.frames.iter().enumerate().flat_map(|(place, frame)| {
            frame.fields().filter_map(move |field| match &field.ty {
                Type::List(list) => Some((FrameId(place), field, list, list.elsewhere()?)),
                _ => None,
            })
        })
    }

    /// Whether a list that goes on elsewhere is in a type, or it is an element of one.
    #[must_use]
    pub(crate) fn refers(&self, ty: TypeId) -> bool {
        let own = |ty: TypeId| {
            self.references().any(|(frame, _, list, _)| {
                TypeId::Frame(frame) == ty || list.element == Element::Type(ty)
            })
        };
        let mut found = vec![ty];
        let mut next = 0;
        while let Some(ty) = found.get(next).copied() {
            if own(ty) {
                return true;
            }
            let new: Vec<TypeId> =
                self.parts(ty).into_iter().filter(|part| !found.contains(part)).collect();
            found.extend(new);
            next += 1;
        }
        false
    }

    /// The choice that a field is.
    #[must_use]
    pub(crate) fn tagged(&self, members: &[Member], name: &str) -> Option<ChoiceId> {
        members.iter().find_map(|member| match member {
            Member::Field(Field {
                name: of,
                ty: Type::Named { ty: TypeId::Choice(choice), .. },
                ..
            }) if of == name => Some(*choice),
            _ => None,
        })
    }

    /// The parameter that tells the alternatives of a choice apart.
    #[must_use]
    pub(crate) fn by(&self, choice: ChoiceId) -> Option<&Param> {
        // A choice that is declared later is not there yet.
        let choice = self.choices.get(choice.0)?;
        choice.params.get(choice.by.as_ref()?.param()?)
    }

    /// What a type is given.
    #[must_use]
    pub(crate) fn params(&self, ty: TypeId) -> &[Param] {
        match ty {
            TypeId::Frame(id) => &self.frames[id.0].params,
            TypeId::Choice(id) => &self.choices[id.0].params,
            TypeId::Values(_) | TypeId::External(_) => &[],
        }
    }

    /// Whether a path leads from a frame to what can pair replies, a number or a short text, and whether
    /// the frame may lack it.
    #[must_use]
    pub(crate) fn key_at(&self, frame: FrameId, path: &[String]) -> Option<bool> {
        let (of, name) = self.holder(frame, path)?;
        self.key(of, name)
    }

    /// Whether a frame that the rule is for may have what pairs it with its reply.
    #[must_use]
    pub(crate) fn is_keyed(&self, protocol: &Protocol, rule: &Rule) -> bool {
        let Some(key) = &protocol.key else { return false };
        let has_key = |frame: FrameId| self.key_at(frame, &key.field).is_some();
        rule.messages.iter().any(|message| match message.kind {
            MessageKind::Frame(frame) => has_key(frame),
            MessageKind::Malformed => false,
            MessageKind::Any | MessageKind::Value { .. } => {
                let spoken = protocol.speaks[rule.role.index()].ty;
                self.frames_of(spoken).into_iter().any(has_key)
            }
        })
    }

    /// The text that a path leads to from a frame, if it is one that cannot pair replies.
    #[must_use]
    pub(crate) fn long_key(&self, frame: FrameId, path: &[String]) -> Option<&Field> {
        let (of, name) = self.holder(frame, path)?;
        match slot(&self.frames.get(of.0)?.body, name)? {
            Slot::Field(field) if self.key(of, name).is_none() => {
                matches!(field.ty, Type::Text { .. }).then_some(field)
            }
            _ => None,
        }
    }

    /// Whether a path leads from a frame to a text.
    #[must_use]
    pub(crate) fn text_at(&self, frame: FrameId, path: &[String]) -> bool {
        let field = self
            .holder(frame, path)
            .and_then(|(of, name)| slot(&self.frames.get(of.0)?.body, name));
        matches!(field, Some(Slot::Field(Field { ty: Type::Text { .. }, .. })))
    }

    /// The frame in a frame that a path leads to, and the name there.
    fn holder<'p>(&self, frame: FrameId, path: &'p [String]) -> Option<(FrameId, &'p str)> {
        let (first, rest) = path.split_first()?;
        if rest.is_empty() {
            return Some((frame, first));
        }
        let body = &self.frames.get(frame.0)?.body;
        let Slot::Field(Field {
            ty: Type::Named { ty: TypeId::Frame(inner), .. }, cond: None, ..
        }) = slot(body, first)?
        else {
            return None;
        };
        self.holder(*inner, rest)
    }
}
