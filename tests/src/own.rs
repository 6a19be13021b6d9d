//! The same types declared in a description, by `#[derive(Frame)]`, and by it with fields that own
//! what they hold.

/// As a description declares them.
pub mod described {
    framer_runtime::framer! {
        delimiter CRLF = "\r\n";
        class name = 'a'..='z';
        checksum crc16_modbus = crc(width 16, poly 0x8005, init 0xffff, refin true, refout true);

        frame Block { length: u16 in ..=4096 = len(rest), kind: u8 in 1..=9, data: bytes to end }
        frame Name { length: u8 = len(text), text: utf8 [length] }
        frame Line in until CRLF max 64 skip {
            "v", version: dec u8 [1..=3] in 1..=99, nocase word " color", "=",
            color: utf8 run name [1..=20],
            loud: flag "!",
        }
        frame Message {
            bits u16 {
                last: 1,
                reserved: 3 = 0,
                kind: 4 in 0..=10,
                masked: 1 = some(key),
                size: 7 { 126 => u16, 127 => u64 } in ..=65535 = len(data),
            },
            key: u32 if masked,
            data: bytes [size],
        }
        frame Serial {
            unit: u8,
            size: u8 = len(data),
            data: bytes [size],
            crc: u16 le = crc16_modbus(unit..data),
        }
        enum Kind: u16 le { Red = 0x0102, Green = 3, _ Other }
        enum Unit { Seconds = "s", Minutes = "min" }
        frame Table {
            magic: u16 = 0xcafe,
            count: u8 in 1..=4 = count(cells),
            cells: [u16 le; count],
            names: [Name; count - 1] count max 3,
            kind: Kind,
            id: bytes [4],
            bits u8 { more: 1 = some(extra), low: 7 },
            extra: Name if more,
            length: leb128 u32 [1..=2] in ..=16383 = len(inner),
            inner: Name in [length],
            signed: i24 le,
            unit: Unit,
            rest: [Name] to end count max 3,
        }
        enum Command: u8 {
            Read = 3 { address: u16, count: u16 in 1..=125 },
            Write = 0x90 { length: u8 = len(values) + 1, values: bytes [length - 1] },
            Quit = 4 {},
            _ Unknown { code: u8, data: bytes to end },
        }
        enum Order nocase in until CRLF max 32 {
            Get { word "GET", " ", key: dec u32 [1..=9] },
            Put { word "PUT", "\t", name: ascii run name [1..=8], more: flag "+" | "-" },
            Stop { word "STOP" },
            _ Other { line: bytes to end },
        }
        enum Value max 4096 depth 4 {
            Number { ":", value: dec i64 [1..=19], "\r\n" },
            Text { "$", size: dec u32 [1..=3] = len(data), "\r\n", data: bytes [size], "\r\n" },
            Nothing { "_\r\n" },
            Values { "*", count: dec u32 [1..=2] = count(items), "\r\n", items: [Value; count] },
        }
    }
}

/// As structs and enums that borrow.
pub mod derived {
    use framer_runtime::Frame;
    use framer_runtime::list::List;

    /// What follows is as long as it says.
    #[derive(Frame, Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Block<'a> {
        /// A number.
        #[frame(before(length: u16 in ..=4096 = len(rest)))]
        #[frame(u8 in 1..=9)]
        pub kind: u8,
        /// The rest.
        #[frame(bytes to end)]
        pub data: &'a [u8],
    }

    /// A text and its length.
    #[derive(Frame, Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Name<'a> {
        /// The text.
        #[frame(before(length: u8 = len(text)))]
        #[frame(utf8 [length])]
        pub text: &'a str,
    }

    /// A line of text.
    #[derive(Frame, Clone, Copy, Debug, PartialEq, Eq)]
    #[frame(
        delimiter CRLF = "\r\n";
        class name = 'a'..='z';
        in until CRLF max 64 skip
    )]
    pub struct Line<'a> {
        /// In digits.
        #[frame(before("v"))]
        #[frame(dec u8 [1..=3] in 1..=99)]
        pub version: u8,
        /// In letters.
        #[frame(before(nocase word " color", "="))]
        #[frame(utf8 run name [1..=20])]
        pub color: &'a str,
        /// Perhaps.
        #[frame(flag "!")]
        pub loud: bool,
    }

    /// As in RFC 6455, section 5.2.
    #[derive(Frame, Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Message<'a> {
        /// A bit.
        #[frame(bits u16 {
            last: 1,
            reserved: 3 = 0,
            kind: 4 in 0..=10,
            masked: 1 = some(key),
            size: 7 { 126 => u16, 127 => u64 } in ..=65535 = len(data),
        })]
        pub last: bool,
        /// Four bits.
        pub kind: u8,
        /// If a bit says so.
        #[frame(u32 if masked)]
        pub key: Option<u32>,
        /// As long as bits say.
        #[frame(bytes [size])]
        pub data: &'a [u8],
    }

    /// With a checksum behind it.
    #[derive(Frame, Clone, Copy, Debug, PartialEq, Eq)]
    #[frame(
        checksum crc16_modbus = crc(width 16, poly 0x8005, init 0xffff, refin true, refout true);
    )]
    #[frame(after(crc: u16 le = crc16_modbus(unit..data)))]
    pub struct Serial<'a> {
        /// As its type says.
        pub unit: u8,
        /// Counted.
        #[frame(before(size: u8 = len(data)))]
        #[frame(bytes [size])]
        pub data: &'a [u8],
    }

    /// Numbers with names, and others.
    #[derive(Frame, Clone, Copy, Debug, PartialEq, Eq)]
    #[frame(u16 le)]
    pub enum Kind {
        /// 0x0102
        #[frame(= 0x0102)]
        Red,
        /// 3
        #[frame(= 3)]
        Green,
        /// Another.
        #[frame(_)]
        Other(u16),
    }

    /// Literals.
    #[derive(Frame, Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Unit {
        /// `s`
        #[frame(= "s")]
        Seconds,
        /// `min`
        #[frame(= "min")]
        Minutes,
    }

    /// Lists, other types, and whatever there is.
    #[derive(Frame, Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Table<'a> {
        /// Numbers, the low byte first.
        #[frame(before(magic: u16 = 0xcafe, count: u8 in 1..=4 = count(cells)))]
        #[frame([u16 le; count])]
        pub cells: List<'a, framer_runtime::read::Le<u16>>,
        /// One fewer.
        #[frame([Name; count - 1] count max 3)]
        pub names: List<'a, Name<'a>>,
        /// A type that says itself what it is.
        pub kind: Kind,
        /// So many bytes.
        #[frame(bytes [4])]
        pub id: &'a [u8],
        /// Seven bits.
        #[frame(bits u8 { more: 1 = some(extra), low: 7 })]
        pub low: u8,
        /// If a bit says so.
        #[frame(Name if more)]
        pub extra: Option<Name<'a>>,
        /// In a region of its own.
        #[frame(before(length: leb128 u32 [1..=2] in ..=16383 = len(inner)))]
        #[frame(Name in [length])]
        pub inner: Name<'a>,
        /// In three bytes.
        #[frame(i24 le)]
        pub signed: i32,
        /// Literals.
        pub unit: Unit,
        /// As many as there are.
        #[frame([Name] to end count max 3)]
        pub rest: List<'a, Name<'a>>,
    }

    /// Told apart by a number.
    #[derive(Frame, Clone, Copy, Debug, PartialEq, Eq)]
    #[frame(u8)]
    pub enum Command<'a> {
        /// With fields.
        #[frame(= 3)]
        Read {
            /// As its type says.
            address: u16,
            /// Narrower.
            #[frame(u16 in 1..=125)]
            count: u16,
        },
        /// With one that has no name.
        #[frame(= 0x90)]
        Write(
            #[frame(before(length: u8 = len(_0) + 1))]
            #[frame(bytes [length - 1])]
            &'a [u8],
        ),
        /// Without any.
        #[frame(= 4)]
        Quit,
        /// All others.
        #[frame(_)]
        Unknown {
            /// The number.
            code: u8,
            /// The rest.
            #[frame(bytes to end)]
            data: &'a [u8],
        },
    }

    /// Told apart by words.
    #[derive(Frame, Clone, Copy, Debug, PartialEq, Eq)]
    #[frame(delimiter CRLF = "\r\n"; class name = 'a'..='z'; nocase in until CRLF max 32)]
    pub enum Order<'a> {
        /// `GET 1`
        #[frame(before(word "GET", " "))]
        Get(#[frame(dec u32 [1..=9])] u32),
        /// `PUT name+`
        #[frame(before(word "PUT", "\t"))]
        Put {
            /// In letters.
            #[frame(ascii run name [1..=8])]
            name: &'a str,
            /// A sign.
            #[frame(flag "+" | "-")]
            more: bool,
        },
        /// `STOP`
        #[frame(before(word "STOP"))]
        Stop,
        /// Any other line.
        #[frame(_)]
        Other(#[frame(bytes to end)] &'a [u8]),
    }

    /// Contains itself.
    #[derive(Frame, Clone, Copy, Debug, PartialEq, Eq)]
    #[frame(max 4096 depth 4)]
    pub enum Value<'a> {
        /// `:1`
        #[frame(before(":"))]
        #[frame(after("\r\n"))]
        Number(#[frame(dec i64 [1..=19])] i64),
        /// `$2`, `hi`
        #[frame(before("$", size: dec u32 [1..=3] = len(_0), "\r\n"))]
        #[frame(after("\r\n"))]
        Text(#[frame(bytes [size])] &'a [u8]),
        /// `_`
        #[frame(before("_\r\n"))]
        Nothing,
        /// `*1` and a value.
        #[frame(before("*", count: dec u32 [1..=2] = count(_0), "\r\n"))]
        Values(#[frame([Value; count])] List<'a, Value<'a>>),
    }
}

/// As structs and enums that own what they hold.
pub mod owned {
    use std::borrow::Cow;

    use framer_runtime::Frame;

    use super::derived::{Kind, Unit};

    /// What follows is as long as it says.
    #[derive(Frame, Clone, Debug, PartialEq, Eq)]
    pub struct Block {
        /// A number.
        #[frame(before(length: u16 in ..=4096 = len(rest)))]
        #[frame(u8 in 1..=9)]
        pub kind: u8,
        /// The rest.
        #[frame(bytes to end)]
        pub data: Vec<u8>,
    }

    /// A text and its length.
    #[derive(Frame, Clone, Debug, PartialEq, Eq)]
    pub struct Name(
        #[frame(before(length: u8 = len(_0)))]
        #[frame(utf8 [length])]
        pub String,
    );

    /// A line of text.
    #[derive(Frame, Clone, Debug, PartialEq, Eq)]
    #[frame(delimiter CRLF = "\r\n"; class name = 'a'..='z'; in until CRLF max 64 skip)]
    pub struct Line {
        /// In digits.
        #[frame(before("v"))]
        #[frame(dec u8 [1..=3] in 1..=99)]
        pub version: u8,
        /// In letters.
        #[frame(before(nocase word " color", "="))]
        #[frame(utf8 run name [1..=20])]
        pub color: Box<str>,
        /// Perhaps.
        #[frame(flag "!")]
        pub loud: bool,
    }

    /// As in RFC 6455, section 5.2.
    #[derive(Frame, Clone, Debug, PartialEq, Eq)]
    pub struct Message<'a> {
        /// Four bits.
        #[frame(bits u16 {
            last: 1,
            reserved: 3 = 0,
            kind: 4 in 0..=10,
            masked: 1 = some(key),
            size: 7 { 126 => u16, 127 => u64 } in ..=65535 = len(data),
        })]
        pub kind: u8,
        /// A bit.
        pub last: bool,
        /// If a bit says so.
        #[frame(u32 if masked)]
        pub key: Option<u32>,
        /// Borrowed or not.
        #[frame(bytes [size])]
        pub data: Cow<'a, [u8]>,
    }

    /// With a checksum behind it.
    #[derive(Frame, Clone, Debug, PartialEq, Eq)]
    #[frame(
        checksum crc16_modbus = crc(width 16, poly 0x8005, init 0xffff, refin true, refout true);
    )]
    pub struct Serial {
        /// As its type says.
        pub unit: u8,
        /// Counted.
        #[frame(before(size: u8 = len(data)))]
        #[frame(bytes [size])]
        #[frame(after(crc: u16 le = crc16_modbus(unit..data)))]
        pub data: Vec<u8>,
    }

    /// Lists, other types, and whatever there is.
    #[derive(Frame, Clone, Debug, PartialEq, Eq)]
    pub struct Table {
        /// Numbers, the low byte first.
        #[frame(before(magic: u16 = 0xcafe, count: u8 in 1..=4 = count(cells)))]
        #[frame([u16 le; count])]
        pub cells: Vec<u16>,
        /// One fewer.
        #[frame([Name; count - 1] count max 3)]
        pub names: Vec<Name>,
        /// A type that says itself what it is.
        pub kind: Kind,
        /// So many bytes.
        pub id: [u8; 4],
        /// Seven bits.
        #[frame(bits u8 { more: 1 = some(extra), low: 7 })]
        pub low: u8,
        /// If a bit says so.
        #[frame(Name if more)]
        pub extra: Option<Name>,
        /// In a region of its own.
        #[frame(before(length: leb128 u32 [1..=2] in ..=16383 = len(inner)))]
        #[frame(Name in [length])]
        pub inner: Name,
        /// In three bytes.
        #[frame(i24 le)]
        pub signed: i32,
        /// Literals.
        pub unit: Unit,
        /// As many as there are.
        #[frame([Name] to end count max 3)]
        pub rest: Vec<Name>,
    }

    /// Contains itself.
    #[derive(Frame, Clone, Debug, PartialEq, Eq)]
    #[frame(max 4096 depth 4)]
    pub enum Value {
        /// `:1`
        #[frame(before(":"))]
        #[frame(after("\r\n"))]
        Number(#[frame(dec i64 [1..=19])] i64),
        /// `$2`, `hi`
        #[frame(before("$", size: dec u32 [1..=3] = len(_0), "\r\n"))]
        #[frame(after("\r\n"))]
        Text(#[frame(bytes [size])] Vec<u8>),
        /// `_`
        #[frame(before("_\r\n"))]
        Nothing,
        /// `*1` and a value.
        #[frame(before("*", count: dec u32 [1..=2] = count(_0), "\r\n"))]
        Values(#[frame([Value; count])] Vec<Value>),
    }

    /// Its last field takes no byte, so that it does not say where it ends.
    #[derive(Frame, Clone, Debug, PartialEq, Eq)]
    pub struct Last {
        /// A keyword of Rust.
        pub r#type: u8,
        /// Nothing.
        pub empty: Empty,
    }

    /// Takes no byte.
    #[derive(Frame, Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Empty;
}
