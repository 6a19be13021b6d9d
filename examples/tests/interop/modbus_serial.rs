//! Modbus RTU and ASCII with pymodbus, both ways, its bytes going over TCP as over a line.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use framer_protocols::modbus::{
    AsciiAnswer, AsciiLine, AsciiQuery, Exception, Failure, HoldingRegisters, ReadCoils,
    ReadHoldingRegisters, RegistersWritten, RtuAnswer, RtuQuery, SerialRequest, SerialResponse,
    WriteRegisters, ascii, rtu,
};
use framer_runtime::blocking::Connection;
use framer_runtime::datagram::Datagrams;
use framer_runtime::frame::Frame;
use framer_runtime::machine::{Described, Progress};

use crate::from_peers::succeeds;
use crate::peers::Peer;
use crate::server::Server;

const CLIENT: &str = r#"
import sys
from pymodbus import FramerType
from pymodbus.client import ModbusTcpClient
client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]), framer=FramerType(sys.argv[2]))
assert client.connect()
def good(answer):
    assert not answer.isError(), answer
    return answer
for count in (1, 2, 123):
    values = [i * 517 % 65536 for i in range(count)]
    good(client.write_registers(10, values, device_id=9))
    assert good(client.read_holding_registers(10, count=count, device_id=9)).registers == values
missing = client.read_holding_registers(65535, count=2, device_id=9)
assert missing.isError() and missing.exception_code == 2, missing
unknown = client.read_coils(0, count=9, device_id=9)
assert unknown.isError() and unknown.exception_code == 1, unknown
client.close()
print("done")
"#;

const SERVER: &str = r#"
import asyncio, sys
from pymodbus import FramerType
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusDeviceContext, ModbusServerContext
from pymodbus.server import ModbusTcpServer
async def main():
    device = ModbusDeviceContext(hr=ModbusSequentialDataBlock(1, [0] * 1000))
    context = ModbusServerContext(devices=device, single=True)
    server = ModbusTcpServer(context, framer=FramerType(sys.argv[1]), address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    host, port = server.transport.sockets[0].getsockname()[:2]
    print(f"listening on {host}:{port}", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"#;

/// What a line is quiet for between frames. A character would take a millisecond at 9600 baud.
const SILENCE: Duration = Duration::from_millis(30);

/// What comes up to the next silence; nothing at the end.
fn burst(line: &mut TcpStream) -> Vec<u8> {
    let (mut burst, mut part) = (Vec::new(), [0; 512]);
    loop {
        line.set_read_timeout((!burst.is_empty()).then_some(SILENCE)).expect("a time limit");
        match line.read(&mut part) {
            Ok(0) => return burst,
            Ok(count) => burst.extend_from_slice(&part[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return burst;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Writes all that is to be sent.
fn flush<M: Described>(session: &mut Datagrams<M>, line: &mut TcpStream) {
    while let Some(burst) = session.transmit() {
        line.write_all(burst).expect("it is sent");
        session.transmitted();
    }
}

// ---- The server: registers of one device ----

fn answer<'v>(
    registers: &mut [u16],
    request: SerialRequest<'_>,
    values: &'v mut Vec<u16>,
) -> SerialResponse<'v> {
    match request {
        SerialRequest::ReadHoldingRegisters(read) => {
            let start = usize::from(read.start);
            let Some(found) = registers.get(start..start + usize::from(read.count)) else {
                return Failure::new(3, Exception::IllegalDataAddress).into();
            };
            values.extend_from_slice(found);
            HoldingRegisters::new(values.as_slice()).into()
        }
        SerialRequest::WriteRegisters(write) => {
            let count = u16::try_from(write.values.len()).expect("a short list");
            let places = registers.iter_mut().skip(usize::from(write.start));
            places.zip(write.values.iter()).for_each(|(place, value)| *place = value);
            RegistersWritten::new(write.start, count).into()
        }
        _ => Failure::new(1, Exception::IllegalFunction).into(),
    }
}

fn serve_rtu(mut line: TcpStream) {
    let mut registers = vec![0; 65_536];
    let mut session = Datagrams::new(rtu::Server::new(), 4096);
    loop {
        let heard = burst(&mut line);
        if heard.is_empty() {
            return;
        }
        let turn = session.receive(&heard).expect("what a client asks");
        let Progress::Event((rtu::server::Event::RtuQuery(query), mut reply)) = turn else {
            panic!("no request")
        };
        let mut values = Vec::new();
        let response = answer(&mut registers, query.request, &mut values);
        reply.send(RtuAnswer::new(query.unit, response)).expect("it is asked");
        flush(&mut session, &mut line);
    }
}

fn serve_ascii(line: TcpStream) {
    let mut registers = vec![0; 65_536];
    let mut connection = Connection::new(line, ascii::Server::new());
    while let Some((event, mut reply)) = connection.next().expect("no fault") {
        let ascii::server::Event::AsciiLine(line) = event else { panic!("{event:?}") };
        let message = line.message.to_vec();
        let query = AsciiQuery::decode(&message).expect("a request");
        let (mut values, mut out) = (Vec::new(), Vec::new());
        let response = answer(&mut registers, query.request, &mut values);
        AsciiAnswer::new(query.unit, response).encode(&mut out).expect("an answer");
        reply.send(AsciiLine::new(out.as_slice())).expect("it may be said");
    }
}

pub(crate) fn pymodbus_asks() {
    for (framer, serve) in [("rtu", serve_rtu as fn(TcpStream)), ("ascii", serve_ascii)] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port().to_string();
        let served = thread::spawn(move || serve(listener.accept().expect("a client").0));
        let out = succeeds(Peer::Pymodbus.command().args(["-c", CLIENT, &port, framer]));
        assert_eq!(out.trim(), "done");
        served.join().expect("no fault");
    }
}

// ---- The client ----

/// Asks a device over RTU.
struct Rtu {
    line: TcpStream,
    session: Datagrams<rtu::Client>,
}

impl Rtu {
    fn ask(&mut self, request: SerialRequest<'_>, expected: SerialResponse<'_>) {
        self.session.send(RtuQuery::new(1, request)).expect("it may be asked");
        flush(&mut self.session, &mut self.line);
        let heard = burst(&mut self.line);
        let turn = self.session.receive(&heard).expect("what a server answers");
        let Progress::Event((rtu::client::Event::RtuAnswer(answer), _)) = turn else {
            panic!("no answer")
        };
        assert_eq!(answer, RtuAnswer::new(1, expected));
    }
}

/// Asks a device over ASCII.
struct Ascii(Connection<TcpStream, ascii::Client>);

impl Ascii {
    fn ask(&mut self, request: SerialRequest<'_>, expected: SerialResponse<'_>) {
        let mut out = Vec::new();
        AsciiQuery::new(1, request).encode(&mut out).expect("a request");
        self.0.send(AsciiLine::new(out.as_slice())).expect("it may be asked");
        let (event, _) = self.0.next().expect("no fault").expect("an answer");
        let ascii::client::Event::AsciiLine(line) = event else { panic!("{event:?}") };
        let message = line.message.to_vec();
        assert_eq!(AsciiAnswer::decode(&message), Ok(AsciiAnswer::new(1, expected)));
    }
}

fn talk(mut ask: impl FnMut(SerialRequest<'_>, SerialResponse<'_>)) {
    let values: Vec<u16> = (0..123).map(|value| value * 517).collect();
    for count in [1_usize, 2, 123] {
        let some = &values[..count];
        let number = u16::try_from(count).expect("a count");
        let written = RegistersWritten::new(20, number);
        ask(WriteRegisters::new(20, some).into(), written.into());
        let read = ReadHoldingRegisters::new(20, number);
        ask(read.into(), HoldingRegisters::new(some).into());
    }
    let missing = Failure::new(3, Exception::IllegalDataAddress);
    ask(ReadHoldingRegisters::new(65_535, 2).into(), missing.into());
    let unknown = Failure::new(1, Exception::IllegalDataAddress);
    ask(ReadCoils::new(65_535, 1).into(), unknown.into());
}

pub(crate) fn pymodbus_answers() {
    let connect = |framer: &str| -> (Server, TcpStream) {
        let server = Server::spawn(Peer::Pymodbus.command().args(["-c", SERVER, framer]));
        let address: SocketAddr = server.address;
        (server, TcpStream::connect(address).expect("a server"))
    };
    let (_server, line) = connect("rtu");
    let mut rtu = Rtu { line, session: Datagrams::new(rtu::Client::new(), 4096) };
    talk(|request, expected| rtu.ask(request, expected));
    let (_server, line) = connect("ascii");
    let mut ascii = Ascii(Connection::new(line, ascii::Client::new()));
    talk(|request, expected| ascii.ask(request, expected));
}
