//! Framers that are switched by hand, for what no description tells the whole of.

mod stack;

use core::fmt;

pub use stack::{Framing, Stack};

use crate::find::{Finder, More, What, decode, wide};
use crate::frame::{Encoded, Framed};
use crate::machine::{Drive, Failed, Machine, Sent, Step, Upgrade, violation_of};
use crate::mask::Mask;
use crate::progress::{Progress, Received};
use crate::violation::{EncodeError, Invalid, Misuse, Rule, Violation};
use crate::write::Out;

/// One side of a conversation whose framers the application switches, either direction for itself.
///
/// It is a [`Machine`], so that every connection drives it. What is received is cut as
/// [`receiving`](Framers::receiving) says at that moment: when it is switched, what is in the input
/// is looked at afresh from the first byte that no event has told of, and nothing that was found before is kept.
///
/// ```
/// mod wire {
///     framer_runtime::framer! {
///         delimiter LF = "\n";
///         class digit = '0'..='9';
///         frame Header in until LF max 64 { "size ", size: dec u32 [1..=6] }
///     }
/// }
/// use framer_runtime::connection::{Connection, Limits};
/// use framer_runtime::framers::{Event, Framers, Framing};
/// use framer_runtime::machine::Progress;
/// use wire::Header;
///
/// let header = Framing::of::<Header>();
/// let mut connection = Connection::new(Framers::new(header, header), Limits::default());
/// connection.receive(b"size 5\nhellosize 0\n");
///
/// let Progress::Event((Event::Frame(frame), mut sender)) = connection.poll()? else { panic!() };
/// let size = frame.decode::<Header>()?.size;
/// // Behind the five bytes come headers again.
/// sender.framers().receiving().push(Framing::bytes(size.into())).expect("not so deep");
///
/// let Progress::Event((event, _)) = connection.poll()? else { panic!() };
/// assert_eq!(event, Event::Data(b"hello"));
/// let Progress::Event((event, _)) = connection.poll()? else { panic!() };
/// assert_eq!(event, Event::End);
/// let Progress::Event((Event::Frame(frame), _)) = connection.poll()? else { panic!() };
/// assert_eq!(frame.decode::<Header>()?.size, 0);
/// # Ok::<(), framer_runtime::violation::Violation>(())
/// ```
#[derive(Clone, Debug)]
pub struct Framers {
    receiving: Receiving,
    sending: Stack,
}

/// What the peer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A frame came, as a whole.
    Frame(RawFrame<'a>),
    /// A part of [`Framing::bytes`] or [`Framing::rest`] came; never an empty one.
    Data(&'a [u8]),
    /// All of [`Framing::bytes`] has come. What it was pushed upon is next.
    End,
    /// A frame was longer than allowed, and has been passed over.
    Malformed(Violation),
    /// The transport is to be handed to the layer that [`Framers::upgrade`] named.
    Upgrade(&'static str),
}

/// What this side says.
#[derive(Clone, Copy)]
pub enum Message<'m> {
    /// A frame, of the type that [`Framers::sending`] says.
    Frame(&'m dyn Encode),
    /// A part of [`Framing::bytes`] or [`Framing::rest`].
    Data(&'m [u8]),
}

impl<'m> From<&'m [u8]> for Message<'m> {
    fn from(data: &'m [u8]) -> Message<'m> {
        Message::Data(data)
    }
}

impl<'m, F: Framed> From<&'m F> for Message<'m> {
    fn from(frame: &'m F) -> Message<'m> {
        Message::Frame(frame)
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Message::Frame(frame) => {
                formatter.debug_tuple("Frame").field(&frame.framing()).finish()
            }
            Message::Data(data) => formatter.debug_tuple("Data").field(data).finish(),
        }
    }
}

/// A frame of any type: every [`Framed`] is one.
pub trait Encode {
    /// How it is framed.
    fn framing(&self) -> Framing;

    /// Writes it behind what `out` holds.
    ///
    /// # Errors
    /// The first field that would not be read back as it is; then nothing was written.
    fn encode(&self, out: &mut Out<'_>) -> Encoded;
}

impl<F: Framed> Encode for F {
    fn framing(&self) -> Framing {
        Framing::of::<F>()
    }

    fn encode(&self, out: &mut Out<'_>) -> Encoded {
        self.encode_to(out)
    }
}

/// A frame as it was cut out of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawFrame<'a> {
    framing: Framing,
    bytes: &'a [u8],
    position: u64,
}

impl<'a> RawFrame<'a> {
    /// Its name in the description.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.framing.name()
    }

    /// All of it, with its delimiter or length.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Reads it: as what it was cut as, or as another frame of the same form.
    ///
    /// # Errors
    /// The first rule that is broken. The conversation can go on behind it.
    pub fn decode<F: Framed>(&self) -> Result<F::View<'a>, Violation> {
        // Only what it was cut as need not look for the boundary again.
        let frame = match self.framing.is::<F>() {
            true => decode(F::NAME, &F::CUT, self.bytes, |reader| F::read(reader)),
            false => F::decode(self.bytes),
        };
        frame.map_err(|Invalid { rule, frame, start, end }| {
            let at = |place: usize| self.position.saturating_add(wide(place));
            Violation { rule, frame, start: at(start), end: at(end) }
        })
    }
}

/// The direction that this side reads.
#[derive(Clone, Debug)]
pub struct Receiving {
    framings: Stack,
    finder: Finder,
    /// How often the framings had been switched at the last look.
    turns: u64,
    found: Option<(usize, What)>,
    handing: Option<Handing>,
    /// How much has been told of either way.
    progress: u64,
}

/// The stream is to be handed to another layer.
#[derive(Clone, Copy, Debug)]
struct Handing {
    layer: &'static str,
    /// It is given what was received.
    carry: bool,
    /// An event has told of it.
    told: bool,
}

impl Framers {
    /// At the beginning of a conversation.
    #[must_use]
    pub fn new(receiving: Framing, sending: Framing) -> Framers {
        let receiving = Receiving {
            framings: Stack::new(receiving),
            finder: Finder::default(),
            turns: 0,
            found: None,
            handing: None,
            progress: 0,
        };
        Framers { receiving, sending: Stack::new(sending) }
    }

    /// How what comes next is cut.
    pub fn receiving(&mut self) -> &mut Stack {
        &mut self.receiving.framings
    }

    /// What this side says next.
    pub fn sending(&mut self) -> &mut Stack {
        &mut self.sending
    }

    /// The transport is to be handed to `layer`, TLS for example: [`Event::Upgrade`] is next. What was
    /// received behind the last event came without that layer: it breaks [`Rule::BeforeUpgrade`].
    pub fn upgrade(&mut self, layer: &'static str) {
        self.receiving.handing = Some(Handing { layer, carry: false, told: false });
    }

    /// The conversation goes on in another protocol: [`Event::Upgrade`] is next, and
    /// [`continue_with`](crate::connection::Connection::continue_with) then gives that protocol's machine what
    /// was received behind the last event.
    pub fn hand_over(&mut self, protocol: &'static str) {
        self.receiving.handing = Some(Handing { layer: protocol, carry: true, told: false });
    }

    /// How many bytes of the peer's direction have been told of, from its beginning.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.receiving.finder.position()
    }
}

/// What the input begins with.
enum Found {
    /// Something of so many bytes.
    What(usize, What),
    Upgrade(&'static str),
    More(More),
    /// All that was to come has come, and nothing says what is next.
    Owed,
}

impl Receiving {
    fn find(&mut self, input: &[u8]) -> Result<Found, Failed> {
        if self.finder.failed().is_some() {
            return Err(Failed);
        }
        match self.handing {
            None => {}
            Some(Handing { told: true, .. }) => return Ok(Found::Owed),
            Some(Handing { layer, carry, .. }) => {
                if carry || (input.is_empty() && !self.finder.is_skipping()) {
                    return Ok(Found::Upgrade(layer));
                }
                return Err(self.finder.fail(Rule::BeforeUpgrade { layer }, layer, 0, input.len()));
            }
        }
        if self.turns != self.framings.turns() {
            self.turns = self.framings.turns();
            self.found = None;
            self.finder.next();
        }
        if let Some((taken, what)) = self.found {
            return Ok(Found::What(taken, what));
        }
        let Some(cut) = self.framings.due() else { return Ok(Found::Owed) };
        self.finder.announced(self.framings.left(), Mask::default());
        Ok(match self.finder.look(self.framings.current().name(), &cut, input)? {
            Ok((taken, what)) => {
                self.found = Some((taken, what));
                Found::What(taken, what)
            }
            Err(more) => Found::More(more),
        })
    }

    /// What was found is told.
    fn take<'a>(&mut self, input: &'a [u8], taken: usize, what: What) -> Event<'a> {
        self.found = None;
        self.progress = self.progress.wrapping_add(1);
        let position = self.finder.position();
        self.finder.pass(taken);
        if let (What::Overlong, Some(violation)) = (what, self.finder.overlong()) {
            self.finder.next();
            return Event::Malformed(violation);
        }
        let event = match what {
            What::Frame | What::Overlong => {
                let bytes = input.get(..taken).unwrap_or_default();
                Event::Frame(RawFrame { framing: self.framings.current(), bytes, position })
            }
            What::Data { start, end } => {
                let data = input.get(start..end).unwrap_or_default();
                self.framings.passed(wide(data.len()));
                return Event::Data(data);
            }
            What::End => {
                self.framings.end();
                Event::End
            }
        };
        self.finder.next();
        event
    }
}

impl Drive for Receiving {
    fn ready(&mut self, input: &[u8]) -> Result<Received<()>, Violation> {
        Ok(match self.find(input).map_err(|Failed| violation_of(self))? {
            Found::What(..) | Found::Upgrade(_) => {
                Received { taken: 0, progress: Progress::Event(()) }
            }
            Found::More(More { taken, need }) => Received { taken, progress: Progress::More(need) },
            Found::Owed => Received { taken: 0, progress: Progress::Owed },
        })
    }

    fn end_of_stream(&mut self, unread: usize) -> Result<(), Violation> {
        let (name, due) = (self.framings.current().name(), self.framings.all_left() > 0);
        self.finder.end_of_stream(name, unread, due)
    }

    fn violation(&self) -> Option<Violation> {
        self.finder.failed()
    }

    fn scanned(&self) -> u64 {
        self.finder.scanned()
    }

    fn missing(&self, unread: usize) -> usize {
        self.finder.missing(unread)
    }

    fn upgrade(&self) -> Upgrade {
        match self.handing {
            None => Upgrade::No,
            Some(Handing { told: false, .. }) => Upgrade::Due,
            Some(Handing { carry, .. }) => Upgrade::Announced { carry },
        }
    }

    fn upgraded(&mut self) {
        self.handing = None;
    }

    fn progress(&self) -> u64 {
        self.progress
    }
}

impl Machine for Framers {
    type Event<'a> = Event<'a>;
    type Message<'m> = Message<'m>;
    type Engine = Receiving;

    /// What is known of all; [`Machine::input_bound`] tells that of the framings it has.
    const INPUT_BOUND: usize = 0;
    const OUTPUT_BOUND: usize = 0;

    fn input_bound(&self) -> usize {
        self.receiving.framings.bound()
    }

    fn engine(&self) -> &Receiving {
        &self.receiving
    }

    fn engine_mut(&mut self) -> &mut Receiving {
        &mut self.receiving
    }

    fn receive<'a>(&mut self, input: &'a [u8]) -> Step<Event<'a>> {
        Ok(match self.receiving.find(input)? {
            Found::What(taken, what) => {
                let event = self.receiving.take(input, taken, what);
                Received { taken, progress: Progress::Event(event) }
            }
            Found::Upgrade(layer) => {
                if let Some(handing) = &mut self.receiving.handing {
                    handing.told = true;
                }
                Received { taken: 0, progress: Progress::Event(Event::Upgrade(layer)) }
            }
            Found::More(More { taken, need }) => Received { taken, progress: Progress::More(need) },
            Found::Owed => Received { taken: 0, progress: Progress::Owed },
        })
    }

    fn send(&mut self, message: &Message<'_>, out: &mut Out<'_>) -> Sent {
        if let Some(Handing { layer, .. }) = self.receiving.handing {
            return Err(Misuse::Upgrading { layer });
        }
        self.receiving.progress = self.receiving.progress.wrapping_add(1);
        match message {
            Message::Frame(frame) => {
                self.sending.permits(frame.framing())?;
                frame.encode(out).map_err(Misuse::Encode)
            }
            Message::Data(data) => {
                let refuse =
                    |rule| EncodeError { frame: self.sending.current().name(), field: "", rule };
                out.room_for(data.len()).map_err(refuse).map_err(Misuse::Encode)?;
                self.sending.say(wide(data.len()))?;
                out.extend_from_slice(data);
                Ok(())
            }
        }
    }
}
