//! A room: what one says, all others hear. It listens at each URL that it is given.

use framer_examples::{listen, tls};
use framer_runtime::net::{Scheme, Schemes, Server, Stream, Tcp, Tls};
use framer_runtime::{Error, tokio::Connection};
use tokio::sync::broadcast::{Sender, channel, error::RecvError};

framer_runtime::framer!("chat.frame");

async fn session(stream: Stream, room: Sender<(String, String)>) -> Result<(), Error> {
    let (who, mut heard) = (stream.peer().to_string(), room.subscribe());
    let mut connection = Connection::new(stream, chat::Server::new());
    loop {
        tokio::select! {
            event = connection.next() => match event? {
                // Nobody may be there to hear it.
                Some((chat::server::Event::Line(line), _)) => {
                    let _ = room.send((who.clone(), line.text.to_owned()));
                }
                None => return Ok(()),
            },
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
    let tls = Scheme::new(Tcp).wrapped(Tls::server(tls::self_signed("localhost")?.0));
    let schemes = Schemes::default().with("tls", tls);
    let server = Server::bind(&schemes, std::env::args().skip(1)).await?;
    let room = channel(64).0;
    Ok(listen::serve("chat", server, move |stream| session(stream, room.clone())).await?)
}
