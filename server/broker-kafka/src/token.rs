//! Tokens for SASL OAUTHBEARER: from a file that something else renews, or by the client-credentials grant (RFC 6749,
//! 4.4). Asked by ourselves and not by krafka's own client, so that the address rule holds here too.

use crate::sign_in::trusting;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use krafka::{
    __private::tls::{build_tls_connector, connect_tls},
    KrafkaError,
    auth::{CredentialProvider, OAuthBearerToken},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};
use weir_broker::{BrokerError, OAuth, Reach, TokenEndpoint, TokenFrom};
use weir_domain::Clock;

/// A token and everything before it.
const WITHIN: Duration = Duration::from_secs(8);
/// The longest token or answer.
const LONGEST: usize = 64 << 10;

pub(crate) struct Tokens {
    oauth: OAuth,
    reach: Reach,
    clock: Arc<dyn Clock>,
}

impl Tokens {
    pub fn new(oauth: OAuth, reach: Reach, clock: Arc<dyn Clock>) -> Result<Self, BrokerError> {
        if let TokenFrom::Endpoint(endpoint) = &oauth.token {
            Place::of(&endpoint.url).map_err(BrokerError::Settings)?;
        }
        Ok(Self { oauth, reach, clock })
    }
}

impl CredentialProvider<OAuthBearerToken> for Tokens {
    async fn credentials(&self) -> krafka::Result<OAuthBearerToken> {
        let token = match &self.oauth.token {
            TokenFrom::File(path) => {
                let text = tokio::fs::read(path).await;
                let text = text
                    .map_err(|e| KrafkaError::auth(format!("the token file {} can't be read: {e}", path.display())))?;
                if text.len() > LONGEST {
                    return Err(KrafkaError::auth(format!("the token file {} is longer than 64 KB", path.display())));
                }
                OAuthBearerToken::new(String::from_utf8_lossy(&text).trim())
            }
            TokenFrom::Endpoint(endpoint) => {
                let asked = timeout(WITHIN, ask(endpoint, &self.reach)).await;
                let (token, seconds) = asked
                    .unwrap_or_else(|_| Err(format!("did not answer within {} s", WITHIN.as_secs())))
                    .map_err(|why| KrafkaError::auth(format!("the token endpoint {} {why}", endpoint.url)))?;
                let token = OAuthBearerToken::new(token);
                match seconds {
                    Some(seconds) => {
                        let lifetime = seconds.saturating_mul(1000).saturating_add(self.clock.now().millis());
                        token.with_lifetime_ms(lifetime)
                    }
                    None => token,
                }
            }
        };
        Ok(self.oauth.extensions.iter().fold(token, |token, (name, value)| token.with_extension(name, value)))
    }
}

/// Where an endpoint is.
struct Place {
    tls: bool,
    host: String,
    /// `host:port`
    address: String,
    path: String,
}

impl Place {
    fn of(url: &str) -> Result<Self, String> {
        let wrong = || format!("{url:?} is no address of a token endpoint; write https://…");
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong()),
        };
        let host = uri.host().filter(|h| !h.is_empty()).ok_or_else(wrong)?.to_owned();
        let address = format!("{host}:{}", uri.port_u16().unwrap_or(if tls { 443 } else { 80 }));
        let path = uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
        Ok(Self { tls, host, address, path })
    }
}

/// The token, and for how many seconds it is good. The error goes on after the endpoint's address, and never holds the
/// client's secret or the answer itself.
async fn ask(endpoint: &TokenEndpoint, reach: &Reach) -> Result<(String, Option<i64>), String> {
    let place = Place::of(&endpoint.url)?;
    let stream = reach.connect(&place.address, WITHIN).await.map_err(|e| format!("{e}. {}", e.what_to_do()))?;
    let request = request(endpoint, &place)?;
    let answer = if place.tls {
        let connector = build_tls_connector(&trusting(endpoint.ca_pem.as_deref()), WITHIN).await;
        let connector = connector.map_err(|e| format!("can't be asked: {e}"))?;
        let stream = connect_tls(stream, &place.host, None, &connector).await;
        exchange(stream.map_err(|e| format!("can't be asked over TLS: {e}"))?, request).await?
    } else {
        exchange(stream, request).await?
    };
    read(answer)
}

fn request(endpoint: &TokenEndpoint, place: &Place) -> Result<Request<Full<Bytes>>, String> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let who = format!("{}:{}", encoded(&endpoint.client_id), encoded(endpoint.client_secret.expose()));
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    if let Some(scope) = &endpoint.scope {
        form.append_pair("scope", scope);
    }
    Request::post(&place.path)
        .header(header::HOST, place.address.trim_end_matches(if place.tls { ":443" } else { ":80" }))
        .header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(who)))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json")
        .body(Full::new(Bytes::from(form.finish())))
        .map_err(|_| "can't be asked: its address or the client's name is odd".to_owned())
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Bytes), String> {
    let broke = |e: hyper::Error| format!("broke off: {e}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broke)?;
    let conversation = async {
        let (head, body) = sender.send_request(request).await.map_err(broke)?.into_parts();
        let body = Limited::new(body, LONGEST).collect().await.map_err(|_| "answered too much".to_owned())?;
        Ok((head.status, body.to_bytes()))
    };
    tokio::pin!(conversation, connection);
    tokio::select! {
        answer = &mut conversation => answer,
        ended = &mut connection => {
            ended.map_err(broke)?;
            conversation.await
        }
    }
}

fn read((status, body): (StatusCode, Bytes)) -> Result<(String, Option<i64>), String> {
    let answer: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    if !status.is_success() {
        // RFC 6749, 5.2: a code of a few letters; descriptions are the endpoint's own words.
        let code = answer["error"].as_str().map(shown).unwrap_or_default();
        let words = answer["error_description"].as_str().map(|d| format!(" ({})", shown(d))).unwrap_or_default();
        return Err(format!("refused: {} {code}{words}. Check client id, secret and scope", status.as_u16()));
    }
    let token = answer["access_token"].as_str().filter(|t| !t.is_empty());
    let token = token.ok_or_else(|| "answered without an access_token: is it a token endpoint?".to_owned())?;
    // A number by the book, text with some.
    let seconds = answer["expires_in"].as_i64().or_else(|| answer["expires_in"].as_str()?.parse().ok());
    Ok((token.to_owned(), seconds.filter(|s| *s > 0)))
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<(String, Option<i64>), String> {
        read((StatusCode::from_u16(status).unwrap(), Bytes::copy_from_slice(body.as_bytes())))
    }

    #[test]
    fn answers_are_read_and_refusals_explained() {
        assert_eq!(answer(200, r#"{"access_token":"abc","expires_in":60}"#), Ok(("abc".into(), Some(60))));
        assert_eq!(answer(200, r#"{"access_token":"abc","expires_in":"60"}"#), Ok(("abc".into(), Some(60))));
        assert_eq!(answer(200, r#"{"access_token":"abc"}"#), Ok(("abc".into(), None)));
        assert!(answer(200, "<html>").unwrap_err().contains("is it a token endpoint?"));
        let refused = answer(401, r#"{"error":"invalid_client","error_description":"unknown\nclient"}"#).unwrap_err();
        assert_eq!(refused, "refused: 401 invalid_client (unknownclient). Check client id, secret and scope");
        assert!(answer(302, "").unwrap_err().contains("302"), "nobody is led elsewhere");
    }

    #[test]
    fn an_endpoint_is_taken_apart() {
        let place = Place::of("https://id.example.com/realms/x/token?a=b").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((place.address.as_str(), place.path.as_str()), ("id.example.com:443", "/realms/x/token?a=b"));
        assert!(Place::of("ftp://id.example.com/").is_err() && Place::of("id.example.com").is_err());
    }
}
