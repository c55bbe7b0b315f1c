//! One connection's worth of reading: from discovery until something ends it. Reads the next round while the
//! one before is being stored, and holds no more than these two.

use super::{
    find::{Found, Known, NotFound, find},
    partitions::Partitions,
    pause::PauseWatch,
    report::Reporter,
    round::{Round, cut},
    settings::{Ports, Settings},
    storing::{Done, End, Health, Storing},
};
use crate::rate::Rate;
use rand::rngs::StdRng;
use std::future::pending;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use weir_broker::{Assignment, BrokerError, ReadLimits, Reader, StartAt as BrokerStart};
use weir_domain::{SourceId, StoreError, capture::SourceState};

/// Why a session is over.
#[derive(Debug)]
pub enum Over {
    Stop,
    Paused,
    Broker(BrokerError),
    Store(StoreError),
}

impl From<NotFound> for Over {
    fn from(error: NotFound) -> Self {
        match error {
            NotFound::Broker(error) => Self::Broker(error),
            NotFound::Store(error) => Self::Store(error),
        }
    }
}

/// What a session borrows from its tap.
pub struct Session<'a> {
    pub source: SourceId,
    pub settings: &'a Settings,
    pub ports: &'a Ports,
    pub reporter: &'a Reporter,
    pub pause: &'a mut PauseWatch,
    pub rng: &'a mut StdRng,
    pub stop: &'a CancellationToken,
}

type Finding = AbortOnDropHandle<Result<Found, NotFound>>;

struct State {
    parts: Partitions,
    /// Read and not yet being stored: at most one round.
    waiting: Option<Round>,
    storing: Storing,
    health: Health,
    rate: Option<Rate>,
    finding: Option<Finding>,
    find_at: Instant,
    bytes_to_read: Option<u64>,
}

impl Session<'_> {
    /// Reads until stopped, paused, or failed. `since` is set to when the broker first answered a read.
    pub async fn run(mut self, since: &mut Option<Instant>) -> Over {
        let abandon = CancellationToken::new();
        let health = Health::default();
        let now = Instant::now();
        let mut state = State {
            parts: Partitions::default(),
            waiting: None,
            storing: Storing::new(&self.settings.name, self.ports, health.clone(), abandon.clone()),
            health,
            rate: Rate::new(self.settings.catch_up_bytes_per_s, now),
            finding: None,
            find_at: now + self.settings.pace.discover,
            bytes_to_read: None,
        };
        let over = match self.open(&mut state).await {
            Ok(mut reader) => self.read(&mut state, reader.as_mut(), since).await,
            Err(over) => over,
        };
        // What is being appended is finished, so that a stop leaves nothing in doubt; what waits is read again.
        abandon.cancel();
        let finish = async { while state.storing.next().await.is_some() {} };
        if timeout(self.settings.pace.drain, finish).await.is_err() {
            tracing::warn!(source = self.settings.name, "an append did not end in time and was broken off");
        }
        self.reporter.bytes_to_read(None);
        over
    }

    async fn open(&mut self, state: &mut State) -> Result<Box<dyn Reader>, Over> {
        let (settings, ports) = (self.settings, self.ports);
        let source = self.source;
        let found = self.unless_ended(find(source, settings, ports, &Known::new())).await??;
        self.take_in(state, found);
        let bytes = Rate::read_bytes(settings.catch_up_bytes_per_s, settings.limits.bytes);
        let limits = ReadLimits { bytes, ..settings.limits };
        let mut reader = self.unless_ended(ports.broker.reader(limits)).await?.map_err(Over::Broker)?;
        self.estimate(state).await?;
        self.assign(state, reader.as_mut()).await?;
        Ok(reader)
    }

    /// What a start before the end will read is shown before it is read.
    async fn estimate(&mut self, state: &mut State) -> Result<(), Over> {
        let back = |a: &Assignment| matches!(a.start, BrokerStart::Earliest | BrokerStart::Time(_));
        let assignments: Vec<_> = state.parts.assignments().into_iter().filter(back).collect();
        if assignments.is_empty() {
            return Ok(());
        }
        let broker = &self.ports.broker;
        match self.unless_ended(broker.estimate(&assignments)).await? {
            Ok(estimate) => {
                for assignment in &assignments {
                    if let Some(partition) = state.parts.get_mut(&assignment.address) {
                        partition.estimated = true;
                    }
                }
                state.bytes_to_read = estimate.bytes.filter(|b| *b > 0);
                self.reporter.bytes_to_read(state.bytes_to_read);
            }
            Err(error) => tracing::debug!(source = self.settings.name, %error, "no estimate of the bytes to be read"),
        }
        Ok(())
    }

    async fn read(&mut self, state: &mut State, reader: &mut dyn Reader, since: &mut Option<Instant>) -> Over {
        loop {
            let ended = self.step(state, reader, since).await;
            let ended = match ended {
                Ok(()) if state.parts.changed => self.assign(state, reader).await,
                ended => ended,
            };
            if let Err(over) = ended {
                return over;
            }
            if state.storing.is_idle()
                && let Some(mut round) = state.waiting.take()
            {
                round.work.retain(|w| state.parts.is_current(&w.address, w.generation));
                state.storing.start(round, self.rng);
            }
        }
    }

    /// Awaits one thing that happens, and deals with it.
    async fn step(
        &mut self,
        state: &mut State,
        reader: &mut dyn Reader,
        since: &mut Option<Instant>,
    ) -> Result<(), Over> {
        let now = Instant::now();
        let wait = state.rate.as_mut().map(|r| r.wait(now)).unwrap_or_default();
        let may_read = state.waiting.is_none() && !state.health.is_away() && wait.is_zero();
        tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(Over::Stop),
            () = self.pause.paused() => return Err(Over::Paused),
            done = state.storing.next(), if !state.storing.is_idle() => {
                if let Some(done) = done {
                    self.stored(state, done);
                }
            }
            found = finding(&mut state.finding), if state.finding.is_some() => {
                state.finding = None;
                return self.found(state, found);
            }
            () = sleep_until(state.find_at), if state.finding.is_none() => self.start_finding(state),
            () = sleep_until(now + wait), if !wait.is_zero() => {}
            news = reader.read(), if may_read => {
                let news = news.map_err(Over::Broker)?;
                since.get_or_insert(now);
                self.reporter.state(SourceState::Up, None, None);
                self.reporter.throttled_ms(reader.throttled_ms());
                if !news.is_empty() {
                    let mut round = Round::prepare(news, &mut state.parts, self.settings, self.ports.clock.now(), Instant::now());
                    self.account(state, &mut round);
                    state.waiting = (!round.work.is_empty()).then_some(round);
                }
            }
        }
        Ok(())
    }

    fn account(&self, state: &mut State, round: &mut Round) {
        if let Some(rate) = &mut state.rate {
            rate.take(round.catch_up_bytes, Instant::now());
        }
        if let Some(left) = &mut state.bytes_to_read {
            *left = left.saturating_sub(round.estimated_bytes);
            if !state.parts.iter().any(|(_, p)| p.estimated) {
                state.bytes_to_read = None;
            }
            self.reporter.bytes_to_read(state.bytes_to_read);
        }
        round.progress.drain(..).for_each(|p| self.reporter.progress(p));
    }

    fn stored(&self, state: &mut State, done: Done) {
        if state.health.take_recovered() {
            // The events of the outage are a catch-up like any other.
            state.parts.iter_mut().for_each(|p| p.catching_up = true);
        }
        if !state.parts.is_current(&done.address, done.generation) {
            return;
        }
        match done.end {
            End::Stored | End::Abandoned => {}
            End::Moved(Some(open)) | End::Reopened(open) => {
                if let Some(before) = state.parts.get_mut(&done.address)
                    && before.open.id != open.id
                {
                    self.reporter.forget(before.open.id);
                }
                state.parts.put(done.address, open, self.settings.start);
            }
            End::Moved(None) | End::Closed => {
                if let Some(before) = state.parts.remove(&done.address) {
                    self.reporter.forget(before.open.id);
                }
            }
            End::Refused(why) => {
                let rest = self.settings.pace.refused;
                let (channel, number) = (&done.address.channel, done.address.number);
                tracing::error!(
                    source = self.settings.name,
                    channel,
                    number,
                    why,
                    "the store refused a batch; its partition rests"
                );
                let error = format!(
                    "The store refused its events (see the log); tried again every {} s. Nothing is lost while the broker keeps them.",
                    rest.as_secs()
                );
                state.parts.rest(&done.address, Instant::now() + rest, error);
                if let Some(partition) = state.parts.get_mut(&done.address) {
                    self.reporter.progress(partition.progress.clone());
                }
                state.find_at = state.find_at.min(Instant::now() + rest);
            }
        }
    }

    fn start_finding(&self, state: &mut State) {
        let now = Instant::now();
        state.find_at = now + self.settings.pace.discover;
        let known = state.parts.known(now);
        let (source, settings, ports) = (self.source, self.settings.clone(), self.ports.clone());
        let task = tokio::spawn(async move { find(source, &settings, &ports, &known).await });
        state.finding = Some(AbortOnDropHandle::new(task));
    }

    fn found(&self, state: &mut State, found: Result<Found, NotFound>) -> Result<(), Over> {
        match found {
            Ok(found) => self.take_in(state, found),
            // Reading finds out by itself whether the broker is gone, unless there is nothing to read.
            Err(NotFound::Broker(error)) if state.parts.is_empty() => return Err(Over::Broker(error)),
            Err(error) => {
                let name = &self.settings.name;
                tracing::warn!(source = name, ?error, "new channels could not be looked for; tried again soon");
            }
        }
        Ok(())
    }

    fn take_in(&self, state: &mut State, found: Found) {
        self.reporter.left_out(found.left_out);
        for address in found.gone {
            if let Some(before) = state.parts.remove(&address) {
                self.reporter.forget(before.open.id);
            }
        }
        for (address, open) in found.open {
            state.parts.put(address, open, self.settings.start);
        }
    }

    async fn assign(&mut self, state: &mut State, reader: &mut dyn Reader) -> Result<(), Over> {
        state.parts.changed = false;
        let assignments = state.parts.assignments();
        self.unless_ended(reader.assign(assignments)).await?.map_err(Over::Broker)
    }

    /// Gives up waiting when the source shall stop or stand still.
    async fn unless_ended<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Over> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Over::Stop),
            () = self.pause.paused() => Err(Over::Paused),
            done = work => Ok(done),
        }
    }
}

async fn finding(finding: &mut Option<Finding>) -> Result<Found, NotFound> {
    match finding {
        Some(task) => task.await.unwrap_or_else(|e| {
            Err(NotFound::Store(StoreError::Internal(cut(format!("looking for channels broke off: {e}")))))
        }),
        None => pending().await,
    }
}
