//! One request to an address that somebody else gave.

use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::pin::pin;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use weir_domain::{Secret, monitors::NotSent};

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
        let no_address = || NotSent("Its address can't be used: give it again.".into());
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
        let status = match https {
            false => speak(stream, request).await,
            true => {
                let bare = host.trim_start_matches('[').trim_end_matches(']');
                let shaken = tls::hands(&self.tls, bare, stream).await;
                speak(shaken.map_err(|why| NotSent(format!("{host}: {why}.")))?, request).await
            }
        };
        told(host, status.map_err(|why| NotSent(format!("{host}: {why}.")))?)
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

async fn speak<S>(stream: S, request: Request<Full<Bytes>>) -> Result<StatusCode, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // Whatever comes, interim answers without end for one (103), no more of it is read.
    let (read, write) = tokio::io::split(stream);
    let stream = tokio::io::join(read.take(MOST_READ), write);
    let shaken = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|why| why.to_string())?;
    // No task of its own: who drops the question, because its time is over, drops the connection.
    let mut connection = pin!(connection);
    let answer = tokio::select! {
        answer = sender.send_request(request) => answer,
        ended = &mut connection => Err(match ended {
            Err(why) => why,
            Ok(()) => return Err("the connection ended before an answer came".to_owned()),
        }),
    };
    Ok(answer.map_err(|why| format!("the connection broke: {why}"))?.status())
}

/// What an answer means. Its body is not looked at.
fn told(host: &str, status: StatusCode) -> Result<(), NotSent> {
    let hint = match status.as_u16() {
        200..300 => return Ok(()),
        300..400 => " A redirect is not followed: give the address that it leads to.",
        401 | 403 => " It does not accept who sends: check what was given to sign in or to sign with.",
        404 | 410 => " There is nothing at this address any more.",
        400 | 422 => " It does not accept what was sent: is it an outlet of this kind?",
        429 => " It was sent too much.",
        _ => "",
    };
    Err(NotSent(format!("{host} answered {status}.{hint}")))
}
