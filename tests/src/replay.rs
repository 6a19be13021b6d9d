//! Both roles of SMTP replaying what was recorded, with the input cut anywhere.

use framer_protocols::smtp::client::{self, Message};
use framer_protocols::smtp::server::Event;
use framer_protocols::smtp::{AuthLine, Client, Command, Reply, Server};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::{Decode, Frame};
use framer_runtime::machine::{Machine, Progress};
use framer_runtime::read::Reader;
use framer_runtime::violation::{Misuse, Violation};

use crate::conversation::Leg;

/// What the client says, as it would be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A line, and whether it answers a challenge.
    Line(Vec<u8>, bool),
    /// The whole payload after DATA.
    Content(Vec<u8>),
    /// The whole payload of a chunk.
    Chunk(Vec<u8>),
}

/// What came of replaying one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The events, with the pieces of a payload joined.
    pub events: Vec<String>,
    /// What the client said.
    pub said: Vec<Said>,
    /// What this side wrote in each leg.
    pub written: Vec<Vec<u8>>,
    /// The violation that ended it.
    pub violation: Option<Violation>,
    /// The most bytes that were examined to find boundaries.
    pub scanned: u64,
}

/// How much of the input is there at first, and then after each look at it.
pub type Cuts<'c> = &'c dyn Fn(usize) -> usize;

/// The replies of a server, one after the other.
fn replies(mut bytes: &[u8]) -> impl Iterator<Item = Reply<'_>> {
    std::iter::from_fn(move || {
        let mut reader = Reader::new(bytes);
        let reply = Reply::read(&mut reader).ok()?;
        bytes = reader.rest();
        Some(reply)
    })
}

/// Replays the server: it is given the client's bytes and answers as the recorded one did.
#[must_use]
pub fn server(legs: &[Leg], cuts: Cuts<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut conn = Connection::new(Server::new(), Limits::default());
    for (number, leg) in legs.iter().enumerate() {
        let mut answers = replies(&leg.server);
        if number == 0 {
            conn.send(answers.next().expect("a greeting")).expect("a greeting");
        }
        let mut input = Feed::new(&leg.client, cuts);
        outcome.written.push(Vec::new());
        if let Err(violation) = server_leg(&mut conn, &mut input, &mut answers, &mut outcome) {
            outcome.violation = Some(violation);
            break;
        }
    }
    outcome.scanned = conn.scanned();
    outcome
}

fn server_leg<'r>(
    conn: &mut Connection<Server>,
    input: &mut Feed<'_>,
    answers: &mut impl Iterator<Item = Reply<'r>>,
    outcome: &mut Outcome,
) -> Result<(), Violation> {
    loop {
        let (note, upgrade) = match conn.poll()? {
            Progress::Event((event, mut sender)) => {
                let note = note(&event, outcome);
                let upgrade = matches!(event, Event::Upgrade(_));
                // Each frame that ends something is answered at once, a chunk behind it.
                let waits = matches!(event, Event::Content(_) | Event::Chunk(_) | Event::Bdat(_));
                let chunk = matches!(event, Event::Refused(Command::Bdat(_)));
                if !waits && !chunk && !upgrade {
                    let answer = answers.next().expect("a recorded reply");
                    sender.send(answer).unwrap_or_else(|misuse| panic!("{event:?}: {misuse}"));
                }
                (note, upgrade)
            }
            Progress::More(_) => {
                if !input.feed(conn) {
                    conn.end_of_stream()?;
                    return Ok(());
                }
                continue;
            }
            Progress::Closed => return Ok(()),
            Progress::Owed => panic!("every event is answered"),
        };
        outcome.events.extend(note);
        drain(conn, outcome);
        if upgrade {
            conn.upgraded().expect("it was told");
            return Ok(());
        }
    }
}

/// Takes down an event; a piece of a payload goes with the one before.
fn note(event: &Event<'_>, outcome: &mut Outcome) -> Option<String> {
    let (chunk, part) = match event {
        Event::Content(part) => (false, *part),
        Event::Chunk(part) => (true, *part),
        Event::Data(_) | Event::Bdat(_) | Event::Refused(_) | Event::Upgrade(_) => {
            outcome.said.extend(line(event));
            return Some(format!("{event:?}"));
        }
        Event::ContentEnd | Event::ChunkEnd => {
            // An empty payload has no piece.
            let chunk = matches!(event, Event::ChunkEnd);
            let last = outcome.said.last();
            let began = match last {
                Some(Said::Chunk(_)) => chunk,
                Some(Said::Content(_)) => !chunk,
                _ => false,
            };
            if !began {
                outcome.said.push(if chunk {
                    Said::Chunk(Vec::new())
                } else {
                    Said::Content(Vec::new())
                });
            }
            return Some(format!("{event:?}"));
        }
        _ => {
            outcome.said.extend(line(event));
            return Some(format!("{event:?}"));
        }
    };
    match outcome.said.last_mut() {
        Some(Said::Chunk(all)) if chunk => all.extend(part),
        Some(Said::Content(all)) if !chunk => all.extend(part),
        _ => outcome.said.push(if chunk {
            Said::Chunk(part.to_vec())
        } else {
            Said::Content(part.to_vec())
        }),
    }
    None
}

/// The line that an event was on the wire.
fn line(event: &Event<'_>) -> Option<Said> {
    let mut out = Vec::new();
    let command: Command<'_> = match *event {
        Event::Ehlo(frame) => frame.into(),
        Event::Helo(frame) => frame.into(),
        Event::Mail(frame) => frame.into(),
        Event::Rcpt(frame) => frame.into(),
        Event::Data(frame) => frame.into(),
        Event::Bdat(frame) => frame.into(),
        Event::StartTls(frame) => frame.into(),
        Event::Auth(frame) => frame.into(),
        Event::Rset(frame) => frame.into(),
        Event::Noop(frame) => frame.into(),
        Event::Quit(frame) => frame.into(),
        Event::Vrfy(frame) => frame.into(),
        Event::Expn(frame) => frame.into(),
        Event::Help(frame) => frame.into(),
        Event::Unknown(frame) => frame.into(),
        Event::Refused(command) => command,
        Event::AuthCancel(frame) => {
            AuthLine::from(frame).encode(&mut out).ok()?;
            return Some(Said::Line(out, true));
        }
        Event::AuthResponse(frame) => {
            AuthLine::from(frame).encode(&mut out).ok()?;
            return Some(Said::Line(out, true));
        }
        _ => return None,
    };
    command.encode(&mut out).ok()?;
    Some(Said::Line(out, false))
}

/// Replays the client: it says what the recorded one said as soon as it may, and is given the
/// server's bytes.
#[must_use]
pub fn client(legs: &[Leg], said: &[Said], cuts: Cuts<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut conn = Connection::new(Client::new(), Limits::default());
    let mut said = said.iter().peekable();
    for leg in legs {
        let mut input = Feed::new(&leg.server, cuts);
        outcome.written.push(Vec::new());
        if let Err(violation) = client_leg(&mut conn, &mut input, &mut said, &mut outcome) {
            outcome.violation = Some(violation);
            break;
        }
    }
    outcome.scanned = conn.scanned();
    outcome
}

fn client_leg<'s>(
    conn: &mut Connection<Client>,
    input: &mut Feed<'_>,
    said: &mut std::iter::Peekable<impl Iterator<Item = &'s Said>>,
    outcome: &mut Outcome,
) -> Result<(), Violation> {
    let mut greeted = !outcome.events.is_empty();
    loop {
        // One frame at a time, since the recorded answers are all there already.
        let session = conn.machine().engine().session();
        let idle = session.outstanding() == 0 && session.upgrade().is_none();
        if greeted
            && idle
            && let Some(next) = said.peek()
        {
            match say(conn, next) {
                Ok(()) => {
                    said.next();
                }
                Err(misuse) => panic!("{next:?}: {misuse}"),
            }
            drain(conn, outcome);
            continue;
        }
        let event = match conn.poll()? {
            Progress::Event((event, _)) => {
                Some((format!("{event:?}"), matches!(event, client::Event::Upgrade(_))))
            }
            _ => None,
        };
        if let Some((event, upgrade)) = event {
            greeted = true;
            outcome.events.push(event);
            if upgrade {
                conn.upgraded().expect("it was told");
                return Ok(());
            }
            continue;
        }
        if !input.feed(conn) {
            conn.end_of_stream()?;
            return Ok(());
        }
    }
}

fn say(conn: &mut Connection<Client>, said: &Said) -> Result<(), Misuse> {
    match said {
        Said::Line(bytes, true) => conn.send(AuthLine::decode(bytes).expect("a recorded line")),
        Said::Line(bytes, false) => conn.send(Command::decode(bytes).expect("a recorded line")),
        Said::Content(bytes) => {
            conn.send(Message::Content(bytes))?;
            conn.send(Message::ContentEnd)
        }
        Said::Chunk(bytes) if bytes.is_empty() => Ok(()),
        Said::Chunk(bytes) => conn.send(Message::Chunk(bytes)),
    }
}

/// Takes what a side wrote.
fn drain<M: Machine>(conn: &mut Connection<M>, outcome: &mut Outcome) {
    let written = conn.transmit().to_vec();
    conn.transmitted(written.len());
    if let Some(last) = outcome.written.last_mut() {
        last.extend(written);
    }
}

/// Input that comes in parts.
struct Feed<'f> {
    bytes: &'f [u8],
    have: usize,
    cuts: Cuts<'f>,
}

impl<'f> Feed<'f> {
    fn new(bytes: &'f [u8], cuts: Cuts<'f>) -> Feed<'f> {
        Feed { bytes, have: 0, cuts }
    }

    /// Hands over the next part; whether there was one.
    fn feed<M: Machine>(&mut self, conn: &mut Connection<M>) -> bool {
        let next = (self.cuts)(self.have).clamp(self.have, self.bytes.len());
        let next = if next == self.have { self.bytes.len() } else { next };
        let taken = conn.receive(&self.bytes[self.have..next]);
        self.have += taken;
        taken > 0
    }
}
