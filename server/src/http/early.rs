//! Answers that come before the request was read: it is too large, or nobody may ask. A connection that is closed with bytes
//! unread is reset, and the answer may be lost with it on its way (RFC 9112, 9.6). So what is still coming is taken first and
//! thrown away, within bounds.

use axum::{
    body::{Body, Bytes},
    extract::Request,
    middleware::Next,
    response::Response,
};
use http::header::EXPECT;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::timeout;

/// More is not waited for: whoever sends as much has to live with a connection that ends.
const MOST: usize = 16 << 20;
const PATIENCE: Duration = Duration::from_secs(5);

struct Coming {
    body: Body,
    /// Somebody asked for it.
    wanted: bool,
}

/// What a handler reads; what it leaves stays.
struct Shared(Arc<Mutex<Coming>>);

impl Shared {
    fn with<T>(&self, f: impl FnOnce(&mut Coming) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl hyper::body::Body for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.with(|coming| {
            coming.wanted = true;
            Pin::new(&mut coming.body).poll_frame(cx)
        })
    }

    fn is_end_stream(&self) -> bool {
        self.with(|coming| coming.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|coming| coming.body.size_hint())
    }
}

pub async fn take_the_rest(request: Request, next: Next) -> Response {
    if hyper::body::Body::is_end_stream(request.body()) {
        return next.run(request).await;
    }
    // Who waits to be asked for it has sent nothing.
    let waits = request.headers().contains_key(EXPECT);
    let (head, body) = request.into_parts();
    let coming = Arc::new(Mutex::new(Coming { body, wanted: false }));
    let response = next.run(Request::from_parts(head, Body::new(Shared(Arc::clone(&coming))))).await;
    // Where somebody still reads it, it is not ours.
    let Some(coming) = Arc::into_inner(coming) else { return response };
    let Coming { body, wanted } = coming.into_inner().unwrap_or_else(PoisonError::into_inner);
    if wanted || !waits {
        // Whether it all came makes no difference to the answer.
        let _ = timeout(PATIENCE, discard(body)).await;
    }
    response
}

async fn discard(mut body: Body) {
    let mut taken = 0;
    while taken < MOST
        && let Some(Ok(frame)) = body.frame().await
    {
        taken += frame.data_ref().map_or(0, Bytes::len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, middleware, routing::post};
    use http::StatusCode;
    use std::net::SocketAddr;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
    };
    use tower_http::limit::RequestBodyLimitLayer;

    async fn served() -> SocketAddr {
        let router = Router::new()
            .route("/", post(async |body: Bytes| body.len().to_string()))
            .route("/blind", post(async || (StatusCode::UNAUTHORIZED, "no")))
            .layer(RequestBodyLimitLayer::new(1_000))
            .layer(middleware::from_fn(take_the_rest));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    /// Sends everything, and only then looks at what came.
    async fn asked(address: SocketAddr, path: &str, headers: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nhost: weir\r\nconnection: close\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whoever_sends_too_much_hears_so() {
        let address = served().await;
        let body = vec![b'x'; 3 << 20];
        for round in 0..20 {
            for (path, status) in [("/", "413"), ("/blind", "413")] {
                let length = format!("content-length: {}\r\n", body.len());
                let answer = asked(address, path, &length, &body).await;
                assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{round} {path}: {answer}");
            }
        }
        let small = asked(address, "/", "content-length: 4\r\n", b"four").await;
        assert!(small.ends_with("\r\n\r\n4"), "{small}");
        let blind = asked(address, "/blind", "content-length: 4\r\n", b"four").await;
        assert!(blind.starts_with("HTTP/1.1 401"), "{blind}");
        // In pieces, without saying how much it will be.
        let pieces = format!("{:x}\r\n{}\r\n0\r\n\r\n", 1 << 20, "y".repeat(1 << 20));
        let answer = asked(address, "/", "transfer-encoding: chunked\r\n", pieces.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whoever_waits_to_be_asked_is_not_asked_for_what_is_too_much() {
        let headers = format!("expect: 100-continue\r\ncontent-length: {}\r\n", 3 << 20);
        let answer = asked(served().await, "/", &headers, b"").await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    }
}
