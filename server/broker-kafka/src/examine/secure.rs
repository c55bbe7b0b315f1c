//! TLS, or its absence, and whether a Kafka listener is behind it.

use super::{Ended, ONE, Test, Well, Wrong};
use crate::{
    sign_in::{tls_config, trusting},
    spoken::{Spoken, entry, spoken},
};
use krafka::{
    __private::tls::{build_tls_connector, connect_tls},
    KrafkaError,
    auth::TlsConfig,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use weir_broker::SignIn;

impl Test<'_> {
    pub(super) async fn secures(&mut self) -> Ended {
        match self.tls()? {
            Some(tls) => self.with_tls(&tls).await,
            None => self.without_tls().await,
        }
    }

    /// Amazon's IAM is over TLS only, said or not.
    fn tls(&self) -> Result<Option<TlsConfig>, Wrong> {
        let settings = self.connection.settings();
        match &settings.tls {
            Some(tls) => tls_config(tls, &settings.name).map(Some).map_err(|e| Wrong::of(&e)),
            None if matches!(settings.sasl, Some(SignIn::AwsIam(_))) => Ok(Some(trusting(None))),
            None => Ok(None),
        }
    }

    async fn without_tls(&mut self) -> Ended {
        let at = self.at.clone();
        let mut stream = self.open(&at).await?;
        match spoken(&mut stream).await {
            Spoken::Kafka => {
                self.entry = entry(&mut stream).await;
                Ok(Well::Skipped("TLS is off: whoever is on the way can read along.".into()))
            }
            Spoken::Tls => Err(wants_tls(&at)),
            Spoken::Closed(_) | Spoken::Silent if self.speaks_tls(&at).await => Err(wants_tls(&at)),
            other => Err(no_kafka(&at, &other)),
        }
    }

    async fn with_tls(&mut self, tls: &TlsConfig) -> Ended {
        let at = self.at.clone();
        let mut stream = match self.handshake(&at, tls).await {
            Ok(stream) => stream,
            Err(Unsecured::Certificate(wrong) | Unsecured::Local(wrong)) => return Err(wrong),
            Err(Unsecured::Broken(why)) => {
                let mut plain = self.open(&at).await?;
                return Err(match spoken(&mut plain).await {
                    Spoken::Kafka => Wrong::new(
                        format!("{at} speaks Kafka without TLS, and these settings ask for TLS."),
                        "Turn TLS off, or use the port of the listener with TLS.",
                    ),
                    Spoken::Http | Spoken::Other => no_kafka(&at, &Spoken::Other),
                    _ => Wrong::new(
                        format!("The TLS handshake with {at} broke off ({why})."),
                        "Check that a Kafka listener with TLS is on this port, and which versions of TLS it speaks.",
                    ),
                });
            }
        };
        match spoken(&mut stream).await {
            Spoken::Kafka => {
                self.entry = entry(&mut stream).await;
                Ok(Well::Passed(format!("{at} has shown a certificate that is trusted")))
            }
            // With TLS 1.3 a client learns only after the handshake that its certificate was not taken.
            Spoken::Closed(why) if why.contains("alert") => Err(client_certificate(&at, &why, self.has_certificate())),
            other => Err(no_kafka(&at, &other)),
        }
    }

    fn has_certificate(&self) -> bool {
        self.connection.settings().tls.as_ref().is_some_and(|t| t.client_cert_pem.is_some())
    }

    async fn open(&self, at: &str) -> Result<TcpStream, Wrong> {
        self.connection.settings().reach.connect(at, ONE).await.map_err(|e| super::not_reached(at, &e))
    }

    /// A handshake that is refused for its certificate only is still TLS.
    async fn speaks_tls(&self, at: &str) -> bool {
        matches!(self.handshake(at, &trusting(None)).await, Ok(_) | Err(Unsecured::Certificate(_)))
    }

    /// The advertised addresses of other brokers have to fit their certificates too.
    pub(super) async fn secured(&self, at: &str) -> Result<(), Wrong> {
        let Some(tls) = self.tls()? else { return self.open(at).await.map(drop) };
        match self.handshake(at, &tls).await {
            Ok(_) => Ok(()),
            Err(Unsecured::Certificate(wrong) | Unsecured::Local(wrong)) => Err(wrong),
            Err(Unsecured::Broken(why)) => Err(Wrong::new(
                format!("The TLS handshake with {at} broke off ({why})."),
                "Check the listener that the broker advertises.",
            )),
        }
    }

    async fn handshake(
        &self,
        at: &str,
        tls: &TlsConfig,
    ) -> Result<impl AsyncRead + AsyncWrite + Unpin + use<>, Unsecured> {
        let local = |e: KrafkaError| {
            Unsecured::Local(Wrong::new(format!("The certificates can't be used: {e}."), "Give them as PEM texts."))
        };
        let connector = build_tls_connector(tls, ONE).await.map_err(local)?;
        let stream = self.open(at).await.map_err(Unsecured::Local)?;
        let host = at.rsplit_once(':').map_or(at, |(host, _)| host);
        match timeout(ONE, connect_tls(stream, host, None, &connector)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(KrafkaError::Config { message })) => Err(Unsecured::Local(Wrong::new(
                format!("{host} is no name for TLS: {message}."),
                "Use a host name or an IP address.",
            ))),
            Ok(Err(error)) => {
                let text = error.to_string();
                Err(match certificate(at, host, &text, self.has_certificate()) {
                    Some(wrong) => Unsecured::Certificate(wrong),
                    None => Unsecured::Broken(text.rsplit(": ").next().unwrap_or(&text).to_owned()),
                })
            }
            Err(_) => Err(Unsecured::Broken("no answer".into())),
        }
    }
}

enum Unsecured {
    /// TLS is spoken, and a certificate is not taken.
    Certificate(Wrong),
    /// Nothing was asked yet.
    Local(Wrong),
    Broken(String),
}

/// What rustls says of a certificate, in words; `None` if it is about something else.
fn certificate(at: &str, host: &str, error: &str, has_certificate: bool) -> Option<Wrong> {
    let has = |word: &str| error.contains(word);
    Some(if has("UnknownIssuer") || has("CaUsedAsEndEntity") || has("BadSignature") {
        Wrong::new(
            format!("The certificate of {at} is signed by an authority that is not trusted."),
            "Give the certificate authority of the cluster as PEM text, or have a certificate of a public one.",
        )
    } else if has("not valid for name") || has("NotValidForName") {
        let for_names = error.split_once("only valid for ").map_or(String::new(), |(_, names)| {
            format!(
                " It is for {}.",
                names.trim_end_matches('.').replace("DnsName(", "").replace("IpAddress(", "").replace(['"', ')'], "")
            )
        });
        Wrong::new(
            format!("The certificate of {at} is not for the name {host}.{for_names}"),
            "Use one of the names in the certificate as the address, or have this one added to it.",
        )
    } else if has("xpired") || has("NotValidYet") || has("not valid yet") {
        Wrong::new(
            format!("The certificate of {at} is not valid now (expired, or not yet)."),
            "Renew it, and check this server's clock.",
        )
    } else if has("invalid peer certificate") {
        Wrong::new(
            format!(
                "The certificate of {at} is not taken: {}.",
                error.rsplit("invalid peer certificate: ").next().unwrap_or_default()
            ),
            "Check the certificate of the broker.",
        )
    } else if has("fatal alert") {
        client_certificate(at, error, has_certificate)
    } else {
        return None;
    })
}

fn client_certificate(at: &str, alert: &str, has_certificate: bool) -> Wrong {
    let alert = alert.rsplit("fatal alert: ").next().unwrap_or(alert);
    if has_certificate {
        Wrong::new(
            format!("{at} does not take the client certificate ({alert})."),
            "Check that it is of an authority that the broker trusts, still valid, and fits its key.",
        )
    } else if alert.contains("ertificate") {
        Wrong::new(
            format!("{at} wants a client certificate ({alert})."),
            "Choose mutual TLS and give certificate and key, or use the port of a listener that wants none.",
        )
    } else {
        Wrong::new(
            format!("{at} refuses the TLS handshake ({alert})."),
            "Check which versions and ciphers of TLS the broker allows; Weir speaks 1.2 and 1.3.",
        )
    }
}

fn wants_tls(at: &str) -> Wrong {
    Wrong::new(
        format!("{at} speaks TLS, and these settings are without."),
        "Turn TLS on (with the certificate authority, if it is your own), or use the port of the listener without TLS.",
    )
}

fn no_kafka(at: &str, spoken: &Spoken) -> Wrong {
    let what = match spoken {
        Spoken::Http => format!("A web server answers at {at}, no Kafka broker."),
        Spoken::Silent => format!("{at} takes connections and says nothing."),
        Spoken::Closed(_) => format!("{at} takes connections and ends them."),
        Spoken::Kafka | Spoken::Tls | Spoken::Other => format!("{at} answers, but not as a Kafka broker does."),
    };
    Wrong::new(
        what,
        "Check the port: it has to be a client listener of a Kafka broker (not its controller, a REST proxy or a registry).",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_told_apart() {
        let told = |error: &str| certificate("k:9093", "k", error, false).map(|w| w.what).unwrap_or_default();
        assert!(told("TLS handshake failed: invalid peer certificate: UnknownIssuer").contains("not trusted"));
        let other = told(
            "invalid peer certificate: certificate not valid for name \"k\"; certificate is only valid for DnsName(\"kafka-1\") or IpAddress(10.0.0.1)",
        );
        assert_eq!(other, "The certificate of k:9093 is not for the name k. It is for kafka-1 or 10.0.0.1.");
        assert!(told("invalid peer certificate: certificate expired: verification time 5").contains("not valid now"));
        assert!(told("received fatal alert: CertificateRequired").contains("wants a client certificate"));
        assert_eq!(told("tls handshake eof"), "");
    }
}
