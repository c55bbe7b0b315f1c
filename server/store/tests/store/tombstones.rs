//! Tombstones erase the earlier events of their keys, where a channel says so.

use crate::{
    common::{World, append, event, id, now, psql, system, view, world},
    erasures::{ANN, KEY, NUMBER, approved, ask, clean, everything, fill, marked, people},
};
use weir_domain::{
    ErasureId, PersonId, StoreError,
    access::AuditView,
    audit::{AuditFilter, AuditLog, AuditPage, Entry, EntryId, NewEntry},
    capture::{CapturedEvent, ChannelPolicies as _, ChannelPolicy, PolicySet},
    erasures::{Eraser as _, ErasureState, Erasures as _, KeptSubject, Subject, SubjectVault, Walked},
    events::{Absence, EventRows as _, KeyHash},
    sources::VaultError,
};

/// Keeps subjects as they are.
pub struct Plain;

impl SubjectVault for Plain {
    fn keep(&self, _: &ErasureId, subject: &Subject) -> Result<KeptSubject, VaultError> {
        Ok(KeptSubject { kind: subject.kind(), key_id: None, bytes: subject.to_bytes() })
    }
    fn take(&self, _: &ErasureId, kept: &KeptSubject) -> Result<Subject, VaultError> {
        Ok(Subject::kept(kept.kind, kept.bytes.clone()).unwrap())
    }
}

fn tombstone(position: i64, key: &str) -> CapturedEvent {
    CapturedEvent { payload: None, ..event(position, key, "") }
}

/// What tombstones began is carried out to its end, as the engine does it; how many there were.
async fn by_tombstones(w: &World) -> u32 {
    let all = walked_by_tombstones(w).await;
    while let Some(next) = w.store.next_erasure(&system(), &[], now()).await.unwrap() {
        clean(w, &next.id).await;
    }
    all
}

/// The same up to where they wait for their clean-up.
async fn walked_by_tombstones(w: &World) -> u32 {
    let mut all = 0;
    loop {
        let begun = w.store.begin_by_tombstones(&system(), &Plain, &w.store, now()).await.unwrap();
        if begun == 0 {
            return all;
        }
        all += begun;
        while let Some(next) = w.store.next_erasure(&system(), &[], now()).await.unwrap() {
            if next.state == ErasureState::Cleaning {
                break;
            }
            let subject = Plain.take(&next.id, next.subject.as_ref().unwrap()).unwrap();
            while w.store.walk_erasure(&system(), &next, &subject, now()).await.unwrap() == Walked::More {}
        }
    }
}

async fn switch_on(w: &World) {
    let see = view(&w.store).await;
    let before = ChannelPolicy::DEFAULT;
    let after = ChannelPolicy { erase_on_tombstone: true, ..before };
    let by = PersonId(ANN.into());
    assert_eq!(w.store.set_policy(&see, w.channel, &before, &after, &by, now()).await.unwrap(), PolicySet::Set);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tombstone_erases_the_earlier_events_of_its_key_and_nothing_else() {
    let w = world().await;
    people(&w).await;
    fill(&w).await;
    let second = crate::common::open(&w.store, w.fence, w.channel, 1).await;
    append(&w.store, second, None, vec![marked(0, "elsewhere"), event(1, "ord-3", "{}")]).await;
    // What was there before it was switched on erases nothing.
    append(&w.store, w.partition, Some(302), vec![tombstone(302, "ord-5")]).await;
    switch_on(&w).await;
    assert_eq!(by_tombstones(&w).await, 0);
    append(
        &w.store,
        w.partition,
        Some(303),
        vec![tombstone(303, KEY), marked(304, "a new life"), tombstone(305, "ord-9"), tombstone(306, "nobody")],
    )
    .await;
    assert_eq!(by_tombstones(&w).await, 1);
    let see = view(&w.store).await;
    let erased = async |partition, i| {
        w.store.event(&see, id(partition, i)).await.unwrap().unwrap().row.absent == Some(Absence::Erased)
    };
    let mut gone = Vec::new();
    for i in 0..307 {
        if erased(w.partition, i).await {
            gone.push(i);
        }
    }
    assert_eq!(gone, [7, 9, 260, 300, 301], "not the tombstones, nor what came after");
    assert!(erased(second, 0).await && !erased(second, 1).await);
    let told = w.store.erased_by(&see, id(w.partition, 7)).await.unwrap().unwrap();
    assert_eq!(
        (told.asked_name.as_str(), told.approved_name.as_str()),
        ("Weir, for a tombstone", "Ann, by the policy of the channel")
    );
    let audited = "select outcome, reason, count from audit_entry where reason = 'by_tombstones'";
    assert_eq!(psql(&w.url, audited).await, "began|by_tombstones|6");
    assert!(told.reason.contains("3 tombstones were captured on order.placed"), "{}", told.reason);
    // Nothing is left of what they held: the value is in no table, index or block. (The key itself stands in its tombstone.)
    let left = everything(&w).await;
    assert!(!left.contains(&NUMBER.to_string()) && !left.contains("elsewhere") && !left.contains("gone soon"));
    assert!(left.contains("a new life"));
    // It is looked through once.
    assert_eq!(by_tombstones(&w).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hold_keeps_outlives_its_tombstone_and_the_erasure_says_so() {
    let w = world().await;
    people(&w).await;
    append(&w.store, w.partition, None, vec![event(0, "a", "held"), event(1, "b", "free")]).await;
    let hold = format!(
        "with h as (insert into hold (id, name, kind, reason, made_name, made_at, ends_at)
             values (gen_random_uuid(), 'case 7', 'events', 'a case', 'Mara', now(), now() + interval '900 days') returning id)
         insert into hold_event select id, {}, 0 from h",
        w.partition.0
    );
    psql(&w.url, &hold).await;
    switch_on(&w).await;
    append(&w.store, w.partition, Some(2), vec![tombstone(2, "a"), tombstone(3, "b")]).await;
    assert_eq!(by_tombstones(&w).await, 1);
    assert_eq!(psql(&w.url, "select erased, left_held, state from erasure").await, "1|1|done");
    let see = view(&w.store).await;
    assert!(w.store.event(&see, id(w.partition, 0)).await.unwrap().unwrap().raw.is_some());
    assert_eq!(w.store.event(&see, id(w.partition, 1)).await.unwrap().unwrap().row.absent, Some(Absence::Erased));
    // Switched off, tombstones erase nothing any more.
    let on = ChannelPolicy { erase_on_tombstone: true, ..ChannelPolicy::DEFAULT };
    w.store.set_policy(&see, w.channel, &on, &ChannelPolicy::DEFAULT, &PersonId(ANN.into()), now()).await.unwrap();
    append(&w.store, w.partition, Some(4), vec![event(4, "c", "x"), tombstone(5, "c")]).await;
    assert_eq!(by_tombstones(&w).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_one_erasure_may_name_go_one_after_another() {
    let w = world().await;
    people(&w).await;
    switch_on(&w).await;
    append(&w.store, w.partition, None, (0..4_500).map(|i| event(i, "busy", "{}")).collect()).await;
    append(&w.store, w.partition, Some(4_500), vec![tombstone(4_500, "busy"), event(4_501, "busy", "{}")]).await;
    assert_eq!(walked_by_tombstones(&w).await, 3);
    assert_eq!(psql(&w.url, "select sum(erased), count(*), min(state) from erasure").await, "4500|3|cleaning");
    // One clean-up for the three; none is done before it.
    while let Some(next) = w.store.next_erasure(&system(), &[], now()).await.unwrap() {
        clean(&w, &next.id).await;
    }
    let cleaned = "select count(*), count(distinct cleaned_at), max(state), min(state) from erasure";
    assert_eq!(psql(&w.url, cleaned).await, "3|1|done|done");
    let see = view(&w.store).await;
    assert!(w.store.event(&see, id(w.partition, 4_501)).await.unwrap().unwrap().raw.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clean_up_after_tombstones_waits_for_the_next_one_and_not_for_ever() {
    let w = world().await;
    people(&w).await;
    switch_on(&w).await;
    append(&w.store, w.partition, None, vec![event(0, "a", "{}"), event(1, "b", "one more"), tombstone(2, "a")]).await;
    assert_eq!(by_tombstones(&w).await, 1);
    append(&w.store, w.partition, Some(3), vec![tombstone(3, "b"), event(4, "c", "{}")]).await;
    assert_eq!(walked_by_tombstones(&w).await, 1);
    let next = w.store.next_erasure(&system(), &[], now()).await.unwrap().unwrap();
    assert_eq!(next.state, ErasureState::Cleaning);
    // Right behind another: it waits, and is not done.
    assert_eq!(w.store.clean_erasure(&system(), &next.id).await.unwrap(), Walked::Waits);
    assert!(w.store.erasure_ended(&system(), &next.id).await.unwrap().is_some());
    // What a person asked for does not.
    let subject = Subject::Key(b"c".to_vec());
    let id = ask(&w, 7, &subject).await;
    let waiting = [next.id.clone()];
    let asked = async || w.store.next_erasure(&system(), &waiting, now()).await.unwrap().unwrap();
    while w.store.walk_erasure(&system(), &asked().await, &subject, now()).await.unwrap() == Walked::More {}
    approved(&w, &id).await;
    while w.store.walk_erasure(&system(), &asked().await, &subject, now()).await.unwrap() == Walked::More {}
    clean(&w, &id).await;
    assert_eq!(w.store.clean_erasure(&system(), &next.id).await.unwrap(), Walked::Waits);
    // After ten minutes it is done, however lately there was one.
    psql(&w.url, "update erasure set walked_at = walked_at - interval '11 min' where state = 'cleaning'").await;
    clean(&w, &next.id).await;
    assert!(!everything(&w).await.contains("one more"));
}

/// Tells nobody anything.
struct Mute;

#[async_trait::async_trait]
impl AuditLog for Mute {
    async fn append(&self, _: &[NewEntry]) -> Result<Vec<EntryId>, StoreError> {
        Err(StoreError::Unavailable("no room".into()))
    }
    fn key_hash(&self, _: &[u8]) -> KeyHash {
        KeyHash(0)
    }
    async fn entries(
        &self,
        _: &AuditView,
        _: &AuditFilter,
        _: Option<EntryId>,
        _: u32,
    ) -> Result<AuditPage, StoreError> {
        Err(StoreError::Unavailable("no room".into()))
    }
    async fn entry(&self, _: &AuditView, _: EntryId) -> Result<Option<Entry>, StoreError> {
        Ok(None)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_told_is_not_begun_and_a_block_that_can_not_be_read_stops_no_other() {
    let w = world().await;
    people(&w).await;
    switch_on(&w).await;
    append(&w.store, w.partition, None, vec![event(0, "a", "{}"), tombstone(1, "a"), tombstone(2, "b")]).await;
    assert_eq!(w.store.begin_by_tombstones(&system(), &Plain, &Mute, now()).await.unwrap(), 0);
    assert_eq!(psql(&w.url, "select count(*) from erasure").await, "0");
    assert_eq!(psql(&w.url, "select count(*) from tombstone_cursor where position >= 0").await, "0", "nor passed over");
    let second = crate::common::open(&w.store, w.fence, w.channel, 1).await;
    append(&w.store, second, None, vec![event(0, "z", "{}"), tombstone(1, "z")]).await;
    // Of the first partition no key can be read: its tombstones erase nothing.
    psql(&w.url, &format!("update block set body = '\\x00ff' where partition_id = {}", w.partition.0)).await;
    assert_eq!(by_tombstones(&w).await, 1);
    let see = view(&w.store).await;
    assert_eq!(w.store.event(&see, id(second, 0)).await.unwrap().unwrap().row.absent, Some(Absence::Erased));
    // And what begins in the middle of a span goes on there.
    psql(&w.url, &format!("update tombstone_cursor set position = 0 where partition_id = {}", second.0)).await;
    assert_eq!(by_tombstones(&w).await, 0);
    let at = format!("select position from tombstone_cursor where partition_id = {}", second.0);
    assert_eq!(psql(&w.url, &at).await, "1");
}
