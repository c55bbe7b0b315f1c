//! Each page is drawn on one thread, from its first piece to its last.
//!
//! Leptos lets parts of a page wait for data that other threads bring, and there are moments between looking and
//! waiting at which that news is missed: then the page never ends (leptos, pull requests 4698, 4753 and 4853 mended
//! some; under load one page in some hundreds still stood still). On one thread nothing happens in between; what stands
//! still all the same is drawn once more.
//!
//! Only what Leptos starts stays on that thread. A connection to the database that is opened while drawing outlives the
//! page, so it is served by the server's own runtime: one served by a drawing thread stands still while that one is busy,
//! and with it whoever uses it.

use std::{cell::Cell, io, panic::resume_unwind, pin::pin, sync::Once, time::Duration};

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use axum::{
    body::{Body, Bytes},
    response::{IntoResponse as _, Response},
};
use futures::{StreamExt as _, future::select, stream};
use http::{StatusCode, response::Parts};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, mpsc, oneshot},
    task::{JoinHandle, LocalSet, spawn_blocking, spawn_local},
    time::timeout,
};
use tracing::{Instrument as _, Span};

/// Pieces that are drawn before the reader took them, at most.
const AHEAD: usize = 16;

/// Pages are drawn in a fraction of this.
const SOON: Duration = Duration::from_secs(6);
/// Between two pieces of a page.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Pages drawn at a time, at most: each has a thread, of the 512 that blocking work shares.
static PLACES: Semaphore = Semaphore::const_new(256);

thread_local! {
    static DRAWS: Cell<bool> = const { Cell::new(false) };
}

/// Where what Leptos starts is run: on the thread that draws.
struct Here;

impl CustomExecutor for Here {
    fn spawn(&self, task: PinnedFuture<()>) {
        if DRAWS.get() {
            spawn_local(task);
        } else {
            tokio::spawn(task);
        }
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        spawn_local(task);
    }

    fn poll_local(&self) {}
}

/// To be called before Leptos lists its routes, which would choose another place for its tasks.
pub fn prepare() {
    static CHOSEN: Once = Once::new();
    // Not to be chosen by Leptos meanwhile: whoever comes second waits.
    CHOSEN.call_once(|| {
        if Executor::init_custom_executor(Here).is_err() {
            tracing::error!("another executor was chosen for Leptos: pages may stand still");
        }
    });
}

/// Runs `draw` and its answer's body on a thread for it. Ends when the reader hangs up. What is not there in time is begun
/// once more, and whichever comes first is the answer: drawing changes nothing.
pub async fn on_one_thread<F, Fut>(draw: F) -> Response
where
    F: FnOnce() -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Response> + 'static,
{
    let mut first = pin!(drawn(draw.clone()));
    if let Ok(response) = timeout(SOON, first.as_mut()).await {
        return response;
    }
    tracing::warn!("a page was not drawn within {} s, and is drawn once more", SOON.as_secs());
    let second = pin!(drawn(draw));
    select(first, second).await.factor_first().0
}

async fn drawn<F, Fut>(draw: F) -> Response
where
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future<Output = Response> + 'static,
{
    let Ok(place) = PLACES.acquire().await else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let (tell_head, head) = oneshot::channel();
    let (tell, pieces) = mpsc::channel(AHEAD);
    let span = Span::current();
    let drawing = spawn_blocking(move || {
        let _place = place;
        DRAWS.set(true);
        let page = whole(draw, tell_head, tell).instrument(span);
        Handle::current().block_on(LocalSet::new().run_until(page));
    });
    match head.await {
        Ok(parts) => Response::from_parts(parts, Body::from_stream(stream::unfold((pieces, Some(drawing)), next))),
        Err(_) => match drawing.await {
            Err(ended) if ended.is_panic() => resume_unwind(ended.into_panic()),
            _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
    }
}

/// Draws a page and hands it on, head first.
async fn whole<F, Fut>(draw: F, mut tell_head: oneshot::Sender<Parts>, tell: mpsc::Sender<io::Result<Bytes>>)
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Response>,
{
    let drawn = tokio::select! {
        drawn = draw() => drawn,
        () = tell_head.closed() => return,
    };
    let (parts, body) = drawn.into_parts();
    if tell_head.send(parts).is_err() {
        return;
    }
    let mut body = body.into_data_stream();
    loop {
        let piece = tokio::select! {
            piece = timeout(LONGEST_PAUSE, body.next()) => piece,
            () = tell.closed() => return,
        };
        let piece = match piece {
            Ok(Some(piece)) => piece,
            Ok(None) => return,
            // It breaks off, rather than keep its place for ever.
            Err(_) => Err(axum::Error::new("the page stood still")),
        };
        let broken = piece.is_err();
        if tell.send(piece.map_err(io::Error::other)).await.is_err() || broken {
            return;
        }
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
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
    };

    async fn text(response: Response) -> Result<String, axum::Error> {
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn head_and_pieces_come_from_one_thread() {
        prepare();
        let response = on_one_thread(|| async {
            let here = thread::current().id();
            let pieces = stream::iter(0..40).then(move |n| async move {
                // What Leptos starts while drawing stays here as well.
                let (tell, there) = oneshot::channel();
                Executor::spawn(async move {
                    let _ = tell.send(thread::current().id());
                });
                assert_eq!((thread::current().id(), there.await.ok()), (here, Some(here)));
                Ok::<_, io::Error>(format!("{n},"))
            });
            (StatusCode::ACCEPTED, Body::from_stream(pieces)).into_response()
        })
        .await;
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        let whole: String = (0..40).map(|n| format!("{n},")).collect();
        assert_eq!(text(response).await.ok(), Some(whole));
    }

    /// What is opened while drawing (a connection to the database) is served elsewhere, though this thread be busy.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_outlives_a_page_does_not_wait_for_its_thread() {
        use tokio::{
            io::{AsyncReadExt as _, AsyncWriteExt as _},
            net::{TcpListener, TcpStream},
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (hand_over, opened) = oneshot::channel();
        let (release, busy) = std::sync::mpsc::channel::<()>();
        let page = tokio::spawn(drawn(move || async move {
            let _ = hand_over.send(TcpStream::connect(address).await);
            let _ = busy.recv_timeout(Duration::from_secs(60));
            StatusCode::OK.into_response()
        }));
        let (mut theirs, _) = listener.accept().await.expect("a connection");
        let mut ours = opened.await.expect("handed over").expect("connected");
        theirs.write_all(b"x").await.expect("written");
        let read = tokio::time::timeout(Duration::from_secs(20), ours.read_u8()).await;
        assert_eq!(read.expect("within its time").ok(), Some(b'x'));
        drop(release);
        assert_eq!(page.await.expect("drawn").status(), StatusCode::OK);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_page_that_breaks_off_is_not_taken_for_whole() {
        let broken = stream::iter([Ok::<_, io::Error>("begun")]).chain(stream::once(async { panic!("a defect") }));
        let response = drawn(|| async { Body::from_stream(broken).into_response() }).await;
        assert!(text(response).await.is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_hangs_up_ends_the_drawing() {
        let (dropped, seen) = oneshot::channel::<()>();
        let response = drawn(|| async {
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

    #[tokio::test(flavor = "multi_thread")]
    async fn what_stands_still_is_drawn_once_more() {
        let drawings = Arc::new(AtomicUsize::new(0));
        let begun = Arc::clone(&drawings);
        let response = on_one_thread(move || async move {
            if begun.fetch_add(1, Ordering::Relaxed) == 0 {
                std::future::pending::<()>().await;
            }
            StatusCode::ACCEPTED.into_response()
        })
        .await;
        assert_eq!((response.status(), drawings.load(Ordering::Relaxed)), (StatusCode::ACCEPTED, 2));
    }
}
