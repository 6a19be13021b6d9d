//! What frames are made of, for who encodes them.

use super::SplitMix64;

/// What a mail client says.
#[derive(Debug)]
pub(crate) enum Said {
    Mail { local: String, domain: String, size: u64 },
    Rcpt { local: String, domain: String },
    Ehlo(String),
    Data,
    Rset,
    Noop,
    Plain(String),
}

impl Said {
    pub(super) fn any(random: &mut SplitMix64) -> Said {
        match random.below(100) {
            0..40 => {
                let (local, size) = (random.word(3, 8), random.below(1_000_000) as u64);
                Said::Mail { local, domain: random.domain(), size }
            }
            40..80 => {
                let local = format!("{}.{}", random.word(3, 8), random.word(3, 7));
                Said::Rcpt { local, domain: random.domain() }
            }
            80..86 => Said::Ehlo(random.domain()),
            86..90 => Said::Data,
            90..94 => Said::Rset,
            94..96 => Said::Noop,
            _ => Said::Plain(random.word(30, 70)),
        }
    }

    /// The line, without its end.
    pub(super) fn line(&self) -> String {
        match self {
            Said::Mail { local, domain, size } => {
                format!("MAIL FROM:<{local}@{domain}> SIZE={size}")
            }
            Said::Rcpt { local, domain } => format!("RCPT TO:<{local}@{domain}>"),
            Said::Ehlo(domain) => format!("EHLO {domain}"),
            Said::Data => "DATA".to_owned(),
            Said::Rset => "RSET".to_owned(),
            Said::Noop => "NOOP".to_owned(),
            Said::Plain(initial) => format!("AUTH PLAIN {initial}"),
        }
    }
}

/// So many things that mail clients say.
pub(crate) fn said(count: usize) -> Vec<Said> {
    let mut random = SplitMix64::new(42);
    (0..count).map(|_| Said::any(&mut random)).collect()
}

/// Codes of SMTP with their texts, some with a status in detail.
pub(crate) fn replies(count: usize) -> Vec<(u16, String)> {
    let mut random = SplitMix64::new(42);
    let one = |_| match random.below(10) {
        0..3 => (250, "2.1.0 Sender ok".to_owned()),
        3..6 => (250, format!("2.1.5 <{}@{}> recipient ok", random.word(3, 8), random.domain())),
        6 => (354, "Start mail input; end with <CRLF>.<CRLF>".to_owned()),
        7 => (250, format!("2.0.0 Ok: queued as {}", random.word(10, 12))),
        8 => (250, "ok".to_owned()),
        _ => (550, "5.1.1 No such mailbox here".to_owned()),
    };
    (0..count).map(one).collect()
}

/// What a server of RESP answers.
#[derive(Debug)]
pub(crate) enum Answer {
    Done,
    Number(i64),
    Bulk(Vec<u8>),
    Nothing,
    Several(Vec<Vec<u8>>),
}

impl Answer {
    pub(super) fn any(random: &mut SplitMix64) -> Answer {
        let bulk = |random: &mut SplitMix64| random.word(16, 128).into_bytes();
        match random.below(100) {
            0..40 => Answer::Done,
            40..60 => Answer::Number(random.below(1_000_000) as i64),
            60..90 => Answer::Bulk(bulk(random)),
            90..95 => Answer::Nothing,
            _ => Answer::Several((0..random.between(2, 8)).map(|_| bulk(random)).collect()),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let bulk = |data: &[u8], out: &mut Vec<u8>| {
            out.extend_from_slice(format!("${}\r\n", data.len()).as_bytes());
            out.extend_from_slice(data);
            out.extend_from_slice(b"\r\n");
        };
        match self {
            Answer::Done => out.extend_from_slice(b"+OK\r\n"),
            Answer::Number(number) => out.extend_from_slice(format!(":{number}\r\n").as_bytes()),
            Answer::Bulk(data) => bulk(data, out),
            Answer::Nothing => out.extend_from_slice(b"$-1\r\n"),
            Answer::Several(all) => {
                out.extend_from_slice(format!("*{}\r\n", all.len()).as_bytes());
                all.iter().for_each(|data| bulk(data, out));
            }
        }
    }
}

/// 40% done, 20% numbers, 30% strings of 16 to 128 bytes, 5% nothing, 5% arrays of 2 to 8 strings.
pub(crate) fn answers(count: usize) -> Vec<Answer> {
    let mut random = SplitMix64::new(42);
    (0..count).map(|_| Answer::any(&mut random)).collect()
}

/// The same, on the wire.
pub(crate) fn answered(count: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for answer in answers(count) {
        answer.write(&mut out);
    }
    out
}

/// A number, the first register that is asked for, and how many are.
pub(crate) fn registers(count: usize) -> Vec<[u16; 3]> {
    let mut random = SplitMix64::new(42);
    let one = |_| {
        let (number, first) = (random.next() as u16, random.next() as u16);
        [number, first, 1 + random.next() as u16 % 125]
    };
    (0..count).map(one).collect()
}

/// A message of MQTT.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) topic: String,
    /// Of one that is to be acknowledged.
    pub(crate) id: Option<u16>,
    pub(crate) payload: Vec<u8>,
}

/// Messages, 70% without an acknowledgement: a topic of three parts, 32 to 96 bytes of payload.
pub(crate) fn messages(count: usize) -> Vec<Message> {
    let mut random = SplitMix64::new(42);
    let one = |_| {
        let topic = [random.word(4, 8), random.word(4, 8), random.word(4, 8)].join("/");
        let id = (random.below(10) >= 7)
            .then(|| u16::try_from(random.between(1, 65535)).expect("it is in range"));
        let size = random.between(32, 96);
        Message { topic, id, payload: random.bytes(size) }
    };
    (0..count).map(one).collect()
}

/// How long files are.
pub(crate) fn lengths(count: usize) -> Vec<u64> {
    let mut random = SplitMix64::new(42);
    (0..count).map(|_| random.next() >> random.between(40, 60)).collect()
}
