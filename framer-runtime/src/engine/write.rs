//! What this side says.

use super::{Engine, wide};
use crate::frame::{Encoded, Frame};
use crate::mask::Masked;
use crate::protocol::{Cut, FramerId, KindId, Number, Said};
use crate::session::Judgement;
use crate::spoken::Spoken;
use crate::transform::EscapeEncoder;
use crate::violation::{EncodeError, Misuse, Rule};
use crate::write::Out;

impl<const PENDING: usize, const OPEN: usize> Engine<PENDING, OPEN> {
    /// Writes a frame of `framer` behind what `out` holds.
    ///
    /// # Errors
    /// Why it may not be sent; then nothing was written and nothing has changed.
    pub fn write<F: Spoken + Frame>(
        &mut self,
        framer: FramerId,
        frame: &F,
        out: &mut Out<'_>,
    ) -> Result<(), Misuse> {
        self.write_with(F::NAME, framer, frame, out, |frame, out| frame.encode_to(out))
    }

    /// The same for a frame called `name` that `encode` writes, all of it or nothing.
    ///
    /// # Errors
    /// As [`Engine::write`].
    pub fn write_with<F: Spoken>(
        &mut self,
        name: &'static str,
        framer: FramerId,
        frame: &F,
        out: &mut Out<'_>,
        encode: impl FnOnce(&F, &mut Out<'_>) -> Encoded,
    ) -> Result<(), Misuse> {
        self.settle_empty(out);
        let local = self.session.local();
        let mut said = frame.said(local);
        self.due(framer, || self.session.protocol().kind_name(said.kind))?;
        let judgement = self.judged_here(&mut said, &|site| frame.site(site));
        self.permits(&said, &judgement)?;
        let mark = out.len();
        encode(frame, out).map_err(Misuse::Encode)?;
        if let Some(Cut::Datagram { max }) = self.session.protocol().framer(framer).map(|f| f.cut)
            && out.len().saturating_sub(mark) > max
        {
            out.truncate(mark);
            let (frame, rule) = (name, Rule::TooLong { max: wide(max) });
            return Err(Misuse::Encode(EncodeError { frame, field: "", rule }));
        }
        self.take_said(&said, &judgement, &|site| frame.site(site));
        self.settle_empty(out);
        Ok(())
    }

    /// This side said a frame that something else wrote: who watches both directions tells it to
    /// the engine of each.
    ///
    /// # Errors
    /// Why it may not be said; then nothing has changed.
    pub fn said(&mut self, mut said: Said, site: &dyn Fn(u8) -> u64) -> Result<(), Misuse> {
        let judgement = self.judged_here(&mut said, site);
        // The peer may say what has no place in the state.
        if !matches!(judgement, Judgement::Rule { refused: true, .. }) {
            self.permits(&said, &judgement)?;
        }
        self.take_said(&said, &judgement, site);
        Ok(())
    }

    /// Writes a part of the payload of `framer`. One of known length ends with its last byte.
    ///
    /// # Errors
    /// Why it may not be sent, or [`Misuse::Encode`] if it goes beyond its length or cannot be
    /// told from its end; then nothing was written and nothing has changed.
    pub fn write_data(
        &mut self,
        framer: FramerId,
        data: &[u8],
        out: &mut Out<'_>,
    ) -> Result<(), Misuse> {
        self.settle_empty(out);
        let frame = self.session.protocol().framer_name(framer);
        self.due(framer, || frame)?;
        let refuse = |rule| Misuse::Encode(EncodeError { frame, field: "", rule });
        match self.session.protocol().framer(framer).map(|framer| framer.cut) {
            Some(Cut::Escaped { rules, kind }) => {
                self.may_say(kind)?;
                self.outbound().escapes.encode(rules, data, out).map_err(refuse)?;
                self.stream(data.len());
                Ok(())
            }
            Some(Cut::Rest { kind }) => {
                self.may_say(kind)?;
                out.room_for(data.len()).map_err(refuse)?;
                out.extend_from_slice(data);
                self.stream(data.len());
                Ok(())
            }
            Some(Cut::Counted { tail, .. }) => {
                let left = self.outbound.as_deref().map_or(0, |outbound| outbound.left);
                let rest = left.checked_sub(wide(data.len()));
                let rest = rest.ok_or(refuse(Rule::TooLong { max: left }))?;
                let tail = if rest == 0 { tail.len() } else { 0 };
                out.room_for(data.len().saturating_add(tail)).map_err(refuse)?;
                let outbound = self.outbound();
                Masked::new(data, outbound.mask).write(out);
                outbound.mask.skip(data.len());
                outbound.left = rest;
                self.stream(data.len());
                self.settle_empty(out);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Writes the end of the payload of `framer`.
    ///
    /// # Errors
    /// Why it may not be sent, or [`Misuse::Encode`] if it may not end here; then nothing was
    /// written and nothing has changed.
    pub fn write_end(&mut self, framer: FramerId, out: &mut Out<'_>) -> Result<(), Misuse> {
        let frame = self.session.protocol().framer_name(framer);
        self.due(framer, || frame)?;
        let cut = self.session.protocol().framer(framer).map(|framer| framer.cut);
        let Some(Cut::Escaped { rules, kind }) = cut else { return Ok(()) };
        let mut said = Said::only(kind);
        let judgement = self.judged_here(&mut said, &|_| 0);
        self.permits(&said, &judgement)?;
        let finished = self.outbound().escapes.finish(rules, out);
        finished.map_err(|rule| Misuse::Encode(EncodeError { frame, field: "", rule }))?;
        self.outbound().escapes = EscapeEncoder::default();
        self.take_said(&said, &judgement, &|_| 0);
        Ok(())
    }

    /// A payload of known length is over when nothing of it is left, at once if it is empty: what
    /// must stand behind it is written. Where a reply must come first, it is over with the next
    /// thing that is said; so it is where there is no room now.
    #[inline]
    fn settle_empty(&mut self, out: &mut Out<'_>) {
        if self.session.switched(self.session.local())
            && self.outbound.as_deref().is_none_or(|outbound| outbound.left == 0)
        {
            self.end_empty(out);
        }
    }

    fn end_empty(&mut self, out: &mut Out<'_>) {
        let local = self.session.local();
        let framer = self.session.protocol().framer(self.session.framer(local));
        if let Some(Cut::Counted { kind, tail, .. }) = framer.map(|framer| framer.cut)
            && out.room_for(tail.len()).is_ok()
        {
            let mut said = Said::only(kind);
            let judgement = self.judged_here(&mut said, &|_| 0);
            if judgement.permits() {
                out.extend_from_slice(tail);
                self.take_said(&said, &judgement, &|_| 0);
            }
        }
    }

    /// Carries out what a judged frame of this side does.
    #[inline(never)]
    fn take_said(&mut self, said: &Said, judgement: &Judgement, value: &dyn Fn(u8) -> u64) {
        self.take(self.session.local(), said, judgement, value);
    }

    /// What the session makes of a frame that this side wants to say now.
    #[inline(never)]
    fn judged_here(&self, said: &mut Said, value: &dyn Fn(u8) -> u64) -> Judgement {
        self.judged(self.session.local(), said, value)
    }

    /// Whether a frame that was judged so may be said.
    ///
    /// # Errors
    /// Why it may not.
    #[inline]
    fn permits(&self, said: &Said, judgement: &Judgement) -> Result<(), Misuse> {
        match judgement.permits() {
            true => Ok(()),
            false => Err(self.misuse(said, judgement)),
        }
    }

    /// Whether this kind may be said now.
    ///
    /// # Errors
    /// Why it may not.
    fn may_say(&self, kind: KindId) -> Result<(), Misuse> {
        let mut said = Said::only(kind);
        let judgement = self.judged_here(&mut said, &|_| 0);
        self.permits(&said, &judgement)
    }

    /// Why a frame that was judged so may not be said.
    #[cold]
    fn misuse(&self, said: &Said, judgement: &Judgement) -> Misuse {
        let protocol = self.session.protocol();
        let (frame, state) = (protocol.kind_name(said.kind), self.session.state_name());
        match (*judgement, said.key) {
            (Judgement::Wait, _) => Misuse::Wait { frame },
            (Judgement::Interrupts, _) => Misuse::Interrupts { frame, due: self.receiving() },
            (Judgement::UnexpectedReply, _) => Misuse::Unasked { frame, value: said.value, state },
            (Judgement::KeyInUse, Some(key)) => Misuse::KeyInUse { key },
            (Judgement::PendingFull, _) => Misuse::Pending { max: protocol.pending },
            (Judgement::OutOfRange(Number { name, low, high, .. }), _) => {
                Misuse::Variable { frame, variable: name, low: *low, high: *high }
            }
            (
                Judgement::Rule { .. }
                | Judgement::Reply { .. }
                | Judgement::KeyInUse
                | Judgement::OutOfSequence,
                _,
            ) => Misuse::OutOfSequence { frame, state },
        }
    }

    /// Whether what this side says next is cut by `framer`.
    fn due(&self, framer: FramerId, frame: impl Fn() -> &'static str) -> Result<(), Misuse> {
        if self.session.is_silent() {
            return Err(Misuse::Closed);
        }
        if let Some(layer) = self.session.upgrade() {
            return Err(Misuse::Upgrading { layer });
        }
        let local = self.session.local();
        if self.session.framer(local) == framer {
            let waits = self.session.switched(local) && self.session.held(local);
            return if waits { Err(Misuse::Wait { frame: frame() }) } else { Ok(()) };
        }
        // A reply outstanding may still make this frame the one that is due.
        if self.session.barrier(local).is_some() {
            return Err(Misuse::Wait { frame: frame() });
        }
        Err(Misuse::Framing { frame: frame(), expected: self.session.framer_name(local) })
    }
}
