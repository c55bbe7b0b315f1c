use super::log::Log;
use crate::{BrokerError, PartitionAddress};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

#[derive(Debug)]
pub(super) struct Channel {
    pub id: u64,
    pub internal: bool,
    pub partitions: Vec<Log>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub channels: BTreeMap<String, Channel>,
    /// Who reads, by name.
    pub groups: BTreeMap<String, super::lag::Group>,
    /// Every call fails with this while it is set.
    pub failing: Option<BrokerError>,
    pub throttled_ms: u32,
    /// How often a reader was given something.
    pub reads: u64,
    last_id: u64,
}

impl State {
    pub fn partition(&self, address: &PartitionAddress) -> Option<&Log> {
        self.channels.get(&address.channel)?.partitions.get(usize::try_from(address.number).ok()?)
    }

    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}

#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

impl Default for Shared {
    fn default() -> Self {
        Self { state: Mutex::default(), changed: watch::Sender::new(()) }
    }
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is one step, so that a panicking test leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state as a client sees it: or the failure that was asked for.
    pub fn look(&self) -> Result<MutexGuard<'_, State>, BrokerError> {
        let state = self.lock();
        match &state.failing {
            Some(error) => Err(error.clone()),
            None => Ok(state),
        }
    }

    pub fn change<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let out = act(&mut self.lock());
        self.changed.send_replace(());
        out
    }

    pub fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}
