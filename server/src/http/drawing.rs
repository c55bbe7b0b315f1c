//! Each page is drawn on one thread, from its first piece to its last.
//!
//! Leptos lets parts of a page wait for data that other threads bring, and there are moments between looking and
//! waiting at which that news is missed: then the page never ends (leptos, pull requests 4698, 4753 and 4853 mended
//! some; under load one page in some hundreds still stood still). On one thread nothing happens in between.

use std::{io, panic::resume_unwind, sync::LazyLock, thread::available_parallelism};

use axum::{
    body::{Body, Bytes},
    response::{IntoResponse as _, Response},
};
use futures::{StreamExt as _, stream};
use http::StatusCode;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_util::task::LocalPoolHandle;
use tracing::{Instrument as _, Span};

/// More than cores: a connection to the database that was opened while drawing is served by that thread for as long as it
/// lives, whoever uses it, so none of them may be busy for long. The system shares the cores among them more fairly than
/// one of them does among its pages.
static THREADS: LazyLock<LocalPoolHandle> =
    LazyLock::new(|| LocalPoolHandle::new(available_parallelism().map_or(8, |n| (4 * n.get()).clamp(8, 32))));

/// Pieces that are drawn before the reader took them, at most.
const AHEAD: usize = 16;

/// Runs `draw` and its answer's body on one of the threads for it. Ends when the reader hangs up.
pub async fn on_one_thread<F, Fut>(draw: F) -> Response
where
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future<Output = Response> + 'static,
{
    let (tell_head, head) = oneshot::channel();
    let (tell, pieces) = mpsc::channel(AHEAD);
    let span = Span::current();
    let drawing = THREADS.spawn_pinned(move || {
        async move {
            let (parts, body) = draw().await.into_parts();
            if tell_head.send(parts).is_err() {
                return;
            }
            let mut body = body.into_data_stream();
            loop {
                let piece = tokio::select! {
                    piece = body.next() => piece,
                    () = tell.closed() => return,
                };
                let Some(piece) = piece else { return };
                if tell.send(piece.map_err(io::Error::other)).await.is_err() {
                    return;
                }
            }
        }
        .instrument(span)
    });
    match head.await {
        Ok(parts) => Response::from_parts(parts, Body::from_stream(stream::unfold((pieces, Some(drawing)), next))),
        Err(_) => match drawing.await {
            Err(ended) if ended.is_panic() => resume_unwind(ended.into_panic()),
            _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
    }
}

type Drawing = (mpsc::Receiver<io::Result<Bytes>>, Option<JoinHandle<()>>);

/// The next piece; a page that broke off breaks its answer off, so that nobody takes it for whole.
async fn next((mut pieces, drawing): Drawing) -> Option<(io::Result<Bytes>, Drawing)> {
    if let Some(piece) = pieces.recv().await {
        return Some((piece, (pieces, drawing)));
    }
    let broke_off = drawing?.await.err()?;
    Some((Err(io::Error::other(broke_off)), (pieces, None)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{thread, time::Duration};

    async fn text(response: Response) -> Result<String, axum::Error> {
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn head_and_pieces_come_from_one_thread() {
        let response = on_one_thread(|| async {
            let here = thread::current().id();
            let pieces = stream::iter(0..40).then(move |n| async move {
                // What is spawned while drawing stays here as well.
                let there = tokio::spawn(async { thread::current().id() }).await;
                assert_eq!((thread::current().id(), there.ok()), (here, Some(here)));
                Ok::<_, io::Error>(format!("{n},"))
            });
            (StatusCode::ACCEPTED, Body::from_stream(pieces)).into_response()
        })
        .await;
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        let whole: String = (0..40).map(|n| format!("{n},")).collect();
        assert_eq!(text(response).await.ok(), Some(whole));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_page_that_breaks_off_is_not_taken_for_whole() {
        let broken = stream::iter([Ok::<_, io::Error>("begun")]).chain(stream::once(async { panic!("a defect") }));
        let response = on_one_thread(|| async { Body::from_stream(broken).into_response() }).await;
        assert!(text(response).await.is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_hangs_up_ends_the_drawing() {
        let (dropped, seen) = oneshot::channel::<()>();
        let response = on_one_thread(|| async {
            let never = stream::once(async move {
                let _dropped = dropped;
                std::future::pending::<io::Result<Bytes>>().await
            });
            Body::from_stream(never).into_response()
        })
        .await;
        drop(response);
        assert!(tokio::time::timeout(Duration::from_secs(20), seen).await.is_ok_and(|end| end.is_err()));
    }
}
