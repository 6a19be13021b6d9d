//! A stream whose bytes are counted, and whose reading may be paused.

use core::pin::Pin;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::task::{Context, Poll, Waker, ready};
use std::boxed::Box;
use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::live::{Facts, whole};
use crate::find::wide;
use crate::net::Duplex;

/// What goes through a stream.
#[derive(Default)]
pub(super) struct Meter {
    received: AtomicU64,
    sent: AtomicU64,
    gate: Gate,
}

impl Meter {
    /// Bytes that were read, and that were written.
    pub(super) fn bytes(&self) -> (u64, u64) {
        (self.received.load(Ordering::Relaxed), self.sent.load(Ordering::Relaxed))
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// What is read comes through here.
#[derive(Default)]
pub(super) struct Gate {
    is_shut: AtomicBool,
    /// Who waits for it to open.
    waiting: Mutex<Option<Waker>>,
}

impl Gate {
    pub(super) fn shut(&self) {
        self.is_shut.store(true, Ordering::Release);
    }

    /// Wakes who waits, and no more: it goes on in its own time, however often this is called.
    pub(super) fn open(&self) {
        self.is_shut.store(false, Ordering::Release);
        let waiting = whole(&self.waiting).take();
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    fn poll_open(&self, context: &Context<'_>) -> Poll<()> {
        if !self.is_shut.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        *whole(&self.waiting) = Some(context.waker().clone());
        // Who opened it before there was somebody to wake has woken nobody.
        if self.is_shut.load(Ordering::Acquire) { Poll::Pending } else { Poll::Ready(()) }
    }
}

/// A stream whose bytes are counted.
pub(super) struct Counted {
    inner: Box<dyn Duplex>,
    facts: Arc<Facts>,
}

impl Counted {
    pub(super) fn new(inner: Box<dyn Duplex>, facts: Arc<Facts>) -> Counted {
        Counted { inner, facts }
    }

    fn wrote(&self, count: usize) {
        self.facts.meter.sent.fetch_add(wide(count), Ordering::Relaxed);
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.facts.meter.gate.poll_open(context));
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        let count = buffer.filled().len().saturating_sub(before);
        self.facts.meter.received.fetch_add(wide(count), Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(context, bytes))?;
        self.wrote(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write_vectored(context, parts))?;
        self.wrote(written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
