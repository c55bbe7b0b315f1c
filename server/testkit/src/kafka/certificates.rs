//! A certificate authority of a test, and what it signed.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};

use super::properties::User;
use crate::{Error, Result};

/// The secure listeners of a broker, and what a client needs for them.
#[derive(Debug, Clone)]
pub struct Secure {
    /// TLS; the server shows a certificate of `ca_pem` for `localhost` and `127.0.0.1`.
    pub tls: SocketAddr,
    /// TLS where the client must show a certificate, too.
    pub mutual_tls: SocketAddr,
    /// SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER with unsigned tokens) without TLS.
    pub sasl: SocketAddr,
    /// SASL with TLS.
    pub sasl_tls: SocketAddr,
    /// The user of the SASL listeners, for every mechanism.
    pub user: User,
    /// The authority's certificate.
    pub ca_pem: String,
    /// A client's certificate, for mutual TLS.
    pub client_cert_pem: String,
    /// Its key (PKCS 8).
    pub client_key_pem: String,
    /// Another client's certificate and its key: `CN=weir-tap-2` instead of `CN=weir-tap`.
    pub other_client: (String, String),
    /// The same three as files.
    pub files: Files,
}

/// Where the certificates are.
#[derive(Debug, Clone)]
pub struct Files {
    /// The authority's certificate.
    pub ca: PathBuf,
    /// The client's certificate.
    pub client_cert: PathBuf,
    /// The client's key.
    pub client_key: PathBuf,
    pub(super) other_client: PathBuf,
    pub(super) other_key: PathBuf,
    /// The server's key and certificate in one file, as Kafka wants them.
    pub(super) server: PathBuf,
}

/// Makes an authority, a server's and a client's certificate in `dir`.
pub(super) fn make(dir: &Path) -> Result<Files> {
    let files = Files {
        ca: dir.join("ca.pem"),
        client_cert: dir.join("client.pem"),
        client_key: dir.join("client.key.pem"),
        other_client: dir.join("other-client.pem"),
        other_key: dir.join("other-client.key.pem"),
        server: dir.join("server.pem"),
    };
    if files.server.is_file() {
        return Ok(files);
    }
    let (ca, server, [client, other]) = sign().map_err(|e| Error::failed("making certificates", e.to_string()))?;
    let write = |path: &Path, text: String| fs::write(path, text).map_err(Error::path("write", path));
    write(&files.ca, ca)?;
    write(&files.client_cert, client.cert)?;
    write(&files.client_key, client.key)?;
    write(&files.other_client, other.cert)?;
    write(&files.other_key, other.key)?;
    // Last: its presence says that all are there.
    write(&files.server, format!("{}{}", server.key, server.cert))?;
    Ok(files)
}

struct Signed {
    cert: String,
    key: String,
}

fn sign() -> std::result::Result<(String, Signed, [Signed; 2]), rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, "Weir test authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let ca = params.self_signed(&key)?.pem();
    let issuer = Issuer::new(params, key);
    let server = leaf(&issuer, "localhost", ExtendedKeyUsagePurpose::ServerAuth)?;
    let client = |name| leaf(&issuer, name, ExtendedKeyUsagePurpose::ClientAuth);
    Ok((ca, server, [client("weir-tap")?, client("weir-tap-2")?]))
}

fn leaf(
    issuer: &Issuer<'_, KeyPair>,
    name: &str,
    usage: ExtendedKeyUsagePurpose,
) -> std::result::Result<Signed, rcgen::Error> {
    let mut params = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages.push(usage);
    let key = KeyPair::generate()?;
    Ok(Signed { cert: params.signed_by(&key, issuer)?.pem(), key: key.serialize_pem() })
}
