//! Frames of bytes: numbers of every coding, bits, lengths, counts, conditions.

framer_runtime::framer! {
    delimiter NUL = "\0" lenient;

    /// Integers of every width and order.
    frame Integers { a: u24, b: u40 le, c: i8, d: i16 le, e: i56, f: u64 in 1..=9 }

    frame Codings {
        short: leb128 u32 [1..=4],
        long: base128 u64,
        quic: quic u32,
        compact: u8 { 0xfd => u16 le, 0xfe => u32 le, 0xff => u64 le },
    }

    enum Kind: u4 { Ping = 1, Pong = 2, _ Other }
    enum Colour: u16 le { Red = 0x0102, Green = 3 }

    /// As in RFC 6455, section 5.2.
    frame Message {
        bits u16 {
            last: 1,
            reserved: 3 = 0,
            kind: 4 as Kind,
            masked: 1 = some(key),
            size: 7 { 126 => u16, 127 => u64 } in ..=1048576 = len(data),
        },
        key: u32 if masked,
        data: bytes [size],
    }

    frame Table {
        magic: u16 = 0xcafe,
        count: u8 in 1..=4 = count(cells),
        cells: [u16 le; count],
        names: [Name; count - 1] count max 3,
    }
    frame Name { length: u8 = len(text), text: utf8 [length] }

    /// Lengths that count more than what they measure.
    frame Block {
        total: u16 = len(total..tail),
        words: u8 = len(data) / 4,
        data: bytes [words * 4],
        tail: bytes [2],
        require total >= 5 else TooShort,
    }

    frame Envelope {
        length: leb128 u16 [1..=2] = len(rest) + 1,
        colour: Colour,
        label: ascii until NUL max 8,
        more: Pair,
        rest: bytes to end,
    }
    bits Pair: u8 { high: 5 in 3..=9, low: 3 }

    enum Command: u8 {
        Read = 3 { address: u16, count: u16 in 1..=125 },
        Write = 0x90 { length: u8 = len(values) + 1, values: bytes [length - 1] },
        _ Unknown { code: u8, data: bytes to end },
    }

    enum Packet {
        Open { bits u8 { kind: 4 = 1, flags: 4 = 0 }, length: leb128 u32 [1..=4] = len(rest), reader: bytes to end },
        Publish {
            bits u8 { kind: 4 = 3, dup: 1, quality: 2 in 0..=2, retain: 1 },
            length: leb128 u32 [1..=4] in ..=65536 = len(rest),
            topic: Name,
            id: u16 in 1.. if quality > 0,
            payload: bytes to end,
        },
    }

    /// CRC-16/MODBUS, low byte first on the line.
    checksum crc16_modbus = crc(width 16, poly 0x8005, init 0xffff, refin true, refout true);
    checksum crc32 = crc(
        width 32, poly 0x04c11db7, init 0xffffffff, refin true, refout true, xorout 0xffffffff
    );
    checksum parity = xor();
    /// Modbus over a serial line.
    frame Serial { unit: u8, size: u8 = len(data), data: bytes [size], crc: u16 le = crc16_modbus(unit..data) }
    /// A checksum before what it is of, and one in digits.
    frame Stored {
        crc = crc32(length..data),
        length: u16 = len(rest),
        kind: u8,
        data: bytes to end,
    }
    frame Sentence { "$", text: ascii run letter [1..=20], "*", sum: hex u8 [2] = parity(text) }
    class letter = 'A'..='Z' | ',' | '0'..='9';

    /// Flags that others make.
    frame Flags {
        named: flag "+" | "-" = some(name),
        name: Name if named,
        many: flag " " = count(cells) > 1,
        size: u8 in 1..=40 = count(cells) + 1,
        cells: [u8; size - 1],
    }
    frame Nested { size: u16 = len(inner), inner: Name in [size], begin: u8 }
    frame Signed { b"\xff\x00", value: i32 }
}
