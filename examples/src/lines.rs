//! Line endings: CRLF on the wire, LF in files.

/// Turns the CRLF of the wire into the LF of a file, in pieces of any size.
///
/// A CR or LF of its own is not text (RFC 5321 section 2.3.8), and a message with one is not to
/// be kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct FromWire {
    after_cr: bool,
    bare: bool,
}

impl FromWire {
    /// Appends the next piece of a message to `out`.
    pub fn piece(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        for byte in piece {
            self.bare |= self.after_cr != (*byte == b'\n');
            self.after_cr = *byte == b'\r';
            if *byte != b'\r' {
                out.push(*byte);
            }
        }
    }

    /// Whether a CR or LF stood alone, now that the message has ended.
    #[must_use]
    pub fn bare(&self) -> bool {
        self.bare || self.after_cr
    }
}

/// Turns the LF of a file into the CRLF of the wire, in pieces of any size.
#[derive(Clone, Copy, Debug, Default)]
pub struct ToWire {
    last: Option<u8>,
}

impl ToWire {
    /// Appends the next piece of a message to `out`. What already ends in CRLF stays so.
    pub fn piece(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        for byte in piece {
            if *byte == b'\n' && self.last != Some(b'\r') {
                out.push(b'\r');
            }
            out.push(*byte);
            self.last = Some(*byte);
        }
    }

    /// Ends the last line, if it has no end yet.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if self.last.is_some_and(|last| last != b'\n') {
            self.piece(b"\n", out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FromWire, ToWire};

    fn from_wire(pieces: &[&[u8]]) -> (Vec<u8>, bool) {
        let (mut lines, mut out) = (FromWire::default(), Vec::new());
        pieces.iter().for_each(|piece| lines.piece(piece, &mut out));
        (out, lines.bare())
    }

    #[test]
    fn the_wire_becomes_a_file() {
        assert_eq!(from_wire(&[b"a\r\nb\r\n"]), (b"a\nb\n".to_vec(), false));
        assert_eq!(from_wire(&[b"a\r", b"\nb\r\n"]), (b"a\nb\n".to_vec(), false));
        for bare in [&b"a\nb"[..], b"a\rb", b"a\r", b"\r\r\n", b"\n"] {
            assert!(from_wire(&[bare]).1, "{bare:?}");
        }
    }

    #[test]
    fn a_file_becomes_the_wire() {
        for (file, wire) in [("a\nb\n", "a\r\nb\r\n"), ("a\r\nb", "a\r\nb\r\n"), ("", "")] {
            let (mut lines, mut out) = (ToWire::default(), Vec::new());
            file.bytes().for_each(|byte| lines.piece(&[byte], &mut out));
            lines.finish(&mut out);
            assert_eq!(out, wire.as_bytes());
        }
    }
}
