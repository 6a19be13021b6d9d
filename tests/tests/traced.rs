//! What a server tells by `tracing`, and what it counts.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use framer_runtime::net::{
    Address, Counts, Ended, Memory, Observe, Pending, Scheme, Schemes, Server, Stream, Totals,
    Traced, Wrapper,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::yield_now;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use url::Url;

/// What was told, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(&mut *self.0.lock().expect("whole"), bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

impl Log {
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().expect("whole").clone()).expect("a text");
        text.lines().map(|line| line.trim_start().to_owned()).collect()
    }
}

/// Says who is behind a proxy, and lets nobody in but those who say `+`.
struct Door;

impl Wrapper for Door {
    fn connected<'a>(&'a self, stream: Stream, _: &'a Url) -> Pending<'a, Stream> {
        Box::pin(async { Ok(stream) })
    }

    fn accepted(&self, mut stream: Stream) -> Pending<'_, Stream> {
        Box::pin(async {
            match stream.read_u8().await? {
                b'+' => {
                    let local = stream.local().clone();
                    Ok(stream.between(local, Address::Other("behind:it".to_owned())))
                }
                _ => Err(io::Error::other("not let in")),
            }
        })
    }
}

/// Panics over everything.
struct Clumsy;

impl Observe for Clumsy {
    fn refused(&self, _: &Address) {
        panic!("refused");
    }

    fn span(&self, _: &Counts) -> tracing::Span {
        panic!("span");
    }

    fn ended(&self, _: &Counts, _: &Ended) {
        panic!("ended");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_server_tells_and_counts() {
    let log = Log::default();
    let told = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).without_time();
    let told = told.with_target(false).with_max_level(LevelFilter::DEBUG).finish();
    let _told = tracing::subscriber::set_default(told);

    let memory = Memory::default();
    let schemes = Schemes::default()
        .with("memory", Scheme::new(memory.clone()))
        .with("door", Scheme::new(memory).wrapped(Door));
    let server = Server::bind(&schemes, ["door:it"]).await.expect("it listens").max_sessions(1);
    let server = server.observed(Clumsy).observed(Traced).refuse(|_| async { Ok(()) });
    let live = server.live();
    let serving = tokio::spawn(server.serve(|mut stream, known| async move {
        let mut said = String::new();
        stream.read_to_string(&mut said).await?;
        known.set_state(&said);
        tracing::info!("it said {said}");
        match said.as_str() {
            "well" => Ok(stream.write_all(b"very well").await?),
            "panic" => panic!("as it was asked to"),
            _ => Err(io::Error::other("as it was asked to").into()),
        }
    }));
    for (before, said) in ["+well", "-", "+badly", "+panic"].into_iter().enumerate() {
        let mut stream = schemes.connect("memory:it").await.expect("it opens");
        stream.write_all(said.as_bytes()).await.expect("it is written");
        stream.shutdown().await.expect("it ends");
        while live.totals().begun <= before as u64 || live.totals().live > 0 {
            yield_now().await;
        }
    }
    // One holds the place; the next has none.
    let mut holds = schemes.connect("memory:it").await.expect("it opens");
    holds.write_all(b"+").await.expect("it is written");
    while live.totals().live == 0 {
        yield_now().await;
    }
    let mut refused = schemes.connect("memory:it").await.expect("it opens");
    refused.write_all(b"+").await.expect("it is written");
    assert_eq!(refused.read(&mut [0]).await.expect("it ends"), 0);
    tokio::time::advance(Duration::from_millis(1500)).await;
    live.stop(Duration::ZERO);
    assert_eq!(serving.await.expect("it does not panic").cut_off, 1);

    let span = |id| format!("session{{id={id} local=memory:it peer=memory:it}}: ");
    let begun = |id| format!("DEBUG {}begun local=memory:it peer=behind:it", span(id));
    let wanted = [
        begun(1),
        format!(" INFO {}it said well", span(1)),
        format!(" INFO {}ended how=\"well\" received=4 sent=9 millis=0 state=\"well\"", span(1)),
        format!(
            " WARN {}ended how=\"failed\" error=not let in received=0 sent=0 millis=0 state=\"\"",
            span(2)
        ),
        begun(3),
        format!(" INFO {}it said badly", span(3)),
        format!(
            " WARN {}ended how=\"failed\" error=as it was asked to received=5 sent=0 millis=0 state=\"badly\"",
            span(3)
        ),
        begun(4),
        format!(" INFO {}it said panic", span(4)),
        format!(
            " WARN {}ended how=\"cut off\" received=5 sent=0 millis=0 state=\"panic\"",
            span(4)
        ),
        begun(5),
        " WARN refused peer=memory:it".to_owned(),
        format!(" WARN {}ended how=\"cut off\" received=0 sent=0 millis=1500 state=\"\"", span(5)),
    ];
    let wanted: Vec<&str> = wanted.iter().map(|line| line.trim_start()).collect();
    assert_eq!(log.lines(), wanted);
    let counted = Totals {
        begun: 5,
        live: 0,
        well: 1,
        failed: 2,
        cut_off: 2,
        refused: 1,
        not_accepted: 0,
        received: 14,
        sent: 9,
    };
    assert_eq!(live.totals(), counted);
}
