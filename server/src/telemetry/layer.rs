//! Collects the spans that are meant for export.

use std::{
    collections::HashMap,
    fmt::Debug,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::mpsc;
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};
use weir_domain::{Clock as _, Timestamp};

use super::{drop_some, parent::Parent};
use crate::clock::SystemClock;

/// Spans of this target are exported, and no others.
pub const TARGET: &str = "weir::trace";

/// Fields that become attributes, under the names of OpenTelemetry's conventions where there is one. What is not here
/// stays here.
const ATTRIBUTES: [(&str, &str); 8] = [
    ("method", "http.request.method"),
    ("route", "http.route"),
    ("status", "http.response.status_code"),
    ("request", "weir.request_id"),
    ("use_case", "weir.use_case"),
    ("source", "weir.source"),
    ("events", "weir.events"),
    ("bytes", "weir.bytes"),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Number(i64),
}

/// A span that is over.
#[derive(Debug)]
pub struct Finished {
    pub trace: [u8; 16],
    pub span: [u8; 8],
    pub parent: Option<[u8; 8]>,
    pub name: String,
    /// It answers somebody outside.
    pub server: bool,
    pub begun: Timestamp,
    pub ended: Timestamp,
    pub attributes: Vec<(&'static str, Value)>,
    pub failed: bool,
}

/// The layer. What is not sampled costs a few random bytes.
pub struct Spans {
    sender: mpsc::Sender<Finished>,
    /// Traces whose id is below it are kept.
    below: u64,
    /// Requests in hand: pages are drawn on other tasks, which know their request by its reference only.
    requests: Mutex<HashMap<String, Parent>>,
}

struct Open {
    here: Parent,
    parent: Option<[u8; 8]>,
    begun: Timestamp,
    fields: Fields,
}

impl Spans {
    /// `sampled`: the share of traces that is kept, 0 to 1.
    pub fn new(sender: mpsc::Sender<Finished>, sampled: f64) -> Self {
        // Exact at both ends; in between a double is finer than anybody can measure.
        let below = if sampled >= 1.0 { u64::MAX } else { (sampled.max(0.0) * u64::MAX as f64) as u64 };
        Self { sender, below, requests: Mutex::default() }
    }

    fn requests(&self) -> MutexGuard<'_, HashMap<String, Parent>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A trace of its own. The last bytes of its id decide, so that whoever else samples it by the same rule agrees.
    fn begin(&self) -> Parent {
        let trace: [u8; 16] = rand::random();
        let [.., a, b, c, d, e, f, g, h] = trace;
        let sampled = u64::from_be_bytes([a, b, c, d, e, f, g, h]) <= self.below && self.below > 0;
        Parent { trace, span: rand::random(), sampled }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let is_request = span.name() == "request";
        let before = if is_request {
            fields.traceparent.as_deref().and_then(Parent::parse)
        } else {
            fields.request.as_ref().and_then(|request| self.requests().get(request).copied())
        };
        let here = match before {
            Some(before) => Parent { span: rand::random(), ..before },
            // What a stream asks after its request was answered would be a trace of one span, every few seconds.
            None if span.name() == "use case" => return,
            None => self.begin(),
        };
        if !here.sampled {
            return;
        }
        if let (true, Some(request)) = (is_request, &fields.request) {
            self.requests().insert(request.clone(), here);
        }
        let parent = before.map(|before| before.span);
        span.extensions_mut().insert(Open { here, parent, begun: SystemClock.now(), fields });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            values.record(&mut open.fields);
        }
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        let server = span.name() == "request";
        if let (true, Some(request)) = (server, &open.fields.request) {
            self.requests().remove(request);
        }
        let finished = Finished {
            trace: open.here.trace,
            span: open.here.span,
            parent: open.parent,
            name: open.fields.name(span.name()),
            server,
            begun: open.begun,
            ended: SystemClock.now(),
            failed: open.fields.failed,
            attributes: open.fields.attributes,
        };
        if self.sender.try_send(finished).is_err() {
            drop_some(1);
        }
    }
}

/// What is kept of a span's fields.
#[derive(Debug, Default)]
struct Fields {
    attributes: Vec<(&'static str, Value)>,
    request: Option<String>,
    traceparent: Option<String>,
    failed: bool,
}

impl Fields {
    /// As the conventions name spans: `GET /events/{id}`.
    fn name(&self, kind: &str) -> String {
        let text = |wanted: &str| {
            self.attributes.iter().find_map(|(name, value)| match value {
                Value::Text(text) if *name == wanted => Some(text.as_str()),
                _ => None,
            })
        };
        match (kind, text("http.request.method"), text("http.route"), text("weir.use_case")) {
            ("request", Some(method), Some(route), _) => format!("{method} {route}"),
            ("request", Some(method), None, _) => method.to_owned(),
            ("use case", _, _, Some(use_case)) => use_case.to_owned(),
            _ => kind.to_owned(),
        }
    }

    fn put(&mut self, field: &Field, value: Value) {
        if let Some((_, name)) = ATTRIBUTES.iter().find(|(name, _)| *name == field.name()) {
            self.attributes.push((name, value));
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "traceparent" => self.traceparent = Some(value.to_owned()),
            "request" => self.request = Some(value.to_owned()),
            _ => {}
        }
        self.put(field, Value::Text(value.to_owned()));
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.failed |= field.name() == "status" && value >= 500;
        self.put(field, Value::Number(value));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record_i64(field, i64::try_from(value).unwrap_or(i64::MAX));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.failed |= field.name() == "failed" && value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt as _;

    /// Spans that come out, at this rate.
    fn collect(sampled: f64, act: impl FnOnce()) -> Vec<Finished> {
        let (sender, mut receiver) = mpsc::channel(1000);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(Spans::new(sender, sampled)), act);
        let mut all = Vec::new();
        while let Ok(finished) = receiver.try_recv() {
            all.push(finished);
        }
        all
    }

    #[test]
    fn a_request_and_its_use_cases_are_one_trace_with_listed_attributes_only() {
        let spans = collect(1.0, || {
            let request = tracing::info_span!(target: TARGET, "request", request = "r1", method = "GET", route = "/events/{id}", status = tracing::field::Empty, query = "key=secret");
            // On another task: not within the request's span.
            drop(tracing::info_span!(target: TARGET, "use case", use_case = "events/list", request = %"r1"));
            request.record("status", 503_u16);
            drop(request);
            drop(tracing::info_span!(target: TARGET, "use case", use_case = "events/tail", request = %"r1"));
        });
        assert_eq!(spans.len(), 2, "what comes after the answer is nobody's: {spans:?}");
        let (case, request) = (&spans[0], &spans[1]);
        assert_eq!((case.name.as_str(), request.name.as_str()), ("events/list", "GET /events/{id}"));
        assert_eq!((case.trace, case.parent), (request.trace, Some(request.span)));
        assert!(request.server && request.failed && !case.server && !case.failed && request.parent.is_none());
        assert!(request.attributes.contains(&("http.response.status_code", Value::Number(503))));
        assert!(!format!("{spans:?}").contains("secret"));
    }

    #[test]
    fn a_trace_goes_on_and_its_beginner_decides_whether_it_is_kept() {
        let with = |flags: &str| {
            let before = format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
            collect(0.0, || drop(tracing::info_span!(target: TARGET, "request", request = "r", traceparent = before)))
        };
        let kept = with("01");
        assert_eq!((kept[0].trace[0], kept[0].parent.unwrap()[0]), (0x0a, 0xb7));
        assert!(with("00").is_empty());
    }

    #[test]
    fn a_share_of_traces_is_kept() {
        let appends = |sampled| {
            collect(sampled, || {
                for _ in 0..900 {
                    drop(tracing::info_span!(target: TARGET, "append", source = "shop", events = 3));
                }
            })
            .len()
        };
        assert_eq!((appends(0.0), appends(1.0)), (0, 900));
        assert!((100..800).contains(&appends(0.5)));
    }
}
