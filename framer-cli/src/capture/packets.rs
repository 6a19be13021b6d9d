//! The packets of a capture: pcap and pcapng, whatever link they were taken from.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use etherparse::defrag::IpDefragPool;
use etherparse::{
    EtherType, IpNumber, LaxNetSlice, LaxSlicedPacket, SlicedPacket, TcpSlice, TransportSlice,
    UdpSlice,
};
use indicatif::{ProgressBar, ProgressStyle};
use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{Block, Linktype, PcapBlockOwned, PcapError, create_reader};

use crate::error::Error;

/// How much of a capture is held at a time; the longest block must fit.
const BUFFER_BYTES: usize = 1 << 20;

/// A file that takes no time has no progress to show.
const LONG_BYTES: u64 = 16 << 20;

/// How many packets later a fragment is waited for no more.
const FRAGMENT_PACKETS: u64 = 10_000;

/// Lengths of what stands before the network's own header, in bytes.
const LOOPBACK_BYTES: usize = 4;
const COOKED_BYTES: usize = 16;
const COOKED_2_BYTES: usize = 20;

/// A packet of TCP or UDP.
pub(super) struct Packet<'p> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) transport: Transport,
    pub(super) payload: &'p [u8],
}

/// What the transport says of its payload.
pub(super) enum Transport {
    Tcp { begins: bool, acknowledges: bool, ends: bool, sequence: u32 },
    Udp,
}

/// A capture that is read from its beginning.
pub(super) struct Packets {
    path: String,
    reader: Box<dyn PcapReaderIterator>,
    progress: ProgressBar,
    /// The links of the section's interfaces.
    links: Vec<Linktype>,
    fragments: IpDefragPool<u64>,
    count: u64,
}

/// Where the headers of a packet begin.
#[derive(Clone, Copy)]
enum Begin {
    Ethernet,
    Type(EtherType),
    Ip,
}

impl Packets {
    pub(super) fn open(path: &Path) -> Result<Packets, Error> {
        let name = path.display().to_string();
        // What cannot be read is told as the system does: the reader does not say why.
        let opened = File::open(path);
        let opened = opened.and_then(|mut file| file.read(&mut []).map(|_| file));
        let file = match opened {
            Ok(file) => file,
            Err(error) => return Err(Error::Read { path: name, error }),
        };
        let bytes = file.metadata().map_or(0, |about| about.len());
        let progress = progress(bytes);
        let reader = create_reader(BUFFER_BYTES, progress.wrap_read(file));
        let reader = reader.map_err(|error| no_capture(&name, &error))?;
        let (links, fragments) = (Vec::new(), IpDefragPool::new());
        Ok(Packets { path: name, reader, progress, links, fragments, count: 0 })
    }

    /// Shows each packet of TCP and UDP.
    pub(super) fn each(
        &mut self,
        mut see: impl FnMut(Packet<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut exhausted = false;
        loop {
            let (used, block) = match self.reader.next() {
                Ok(next) => next,
                Err(PcapError::Eof) => break,
                // A capture that was cut off is told as far as it goes.
                Err(PcapError::UnexpectedEof) => {
                    cut_off(&self.path);
                    break;
                }
                Err(PcapError::Incomplete(_)) if exhausted => {
                    cut_off(&self.path);
                    break;
                }
                Err(PcapError::Incomplete(_)) => {
                    exhausted = self.reader.reader_exhausted();
                    let filled =
                        self.reader.refill().map_err(|error| no_capture(&self.path, &error));
                    filled?;
                    continue;
                }
                Err(error) => return Err(no_capture(&self.path, &error)),
            };
            let link = |links: &[Linktype], place: u32| {
                usize::try_from(place).ok().and_then(|place| links.get(place)).copied()
            };
            let packet = match &block {
                PcapBlockOwned::LegacyHeader(header) => {
                    self.links = vec![header.network];
                    None
                }
                PcapBlockOwned::Legacy(packet) => Some((link(&self.links, 0), packet.data)),
                PcapBlockOwned::NG(Block::SectionHeader(_)) => {
                    self.links.clear();
                    None
                }
                PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
                    self.links.push(interface.linktype);
                    None
                }
                PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                    let captured = usize::try_from(packet.caplen).unwrap_or(usize::MAX);
                    let data = packet.data.get(..captured).unwrap_or(packet.data);
                    Some((link(&self.links, packet.if_id), data))
                }
                PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
                    Some((link(&self.links, 0), packet.data))
                }
                PcapBlockOwned::NG(_) => None,
            };
            if let Some((Some(link), data)) = packet {
                self.count += 1;
                dissect(link, data, self.count, &mut self.fragments, &mut see)?;
            }
            self.reader.consume(used);
        }
        self.progress.finish_and_clear();
        Ok(())
    }
}

/// What shows how far a long capture is read, on a terminal.
fn progress(bytes: u64) -> ProgressBar {
    let shown = bytes >= LONG_BYTES && !std::io::stdout().is_terminal();
    if !shown {
        return ProgressBar::hidden();
    }
    let template = "{bar:40} {bytes} of {total_bytes}, {eta} left";
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn cut_off(path: &str) {
    anstream::eprintln!("`{path}` ends inside a packet");
}

fn no_capture(path: &str, error: &PcapError<&[u8]>) -> Error {
    let error = std::io::Error::new(std::io::ErrorKind::InvalidData, format!("{error}"));
    Error::Read { path: path.to_owned(), error }
}

/// Shows the packet of TCP or UDP that was captured, if it is one and whole.
fn dissect(
    link: Linktype,
    data: &[u8],
    count: u64,
    fragments: &mut IpDefragPool<u64>,
    see: &mut impl FnMut(Packet<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let Some((begin, data)) = begin(link, data) else { return Ok(()) };
    let lax = match begin {
        Begin::Ethernet => LaxSlicedPacket::from_ethernet(data).ok(),
        Begin::Type(ty) => Some(LaxSlicedPacket::from_ether_type(ty, data)),
        Begin::Ip => LaxSlicedPacket::from_ip(data).ok(),
    };
    let Some(lax) = lax else { return Ok(()) };
    let Some((from, to)) = addresses(lax.net.as_ref()) else { return Ok(()) };
    match &lax.transport {
        Some(TransportSlice::Tcp(tcp)) => see(tcp_packet(from, to, tcp)),
        Some(TransportSlice::Udp(udp)) => see(udp_packet(from, to, udp)),
        Some(_) => Ok(()),
        None => {
            let strict = match begin {
                Begin::Ethernet => SlicedPacket::from_ethernet(data).ok(),
                Begin::Type(ty) => SlicedPacket::from_ether_type(ty, data).ok(),
                Begin::Ip => SlicedPacket::from_ip(data).ok(),
            };
            let Some(strict) = strict else { return Ok(()) };
            if count.is_multiple_of(FRAGMENT_PACKETS) {
                fragments.retain(|seen| count - seen < FRAGMENT_PACKETS);
            }
            let Ok(Some(whole)) = fragments.process_sliced_packet(&strict, count, ()) else {
                return Ok(());
            };
            let told = match whole.ip_number {
                IpNumber::TCP => TcpSlice::from_slice(&whole.payload)
                    .map_or(Ok(()), |tcp| see(tcp_packet(from, to, &tcp))),
                IpNumber::UDP => UdpSlice::from_slice(&whole.payload)
                    .map_or(Ok(()), |udp| see(udp_packet(from, to, &udp))),
                _ => Ok(()),
            };
            fragments.return_buf(whole);
            told
        }
    }
}

/// What stands before the headers that are read.
fn begin(link: Linktype, data: &[u8]) -> Option<(Begin, &[u8])> {
    let cooked = |at: usize, length: usize| {
        let ty = data.get(at..at + 2)?.try_into().ok()?;
        Some((Begin::Type(EtherType(u16::from_be_bytes(ty))), data.get(length..)?))
    };
    match link {
        Linktype::ETHERNET => Some((Begin::Ethernet, data)),
        Linktype::NULL | Linktype::LOOP => Some((Begin::Ip, data.get(LOOPBACK_BYTES..)?)),
        // Some systems number the raw link otherwise.
        Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 | Linktype(12 | 14) => {
            Some((Begin::Ip, data))
        }
        Linktype::LINUX_SLL => cooked(COOKED_BYTES - 2, COOKED_BYTES),
        Linktype::LINUX_SLL2 => cooked(0, COOKED_2_BYTES),
        _ => None,
    }
}

fn addresses(net: Option<&LaxNetSlice<'_>>) -> Option<(IpAddr, IpAddr)> {
    match net? {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            Some((header.source_addr().into(), header.destination_addr().into()))
        }
        LaxNetSlice::Ipv6(ip) => {
            let header = ip.header();
            Some((header.source_addr().into(), header.destination_addr().into()))
        }
        LaxNetSlice::Arp(_) => None,
    }
}

fn tcp_packet<'p>(from: IpAddr, to: IpAddr, tcp: &TcpSlice<'p>) -> Packet<'p> {
    Packet {
        from: SocketAddr::new(from, tcp.source_port()),
        to: SocketAddr::new(to, tcp.destination_port()),
        transport: Transport::Tcp {
            begins: tcp.syn(),
            acknowledges: tcp.ack(),
            ends: tcp.fin() || tcp.rst(),
            sequence: tcp.sequence_number(),
        },
        payload: tcp.payload(),
    }
}

fn udp_packet<'p>(from: IpAddr, to: IpAddr, udp: &UdpSlice<'p>) -> Packet<'p> {
    Packet {
        from: SocketAddr::new(from, udp.source_port()),
        to: SocketAddr::new(to, udp.destination_port()),
        transport: Transport::Udp,
        payload: udp.payload(),
    }
}
