//! Bytes to be sent.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::write::Out;

/// What an empty output may keep of its memory, in bytes.
const KEPT_BYTES: usize = 1024;

/// Bytes that wait to be sent, with a limit.
#[derive(Clone, Debug)]
pub struct Output {
    /// Nothing where nothing has been said yet, or nothing is for a while.
    held: Option<Box<Held>>,
    limit: usize,
    peak: usize,
}

#[derive(Clone, Debug, Default)]
struct Held {
    buffer: Vec<u8>,
    /// How much of it was sent.
    start: usize,
}

impl Output {
    /// Nothing to be sent. Once `limit_bytes` wait, no further message is taken; the last one
    /// taken may go beyond by its own length.
    #[must_use]
    pub const fn new(limit_bytes: usize) -> Output {
        Output { held: None, limit: limit_bytes, peak: 0 }
    }

    /// What is to be sent next.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        self.held.as_deref().and_then(|held| held.buffer.get(held.start..)).unwrap_or_default()
    }

    /// The limit in bytes.
    #[must_use]
    pub const fn limit_bytes(&self) -> usize {
        self.limit
    }

    /// Whether the limit is reached.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.pending().len() >= self.limit
    }

    /// The most memory that was held at once, in bytes.
    #[must_use]
    pub const fn peak_bytes(&self) -> usize {
        self.peak
    }

    /// So many bytes of [`Output::pending`] were sent.
    pub fn transmitted(&mut self, count: usize) {
        let Some(held) = &mut self.held else { return };
        held.start = held.start.saturating_add(count).min(held.buffer.len());
        if held.start == held.buffer.len() {
            held.start = 0;
            held.buffer.clear();
            if held.buffer.capacity() > KEPT_BYTES {
                held.buffer = Vec::new();
            }
        }
    }

    /// Nothing is to be sent for a while: gives its memory back.
    #[cfg(feature = "tokio")]
    pub(crate) fn rest(&mut self) {
        if self.pending().is_empty() {
            self.held = None;
        }
    }

    /// Lets `write` append to what is to be sent.
    pub(crate) fn append<T>(&mut self, write: impl FnOnce(&mut Out<'_>) -> T) -> T {
        let Held { buffer, start } = &mut **self.held.get_or_insert_default();
        // What has been sent makes room, once it is most of the buffer.
        if *start > buffer.len() / 2 {
            buffer.drain(..*start);
            *start = 0;
        }
        let done = write(&mut Out::from(&mut *buffer));
        self.peak = self.peak.max(buffer.capacity());
        done
    }
}

#[cfg(test)]
mod tests {
    use super::Output;

    #[test]
    fn what_is_sent_makes_room() {
        let mut output = Output::new(8);
        output.append(|out| out.extend_from_slice(b"250 ok\r\n"));
        assert!(output.is_full());
        output.transmitted(5);
        assert!(!output.is_full());
        output.append(|out| out.extend_from_slice(b"221"));
        assert_eq!(output.pending(), b"k\r\n221");
        output.transmitted(9);
        assert_eq!(output.pending(), b"");
        output.append(|out| out.fill(4096, 0));
        output.transmitted(4096);
        assert_eq!(output.held.as_ref().map(|held| held.buffer.capacity()), Some(0));
        assert_eq!(output.peak_bytes(), 4096);
    }
}
