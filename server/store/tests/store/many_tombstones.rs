//! Tombstones of more channels than one look at them takes.

use crate::{
    common::{append, event, now, open, psql, system, world},
    tombstones::Plain,
};
use weir_domain::{
    capture::{CapturedEvent, TapCatalog as _},
    erasures::Eraser as _,
};

/// More than the hundred that are read at once.
const CHANNELS: usize = 120;

#[tokio::test(flavor = "multi_thread")]
async fn channels_beyond_the_first_hundred_have_their_tombstones_looked_for_too() {
    let w = world().await;
    for n in 0..CHANNELS {
        let channel = w.store.put_channel(w.source, &format!("many.{n}")).await.unwrap();
        let partition = open(&w.store, w.fence, channel, 0).await;
        let tombstone = CapturedEvent { payload: None, ..event(1, "k", "") };
        append(&w.store, partition, None, vec![event(0, "k", "{}"), tombstone]).await;
    }
    psql(&w.url, "update channel set erase_on_tombstone = true, tombstones_by = 'Ann', tombstones_since = '2026-01-01' where name like 'many.%'").await;
    // A call takes two seconds and no longer: the next one goes on where it ended.
    let (mut begun, mut calls) = (0, 0);
    while begun < CHANNELS {
        begun += w.store.begin_by_tombstones(&system(), &Plain, &w.store, now()).await.unwrap() as usize;
        calls += 1;
        assert!(calls < 200, "{begun} of {CHANNELS} channels");
    }
    let of = "select count(*), count(distinct by_tombstones), bool_and(state = 'running') from erasure";
    assert_eq!(psql(&w.url, of).await, format!("{CHANNELS}|{CHANNELS}|t"));
    assert_eq!(w.store.begin_by_tombstones(&system(), &Plain, &w.store, now()).await.unwrap(), 0, "one at a time");
}
