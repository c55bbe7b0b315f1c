//! Requests as browsers send them, one connection each.

use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

#[derive(Debug, Clone)]
pub struct Ask {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Ask {
    /// As a page of ours would ask.
    pub fn new(method: Method, path: &str) -> Self {
        let headers = vec![("sec-fetch-site".to_owned(), "same-origin".to_owned())];
        Self { method, path: path.to_owned(), headers, body: Bytes::new() }
    }
    /// As a program asks, which says nothing of any page.
    pub fn program(method: Method, path: &str) -> Self {
        Self { method, path: path.to_owned(), headers: Vec::new(), body: Bytes::new() }
    }
    pub fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }
    pub fn form(path: &str, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::new(Method::POST, path).header("content-type", "application/x-www-form-urlencoded").body(body)
    }
    /// Sets a header, in place of an earlier one; an empty value takes it out.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(k, _)| k != name);
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
    /// The cookie that was set, `name=value`.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }
}

/// An answer that goes on.
pub struct Stream {
    pub status: u16,
    pub headers: HeaderMap,
    body: Incoming,
    buffer: BytesMut,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentEvent {
    pub event: String,
    pub data: String,
    pub id: String,
}

impl Stream {
    /// The next event; `None` at the end. Comments, `retry` and what only shows that the stream flows are passed over.
    pub async fn next(&mut self) -> Option<SentEvent> {
        loop {
            while let Some(end) = self.buffer.windows(2).position(|w| w == b"\n\n") {
                let block = self.buffer.split_to(end + 2);
                let mut event = SentEvent::default();
                for line in String::from_utf8_lossy(&block).lines() {
                    match line.split_once(": ").unwrap_or((line, "")) {
                        ("event", v) => event.event = v.to_owned(),
                        ("data", v) => event.data = v.to_owned(),
                        ("id", v) => event.id = v.to_owned(),
                        _ => {}
                    }
                }
                if event != SentEvent::default() && !["hello", "beat"].contains(&event.event.as_str()) {
                    return Some(event);
                }
            }
            let frame = tokio::time::timeout(super::LIMIT, self.body.frame()).await.expect("nothing comes")?;
            if let Some(data) = frame.ok()?.data_ref() {
                self.buffer.extend_from_slice(data);
            }
        }
    }

    /// The next event of this name.
    pub async fn next_of(&mut self, name: &str) -> Option<SentEvent> {
        loop {
            let event = self.next().await?;
            if event.event == name {
                return Some(event);
            }
        }
    }

    /// Everything that has come once `wanted` is among it.
    pub async fn until(mut self, wanted: &str) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.buffer).into_owned();
            if text.contains(wanted) {
                return text;
            }
            let frame = tokio::time::timeout(super::LIMIT, self.body.frame()).await.expect("nothing comes");
            self.buffer.extend_from_slice(frame.expect("it ended").unwrap().data_ref().unwrap());
        }
    }

    /// Does it break off instead of ending?
    pub async fn breaks_off(mut self) -> bool {
        while let Some(frame) = tokio::time::timeout(super::LIMIT, self.body.frame()).await.expect("nothing comes") {
            if frame.is_err() {
                return true;
            }
        }
        false
    }

    /// All of it, within the limit. Where it stops coming, what came tells where.
    pub async fn rest(mut self) -> Answer {
        let end = tokio::time::Instant::now() + super::LIMIT;
        while let Some(frame) = tokio::time::timeout_at(end, self.body.frame()).await.unwrap_or_else(|_| {
            panic!(
                "{} bytes came and no more: …{}",
                self.buffer.len(),
                String::from_utf8_lossy(last(&self.buffer, 600))
            )
        }) {
            if let Some(data) = frame.unwrap().data_ref() {
                self.buffer.extend_from_slice(data);
            }
        }
        Answer { status: self.status, headers: self.headers, body: self.buffer.freeze() }
    }
}

fn last(bytes: &[u8], most: usize) -> &[u8] {
    &bytes[bytes.len().saturating_sub(most)..]
}

pub async fn ask(address: SocketAddr, request: Ask) -> Answer {
    open(address, request).await.unwrap().rest().await
}

/// Sends the request and returns as soon as the answer's head is there.
pub async fn open(address: SocketAddr, request: Ask) -> Result<Stream, hyper::Error> {
    let line = format!("{} {}", request.method, request.path);
    let stream = match TcpStream::connect(address).await {
        Ok(stream) => stream,
        Err(error) => panic!("nobody listens on {address}: {error}"),
    };
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut sent = Request::builder().method(request.method).uri(&request.path);
    if !request.headers.iter().any(|(k, _)| k == "host") {
        sent = sent.header(header::HOST, address.to_string());
    }
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    let sent = sent.body(Full::new(request.body)).unwrap();
    let answer = tokio::time::timeout(super::LIMIT, sender.send_request(sent)).await;
    let answer = answer.unwrap_or_else(|_| panic!("{line}: no answer in time"))?;
    let (head, body) = answer.into_parts();
    // Kept open as long as the body is read.
    Ok(Stream { status: head.status.as_u16(), headers: head.headers, body, buffer: BytesMut::new() })
}
