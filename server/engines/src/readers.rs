//! Reads of brokers beside their taps: every source by its settings, within its owner's limits and one cap that all
//! processes share. What is read so is acknowledged nowhere.

use crate::{MadeSpecs, Reading, SourceSpec};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    sync::{Mutex, Semaphore},
    time::{Instant, sleep, timeout_at},
};
use weir_broker::{BrokerError, PartitionAddress, Range, RangeError, RangeLimits, RangeRead, read_range};
use weir_domain::{
    Position, SourceId, StoreError,
    capture::{AtBroker, Beside},
    lag::WatchedSource,
};
use weir_tap::{identify::Identify, policy::Policy, rate};

/// Ranges read at once by one process: each holds a few megabytes.
const AT_ONCE: usize = 4;
/// One range takes no more than is paid for within this.
const DEBT_S: u64 = 4;

/// Why nothing was read, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRead {
    pub what: String,
    pub what_to_do: String,
    /// Only at this moment: others have their turn, or it took too long.
    pub for_now: bool,
}

impl NotRead {
    pub fn new(what: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { what: what.into(), what_to_do: what_to_do.into(), for_now: false }
    }

    fn for_now(what: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { for_now: true, ..Self::new(what, what_to_do) }
    }
}

/// What a read may have taken from the broker: paid for though its reader went away before it was told how much.
struct Unpaid {
    beside: Arc<dyn Beside>,
    source: SourceId,
    bytes: u64,
    bytes_per_s: u64,
}

impl Drop for Unpaid {
    fn drop(&mut self) {
        let Ok(runtime) = Handle::try_current() else { return };
        let (beside, source, bytes, bytes_per_s) =
            (Arc::clone(&self.beside), self.source, self.bytes, self.bytes_per_s);
        if bytes > 0 {
            runtime.spawn(async move {
                if let Err(error) = beside.took(source, bytes, bytes_per_s).await {
                    tracing::warn!(%error, "what was read beside capture was not counted against its cap");
                }
            });
        }
    }
}

/// The ways to all sources that this process has settings of.
pub struct Readers {
    file: Vec<SourceSpec>,
    made: Arc<dyn MadeSpecs>,
    /// Made ones as they were last built, so that their connections are used again.
    built: Mutex<HashMap<SourceId, (i64, SourceSpec)>>,
    beside: Arc<dyn Beside>,
    reading: Reading,
    places: Semaphore,
}

impl Readers {
    pub fn new(file: Vec<SourceSpec>, made: Arc<dyn MadeSpecs>, beside: Arc<dyn Beside>, reading: Reading) -> Self {
        Self { file, made, built: Mutex::default(), beside, reading, places: Semaphore::new(AT_ONCE) }
    }

    /// Reads `from..to` of a partition as far as the limits reach, waiting for its turn and its part of the cap for no
    /// longer than they say.
    ///
    /// # Errors
    /// The store's. That the broker was not read is an answer.
    pub async fn read(
        &self,
        at: &AtBroker,
        (from, to): (Position, Position),
        limits: RangeLimits,
    ) -> Result<Result<RangeRead, NotRead>, StoreError> {
        let until = Instant::now() + limits.within;
        let spec = match self.spec(at).await? {
            Ok(spec) => spec,
            Err(why) => return Ok(Err(why)),
        };
        let Ok(Ok(_place)) = timeout_at(until, self.places.acquire()).await else {
            return Ok(Err(NotRead::for_now("Too many reads of brokers are under way.", "Try again in a moment.")));
        };
        if let Some(wait) = self.turn(at.source, until).await? {
            let what =
                format!("Other reads beside capture use up the part of {}'s cap that is theirs.", at.source_name);
            return Ok(Err(NotRead::for_now(what, format!("Try again in {} s.", wait.as_secs() + 1))));
        }
        let address = PartitionAddress { channel: at.channel.clone(), number: at.number };
        let range = Range { address, incarnation: at.incarnation.clone(), from, to };
        let within = until.saturating_duration_since(Instant::now());
        let bytes_per_s = rate::beside_taps(spec.catch_up_bytes_per_s);
        // So that whoever reads next has not to wait for longer than they may.
        let bytes = limits.bytes.min(usize::try_from(bytes_per_s.saturating_mul(DEBT_S)).unwrap_or(usize::MAX));
        let mut unpaid =
            Unpaid { beside: Arc::clone(&self.beside), source: at.source, bytes: bytes as u64, bytes_per_s };
        let read = read_range(&*spec.broker, &range, RangeLimits { bytes, within, ..limits }).await;
        if !matches!(read, Err(RangeError::TimedOut(_))) {
            unpaid.bytes = 0;
        }
        match read {
            Ok(read) => {
                self.beside.took(at.source, read.broker_bytes, bytes_per_s).await?;
                Ok(Ok(read))
            }
            Err(error) => Ok(Err(explained(&at.source_name, &at.channel, error, limits.within))),
        }
    }

    /// How events of this source are told apart, if it may be read at all.
    ///
    /// # Errors
    /// The store's.
    pub async fn identify(&self, at: &AtBroker) -> Result<Result<Identify, NotRead>, StoreError> {
        let spec = self.spec(at).await?;
        Ok(spec.map(|spec| Identify::new(spec.type_header.as_deref(), spec.type_field.as_deref())))
    }

    /// Waits until more may be read; `Some`: that is later than `until`.
    async fn turn(&self, source: SourceId, until: Instant) -> Result<Option<Duration>, StoreError> {
        loop {
            let wait = self.beside.wait(source).await?;
            if wait.is_zero() {
                return Ok(None);
            }
            if Instant::now() + wait >= until {
                return Ok(Some(wait));
            }
            sleep(wait).await;
        }
    }

    /// The way to a source, if its owner and this process let it be gone.
    pub(crate) async fn spec(&self, at: &AtBroker) -> Result<Result<SourceSpec, NotRead>, StoreError> {
        let name = &at.source_name;
        if let Reading::Off(why) = &self.reading {
            return Ok(Err(NotRead::new(why.clone(), "No broker is asked before that.")));
        }
        if at.capture == "off" {
            let what = format!("{name} is set to capture = \"off\": Weir reads nothing of it.");
            return Ok(Err(NotRead::new(what, "Set it to \"metadata\" or \"full\" to read it again.")));
        }
        if at.channel_off == Some(true) {
            let what = format!("Capture of {} is off: Weir reads nothing of it.", at.channel);
            return Ok(Err(NotRead::new(what, "Set its policy to another one to read it again.")));
        }
        if at.stands_still {
            let what = format!("{name} is paused or was given up: Weir reads nothing of it.");
            return Ok(Err(NotRead::new(what, "Resume it on its page.")));
        }
        let spec = match self.settings(at.source, name, at.of_file).await? {
            Ok(spec) => spec,
            Err(why) => return Ok(Err(why)),
        };
        // Whether it is the broker's own was asked when it was captured.
        if !Policy::new(spec.patterns.clone(), true).includes(&at.channel, false) {
            let what = format!("{} is not among the channels of {name} any more.", at.channel);
            return Ok(Err(NotRead::new(what, "Add it to the source's channels to read it again.")));
        }
        Ok(Ok(spec))
    }

    /// The way to a source whose groups are observed or acted on, if its owner and this process let it be gone.
    ///
    /// # Errors
    /// The store's.
    pub async fn of_source(&self, source: &WatchedSource) -> Result<Result<SourceSpec, NotRead>, StoreError> {
        let name = &source.name;
        if let Reading::Off(why) = &self.reading {
            return Ok(Err(NotRead::new(why.clone(), "No broker is asked before that.")));
        }
        if source.capture == "off" {
            let what = format!("{name} is set to capture = \"off\": Weir asks nothing of it.");
            return Ok(Err(NotRead::new(what, "Set it to \"metadata\" or \"full\" to observe it.")));
        }
        if source.stands_still {
            let what = format!("{name} is paused or was given up: Weir asks nothing of it.");
            return Ok(Err(NotRead::new(what, "Resume it on its page.")));
        }
        self.settings(source.id, name, source.of_file).await
    }

    async fn settings(
        &self,
        source: SourceId,
        name: &str,
        of_file: bool,
    ) -> Result<Result<SourceSpec, NotRead>, StoreError> {
        let spec = match of_file {
            true => Ok(self.file.iter().find(|s| s.wanted.name == *name).cloned()),
            false => self.made(source).await?,
        };
        Ok(match spec {
            Ok(Some(spec)) => Ok(spec),
            Ok(None) => {
                let what = format!("The process that answered has no settings of {name}.");
                Err(NotRead::new(what, "Give every process of this installation the same configuration file."))
            }
            Err(why) => Err(NotRead::new(format!("{name} can't be connected to: {why}"), "")),
        })
    }

    async fn made(&self, source: SourceId) -> Result<Result<Option<SourceSpec>, String>, StoreError> {
        let Some(made) = self.made.spec(source).await? else { return Ok(Ok(None)) };
        let mut built = self.built.lock().await;
        if let Some((version, spec)) = built.get(&source)
            && *version == made.version
        {
            return Ok(Ok(Some(spec.clone())));
        }
        Ok(match made.spec {
            Ok(spec) => {
                built.insert(source, (made.version, spec.clone()));
                Ok(Some(spec))
            }
            Err(why) => {
                built.remove(&source);
                Err(why)
            }
        })
    }
}

fn explained(source: &str, channel: &str, error: RangeError, within: Duration) -> NotRead {
    match error {
        RangeError::Broker(error @ BrokerError::Unreachable(_)) => {
            NotRead::new(format!("{source} can't be reached: {error}."), "Try again when its broker is back.")
        }
        RangeError::Broker(error) => NotRead::new(format!("{source} refused: {error}."), "Look at the source's page."),
        RangeError::Stuck(why) => NotRead::new(format!("{channel} can't be read now: {why}."), "Try again later."),
        RangeError::TimedOut(_) => {
            let what = format!("{source} did not answer within {} s.", within.as_secs());
            NotRead::for_now(what, "Try again when its broker is less busy.")
        }
    }
}
