//! What a name server does with a zone: which records answer a question.

mod zone;

pub use zone::Zone;

use framer_protocols::dns::tcp::server::Event as Asked;
use framer_protocols::dns::udp::server::Event;
use framer_protocols::dns::{
    self, Additional, Class, Framed, Message, Operation, Opt, Outcome, Question, Record,
};
use framer_runtime::Error;
use framer_runtime::frame::Frame;
use framer_runtime::list::List;
use framer_runtime::net::{Address, Stream};
use framer_runtime::tokio::{Connection, Datagrams};

/// The largest answer over UDP to who does not say what it takes (RFC 1035, section 2.3.4).
const PLAIN_BYTES: usize = 512;
/// The largest that is not cut up on its way, as a rule.
const DATAGRAM_BYTES: u16 = 1232;
const STREAM_BYTES: usize = 65_535;

/// Answers queries, whatever carries them.
///
/// # Errors
/// What the stream comes to.
pub async fn serve(stream: Stream, zone: &Zone) -> Result<(), Error> {
    match stream.peer() {
        Address::Udp(_) => serve_datagrams(stream, zone).await,
        _ => serve_messages(stream, zone).await,
    }
}

async fn serve_datagrams(stream: Stream, zone: &Zone) -> Result<(), Error> {
    let mut session = Datagrams::new(stream, dns::udp::Server::new());
    loop {
        match session.next().await {
            Ok(Some((Event::Message(query), mut reply))) => {
                zone.answer(query, limit(query), |answer| reply.send(answer).is_ok());
            }
            Ok(None) => return Ok(()),
            // What is no query is not answered: it may come from anyone.
            Err(Error::Violation(_) | Error::Misuse(_)) => {}
            Err(error) => return Err(error),
        }
    }
}

async fn serve_messages(stream: Stream, zone: &Zone) -> Result<(), Error> {
    let mut connection = Connection::new(stream, dns::tcp::Server::new());
    while let Some((Asked::Framed(Framed { message: query }), mut reply)) =
        connection.next().await?
    {
        zone.answer(query, STREAM_BYTES, |answer| reply.send(Framed::new(answer)).is_ok());
    }
    Ok(())
}

fn opt_of<'a>(query: &Message<'a>) -> Option<Opt<'a>> {
    query.additionals.iter().find_map(|additional| match additional {
        Additional::Opt(opt) => Some(opt),
        Additional::Record(_) => None,
    })
}

/// How long an answer over UDP may be, in bytes.
fn limit(query: Message<'_>) -> usize {
    let payload = opt_of(&query).map_or(0, |opt| opt.payload.min(DATAGRAM_BYTES));
    PLAIN_BYTES.max(payload.into())
}

/// What is said of a question.
#[derive(Debug, Default)]
pub struct Answer<'a> {
    code: Option<Outcome>,
    authoritative: bool,
    answers: Vec<Record<'a>>,
    authorities: Vec<Record<'a>>,
    additionals: Vec<Record<'a>>,
}

impl Zone {
    /// Gives `send` the answer to a query, at most so many bytes long: what does not fit is left
    /// out, and if that is not only additional, the client is told to ask over TCP.
    pub fn answer(&self, query: Message<'_>, limit: usize, send: impl FnOnce(Message<'_>) -> bool) {
        let opt = opt_of(&query);
        let question = query.questions.iter().next();
        let answer = match (query.operation, question) {
            _ if opt.is_some_and(|opt| opt.version > 0) => Answer::of(Outcome::NoError),
            (Operation::Query, Some(question)) if query.questions.len() == 1 => self.find(question),
            (Operation::Query, _) => Answer::of(Outcome::FormatError),
            _ => Answer::of(Outcome::NotImplemented),
        };
        let own = opt.map(|opt| Opt {
            payload: DATAGRAM_BYTES,
            // Of a later version than there is (RFC 6891, section 6.1.3).
            extended_code: u8::from(opt.version > 0),
            version: 0,
            dnssec_ok: opt.dnssec_ok,
            reserved: 0,
            options: List::default(),
        });
        let mut additionals: Vec<Additional<'_>> = own.map(Additional::from).into_iter().collect();
        additionals.extend(answer.additionals.iter().copied().map(Additional::from));
        let whole = Message {
            response: true,
            authoritative: answer.authoritative,
            truncated: false,
            recursion_available: false,
            authentic: false,
            code: answer.code.unwrap_or(Outcome::NoError),
            answers: (&answer.answers).into(),
            authorities: (&answer.authorities).into(),
            additionals: (&additionals).into(),
            ..query
        };
        let own = additionals.get(..usize::from(own.is_some())).unwrap_or_default().into();
        let short = Message { additionals: own, ..whole };
        let (answers, authorities) = (List::default(), List::default());
        let truncated = Message { truncated: true, answers, authorities, ..short };
        let fits = |message: &Message<'_>| {
            let mut out = Vec::new();
            message.encode(&mut out).is_ok() && out.len() <= limit
        };
        let fitting = [whole, short].into_iter().find(fits);
        send(fitting.unwrap_or(truncated));
    }

    /// The records that answer a question.
    fn find<'a>(&'a self, question: Question<'a>) -> Answer<'a> {
        if !matches!(question.class, Class::Internet | Class::AnyClass)
            || !self.holds(question.name)
        {
            return Answer::of(Outcome::Denied);
        }
        let mut answer = Answer { authoritative: true, ..Answer::default() };
        self.look_up(question, &mut answer);
        answer
    }
}

impl Answer<'_> {
    fn of(code: Outcome) -> Self {
        Answer { code: Some(code), ..Answer::default() }
    }
}
