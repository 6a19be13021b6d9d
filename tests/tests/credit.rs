//! What both sides count while it crosses: as long as each keeps to what it knows, neither breaks a rule,
//! and both come to the same.

use std::collections::VecDeque;

use framer_runtime::connection::Connection;
use framer_runtime::machine::{Described, Progress};
use framer_runtime::violation::Misuse;
use framer_tests::seen::connection;
use proptest::prelude::*;

// As the windows of HTTP/2, and the receive maximum of MQTT.
framer_runtime::framer! {
    enum Sent { Data { b"d", size: u8 }, Asked { b"?" } }
    enum Taken { Room { b"r", size: u8 }, Answered { b"!" } }

    protocol Credit over stream {
        roles sender, taker;
        sender speaks Sent;
        taker speaks Taken;
        pending fifo max 64;

        /// How many bytes may be sent.
        var window: u16 in ..=500 = 100;
        /// How many questions are asked.
        var asked: u8 in ..=5 = 0;

        state Open within 1 min else close {
            sender Data => { window -= size };
            sender Asked => { asked += 1 } awaits { _ => { asked -= 1 } };
            taker Room => { window += size };
        }
    }
}

use credit::{Answered, Asked, Data, Room, Sender, Taker};

const WINDOW: u8 = 0;
const ASKED: u8 = 1;

/// A number by its place in the description.
fn number<M: Described>(side: &Connection<M>, place: u8) -> u64 {
    side.machine().engine().session().number(place)
}

/// Takes in up to so many bytes of what is on the way, and all events that there are then.
fn hear<M: Described>(side: &mut Connection<M>, wire: &mut VecDeque<u8>, bytes: usize) {
    let bytes: Vec<u8> = wire.drain(..bytes.min(wire.len())).collect();
    assert_eq!(side.receive(&bytes), bytes.len());
    while let Progress::Event(_) = side.poll().expect("the other side is honest") {}
}

fn say<M: Described>(side: &mut Connection<M>, wire: &mut VecDeque<u8>) {
    wire.extend(side.transmit());
    let written = side.transmit().len();
    side.transmitted(written);
}

proptest! {
    #[test]
    fn whatever_crosses(moves in proptest::collection::vec((0_u8..6, any::<u8>()), 0..400)) {
        let mut sender = connection(Sender::new());
        let mut taker = connection(Taker::new());
        let (mut there, mut back) = (VecDeque::new(), VecDeque::new());
        for (what, size) in moves {
            let said = match what {
                0 => sender.send(Data::new(size)),
                1 => sender.send(Asked),
                2 => taker.send(Room::new(size)),
                3 => taker.send(Answered),
                4 => { hear(&mut taker, &mut there, usize::from(size)); Ok(()) }
                _ => { hear(&mut sender, &mut back, usize::from(size)); Ok(()) }
            };
            let kept = matches!(said, Ok(()) | Err(Misuse::Variable { .. } | Misuse::Unasked { .. }));
            prop_assert!(kept, "{:?}", said);
            say(&mut sender, &mut there);
            say(&mut taker, &mut back);
        }
        hear(&mut taker, &mut there, usize::MAX);
        hear(&mut sender, &mut back, usize::MAX);
        prop_assert_eq!(number(&sender, WINDOW), number(&taker, WINDOW));
        prop_assert_eq!(number(&sender, ASKED), number(&taker, ASKED));
    }
}

#[test]
fn nothing_waits_that_there_is_room_for() {
    let mut sender = connection(Sender::new());
    for _ in 0..5 {
        sender.send(Asked).expect("there is room");
    }
    let full = Misuse::Variable { frame: "Asked", variable: "asked", low: 0, high: 5 };
    assert_eq!(sender.send(Asked), Err(full));
    sender.send(Data::new(100)).expect("there is room");
    let full = Misuse::Variable { frame: "Data", variable: "window", low: 0, high: 500 };
    assert_eq!(sender.send(Data::new(1)), Err(full));
    sender.send(Data::new(0)).expect("it takes none");
}
