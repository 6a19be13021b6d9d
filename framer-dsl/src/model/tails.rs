//! What may stand at the end of a region, behind a text that goes there.

use super::{ClassId, Extent, Field, Frame, FrameId, Literal, Member, Model, Number, Type, TypeId};
use crate::source::Span;

/// A part of a frame that is looked for at the end of a region.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TailPart<'m> {
    Literal(&'m Literal),
    Flag { on: &'m Literal, off: Option<&'m Literal> },
    Digits { hex: bool },
    Run { class: ClassId, min: usize },
}

impl Model {
    /// What may stand behind the text `to end` at this place, if something may.
    #[must_use]
    pub(crate) fn tail(&self, body: &[Member], place: usize) -> Option<TypeId> {
        let Member::Field(Field {
            ty: Type::Text { extent: Extent::ToEnd, .. }, cond: None, ..
        }) = body.get(place)?
        else {
            return None;
        };
        match body.get(place + 1)? {
            Member::Field(Field { ty: Type::Optional(ty), .. }) => Some(*ty),
            _ => None,
        }
    }

    /// What it is made of.
    ///
    /// # Errors
    /// The place of what cannot be looked for from the end.
    pub(crate) fn tail_parts(&self, ty: TypeId) -> Result<Vec<TailPart<'_>>, Span> {
        let TypeId::Frame(FrameId(place)) = ty else { return Err(self.span(ty)) };
        let Frame { body, region: None, limits: None, .. } = &self.frames[place] else {
            return Err(self.span(ty));
        };
        let mut parts = Vec::new();
        for member in body {
            parts.push(match member {
                Member::Literal(literal) if !literal.word => TailPart::Literal(literal),
                Member::Require { .. } => continue,
                Member::Field(Field { ty, cond: None, .. }) => {
                    part(ty).ok_or_else(|| member.span())?
                }
                _ => return Err(member.span()),
            });
        }
        Ok(parts)
    }
}

fn part(ty: &Type) -> Option<TailPart<'_>> {
    match ty {
        Type::Number(Number { hex, int, .. }) if !int.signed => {
            Some(TailPart::Digits { hex: *hex })
        }
        Type::Flag { on, off, or_end: false } if !on.nocase && !on.word => {
            Some(TailPart::Flag { on, off: off.as_ref() })
        }
        Type::Text { extent: Extent::Run { class, escape: None, trim: None, min, .. }, .. } => {
            Some(TailPart::Run { class: *class, min: *min })
        }
        _ => None,
    }
}
