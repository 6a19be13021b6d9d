//! A client's socket that is slow, or lost in the middle.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use framer_runtime::net::{Address, Stream};
use framer_runtime::testing::Chance;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// How long who says nothing more keeps its connection.
const SILENCE: Duration = Duration::from_secs(2);

/// What happens to a client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    /// So many bytes are written at once, and so far apart.
    slow: Option<(usize, Duration)>,
    /// What happens behind so many bytes.
    end: Option<(u64, End)>,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// It is lost.
    Reset,
    /// It is closed, whatever was to be said or heard.
    Closed,
    /// Nothing more is said, which the server is told; what it says is heard.
    HalfClosed,
    /// Nothing more is said for a while, then it is lost.
    Silent,
}

impl Trouble {
    /// Whatever may happen; half of the clients come to the end of what they say.
    pub(crate) fn any(chance: &mut Chance) -> Trouble {
        let pause = Duration::from_millis(1 + chance.below(5));
        let slow = match chance.below(4) {
            0 => Some((64 + usize::try_from(chance.below(2048)).expect("small"), pause)),
            _ => None,
        };
        // Early ends are as likely as late ones.
        let most = 1 << chance.below(16);
        let after = chance.below(most);
        let end = match chance.below(8) {
            0 => Some(End::Reset),
            1 => Some(End::Closed),
            2 => Some(End::HalfClosed),
            3 => Some(End::Silent),
            _ => None,
        };
        Trouble { slow, end: end.map(|end| (after, end)) }
    }

    /// A stream over `socket` to which it happens.
    pub(crate) fn around(self, socket: TcpStream) -> io::Result<Stream> {
        let (local, peer) = (socket.local_addr()?, socket.peer_addr()?);
        let troubled = Troubled { socket, trouble: self, written: 0, waits: None };
        Ok(Stream::new(troubled, Address::Tcp(local), Address::Tcp(peer)))
    }
}

struct Troubled {
    socket: TcpStream,
    trouble: Trouble,
    written: u64,
    waits: Option<Pin<Box<Sleep>>>,
}

impl Troubled {
    /// What becomes of `bytes` behind the end.
    fn poll_end(
        &mut self,
        context: &mut Context<'_>,
        end: End,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(match end {
            End::Reset => self.lost(),
            End::Closed => Err(io::ErrorKind::BrokenPipe.into()),
            End::HalfClosed => {
                ready!(Pin::new(&mut self.socket).poll_shutdown(context))?;
                Ok(bytes.len())
            }
            End::Silent => {
                let silence = self.waits.get_or_insert_with(|| Box::pin(sleep(SILENCE)));
                ready!(silence.as_mut().poll(context));
                self.lost()
            }
        })
    }

    /// The other side is told of a loss when the socket is dropped.
    fn lost(&self) -> io::Result<usize> {
        self.socket.set_zero_linger()?;
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncWrite for Troubled {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut most = bytes.len();
        if let Some((after, end)) = self.trouble.end {
            let left = usize::try_from(after - self.written).expect("small");
            if left == 0 {
                return self.poll_end(context, end, bytes);
            }
            most = most.min(left);
        }
        if let Some((at_once, apart)) = self.trouble.slow {
            if let Some(waits) = &mut self.waits {
                ready!(waits.as_mut().poll(context));
            }
            self.waits = Some(Box::pin(sleep(apart)));
            most = most.min(at_once);
        }
        let count = ready!(Pin::new(&mut self.socket).poll_write(context, &bytes[..most]))?;
        self.written += u64::try_from(count).expect("small");
        if matches!(self.trouble.end, Some((after, _)) if after == self.written) {
            self.waits = None;
        }
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

impl AsyncRead for Troubled {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}
