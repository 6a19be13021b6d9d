//! What is known of a session.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::boxed::Box;
use std::string::String;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::ending::Ending;
use crate::find::wide;
use crate::net::Address;
use crate::net::stream::Ends;

/// What is known of a session, by all who ask: its table, its streams, itself.
pub(super) struct Facts {
    pub(super) id: u64,
    since: Instant,
    received: AtomicU64,
    sent: AtomicU64,
    /// Whether nothing is read from the peer.
    is_shut: AtomicBool,
    told: Mutex<Told>,
}

/// What changes seldom.
struct Told {
    ends: Ends,
    state: Box<str>,
    /// Who waits to read.
    reader: Option<Waker>,
    ending: Ending,
    /// As long as it goes on, it may yet be cut off.
    how: How,
    task: Option<AbortHandle>,
}

/// How a session has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Well,
    Failed,
    CutOff,
}

/// What is known of a session, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Which session of the server it is, from 1.
    pub id: u64,
    /// The server's end.
    pub local: Address,
    /// The peer's.
    pub peer: Address,
    /// How long it has gone on, its layers included.
    pub age: Duration,
    /// Bytes that the session has read.
    pub received: u64,
    /// Bytes that it has written.
    pub sent: u64,
    /// What it said of itself last; see [`Session::set_state`](super::Session::set_state).
    pub state: String,
}

/// What a thread that panicked has left is whole: each change is one step.
pub(super) fn whole<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Facts {
    /// Of a session that begins, and is to end at once if `ending`.
    pub(super) fn new(id: u64, ends: &Ends, ending: bool) -> Facts {
        let told = Told {
            ends: Arc::clone(ends),
            state: Box::default(),
            reader: None,
            ending: Ending::new(ending),
            how: How::CutOff,
            task: None,
        };
        Facts {
            id,
            since: Instant::now(),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            is_shut: AtomicBool::new(false),
            told: Mutex::new(told),
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let (received, sent) = self.bytes();
        let told = whole(&self.told);
        let (local, peer) = (*told.ends).clone();
        let (age, state) = (self.since.elapsed(), String::from(&*told.state));
        Counts { id: self.id, local, peer, age, received, sent, state }
    }

    /// Bytes that were read, and that were written.
    pub(super) fn bytes(&self) -> (u64, u64) {
        (self.received.load(Ordering::Relaxed), self.sent.load(Ordering::Relaxed))
    }

    pub(super) fn read(&self, count: usize) {
        self.received.fetch_add(wide(count), Ordering::Relaxed);
    }

    pub(super) fn wrote(&self, count: usize) {
        self.sent.fetch_add(wide(count), Ordering::Relaxed);
    }

    pub(super) fn ends(&self) -> Ends {
        Arc::clone(&whole(&self.told).ends)
    }

    /// A layer has told who the peer is.
    pub(super) fn set_ends(&self, ends: &Ends) {
        whole(&self.told).ends = Arc::clone(ends);
    }

    pub(super) fn set_state(&self, state: &str) {
        let mut told = whole(&self.told);
        if *told.state != *state {
            told.state = Box::from(state);
        }
    }

    /// Nothing more is read.
    pub(super) fn shut(&self) {
        self.is_shut.store(true, Ordering::Release);
    }

    /// Wakes who waits to read, and no more: it goes on in its own time, however often this is
    /// called.
    pub(super) fn open(&self) {
        self.is_shut.store(false, Ordering::Release);
        let reader = whole(&self.told).reader.take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    pub(super) fn poll_open(&self, context: &Context<'_>) -> Poll<()> {
        if !self.is_shut.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        whole(&self.told).reader = Some(context.waker().clone());
        // Who opened it before there was somebody to wake has woken nobody.
        if self.is_shut.load(Ordering::Acquire) { Poll::Pending } else { Poll::Ready(()) }
    }

    /// The session is to end.
    pub(super) fn end(&self) {
        let waiting = whole(&self.told).ending.end();
        waiting.for_each(Waker::wake);
    }

    /// Asks about its end.
    pub(super) fn ending<T>(&self, ask: impl FnOnce(&mut Ending) -> T) -> T {
        ask(&mut whole(&self.told).ending)
    }

    pub(super) fn how(&self) -> How {
        whole(&self.told).how
    }

    pub(super) fn set_how(&self, how: How) {
        whole(&self.told).how = how;
    }

    /// It can be cut off by this.
    pub(super) fn set_task(&self, task: AbortHandle) {
        whole(&self.told).task = Some(task);
    }

    /// Cuts it off; whether it could be.
    pub(super) fn abort(&self) -> bool {
        let task = whole(&self.told).task.clone();
        task.inspect(AbortHandle::abort).is_some()
    }

    /// It has ended. Its task is forgotten, which would be kept by this otherwise, as this is by
    /// whoever still asks.
    pub(super) fn over(&self) {
        whole(&self.told).task = None;
        // Who waits beside the session for it to end need not do so any longer.
        self.end();
    }
}
