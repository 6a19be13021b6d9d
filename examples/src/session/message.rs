//! The message on its way in.

use std::io::{self, ErrorKind};

use framer_protocols::smtp::Bdat;

use super::{Answer, Chunk, Session};
use crate::lines::FromWire;
use crate::maildir::Draft;

/// A message on its way in.
pub(super) struct Message {
    /// `None` once it cannot be accepted any more.
    draft: Option<Draft>,
    /// Why it cannot.
    failed: Option<Failed>,
    lines: FromWire,
    bytes: u64,
    file: Vec<u8>,
}

/// A code and a text that is always the same.
type Failed = (u16, &'static str);

impl Message {
    /// One whose draft has begun, or why it has not.
    fn new(begun: Result<Draft, Failed>) -> Box<Message> {
        let (draft, failed) = match begun {
            Ok(draft) => (Some(draft), None),
            Err(failed) => (None, Some(failed)),
        };
        let lines = FromWire::default();
        Box::new(Message { draft, failed, lines, bytes: 0, file: Vec::new() })
    }

    fn fail(&mut self, (code, text): Failed) {
        self.failed.get_or_insert((code, text));
        self.draft = None;
    }
}

/// What is said of a message that the system does not store. Only of what would never fit it is
/// said that it is not to be tried again.
fn not_stored(error: &io::Error) -> Failed {
    eprintln!("smtpd: {error}");
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => (452, "4.3.1 no room for the message"),
        ErrorKind::FileTooLarge => (552, "5.3.4 longer than this server stores"),
        _ => (451, "4.3.0 cannot store the message"),
    }
}

impl Session {
    /// Whether the message may come: `354` if so.
    pub(super) async fn data(&mut self) -> Answer {
        let (code, text) = match self.begin().await {
            Ok(draft) => {
                self.message = Some(Message::new(Ok(draft)));
                (354, "end with a lone dot")
            }
            Err(answer) => answer,
        };
        (code, text.to_owned())
    }

    async fn begin(&mut self) -> Result<Draft, Failed> {
        if self.recipients == 0 {
            return Err((554, "5.5.1 no recipients"));
        }
        self.offer.maildir.begin().await.map_err(|error| not_stored(&error))
    }

    /// A chunk follows. What is wrong with it is said behind it.
    pub(super) async fn begin_chunk(&mut self, bdat: Bdat, refused: bool) {
        self.chunk = Some(Chunk { last: bdat.last, refused });
        if !refused && self.message.is_none() {
            // Without a place to store it, the chunk is read and thrown away, and so are those
            // behind it: a message is not stored without its beginning.
            self.message = Some(Message::new(self.begin().await));
        }
    }

    /// Stores a part of the message.
    pub(super) async fn part(&mut self, part: &[u8]) {
        let Some(message) = &mut self.message else { return };
        message.bytes = message.bytes.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        if message.bytes > self.offer.max_message_bytes {
            message.fail((552, "5.3.4 longer than this server takes"));
        }
        message.file.clear();
        message.lines.piece(part, &mut message.file);
        if let Some(draft) = &mut message.draft
            && let Err(error) = draft.write(&message.file).await
        {
            message.fail(not_stored(&error));
        }
    }

    /// The answer to a chunk.
    pub(super) async fn end_chunk(&mut self) -> Answer {
        let (code, text) = match (self.chunk.take(), &self.message) {
            (Some(Chunk { refused: true, .. }), _) | (_, None) => (503, "5.5.1 not now"),
            (Some(Chunk { last: true, .. }), Some(_)) => return self.accept().await,
            (_, Some(message)) => message.failed.unwrap_or((250, "2.0.0 chunk taken")),
        };
        (code, text.to_owned())
    }

    /// Stores the message for good; only then it is accepted.
    pub(super) async fn accept(&mut self) -> Answer {
        self.recipients = 0;
        let Some(mut message) = self.message.take() else {
            return (451, "4.3.0 cannot store messages".to_owned());
        };
        if message.lines.bare() {
            message.fail((554, "5.6.0 a CR or LF stands alone"));
        }
        let failed = match message.draft.take() {
            Some(draft) => draft.keep().await.err(),
            None => None,
        };
        if let Some(error) = failed {
            message.fail(not_stored(&error));
        }
        let (code, text) = message.failed.unwrap_or((250, "2.0.0 message accepted"));
        (code, text.to_owned())
    }
}
