use super::{
    pause::PauseWatch,
    report::Reporter,
    round::cut,
    session::{Over, Session},
    settings::{Ports, Settings},
};
use crate::{backoff::Backoff, policy::Ceiling};
use rand::{SeedableRng, rngs::StdRng};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use weir_domain::{SourceId, capture::SourceState};

/// Captures one source until it is told to stop. Nothing that happens at the broker or in the database ends it.
pub struct Tap {
    source: SourceId,
    settings: Settings,
    ports: Ports,
    rng: StdRng,
}

impl Tap {
    /// `seed` for the jitter of its retries.
    pub fn new(source: SourceId, settings: Settings, ports: Ports, seed: u64) -> Self {
        Self { source, settings, ports, rng: StdRng::seed_from_u64(seed) }
    }

    /// Ends within [`super::Pace::drain`] and a little after `stop`, with the appends in hand finished.
    pub async fn run(mut self, stop: CancellationToken) {
        let pace = self.settings.pace;
        if self.settings.ceiling == Ceiling::Off {
            let reason = "capture = \"off\" in the configuration: nothing is read.".to_owned();
            let _reporter = Reporter::start(&self.ports, self.source, pace.heartbeat, SourceState::Off, Some(reason));
            return stop.cancelled().await;
        }
        let reporter = Reporter::start(&self.ports, self.source, pace.heartbeat, SourceState::Starting, None);
        let mut pause = PauseWatch::start(&self.ports, self.source, pace.pause);
        let (mut broker, mut store) = (Backoff::broker(), Backoff::store());
        while !stop.is_cancelled() {
            match pause.now() {
                Some(false) => {}
                wish => {
                    if wish.is_some() {
                        reporter.state(SourceState::Paused, Some("Paused by a person.".into()), None);
                    }
                    stop.run_until_cancelled(pause.changed()).await;
                    if pause.now() == Some(false) {
                        reporter.state(SourceState::Starting, None, None);
                    }
                    continue;
                }
            }
            let mut since = None;
            let session = Session {
                source: self.source,
                settings: &self.settings,
                ports: &self.ports,
                reporter: &reporter,
                pause: &mut pause,
                rng: &mut self.rng,
                stop: &stop,
            };
            let over = session.run(&mut since).await;
            if since.is_some_and(|s: Instant| s.elapsed() >= pace.steady) {
                broker.reset();
            }
            let wait = match over {
                Over::Stop => break,
                Over::Paused => continue,
                Over::Broker(error) => {
                    let wait = broker.next(&mut self.rng);
                    tracing::warn!(source = self.settings.name, %error, retry_ms = wait.as_millis(), "the broker can't be read");
                    let retry_at = self.ports.clock.now().plus_micros(micros(wait));
                    reporter.state(SourceState::Down, Some(cut(error.to_string())), Some(retry_at));
                    wait
                }
                Over::Store(error) => {
                    let wait = store.next(&mut self.rng);
                    tracing::warn!(source = self.settings.name, %error, retry_ms = wait.as_millis(), "the catalog can't be read");
                    wait
                }
            };
            if since.is_some() {
                store.reset();
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = pause.paused() => {}
                () = sleep(wait) => {}
            }
        }
    }
}

fn micros(wait: Duration) -> i64 {
    i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)
}
