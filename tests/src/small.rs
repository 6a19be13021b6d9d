//! Descriptions that need little of the language: what SMTP needs must not be needed by all.

/// Frames without a protocol.
pub mod frames {
    framer_runtime::framer! {
        class letter = 'a'..='z' | 'A'..='Z';

        /// A word with its count.
        frame Word { count: u16 le in 1..=500, ":", text: ascii run letter [1..=9], end: flag "!" }

        /// A colour by name.
        enum Colour { Red = "red", Green = "green" }

        /// No choice at all.
        enum Only { _ All { text: ascii run letter [0..=3] } }

        delimiter LF = "\n";
        /// Lines that share two numbers, named in another order than they stand.
        frame Steps { steps: [Step] shared (to, from) until last count max 3 }
        frame Step in until LF max 20 {
            from: dec u8 [1], to: dec u8 [1], last: flag "." | ",", how: ascii run letter [0..=9],
        }

        /// A colour, a hexadecimal number and four bytes.
        frame Paint { colour: Colour, "#", code: hex u32 [1..=8], "=", tail: bytes [4] }
    }
}

/// Every line is answered by one.
pub mod echo {
    framer_runtime::framer! {
        delimiter LF = "\n";
        frame Line in until LF max 80 { text: utf8 to end }

        protocol Echo over stream {
            roles client, server;
            client speaks Line;
            server speaks Line;
            pending fifo max 4;

            state Open {
                client Line => awaits { _ => stay };
            }
        }
    }
}

/// One side speaks and is never answered; the other may end it.
pub mod feed {
    framer_runtime::framer! {
        delimiter NUL = "\0" lenient;
        enum Item in until NUL max 80 { Number { "#", value: dec u64 [1..=20] }, End { "." } }
        frame Stop in until NUL max 8 { "stop" }

        protocol Feed over stream {
            roles source, sink;
            source speaks Item;
            sink speaks Stop;

            /// Numbers come.
            state Open {
                source Number => stay;
                source End => Done;
                sink Stop => close;
            }
            /// Only the sink has something to say.
            state Done within 1 s else close {
                sink Stop => close;
            }
        }
    }
}

/// The runtime under another name.
pub mod renamed {
    /// The runtime, as a crate would hand it on.
    pub use framer_runtime as framing;

    framer_runtime::framer! {
        crate = crate::small::renamed::framing;
        delimiter LF = "\n";
        frame Line in until LF max 80 { text: utf8 to end }

        protocol Log over stream {
            roles source, sink;
            source speaks Line;
            sink speaks Line;
            state Open {
                source Line => stay;
                sink Line => close;
            }
        }
    }
}

/// Rules that look into their frames, and at values.
pub mod guards {
    framer_runtime::framer! {
        delimiter LF = "\n";
        enum Ask in until LF max 20 {
            Put { "put", count: dec u8 [1..=3], soon: flag "!", last: flag "." },
            Ping { "ping" },
        }
        frame Code in until LF max 20 { code: dec u16 [3] }

        protocol Guarded over stream {
            roles client, server;
            client speaks Ask;
            server speaks Code by code;
            pending fifo max 4;
            var seen: bool = true;

            state Open {
                client Put if last && soon => awaits { 200 => Both, _ => stay };
                client Put if soon && count > 9 => Many awaits { 200 => stay, _ => Open };
                client Put if !soon && seen => { seen = false } awaits { _ => stay };
                client Put => awaits { _ => close };
                client Ping => awaits { 100..=199 => again, _ => stay };
            }
            state Both { client Ping => Open awaits { _ => stay }; }
            #[allow(F0306, "no test lets them cross")]
            state Many { server 300..=399 => Open; client Ping => awaits { _ => stay }; }
        }
    }
}

/// Blocks of a length that is said before, with a line ending behind each.
pub mod blocks {
    framer_runtime::framer! {
        delimiter LF = "\n";
        frame Size in until LF max 12 { size: dec u64 [1..=10] }
        frame Stop in until LF max 8 { "stop" }
        frame Block(size: u64) { stream data: bytes [size], "\r", "\n" }

        protocol Blocks over stream {
            roles source, sink;
            source speaks Size;
            sink speaks Stop;
            state Open {
                source Size => { source then Block(size) };
                sink Stop => close;
            }
        }
    }
}
