//! A Modbus device with registers and coils and nothing behind them.

use std::sync::{Arc, Mutex, PoisonError};

use clap::Parser;
use framer_examples::listen::{Listen, listen};
use framer_protocols::modbus::tcp::server::Event;
use framer_protocols::modbus::{
    self, Answer, CoilWritten, Coils, CoilsWritten, Exception, Failure, HoldingRegisters,
    InputRegisters, Inputs, RegisterMasked, RegisterWritten, RegistersReadWritten,
    RegistersWritten, Request, Response,
};
use framer_runtime::Error;
use framer_runtime::net::Stream;
use framer_runtime::tokio::Connection;

/// What the device holds: a value for every address.
struct Device {
    coils: Vec<bool>,
    registers: Vec<u16>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let device =
        Arc::new(Mutex::new(Device { coils: vec![false; 65_536], registers: vec![0; 65_536] }));
    let Listen { listen: address } = Listen::parse();
    listen("modbusd", address, move |stream| session(stream, Arc::clone(&device))).await?;
    Ok(())
}

async fn session(socket: Stream, device: Arc<Mutex<Device>>) -> Result<(), Error> {
    let mut connection = Connection::new(socket, modbus::tcp::Server::new());
    while let Some((Event::Query(query), mut reply)) = connection.next().await? {
        let mut device = device.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut bits, mut words) = (Vec::new(), Vec::new());
        let response = match device.answer(query.request, &mut bits, &mut words) {
            Ok(response) => response,
            Err(code) => Failure::new(query.request.number(), code).into(),
        };
        reply.send(Answer::new(query.transaction, query.unit, response))?;
    }
    Ok(())
}

impl Device {
    /// Does what is asked; what is read is put into `bits` or `words`.
    fn answer<'v>(
        &mut self,
        request: Request<'_>,
        bits: &'v mut Vec<u8>,
        words: &'v mut Vec<u16>,
    ) -> Result<Response<'v>, Exception> {
        Ok(match request {
            Request::ReadCoils(read) => {
                self.coils(read.start, read.count, bits)?;
                Coils::new(bits).into()
            }
            Request::ReadInputs(read) => {
                self.coils(read.start, read.count, bits)?;
                Inputs::new(bits).into()
            }
            Request::ReadHoldingRegisters(read) => {
                words.extend_from_slice(self.registers(read.start, read.count, 125)?);
                HoldingRegisters::new(words.as_slice()).into()
            }
            Request::ReadInputRegisters(read) => {
                words.extend_from_slice(self.registers(read.start, read.count, 125)?);
                InputRegisters::new(words.as_slice()).into()
            }
            Request::WriteCoil(write) => {
                let on = match write.value {
                    0xff00 => true,
                    0 => false,
                    _ => return Err(Exception::IllegalDataValue),
                };
                *slice(&mut self.coils, write.address, 1)?.first_mut().ok_or(NO_ADDRESS)? = on;
                CoilWritten::new(write.address, write.value).into()
            }
            Request::WriteRegister(write) => {
                self.write(write.address, [write.value].into_iter())?;
                RegisterWritten::new(write.address, write.value).into()
            }
            Request::WriteCoils(write) => {
                let needed = usize::from(write.count).div_ceil(8);
                if !(1..=1968).contains(&write.count) || write.values.len() != needed {
                    return Err(Exception::IllegalDataValue);
                }
                let coils = slice(&mut self.coils, write.start, write.count.into())?;
                for (group, byte) in coils.chunks_mut(8).zip(write.values) {
                    group
                        .iter_mut()
                        .enumerate()
                        .for_each(|(bit, coil)| *coil = byte >> bit & 1 == 1);
                }
                CoilsWritten::new(write.start, write.count).into()
            }
            Request::WriteRegisters(write) => {
                self.write(write.start, write.values.iter())?;
                let count = u16::try_from(write.values.len()).unwrap_or(0);
                RegistersWritten::new(write.start, count).into()
            }
            Request::MaskWriteRegister(mask) => {
                let old = *self.registers(mask.address, 1, 1)?.first().ok_or(NO_ADDRESS)?;
                let new = (old & mask.and) | (mask.or & !mask.and);
                self.write(mask.address, [new].into_iter())?;
                RegisterMasked::new(mask.address, mask.and, mask.or).into()
            }
            Request::ReadWriteRegisters(both) => {
                self.write(both.write_start, both.values.iter())?;
                words.extend_from_slice(self.registers(both.read_start, both.read_count, 125)?);
                RegistersReadWritten::new(words.as_slice()).into()
            }
            Request::ReadFifo(_) | Request::OtherRequest(_) => {
                return Err(Exception::IllegalFunction);
            }
        })
    }

    fn coils(&mut self, start: u16, count: u16, bits: &mut Vec<u8>) -> Result<(), Exception> {
        if !(1..=2000).contains(&count) {
            return Err(Exception::IllegalDataValue);
        }
        let coils = slice(&mut self.coils, start, count.into())?;
        bits.extend(coils.chunks(8).map(|group| {
            group.iter().enumerate().fold(0, |byte, (bit, coil)| byte | u8::from(*coil) << bit)
        }));
        Ok(())
    }

    fn registers(&mut self, start: u16, count: u16, most: u16) -> Result<&[u16], Exception> {
        if !(1..=most).contains(&count) {
            return Err(Exception::IllegalDataValue);
        }
        Ok(slice(&mut self.registers, start, count.into())?)
    }

    fn write(
        &mut self,
        start: u16,
        values: impl ExactSizeIterator<Item = u16>,
    ) -> Result<(), Exception> {
        let registers = slice(&mut self.registers, start, values.len())?;
        registers.iter_mut().zip(values).for_each(|(register, value)| *register = value);
        Ok(())
    }
}

const NO_ADDRESS: Exception = Exception::IllegalDataAddress;

/// So many values from an address on.
fn slice<T>(values: &mut [T], start: u16, count: usize) -> Result<&mut [T], Exception> {
    let start = usize::from(start);
    values.get_mut(start..start.saturating_add(count)).ok_or(NO_ADDRESS)
}
