//! Sends finished spans to the collector, some at a time. A collector that is away costs spans, never Weir's work.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use rustls::ClientConfig;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{drop_some, layer::Finished, otlp};
use crate::client::{self, Address, tls};

/// Spans of one request, and how long the first of them waits for others.
const MOST: usize = 512;
const GATHER: Duration = Duration::from_secs(2);
/// One request.
const PATIENCE: Duration = Duration::from_secs(10);
/// Tries of one request, with these pauses between; then its spans are dropped.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(15)];
/// For what is left when Weir ends.
const AT_THE_END: Duration = Duration::from_secs(2);
const LARGEST_ANSWER: usize = 64 * 1024;

/// Works until the end of the process.
pub struct Exporter {
    receiver: mpsc::Receiver<Finished>,
    endpoint: Address,
    tls: Option<Arc<ClientConfig>>,
    instance: String,
    /// For the next request.
    gathered: Vec<Finished>,
    /// Told once until it is over.
    away: bool,
}

impl Exporter {
    /// # Errors
    /// Why the system's certificate authorities can't be used.
    pub fn new(receiver: mpsc::Receiver<Finished>, endpoint: Address) -> Result<Self, String> {
        let tls = endpoint.https.then(|| tls::config(None, None)).transpose()?.map(Arc::new);
        let instance = uuid::Uuid::new_v4().to_string();
        Ok(Self { receiver, endpoint, tls, instance, gathered: Vec::new(), away: false })
    }

    /// Until `stop`; then what is left is sent, for two seconds at most.
    pub async fn run(mut self, stop: CancellationToken) {
        while stop.run_until_cancelled(self.gather()).await.is_some() {
            let spans = std::mem::take(&mut self.gathered);
            if stop.run_until_cancelled(self.send(&spans)).await.is_none() {
                self.gathered = spans;
                break;
            }
        }
        let mut spans = std::mem::take(&mut self.gathered);
        while let Ok(span) = self.receiver.try_recv() {
            spans.push(span);
        }
        for some in spans.chunks(MOST) {
            if !matches!(timeout(AT_THE_END, self.post(some)).await, Ok(Ok(()))) {
                drop_some(some.len());
            }
        }
    }

    /// Until there is something for a request. Cancel-safe.
    async fn gather(&mut self) {
        let Some(first) = self.receiver.recv().await else { return std::future::pending().await };
        self.gathered.push(first);
        let until = Instant::now() + GATHER;
        while self.gathered.len() < MOST {
            match timeout_at(until, self.receiver.recv()).await {
                Ok(Some(span)) => self.gathered.push(span),
                _ => break,
            }
        }
    }

    async fn send(&mut self, spans: &[Finished]) {
        for pause in PAUSES.iter().map(Some).chain([None]) {
            match self.post(spans).await {
                Ok(()) => {
                    if std::mem::take(&mut self.away) {
                        tracing::info!("the trace collector takes spans again");
                    }
                    return;
                }
                Err(why) => {
                    if !std::mem::replace(&mut self.away, true) {
                        tracing::warn!(endpoint = %self.endpoint, why, "traces can't be exported; tried again, and dropped if they grow old");
                    }
                }
            }
            match pause {
                Some(pause) => sleep(*pause).await,
                None => drop_some(spans.len()),
            }
        }
    }

    async fn post(&self, spans: &[Finished]) -> Result<(), String> {
        let body = otlp::request(spans, &self.instance).to_string();
        let posted = async {
            let mut sender = client::connect(&self.endpoint, self.tls.as_ref()).await?;
            let request = Request::post(self.endpoint.target("/v1/traces", &[]))
                .header(header::HOST, self.endpoint.authority())
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::CONNECTION, "close")
                .body(Full::new(Bytes::from(body)))
                .map_err(|e| e.to_string())?;
            let answer = sender.send_request(request).await.map_err(|e| e.to_string())?;
            let status = answer.status();
            // Read, so that the other side is not cut off while it writes; what it says is not needed.
            let _ = Limited::new(answer.into_body(), LARGEST_ANSWER).collect().await;
            if status.is_success() { Ok(()) } else { Err(format!("it answered {status}")) }
        };
        timeout(PATIENCE, posted).await.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
    }
}
