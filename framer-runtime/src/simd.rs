//! Many bytes at a time, by processors that can.

#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod avx2;
#[cfg(all(test, feature = "std", target_arch = "x86_64", not(miri)))]
mod edges;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2;

#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub(crate) use avx2::{plain, run};
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
pub(crate) use portable::{ascii_before, find};
#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
pub(crate) use portable::{plain, run};
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
pub(crate) use sse2::{ascii_before, find};

/// What is told where the processor, or the library without `std`, cannot: nothing.
#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
mod portable {
    use crate::class::Rows;

    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    pub(crate) const fn find<const N: usize>(_set: [u8; N], _bytes: &[u8]) -> Result<usize, usize> {
        Err(0)
    }

    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    pub(crate) const fn ascii_before(_byte: u8, _bytes: &[u8]) -> Option<usize> {
        None
    }

    pub(crate) const fn plain(_pair: [u8; 2], _first: u8, _bytes: &[u8]) -> usize {
        0
    }

    pub(crate) const fn run(_rows: &Rows, _bytes: &[u8]) -> Option<usize> {
        None
    }
}
