//! Many bytes at a time, by processors that can.

#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod avx2;
#[cfg(all(test, feature = "std", target_arch = "x86_64", not(miri)))]
mod edges;

#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub(crate) use avx2::{find, plain, run};
#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
pub(crate) use portable::{find, plain, run};

/// What is told where the processor, or the library without `std`, cannot: nothing.
#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
mod portable {
    use crate::class::Rows;

    pub(crate) const fn find<const N: usize>(
        _set: [u8; N],
        _bytes: &[u8],
    ) -> Option<Result<usize, usize>> {
        None
    }

    pub(crate) const fn plain(_pair: [u8; 2], _first: u8, _bytes: &[u8]) -> usize {
        0
    }

    pub(crate) const fn run(_rows: &Rows, _bytes: &[u8]) -> Option<usize> {
        None
    }
}
