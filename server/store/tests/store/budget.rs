//! The store's budget: measured, and what channels give as it fills.

use crate::common::{World, batch, event, id, open, psql, system, view, view_of, world};
use weir_domain::{
    ChannelId, PartitionId, PersonId, Timestamp,
    access::Role,
    capture::{
        AppendOutcome, BudgetDone, BudgetPlan, BudgetSet, BudgetStep, Budgets as _, CapturedEvent,
        ChannelPolicies as _, EventLog, Fill, Forecast, GivenUpBy, GivingWay, Maintenance as _, TapCatalog as _,
    },
    changes::{ChangeFilter, Changes},
    events::{Absence, EventRows as _},
};

const SOMEBODY: &str = "01935d5e-7c00-7000-8000-000000000001";

async fn clock(w: &World) -> Timestamp {
    let us = psql(&w.url, "select (extract(epoch from clock_timestamp()) * 1000000)::bigint").await;
    Timestamp(us.parse().unwrap())
}

/// Bytes that don't get smaller, so that each event has a block of its own.
fn large(position: i64) -> CapturedEvent {
    let mut n = position.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let bytes = (0..300_000).map(|_| {
        n ^= n << 13;
        n ^= n >> 7;
        n ^= n << 17;
        n.to_le_bytes()[3]
    });
    CapturedEvent { payload: Some(bytes.collect()), ..event(position, &format!("k{position}"), "") }
}

async fn captured(w: &World, partition: PartitionId, events: i64) {
    for position in 0..events {
        let mut b = batch(partition, (position > 0).then_some(position), vec![large(position)]);
        b.captured_at = clock(w).await;
        assert!(matches!(EventLog::append(&w.store, &b).await.unwrap(), AppendOutcome::Stored { .. }));
    }
}

/// Another channel of the source, with a partition.
async fn channel(w: &World, name: &str) -> (ChannelId, PartitionId) {
    let channel = w.store.put_channel(w.source, name).await.unwrap();
    (channel, open(&w.store, w.fence, channel, 0).await)
}

async fn set(w: &World, bytes: Option<u64>) {
    let sql = format!(
        "insert into person (id, login, name, password_hash) values ('{SOMEBODY}', 'mara', 'Mara', 'x') on conflict do nothing"
    );
    psql(&w.url, &sql).await;
    let see = view(&w.store).await;
    let before = w.store.budget_standing(&see).await.unwrap().setting.bytes;
    let by = PersonId(SOMEBODY.into());
    assert_eq!(w.store.set_budget(&see, before, bytes, &by, clock(w).await).await.unwrap(), BudgetSet::Set);
}

async fn plan(w: &World) -> BudgetPlan {
    w.store.plan_budget(clock(w).await).await.unwrap()
}

/// As upkeep does it.
async fn keep(w: &World) -> Vec<BudgetStep> {
    let plan = plan(w).await;
    for step in &plan.steps {
        w.store.take_budget_step(&plan, step, clock(w).await).await.unwrap();
    }
    w.store.make_room(clock(w).await).await.unwrap();
    plan.steps.into_iter().map(|p| p.step).collect()
}

async fn absent(w: &World, partition: PartitionId, position: i64) -> Option<Absence> {
    w.store.event(&view(&w.store).await, id(partition, position)).await.unwrap().unwrap().row.absent
}

/// A budget of which so many of a hundred are used now.
async fn used_up_to(w: &World, per_cent: u64) -> u64 {
    plan(w).await.used * 100 / per_cent
}

/// What the directory says is what is there.
async fn is_sound(w: &World) {
    let said = "select coalesce(sum(stored_bytes), 0) from partition_bucket where part = 'payload'";
    let there = "select coalesce(sum(octet_length(body)), 0) from block";
    assert_eq!(psql(&w.url, said).await, psql(&w.url, there).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn as_it_fills_people_are_warned_and_then_channels_give_up_payloads_in_their_turn() {
    let w = world().await;
    let (small, of_small) = channel(&w, "audit.log").await;
    captured(&w, w.partition, 8).await;
    captured(&w, of_small, 3).await;
    assert!(keep(&w).await.is_empty(), "there is no budget");
    set(&w, Some(used_up_to(&w, 85).await)).await;
    assert!(keep(&w).await.is_empty());
    let see = view(&w.store).await;
    let standing = w.store.budget_standing(&see).await.unwrap();
    assert_eq!((standing.fill(), standing.setting.from_file, standing.withheld), (Some(Fill::Warn), false, 0));
    // The largest first: one or two blocks of it are enough.
    set(&w, Some(used_up_to(&w, 97).await)).await;
    let steps = keep(&w).await;
    assert!(matches!(steps[..], [BudgetStep::GiveUp { channel, .. }] if channel == w.channel), "{steps:?}");
    assert_eq!(absent(&w, w.partition, 0).await, Some(Absence::GivenUp));
    assert_eq!([absent(&w, w.partition, 7).await, absent(&w, of_small, 0).await], [None; 2]);
    let why = w.store.missing(&see, id(w.partition, 0)).await.unwrap().unwrap().given_up.unwrap();
    assert_eq!(why.by, GivenUpBy::Budget);
    is_sound(&w).await;
    // Down from full nobody is warned again.
    let told = w.store.budget_history(&see, 100).await.unwrap();
    let warned = told.iter().filter(|t| t.done == BudgetDone::Warned).count();
    plan(&w).await;
    let told = w.store.budget_history(&see, 100).await.unwrap();
    assert_eq!(told.iter().filter(|t| t.done == BudgetDone::Warned).count(), warned);
    // What was given up counts no more: it is below the mark, and stays there.
    let after = plan(&w).await;
    assert!(after.used * 100 < after.budget.unwrap() * 95 && after.steps.is_empty(), "{after:?}");
    // The small one's turn comes first now, however small it is.
    psql(&w.url, &format!("update channel set budget_turn = 1 where id = {}", small.0)).await;
    set(&w, Some(used_up_to(&w, 96).await)).await;
    let captured = w.store.captured(&see, clock(&w).await).await.unwrap();
    let order: Vec<_> = GivingWay::in_order(&captured.channels).into_iter().map(|c| c.channel).collect();
    assert_eq!(order, [small, w.channel]);
    let steps = keep(&w).await;
    assert!(matches!(steps[0], BudgetStep::GiveUp { channel, .. } if channel == small), "{steps:?}");
    assert_eq!(absent(&w, of_small, 0).await, Some(Absence::GivenUp));
    is_sound(&w).await;
    // All of it is told, to who may see the channel.
    let history = w.store.budget_history(&see, 100).await.unwrap();
    let of = |done| history.iter().filter(|t| t.done == done).count();
    assert_eq!((of(BudgetDone::Set), of(BudgetDone::GaveUp)), (3, 2), "{history:?}");
    assert!(of(BudgetDone::Warned) >= 1 && of(BudgetDone::Full) >= 1, "{history:?}");
    let some = view_of(&w.store, &[Role::Support], "audit.*").await;
    let seen = w.store.budget_history(&some, 100).await.unwrap();
    assert!(seen.iter().all(|t| t.channel.as_ref().is_none_or(|(id, _)| *id == small)), "{seen:?}");
    let changes = titles(&w).await;
    for title in
        ["The store's budget: ", "The store's budget is used up to 80 %", "order.placed gives up its oldest payloads"]
    {
        assert!(changes.iter().any(|t| t.starts_with(title)), "{title}: {changes:?}");
    }
}

async fn titles(w: &World) -> Vec<String> {
    let see = view(&w.store).await;
    let found = Changes::list(&w.store, &see, &ChangeFilter::default(), None, 100).await.unwrap();
    found.into_iter().map(|c| c.title).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_that_is_not_enough_metadata_is_kept_alone_until_there_is_room() {
    let w = world().await;
    let (_, second) = channel(&w, "audit.log").await;
    captured(&w, w.partition, 2).await;
    captured(&w, second, 1).await;
    // Less than the tables take when they are empty: nothing is enough.
    set(&w, Some(20_000)).await;
    keep(&w).await;
    let keeping = async |partition| w.store.keeping(&system(), partition).await.unwrap();
    assert!(keeping(w.partition).await.over_budget && keeping(second).await.over_budget, "at once, of all");
    assert_eq!(psql(&w.url, "select count(*) from block").await, "0");
    let see = view(&w.store).await;
    let standing = w.store.budget_standing(&see).await.unwrap();
    assert_eq!((standing.fill(), standing.withheld, standing.keeping), (Some(Fill::Full), 2, 0));
    assert!(standing.by_metadata_alone(), "there is nothing left that could go");
    assert_eq!(w.store.captured(&see, clock(&w).await).await.unwrap().outlook.forecast, Forecast::Now);
    assert!(w.store.capture_of(&see, w.channel, clock(&w).await).await.unwrap().unwrap().withheld.is_some());
    assert!(keep(&w).await.is_empty(), "there is nothing left to give");
    // Room for everybody: one after the other keeps payloads again.
    set(&w, Some(1_000_000_000)).await;
    assert!(matches!(keep(&w).await[..], [BudgetStep::Restore { .. }]));
    let standing = w.store.budget_standing(&see).await.unwrap();
    assert_eq!((standing.withheld, standing.keeping, standing.by_metadata_alone()), (1, 1, false));
    assert!(matches!(keep(&w).await[..], [BudgetStep::Restore { .. }]));
    assert!(keep(&w).await.is_empty());
    assert!(!keeping(w.partition).await.over_budget && !keeping(second).await.over_budget);
    let history = w.store.budget_history(&see, 100).await.unwrap();
    let of = |done| history.iter().filter(|t| t.done == done).count();
    assert_eq!((of(BudgetDone::Withheld), of(BudgetDone::Restored), of(BudgetDone::Room)), (2, 2, 1), "{history:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hold_keeps_is_never_given_up() {
    let w = world().await;
    captured(&w, w.partition, 3).await;
    let hold = format!(
        "insert into hold (id, name, kind, channel_id, reason, made_name, made_at, ends_at)
         values (gen_random_uuid(), 'case 7', 'channel', {}, 'a case', 'Mara', now(), now() + interval '1 day')",
        w.channel.0
    );
    psql(&w.url, &hold).await;
    // The page counts it as what can't go.
    let captured = w.store.captured(&view(&w.store).await, clock(&w).await).await.unwrap();
    let order = GivingWay::in_order(&captured.channels);
    assert_eq!((order[0].payload_bytes, order[0].held_bytes), (0, captured.channels[0].cost.payload_bytes));
    assert!(order[0].held_bytes > 800_000, "{order:?}");
    set(&w, Some(20_000)).await;
    let steps = keep(&w).await;
    assert!(matches!(steps[..], [BudgetStep::Withhold { .. }]), "{steps:?}");
    assert_eq!(psql(&w.url, "select count(*) from block").await, "3");
    psql(&w.url, "update hold set ended_at = now()").await;
    let captured = w.store.captured(&view(&w.store).await, clock(&w).await).await.unwrap();
    assert_eq!(captured.channels[0].held_bytes, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_files_that_differ_the_least_rules_and_it_is_told() {
    let w = world().await;
    let see = view(&w.store).await;
    let says = async |process: &str, bytes| {
        let differ = w.store.budget_of_file(process, bytes, &w.store, clock(&w).await).await.unwrap();
        let standing = w.store.budget_standing(&see).await.unwrap();
        assert_eq!(differ, standing.files_differ());
        (standing.setting.bytes, standing.in_files)
    };
    let (seven, five) = (Some(7_000_000_000), Some(5_000_000_000));
    assert_eq!(says("one", seven).await, (seven, vec![seven]));
    assert_eq!(says("two", seven).await, (seven, vec![seven]), "both say the same");
    assert_eq!(says("two", five).await, (five, vec![five, seven]));
    assert_eq!(says("one", seven).await, (five, vec![five, seven]), "whoever says it last");
    // One without a line takes nothing away, and is another file all the same.
    assert_eq!(says("three", None).await, (five, vec![five, seven, None]));
    // Who has ended, or is not heard of, has no say.
    w.store.budget_file_gone("two").await.unwrap();
    psql(&w.url, "update capture_budget_file set noted_at = now() - interval '4 min' where process = 'three'").await;
    assert_eq!(says("one", seven).await, (seven, vec![seven]));
    let entries = "select string_agg(reason, ' ' order by id) from audit_entry where use_case = 'capture/set_budget'";
    assert_eq!(psql(&w.url, entries).await, "in_file in_file in_file");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_file_says_rules_until_it_says_nothing() {
    let w = world().await;
    let see = view(&w.store).await;
    w.store.budget_of_file("one", Some(7_000_000_000), &w.store, clock(&w).await).await.unwrap();
    let setting = w.store.budget_standing(&see).await.unwrap().setting;
    assert_eq!((setting.bytes, setting.from_file), (Some(7_000_000_000), true));
    let by = PersonId(SOMEBODY.into());
    let refused = w.store.set_budget(&see, setting.bytes, None, &by, clock(&w).await).await.unwrap();
    assert_eq!(refused, BudgetSet::FromFile);
    w.store.budget_of_file("one", None, &w.store, clock(&w).await).await.unwrap();
    let setting = w.store.budget_standing(&see).await.unwrap().setting;
    assert_eq!((setting.bytes, setting.from_file), (Some(7_000_000_000), false), "nothing is lost by a line less");
    assert!(titles(&w).await.iter().any(|t| t == "The store's budget stands in no configuration file any more"));
    let entries = "select string_agg(reason, ' ' order by id) from audit_entry where use_case = 'capture/set_budget'";
    assert_eq!(psql(&w.url, entries).await, "in_file not_in_file");
    set(&w, None).await;
    let moved = w.store.set_budget(&see, setting.bytes, Some(1), &by, clock(&w).await).await.unwrap();
    assert_eq!(moved, BudgetSet::Moved);
}

/// As when the process is killed: what a statement had begun is rolled back, what was committed stays and is told.
#[tokio::test(flavor = "multi_thread")]
async fn cut_off_anywhere_it_is_sound_and_goes_on() {
    let w = world().await;
    captured(&w, w.partition, 12).await;
    set(&w, Some(20_000)).await;
    for n in 1..60_u64 {
        let patience = std::time::Duration::from_micros(n * n * 10);
        let _ = tokio::time::timeout(patience, keep(&w)).await;
        // What was cut off may still be at it for a moment: it is one statement, seen as a whole or not at all.
        is_sound(&w).await;
    }
    while !keep(&w).await.is_empty() {}
    is_sound(&w).await;
    assert_eq!(psql(&w.url, "select count(*) from block").await, "0");
    let positions = "select min(first_position), max(last_position), sum(bytes) > 3500000 from payload_given_up where reason = 'budget'";
    assert_eq!(psql(&w.url, positions).await, "0|11|t");
    assert!(w.store.keeping(&system(), w.partition).await.unwrap().over_budget);
}
