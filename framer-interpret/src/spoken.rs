//! How the rules see the frames that a role speaks: their kinds and the values effects need.

use std::borrow::Cow;

use framer_dsl::ir::{self, ExprKind, FrameId, KindOf, Site, SiteAction, TypeId};
use framer_runtime::protocol::{Key, KindId, Role};
use framer_runtime::spoken;

use crate::expr::{Whole, key_at, text_at};
use crate::protocol::{Protocol, role as runtime_role, tiny};
use crate::value::Frame;

/// A frame as the rules of its protocol see it.
pub struct Spoken<'f> {
    protocol: &'static Protocol,
    /// The type that is spoken: the frame, or a choice of which it is an alternative.
    ty: TypeId,
    frame: Cow<'f, Frame<'f>>,
}

impl<'f> Spoken<'f> {
    pub(crate) fn new(
        protocol: &'static Protocol,
        ty: TypeId,
        frame: Cow<'f, Frame<'f>>,
    ) -> Spoken<'f> {
        Spoken { protocol, ty, frame }
    }

    /// The frame.
    #[must_use]
    pub fn frame(&self) -> &Frame<'f> {
        &self.frame
    }

    /// The frame.
    #[must_use]
    pub fn into_frame(self) -> Frame<'f> {
        self.frame.into_owned()
    }

    /// The frame by its id, and what expressions over it see.
    fn whole(&self) -> Option<(FrameId, Whole<'_>)> {
        let description = self.protocol.description;
        let id = match self.ty {
            TypeId::Choice(_) => {
                let mut all = description.choice(self.ty)?.alternatives.iter();
                let is = |id: FrameId| description.ty(TypeId::Frame(id)).name == self.frame.name;
                all.find(|alternative| is(alternative.frame))?.frame
            }
            TypeId::Frame(id) => id,
            TypeId::Values(_) | TypeId::External(_) => return None,
        };
        let record = description.record(TypeId::Frame(id))?;
        Some((id, Whole { description, record, frame: &self.frame, given: &[] }))
    }
}

impl spoken::Spoken for Spoken<'_> {
    fn kind(&self, role: Role) -> KindId {
        let found = || {
            let (id, whole) = self.whole()?;
            let is = |kind: &ir::Kind| {
                runtime_role(kind.role) == role
                    && kind.of == KindOf::Frame(id)
                    && kind
                        .own
                        .iter()
                        .all(|(guard, answer)| whole.evaluate(guard).holds() == *answer)
            };
            self.protocol.machine.kinds.iter().position(is)
        };
        KindId(tiny(found().unwrap_or(usize::MAX)))
    }

    fn value(&self) -> u64 {
        let mut framers = self.protocol.machine.framers.iter();
        let by = framers.find(|framer| framer.ty == self.ty && framer.by.is_some());
        match (by.and_then(|framer| framer.by.as_ref()), self.ty) {
            (Some(by), TypeId::Frame(_)) => self
                .whole()
                .map_or(0, |(_, whole)| whole.leaf(&ExprKind::Field(by.clone())).number()),
            _ => 0,
        }
    }

    fn key(&self) -> Option<Key> {
        let key = self.protocol.machine.key.as_ref()?;
        let (_, whole) = self.whole()?;
        if let Some(text) = text_at(whole, &key.field) {
            return Some(Key::text(text));
        }
        let number = key_at(whole, &key.field)??;
        let within = key.within.as_ref().and_then(|within| key_at(whole, within));
        let within = within.flatten().unwrap_or_default();
        Some(Key::Number { within, number })
    }

    fn site(&self, site: u8) -> u64 {
        let found = || {
            let place = usize::from(site).checked_sub(1)?;
            let Site { frame, action } = self.protocol.machine.sites.get(place)?;
            let (_, whole) = self.whole().filter(|(id, _)| id == frame)?;
            Some(match action {
                SiteAction::Variable { value, .. }
                | SiteAction::Parameter { value, .. }
                | SiteAction::Number { value, .. } => whole.evaluate(value).number(),
            })
        };
        found().unwrap_or_default()
    }
}
