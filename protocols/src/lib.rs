//! Protocols that come with framer, each from the description beside this crate's `Cargo.toml`.
//!
//! Each is a feature of the crate, and none is on by default:
//!
//! | feature | protocol |
//! |---|---|
//! | `dns` | DNS over UDP and TCP |
//! | `framers` | lines, lengths, ends and codings, without a protocol |
//! | `http1` | HTTP/1.1 |
//! | `imap` | IMAP |
//! | `memcached` | the text protocol of memcached |
//! | `modbus` | Modbus over TCP and serial lines |
//! | `mqtt` | MQTT 3.1.1 and 5.0 |
//! | `nats` | the client protocol of NATS |
//! | `nmea` | NMEA 0183 |
//! | `packetstream` | requests and responses of both sides, as cs.packetstream |
//! | `pop3` | POP3 |
//! | `proxy` | the header of the PROXY protocol, versions 1 and 2 |
//! | `resp` | RESP2 and RESP3, of Redis |
//! | `smtp` | SMTP |
//! | `tftp` | TFTP, over UDP |
//! | `tinyproto` | messages announced by their size, as tinyproto |
//! | `websocket` | WebSocket |
//!
//! A module holds the frames of a protocol as typed views of the wire, and a machine for each
//! role; [`framer_runtime::connection::Connection`] drives them without I/O, and the adapters
//! beside it over sockets.
#![no_std]
#![forbid(unsafe_code)]

/// Domain names: RFC 1035, with EDNS (RFC 6891), over UDP and TCP.
#[cfg(feature = "dns")]
pub mod dns {
    framer_runtime::framer!("dns.frame");
}
/// Ways of cutting a stream into frames, each for itself.
#[cfg(feature = "framers")]
pub mod framers {
    framer_runtime::framer!("framers.frame");
}
#[cfg(feature = "http1")]
framer_runtime::framer!("http1.frame");
#[cfg(feature = "imap")]
framer_runtime::framer!("imap.frame");
#[cfg(feature = "memcached")]
framer_runtime::framer!("memcached.frame");
/// Modbus: its Application Protocol V1.1b3, over TCP and serial lines.
#[cfg(feature = "modbus")]
pub mod modbus {
    framer_runtime::framer!("modbus.frame");
}
#[cfg(feature = "mqtt")]
framer_runtime::framer!("mqtt.frame");
#[cfg(feature = "nats")]
framer_runtime::framer!("nats.frame");
#[cfg(feature = "nmea")]
framer_runtime::framer!("nmea.frame");
#[cfg(feature = "packetstream")]
framer_runtime::framer!("packetstream.frame");
#[cfg(feature = "pop3")]
framer_runtime::framer!("pop3.frame");
/// The PROXY protocol of `HAProxy`, versions 1 and 2.
#[cfg(feature = "proxy")]
pub mod proxy {
    framer_runtime::framer!("proxy.frame");
}
#[cfg(feature = "resp")]
framer_runtime::framer!("resp.frame");
#[cfg(feature = "smtp")]
framer_runtime::framer!("smtp.frame");
#[cfg(feature = "tftp")]
framer_runtime::framer!("tftp.frame");
#[cfg(feature = "tinyproto")]
framer_runtime::framer!("tinyproto.frame");
#[cfg(feature = "websocket")]
framer_runtime::framer!("websocket.frame");

/// The descriptions themselves, for others that import from them.
///
/// A build script hands them to the compiler, and needs no feature for it:
///
/// ```ignore
/// let framers = framer_protocols::texts::FRAMERS;
/// framer_build::Builder::new().text("framers.frame", framers).compile("own.frame");
/// ```
pub mod texts {
    /// `dns.frame`
    pub const DNS: &str = include_str!("../dns.frame");
    /// `framers.frame`
    pub const FRAMERS: &str = include_str!("../framers.frame");
    /// `http1.frame`
    pub const HTTP1: &str = include_str!("../http1.frame");
    /// `imap.frame`
    pub const IMAP: &str = include_str!("../imap.frame");
    /// `memcached.frame`
    pub const MEMCACHED: &str = include_str!("../memcached.frame");
    /// `modbus.frame`
    pub const MODBUS: &str = include_str!("../modbus.frame");
    /// `mqtt.frame`
    pub const MQTT: &str = include_str!("../mqtt.frame");
    /// `nats.frame`
    pub const NATS: &str = include_str!("../nats.frame");
    /// `nmea.frame`
    pub const NMEA: &str = include_str!("../nmea.frame");
    /// `packetstream.frame`
    pub const PACKETSTREAM: &str = include_str!("../packetstream.frame");
    /// `pop3.frame`
    pub const POP3: &str = include_str!("../pop3.frame");
    /// `proxy.frame`
    pub const PROXY: &str = include_str!("../proxy.frame");
    /// `resp.frame`
    pub const RESP: &str = include_str!("../resp.frame");
    /// `smtp.frame`
    pub const SMTP: &str = include_str!("../smtp.frame");
    /// `tftp.frame`
    pub const TFTP: &str = include_str!("../tftp.frame");
    /// `tinyproto.frame`
    pub const TINYPROTO: &str = include_str!("../tinyproto.frame");
    /// `websocket.frame`
    pub const WEBSOCKET: &str = include_str!("../websocket.frame");
}
