//! Frames that hold their own bytes.

use core::fmt;
use core::marker::PhantomData;

use bytes::Bytes;

#[cfg(feature = "codec")]
use super::Framed;
use super::{Decoded, Frame};
use crate::read::Reader;

/// A frame with the bytes it views. A clone shares them.
pub struct Owned<F> {
    bytes: Bytes,
    frame: PhantomData<fn() -> F>,
}

impl<F: Frame> Owned<F> {
    /// A frame from its bytes.
    ///
    /// # Errors
    /// The first rule that they break.
    pub fn decode(bytes: Bytes) -> Decoded<Owned<F>> {
        F::decode(&bytes)?;
        Ok(Owned { bytes, frame: PhantomData })
    }

    /// The same of bytes that such a frame has just been read of, and takes all of.
    #[inline]
    pub(crate) const fn decoded(bytes: Bytes) -> Owned<F> {
        Owned { bytes, frame: PhantomData }
    }

    /// Whether bytes that were cut as [`Framed::CUT`] says are such a frame: its end is not looked
    /// for again.
    ///
    /// # Errors
    /// The first rule that they break.
    #[cfg(feature = "codec")]
    #[inline]
    pub(crate) fn check(bytes: &[u8]) -> Decoded<()>
    where
        F: Framed,
    {
        crate::find::decode(F::NAME, &F::CUT, bytes, |reader| F::read(reader))?;
        Ok(())
    }

    /// The frame.
    ///
    /// # Panics
    /// Never: the bytes were decoded before, and cannot have changed.
    #[must_use]
    #[inline]
    pub fn view(&self) -> F::View<'_> {
        let frame = F::read_again(&mut Reader::again(&self.bytes));
        frame.unwrap_or_else(|| changed(F::NAME))
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its bytes.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

/// Apart, so that what looks at a frame is short.
#[cold]
fn changed(name: &str) -> ! {
    panic!("bytes of a {name} changed")
}

impl<F> Clone for Owned<F> {
    fn clone(&self) -> Owned<F> {
        Owned { bytes: self.bytes.clone(), frame: PhantomData }
    }
}

impl<F> PartialEq for Owned<F> {
    fn eq(&self, other: &Owned<F>) -> bool {
        self.bytes == other.bytes
    }
}

impl<F> Eq for Owned<F> {}

impl<F: Frame> fmt::Debug for Owned<F>
where
    for<'a> F::View<'a>: fmt::Debug,
{
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(formatter)
    }
}
