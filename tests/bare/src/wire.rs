//! What bytes pass through.

use core::convert::Infallible;

use framer_runtime::connection::Connection;
use framer_runtime::machine::Machine;
use framer_runtime::memory::Fixed;

/// Carries what one side has to say to the other, at most so many bytes.
pub fn carry<A: Machine, B: Machine>(
    from: &mut Connection<A, Fixed<'_>>,
    to: &mut Connection<B, Fixed<'_>>,
    step: usize,
) {
    let bytes = from.transmit();
    let count = to.receive(bytes.get(..step).unwrap_or(bytes));
    from.transmitted(count);
}

/// A stream in memory, which gives and takes at most so many bytes at once.
pub struct Wire {
    says: &'static [u8],
    step: usize,
    told: [u8; 64],
    len: usize,
}

impl Wire {
    /// A stream of these bytes.
    pub const fn new(says: &'static [u8], step: usize) -> Wire {
        Wire { says, step, told: [0; 64], len: 0 }
    }

    /// What was written.
    pub fn told(&self) -> &[u8] {
        self.told.get(..self.len).unwrap_or_default()
    }
}

impl embedded_io::ErrorType for Wire {
    type Error = Infallible;
}

impl embedded_io::Read for Wire {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Infallible> {
        let count = self.step.min(room.len()).min(self.says.len());
        let (now, later) = self.says.split_at(count);
        if let Some(room) = room.get_mut(..count) {
            room.copy_from_slice(now);
        }
        self.says = later;
        Ok(count)
    }
}

impl embedded_io::Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let count = self.step.min(bytes.len());
        let end = self.len.saturating_add(count);
        match (self.told.get_mut(self.len..end), bytes.get(..count)) {
            (Some(room), Some(bytes)) => room.copy_from_slice(bytes),
            _ => return Ok(0),
        }
        self.len = end;
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
