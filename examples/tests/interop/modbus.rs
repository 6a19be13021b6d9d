//! Modbus with pymodbus, both ways.

use std::net::{SocketAddr, TcpStream};

use framer_protocols::modbus::tcp::client::Event;
use framer_protocols::modbus::{
    self, Answer, Coils, CoilsWritten, Exception, Failure, HoldingRegisters, Query, ReadCoils,
    ReadHoldingRegisters, ReadWriteRegisters, RegistersReadWritten, RegistersWritten, Request,
    Response, WriteCoils, WriteRegisters,
};
use framer_runtime::blocking::Connection;

use crate::from_peers::succeeds;
use crate::peers::Peer;
use crate::server::Server;

const CLIENT: &str = r#"
import sys
from pymodbus.client import ModbusTcpClient
client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]))
assert client.connect()
def good(answer):
    assert not answer.isError(), answer
    return answer
good(client.write_registers(10, [1, 2, 0xffff]))
assert good(client.read_holding_registers(10, count=3)).registers == [1, 2, 0xffff]
assert good(client.read_input_registers(11, count=1)).registers == [2]
good(client.write_register(11, 7))
good(client.mask_write_register(address=11, and_mask=0xf0, or_mask=0x05))
assert good(client.read_holding_registers(11, count=1)).registers == [5]
bits = [True, False, True, True, False, False, False, True, True, False]
good(client.write_coils(3, bits))
assert good(client.read_coils(3, count=10)).bits[:10] == bits
good(client.write_coil(4, True))
assert good(client.read_discrete_inputs(4, count=1)).bits[0]
both = client.readwrite_registers(read_address=10, read_count=2, write_address=11, values=[9, 8])
assert good(both).registers == [1, 9]
good(client.write_registers(0, list(range(123))))
assert good(client.read_holding_registers(0, count=125)).registers[:123] == list(range(123))
missing = client.read_holding_registers(65535, count=2)
assert missing.isError() and missing.exception_code == 2, missing
unknown = client.read_fifo_queue(address=0)
assert unknown.isError() and unknown.exception_code == 1, unknown
print("done")
"#;

const SERVER: &str = r#"
import asyncio
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusDeviceContext, ModbusServerContext
from pymodbus.server import ModbusTcpServer
async def main():
    block = lambda: ModbusSequentialDataBlock(1, [0] * 1000)
    device = ModbusDeviceContext(di=block(), co=block(), hr=block(), ir=block())
    server = ModbusTcpServer(ModbusServerContext(devices=device, single=True), address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    host, port = server.transport.sockets[0].getsockname()[:2]
    print(f"listening on {host}:{port}", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"#;

pub(crate) fn pymodbus_asks() {
    let server = Server::start(env!("CARGO_BIN_EXE_modbusd"), &[]);
    let port = server.address.port().to_string();
    let out = succeeds(Peer::Pymodbus.command().args(["-c", CLIENT, &port]));
    assert_eq!(out.trim(), "done");
}

/// pymodbus's server looks at one request of those that arrive together, and drops the others.
pub(crate) fn pymodbus_answers() {
    let server = Server::spawn(Peer::Pymodbus.command().args(["-c", SERVER]));
    talk(server.address, 1);
}

/// Everything asked at once; each answer belongs to its question by its number.
pub(crate) fn modbusd_answers() {
    let server = Server::start(env!("CARGO_BIN_EXE_modbusd"), &[]);
    talk(server.address, 16);
}

/// Asks for things, so many at a time.
fn talk(address: SocketAddr, at_a_time: usize) {
    let socket = TcpStream::connect(address).expect("a server");
    let mut connection = Connection::new(socket, modbus::tcp::Client::new());
    let talk: [(Request<'_>, Response<'_>); 7] = [
        (WriteRegisters::new(20, &[500, 501, 502]).into(), RegistersWritten::new(20, 3).into()),
        (ReadHoldingRegisters::new(20, 3).into(), HoldingRegisters::new(&[500, 501, 502]).into()),
        (WriteCoils::new(5, 11, &[0b1010_0101, 0b110]).into(), CoilsWritten::new(5, 11).into()),
        (ReadCoils::new(5, 11).into(), Coils::new(&[0b1010_0101, 0b110]).into()),
        (
            ReadWriteRegisters::new(20, 2, 21, &[7, 8]).into(),
            RegistersReadWritten::new(&[500, 7]).into(),
        ),
        (
            ReadHoldingRegisters::new(65_535, 2).into(),
            Failure::new(3, Exception::IllegalDataAddress).into(),
        ),
        (ReadHoldingRegisters::new(22, 1).into(), HoldingRegisters::new(&[8]).into()),
    ];
    for some in talk.chunks(at_a_time) {
        for (number, (request, _)) in (100..).zip(some) {
            connection.send(Query::new(number, 1, *request)).expect("it may be asked");
        }
        for _ in some {
            let turn = connection.next().expect("no fault").expect("an answer");
            let (Event::Answer(Answer { transaction, response, .. }), _) = turn;
            let (_, expected) = some[usize::from(transaction - 100)];
            assert_eq!(response, expected, "{transaction}");
        }
    }
}
