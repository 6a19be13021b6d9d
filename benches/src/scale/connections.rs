//! The cost of a message as connections grow, each of which says one in its turn.

use framer_protocols::resp::server::Event;
use framer_protocols::resp::{Server, Simple, Value};
use framer_protocols::smtp;
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::Progress;

use super::{Plot, group, steps};
use crate::harness::{Case, Kind, Tally};
use crate::inputs;
use crate::works::{data, resp};

/// How many messages there are at least in a run.
const MESSAGES: usize = 10_000;

/// One command of RESP, and one of SMTP, on each of up to so many connections in memory.
#[must_use]
pub fn connections(most: usize) -> Plot {
    let plot = Plot {
        name: "connections",
        title: "The time of a message, by how many connections say one in turn",
        grows: "connections",
        times: 10.0,
        told: "ns a message",
        lines: Vec::new(),
    };
    let command: &'static [u8] = inputs::commands(1).leak();
    let mut places = Vec::new();
    for count in steps(1, most, 10) {
        let turns = (MESSAGES / count).max(1);
        let server = || Connection::new(Server::new(), Limits::default());
        let mut servers: Vec<_> = (0..count).map(|_| server()).collect();
        let mut buffers = vec![Vec::with_capacity(1024); count];
        let cases = vec![
            Case::new("framer", Kind::Ours, move || {
                each(turns, &mut servers, |server, tally| set(server, command, tally))
            }),
            Case::new("by hand", Kind::Limit, move || {
                each(turns, &mut buffers, |buffer, tally| set_by_hand(buffer, command, tally))
            }),
        ];
        places.push((count, group("SET of RESP", turns * count, cases)));
        let mut servers: Vec<_> = (0..count).map(|_| data::greeted()).collect();
        let cases = vec![Case::new("framer", Kind::Ours, move || each(turns, &mut servers, noop))];
        places.push((count, group("NOOP of SMTP", turns * count, cases)));
    }
    plot.measure(places)
}

/// Every connection has its turn, so often.
fn each<C>(turns: usize, all: &mut [C], mut turn: impl FnMut(&mut C, &mut Tally)) -> Tally {
    let mut tally = Tally::default();
    for _ in 0..turns {
        for one in &mut *all {
            turn(one, &mut tally);
        }
    }
    tally
}

fn set(server: &mut Connection<Server>, command: &[u8], tally: &mut Tally) {
    server.receive(command);
    let Ok(Progress::Event((Event::Command(set), mut sender))) = server.poll() else {
        panic!("the input is right")
    };
    tally.see(set.name.data);
    for arg in set.args.iter() {
        tally.see(arg.data);
    }
    tally.frame();
    sender.send(Value::from(Simple::new(b"OK"))).expect("an answer");
    assert_eq!(server.transmit(), b"+OK\r\n");
    let count = server.transmit().len();
    server.transmitted(count);
}

/// With a buffer for what came and what is answered.
fn set_by_hand(buffer: &mut Vec<u8>, command: &[u8], tally: &mut Tally) {
    buffer.clear();
    buffer.extend_from_slice(command);
    assert_eq!(resp::arguments(buffer, tally), Some(command.len()));
    buffer.clear();
    buffer.extend_from_slice(b"+OK\r\n");
    assert_eq!(buffer, b"+OK\r\n");
}

fn noop(server: &mut Connection<smtp::Server>, tally: &mut Tally) {
    server.receive(b"NOOP\r\n");
    let Ok(Progress::Event((smtp::server::Event::Noop(_), mut sender))) = server.poll() else {
        panic!("the input is right")
    };
    tally.frame();
    sender.send(smtp::Reply::new(250, "ok")).expect("an answer");
    assert_eq!(server.transmit(), b"250 ok\r\n");
    let count = server.transmit().len();
    server.transmitted(count);
}
