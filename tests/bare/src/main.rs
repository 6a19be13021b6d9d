//! Whole conversations in both roles, in a program that has no allocator and no standard library:
//! it links, or something asks for memory. It ends with 0, or with the number of the conversation
//! that went wrong.
#![no_std]
#![no_main]

mod system;
mod wire;

use core::fmt::Write as _;
use core::mem::size_of;

use framer_protocols::modbus::{
    self, HoldingRegisters, Query, ReadHoldingRegisters, Request, Response, tcp,
};
use framer_protocols::tinyproto::{self, Accepted, Answer, Hello, Ready, Size};
use framer_runtime::connection::Connection;
use framer_runtime::frame::Frame;
use framer_runtime::machine::{Machine, Progress};
use framer_runtime::memory::Fixed;

use system::Console;
use wire::{Wire, carry};

/// What one side takes, in bytes.
struct Memory {
    name: &'static str,
    connection: usize,
    input: usize,
    output: usize,
}

/// What a machine needs: its connection, and the least buffers.
fn memory<M: Machine>(name: &'static str) -> Memory {
    let connection = size_of::<Connection<M, Fixed<'static>>>();
    Memory { name, connection, input: M::INPUT_BOUND, output: M::OUTPUT_BOUND }
}

/// Sixteen questions at once, and their answers in another order than they were asked in, `step`
/// bytes at a time.
fn modbus(step: usize) -> Option<()> {
    let mut input = [0; tcp::Server::INPUT_BOUND];
    let mut output = [0; tcp::Server::OUTPUT_BOUND];
    let mut server = Connection::fixed(tcp::Server::new(), &mut input, &mut output);
    let mut input = [0; 2 * tcp::Client::INPUT_BOUND];
    let mut output = [0; tcp::Client::OUTPUT_BOUND + 15 * 12];
    let mut client = Connection::fixed(tcp::Client::new(), &mut input, &mut output);

    let question =
        |number| Query::new(number, 1, Request::from(ReadHoldingRegisters::new(number, 100)));
    for number in 0..16 {
        client.send(question(number)).ok()?;
    }
    // A seventeenth is one too many.
    client.send(question(16)).err()?;
    let (mut asked, mut answered) = ([0_u16; 16], 0_usize);
    let mut count = 0_usize;
    while count < 16 {
        carry(&mut client, &mut server, step);
        let Progress::Event((tcp::server::Event::Query(query), _)) = server.poll().ok()? else {
            continue;
        };
        *asked.get_mut(count)? = query.transaction;
        count += 1;
    }
    while answered < 16 {
        // The last one first, as soon as there is room for it.
        if let Some(transaction) = count.checked_sub(1).and_then(|last| asked.get(last)) {
            let values = [*transaction; 100];
            let response = Response::from(HoldingRegisters::new(&values[..]));
            if server.send(modbus::Answer::new(*transaction, 1, response)).is_ok() {
                count -= 1;
            }
        }
        carry(&mut server, &mut client, step);
        if let Progress::Event((tcp::client::Event::Answer(answer), _)) = client.poll().ok()? {
            let Response::HoldingRegisters(registers) = answer.response else { return None };
            let alike = registers.values.iter().all(|value| value == answer.transaction);
            let next = u16::try_from(15_usize.checked_sub(answered)?).ok()?;
            (alike && registers.values.len() == 100 && answer.transaction == next).then_some(())?;
            answered += 1;
        }
    }
    client.end_of_stream().ok()?;
    server.end_of_stream().ok()
}

/// A message of either side, in parts as they come.
fn tinyproto(step: usize) -> Option<()> {
    let mut input = [0; 16];
    let mut output = [0; 64];
    let mut server = Connection::fixed(tinyproto::Server::new(), &mut input, &mut output);
    let mut input = [0; 16];
    let mut output = [0; 64];
    let mut client = Connection::fixed(tinyproto::Client::new(), &mut input, &mut output);
    client.send(Hello::from(Ready)).ok()?;
    server.send(Hello::from(Ready)).ok()?;
    carry(&mut client, &mut server, step);
    carry(&mut server, &mut client, step);
    let Progress::Event(_) = server.poll().ok()? else { return None };
    let Progress::Event(_) = client.poll().ok()? else { return None };

    client.send(Size::new(40)).ok()?;
    let (mut sum, mut sent) = (0_u32, false);
    while sum < 40 * 7 {
        carry(&mut client, &mut server, step);
        carry(&mut server, &mut client, step);
        match server.poll().ok()? {
            Progress::Event((tinyproto::server::Event::Size(size), mut reply)) => {
                (size.bytes == 40).then_some(())?;
                reply.send(Answer::from(Accepted)).ok()?;
            }
            Progress::Event((tinyproto::server::Event::Payload(part), _)) => {
                sum += part.iter().map(|byte| u32::from(*byte)).sum::<u32>();
            }
            _ => {}
        }
        if let Progress::Event((tinyproto::client::Event::Accepted(_), mut sender)) =
            client.poll().ok()?
            && !sent
        {
            sender.send(tinyproto::client::Message::Payload(&[7; 40])).ok()?;
            sent = true;
        }
    }
    (sum == 40 * 7).then_some(())
}

framer_runtime::framer! {
    delimiter LF = "\n";
    frame Line in until LF max 80 { text: utf8 to end }
    protocol Echo over stream {
        roles client, server;
        client speaks Line;
        server speaks Line;
        pending fifo max 4;
        state Open within 1 min else close { client Line => awaits { _ => stay }; }
    }
}

/// Lines over a stream of `embedded-io`, which are said again.
fn echo(step: usize) -> Option<()> {
    let mut input = [0; echo::Server::INPUT_BOUND];
    let mut output = [0; echo::Server::OUTPUT_BOUND];
    let server = Connection::fixed(echo::Server::new(), &mut input, &mut output);
    let mut wire = Wire::new(b"one\ntwo\nthree\nfour\nfive\nsix\n", step);
    let mut side = framer_runtime::embedded_io::Connection::new(&mut wire, server);
    while let Some((echo::server::Event::Line(line), mut reply)) = side.next().ok()? {
        reply.send(line).ok()?;
    }
    side.into_parts().ok()?;
    (wire.told() == b"one\ntwo\nthree\nfour\nfive\nsix\n").then_some(())?;

    // What is too long for the memory is not written.
    let mut memory = [0; 4];
    echo::Line::new("four").encode_to_slice(&mut memory).err()?;
    let written = echo::Line::new("two").encode_to_slice(&mut memory).ok()?;
    (written == b"two\n").then_some(())
}

/// All conversations, in several cuts.
fn run() -> Result<(), i32> {
    for step in [1, 2, 3, 5, 64, 4096] {
        modbus(step).ok_or(1)?;
        tinyproto(step).ok_or(2)?;
        echo(step).ok_or(3)?;
    }
    Ok(())
}

/// What the sides of the conversations take.
fn report() -> core::fmt::Result {
    let sides = [
        memory::<tcp::Client>("modbus client"),
        memory::<tcp::Server>("modbus server"),
        memory::<tinyproto::Client>("tinyproto client"),
        memory::<tinyproto::Server>("tinyproto server"),
        memory::<echo::Client>("echo client"),
        memory::<echo::Server>("echo server"),
    ];
    for Memory { name, connection, input, output } in sides {
        writeln!(Console, "{name}: {connection} bytes, input {input}, output {output}")?;
    }
    Ok(())
}
