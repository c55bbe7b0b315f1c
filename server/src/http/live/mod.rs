//! `GET /live`: one stream per browser with everything its tabs follow (decision 22).
//!
//! `topics=overview,tail7` names what is followed: a kind, and a number that tells several of a kind apart. Each may
//! have parameters, `tail7.channel=3`. Frames carry the topic's name as their event; `id:` is an opaque token of how far
//! every tail has come, taken back as `Last-Event-ID` or `last=`. Streams are drawn from as the client reads, so a slow
//! client makes no queue: what it can't follow is counted as skipped.
//!
//! `hello` comes first and `beat` when nothing else does, so that the browser notices a proxy that holds streams back; it
//! then asks for short answers instead (`poll=1`, see [`brief`]).
//!
//! Nothing ends in silence: `bye` is the last that comes of a topic, or without a topic of the stream, with its reason:
//! `signed_out`, `not_allowed`, `failed`, `restarting` (connect again); of a topic also `too_long` (a filter beyond what
//! an address holds) and `too_many` (beyond what one stream follows).

mod asked;
mod brief;
mod desk;
mod token;

pub use desk::{Desk, Seat};
pub use token::{Resume, Token, given};

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{Request, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{
    Stream, StreamExt as _,
    stream::{self, BoxStream},
};
use http::{HeaderName, HeaderValue, header};
use weir_cases::{Bye, Frame, Recheck};
use weir_domain::{AppError, CaseError, ErrorKind, access::Caller, events::Positions};

use self::asked::{Asked, Kind, Topic};
use super::{
    answer::{Reader, app_error, case_error},
    build, person,
    site::Site,
    visit::{Visit, Who},
};

/// The use cases behind the topics.
pub const USE_CASES: &[&str] = &[weir_cases::overview::live::NAME, weir_cases::events::tail::NAME];

/// Proxies cut what is silent for a minute, some sooner.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long the browser waits before it connects again.
const AGAIN: Duration = Duration::from_secs(2);

/// One thing to tell the client.
pub enum News {
    Frame {
        topic: String,
        json: String,
        reached: Option<Positions>,
    },
    Missed {
        topic: String,
    },
    /// This topic is over, and why; the others go on.
    Over {
        topic: String,
        why: &'static str,
    },
    /// Everything is.
    Bye(&'static str),
}

pub async fn live(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    Extension(who): Extension<Who>,
    request: Request,
) -> Response {
    let refuse = |error: CaseError| case_error(error, Reader::Program, &visit, None);
    let Who { caller: Some(caller), token: Some(session) } = who else { return refuse(CaseError::SignedOut) };
    if let Some(outdated) = build::refused(&site, &visit, asked::said(request.uri().query(), "build").as_deref()) {
        return outdated;
    }
    // The page's own person is signed out.
    if person::other(Some(&caller), asked::said(request.uri().query(), "person").as_deref()) {
        return refuse(CaseError::SignedOut);
    }
    let asked = match Asked::parse(request.uri().query().unwrap_or_default()) {
        Ok(asked) => asked,
        Err(what) => {
            let what_to_do = "Ask for topics=overview, topics=tail, or both.".to_owned();
            return refuse(CaseError::Invalid { what, what_to_do });
        }
    };
    let Some(seat) = site.streams.sit(&session) else {
        let full = AppError::new(
            ErrorKind::TooMany,
            "Too many live streams are open.",
            "Close some tabs or other browsers of this account, or wait until others have.",
        );
        return app_error(full, Reader::Program, &visit, None);
    };
    let resume = given(request.headers(), asked.last.as_deref());

    let mut streams = Vec::new();
    let (mut refused, mut over) = (None, Vec::new());
    for topic in &asked.topics {
        match follow(&site, &caller, &session, topic, &resume).await {
            Ok(stream) => streams.push(stream),
            Err(error @ (CaseError::NotAllowed { .. } | CaseError::Invalid { .. })) => {
                let why = Bye::NotAllowed.as_str();
                over.push(News::Over { topic: topic.name.clone(), why });
                refused = Some(error);
            }
            Err(error) => return refuse(error),
        }
    }
    if let (true, Some(error)) = (streams.is_empty(), refused) {
        return refuse(error);
    }
    let news = stream::iter(over).chain(stream::select_all(streams));
    let news = if asked.poll { brief::brief(news, asked.topics.len()).boxed() } else { news.boxed() };
    answer(&site, seat, news, Token::continuing(&resume, &asked))
}

/// The answer that tells all news until they or the server end, and keeps its seat as long.
pub fn answer(site: &Site, seat: Seat, news: BoxStream<'static, News>, token: Token) -> Response {
    let news = news.take_until(site.stop.clone().cancelled_owned());
    let stop = site.stop.clone();
    let end = stream::once(async move { stop.is_cancelled().then_some(News::Bye("restarting")) });
    let news = news.chain(end.filter_map(std::future::ready));
    let events = events(news, token);
    let begin = stream::iter([Event::default().event("hello").data("1").retry(AGAIN)]);
    let events = begin.chain(events).map(move |event| {
        // Kept until the client is gone.
        let _ = &seat;
        Ok::<_, std::convert::Infallible>(event)
    });
    let beat = KeepAlive::new().interval(HEARTBEAT).event(Event::default().event("beat").data("1"));
    let mut response = Sse::new(events).keep_alive(beat).into_response();
    // Proxies must pass each frame on as it comes, and as it is.
    for (name, value) in
        [(HeaderName::from_static("x-accel-buffering"), "no"), (header::CACHE_CONTROL, "no-store, no-transform")]
    {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn follow(
    site: &Site,
    caller: &Caller,
    session: &str,
    topic: &Topic,
    resume: &Resume,
) -> Result<BoxStream<'static, News>, CaseError> {
    let caller = Caller { environment: topic.environment, ..caller.clone() };
    let access = &site.cases.access;
    let recheck: Arc<dyn Recheck> =
        Arc::new(access.recheck(session.to_owned(), topic.environment, caller.origin.clone()));
    let name = topic.name.clone();
    match &topic.kind {
        Kind::Overview => {
            let frames = site.cases.overview.live(&caller, recheck).await?;
            Ok(frames.map(move |frame| news(&name, frame, |summary| (serde_json::to_string(&summary), None))).boxed())
        }
        Kind::Tail(filter) => {
            let (after, missed) = resume.of(&name);
            let frames = site.cases.events.tail(&caller, filter.clone(), after, recheck).await?;
            let missed = missed.then(|| News::Missed { topic: name.clone() });
            let frames = frames
                .map(move |frame| news(&name, frame, |(rows, reached)| (serde_json::to_string(&rows), Some(reached))));
            Ok(stream::iter(missed).chain(frames).boxed())
        }
        Kind::Over(why) => Ok(stream::iter([News::Over { topic: name, why }]).boxed()),
    }
}

/// A frame of a use case as news; `shape` writes it.
pub fn news<T>(
    topic: &str,
    frame: Frame<T>,
    shape: impl FnOnce(T) -> (serde_json::Result<String>, Option<Positions>),
) -> News {
    match frame {
        Frame::Data(data) => match shape(data) {
            (Ok(json), reached) => News::Frame { topic: topic.to_owned(), json, reached },
            (Err(error), _) => {
                tracing::error!(%error, topic, "a frame could not be written");
                News::Over { topic: topic.to_owned(), why: "failed" }
            }
        },
        Frame::Bye(bye @ Bye::SignedOut) => News::Bye(bye.as_str()),
        Frame::Bye(bye @ Bye::NotAllowed) => News::Over { topic: topic.to_owned(), why: bye.as_str() },
    }
}

/// Turns news into what is sent, keeping the token, until everything is over.
fn events(news: impl Stream<Item = News> + Send + 'static, token: Token) -> impl Stream<Item = Event> + Send {
    let begin = (Box::pin(news), token, false);
    stream::unfold(begin, |(mut news, mut token, over)| async move {
        if over {
            return None;
        }
        let event = match news.next().await? {
            News::Frame { topic, json, reached } => {
                let event = Event::default().event(&topic).data(json);
                match reached {
                    Some(reached) => {
                        token.reached(topic, reached);
                        event.id(token.text())
                    }
                    None => event,
                }
            }
            News::Missed { topic } => {
                let what = serde_json::json!({ "topic": topic, "events": null });
                Event::default().event("missed").data(what.to_string())
            }
            News::Over { topic, why } => bye(&serde_json::json!({ "topic": topic, "reason": why })),
            News::Bye(why) => return Some((bye(&serde_json::json!({ "reason": why })), (news, token, true))),
        };
        Some((event, (news, token, false)))
    })
}

fn bye(what: &serde_json::Value) -> Event {
    Event::default().event("bye").data(what.to_string())
}
