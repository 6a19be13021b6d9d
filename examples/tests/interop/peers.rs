//! Where the peers are.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A program of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// Postfix's load generator.
    SmtpSource,
    /// Postfix's sink.
    SmtpSink,
    /// The Swiss army knife for SMTP.
    Swaks,
    /// Python, for its smtplib.
    Python,
    /// Packages of `PyPI`, in that Python.
    Aioimaplib,
    Aiosmtpd,
    Dnspython,
    NatsPy,
    Packetstream,
    Pymemcache,
    Pymodbus,
    Pynmea2,
    Redis,
    Tftpy,
    Tinyproto,
    Websockets,
    /// Redis's own.
    RedisCli,
    RedisBenchmark,
    RedisServer,
    /// Mosquitto's own, and its broker.
    MosquittoPub,
    MosquittoSub,
    Mosquitto,
    /// A client of many protocols.
    Curl,
    /// A mail server, and its part for IMAP.
    Dovecot,
    DovecotImap,
    /// The original.
    Memcached,
    /// The original of NATS.
    NatsServer,
    /// A load generator for HTTP.
    Wrk,
    /// A web server.
    Nginx,
    /// A browser.
    Chromium,
    /// The client of tftp-hpa.
    Tftp,
    /// The command of `OpenSSL`.
    Openssl,
    /// The original of the PROXY protocol.
    Haproxy,
    /// BIND's client, and a resolver.
    Dig,
    Unbound,
}

impl fmt::Display for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Peer::SmtpSource => "smtp-source",
            Peer::SmtpSink => "smtp-sink",
            Peer::Swaks => "swaks",
            Peer::Python => "python3",
            Peer::Aioimaplib => "aioimaplib",
            Peer::Aiosmtpd => "aiosmtpd",
            Peer::Dig => "dig",
            Peer::Dnspython => "dns",
            Peer::Unbound => "unbound",
            Peer::Haproxy => "haproxy",
            Peer::Openssl => "openssl",
            Peer::NatsPy => "nats",
            Peer::Packetstream => "cs.packetstream",
            Peer::Pymemcache => "pymemcache",
            Peer::Pymodbus => "pymodbus",
            Peer::Pynmea2 => "pynmea2",
            Peer::Redis => "redis",
            Peer::RedisCli => "redis-cli",
            Peer::RedisBenchmark => "redis-benchmark",
            Peer::RedisServer => "redis-server",
            Peer::MosquittoPub => "mosquitto_pub",
            Peer::MosquittoSub => "mosquitto_sub",
            Peer::Mosquitto => "mosquitto",
            Peer::Curl => "curl",
            Peer::Dovecot => "dovecot",
            Peer::DovecotImap => "imap",
            Peer::Memcached => "memcached",
            Peer::NatsServer => "nats-server",
            Peer::Tftp => "tftp",
            Peer::Tftpy => "tftpy",
            Peer::Tinyproto => "tinyproto",
            Peer::Websockets => "websockets",
            Peer::Wrk => "wrk",
            Peer::Nginx => "nginx",
            Peer::Chromium => "chromium",
        })
    }
}

impl Peer {
    /// Whether it is installed.
    pub(crate) fn is_there(self) -> bool {
        if !self.is_package() {
            return self.path().is_some();
        }
        Peer::Python.is_there() && {
            let mut command = Peer::Python.command();
            command.args(["-c", &format!("import {self}")]).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        }
    }

    fn is_package(self) -> bool {
        matches!(
            self,
            Peer::Aioimaplib
                | Peer::Aiosmtpd
                | Peer::Dnspython
                | Peer::NatsPy
                | Peer::Packetstream
                | Peer::Pymemcache
                | Peer::Pymodbus
                | Peer::Pynmea2
                | Peer::Redis
                | Peer::Tftpy
                | Peer::Tinyproto
                | Peer::Websockets
        )
    }

    /// The command to run it.
    pub(crate) fn command(self) -> Command {
        Command::new(self.path().unwrap_or_else(|| panic!("no {self}")))
    }

    fn path(self) -> Option<PathBuf> {
        let python = self == Peer::Python || self.is_package();
        if python && let Some(path) = std::env::var_os("FRAMER_PYTHON") {
            return Some(path.into());
        }
        let name = if python { Peer::Python.to_string() } else { self.to_string() };
        let path = std::env::var_os("PATH").unwrap_or_default();
        // Debian keeps Postfix's tools where only root looks, and Dovecot's parts where nobody does.
        let places = ["/usr/sbin", "/usr/lib/dovecot"].map(PathBuf::from);
        let places = std::env::split_paths(&path).chain(places);
        places.map(|place| place.join(&name)).find(|path| path.is_file())
    }
}
