//! Connections: bounded in number, in how long a request's head may take, and in how long they outlive the end.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// A request's head must be here within this time; an idle connection is closed after it.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
const MOST_HEADERS: usize = 100;
/// Head of a request, and what is written ahead of a slow reader.
const BUFFER: usize = 64 * 1024;
/// A reader that takes nothing for this long is gone.
const UNTAKEN_FOR: Duration = Duration::from_secs(60);
/// What requests in hand get at the end; the whole process has 10 s.
const GRACE: Duration = Duration::from_secs(8);

/// The other end of the connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Serves until `stop`, then lets requests in hand end.
pub async fn run(listener: TcpListener, router: Router, connections: usize, stop: CancellationToken) {
    let permits = Arc::new(Semaphore::new(connections));
    let tasks = TaskTracker::new();
    while let Some((permit, stream, peer)) = next(&listener, &permits, &stop).await {
        let (router, stop) = (router.clone(), stop.clone());
        tasks.spawn(async move {
            connection(stream, peer, router, stop).await;
            drop(permit);
        });
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "connections were cut at the end");
    }
}

async fn next(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(tokio::sync::OwnedSemaphorePermit, TcpStream, Peer)> {
    let take = async {
        let permit = Arc::clone(permits).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => return Some((permit, stream, Peer(peer.ip()))),
                Err(error) => {
                    // Out of file descriptors, most likely: others must end first.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => None,
        taken = take => taken,
    }
}

async fn connection(stream: TcpStream, peer: Peer, router: Router, stop: CancellationToken) {
    let socket = socket2::SockRef::from(&stream);
    // Neither failing costs more than some speed, or a connection that lingers.
    let _ = (stream.set_nodelay(true), socket.set_tcp_user_timeout(Some(UNTAKEN_FOR)));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let router = router.clone();
        async move { router.oneshot(request.map(Body::new)).await }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).max_headers(MOST_HEADERS).max_buf_size(BUFFER);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended: Result<(), hyper::Error> = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    // Whoever hangs up in the middle is no news.
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
