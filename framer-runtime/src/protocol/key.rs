//! What pairs replies with requests.

use core::fmt;

/// How many bytes of a text a key holds.
const TEXT_BYTES: usize = 15;

/// What pairs a reply with its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A number.
    Number {
        /// The number within which the other counts; 0 where there is none.
        within: u64,
        /// The number.
        number: u64,
    },
    /// A text of at most 15 bytes.
    Text(TextKey),
}

/// A text that is a key, by value. Made by [`Key::text`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TextKey {
    len: u8,
    bytes: [u8; TEXT_BYTES],
}

impl Key {
    /// A text. A description lets none of more than 15 bytes be one: of what is longer, and so is refused
    /// where it is written, the first 15.
    #[must_use]
    pub fn text(text: impl AsRef<[u8]>) -> Key {
        let mut key = TextKey { len: 0, bytes: [0; TEXT_BYTES] };
        for (place, byte) in key.bytes.iter_mut().zip(text.as_ref()) {
            *place = *byte;
            key.len = key.len.saturating_add(1);
        }
        Key::Text(key)
    }
}

impl TextKey {
    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl fmt::Debug for TextKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

impl From<u64> for Key {
    fn from(number: u64) -> Key {
        Key::Number { within: 0, number }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Number { within: 0, number } => write!(formatter, "{number}"),
            Key::Number { within, number } => write!(formatter, "{number} in {within}"),
            Key::Text(text) => write!(formatter, "{}", text.as_bytes().escape_ascii()),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::ToString;

    use super::Key;

    #[test]
    fn keys_are_equal_as_what_they_are_made_of() {
        assert_eq!(Key::text("a1"), Key::text("a1"));
        assert_ne!(Key::text("a1"), Key::text("a1\0"));
        assert_ne!(Key::text(""), Key::from(0));
        let longest = Key::text("0123456789abcde");
        assert_eq!(longest.to_string(), "0123456789abcde");
        assert_eq!(Key::text("0123456789abcdef"), longest);
        let within = Key::Number { within: 3, number: 5 };
        assert_eq!([Key::from(5), within].map(|key| key.to_string()), ["5", "5 in 3"]);
    }
}
