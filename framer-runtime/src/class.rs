//! Sets of bytes.

/// A set of bytes, named in the description.
#[derive(Debug, PartialEq, Eq)]
pub struct Class {
    name: &'static str,
    set: [u64; 4],
}

impl Class {
    /// The class `name` of the bytes whose bits are set: byte `b` is bit `b % 64` of word
    /// `b / 64`.
    #[must_use]
    pub const fn new(name: &'static str, set: [u64; 4]) -> Class {
        Class { name, set }
    }

    /// Its name in the description.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether the byte belongs to it.
    #[must_use]
    pub const fn contains(&self, byte: u8) -> bool {
        let [first, second, third, fourth] = self.set;
        let word = match byte >> 6 {
            0 => first,
            1 => second,
            2 => third,
            _ => fourth,
        };
        word >> (byte & 63) & 1 == 1
    }

    /// How many bytes at the beginning of `bytes` belong to it.
    #[must_use]
    pub fn run(&self, bytes: &[u8]) -> usize {
        bytes.iter().position(|byte| !self.contains(*byte)).unwrap_or(bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::Class;

    #[test]
    fn every_byte_has_its_bit() {
        for byte in 0..=u8::MAX {
            let mut set = [0; 4];
            set[usize::from(byte >> 6)] = 1 << (byte & 63);
            let class = Class::new("one", set);
            let found: alloc::vec::Vec<u8> =
                (0..=u8::MAX).filter(|other| class.contains(*other)).collect();
            assert_eq!(found, [byte]);
            assert_eq!(class.run(&[byte, byte, !byte, byte]), 2);
        }
    }
}
