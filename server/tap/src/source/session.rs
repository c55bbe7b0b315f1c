//! One connection's worth of reading: from discovery until something ends it. Reads on while what was read is being
//! stored, as long as there is room.

use super::{
    find::{NotFound, find},
    member::Member,
    partitions::Partitions,
    pause::PauseWatch,
    report::Reporter,
    round::{Round, cut},
    settings::{Ports, Settings},
    storing::{Done, End, Health, Storing},
};
use crate::{
    policy::LeftOut,
    rate::{Rate, of_taps},
};
use futures::future::BoxFuture;
use rand::rngs::StdRng;
use std::{collections::HashMap, future::pending};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use weir_broker::{BrokerError, PartitionAddress, ReadLimits, Reader};
use weir_domain::{
    PartitionId, SourceId, StoreError,
    capture::{MemberId, SourceState},
};

/// Why a session is over.
#[derive(Debug)]
pub enum Over {
    Stop,
    Paused,
    /// The broker's credentials were replaced: connect anew at once.
    Replaced,
    Broker(BrokerError),
    Store(StoreError),
}

/// What a session borrows from its tap.
pub struct Session<'a> {
    pub source: SourceId,
    pub settings: &'a Settings,
    pub ports: &'a Ports,
    pub reporter: &'a Reporter,
    pub pause: &'a mut PauseWatch,
    pub member: &'a mut Member,
    pub rng: &'a mut StdRng,
    pub stop: &'a CancellationToken,
}

type Finding = AbortOnDropHandle<Result<LeftOut, NotFound>>;

pub(super) struct State {
    pub parts: Partitions,
    /// No more to be read, and being stored for the last time.
    pub leaving: HashMap<PartitionAddress, Vec<PartitionId>>,
    /// As whom this tap reads, and looks for channels if it does.
    pub member: Option<MemberId>,
    pub finds: bool,
    /// The last listing that was taken up: only a later one knows the cursors.
    pub listed: u64,
    pub storing: Storing,
    health: Health,
    pub rate: Option<Rate>,
    pub finding: Option<Finding>,
    pub find_at: Instant,
    pub bytes_to_read: Option<u64>,
    replaced: BoxFuture<'static, ()>,
}

impl Session<'_> {
    /// Reads until stopped, paused, or failed. `since` is set to when the broker first answered a read.
    pub async fn run(mut self, since: &mut Option<Instant>) -> Over {
        let abandon = CancellationToken::new();
        let health = Health::default();
        let now = Instant::now();
        let mut state = State {
            parts: Partitions::default(),
            leaving: HashMap::new(),
            member: None,
            finds: false,
            listed: 0,
            storing: Storing::new(self.settings, self.ports, health.clone(), abandon.clone()),
            health,
            rate: Rate::new(self.settings.catch_up_bytes_per_s.map(of_taps), now),
            finding: None,
            find_at: now,
            bytes_to_read: None,
            // From before the first connection, so that no replacement is overlooked.
            replaced: self.ports.broker.replaced(),
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
        drop(state);
        self.member.let_all_go();
        self.reporter.bytes_to_read(None);
        over
    }

    /// Who can't reach the broker does not take part.
    async fn open(&mut self, state: &mut State) -> Result<Box<dyn Reader>, Over> {
        let (settings, ports) = (self.settings, self.ports);
        self.unless_ended(ports.broker.discover()).await?.map_err(Over::Broker)?;
        let bytes = Rate::read_bytes(settings.catch_up_bytes_per_s, settings.limits.bytes);
        let limits = ReadLimits { bytes, ..settings.limits };
        let reader = self.unless_ended(ports.broker.reader(limits)).await?.map_err(Over::Broker)?;
        // What it holds already was listed before it stored more.
        state.listed = self.member.listed();
        self.member.want(true);
        self.member.look();
        Ok(reader)
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
            let parts = &state.parts;
            state.storing.go_on(|address, generation| parts.is_current(address, generation), self.rng);
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
        let may_read = state.storing.has_room() && !state.health.is_away() && wait.is_zero();
        tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(Over::Stop),
            () = self.pause.paused() => return Err(Over::Paused),
            () = &mut state.replaced => return Err(Over::Replaced),
            there = self.member.changed() => {
                if !there {
                    return Err(Over::Store(StoreError::Internal("the membership broke off".into())));
                }
                return self.adopt(state).await;
            }
            done = state.storing.next(), if !state.storing.is_idle() => {
                if let Some(done) = done {
                    self.stored(state, done);
                }
            }
            found = finding(&mut state.finding), if state.finding.is_some() => {
                state.finding = None;
                return self.found(state, found);
            }
            () = sleep_until(state.find_at), if state.finds && state.finding.is_none() => self.start_finding(state),
            () = rested(state.parts.rest_end) => {
                // The cursor that it goes on from is looked up anew.
                state.parts.rest_over(Instant::now());
                self.member.look();
            }
            () = sleep_until(now + wait), if !wait.is_zero() => {}
            news = reader.read(), if may_read => {
                let news = news.map_err(Over::Broker)?;
                since.get_or_insert(now);
                self.reporter.state(SourceState::Up, None, None);
                self.reporter.throttled_ms(reader.throttled_ms());
                if !news.is_empty() {
                    let mut round = Round::prepare(news, &mut state.parts, self.settings, self.ports.clock.now(), Instant::now());
                    self.account(state, &mut round);
                    round.work.into_iter().for_each(|work| state.storing.add(work));
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
        round.reached.drain(..).for_each(|(partition, position)| self.reporter.reached(partition, position));
    }

    fn stored(&self, state: &mut State, done: Done) {
        if state.health.take_recovered() {
            // The events of the outage are a catch-up like any other.
            state.parts.iter_mut().for_each(|p| p.catching_up = true);
        }
        if !state.storing.has(&done.address) {
            for id in state.leaving.remove(&done.address).unwrap_or_default() {
                self.member.let_go(id);
            }
        }
        if !state.parts.is_current(&done.address, done.generation) {
            return;
        }
        match done.end {
            End::Stored | End::Abandoned => {}
            End::Moved(Some(open)) => {
                if let Some(fence) = state.parts.get_mut(&done.address).map(|p| p.fence) {
                    state.parts.put(done.address, open, fence, self.settings.start);
                }
            }
            End::Reopened(opened) => self.reopened(state, done.address, opened),
            End::Moved(None) | End::Closed | End::Outdated => {
                if let Some(before) = state.parts.remove(&done.address) {
                    self.reporter.forget(before.open.id);
                    self.member.replaced(before.open.id, None);
                }
                self.member.look();
            }
            // Whoever looks for channels takes it out of everybody's hands; until then it is left alone.
            End::Off => state.parts.rest(&done.address, Instant::now() + self.settings.pace.discover, None),
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
                state.parts.rest(&done.address, Instant::now() + rest, Some(error));
                if let Some(partition) = state.parts.get_mut(&done.address) {
                    self.reporter.progress(partition.progress.clone());
                }
            }
        }
    }

    fn start_finding(&self, state: &mut State) {
        let Some(member) = state.member else { return };
        state.find_at = Instant::now() + self.settings.pace.discover;
        let (source, settings, ports) = (self.source, self.settings.clone(), self.ports.clone());
        let task = tokio::spawn(async move { find(source, &settings, &ports, member).await });
        state.finding = Some(AbortOnDropHandle::new(task));
    }

    fn found(&self, state: &State, found: Result<LeftOut, NotFound>) -> Result<(), Over> {
        let name = &self.settings.name;
        match found {
            Ok(left_out) => {
                self.reporter.left_out(Some(left_out));
                // What is new is free.
                self.member.nudge();
            }
            // Reading finds out by itself whether the broker is gone, unless there is nothing to read.
            Err(NotFound::Broker(error)) if state.parts.is_empty() => return Err(Over::Broker(error)),
            Err(NotFound::Outdated) => tracing::info!(source = name, "another process looks for channels now"),
            Err(NotFound::Broker(error)) => self.not_found(&error),
            Err(NotFound::Store(error)) => self.not_found(&error),
        }
        Ok(())
    }

    fn not_found(&self, error: &dyn std::fmt::Display) {
        let name = &self.settings.name;
        tracing::warn!(source = name, %error, "new channels could not be looked for; tried again soon");
    }

    async fn assign(&mut self, state: &mut State, reader: &mut dyn Reader) -> Result<(), Over> {
        state.parts.changed = false;
        let assignments = state.parts.assignments();
        self.unless_ended(reader.assign(assignments)).await?.map_err(Over::Broker)
    }

    /// Gives up waiting when the source shall stop or stand still.
    pub(super) async fn unless_ended<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Over> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Over::Stop),
            () = self.pause.paused() => Err(Over::Paused),
            done = work => Ok(done),
        }
    }
}

async fn rested(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => pending().await,
    }
}

async fn finding(finding: &mut Option<Finding>) -> Result<LeftOut, NotFound> {
    match finding {
        Some(task) => task.await.unwrap_or_else(|e| {
            Err(NotFound::Store(StoreError::Internal(cut(format!("looking for channels broke off: {e}")))))
        }),
        None => pending().await,
    }
}
