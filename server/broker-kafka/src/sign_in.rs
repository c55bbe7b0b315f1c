//! How to sign in, as krafka wants it. Of what it offers, Kerberos is no part.

use crate::token::Tokens;
use krafka::auth::{AuthConfig, AwsMskIamCredentials, TlsConfig};
use std::sync::Arc;
use weir_broker::{BrokerError, Sasl, SaslMechanism, Settings, SignIn, Tls};
use weir_domain::Clock;

pub(crate) fn security(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Option<AuthConfig>, BrokerError> {
    let tls = settings.tls.as_ref().map(|tls| tls_config(tls, &settings.name)).transpose()?;
    let config = match &settings.sasl {
        None => return Ok(tls.map(AuthConfig::ssl)),
        Some(SignIn::Password(sasl)) => password(sasl),
        Some(SignIn::OAuth(oauth)) => {
            AuthConfig::sasl_oauthbearer_provider(Tokens::new(oauth.clone(), settings.reach.clone(), clock.clone())?)
        }
        Some(SignIn::AwsIam(iam)) => {
            let secret = iam.secret_access_key.expose();
            let mut keys = AwsMskIamCredentials::new(&iam.access_key_id, secret, &iam.region);
            if let Some(token) = &iam.session_token {
                keys = keys.with_session_token(token.expose());
            }
            // Amazon offers it over TLS only.
            let tls = tls.unwrap_or_else(|| TlsConfig::new().with_native_roots());
            return Ok(Some(AuthConfig::aws_msk_iam_with_credentials(keys).with_tls(tls)));
        }
    };
    Ok(Some(match tls {
        Some(tls) => config.with_tls(tls),
        None => config,
    }))
}

fn password(sasl: &Sasl) -> AuthConfig {
    let (user, password) = (sasl.username.as_str(), sasl.password.expose());
    match sasl.mechanism {
        SaslMechanism::Plain => AuthConfig::sasl_plain(user, password),
        SaslMechanism::ScramSha256 => AuthConfig::sasl_scram_sha256(user, password),
        SaslMechanism::ScramSha512 => AuthConfig::sasl_scram_sha512(user, password),
    }
}

pub(crate) fn tls_config(tls: &Tls, name: &str) -> Result<TlsConfig, BrokerError> {
    let config = trusting(tls.ca_pem.as_deref());
    match (&tls.client_cert_pem, &tls.client_key_pem) {
        (None, None) => Ok(config),
        (Some(cert), Some(key)) => Ok(config.with_client_cert_pem(cert.as_bytes(), key.expose().as_bytes().to_vec())),
        _ => Err(BrokerError::Settings(format!(
            "{name}: a client certificate needs its key and a key its certificate; set both or none"
        ))),
    }
}

/// The authorities of this text, or those of the system.
pub(crate) fn trusting(ca_pem: Option<&str>) -> TlsConfig {
    match ca_pem {
        Some(pem) => TlsConfig::new().with_ca_cert_pem(pem.as_bytes()),
        None => TlsConfig::new().with_native_roots(),
    }
}
