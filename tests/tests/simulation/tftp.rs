//! Files from a client to a server and back, over datagrams that are lost, doubled, late and out of
//! order: each arrives as it was, or both sides are told that it does not.

use std::time::Duration;

use framer_protocols::tftp::client::Event as Told;
use framer_protocols::tftp::server::Event;
use framer_protocols::tftp::{
    Ack, Client, Data, Failure, ReadRequest, Reason, Server, WriteRequest,
};
use framer_runtime::testing::{Chance, DatagramPair, DatagramTurn, Faults, seeds};

use crate::{SEEDS, any_jump, any_time};

/// How long a block is that is not the last.
const BLOCK_BYTES: usize = 512;

/// When it is said again what was not answered, and how often.
const AGAIN: Duration = Duration::from_secs(5);
const TRIES: u32 = 8;

/// What a side has said last.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Request,
    Data(u16),
    Ack(u16),
}

/// How it has ended for a side.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Over {
    Done,
    GivenUp,
}

/// One side: the file that it sends, or what has come of it.
#[derive(Debug)]
struct Side {
    file: Vec<u8>,
    said: Option<Said>,
    since: Duration,
    tries: u32,
    over: Option<Over>,
}

impl Side {
    fn new(file: Vec<u8>) -> Side {
        Side { file, said: None, since: Duration::ZERO, tries: 0, over: None }
    }

    fn say(&mut self, said: Said, now: Duration) -> Option<Said> {
        (self.said, self.since, self.tries) = (Some(said), now, 1);
        self.said
    }

    /// The sender hears that a block has arrived; what it says to that. What it has heard before it
    /// does not answer again, or each block would be said twice from then on.
    fn acked(&mut self, block: u16, now: Duration) -> Option<Said> {
        match self.said? {
            Said::Request if block == 0 => self.say(Said::Data(1), now),
            Said::Data(last) if last == block && chunk(&self.file, block).len() < BLOCK_BYTES => {
                self.over.get_or_insert(Over::Done);
                None
            }
            Said::Data(last) if last == block => self.say(Said::Data(block + 1), now),
            _ => None,
        }
    }

    /// The receiver hears a block; what it says to that.
    fn heard(&mut self, block: u16, data: &[u8], now: Duration) -> Option<Said> {
        let next = match self.said? {
            Said::Ack(last) => last + 1,
            _ => 1,
        };
        if block == next && self.over.is_none() {
            self.file.extend(data);
            if data.len() < BLOCK_BYTES {
                self.over = Some(Over::Done);
            }
            return self.say(Said::Ack(block), now);
        }
        // It is told again that it has arrived.
        Some(Said::Ack(block)).filter(|_| block < next)
    }

    /// What it says again, or that it gives up.
    fn again(&mut self, now: Duration) -> Option<Said> {
        if self.over.is_some() || now < self.since + AGAIN {
            return None;
        }
        if self.tries == TRIES {
            self.over = Some(Over::GivenUp);
            return None;
        }
        self.since = now;
        self.tries += 1;
        self.said
    }
}

/// A block of a file.
fn chunk(file: &[u8], block: u16) -> &[u8] {
    let rest = file.get((usize::from(block) - 1) * BLOCK_BYTES..).unwrap_or_default();
    &rest[..rest.len().min(BLOCK_BYTES)]
}

/// A transfer, and who sends the file.
struct Transfer {
    pair: DatagramPair<Client, Server>,
    reads: bool,
    client: Side,
    server: Side,
}

impl Transfer {
    fn new(file: Vec<u8>, reads: bool, pair: DatagramPair<Client, Server>) -> Transfer {
        let (mut client, mut server) = (Side::new(Vec::new()), Side::new(Vec::new()));
        (if reads { &mut server } else { &mut client }).file = file;
        Transfer { pair, reads, client, server }
    }

    fn client_says(&mut self, said: Option<Said>) {
        let to = self.pair.left();
        match said {
            Some(Said::Request) if self.reads => to.send(ReadRequest::new("file", "octet")),
            Some(Said::Request) => to.send(WriteRequest::new("file", "octet")),
            Some(Said::Data(block)) => to.send(Data::new(block, chunk(&self.client.file, block))),
            Some(Said::Ack(block)) => to.send(Ack::new(block)),
            None => Ok(()),
        }
        .expect("it may be said");
    }

    fn server_says(&mut self, said: Option<Said>) {
        let to = self.pair.right();
        match said {
            Some(Said::Data(block)) => to.send(Data::new(block, chunk(&self.server.file, block))),
            Some(Said::Ack(block)) => to.send(Ack::new(block)),
            Some(Said::Request) | None => Ok(()),
        }
        .expect("it may be said");
    }

    /// Whoever waits for too long says it again, or gives up and says so.
    fn wake(&mut self) {
        let now = self.pair.now();
        let (client, server) = (self.client.over, self.server.over);
        let said = self.client.again(now);
        self.client_says(said);
        if self.server.said.is_some() {
            let said = self.server.again(now);
            self.server_says(said);
        }
        let failure = Failure::new(Reason::Undefined, b"nobody answers");
        if self.client.over == Some(Over::GivenUp) && client.is_none() {
            self.pair.left().send(failure).expect("it may be said");
        }
        if self.server.over == Some(Over::GivenUp) && server.is_none() {
            self.pair.right().send(failure).expect("it may be said");
        }
        let waits =
            self.client.over.is_none() || self.server.said.is_some() && self.server.over.is_none();
        if waits {
            self.pair.wake_at(now + Duration::from_secs(1));
        }
    }

    /// Asserts what holds after each step: what has come is the beginning of the file, all of it
    /// for who says so, and nobody is done before that.
    fn holds(&self, file: &[u8]) {
        let (sends, receives) =
            if self.reads { (&self.server, &self.client) } else { (&self.client, &self.server) };
        assert!(file.starts_with(&receives.file), "{} bytes differ", receives.file.len());
        let whole = receives.over == Some(Over::Done);
        assert!(!whole || receives.file == file, "{} of {}", receives.file.len(), file.len());
        assert!(whole || sends.over != Some(Over::Done), "nobody has told that it has all");
    }
}

/// Whether the file arrived.
fn run(mut chance: Chance, trouble: bool) -> bool {
    let mut faults = || if trouble { Faults::any(&mut chance) } else { Faults::none() };
    let (to_client, to_server) = (faults(), faults());
    let len = usize::try_from(chance.below(5000)).expect("small");
    let file: Vec<u8> = (0..len).map(|place| u8::try_from(place % 251).expect("small")).collect();
    let reads = chance.below(2) == 0;
    let pair = DatagramPair::new(chance.split(), Client::new(), Server::new())
        .faults_to_left(to_client)
        .faults_to_right(to_server);
    let mut transfer = Transfer::new(file.clone(), reads, pair);
    let jumps = if trouble && chance.one_in(4) { 1 + chance.below(2) } else { 0 };
    let jumps: Vec<_> = (0..jumps).map(|_| any_time(&mut chance)).collect();
    jumps.iter().for_each(|at| transfer.pair.wake_at(*at));
    let said = transfer.client.say(Said::Request, Duration::ZERO);
    transfer.client_says(said);
    transfer.pair.wake_at(Duration::from_secs(1));
    while step(&mut transfer, &jumps, &mut chance) {
        transfer.holds(&file);
    }
    let Transfer { pair, client, server, .. } = &transfer;
    assert!(client.over.is_some() && (server.over.is_some() || server.said.is_none()));
    assert!(pair.now() <= (AGAIN * TRIES) * 12 + Duration::from_secs(60), "{:?}", pair.now());
    client.over == Some(Over::Done)
}

/// What happens next, and what both sides do about it; whether there is anything.
fn step(transfer: &mut Transfer, jumps: &[Duration], chance: &mut Chance) -> bool {
    let now = transfer.pair.now();
    let Some(turn) = transfer.pair.next() else { return false };
    match turn {
        DatagramTurn::Left(Told::Data(data), _) => {
            let said = transfer.client.heard(data.block, data.data, now);
            transfer.client_says(said);
        }
        DatagramTurn::Left(Told::Ack(ack), _) => {
            let said = transfer.client.acked(ack.block, now);
            transfer.client_says(said);
        }
        DatagramTurn::Right(Event::ReadRequest(_), _) if transfer.server.said.is_none() => {
            let said = transfer.server.say(Said::Data(1), now);
            transfer.server_says(said);
        }
        DatagramTurn::Right(Event::WriteRequest(_), _) if transfer.server.said.is_none() => {
            let said = transfer.server.say(Said::Ack(0), now);
            transfer.server_says(said);
        }
        // It was heard before, and the answer is said again when it is time for that.
        DatagramTurn::Right(Event::ReadRequest(_) | Event::WriteRequest(_), _) => {}
        DatagramTurn::Right(Event::Data(data), _) => {
            let said = transfer.server.heard(data.block, data.data, now);
            transfer.server_says(said);
        }
        DatagramTurn::Right(Event::Ack(ack), _) => {
            let said = transfer.server.acked(ack.block, now);
            transfer.server_says(said);
        }
        DatagramTurn::Left(Told::Failure(_), _) | DatagramTurn::LeftEnded(_) => {
            transfer.client.over.get_or_insert(Over::GivenUp);
        }
        DatagramTurn::Right(Event::Failure(_), _) | DatagramTurn::RightEnded(_) => {
            transfer.server.over.get_or_insert(Over::GivenUp);
        }
        DatagramTurn::Woken(at) if jumps.contains(&at) => match chance.below(2) {
            0 => transfer.pair.jump_left(any_jump(chance)),
            _ => transfer.pair.jump_right(any_jump(chance)),
        },
        DatagramTurn::Woken(_) => transfer.wake(),
        // Who has given up hears no more.
        DatagramTurn::LeftDropped => assert_eq!(transfer.client.over, Some(Over::GivenUp)),
        DatagramTurn::RightDropped => assert_eq!(transfer.server.over, Some(Over::GivenUp)),
        other => panic!("{other:?}"),
    }
    true
}

#[test]
fn each_file_arrives_or_both_are_told() {
    let (mut arrived, mut all) = (0, 0);
    for seed in seeds(SEEDS) {
        arrived += u64::from(run(Chance::from(&seed), true));
        assert!(run(Chance::from(&seed), false), "nothing is lost");
        all += 1;
    }
    assert!(all < SEEDS || (all * 3 / 4..all).contains(&arrived), "{arrived} of {all}");
}
