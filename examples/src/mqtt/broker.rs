//! Who wants what.

use std::collections::{BTreeMap, HashMap};

use tokio::sync::mpsc::Sender;

/// A message, as it was said.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
    pub(super) quality: u8,
    pub(super) retain: bool,
}

#[derive(Debug)]
struct Client {
    name: String,
    send: Sender<Message>,
    /// What it wants, and how well.
    filters: Vec<(String, u8)>,
}

/// The clients and the retained messages.
#[derive(Debug, Default)]
pub struct Broker {
    clients: HashMap<u64, Client>,
    retained: BTreeMap<String, Message>,
    last: u64,
}

impl Broker {
    /// Takes a client in; an earlier one of the same name is told no more.
    pub(super) fn join(&mut self, name: &str, send: Sender<Message>) -> u64 {
        self.clients.retain(|_, client| name.is_empty() || client.name != name);
        self.last += 1;
        self.clients.insert(self.last, Client { name: name.to_owned(), send, filters: Vec::new() });
        self.last
    }

    pub(super) fn leave(&mut self, id: u64) {
        self.clients.remove(&id);
    }

    /// Tells everyone who wants it. Who does not read for long loses messages.
    pub(super) fn publish(&mut self, message: Message) {
        for client in self.clients.values() {
            let wanted =
                client.filters.iter().filter(|(filter, _)| matches(filter, &message.topic));
            let Some(quality) = wanted.map(|(_, quality)| *quality).max() else { continue };
            let quality = quality.min(message.quality);
            let _ = client.send.try_send(Message { quality, retain: false, ..message.clone() });
        }
        if message.retain && message.payload.is_empty() {
            self.retained.remove(&message.topic);
        } else if message.retain {
            self.retained.insert(message.topic.clone(), message);
        }
    }

    /// A client wants messages from now on, and the retained ones now.
    pub(super) fn subscribe(&mut self, id: u64, filter: &str, quality: u8) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        client.filters.retain(|(other, _)| other != filter);
        client.filters.push((filter.to_owned(), quality));
        for message in self.retained.values().filter(|message| matches(filter, &message.topic)) {
            let quality = quality.min(message.quality);
            let _ = client.send.try_send(Message { quality, ..message.clone() });
        }
    }

    pub(super) fn unsubscribe(&mut self, id: u64, filter: &str) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.filters.retain(|(other, _)| other != filter);
        }
    }
}

/// Whether a topic is one that the filter means (section 4.7): `+` is any level, `#` any that are
/// left; neither means what begins with `$`.
fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') != filter.starts_with('$') {
        return false;
    }
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        match (wanted, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (wanted, Some(level)) if wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn filters() {
        // MQTT 3.1.1, section 4.7.1.
        let player = "sport/tennis/player1";
        for (filter, topic, wanted) in [
            ("sport/tennis/player1/#", player, true),
            ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true),
            ("sport/#", "sport", true),
            ("sport/tennis/+", player, true),
            ("sport/tennis/+", "sport/tennis/player1/ranking", false),
            ("sport/+", "sport", false),
            ("sport/+", "sport/", true),
            ("+/+", "/finance", true),
            ("/+", "/finance", true),
            ("+", "/finance", false),
            ("#", "$SYS/monitor", false),
            ("$SYS/#", "$SYS/monitor", true),
        ] {
            assert_eq!(matches(filter, topic), wanted, "{filter} {topic}");
        }
    }
}
