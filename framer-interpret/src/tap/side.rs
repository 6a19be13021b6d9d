//! One direction of a conversation: what has come of it, and what it gives next.

use std::mem;

use framer_runtime::engine::{Engine, Found};
use framer_runtime::input::Input;
use framer_runtime::machine::Machine as _;
use framer_runtime::protocol::{FramerId, Role, Said};
use framer_runtime::session::Judgement;
use framer_runtime::spoken::Spoken as _;

use super::{Left, Seen, Sight};
use crate::half::Half;
use crate::protocol::Protocol;

/// One direction.
#[derive(Debug)]
pub(super) struct Side {
    /// Of the other role, whose machine reads this one's bytes.
    pub(super) half: Half<false>,
    pub(super) input: Input,
    /// Bytes of what was told last.
    pub(super) taken: usize,
    /// A rule was broken by what was to be cut so, and that was not told yet.
    broken: Option<FramerId>,
    /// A violation was told, and nothing more is read.
    pub(super) lost: bool,
    /// How many bytes of datagrams have come.
    pub(super) received: u64,
}

/// What a direction can give, the better first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ready {
    /// What a frame made due, which goes before its answer.
    Due,
    /// An answer, which goes before what is asked next.
    Answer,
    /// Something that its state takes.
    Taken,
    /// Something that its state has no place for, but goes on behind.
    Refused,
    /// A rule that is broken whatever the other side said.
    Broken,
    /// A rule that is broken unless the other side says something first.
    Early,
}

impl Side {
    /// What `role` says is read by the machine of its peer.
    pub(super) fn new(protocol: &'static Protocol, input_bytes: usize, role: Role) -> Side {
        let half = Half::new(protocol, role.peer());
        let least = half.input_bound().saturating_mul(2);
        let input = Input::new(input_bytes.max(least));
        Side { half, input, taken: 0, broken: None, lost: false, received: 0 }
    }

    /// Takes in bytes, as many as there is room for; how many that was.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> usize {
        self.settle();
        if self.lost { bytes.len() } else { self.input.receive(bytes) }
    }

    /// What the input begins with.
    pub(super) fn tell(&mut self, speaker: Option<&mut Engine>, from: Role) -> Option<Seen<'_>> {
        let start = self.half.engine().position();
        let (seen, used) =
            super::tell(&mut self.half, speaker, from, (start, self.input.unread()))?;
        self.taken = used;
        self.lost = matches!(seen.sight, Sight::Violation(_));
        Some(seen)
    }

    /// Drops the bytes of what was told last.
    pub(super) fn settle(&mut self) {
        self.input.consume(mem::take(&mut self.taken));
    }

    /// Whether there is something to tell, and how it would be.
    pub(super) fn ready(&mut self) -> Option<Ready> {
        if self.lost {
            return None;
        }
        let peer = self.half.engine().session().local().peer();
        let framer = self.half.engine().session().framer(peer);
        if self.broken.is_some_and(|broken| broken != framer) {
            self.half.engine_mut().look_anew();
            self.broken = None;
        }
        let found = match self.half.engine_mut().find(self.input.unread()) {
            Ok(found) => found,
            Err(_) => {
                self.broken = Some(framer);
                return Some(Ready::Broken);
            }
        };
        match found {
            Found::More { taken, .. } => {
                self.taken = taken;
                self.settle();
                None
            }
            Found::Owed | Found::Closed => None,
            Found::Data(..) => Some(Ready::Due),
            Found::Upgrade(_) => Some(Ready::Answer),
            Found::End(_, kind) => self.judged(peer, Said::only(kind), &|_| 0),
            Found::Overlong => self.malformed(peer),
            Found::Frame(framer, bytes) => match self.half.look(framer, bytes) {
                Ok(spoken) => {
                    let said = spoken.said(peer);
                    self.judged(peer, said, &|site| spoken.site(site))
                }
                Err(_) => self.malformed(peer),
            },
        }
    }

    /// How a frame is told that breaks a rule.
    fn malformed(&self, peer: Role) -> Option<Ready> {
        match self.half.protocol().table().malformed(peer) {
            Some(kind) => self.judged(peer, Said::only(kind), &|_| 0),
            None => Some(Ready::Broken),
        }
    }

    fn judged(&self, peer: Role, said: Said, value: &dyn Fn(u8) -> u64) -> Option<Ready> {
        let engine = self.half.engine();
        let session = engine.session();
        let judgement = engine.judge(peer, said, value);
        match judgement {
            Judgement::Reply { .. } => Some(Ready::Answer),
            Judgement::Rule { .. } if session.switched(peer) => Some(Ready::Due),
            Judgement::Rule { refused: false, .. } => Some(Ready::Taken),
            Judgement::Rule { refused: true, .. } => Some(Ready::Refused),
            Judgement::Wait | Judgement::Interrupts | Judgement::PendingFull => None,
            Judgement::OutOfSequence
            | Judgement::UnexpectedReply
            | Judgement::KeyInUse
            | Judgement::OutOfRange(_) => Some(Ready::Early),
        }
    }

    /// What has come and was not told.
    pub(super) fn left(&mut self) -> Option<Left> {
        self.settle();
        if self.lost || self.half.engine().session().closed() {
            return None;
        }
        let (need, taken) = match self.half.engine_mut().find(self.input.unread()) {
            Ok(Found::More { taken, need }) => (Some(need), taken),
            _ => (None, 0),
        };
        self.taken = taken;
        self.settle();
        let wide = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let engine = self.half.engine();
        let frame = engine.partial(self.input.len())?;
        let have = wide(self.input.len());
        Some(Left { frame, start: engine.position(), have, need: need.map(wide) })
    }
}
