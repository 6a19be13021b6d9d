//! Tells of every frame and every switch as it happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use framer_protocols::smtp::Server;
use framer_protocols::smtp::server::Event;
use framer_runtime::frame::Frame;
use framer_runtime::machine::Machine;

/// Whether to tell.
#[derive(Clone, Debug, Default)]
pub struct Trace(Option<Arc<AtomicU64>>);

impl Trace {
    /// Tells on the standard output.
    #[must_use]
    pub fn on() -> Trace {
        Trace(Some(Arc::default()))
    }

    /// Begins to tell of a session.
    #[must_use]
    pub fn session(&self) -> Session {
        let number = self.0.as_ref().map(|count| count.fetch_add(1, Ordering::Relaxed) + 1);
        Session(number.map(|number| Box::new(Told { number, stands: None })))
    }
}

/// What is told of one session.
#[derive(Debug)]
pub struct Session(Option<Box<Told>>);

#[derive(Debug)]
struct Told {
    number: u64,
    stands: Option<(String, &'static str)>,
}

impl Session {
    /// Tells of what the client said.
    pub fn client(&self, event: &Event<'_>) {
        if let Some(told) = &self.0 {
            told.tell("C:", &said(event));
        }
    }

    /// Tells of what the server answers.
    pub fn server(&self, code: u16, text: &str) {
        let Some(told) = &self.0 else { return };
        let lines = text.lines().count();
        for (place, line) in text.lines().enumerate() {
            let mark = if place + 1 < lines { '-' } else { ' ' };
            told.tell("S:", &format!("{code}{mark}{line}"));
        }
    }

    /// Tells of a switch, if there was one since the last call.
    pub fn switches(&mut self, machine: &Server) {
        let Some(told) = &mut self.0 else { return };
        let now = (format!("{:?}", machine.state()), machine.engine().receiving());
        if let Some((state, receiving)) = &told.stands {
            if *state != now.0 {
                told.tell("  ", &format!("-- state {state} -> {}", now.0));
            }
            if *receiving != now.1 {
                told.tell("  ", &format!("-- the client's next frame is a {}", now.1));
            }
        }
        told.stands = Some(now);
    }
}

impl Told {
    fn tell(&self, who: &str, what: &str) {
        println!("{} {who} {what}", self.number);
    }
}

/// An event as it stood on the wire, or how long it was.
fn said(event: &Event<'_>) -> String {
    match event {
        Event::Ehlo(frame) => wire(frame),
        Event::Helo(frame) => wire(frame),
        Event::Mail(frame) => wire(frame),
        Event::Rcpt(frame) => wire(frame),
        Event::Data(frame) => wire(frame),
        Event::Bdat(frame) => wire(frame),
        Event::StartTls(frame) => wire(frame),
        Event::Auth(frame) => wire(frame),
        Event::Rset(frame) => wire(frame),
        Event::Noop(frame) => wire(frame),
        Event::Quit(frame) => wire(frame),
        Event::Vrfy(frame) => wire(frame),
        Event::Expn(frame) => wire(frame),
        Event::Help(frame) => wire(frame),
        Event::Unknown(frame) => wire(frame),
        Event::AuthCancel(frame) => wire(frame),
        Event::AuthResponse(frame) => wire(frame),
        Event::Refused(frame) => format!("{} (refused)", wire(frame)),
        Event::Content(part) => format!("({} bytes of the message)", part.len()),
        Event::ContentEnd => "(the lone dot)".to_owned(),
        Event::Chunk(part) => format!("({} bytes of the chunk)", part.len()),
        Event::ChunkEnd => "(the end of the chunk)".to_owned(),
        Event::Malformed(violation) => format!("({violation})"),
        Event::Upgrade(layer) => format!("-- upgrade to {layer:?}"),
    }
}

fn wire(frame: &impl Frame) -> String {
    let mut out = Vec::new();
    match frame.encode(&mut out) {
        Ok(()) => String::from_utf8_lossy(&out).trim_end().to_owned(),
        Err(error) => error.to_string(),
    }
}
