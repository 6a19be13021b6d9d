//! Sessions told of by `tracing`.

use std::io;

use tracing::{Span, debug, info, info_span, warn};

use super::{Counts, Ended, Observe};
use crate::net::Address;

/// Tells of what happens in a server by `tracing`.
///
/// Each session goes on in a span `session` with its `id`, `local` and `peer`: whatever it says is
/// said within it. The ends are those of the transport; `begun` tells those that a layer may have
/// put in their place.
///
/// | event | level | fields |
/// |---|---|---|
/// | `begun` | debug | `local`, `peer` |
/// | `ended` | info; warn where it failed or was cut off | `how` (`well`, `failed`, `cut off`), `error`, `received` and `sent` in bytes, `millis`, `state` |
/// | `refused` | warn | `peer` |
/// | `not accepted` | warn | `local`, `error` |
///
/// ```
/// # async fn example() -> std::io::Result<()> {
/// use framer_runtime::net::{Schemes, Server, Traced};
///
/// let server = Server::bind(&Schemes::default(), ["tcp://[::1]:0"]).await?.observed(Traced);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Traced;

impl Observe for Traced {
    fn not_accepted(&self, local: &Address, error: &io::Error) {
        warn!(%local, %error, "not accepted");
    }

    fn refused(&self, peer: &Address) {
        warn!(%peer, "refused");
    }

    fn span(&self, session: &Counts) -> Span {
        info_span!("session", id = session.id, local = %session.local, peer = %session.peer)
    }

    fn begun(&self, session: &Counts) {
        let Counts { local, peer, .. } = session;
        debug!(%local, %peer, "begun");
    }

    fn ended(&self, session: &Counts, how: &Ended) {
        let Counts { received, sent, state, .. } = session;
        let millis = u64::try_from(session.age.as_millis()).unwrap_or(u64::MAX);
        match how {
            Ended::Well => info!(how = "well", received, sent, millis, state, "ended"),
            Ended::Failed(error) => {
                warn!(how = "failed", %error, received, sent, millis, state, "ended");
            }
            Ended::CutOff => warn!(how = "cut off", received, sent, millis, state, "ended"),
        }
    }
}
