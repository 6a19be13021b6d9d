//! Many bytes at a time, by processors that can.

#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod avx2;
mod common;
#[cfg(all(test, feature = "std", not(miri)))]
mod edges;
#[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
mod neon;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2;
#[cfg(test)]
mod tests;

#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub(crate) use avx2::{plain, run};
// What is imported by its name stands before it.
#[allow(unused_imports, reason = "some kinds of processors can do all of it")]
pub(crate) use common::nothing::*;
#[cfg(all(target_arch = "aarch64", target_endian = "little", target_feature = "neon"))]
pub(crate) use neon::{ascii_before, find, plain, run};
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
pub(crate) use sse2::{ascii_before, find};
