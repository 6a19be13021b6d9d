//! Messages in memory.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{Word, set, text};

/// A message of a mailbox.
#[derive(Clone, Debug)]
pub(super) struct Message {
    uid: u32,
    flags: BTreeSet<String>,
    body: Vec<u8>,
}

/// The messages of a mailbox.
#[derive(Clone, Debug, Default)]
pub(super) struct Mailbox {
    messages: Vec<Message>,
    next_uid: u32,
}

/// All mailboxes, by their names.
pub(super) type Mailboxes = BTreeMap<String, Mailbox>;

/// A part of a response: text, or a literal.
pub(super) enum Part {
    Text(String),
    Literal(Vec<u8>),
}

impl Mailbox {
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// A message at the end; its unique number.
    pub(super) fn append(&mut self, flags: BTreeSet<String>, body: Vec<u8>) -> u32 {
        self.next_uid += 1;
        self.messages.push(Message { uid: self.next_uid, flags, body });
        self.next_uid
    }

    /// The places of the messages of a set, counted from 1.
    pub(super) fn places(&self, wanted: &str, uid: bool) -> Vec<usize> {
        let last = self.messages.last().map_or(0, |message| message.uid);
        let count = u32::try_from(self.len()).expect("few");
        let wanted = set(wanted, if uid { last } else { count });
        let numbered = self.messages.iter().zip(1_u32..).enumerate();
        let found = numbered.filter(|(_, (of, place))| wanted(if uid { of.uid } else { *place }));
        found.map(|(place, _)| place).collect()
    }

    /// What is asked about the message at a place.
    pub(super) fn fetch(&self, place: usize, items: &[Word], uid: bool) -> Vec<Part> {
        let message = &self.messages[place];
        let mut parts = vec![Part::Text(format!("{} FETCH (", place + 1))];
        let mut items: Vec<String> = items.iter().map(|item| text(Some(item))).collect();
        items.retain(|item| !item.is_empty());
        if uid && !items.iter().any(|item| item == "UID") {
            items.insert(0, "UID".to_owned());
        }
        for (number, item) in items.iter().enumerate() {
            if number > 0 {
                parts.push(Part::Text(" ".to_owned()));
            }
            let flags: Vec<&str> = message.flags.iter().map(String::as_str).collect();
            match item.to_ascii_uppercase().as_str() {
                "UID" => parts.push(Part::Text(format!("UID {}", message.uid))),
                "FLAGS" => parts.push(Part::Text(format!("FLAGS ({})", flags.join(" ")))),
                "RFC822.SIZE" => {
                    parts.push(Part::Text(format!("RFC822.SIZE {}", message.body.len())));
                }
                body => {
                    parts.push(Part::Text(format!("{} ", body.replace(".PEEK", ""))));
                    parts.push(Part::Literal(message.body.clone()));
                }
            }
        }
        parts.push(Part::Text(")".to_owned()));
        parts
    }

    /// Adds flags, takes them away or sets them.
    pub(super) fn store(&mut self, place: usize, how: &str, flags: &[Word]) {
        let names = flags.iter().map(|flag| text(Some(flag))).filter(|flag| !flag.is_empty());
        let of = &mut self.messages[place].flags;
        match how.as_bytes().first() {
            Some(b'+') => of.extend(names),
            Some(b'-') => {
                let names: BTreeSet<String> = names.collect();
                of.retain(|flag| !names.contains(flag));
            }
            _ => *of = names.collect(),
        }
    }

    /// The numbers of the messages that hold a text.
    pub(super) fn search(&self, wanted: &[u8], uid: bool) -> Vec<String> {
        let holds = |body: &[u8]| {
            wanted.is_empty() || body.windows(wanted.len()).any(|part| part == wanted)
        };
        let numbered = self.messages.iter().zip(1_u32..).filter(|(of, _)| holds(&of.body));
        numbered.map(|(of, place)| if uid { of.uid } else { place }.to_string()).collect()
    }

    /// Takes one marked message away; its place, counted from 1.
    pub(super) fn expunge(&mut self) -> Option<usize> {
        let marked = |message: &Message| message.flags.contains("\\Deleted");
        let place = self.messages.iter().position(marked)?;
        self.messages.remove(place);
        Some(place + 1)
    }
}
