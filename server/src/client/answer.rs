//! What a server answered.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::{address::Address, lines::Lines, sse::Stream};
use crate::{
    ended::{Code, Ended},
    http::Problem,
};

/// Of an answer's body, at most; a page of 200 events with long keys is far below.
const LARGEST: usize = 64 << 20;
const BODY: Duration = Duration::from_secs(60);

pub struct Answer {
    response: Response<Incoming>,
    address: Address,
}

impl Answer {
    pub(super) fn new(response: Response<Incoming>, address: &Address) -> Self {
        Self { response, address: address.clone() }
    }

    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    pub fn retry_after(&self) -> Option<u64> {
        self.header(header::RETRY_AFTER)?.parse().ok()
    }

    /// All of the body.
    ///
    /// # Errors
    /// When the connection breaks, or it is too large.
    pub async fn bytes(self) -> Result<Bytes, Ended> {
        match timeout(BODY, Limited::new(self.response.into_body(), LARGEST).collect()).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(why)) => Err(self.address.unreachable(&format!("the answer broke off: {why}"))),
            Err(_) => Err(self.address.unreachable("the answer stopped in the middle")),
        }
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// As the server says, in words; or that it does not speak like Weir.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Ended> {
        let answer = self.refused().await?;
        let address = answer.address.clone();
        let body = answer.bytes().await?;
        serde_json::from_slice(&body).map_err(|why| not_weir(&address, &format!("its answer can't be read ({why})")))
    }

    pub(super) async fn lines(self) -> Result<Lines, Ended> {
        Ok(Lines::new(self.refused().await?.response.into_body()))
    }

    pub(super) async fn stream(self) -> Result<Stream, Ended> {
        let answer = self.refused().await?;
        Ok(Stream::new(answer.response.into_body(), answer.address))
    }

    /// Itself, or why it is none to go on with.
    async fn refused(self) -> Result<Self, Ended> {
        let status = self.status();
        if status.is_success() {
            return Ok(self);
        }
        let address = self.address.clone();
        if let (true, Some(to)) = (status.is_redirection(), self.header(header::LOCATION)) {
            let to: String = to.chars().filter(|c| !c.is_control()).take(200).collect();
            return Err(not_weir(&address, &format!("it leads on to {to}, and a token is not sent on")));
        }
        let problem = serde_json::from_slice::<Problem>(&self.bytes().await?);
        Err(match problem {
            Ok(problem) => told(problem),
            Err(_) => not_weir(&address, &format!("it answered {status}")),
        })
    }
}

fn told(problem: Problem) -> Ended {
    let code = match problem.status {
        400 => Code::Usage,
        401 | 403 => Code::NotAllowed,
        429 | 503 | 504 => Code::Unreachable,
        _ => Code::Failed,
    };
    let reference = if problem.status >= 500 { format!(" (request {})", problem.request_id) } else { String::new() };
    Ended::new(code, format!("{}{reference}", problem.detail), problem.what_to_do)
}

fn not_weir(address: &Address, why: &str) -> Ended {
    Ended::unreachable(
        format!("What answers at {address} does not speak like Weir: {why}."),
        "Check WEIR_URL or --url, and whether a proxy stands in between.",
    )
}
