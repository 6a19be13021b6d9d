//! What a program needs of the system where no standard library asks for it: a beginning, an end,
//! and a place to write to.
#![allow(unsafe_code, reason = "the system is called as C calls it")]

use core::ffi::{c_int, c_void};
use core::fmt;
use core::panic::PanicInfo;

#[link(name = "c")]
unsafe extern "C" {
    fn write(file: c_int, bytes: *const c_void, count: usize) -> isize;
    fn abort() -> !;
}

/// The standard output.
pub struct Console;

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: the pointer and the count are those of a slice that lives until the call returns.
        let written = unsafe { write(1, text.as_ptr().cast(), text.len()) };
        if usize::try_from(written) == Ok(text.len()) { Ok(()) } else { Err(fmt::Error) }
    }
}

// SAFETY: it is the only symbol of this name, and of the type that C wants.
#[unsafe(no_mangle)]
extern "C" fn main(_count: c_int, _arguments: *const *const u8) -> c_int {
    match super::run() {
        Ok(()) => super::report().map_or(99, |()| 0),
        Err(conversation) => conversation,
    }
}

#[panic_handler]
fn panicked(_info: &PanicInfo<'_>) -> ! {
    // SAFETY: it takes nothing and does not return.
    unsafe { abort() }
}
