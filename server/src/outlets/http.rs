//! One request to an address that somebody else gave.

use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::pin::pin;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use weir_domain::{Secret, Timestamp, monitors::NotSent};

use super::{Outlets, WITHIN, not_reached};
use crate::client::tls;

/// Bytes of an answer's head, at most; its body is not looked at.
const MOST_READ: u64 = 64 * 1024;

impl Outlets {
    /// Sends JSON.
    pub(super) async fn post(&self, url: &Secret, body: &str, headers: &[(&str, String)]) -> Result<(), NotSent> {
        self.ask(Method::POST, url, Bytes::copy_from_slice(body.as_bytes()), headers).await
    }

    pub(super) async fn get(&self, url: &Secret) -> Result<(), NotSent> {
        self.ask(Method::GET, url, Bytes::new(), &[]).await
    }

    async fn ask(&self, method: Method, url: &Secret, body: Bytes, headers: &[(&str, String)]) -> Result<(), NotSent> {
        let no_address = || NotSent::because("Its address can't be used: give it again.");
        let uri: Uri = url.expose().parse().map_err(|_| no_address())?;
        let https = uri.scheme_str() == Some("https");
        let authority = uri.authority().ok_or_else(no_address)?;
        let host = authority.host();
        let port = authority.port_u16().unwrap_or(if https { 443 } else { 80 });
        let request = Request::builder()
            .method(method.clone())
            .uri(target(&uri))
            .header(header::HOST, authority.as_str())
            .header(header::USER_AGENT, concat!("weir/", env!("CARGO_PKG_VERSION")));
        let request = match method {
            Method::GET => request,
            _ => request.header(header::CONTENT_TYPE, "application/json"),
        };
        let request = headers.iter().fold(request, |r, (name, value)| r.header(*name, value));
        let request = request.body(Full::new(body)).map_err(|_| no_address())?;
        let stream = self.reach.connect(&format!("{host}:{port}"), WITHIN).await;
        let stream = stream.map_err(|why| not_reached(host, &why))?;
        let answer = match https {
            false => speak(stream, request).await,
            true => {
                let bare = host.trim_start_matches('[').trim_end_matches(']');
                let shaken = tls::hands(&self.tls, bare, stream).await;
                speak(shaken.map_err(|why| NotSent::because(format!("{host}: {why}.")))?, request).await
            }
        };
        let answer = answer.map_err(|why| NotSent::because(format!("{host}: {why}.")))?;
        told(host, answer, self.clock.now())
    }
}

/// `http://host?x` has no path; a request has one.
fn target(uri: &Uri) -> String {
    match uri.path_and_query().map(|p| p.as_str()) {
        None | Some("") => "/".to_owned(),
        Some(text) if text.starts_with('?') => format!("/{text}"),
        Some(text) => text.to_owned(),
    }
}

async fn speak<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // Whatever comes, interim answers without end for one (103), no more of it is read.
    let (read, write) = tokio::io::split(stream);
    let stream = tokio::io::join(read.take(MOST_READ), write);
    let shaken = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|why| why.to_string())?;
    // No task of its own: who drops the question, because its time is over, drops the connection.
    let (mut connection, mut answer) = (pin!(connection), pin!(sender.send_request(request)));
    let answer = tokio::select! {
        answer = &mut answer => answer,
        // It may end with the answer; what goes wrong on it is told to whoever waits for that.
        _ = &mut connection => answer.await,
    };
    let answer = answer.map_err(|why| format!("the connection broke: {why}"))?;
    let again = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    Ok(Answer { status: answer.status(), again: again.map(str::to_owned) })
}

/// What is looked at of an answer. Its body is not.
struct Answer {
    status: StatusCode,
    /// `Retry-After`, as it stands.
    again: Option<String>,
}

/// `Retry-After` in seconds: a number of them, or a date (RFC 9110, 10.2.3).
fn seconds(again: &str, now: Timestamp) -> Option<u32> {
    let again = again.trim();
    if let Ok(seconds) = again.parse::<u64>() {
        return Some(u32::try_from(seconds).unwrap_or(u32::MAX));
    }
    let at = chrono::DateTime::parse_from_rfc2822(again).ok()?.timestamp();
    u32::try_from(at.saturating_sub(now.0.div_euclid(1_000_000)).max(0)).ok()
}

/// What an answer means.
fn told(host: &str, Answer { status, again }: Answer, now: Timestamp) -> Result<(), NotSent> {
    let hint = match status.as_u16() {
        200..300 => return Ok(()),
        300..400 => " A redirect is not followed: give the address that it leads to.",
        401 | 403 => " It does not accept who sends: check what was given to sign in or to sign with.",
        404 | 410 => " There is nothing at this address any more.",
        400 | 422 => " It does not accept what was sent: is it an outlet of this kind?",
        429 => " It was sent too much.",
        _ => "",
    };
    let asked_s = match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => again.and_then(|a| seconds(&a, now)),
        _ => None,
    };
    Err(NotSent { why: format!("{host} answered {status}.{hint}"), asked_s })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_to_come_again_is_a_number_or_a_date() {
        let now = Timestamp::EPOCH.plus_secs(784_111_777);
        for (again, want) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("99999999999", Some(u32::MAX)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(seconds(again, now), want, "{again:?}");
        }
    }
}
