//! Many bytes at a time, by processors that can.

#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod avx2;

#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub(crate) use avx2::{find, run};
#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
pub(crate) use portable::{find, run};

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

    pub(crate) const fn run(_rows: &Rows, _bytes: &[u8]) -> Option<usize> {
        None
    }
}
