//! A room: what one says, all others hear. It listens at each URL that it is given.

use framer_examples::{listen, tls};
use framer_runtime::net::{Scheme, Schemes, Server, Session, Stream, Tcp, Tls};
use framer_runtime::{Error, tokio::Connection};
use tokio::sync::broadcast::{Sender, channel, error::RecvError};

framer_runtime::framer!("chat.frame");

async fn session(stream: Stream, known: Session, room: Sender<(u64, String)>) -> Result<(), Error> {
    let (who, mut heard) = (known.id(), room.subscribe());
    let mut connection = Connection::new(stream, chat::Server::new());
    loop {
        tokio::select! {
            event = connection.next() => {
                let Some((chat::server::Event::Line(line), _)) = event? else {
                    return connection.shutdown().await;
                };
                room.send((who, line.text.to_owned())).ok();
            }
            said = heard.recv() => match said {
                Ok((by, text)) if by != who => connection.send(chat::Line::new(&text)).await?,
                // Who reads too slowly misses what was said meanwhile.
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            },
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let tls = Tls::server(tls::self_signed("localhost")?.0);
    let schemes = Schemes::default().with("tls", Scheme::new(Tcp).wrapped(tls));
    let server = Server::bind(&schemes, std::env::args().skip(1)).await?;
    let room = channel(64).0;
    let session = move |stream, known| session(stream, known, room.clone());
    Ok(listen::serve("chat", server, session).await?)
}
