//! Both roles against each other: whatever the one may say, the other takes, and in the end they
//! agree on where they are.

use framer_protocols::smtp::client::Message;
use framer_protocols::smtp::{
    Auth, AuthCancel, AuthLine, AuthResponse, Bdat, Client, Command, Data, DottedLocal, Ehlo, Helo,
    Mail, Mailbox, Noop, NullPath, Path, Quit, Rcpt, Reply, Rset, Server, StartTls,
};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::{Machine, Progress};
use framer_runtime::violation::Misuse;
use proptest::collection::vec;
use proptest::prelude::*;

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    /// The client tries to say one of [`say`].
    Client(u8),
    /// The server tries to answer.
    Server(u16),
    /// So many bytes go from the client to the server.
    Up(usize),
    /// So many bytes go from the server to the client.
    Down(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let codes = [200, 220, 250, 250, 250, 334, 354, 354, 421, 503, 550];
    let step = prop_oneof![
        4 => (0..18_u8).prop_map(Step::Client),
        3 => proptest::sample::select(codes.to_vec()).prop_map(Step::Server),
        2 => (1..200_usize).prop_map(Step::Up),
        2 => (1..200_usize).prop_map(Step::Down),
    ];
    vec(step, 1..120)
}

/// Tries to say something; whether it may is not the question.
fn say(client: &mut Connection<Client>, what: u8) -> Result<(), Misuse> {
    let path = Path::new(Mailbox::new(DottedLocal::new("bob")));
    let command: Command<'_> = match what {
        0 | 1 => Ehlo::new("me").into(),
        2 => Helo::new("me").into(),
        3 | 4 => Mail::new(NullPath).into(),
        5 | 6 => Rcpt::new(path).into(),
        7 | 8 => Data.into(),
        9 => Bdat::new(3, false).into(),
        10 => Bdat::new(0, true).into(),
        11 => StartTls.into(),
        12 => Auth::new("PLAIN").into(),
        13 => Rset.into(),
        14 => Noop::default().into(),
        15 => Quit.into(),
        16 => return client.send(AuthLine::from(AuthResponse::new("AAAA"))),
        _ => return client.send(AuthLine::from(AuthCancel)),
    };
    client.send(command)
}

/// What a switch has made due is said at once.
fn say_what_is_due(client: &mut Connection<Client>) {
    if client.machine().engine().session().closed() {
        return;
    }
    match client.machine().engine().sending() {
        "Content" => {
            client.send(Message::Content(b".a\r\n")).expect("it is due");
            client.send(Message::ContentEnd).expect("it is due");
        }
        "Chunk" => client.send(Message::Chunk(b"abc")).expect("it is due"),
        _ => {}
    }
}

struct Pair {
    client: Connection<Client>,
    server: Connection<Server>,
}

impl Pair {
    fn new() -> Pair {
        let mut server = Connection::new(Server::new(), Limits::default());
        server.send(Reply::new(220, "ready")).expect("a greeting");
        let client = Connection::new(Client::new(), Limits::default());
        let mut pair = Pair { client, server };
        pair.down(usize::MAX);
        pair
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Client(what) => {
                // Misuse changes nothing; whether it is misuse is the machine's to say.
                let before = self.client.transmit().len();
                if say(&mut self.client, *what).is_err() {
                    assert_eq!(self.client.transmit().len(), before);
                }
                say_what_is_due(&mut self.client);
            }
            Step::Server(code) => {
                let offers = "here\nCHUNKING\nSTARTTLS\nAUTH PLAIN";
                // It may not be asked.
                let _ = self.server.send(Reply::new(*code, offers));
            }
            Step::Up(count) => self.up(*count),
            Step::Down(count) => self.down(*count),
        }
        self.upgrade();
    }

    fn up(&mut self, count: usize) {
        let bytes = self.client.transmit();
        let taken = self.server.receive(&bytes[..count.min(bytes.len())]);
        self.client.transmitted(taken);
        while let Progress::Event(_) = self.server.poll().expect("what the client may say") {}
    }

    fn down(&mut self, count: usize) {
        let bytes = self.server.transmit();
        let taken = self.client.receive(&bytes[..count.min(bytes.len())]);
        self.server.transmitted(taken);
        while let Progress::Event(_) = self.client.poll().expect("what the server may say") {}
        say_what_is_due(&mut self.client);
    }

    /// The layer is there as soon as both have come to it.
    fn upgrade(&mut self) {
        while let Progress::Event(_) = self.server.poll().expect("what the client may say") {}
        if self.client.upgrade_due() && self.server.upgrade_due() {
            assert_eq!((self.client.transmit(), self.server.transmit()), (&b""[..], &b""[..]));
            for told in [self.client.upgraded(), self.server.upgraded()] {
                told.expect("it was told");
            }
        }
    }

    /// Everything is answered and has arrived.
    fn settle(&mut self) {
        for _ in 0..500 {
            self.up(usize::MAX);
            // 250 is an answer to everything that is still open.
            let _ = self.server.send(Reply::new(250, "so"));
            self.down(usize::MAX);
            self.upgrade();
        }
    }
}

proptest! {
    #[test]
    fn what_one_may_say_the_other_takes(steps in steps()) {
        let mut pair = Pair::new();
        for step in &steps {
            pair.take(step);
        }
        pair.settle();
        let (client, server) = (pair.client.machine(), pair.server.machine());
        prop_assert_eq!(client.state(), server.state());
        let outstanding = [client.engine(), server.engine()].map(|engine| engine.session().outstanding());
        let closed = [client.engine(), server.engine()].map(|engine| engine.session().closed());
        prop_assert_eq!(closed[0], closed[1]);
        if !closed[0] {
            prop_assert_eq!(outstanding, [0, 0]);
            prop_assert_eq!(client.engine().sending(), server.engine().receiving());
        }
    }
}
