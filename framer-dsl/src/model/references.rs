//! What refers to what: members to the fields they look at, lists to where they go on, fields to
//! what they are given.

use super::{
    ChoiceId, Element, Elsewhere, Expr, Extent, Field, FrameId, List, ListEnd, Member, Model,
    Param, Slot, Type, TypeId, slot,
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
        choice.params.get(choice.by?)
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

    /// Whether a path leads from a frame to a number, and whether that may lack it.
    #[must_use]
    pub(crate) fn key_at(&self, frame: FrameId, path: &[String]) -> Option<bool> {
        let (first, rest) = path.split_first()?;
        if rest.is_empty() {
            return self.key(frame, first);
        }
        let body = &self.frames.get(frame.0)?.body;
        let Slot::Field(Field {
            ty: Type::Named { ty: TypeId::Frame(inner), .. }, cond: None, ..
        }) = slot(body, first)?
        else {
            return None;
        };
        self.key_at(*inner, rest)
    }
}
