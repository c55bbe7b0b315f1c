//! TLS as rustls does it, with the system's authorities or those of a file.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::connect::CONNECT;

/// `ca_pem`: authorities to trust instead of the system's. `identity`: the client's certificate and key, both PEM.
///
/// # Errors
/// Why not, in words that go on after a colon.
pub fn config(ca_pem: Option<&str>, identity: Option<(&str, &str)>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    match ca_pem {
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(|e| format!("the authorities' file is no PEM ({e})"))?;
                roots
                    .add(certificate)
                    .map_err(|e| format!("a certificate in the authorities' file is no good ({e})"))?;
            }
            if roots.is_empty() {
                return Err("the authorities' file holds no certificate".into());
            }
        }
        // Some that the system has may be of kinds that rustls does not take; the others do.
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots);
    let Some((certificate, key)) = identity else { return Ok(builder.with_no_client_auth()) };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|e| format!("the client's certificate is no PEM ({e})"))?;
    // The message of a key that can't be read says nothing of what is in it.
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| "the client's key can't be read".to_owned())?;
    builder.with_client_auth_cert(chain, key).map_err(|e| format!("the client's certificate is no good ({e})"))
}

/// Shakes hands over an open connection.
///
/// # Errors
/// Why not, and what is most likely the matter.
pub async fn hands(config: &Arc<ClientConfig>, host: &str, stream: TcpStream) -> Result<TlsStream<TcpStream>, String> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| format!("{host} is no name for a certificate"))?;
    match timeout(CONNECT, TlsConnector::from(Arc::clone(config)).connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(why)) => Err(format!("TLS was refused: {}", likely(&why.to_string()))),
        Err(_) => Err(format!("TLS did not begin within {} s: perhaps there is none at this port", CONNECT.as_secs())),
    }
}

fn likely(why: &str) -> String {
    let hint = match why {
        w if w.contains("UnknownIssuer") => "its authority is not trusted here; name its certificate",
        w if w.contains("NotValidForName") => "the certificate is of another name",
        w if w.contains("Expired") => "the certificate has expired",
        w if w.contains("NotValidYet") => "the certificate is not valid yet, or this machine's clock is slow",
        w if w.contains("InvalidContentType") || w.contains("corrupt message") || w.contains("eof") => {
            "what listens there does not speak TLS"
        }
        _ => return why.to_owned(),
    };
    format!("{hint} ({why})")
}
