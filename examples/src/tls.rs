//! Certificates.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

/// What a server is with the certificate and key in two PEM files.
///
/// # Errors
/// Files that cannot be read, or do not fit together.
pub fn server(cert: &Path, key: &Path) -> anyhow::Result<Arc<ServerConfig>> {
    let certs = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .with_context(|| format!("no certificate in {}", cert.display()))?;
    let key = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("no private key in {}", key.display()))?;
    with_key(certs, key)
}

/// What a server is with a new certificate of `name`, which nobody has signed, and the certificate.
///
/// # Errors
/// A name that a certificate cannot hold.
pub fn self_signed(name: &str) -> anyhow::Result<(Arc<ServerConfig>, CertificateDer<'static>)> {
    let names = [name.to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names)?;
    let cert = made.cert.der().clone();
    let key =
        PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(anyhow::Error::msg)?;
    Ok((with_key(vec![cert.clone()], key)?, cert))
}

fn with_key(
    certs: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> anyhow::Result<Arc<ServerConfig>> {
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(certs, key)?;
    Ok(Arc::new(config))
}

/// A client that trusts the well-known authorities.
#[must_use]
pub fn client() -> Arc<ClientConfig> {
    let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned();
    trusting(RootCertStore { roots: roots.collect() })
}

/// A client that trusts the certificates of a PEM file.
///
/// # Errors
/// A file that cannot be read.
pub fn client_for(authority: &Path) -> anyhow::Result<Arc<ClientConfig>> {
    let certs = CertificateDer::pem_file_iter(authority)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("no certificate in {}", authority.display()))?;
    client_with(certs)
}

/// A client that trusts `certs`.
///
/// # Errors
/// What is no certificate.
pub fn client_with(
    certs: impl IntoIterator<Item = CertificateDer<'static>>,
) -> anyhow::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for cert in certs {
        roots.add(cert)?;
    }
    Ok(trusting(roots))
}

fn trusting(roots: RootCertStore) -> Arc<ClientConfig> {
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Arc::new(config)
}
