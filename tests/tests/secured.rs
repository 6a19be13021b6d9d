//! TLS around streams: what a session knows of the handshake, whatever lies around it, and how both
//! sides are told the end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use framer_runtime::Error;
use framer_runtime::net::{
    Address, Memory, Scheme, Schemes, Secured, Server, Session, Stream, Tls, Wrapper,
};
use framer_runtime::tokio::Connection;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ClientConfig, ProtocolVersion, RootCertStore, ServerConfig};

framer_runtime::framer! {
    delimiter LF = "\n";
    enum Ask in until LF max 80 { Secure { word "secure" }, Who { word "who" }, Bye { word "bye" } }
    frame Tell in until LF max 200 { text: utf8 to end }
    protocol Door over stream {
        roles client, server;
        client speaks Ask;
        server speaks Tell;
        pending fifo max 4;
        state Open within 1 h else close {
            client Secure => awaits { _ => stay { upgrade Tls } };
            client Who => awaits { _ => stay };
            client Bye => awaits { _ => close };
        }
    }
}

type Pair = (CertificateDer<'static>, PrivateKeyDer<'static>);

/// An authority, and what it has signed.
struct Authority {
    roots: Arc<RootCertStore>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let made = params.self_signed(&key).expect("it is made");
        let mut roots = RootCertStore::empty();
        roots.add(made.der().clone()).expect("a certificate");
        Authority { roots: Arc::new(roots), issuer: Issuer::new(params, key) }
    }

    fn sign(&self, name: &str) -> Pair {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let made = params.signed_by(&key, &self.issuer).expect("it is signed");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        (made.der().clone(), key)
    }

    /// A server of these protocols, to which clients have to show a certificate.
    fn server(&self, alpn: &[&str]) -> Tls {
        let verifier = WebPkiClientVerifier::builder(Arc::clone(&self.roots));
        let verifier = verifier.build().expect("it has roots");
        let (certificate, key) = self.sign("localhost");
        let config = ServerConfig::builder().with_client_cert_verifier(verifier);
        let mut config = config.with_single_cert(vec![certificate], key).expect("they fit");
        config.alpn_protocols = names(alpn);
        Tls::server(Arc::new(config))
    }

    /// A client of these protocols, perhaps with a certificate.
    fn client(&self, shows: Option<&Pair>, alpn: &[&str]) -> Tls {
        let config = ClientConfig::builder().with_root_certificates(Arc::clone(&self.roots));
        let mut config = match shows {
            Some((certificate, key)) => config
                .with_client_auth_cert(vec![certificate.clone()], key.clone_key())
                .expect("they fit"),
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = names(alpn);
        Tls::client(Arc::new(config))
    }
}

fn names(alpn: &[&str]) -> Vec<Vec<u8>> {
    alpn.iter().map(|name| name.as_bytes().to_vec()).collect()
}

/// A layer that changes nothing, as any that lies around TLS.
struct Outer;

impl Wrapper for Outer {
    fn connected<'a>(
        &'a self,
        stream: Stream,
        _: &'a url::Url,
    ) -> framer_runtime::net::Pending<'a, Stream> {
        Box::pin(stream.wrapped(async |inner| Ok(tokio::io::BufStream::new(inner))))
    }

    fn accepted(&self, stream: Stream) -> framer_runtime::net::Pending<'_, Stream> {
        Box::pin(async {
            let between = (Address::Other("here:".into()), Address::Other("there:".into()));
            let stream = stream.between(between.0, between.1);
            stream.wrapped(async |inner| Ok(tokio::io::BufStream::new(inner))).await
        })
    }
}

/// What a session knows of TLS.
fn facts(stream: &Stream) -> String {
    match stream.known::<Secured>() {
        None => "in the clear".to_owned(),
        Some(secured) => {
            let alpn = secured.alpn().map(|alpn| alpn.escape_ascii().to_string());
            let version = match secured.version() {
                Some(ProtocolVersion::TLSv1_3) => "1.3",
                _ => "another",
            };
            let (shown, server) = (secured.certificates().len(), secured.server());
            format!("TLS {version}, {alpn:?}, {shown} certificates, {server:?}")
        }
    }
}

/// A session that goes on under TLS where it is asked to.
async fn session(stream: Stream, _: Session, tls: Tls) -> Result<(), Error> {
    let mut connection = Connection::new(stream, door::Server::new());
    while let Some((event, mut reply)) = connection.next().await? {
        match event {
            door::server::Event::Who(_) => {
                let told = connection.stream().map(facts).unwrap_or_default();
                connection.send(door::Tell::new(&told)).await?;
            }
            door::server::Event::Upgrade(_) => {
                connection.upgrade(async |stream| tls.accept(stream).await).await?;
            }
            _ => reply.send(door::Tell::new("so be it"))?,
        }
    }
    connection.flush().await
}

async fn ask(
    client: &mut Connection<Stream, door::Client>,
    ask: door::Ask,
) -> Result<String, Error> {
    client.send(ask).await?;
    match client.next().await? {
        Some((door::client::Event::Tell(tell), _)) => Ok(tell.text.to_owned()),
        _ => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
    }
}

fn schemes(memory: &Memory, tls: Tls) -> Schemes {
    Schemes::default()
        .with("memory", Scheme::new(memory.clone()))
        .with("tls", Scheme::new(memory.clone()).wrapped(tls).wrapped(Outer))
}

#[tokio::test]
async fn what_a_session_knows_of_the_handshake() {
    let authority = Authority::new();
    let server = authority.server(&["h2", "door/1"]);
    let memory = Memory::default();
    let served = schemes(&memory, server.clone());
    let serving = Server::bind(&served, ["tls:it"]).await.expect("it listens");
    let in_session = server.clone();
    tokio::spawn(serving.serve(move |stream, known| session(stream, known, in_session.clone())));

    let shown = authority.sign("alice");
    for (alpn, agreed) in
        [(["door/1", "h2"].as_slice(), Some("h2")), (&["door/1"], Some("door/1")), (&[], None)]
    {
        let client = authority.client(Some(&shown), alpn);
        let stream = served.connect("memory:it").await.expect("it opens");
        let stream = client.connect(stream, "localhost").await.expect("a handshake");
        let secured = stream.known::<Secured>().expect("it is under TLS").clone();
        assert_eq!(secured.alpn(), agreed.map(str::as_bytes));
        assert_eq!(secured.certificates().len(), 1);
        assert_eq!(secured.server(), Some("localhost"));
        assert_eq!(secured.version(), Some(ProtocolVersion::TLSv1_3));
        let mut client = Connection::new(stream, door::Client::new());
        let told = ask(&mut client, door::Who.into()).await.expect("it answers");
        let wanted = format!("TLS 1.3, {agreed:?}, 1 certificates, Some(\"localhost\")");
        assert_eq!(told, wanted);
    }
    // No certificate, one of another authority, and no protocol in common.
    let other = Authority::new().sign("mallory");
    for (shows, alpn) in [(None, "h2"), (Some(&other), "h2"), (Some(&shown), "smtp")] {
        let client = authority.client(shows, &[alpn]);
        let stream = served.connect("memory:it").await.expect("it opens");
        let refused = async {
            // In TLS 1.3 a client has shown its certificate before it hears that it is not good.
            let mut stream = client.connect(stream, "localhost").await?;
            stream.write_all(b"who\n").await?;
            stream.read_u8().await
        };
        assert!(refused.await.is_err());
    }
}

#[tokio::test]
async fn what_it_knows_behind_an_upgrade() {
    let authority = Authority::new();
    let tls = authority.server(&[]);
    let memory = Memory::default();
    let served = schemes(&memory, tls.clone());
    let serving = Server::bind(&served, ["memory:it"]).await.expect("it listens");
    tokio::spawn(serving.serve(move |stream, known| session(stream, known, tls.clone())));

    let stream = served.connect("memory:it").await.expect("it opens");
    let mut client = Connection::new(stream, door::Client::new());
    let told = ask(&mut client, door::Who.into()).await.expect("it answers");
    assert_eq!(told, "in the clear");
    ask(&mut client, door::Secure.into()).await.expect("it answers");
    assert!(matches!(client.next().await, Ok(Some((door::client::Event::Upgrade(_), _)))));
    let layer = authority.client(Some(&authority.sign("alice")), &[]);
    let upgraded = client.upgrade(async |stream| layer.connect(stream, "localhost").await);
    upgraded.await.expect("a handshake");
    let told = ask(&mut client, door::Who.into()).await.expect("it answers");
    assert_eq!(told, "TLS 1.3, None, 1 certificates, Some(\"localhost\")");
    ask(&mut client, door::Bye.into()).await.expect("it answers");
    // The session has dropped its stream; rustls takes an end that was not told for an attack.
    let (mut stream, rest) = client.into_parts().await.expect("it is there");
    assert_eq!((rest.len(), stream.read(&mut [0]).await.expect("it was told")), (0, 0));
}

#[tokio::test]
async fn those_who_are_refused_are_told_the_end() {
    let authority = Authority::new();
    let memory = Memory::default();
    let served = Schemes::default()
        .with("memory", Scheme::new(memory.clone()))
        .with("tls", Scheme::new(memory.clone()).wrapped(authority.server(&[])));
    let serving = Server::bind(&served, ["tls:it"]).await.expect("it listens").max_sessions(1);
    let serving = serving.refuse(|mut stream| async move { stream.write_all(b"full\n").await });
    tokio::spawn(serving.serve(|mut stream, _| async move {
        stream.read_u8().await?;
        // An end with an error is one, too.
        Err(io::Error::other("as it was asked to").into())
    }));
    let client = authority.client(Some(&authority.sign("alice")), &[]);
    let open = async || {
        let stream = served.connect("memory:it").await.expect("it opens");
        client.connect(stream, "localhost").await.expect("a handshake")
    };
    let mut first = open().await;
    let mut told = String::new();
    open().await.read_to_string(&mut told).await.expect("it was told");
    assert_eq!(told, "full\n");
    first.write_all(b"!").await.expect("it is written");
    assert_eq!(first.read(&mut [0]).await.expect("it was told"), 0);
}

#[tokio::test(start_paused = true)]
async fn the_end_is_told_within_a_time() {
    let authority = Authority::new();
    let memory = Memory::default();
    let served = Schemes::default()
        .with("memory", Scheme::new(memory.clone()))
        .with("tls", Scheme::new(memory.clone()).wrapped(authority.server(&[])));
    let serving = Server::bind(&served, ["tls:it"]).await.expect("it listens");
    let live = serving.live();
    let limit = Duration::from_secs(3);
    tokio::spawn(serving.layers_within(limit).serve(|mut stream, _| async move {
        // More than the pipe takes: the end finds no room behind it.
        let _ = tokio::time::timeout(Duration::from_secs(1), stream.write_all(&[0; 1 << 20])).await;
        Ok(())
    }));
    let client = authority.client(Some(&authority.sign("alice")), &[]);
    let stream = served.connect("memory:it").await.expect("it opens");
    let stream = client.connect(stream, "localhost").await.expect("a handshake");
    let began = Instant::now();
    while !live.sessions().is_empty() {
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(began.elapsed().as_secs(), 4);
    drop(stream);
}
