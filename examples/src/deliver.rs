//! The client: delivers one message over one connection.

use framer_protocols::smtp::client::{Event, Message};
use framer_protocols::smtp::{self, Auth, Bdat, Client, Command, Ehlo, Helo, Mail, Path, Rcpt};
use framer_protocols::smtp::{InitialResponse, MailParameter, Mailbox, SmtpUtf8};
use framer_runtime::Error;
use framer_runtime::frame::Frame;
use framer_runtime::net::{Stream, Tls};
use framer_runtime::tokio::Connection;
use framer_runtime::violation::Misuse;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::lines::ToWire;
use crate::login::{self, Login};

/// How much of a message is read at once, and sent as one chunk, in bytes.
const PART_BYTES: usize = 32 * 1024;

/// Who sends what to whom, and how.
pub struct Delivery {
    /// How the client calls itself.
    pub name: String,
    /// The sender's mailbox; empty for a report of failure.
    pub from: String,
    /// The recipients' mailboxes.
    pub to: Vec<String>,
    /// Who logs in, if the server wants it.
    pub login: Option<Login>,
    /// For STARTTLS: whom to trust, and the server's name.
    pub tls: Option<(Tls, String)>,
    /// Gives up where the server does not offer STARTTLS.
    pub require_tls: bool,
    /// Sends by BDAT where the server takes it.
    pub chunking: bool,
}

/// Why a message was not delivered.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The server said no.
    #[error("the server answered {0}")]
    Refused(String),
    /// The server does not offer what was asked for.
    #[error("the server does not offer {0}")]
    NotOffered(&'static str),
    /// An address that SMTP cannot carry.
    #[error("`{0}` is not a mailbox")]
    Address(String),
    /// The session.
    #[error(transparent)]
    Session(#[from] Error),
    /// The message itself could not be read.
    #[error("the message cannot be read: {0}")]
    Message(std::io::Error),
}

/// What a server offers.
#[derive(Clone, Copy, Debug, Default)]
struct Offered {
    pipelining: bool,
    chunking: bool,
    starttls: bool,
    plain: bool,
    login: bool,
    smtputf8: bool,
}

type Socket = Connection<Stream, Client>;

/// Delivers the message that `message` yields; what the server said of it.
///
/// # Errors
/// Why it was not delivered. The message is then in no case accepted, unless the connection was
/// lost while the server's last answer was on its way.
pub async fn deliver<R>(
    socket: Stream,
    delivery: &Delivery,
    mut message: R,
) -> Result<String, Failure>
where
    R: AsyncRead + Unpin,
{
    let mut conn = Connection::new(socket, Client::new());
    accepted(reply(&mut conn).await?, &[220])?;
    let mut offered = greet(&mut conn, delivery).await?;
    if let Some((tls, name)) = &delivery.tls {
        if offered.starttls {
            conn.send(smtp::StartTls).await?;
            accepted(reply(&mut conn).await?, &[220])?;
            secure(&mut conn, tls, name).await?;
            offered = greet(&mut conn, delivery).await?;
        } else if delivery.require_tls {
            return Err(Failure::NotOffered("STARTTLS"));
        }
    }
    if let Some(login) = &delivery.login {
        log_in(&mut conn, login, offered).await?;
    }
    let said = transfer(&mut conn, delivery, offered, &mut message).await;
    // Whatever came of it, the session ends in good manners if it still can.
    if matches!(said, Ok(_) | Err(Failure::Refused(_))) && conn.send(smtp::Quit).await.is_ok() {
        let _ = reply(&mut conn).await;
        let _ = conn.shutdown().await;
    }
    said
}

/// The next reply: its code and its lines.
async fn reply(conn: &mut Socket) -> Result<(u16, String), Failure> {
    match conn.next().await? {
        Some((Event::Reply(reply), _)) => {
            let mut text = String::new();
            for line in reply.lines {
                let status = line.enhanced.map(|status| {
                    format!("{}.{}.{} ", status.class, status.subject, status.detail)
                });
                let break_before = if text.is_empty() { "" } else { "\n" };
                text.push_str(break_before);
                text.push_str(status.as_deref().unwrap_or_default());
                text.push_str(line.text);
            }
            Ok((reply.code, text))
        }
        Some((Event::Upgrade(_), _)) => Err(Failure::Session(Misuse::Owed.into())),
        None => Err(Failure::Refused("nothing".to_owned())),
    }
}

fn accepted((code, text): (u16, String), wanted: &[u16]) -> Result<String, Failure> {
    let said = format!("{code} {text}");
    if wanted.contains(&code) { Ok(said) } else { Err(Failure::Refused(said)) }
}

async fn greet(conn: &mut Socket, delivery: &Delivery) -> Result<Offered, Failure> {
    conn.send(Ehlo::new(&delivery.name)).await?;
    let (code, text) = reply(conn).await?;
    if code != 250 {
        conn.send(Helo::new(&delivery.name)).await?;
        accepted(reply(conn).await?, &[250])?;
        return Ok(Offered::default());
    }
    let mut offered = Offered::default();
    for line in text.lines().skip(1) {
        let mut words = line.split(' ').map(str::to_ascii_uppercase);
        match words.next().as_deref() {
            Some("PIPELINING") => offered.pipelining = true,
            Some("CHUNKING") => offered.chunking = true,
            Some("STARTTLS") => offered.starttls = true,
            Some("SMTPUTF8") => offered.smtputf8 = true,
            Some("AUTH") => {
                for mechanism in words {
                    offered.plain |= mechanism == "PLAIN";
                    offered.login |= mechanism == "LOGIN";
                }
            }
            _ => {}
        }
    }
    Ok(offered)
}

async fn secure(conn: &mut Socket, tls: &Tls, name: &str) -> Result<(), Failure> {
    match conn.next().await? {
        Some((Event::Upgrade(_), _)) => {}
        _ => return Err(Failure::NotOffered("STARTTLS")),
    }
    conn.upgrade(async |stream| tls.connect(stream, name).await).await?;
    Ok(())
}

async fn log_in(conn: &mut Socket, login: &Login, offered: Offered) -> Result<(), Failure> {
    if offered.plain {
        let response = login.plain();
        let initial = Some(InitialResponse::new(&response));
        conn.send(Auth { mechanism: "PLAIN", initial }).await?;
    } else if offered.login {
        conn.send(Auth::new("LOGIN")).await?;
        for answer in [&login.user, &login.password] {
            accepted(reply(conn).await?, &[334])?;
            conn.send(smtp::AuthResponse::new(&login::encode(answer))).await?;
        }
    } else {
        return Err(Failure::NotOffered("AUTH PLAIN or LOGIN"));
    }
    accepted(reply(conn).await?, &[235])?;
    Ok(())
}

/// Sends the envelope and the message; what the server said of it.
async fn transfer<R>(
    conn: &mut Socket,
    delivery: &Delivery,
    offered: Offered,
    message: &mut R,
) -> Result<String, Failure>
where
    R: AsyncRead + Unpin,
{
    let utf8 = delivery.to.iter().chain([&delivery.from]).any(|address| !address.is_ascii());
    if utf8 && !offered.smtputf8 {
        return Err(Failure::NotOffered("SMTPUTF8"));
    }
    let parameters = [MailParameter::SmtpUtf8(SmtpUtf8)];
    let parameters = if utf8 { &parameters[..] } else { &[] };
    let mut commands = vec![match delivery.from.as_str() {
        "" => Command::Mail(Mail { from: smtp::NullPath.into(), parameters: parameters.into() }),
        from => Command::Mail(Mail { from: path(from)?.into(), parameters: parameters.into() }),
    }];
    for to in &delivery.to {
        commands.push(Rcpt::new(path(to)?).into());
    }
    let chunking = delivery.chunking && offered.chunking;
    if !chunking {
        commands.push(smtp::Data.into());
    }
    // One refusal is enough: a message is delivered to all or to none.
    let mut refused = None;
    let mut answered = commands.iter();
    for command in &commands {
        // A server that does not pipeline is asked one thing at a time; of the others, some is
        // heard when no more may be outstanding.
        while let Err(error) = conn.send(*command).await {
            let full = matches!(error, Error::Misuse(Misuse::Pending { .. } | Misuse::Wait { .. }));
            match answered.next().filter(|_| full) {
                Some(answered) => hear(conn, answered, &mut refused).await?,
                None => return Err(error.into()),
            }
        }
        if !offered.pipelining {
            answered.next();
            hear(conn, command, &mut refused).await?;
            if refused.is_some() {
                break;
            }
        }
    }
    if offered.pipelining {
        for command in answered {
            hear(conn, command, &mut refused).await?;
        }
    }
    if let Some(refused) = refused {
        // A server that said 354 all the same waits for a message. It gets none: what follows is
        // the end of the connection, on which it must forget the transaction (RFC 5321 section
        // 3.8).
        return Err(refused);
    }
    if chunking { send_chunks(conn, message).await } else { send_content(conn, message).await }
}

/// Hears the answer to a command of the envelope.
async fn hear(
    conn: &mut Socket,
    command: &Command<'_>,
    refused: &mut Option<Failure>,
) -> Result<(), Failure> {
    let wanted: &[u16] = if matches!(command, Command::Data(_)) { &[354] } else { &[250, 251] };
    if let Err(failure) = accepted(reply(conn).await?, wanted) {
        refused.get_or_insert(failure);
    }
    Ok(())
}

async fn send_content<R>(conn: &mut Socket, message: &mut R) -> Result<String, Failure>
where
    R: AsyncRead + Unpin,
{
    let (mut lines, mut read, mut part) = (ToWire::default(), Vec::new(), Vec::new());
    loop {
        let more = next_part(message, &mut lines, &mut read, &mut part).await?;
        conn.send(Message::Content(&part)).await?;
        if !more {
            break;
        }
    }
    conn.send(Message::ContentEnd).await?;
    accepted(reply(conn).await?, &[250])
}

async fn send_chunks<R>(conn: &mut Socket, message: &mut R) -> Result<String, Failure>
where
    R: AsyncRead + Unpin,
{
    let (mut lines, mut read, mut part) = (ToWire::default(), Vec::new(), Vec::new());
    loop {
        let more = next_part(message, &mut lines, &mut read, &mut part).await?;
        let size = u64::try_from(part.len()).unwrap_or(u64::MAX);
        conn.send(Bdat::new(size, !more)).await?;
        if !part.is_empty() {
            conn.send(Message::Chunk(&part)).await?;
        }
        let said = accepted(reply(conn).await?, &[250])?;
        if !more {
            return Ok(said);
        }
    }
}

/// Reads the next part of the message, as it stands on the wire; whether there may be another.
async fn next_part<R: AsyncRead + Unpin>(
    message: &mut R,
    lines: &mut ToWire,
    read: &mut Vec<u8>,
    part: &mut Vec<u8>,
) -> Result<bool, Failure> {
    read.clear();
    part.clear();
    read.reserve(PART_BYTES);
    let count = message.read_buf(read).await.map_err(Failure::Message)?;
    if count == 0 {
        lines.finish(part);
        return Ok(false);
    }
    lines.piece(read, part);
    Ok(true)
}

/// The path of a mailbox.
fn path(address: &str) -> Result<Path<'_>, Failure> {
    let text = address.as_bytes();
    let mailbox = Mailbox::decode(text).map_err(|_| Failure::Address(address.to_owned()))?;
    Ok(Path::new(mailbox))
}
