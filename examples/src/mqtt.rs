//! A small MQTT broker: no sessions are kept, and no message but the retained ones.

mod broker;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use framer_protocols::mqtt::server::{Event, Message as Said};
use framer_protocols::mqtt::{
    self, ConnAck, ConnAck5, Connect, Filter, Granted, PingResp, PingResp5, Properties, Property,
    PubAck, PubAck5, PubComp, PubComp5, PubRec, PubRec5, PubRel, PubRel5, Publish, Publish5,
    SubAck, SubAck5, Text, UnsubAck, UnsubAck5,
};
use framer_runtime::Error;
use framer_runtime::machine::Machine as _;
use framer_runtime::net::Stream;
use framer_runtime::tokio::Connection;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{Instant, sleep_until};

pub use broker::Broker;
use broker::Message;

/// How many messages may wait for a client that does not read.
const WAITING: usize = 10_000;
/// How many may be on their way to it.
const ON_THE_WAY: usize = 512;
const NONE: Properties<'_> = Properties { items: framer_runtime::list::List::wire(&[], 0) };

/// Serves one client until it leaves.
///
/// # Errors
/// Whatever ends the connection before.
pub async fn session(socket: Stream, broker: Arc<Mutex<Broker>>) -> Result<(), Error> {
    let mut connection = Connection::new(socket, mqtt::Server::new());
    let Some((Event::Connect(connect), mut reply)) = connection.next().await? else {
        return Ok(());
    };
    let (send, inbox) = channel(WAITING);
    let id = lock(&broker).join(connect.client.text, send);
    let mut client = Client {
        five: connect.level == 5,
        id,
        broker,
        will: will(&connect),
        silence: match connect.keep_alive {
            0 => None,
            seconds => Some(Duration::from_secs(u64::from(seconds)) * 3 / 2),
        },
        window: window(&connect).min(ON_THE_WAY),
        halfway: HashSet::new(),
        next: 0,
    };
    match client.five {
        true => reply.send(ConnAck5::new(false, 0, NONE))?,
        false => reply.send(ConnAck::new(false, 0))?,
    }
    let ended = client.serve(&mut connection, inbox).await;
    let mut broker = lock(&client.broker);
    broker.leave(client.id);
    if let Some(will) = client.will.take() {
        broker.publish(will);
    }
    ended
}

fn lock(broker: &Mutex<Broker>) -> std::sync::MutexGuard<'_, Broker> {
    broker.lock().unwrap_or_else(PoisonError::into_inner)
}

fn will(connect: &Connect<'_>) -> Option<Message> {
    let will = connect.will?;
    Some(Message {
        topic: will.topic.text.to_owned(),
        payload: will.payload.data.to_vec(),
        quality: connect.will_quality,
        retain: connect.will_retain,
    })
}

/// How many messages the client takes at once (5.0, section 3.1.2.11.3).
fn window(connect: &Connect<'_>) -> usize {
    let properties = connect.properties.unwrap_or_default().items;
    let said = properties.iter().find_map(|property| match property {
        Property::ReceiveMaximum(maximum) => Some(usize::from(maximum.count)),
        _ => None,
    });
    said.unwrap_or(usize::MAX)
}

/// One client, and what is known of it.
struct Client {
    five: bool,
    id: u64,
    broker: Arc<Mutex<Broker>>,
    /// What is said when it is lost.
    will: Option<Message>,
    /// How long it may say nothing.
    silence: Option<Duration>,
    /// How many messages may be on their way to it.
    window: usize,
    /// The numbers of messages that came, exactly once, and are not done.
    halfway: HashSet<u16>,
    /// The number of the last message to it.
    next: u16,
}

impl Client {
    async fn serve(
        &mut self,
        connection: &mut Connection<Stream, mqtt::Server>,
        mut inbox: Receiver<Message>,
    ) -> Result<(), Error> {
        let mut heard = Instant::now();
        loop {
            let room = connection.machine().engine().session().outstanding() < self.window;
            let lost = heard + self.silence.unwrap_or(Duration::from_secs(1 << 30));
            tokio::select! {
                turn = connection.next() => {
                    heard = Instant::now();
                    let Some((event, mut reply)) = turn? else { return Ok(()) };
                    if !self.heard(event, |said| reply.send(said))? {
                        return Ok(());
                    }
                }
                Some(message) = inbox.recv(), if room => {
                    let id = (message.quality > 0).then(|| self.number());
                    connection.send(self.publish(&message, id)).await?;
                }
                () = sleep_until(lost) => return Ok(()),
            }
        }
    }

    /// Does what a packet asks for; whether the client stays.
    fn heard(
        &mut self,
        event: Event<'_>,
        mut reply: impl FnMut(Said<'_>) -> Result<(), framer_runtime::violation::Misuse>,
    ) -> Result<bool, Error> {
        match event {
            Event::Publish(Publish { quality, retain, topic, id, payload, .. })
            | Event::Publish5(Publish5 { quality, retain, topic, id, payload, .. }) => {
                // What is exactly once and halfway has been published.
                if quality < 2 || id.is_some_and(|id| self.halfway.insert(id)) {
                    lock(&self.broker).publish(Message {
                        topic: topic.text.to_owned(),
                        payload: payload.to_vec(),
                        quality,
                        retain,
                    });
                }
                match (quality, id, self.five) {
                    (1, Some(id), false) => reply(PubAck::new(id).into())?,
                    (1, Some(id), true) => reply(PubAck5::new(id).into())?,
                    (2, Some(id), false) => reply(PubRec::new(id).into())?,
                    (2, Some(id), true) => reply(PubRec5::new(id).into())?,
                    _ => {}
                }
            }
            Event::PubRel(PubRel { id }) => {
                self.halfway.remove(&id);
                reply(PubComp::new(id).into())?;
            }
            Event::PubRel5(PubRel5 { id, .. }) => {
                self.halfway.remove(&id);
                reply(PubComp5::new(id).into())?;
            }
            Event::PubRec(PubRec { id }) => reply(PubRel::new(id).into())?,
            Event::PubRec5(PubRec5 { id, outcome: None }) => reply(PubRel5::new(id).into())?,
            Event::PubRec5(PubRec5 { id, outcome: Some(outcome) }) if outcome.code < 128 => {
                reply(PubRel5::new(id).into())?;
            }
            Event::Subscribe(subscribe) => {
                let granted = |filter: Filter<'_>| match filter.quality {
                    0 => Granted::AtMostOnce,
                    1 => Granted::AtLeastOnce,
                    _ => Granted::ExactlyOnce,
                };
                let codes: Vec<Granted> = subscribe.filters.iter().map(granted).collect();
                reply(SubAck { id: subscribe.id, codes: (&codes).into() }.into())?;
                for filter in subscribe.filters {
                    lock(&self.broker).subscribe(self.id, filter.topic.text, filter.quality);
                }
            }
            Event::Subscribe5(subscribe) => {
                let codes: Vec<u8> =
                    subscribe.filters.iter().map(|filter| filter.quality).collect();
                reply(
                    SubAck5 { id: subscribe.id, properties: NONE, codes: (&codes).into() }.into(),
                )?;
                for filter in subscribe.filters {
                    lock(&self.broker).subscribe(self.id, filter.topic.text, filter.quality);
                }
            }
            Event::Unsubscribe(unsubscribe) => {
                self.unsubscribe(unsubscribe.filters.iter());
                reply(UnsubAck::new(unsubscribe.id).into())?;
            }
            Event::Unsubscribe5(unsubscribe) => {
                self.unsubscribe(unsubscribe.filters.iter());
                let codes = vec![0; unsubscribe.filters.len()];
                let id = unsubscribe.id;
                reply(UnsubAck5 { id, properties: NONE, codes: (&codes).into() }.into())?;
            }
            Event::PingReq(_) => reply(PingResp.into())?,
            Event::PingReq5(_) => reply(PingResp5.into())?,
            Event::Disconnect(_) => {
                self.will = None;
                return Ok(false);
            }
            Event::Disconnect5(disconnect) => {
                // 4: with its will.
                if disconnect.outcome.is_none_or(|outcome| outcome.code != 4) {
                    self.will = None;
                }
                return Ok(false);
            }
            // A second first packet, or authentication, which is not offered.
            Event::Connect(_) | Event::Auth5(_) => return Ok(false),
            Event::PubAck(_) | Event::PubAck5(_) | Event::PubRec5(_) => {}
            Event::PubComp(_) | Event::PubComp5(_) => {}
        }
        Ok(true)
    }

    fn unsubscribe<'a>(&self, filters: impl Iterator<Item = Text<'a>>) {
        for filter in filters {
            lock(&self.broker).unsubscribe(self.id, filter.text);
        }
    }

    /// A number for the next message; those on their way are far fewer than there are numbers.
    fn number(&mut self) -> u16 {
        self.next = self.next.checked_add(1).unwrap_or(1);
        self.next
    }

    fn publish<'m>(&self, message: &'m Message, id: Option<u16>) -> Said<'m> {
        let (quality, retain) = (message.quality, message.retain);
        let (topic, payload) = (Text::new(&message.topic), message.payload.as_slice());
        match self.five {
            false => Publish { dup: false, quality, retain, topic, id, payload }.into(),
            true => Publish5 { dup: false, quality, retain, topic, id, properties: NONE, payload }
                .into(),
        }
    }
}
