//! Checksums over bytes of a frame.

use crc::Crc;
pub use crc::{Algorithm, Width};

/// How a checksum is computed.
///
/// ```
/// use framer_runtime::checksum::{Algorithm, Checksum};
///
/// // CRC-16/MODBUS of the catalogue of parametrised CRC algorithms.
/// static MODBUS: Checksum = {
///     static PARAMETERS: Algorithm<u16> =
///         Checksum::parameters(16, 0x8005, 0xffff, true, true, 0);
///     Checksum::crc16(&PARAMETERS)
/// };
/// assert_eq!(MODBUS.of(b"123456789"), 0x4b37);
/// ```
#[expect(clippy::large_enum_variant, reason = "each stands in a static of its own")]
pub enum Checksum {
    /// A cyclic redundancy check of at most 8 bits.
    Crc8(Crc<u8>),
    /// The same of at most 16 bits.
    Crc16(Crc<u16>),
    /// The same of at most 32 bits.
    Crc32(Crc<u32>),
    /// The same of at most 64 bits.
    Crc64(Crc<u64>),
    /// All bytes joined by exclusive or.
    Xor,
    /// What is missing from the sum of all bytes to 256: the longitudinal redundancy check of
    /// Modbus ASCII.
    Lrc,
    /// The ones' complement of the ones' complement sum of all pairs of bytes, the high one first
    /// (RFC 1071).
    Internet,
}

impl Checksum {
    /// The parameters of a CRC, in the model of Rocksoft: how many bits it has, its polynomial
    /// without the highest term, what it begins with, whether its input and its output are
    /// reflected, and what is joined to the output by exclusive or.
    #[must_use]
    pub const fn parameters<W: Copy + Width>(
        width: u8,
        poly: W,
        init: W,
        refin: bool,
        refout: bool,
        xorout: W,
    ) -> Algorithm<W> {
        // What it gives for a known text is not looked at.
        Algorithm { width, poly, init, refin, refout, xorout, check: xorout, residue: xorout }
    }

    /// A CRC of at most 8 bits.
    #[must_use]
    pub const fn crc8(algorithm: &'static Algorithm<u8>) -> Checksum {
        Checksum::Crc8(Crc::<u8>::new(algorithm))
    }

    /// A CRC of at most 16 bits.
    #[must_use]
    pub const fn crc16(algorithm: &'static Algorithm<u16>) -> Checksum {
        Checksum::Crc16(Crc::<u16>::new(algorithm))
    }

    /// A CRC of at most 32 bits.
    #[must_use]
    pub const fn crc32(algorithm: &'static Algorithm<u32>) -> Checksum {
        Checksum::Crc32(Crc::<u32>::new(algorithm))
    }

    /// A CRC of at most 64 bits.
    #[must_use]
    pub const fn crc64(algorithm: &'static Algorithm<u64>) -> Checksum {
        Checksum::Crc64(Crc::<u64>::new(algorithm))
    }

    /// The checksum of `bytes`.
    #[must_use]
    pub fn of(&self, bytes: &[u8]) -> u64 {
        match self {
            Checksum::Crc8(crc) => crc.checksum(bytes).into(),
            Checksum::Crc16(crc) => crc.checksum(bytes).into(),
            Checksum::Crc32(crc) => crc.checksum(bytes).into(),
            Checksum::Crc64(crc) => crc.checksum(bytes),
            Checksum::Xor => bytes.iter().fold(0, |sum, byte| sum ^ byte).into(),
            Checksum::Lrc => {
                let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
                sum.wrapping_neg().into()
            }
            Checksum::Internet => internet(bytes).into(),
        }
    }
}

fn internet(bytes: &[u8]) -> u16 {
    let pairs = bytes.chunks(2).map(|pair| match *pair {
        [high, low] => u16::from_be_bytes([high, low]),
        [high] => u16::from_be_bytes([high, 0]),
        _ => 0,
    });
    !pairs.fold(0_u16, |sum, pair| {
        let (sum, carry) = sum.overflowing_add(pair);
        sum.wrapping_add(carry.into())
    })
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, Checksum};

    #[test]
    fn known_values() {
        // The catalogue's check values, of `123456789`.
        static SMBUS: Algorithm<u8> = Checksum::parameters(8, 0x07, 0, false, false, 0);
        static ISO_HDLC: Algorithm<u32> =
            Checksum::parameters(32, 0x04c1_1db7, u32::MAX, true, true, u32::MAX);
        static UMTS12: Algorithm<u16> = Checksum::parameters(12, 0x80f, 0, false, true, 0);
        static XZ: Algorithm<u64> =
            Checksum::parameters(64, 0x42f0_e1eb_a9ea_3693, u64::MAX, true, true, u64::MAX);
        for (checksum, value) in [
            (Checksum::crc8(&SMBUS), 0xf4),
            (Checksum::crc32(&ISO_HDLC), 0xcbf4_3926),
            (Checksum::crc16(&UMTS12), 0xdaf),
            (Checksum::crc64(&XZ), 0x995d_c9bb_df19_39fa),
        ] {
            assert_eq!(checksum.of(b"123456789"), value);
        }
        // Modbus over serial line, section 2.5.1.2.
        assert_eq!(Checksum::Lrc.of(&[0xf7, 0x03, 0x13, 0x89, 0x00, 0x0a]), 0x60);
        // NMEA 0183.
        let fix = b"GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,";
        assert_eq!(Checksum::Xor.of(fix), 0x47);
        // RFC 1071, section 3.
        let pairs = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(Checksum::Internet.of(&pairs), u64::from(!0xddf2_u16));
        assert_eq!(Checksum::Internet.of(&[0xff]), 0x00ff);
    }
}
