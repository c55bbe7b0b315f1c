//! Erasures and holds: one of each, about everything. What the store refuses by itself is tested there.

use crate::world::{CHANNELS, NOW};
use async_trait::async_trait;
use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};
use weir_domain::{
    ChannelId, ErasureId, EventId, HoldId, PartitionId, PersonId, StoreError,
    access::View,
    erasures::{
        By, Counted, Decided, Decision, ErasedBy, Erasure, ErasureDetail, ErasureRefused, ErasureState, Erasures,
        KeptSubject, NewErasure, Subject, SubjectKind, SubjectVault,
    },
    holds::{Held, Hold, HoldRefused, Holds, NewHold},
    sources::VaultError,
};

#[derive(Default)]
pub struct FakeErasures {
    pub asked: Mutex<Vec<NewErasure>>,
    pub decisions: Mutex<Vec<Decision>>,
    pub placed: Mutex<Vec<NewHold>>,
    /// What the next decision is answered with.
    pub refuse: Mutex<Option<ErasureRefused>>,
    /// Channels of the one request; `None`: all.
    pub channels: Mutex<Option<Vec<ChannelId>>>,
    acted: AtomicU32,
}

pub const SUBJECT: &str = "customer-77";

impl FakeErasures {
    /// How often something was done since the last call of this.
    pub fn take_acted(&self) -> u32 {
        self.acted.swap(0, Ordering::SeqCst)
    }
    fn request(&self) -> Erasure {
        Erasure {
            id: ErasureId("0193-erasure".into()),
            kind: SubjectKind::Key,
            state: ErasureState::Waiting,
            channels: self.channels.lock().unwrap().clone(),
            reason: "They asked for it".into(),
            asked_by: Some(PersonId("0193-other".into())),
            asked_name: "Somebody".into(),
            asked_at: NOW,
            ends_at: NOW.plus_secs(86_400),
            decided_name: None,
            decided_at: None,
            word: String::new(),
            ended_at: None,
            erased: 0,
            left_held: 0,
            unreadable: 0,
            searches: 0,
        }
    }
}

#[async_trait]
impl Erasures for FakeErasures {
    async fn erasures(&self, _: &View) -> Result<Vec<Erasure>, StoreError> {
        Ok(vec![self.request()])
    }
    async fn erasure(&self, _: &View, id: &ErasureId) -> Result<Option<ErasureDetail>, StoreError> {
        let request = self.request();
        let counted = |(channel, ..): (i64, _, _, _, _, _)| Counted {
            channel: ChannelId(channel),
            events: 2,
            bare: 1,
            held: 0,
            first: NOW,
            last: NOW,
        };
        Ok((*id == request.id).then(|| ErasureDetail {
            request,
            counted: CHANNELS.map(counted).to_vec(),
            subject: Some(KeptSubject { kind: SubjectKind::Key, key_id: None, bytes: SUBJECT.into() }),
            holds: Vec::new(),
        }))
    }
    async fn channels_of(
        &self,
        _: &View,
        partitions: &[PartitionId],
    ) -> Result<Vec<(PartitionId, ChannelId)>, StoreError> {
        Ok(partitions.iter().map(|p| (*p, ChannelId(p.0))).collect())
    }
    async fn ask_erasure(&self, _: &View, new: &NewErasure, _: u32) -> Decided {
        self.acted.fetch_add(1, Ordering::SeqCst);
        self.asked.lock().unwrap().push(new.clone());
        Ok(Ok(()))
    }
    async fn decide_erasure(&self, _: &View, _: &ErasureId, decision: &Decision, _: &By) -> Decided {
        self.acted.fetch_add(1, Ordering::SeqCst);
        self.decisions.lock().unwrap().push(decision.clone());
        Ok(self.refuse.lock().unwrap().take().map_or(Ok(()), Err))
    }
    async fn erased_by(&self, view: &View, id: EventId) -> Result<Option<ErasedBy>, StoreError> {
        let seen = view.channels().contains(ChannelId(id.partition.0));
        Ok(seen.then(|| ErasedBy {
            id: ErasureId("0193-erasure".into()),
            at: NOW,
            asked_name: "Ann".into(),
            approved_name: "Bob".into(),
            reason: "They asked for it".into(),
        }))
    }
}

impl SubjectVault for FakeErasures {
    fn keep(&self, _: &ErasureId, subject: &Subject) -> Result<KeptSubject, VaultError> {
        Ok(KeptSubject { kind: subject.kind(), key_id: None, bytes: subject.to_bytes() })
    }
    fn take(&self, _: &ErasureId, kept: &KeptSubject) -> Result<Subject, VaultError> {
        Subject::kept(kept.kind, kept.bytes.clone()).ok_or(VaultError::Broken)
    }
}

#[async_trait]
impl Holds for FakeErasures {
    async fn holds(&self, _: &View) -> Result<Vec<Hold>, StoreError> {
        let hold = |(channel, ..): (i64, _, _, _, _, _)| Hold {
            id: HoldId(format!("0193-hold-{channel}")),
            name: "Case 12".into(),
            held: Held::Channel { channel: ChannelId(channel), from: None, to: None },
            reason: "A court asked".into(),
            made_name: "Somebody".into(),
            made_at: NOW,
            ends_at: NOW.plus_secs(86_400),
            ended_at: None,
            ended_name: None,
            pinned_bytes: 0,
            pinned_buckets: 0,
        };
        Ok(CHANNELS.map(hold).to_vec())
    }
    async fn place_hold(&self, _: &View, new: &NewHold, _: u32) -> Result<Result<(), HoldRefused>, StoreError> {
        self.acted.fetch_add(1, Ordering::SeqCst);
        self.placed.lock().unwrap().push(new.clone());
        Ok(Ok(()))
    }
    async fn end_hold(&self, _: &View, _: &HoldId, _: &By) -> Result<Result<(), HoldRefused>, StoreError> {
        self.acted.fetch_add(1, Ordering::SeqCst);
        Ok(Ok(()))
    }
}
