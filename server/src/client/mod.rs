//! Asking a running Weir, for the command line. HTTP/1.1 by hyper and TLS by rustls, which the server and its brokers
//! need anyway: no further crate is linked for it. It follows no redirect, so a token goes to the address it was given
//! for and nowhere else, and it speaks to no HTTP proxy.

mod address;
mod answer;
mod connect;
mod lines;
mod sse;
pub mod tls;

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use rustls::ClientConfig;
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::timeout;
use weir_broker::Secret;

pub use address::Address;
pub use answer::Answer;
pub use connect::{CONNECT, connect};
pub use lines::{Lines, broke_off, each};
pub use sse::{Sent, Stream};

use crate::ended::Ended;

/// Until an answer begins. The server gives up after 30 s, if it is not told otherwise.
const ANSWER: Duration = Duration::from_secs(60);
/// A wait that the server asks for is worth it up to this long, so often.
const LONGEST_WAIT: u64 = 15;
const TRIES: u32 = 4;

/// The way to one server, as whoever the token stands for.
#[derive(Clone)]
pub struct Client {
    pub address: Address,
    token: Option<Secret>,
    tls: Option<Arc<ClientConfig>>,
}

impl Client {
    /// Contacts nothing. `ca_pem`: authorities to trust instead of the system's.
    ///
    /// # Errors
    /// When the certificates can't be read.
    pub fn new(address: Address, token: Option<Secret>, ca_pem: Option<&str>) -> Result<Self, Ended> {
        let tls = match address.https {
            true => Some(Arc::new(tls::config(ca_pem, None).map_err(|why| {
                Ended::usage(format!("The certificate authorities can't be used: {why}."), "Check --ca-file.")
            })?)),
            false => None,
        };
        Ok(Self { address, token, tls })
    }

    /// Asks once, and returns when the answer's head is there.
    ///
    /// # Errors
    /// When the server can't be reached. What it answers, whatever the status, is an answer.
    pub async fn get(&self, path: &str, query: &[(&str, String)], headers: &[(&str, &str)]) -> Result<Answer, Ended> {
        self.ask(Method::GET, path, query, headers, Bytes::new()).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, Ended> {
        let connected = connect(&self.address, self.tls.as_ref()).await;
        let mut sender = connected.map_err(|why| self.address.unreachable(&why))?;
        let target = Request::builder().method(method).uri(self.address.target(path, query));
        let mut request = target.header(header::HOST, self.address.authority());
        request = request.header(header::USER_AGENT, concat!("weir/", env!("CARGO_PKG_VERSION")));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.expose()));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).map_err(|_| {
            // A token with a line end in it, most likely; it is not shown.
            Ended::usage("The token can't be sent: it holds characters that no token has.", "Check WEIR_TOKEN.")
        })?;
        let sent = timeout(ANSWER, sender.send_request(request)).await;
        match sent {
            Ok(Ok(response)) => Ok(Answer::new(response, &self.address)),
            Ok(Err(why)) => Err(self.address.unreachable(&format!("the connection broke: {why}"))),
            Err(_) => Err(self.address.unreachable(&format!("no answer within {} s", ANSWER.as_secs()))),
        }
    }

    /// The answer's body; waits where the server asks to.
    ///
    /// # Errors
    /// As the server says, in words for a person.
    pub async fn json<T: DeserializeOwned>(&self, path: &str, query: &[(&str, String)]) -> Result<T, Ended> {
        self.patiently(Method::GET, path, query, &[], Bytes::new()).await?.json().await
    }

    /// An answer of lines; waits where the server asks to.
    ///
    /// # Errors
    /// As the server says, in words for a person.
    pub async fn lines(&self, path: &str, query: &[(&str, String)]) -> Result<Lines, Ended> {
        self.patiently(Method::GET, path, query, &[], Bytes::new()).await?.lines().await
    }

    /// The answer to a question that is sent as JSON.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub async fn sent<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
        question: &impl Serialize,
    ) -> Result<T, Ended> {
        let body = serde_json::to_vec(question).map_err(io::Error::other)?;
        let headers = [("content-type", "application/json")];
        self.patiently(Method::POST, path, query, &headers, body.into()).await?.json().await
    }

    async fn patiently(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, Ended> {
        for left in (0..TRIES).rev() {
            let answer = self.ask(method.clone(), path, query, headers, body.clone()).await?;
            let busy = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&answer.status());
            match answer.retry_after().filter(|s| busy && left > 0 && *s <= LONGEST_WAIT) {
                Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
                None => return Ok(answer),
            }
        }
        Err(self.address.unreachable("it stayed busy"))
    }

    /// Server-sent events, from now on or after the frame `last`.
    ///
    /// # Errors
    /// As the server says.
    pub async fn stream(&self, path: &str, query: &[(&str, String)], last: Option<&str>) -> Result<Stream, Ended> {
        let resume = last.map(|id| ("last-event-id", id));
        let answer = self.get(path, query, resume.as_slice()).await?;
        answer.stream().await
    }
}
