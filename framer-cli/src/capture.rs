//! Recorded networks: what each connection of a capture says.

mod packets;
mod stream;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;

use framer_runtime::protocol::Role;

use crate::Outcome;
use crate::error::Error;
use crate::wire::conversation::{Conversation, Layers, Spoken};
use crate::wire::event::Event;
use crate::wire::output::Output;
use crate::wire::pieces::Sizes;
use packets::{Packet, Packets, Transport};
use stream::{Arrived, Stream};

/// What is to be told of a capture.
pub(crate) struct Capture<'l> {
    /// What is spoken over TCP, and over UDP.
    pub(crate) stream: Option<Spoken>,
    pub(crate) datagram: Option<Spoken>,
    pub(crate) layers: &'l Layers,
    /// Where the servers listen; any connection, if it is not said.
    pub(crate) port: Option<u16>,
    pub(crate) sizes: Sizes,
}

/// Both ends of a connection, the client's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Ends {
    client: SocketAddr,
    server: SocketAddr,
    is_tcp: bool,
}

/// A connection of the capture.
struct Connection<'l> {
    number: usize,
    /// `None` when all of it has been told.
    conversation: Option<Conversation<'l>>,
    /// What the client and the server say.
    streams: [Stream; 2],
    /// The server answers from another port than it was asked at.
    moved: bool,
}

/// All connections.
struct Connections<'c, 'l> {
    capture: &'c Capture<'l>,
    all: HashMap<Ends, Connection<'l>>,
    /// In the order of their beginnings.
    order: Vec<Ends>,
    /// What clients have asked over UDP and got no answer to yet.
    asked: HashMap<SocketAddr, Ends>,
    count: usize,
    output: &'c mut Output,
}

impl Capture<'_> {
    /// Tells all that the capture at `path` holds.
    pub(crate) fn decode(&self, path: &Path, output: &mut Output) -> Result<Outcome, Error> {
        let mut packets = Packets::open(path)?;
        let mut connections = Connections {
            capture: self,
            all: HashMap::new(),
            order: Vec::new(),
            asked: HashMap::new(),
            count: 0,
            output,
        };
        packets.each(|packet| connections.packet(&packet))?;
        connections.finish()
    }

    /// Who is the client: who is named so by the port, or begins, or has the higher port.
    fn ends(&self, packet: &Packet<'_>) -> Option<(Ends, Role)> {
        let (from, to) = (packet.from, packet.to);
        let is_tcp = matches!(packet.transport, Transport::Tcp { .. });
        let to_server = match (self.port, &packet.transport) {
            (Some(port), _) if to.port() == port => true,
            (Some(port), _) if from.port() == port => false,
            (Some(_), _) => return None,
            (None, Transport::Tcp { begins: true, acknowledges, .. }) => !acknowledges,
            (None, _) => to.port() <= from.port(),
        };
        let (client, server) = if to_server { (from, to) } else { (to, from) };
        let role = if to_server { Role::First } else { Role::Second };
        Some((Ends { client, server, is_tcp }, role))
    }

    fn spoken(&self, is_tcp: bool) -> Option<Spoken> {
        if is_tcp { self.stream } else { self.datagram }
    }
}

impl<'l> Connections<'_, 'l> {
    fn packet(&mut self, packet: &Packet<'_>) -> Result<(), Error> {
        let Some((ends, from)) = self.ends(packet) else { return Ok(()) };
        let Some(spoken) = self.capture.spoken(ends.is_tcp) else { return Ok(()) };
        match packet.transport {
            Transport::Tcp { begins, acknowledges, ends: last, sequence } => {
                if begins && !acknowledges {
                    self.close(ends)?;
                }
                let place = usize::from(from == Role::Second);
                let connection = self.connection(ends, spoken)?;
                let stream = &mut connection.streams[place];
                stream.segment(sequence, begins, last, packet.payload);
                self.arrived(ends, from)
            }
            Transport::Udp => {
                match from {
                    Role::First => self.asked.insert(ends.client, ends),
                    Role::Second => self.asked.remove(&ends.client),
                };
                let connection = self.connection(ends, spoken)?;
                let number = connection.number;
                let Some(conversation) = &mut connection.conversation else { return Ok(()) };
                let events = conversation.datagram(from, packet.payload);
                self.tell(&events, number)
            }
        }
    }

    /// The connection that a packet is of, and who says it.
    fn ends(&mut self, packet: &Packet<'_>) -> Option<(Ends, Role)> {
        let is_tcp = matches!(packet.transport, Transport::Tcp { .. });
        // Who was taken for the client stays it.
        let said = Ends { client: packet.from, server: packet.to, is_tcp };
        let answered = Ends { client: packet.to, server: packet.from, is_tcp };
        if self.all.contains_key(&said) {
            return Some((said, Role::First));
        }
        let known = self.all.get(&answered).map(|connection| connection.moved);
        if !is_tcp && known != Some(false) && self.moves(answered) || known.is_some() {
            return Some((answered, Role::Second));
        }
        self.capture.ends(packet)
    }

    /// Whether a server answers what it was asked from a port that it was not asked at, as that of
    /// TFTP does: from then on it is spoken to there.
    fn moves(&mut self, to: Ends) -> bool {
        let asked = self.asked.get(&to.client).copied();
        let Some(before) = asked.filter(|asked| asked.server.ip() == to.server.ip()) else {
            return false;
        };
        let Some(connection) = self.all.remove(&before) else { return false };
        self.all.insert(to, Connection { moved: true, ..connection });
        for ends in self.order.iter_mut().filter(|ends| **ends == before) {
            *ends = to;
        }
        true
    }

    fn connection(&mut self, ends: Ends, spoken: Spoken) -> Result<&mut Connection<'l>, Error> {
        if !self.all.contains_key(&ends) {
            let number = self.count;
            self.count += 1;
            self.order.push(ends);
            let client = ends.client.to_string();
            let server = ends.server.to_string();
            self.output.event(&Event::Connection { client, server }, Some(number))?;
        }
        let number = self.count.saturating_sub(1);
        let layers = self.capture.layers;
        Ok(self.all.entry(ends).or_insert_with(|| Connection {
            number,
            conversation: Some(Conversation::new(spoken, layers, None)),
            streams: Default::default(),
            moved: false,
        }))
    }

    /// Tells what a segment has made whole.
    fn arrived(&mut self, ends: Ends, from: Role) -> Result<(), Error> {
        let Some(connection) = self.all.get_mut(&ends) else { return Ok(()) };
        let place = usize::from(from == Role::Second);
        let mut events = Vec::new();
        while let Some(arrived) = connection.streams[place].next() {
            let Some(conversation) = &mut connection.conversation else { continue };
            match arrived {
                Arrived::Bytes(bytes) => {
                    for piece in self.capture.sizes.cut(&bytes) {
                        events.extend(conversation.take_in(from, piece));
                    }
                    events.extend(conversation.poll());
                }
                Arrived::Missing(count) => events.extend(conversation.gap(from, count)),
            }
        }
        let number = connection.number;
        let over = connection.streams.iter().all(Stream::has_ended);
        self.tell(&events, number)?;
        if over { self.told(ends) } else { Ok(()) }
    }

    /// Tells how far a connection came that says no more.
    fn told(&mut self, ends: Ends) -> Result<(), Error> {
        let Some(connection) = self.all.get_mut(&ends) else { return Ok(()) };
        let number = connection.number;
        let Some(mut conversation) = connection.conversation.take() else { return Ok(()) };
        let events = conversation.finish();
        self.tell(&events, number)
    }

    /// A connection is over, whatever is missing of it.
    fn close(&mut self, ends: Ends) -> Result<(), Error> {
        for from in [Role::First, Role::Second] {
            if let Some(connection) = self.all.get_mut(&ends) {
                connection.streams[usize::from(from == Role::Second)].give_up();
                self.arrived(ends, from)?;
            }
        }
        if ends.is_tcp {
            self.told(ends)?;
        }
        self.all.remove(&ends);
        Ok(())
    }

    fn finish(mut self) -> Result<Outcome, Error> {
        for ends in std::mem::take(&mut self.order) {
            self.close(ends)?;
        }
        Ok(self.output.outcome())
    }

    fn tell(&mut self, events: &[Event], number: usize) -> Result<(), Error> {
        events.iter().try_for_each(|event| self.output.event(event, Some(number)))
    }
}
