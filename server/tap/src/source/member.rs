//! This tap's membership in its source (decision 16): beats, takes and gives up partitions, and tells the reading what
//! is its to read. A task of its own: it goes on while nothing is read, and no slow read or append holds it up.

use super::{beating::Beating, settings::Ports};
use rand::rngs::StdRng;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;
use weir_domain::{
    PartitionId, SourceId,
    capture::{MemberId, Share},
};

/// A member that has not beaten for so long may be taken for dead. Short, because a hand-over too many is harmless and
/// reading that stands still is not.
pub const TTL: Duration = Duration::from_millis(TTL_MS as u64);
pub(super) const TTL_MS: u32 = 4_000;

/// What is this tap's to read.
#[derive(Debug, Clone, Default)]
pub struct Mine {
    /// `None`: no member, and nothing to read.
    pub member: Option<MemberId>,
    /// Looks for channels: the member that joined first.
    pub finds: bool,
    /// Members that live.
    pub members: u32,
    pub shares: HashMap<PartitionId, Share>,
    /// Cursors of the shares were looked up so often: a higher number, newer cursors.
    pub listed: u64,
}

#[derive(Default)]
pub(super) struct State {
    /// Shall it be a member?
    pub wanted: bool,
    /// List anew what it holds, though it looks as if nothing had changed.
    pub look: bool,
    pub member: Option<MemberId>,
    pub finds: bool,
    pub members: u32,
    pub held: HashMap<PartitionId, Share>,
    /// Of these, no more to be read.
    pub giving: HashSet<PartitionId>,
    /// The reading has these in hand: they can't be given up yet.
    pub in_hand: HashSet<PartitionId>,
    pub listed: u64,
    /// Raised by whatever the reading changes itself: a listing that began before says nothing.
    pub edits: u64,
}

impl State {
    pub fn forget(&mut self) {
        (self.member, self.finds, self.members) = (None, false, 0);
        self.held.clear();
        self.giving.clear();
    }
}

pub(super) struct Shared {
    pub state: Mutex<State>,
    pub wake: Notify,
    pub news: watch::Sender<()>,
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by the tap from its start to its end.
pub struct Member {
    shared: Arc<Shared>,
    news: watch::Receiver<()>,
    ports: Ports,
    task: AbortOnDropHandle<()>,
}

impl Member {
    /// Joins when it is told to.
    pub fn start(ports: &Ports, source: SourceId, rng: StdRng) -> Self {
        let (tell, news) = watch::channel(());
        let shared = Arc::new(Shared { state: Mutex::default(), wake: Notify::new(), news: tell });
        let beating = Beating::new(shared.clone(), ports, source, rng);
        Self { shared, news, ports: ports.clone(), task: AbortOnDropHandle::new(tokio::spawn(beating.run())) }
    }

    /// Its task broke off: it has to be started anew.
    pub fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    /// Shall this process read from the source? One that can't reach the broker leaves its part to the others.
    pub fn want(&self, wanted: bool) {
        let mut state = self.shared.lock();
        if state.wanted != wanted {
            state.wanted = wanted;
            self.shared.wake.notify_one();
        }
    }

    /// Ends when what is to be read, or who reads it, is not what it was when last asked. `false`: it broke off and has
    /// to be started anew.
    pub async fn changed(&mut self) -> bool {
        tokio::select! {
            changed = self.news.changed() => changed.is_ok(),
            _ = &mut self.task => false,
        }
    }

    /// What is to be read now. If that was listed after `taken_up`, all of it is taken up by the caller, and counts as
    /// in hand until it is [let go](Self::let_go).
    pub fn mine(&mut self, taken_up: u64) -> Mine {
        self.news.mark_unchanged();
        let mut state = self.shared.lock();
        let shares: HashMap<_, _> =
            state.held.iter().filter(|(id, _)| !state.giving.contains(id)).map(|(id, s)| (*id, s.clone())).collect();
        if state.listed > taken_up {
            state.in_hand.extend(shares.keys().copied());
        }
        Mine { member: state.member, finds: state.finds, members: state.members.max(1), shares, listed: state.listed }
    }

    /// Nothing of it is being stored any more.
    pub fn let_go(&self, partition: PartitionId) {
        let mut state = self.shared.lock();
        state.in_hand.remove(&partition);
        if state.giving.contains(&partition) {
            self.shared.wake.notify_one();
        }
    }

    /// Nothing at all is in hand.
    pub fn let_all_go(&self) {
        self.shared.lock().in_hand.clear();
        self.shared.wake.notify_one();
    }

    /// An incarnation is over, and its lease with it; maybe another one follows, whose lease is this member's.
    pub fn replaced(&self, before: PartitionId, by: Option<Share>) {
        let mut state = self.shared.lock();
        state.edits += 1;
        state.held.remove(&before);
        state.giving.remove(&before);
        state.in_hand.remove(&before);
        if let Some(share) = by {
            state.in_hand.insert(share.open.id);
            state.held.insert(share.open.id, share);
        }
    }

    /// How often what it holds was listed so far.
    pub fn listed(&self) -> u64 {
        self.shared.lock().listed
    }

    /// Beat at once: there may be something to take.
    pub fn nudge(&self) {
        self.shared.wake.notify_one();
    }

    /// Look at once what is this member's, and with which cursors.
    pub fn look(&self) {
        self.shared.lock().look = true;
        self.shared.wake.notify_one();
    }

    /// Gives everything up at once, so that others need not wait until its time has run out.
    pub async fn leave(self) {
        self.task.abort();
        let Some(member) = self.shared.lock().member.take() else { return };
        let left = timeout(Duration::from_secs(2), self.ports.shares.leave(member)).await;
        if !matches!(left, Ok(Ok(()))) {
            tracing::debug!(member = member.0, "the membership could not be ended in time; it runs out");
        }
    }
}
