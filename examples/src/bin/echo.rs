//! A server that says what it is told, wherever its URL leads.

use framer_runtime::net::{Schemes, Server, Stream};
use framer_runtime::{Error, tokio::Connection};

framer_runtime::framer! {
    delimiter LF = "\n";
    frame Line in until LF max 512 { text: bytes to end }
    protocol Echo over stream {
        roles client, server;
        client speaks Line;
        server speaks Line;
        pending fifo max 16;
        state Open within 1 h else close { client Line => awaits { _ => stay }; }
    }
}

async fn session(stream: Stream) -> Result<(), Error> {
    let mut connection = Connection::new(stream, echo::Server::new());
    while let Some((echo::server::Event::Line(line), mut reply)) = connection.next().await? {
        reply.send(line)?;
    }
    connection.shutdown().await
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let server = Server::bind(&Schemes::default(), std::env::args().skip(1)).await?;
    framer_examples::listen::serve("echo", server, |stream, _| session(stream)).await
}
