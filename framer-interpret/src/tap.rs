//! Watching both directions of a conversation.

mod alone;
mod left;
mod side;

use framer_runtime::engine::{Engine, Found};
use framer_runtime::machine::{Drive as _, Failed, Machine, Progress};
use framer_runtime::protocol::{KindId, Role, Said};
use framer_runtime::spoken::Spoken as _;
use framer_runtime::violation::{Misuse, Violation};

use crate::half::{Event, Half};
use crate::protocol::Protocol;

pub use alone::{Alone, Assumed};
pub use left::Left;
use side::Side;

/// Watches what two sides say to each other, and says nothing itself.
///
/// It is given the bytes of both directions as they pass, or all of them as they were recorded, and
/// tells what they mean, in an order in which they can have been said: what answers comes behind
/// what it answers, and as soon as it can. What only a frame of the other side makes sense of waits
/// for that one; where there is none, it breaks a rule. So what was said before is to be given
/// before.
///
/// ```
/// use framer_dsl::Sources;
/// use framer_interpret::{Description, Event, Sight, Tap};
/// use framer_runtime::protocol::Role;
///
/// let text = r#"
///     delimiter LF = "\n";
///     frame Line in until LF max 80 { text: utf8 to end }
///     protocol Echo over stream {
///         roles client, server;
///         client speaks Line;
///         server speaks Line;
///         pending fifo max 4;
///         state Open { client Line => awaits { _ => stay }; }
///     }
/// "#;
/// let description = Description::load(&Sources::new("echo.frame", text)).expect("it compiles");
/// let mut tap = Tap::new(&description.protocols()[0], 64 * 1024);
/// tap.receive(Role::Second, b"one\ntwo\nthree\n");
/// tap.receive(Role::First, b"one\ntwo\n");
/// let mut said = Vec::new();
/// while let Some(seen) = tap.poll() {
///     said.push((seen.from, seen.start, matches!(seen.sight, Sight::Event(Event::Frame { .. }))));
/// }
/// let (asks, answers) = (Role::First, Role::Second);
/// assert_eq!(
///     said,
///     [
///         (asks, 0, true),
///         (answers, 0, true),
///         (asks, 4, true),
///         (answers, 4, true),
///         // The third answers nothing.
///         (answers, 8, false),
///     ]
/// );
/// ```
#[derive(Debug)]
pub struct Tap {
    /// What reads each role's bytes, by the role.
    sides: [Side; 2],
}

/// What passed.
#[derive(Clone, Debug)]
pub struct Seen<'t> {
    /// Who said it. An upgrade is told once, and of no one in particular.
    pub from: Role,
    /// Its first byte, counted from the beginning of the direction.
    pub start: u64,
    /// The byte after its last.
    pub end: u64,
    /// The state before, by its name.
    pub before: &'static str,
    /// The state after it.
    pub after: &'static str,
    /// Whether that is known. Where the other side may have said things that lead to several states, and it does not
    /// matter to how the bytes are read, [`Alone`] supposes none of them.
    pub known: bool,
    /// What each role says next, by the names of the frames.
    pub next: [&'static str; 2],
    /// What it was.
    pub sight: Sight<'t>,
}

/// What was seen of one direction.
#[derive(Clone, Debug)]
pub enum Sight<'t> {
    /// What the other side is told.
    Event(Event<'t>),
    /// A rule was broken; nothing more of this direction is read.
    Violation(Violation),
    /// What a side whose bytes are not known is taken to have said; only [`Alone`] tells it.
    Assumed(Assumed),
}

impl Tap {
    /// A conversation at its beginning. Of each direction at most so many bytes are held that are
    /// not told yet; at least twice the longest frame is granted.
    #[must_use]
    pub fn new(protocol: &'static Protocol, input_bytes: usize) -> Tap {
        Tap {
            sides: [Role::First, Role::Second].map(|role| Side::new(protocol, input_bytes, role)),
        }
    }

    /// The protocol.
    #[must_use]
    pub fn protocol(&self) -> &'static Protocol {
        self.sides[0].half.protocol()
    }

    /// The state of the session, by its name.
    #[must_use]
    pub fn state(&self) -> &'static str {
        self.sides[0].half.state()
    }

    /// Takes in bytes that a role said, as many as there is room for; how many that was. What comes
    /// behind a violation is taken and forgotten.
    pub fn receive(&mut self, from: Role, bytes: &[u8]) -> usize {
        self.sides[place(from)].receive(bytes)
    }

    /// Takes in a datagram that a role said, and tells what it is. One that would have to wait is
    /// dropped.
    pub fn datagram<'t>(&'t mut self, from: Role, bytes: &'t [u8]) -> Option<Seen<'t>> {
        let [first, second] = &mut self.sides;
        let (side, other) = match from {
            Role::First => (first, second),
            Role::Second => (second, first),
        };
        side.half.engine_mut().begin_datagram(side.received);
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let start = side.received;
        side.received = side.received.saturating_add(len);
        let speaker = Some(other.half.engine_mut());
        tell(&mut side.half, speaker, from, (start, bytes)).map(|(seen, _)| seen)
    }

    /// What was said next, if it is there as a whole.
    pub fn poll(&mut self) -> Option<Seen<'_>> {
        let from = self.next()?;
        let [first, second] = &mut self.sides;
        let (side, other) = match from {
            Role::First => (first, second),
            Role::Second => (second, first),
        };
        side.tell(Some(other.half.engine_mut()), from)
    }

    /// Whose bytes are to be told next.
    fn next(&mut self) -> Option<Role> {
        let found = [Role::First, Role::Second].map(|role| {
            let side = &mut self.sides[place(role)];
            side.settle();
            side.ready().map(|ready| (ready, role))
        });
        let best = found.into_iter().flatten().min_by_key(|(ready, _)| *ready);
        best.map(|(_, role)| role)
    }

    /// The bytes of a role have ended.
    ///
    /// # Errors
    /// [`Rule::EndOfStream`](framer_runtime::violation::Rule::EndOfStream), where they ended inside
    /// a frame, or before a reply; or the violation that was final.
    pub fn end_of_stream(&mut self, from: Role) -> Result<(), Violation> {
        let side = &mut self.sides[place(from)];
        side.settle();
        side.half.engine_mut().end_of_stream(side.input.len())
    }

    /// The conversation goes on inside another layer, behind an [`Event::Upgrade`].
    pub fn upgraded(&mut self) {
        for side in &mut self.sides {
            side.settle();
            side.half.engine_mut().session_mut().upgraded();
        }
    }

    /// The conversation goes on in another protocol, behind an [`Event::Upgrade`]; what was given
    /// and not told is of that one.
    #[must_use]
    pub fn continue_with(self, protocol: &'static Protocol, input_bytes: usize) -> Tap {
        let mut tap = Tap::new(protocol, input_bytes);
        for (role, mut side) in [Role::First, Role::Second].into_iter().zip(self.sides) {
            side.settle();
            tap.receive(role, side.input.unread());
        }
        tap
    }
}

/// What the bytes of a role begin with, which the engine of that role hears of, too, where there is
/// one; and how many of them are done with then.
fn tell<'t>(
    half: &mut Half<false>,
    speaker: Option<&mut Engine>,
    from: Role,
    (start, bytes): (u64, &'t [u8]),
) -> Option<(Seen<'t>, usize)> {
    let before = half.state();
    let (sight, used) = match half.receive(bytes) {
        Ok(received) => match received.progress {
            Progress::Event(event) => {
                // Both engines run the same session, so that what one takes the other does.
                let heard = speaker.map(|speaker| hear(half.protocol(), speaker, from, &event));
                debug_assert!(matches!(heard, None | Some(Ok(()))), "{heard:?}: {event:?}");
                (Sight::Event(event), received.taken)
            }
            _ => return None,
        },
        Err(Failed) => (Sight::Violation(half.engine().violation()?), 0),
    };
    let (start, end) = match sight {
        Sight::Violation(of) => (of.start, of.end),
        Sight::Event(_) | Sight::Assumed(_) => {
            let used = u64::try_from(used).unwrap_or(u64::MAX);
            (start, start.saturating_add(used))
        }
    };
    let session = half.engine().session();
    let next = [Role::First, Role::Second].map(|role| session.framer_name(role));
    let after = half.state();
    Some((Seen { from, start, end, before, after, known: true, next, sight }, used))
}

/// The engine of who said something takes it as said.
fn hear(
    protocol: &'static Protocol,
    speaker: &mut Engine,
    from: Role,
    event: &Event<'_>,
) -> Result<(), Misuse> {
    let mut only = |kind: Option<KindId>| match kind {
        Some(kind) => speaker.said(Said::only(kind), &|_| 0),
        None => Ok(()),
    };
    match event {
        Event::Frame { frame, .. } => match protocol.spoken(from, frame) {
            Some(spoken) => speaker.said(spoken.said(from), &|site| spoken.site(site)),
            None => Ok(()),
        },
        Event::End { frame } => only(protocol.payload(from, frame)),
        Event::Malformed(_) => only(protocol.table().malformed(from)),
        Event::Upgrade(_) => {
            // It is told once.
            if let Ok(Found::Upgrade(_)) = speaker.find(&[]) {
                speaker.announce(());
            }
            Ok(())
        }
        Event::Data { .. } => Ok(()),
    }
}

fn place(role: Role) -> usize {
    match role {
        Role::First => 0,
        Role::Second => 1,
    }
}
