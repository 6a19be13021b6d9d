//! Protocols made up, run by both roles: what a machine permits and refuses while replies are
//! outstanding is what the language says.
//!
//! `FRAMER_TWIN_CHANGES` says how many protocols there are.

mod found;
mod oracle;
mod spec;

use std::collections::BTreeMap;

use framer_dsl::Sources;
use framer_interpret::{Description, Event, Frame, Message, Protocol, StreamHalf, Value};
use framer_runtime::machine::{Drive as _, Failed, Machine, Progress};
use framer_runtime::protocol::Role;
use framer_runtime::violation::{Misuse, Rule as Broken};
use framer_runtime::write::Out;
use framer_tests::twin::Changes;

use oracle::{Session, Verdict};
use spec::{ASKS, Said, Spec};

/// How many protocols are made up, unless `FRAMER_TWIN_CHANGES` says so.
const PROTOCOLS: u64 = 600;

/// How many conversations there are of each, and how much happens in one.
const CONVERSATIONS: u64 = 6;
const STEPS: usize = 60;

fn protocols() -> u64 {
    let number = std::env::var("FRAMER_TWIN_CHANGES").ok();
    number.map_or(PROTOCOLS, |number| number.parse().expect("FRAMER_TWIN_CHANGES is a number"))
}

/// How often each verdict was agreed on.
type Agreed = BTreeMap<String, u64>;

#[test]
fn what_is_permitted_is_what_the_language_says() {
    let (mut accepted, mut agreed, mut wrong) = (0, Agreed::new(), Vec::new());
    for seed in 1..=protocols() {
        let spec = Spec::of(seed);
        let text = spec.to_string();
        let Ok(description) = Description::load(&Sources::new("made.frame", text.as_str())) else {
            continue;
        };
        accepted += 1;
        let protocol = &description.protocols()[0];
        for number in 0..CONVERSATIONS {
            let changes = Changes::of(seed * 100 + number);
            let mut run = Run::new(&spec, protocol, changes, &mut agreed);
            let ran = if number % 2 == 0 { run.both() } else { run.impatient() };
            if let Err(what) = ran {
                let said = run.said.join(", ");
                wrong.push(format!("{seed}: {what}\nbehind {said}\n{text}"));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {accepted}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(accepted > protocols() / 10, "{accepted}");
    for verdict in
        ["Taken { refused: false }", "Taken { refused: true }", "Wait", "Refused", "Full"]
    {
        assert!(agreed.get(verdict) > Some(&accepted), "{verdict}: {agreed:?}");
    }
    assert!(agreed.get("Interrupts") > Some(&(accepted / 50)), "{accepted}: {agreed:?}");
}

impl Said {
    /// What the client or the server may try to say.
    fn any(server: bool, changes: &mut Changes) -> Said {
        match (server, changes.below(5)) {
            (true, 4) => Said::Extra,
            (true, code) => Said::Tell(u8::try_from(code).expect("it is small")),
            (false, 3) => Said::Note,
            (false, 4) => Said::Mark,
            (false, ask) => Said::Ask(ask),
        }
    }

    /// What a line is for who expects `due`.
    fn read(line: u8, due: Option<Said>) -> Said {
        match line {
            _ if due.is_some() => due.expect("it is"),
            b'0'..=b'9' => Said::Tell(line - b'0'),
            _ => Said::Ask(usize::from(line - b'a')),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Said::Ask(ask) => ASKS[ask],
            Said::Note => "Note",
            Said::Mark => "Mark",
            Said::Tell(_) => "Tell",
            Said::Extra => "Extra",
        }
    }

    fn frame(self) -> Frame<'static> {
        let frame = Frame::new(self.name());
        match self {
            Said::Ask(_) => frame,
            Said::Tell(code) => frame.with("code", Value::Number(code.into())),
            _ => frame.with("text", Value::Text("a".into())),
        }
    }
}

/// A machine, and what it should do.
struct Side<'s> {
    half: StreamHalf,
    session: Session<'s>,
    server: bool,
    /// What the other side has said, and how much of it has come.
    coming: Vec<u8>,
    come: usize,
    /// It was told what is final.
    lost: bool,
}

impl<'s> Side<'s> {
    fn new(spec: &'s Spec, protocol: &'static Protocol, role: Role) -> Side<'s> {
        Side {
            half: protocol.stream_half(role).expect("it is over a stream"),
            session: Session::new(spec),
            server: role == Role::Second,
            coming: Vec::new(),
            come: 0,
            lost: false,
        }
    }

    /// Tries to say something; what was agreed on, and the bytes.
    fn say(&mut self, said: Said) -> Result<(Verdict, Vec<u8>), String> {
        let expected = self.session.verdict(said);
        let mut out = Vec::new();
        let frame = said.frame();
        let sent = self.half.send(&Message::Frame(&frame), &mut Out::from(&mut out));
        let alike = match &sent {
            Ok(()) => expected == Verdict::Taken { refused: false },
            Err(Misuse::Wait { .. }) => expected == Verdict::Wait,
            Err(Misuse::Interrupts { .. }) => expected == Verdict::Interrupts,
            Err(Misuse::Pending { .. }) => expected == Verdict::Full,
            Err(Misuse::Closed | Misuse::Upgrading { .. }) => expected == Verdict::Over,
            Err(Misuse::OutOfSequence { .. } | Misuse::Framing { .. } | Misuse::Unasked { .. }) => {
                matches!(expected, Verdict::Refused | Verdict::Taken { refused: true })
            }
            Err(_) => false,
        };
        if !alike {
            return Err(format!("{said:?} is {expected:?}, and {sent:?}"));
        }
        if sent.is_ok() {
            self.session.take(said);
        }
        self.stands()?;
        Ok((expected, out))
    }

    /// Looks once at what has come: what was agreed on, and what it was about; `None` where
    /// nothing is complete.
    fn read(&mut self) -> Result<Option<(Verdict, Said)>, String> {
        if self.lost || self.session.over {
            return Ok(None);
        }
        let input = &self.coming[..self.come];
        let due = self.session.due(!self.server);
        let line = input.iter().position(|byte| *byte == b'\n').map(|_| Said::read(input[0], due));
        let expected = line.map(|said| (self.session.verdict(said), said));
        let received = self.half.receive(input);
        let violation = received.is_err().then(|| self.half.engine().violation()).flatten();
        let shown = format!("{expected:?}, and {received:?}, {violation:?}");
        let alike = match (&received, expected) {
            (Ok(received), Some((Verdict::Taken { refused }, said))) => match &received.progress {
                Progress::Event(Event::Frame { frame, refused: is }) => {
                    frame.name == said.name() && *is == refused
                }
                _ => false,
            },
            (Ok(received), Some((Verdict::Wait | Verdict::Interrupts | Verdict::Full, _))) => {
                matches!(received.progress, Progress::Owed)
            }
            (Ok(received), None) => matches!(received.progress, Progress::More(_) | Progress::Owed),
            (Err(Failed), Some((Verdict::Refused, _))) => {
                violation.is_some_and(|of| matches!(of.rule, Broken::OutOfSequence { .. }))
            }
            _ => false,
        };
        if !alike {
            return Err(format!("the {} reads {shown}", self.name()));
        }
        let taken = received.map_or(0, |received| received.taken);
        if let Some((Verdict::Taken { .. }, said)) = expected {
            self.session.take(said);
        }
        self.lost = matches!(expected, Some((Verdict::Refused, _)));
        self.coming.drain(..taken);
        self.come -= taken;
        self.stands()?;
        Ok(expected)
    }

    /// Whether machine and session stand alike.
    fn stands(&self) -> Result<(), String> {
        let of = self.half.engine().session();
        let over = of.closed() || of.upgrade().is_some();
        let state = format!("S{}", self.session.state);
        match over == self.session.over && (over || self.half.state() == state) {
            true => Ok(()),
            false => {
                Err(format!("the {} is in {}, not in {state}", self.name(), self.half.state()))
            }
        }
    }

    fn name(&self) -> &'static str {
        if self.server { "server" } else { "client" }
    }
}

/// A conversation.
struct Run<'s, 'a> {
    changes: Changes,
    client: Side<'s>,
    server: Side<'s>,
    said: Vec<String>,
    agreed: &'a mut Agreed,
}

impl<'s, 'a> Run<'s, 'a> {
    fn new(
        spec: &'s Spec,
        protocol: &'static Protocol,
        changes: Changes,
        agreed: &'a mut Agreed,
    ) -> Run<'s, 'a> {
        let [client, server] =
            [Role::First, Role::Second].map(|role| Side::new(spec, protocol, role));
        Run { changes, client, server, said: Vec::new(), agreed }
    }

    /// Both sides are machines: nothing that one may say is wrong for the other.
    fn both(&mut self) -> Result<(), String> {
        for _ in 0..STEPS {
            match self.changes.below(6) {
                0..=2 => self.say(false)?,
                3 => self.say(true)?,
                4 => self.come(false)?,
                _ => self.come(true)?,
            }
        }
        self.quiet()
    }

    /// The client says whatever it likes, and waits for nothing.
    fn impatient(&mut self) -> Result<(), String> {
        for _ in 0..STEPS {
            match self.changes.below(5) {
                0 | 1 => {
                    let line = b"abc"[self.changes.below(3)];
                    self.server.coming.extend([line, b'\n']);
                }
                2 => self.say(true)?,
                _ => self.come(true)?,
            }
        }
        Ok(())
    }

    fn say(&mut self, server: bool) -> Result<(), String> {
        let said = Said::any(server, &mut self.changes);
        match self.client.session.spec.speaks(said) {
            true => self.try_to_say(server, said),
            false => Ok(()),
        }
    }

    fn try_to_say(&mut self, server: bool, said: Said) -> Result<(), String> {
        let (from, to) = match server {
            true => (&mut self.server, &mut self.client),
            false => (&mut self.client, &mut self.server),
        };
        let (verdict, bytes) = from.say(said)?;
        to.coming.extend(bytes);
        *self.agreed.entry(format!("{verdict:?}")).or_default() += 1;
        self.said
            .push(format!("{} {said:?} {verdict:?}", if server { "server" } else { "client" }));
        Ok(())
    }

    /// Some bytes come, and are looked at until nothing more is taken.
    fn come(&mut self, to_server: bool) -> Result<(), String> {
        let side = if to_server { &mut self.server } else { &mut self.client };
        let left = side.coming.len() - side.come;
        side.come += self.changes.below(left + 1);
        loop {
            let side = if to_server { &mut self.server } else { &mut self.client };
            let name = side.name();
            let read = side.read()?;
            let Some((verdict, said)) = read else { return Ok(()) };
            *self.agreed.entry(format!("{verdict:?}")).or_default() += 1;
            self.said.push(format!("{name} reads {said:?} {verdict:?}"));
            if !matches!(verdict, Verdict::Taken { .. }) {
                return Ok(());
            }
        }
    }

    /// Everything comes and is answered: then both sides stand alike.
    fn quiet(&mut self) -> Result<(), String> {
        for _ in 0..STEPS {
            for side in [&mut self.client, &mut self.server] {
                side.come = side.coming.len();
            }
            self.come(true)?;
            if let Some(due) = self.server.session.due(true) {
                self.try_to_say(true, due)?;
            } else if self.server.session.waits() {
                self.try_to_say(true, Said::Tell(9))?;
            }
            self.client.come = self.client.coming.len();
            self.come(false)?;
            if let Some(due) = self.client.session.due(false) {
                self.try_to_say(false, due)?;
            }
        }
        if self.server.lost || self.client.lost {
            return Err(String::from("what one may say is wrong for the other"));
        }
        let over = self.client.session.over || self.server.session.over;
        let [client, server] = [&self.client, &self.server].map(|side| side.session.state);
        match over || client == server {
            true => Ok(()),
            false => Err(format!("the client is in S{client}, the server in S{server}")),
        }
    }
}
