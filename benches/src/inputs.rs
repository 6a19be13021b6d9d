//! What the works are done on: the same bytes in every run.

mod values;

pub(crate) use values::{
    Answer, Message, Said, answered, answers, lengths, messages, registers, replies, said,
};

/// Sebastiano Vigna's generator, which needs nothing but a number to go on.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    pub(crate) fn new(seed: u64) -> SplitMix64 {
        SplitMix64(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, self.below(place + 1));
        }
    }

    /// Bytes that may be anything.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }

    /// So many characters of `a` to `z` and `0` to `5`.
    pub(crate) fn word(&mut self, low: usize, high: usize) -> String {
        let count = self.between(low, high);
        (0..count)
            .map(|_| char::from(b"abcdefghijklmnopqrstuvwxyz012345"[self.below(32)]))
            .collect()
    }

    pub(crate) fn domain(&mut self) -> String {
        let top = [".com", ".org", ".net", ".io", ".co.uk"];
        format!("{}.{}{}", self.word(3, 9), self.word(4, 10), top[self.below(top.len())])
    }
}

/// What mail clients say, line by line.
pub(crate) fn mail_lines(bytes: usize) -> Vec<u8> {
    let mut random = SplitMix64::new(42);
    let mut out = Vec::with_capacity(bytes + 200);
    while out.len() < bytes {
        out.extend_from_slice(Said::any(&mut random).line().as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Frames with a length of four bytes before so many.
pub(crate) fn sized(bytes: usize, size: usize) -> Vec<u8> {
    let mut random = SplitMix64::new(42);
    let mut out = Vec::with_capacity(bytes + size);
    while out.len() < bytes {
        out.extend_from_slice(&u32::try_from(size).expect("it is small").to_be_bytes());
        out.extend_from_slice(&random.bytes(size));
    }
    out
}

/// A message as it stands after DATA, its end too: lines of 40 to 76 characters, of which one in
/// twenty begins with a dot.
pub(crate) fn message(bytes: usize) -> Vec<u8> {
    let mut random = SplitMix64::new(42);
    let mut out = Vec::with_capacity(bytes + 100);
    while out.len() < bytes {
        if random.below(20) == 0 {
            out.extend_from_slice(b"..");
        }
        out.extend_from_slice(random.word(40, 76).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

/// `SET` of keys of 4 to 16 characters behind `key:`, to values of 8 to 120.
pub(crate) fn commands(bytes: usize) -> Vec<u8> {
    let mut random = SplitMix64::new(42);
    let mut out = Vec::with_capacity(bytes + 200);
    while out.len() < bytes {
        let (key, value) = (format!("key:{}", random.word(4, 16)), random.word(8, 120));
        let head = format!("*3\r\n$3\r\nSET\r\n${}\r\n{key}\r\n", key.len());
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(format!("${}\r\n{value}\r\n", value.len()).as_bytes());
    }
    out
}

/// Queries for the address of a name of 2 to 4 labels.
pub(crate) fn queries(count: usize) -> Vec<Vec<u8>> {
    let mut random = SplitMix64::new(42);
    let one = |_| {
        let mut out = (random.next() as u16).to_be_bytes().to_vec();
        out.extend_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        for _ in 0..random.between(2, 4) {
            let label = random.word(3, 12);
            out.push(u8::try_from(label.len()).expect("it is short"));
            out.extend_from_slice(label.as_bytes());
        }
        out.extend_from_slice(&[0, 0, 1, 0, 1]);
        out
    };
    (0..count).map(one).collect()
}

/// The same as [`messages`], on the wire.
pub(crate) fn publishes(count: usize) -> Vec<Vec<u8>> {
    messages(count).iter().map(published).collect()
}

fn published(message: &Message) -> Vec<u8> {
    let mut body = u16::try_from(message.topic.len()).expect("it is short").to_be_bytes().to_vec();
    body.extend_from_slice(message.topic.as_bytes());
    if let Some(id) = message.id {
        body.extend_from_slice(&id.to_be_bytes());
    }
    body.extend_from_slice(&message.payload);
    let mut out = vec![if message.id.is_some() { 0x32 } else { 0x30 }];
    let size = body.len();
    if size >= 128 {
        out.push(u8::try_from(size % 128).expect("it is small") | 0x80);
        out.push(u8::try_from(size / 128).expect("it is small"));
    } else {
        out.push(u8::try_from(size).expect("it is small"));
    }
    out.extend_from_slice(&body);
    out
}

/// Frames of random bytes in COBS, each behind the other.
pub(crate) fn cobs(bytes: usize, size: usize) -> Vec<u8> {
    let mut random = SplitMix64::new(42);
    let mut out = Vec::with_capacity(bytes + 2 * size);
    while out.len() < bytes {
        out.extend_from_slice(&::cobs::encode_vec(&random.bytes(size)));
        out.push(0);
    }
    out
}

/// Frames of random bytes in SLIP, each with an end behind it.
pub(crate) fn slip(bytes: usize, size: usize) -> Vec<u8> {
    let mut random = SplitMix64::new(42);
    let mut out = Vec::with_capacity(bytes + 2 * size);
    while out.len() < bytes {
        for byte in random.bytes(size) {
            match byte {
                0xc0 => out.extend_from_slice(&[0xdb, 0xdc]),
                0xdb => out.extend_from_slice(&[0xdb, 0xdd]),
                byte => out.push(byte),
            }
        }
        out.push(0xc0);
    }
    out
}

/// Binary messages of a client of WebSocket, random bytes under a random key, one frame each.
pub(crate) fn masked(bytes: usize, size: usize) -> Vec<u8> {
    let mut random = SplitMix64::new(42);
    let mut out = Vec::with_capacity(bytes + 2 * size);
    while out.len() < bytes {
        out.push(0x82);
        match size {
            ..126 => out.push(0x80 | size as u8),
            126..0x1_0000 => {
                out.push(0x80 | 126);
                out.extend_from_slice(&(size as u16).to_be_bytes());
            }
            _ => {
                out.push(0x80 | 127);
                out.extend_from_slice(&(size as u64).to_be_bytes());
            }
        }
        // A payload of random bytes is one under any key.
        out.extend_from_slice(&random.bytes(4 + size));
    }
    out
}

/// Lines of so many characters.
pub(crate) fn long_lines(bytes: usize, size: usize) -> Vec<u8> {
    let mut random = SplitMix64::new(42);
    let mut out = Vec::with_capacity(bytes + 2 * size);
    while out.len() < bytes {
        out.extend_from_slice(random.word(size, size).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Replies of RESP, each of so many strings of so many characters.
pub(crate) fn arrays(replies: usize, count: usize, size: usize) -> Vec<u8> {
    let mut random = SplitMix64::new(42);
    let mut out = Vec::new();
    for _ in 0..replies {
        out.extend_from_slice(format!("*{count}\r\n").as_bytes());
        for _ in 0..count {
            out.extend_from_slice(format!("${size}\r\n").as_bytes());
            out.extend_from_slice(random.word(size, size).as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }
    out
}
