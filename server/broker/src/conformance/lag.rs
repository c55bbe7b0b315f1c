//! Who reads it, and how far they are: what a broker that tells lag must tell, and what it must refuse.

use super::{Fixture, eventually, starts::numbered};
use crate::{
    BrokerError, ChannelObserved, GroupObserved, Guarded, LagObserved, LagProbe, LagWanted, Move, Permit,
    guard::{Act, Allowance, Ceiling},
    memory::NewRecord,
};
use std::sync::Arc;
use weir_domain::{Position, Timestamp, lag::GroupKind};

const DETAILS: LagWanted = LagWanted { details: true, channels: Vec::new(), members_of: Vec::new() };

/// `None`: the broker does not tell lag, and the case passes.
fn probe(fixture: &dyn Fixture) -> Option<Arc<dyn LagProbe>> {
    let probe = fixture.broker().lag();
    assert_eq!(probe.is_some(), fixture.abilities().lag, "whether it tells lag is said in its abilities");
    probe
}

fn permits(fixture: &dyn Fixture, channels: &[&str]) -> Vec<Permit> {
    let allowance = Allowance { read_only: false, act: Ceiling::Offsets, channels: vec!["*".into()] };
    let guarded = Guarded::new("conformance", fixture.broker(), allowance);
    channels.iter().map(|c| guarded.permit(Act::MoveOffsets, c, false).expect("it is allowed")).collect()
}

fn group<'a>(observed: &'a LagObserved, name: &str) -> &'a GroupObserved {
    let mut own = observed.groups.iter().filter(|g| g.name == name);
    let group = own.next().unwrap_or_else(|| panic!("{name} is not told: {observed:?}"));
    assert!(own.next().is_none(), "{name} is told twice");
    group
}

fn channel<'a>(observed: &'a LagObserved, name: &str) -> &'a ChannelObserved {
    let mut own = observed.channels.iter().filter(|c| c.name == name);
    let channel = own.next().unwrap_or_else(|| panic!("{name} is not told: {observed:?}"));
    assert!(own.next().is_none(), "{name} is told twice");
    channel
}

fn positions(observed: &LagObserved, name: &str, channel: &str) -> Vec<(i32, Option<i64>)> {
    let own = group(observed, name).positions.iter().filter(|p| observed.channels[p.channel].name == channel);
    let mut positions: Vec<_> = own.map(|p| (p.partition, p.next)).collect();
    positions.sort_unstable();
    positions
}

async fn look(probe: &dyn LagProbe, name: &str) -> LagObserved {
    let found = probe.group(name).await.unwrap_or_else(|e| panic!("{e}"));
    found.unwrap_or_else(|| panic!("there is no group {name}"))
}

/// A group that has read some of a channel of two partitions, and where its positions are.
async fn read_some(fixture: &dyn Fixture, name: &str) -> (String, String, GroupKind) {
    let channel = fixture.create(name, 2).await;
    let group = format!("reads-{channel}");
    fixture.produce(&channel, 0, numbered(0..5)).await;
    fixture.commit(&group, &channel, 0, Position(2)).await;
    fixture.commit(&group, &channel, 1, Position(0)).await;
    let probe = fixture.broker().lag().expect("it tells lag");
    let kind = look(&*probe, &group).await.groups[0].kind;
    (channel, group, kind)
}

pub async fn groups_are_told_with_positions_and_ends(fixture: &dyn Fixture) {
    let Some(probe) = probe(fixture) else { return };
    let (read, name, kind) = read_some(fixture, "told").await;
    let asked = fixture.create("asked", 3).await;
    if fixture.abilities().delete_records {
        fixture.delete_records(&read, 0, Position(1)).await;
    }
    let start = i64::from(fixture.abilities().delete_records);
    // The second one begins with what the first found out.
    for details in [false, true] {
        let wanted = LagWanted { details, channels: vec![asked.clone()], ..LagWanted::default() };
        let observed = probe.observe(&wanted).await.unwrap_or_else(|e| panic!("{e}"));
        assert!(observed.requests > 0);
        let own = group(&observed, &name);
        assert_eq!((own.kind, own.problem.as_deref()), (kind, None));
        assert!(own.state.is_idle(), "{own:?}");
        assert_eq!(positions(&observed, &name, &read), [(0, Some(2)), (1, Some(0))]);
        let ends: Vec<_> = channel(&observed, &read).partitions.iter().map(|p| (p.start, p.end)).collect();
        assert_eq!(ends, [(Some(start), Some(5)), (Some(0), Some(0))]);
        assert_eq!(channel(&observed, &asked).partitions.len(), 3, "it was asked for, though nobody reads it");
        assert!(own.members.as_ref().is_none_or(Vec::is_empty), "{own:?}");
        assert!(!details || own.members.is_some(), "nobody is in it, and that is known");
        let found = fixture.broker().discover().await.unwrap_or_else(|e| panic!("{e}"));
        let found = found.channels.into_iter().find(|c| c.channel == read).expect("it is there");
        assert_eq!(channel(&observed, &read).incarnation, found.incarnation.0, "the one that is captured");
    }
    // Asked for alone it is told the same, and nothing but it.
    let alone = look(&*probe, &name).await;
    assert_eq!(alone.groups.len(), 1);
    assert_eq!(positions(&alone, &name, &read), [(0, Some(2)), (1, Some(0))]);
    assert_eq!(probe.group(&format!("{name}-not")).await, Ok(None));
}

pub async fn members_are_told_with_what_they_hold(fixture: &dyn Fixture) {
    let Some(probe) = probe(fixture) else { return };
    let channel = fixture.create("held", 2).await;
    let name = format!("reads-{channel}");
    let member = fixture.join(&name, &channel).await;
    let observed = probe.observe(&DETAILS).await.unwrap_or_else(|e| panic!("{e}"));
    let own = group(&observed, &name);
    assert!(!own.state.is_idle(), "{own:?}");
    let members = own.members.as_ref().expect("members were asked for");
    assert_eq!(members.len(), 1, "{members:?}");
    assert_eq!(members[0].holds, [(channel.clone(), vec![0, 1])]);
    assert!(!members[0].client_id.is_empty() && !members[0].host.is_empty(), "{members:?}");
    assert_eq!(positions(&observed, &name, &channel), [(0, None), (1, None)], "held, and not committed");
    member.leave().await;
    eventually("nobody is in it", || async {
        let observed = probe.observe(&DETAILS).await.ok()?;
        let own = observed.groups.iter().find(|g| g.name == name);
        own.is_none_or(|own| own.state.is_idle()).then_some(())
    })
    .await;
}

/// It commits nothing and makes no group, however often it is done.
pub async fn observing_changes_nothing(fixture: &dyn Fixture) {
    let Some(probe) = probe(fixture) else { return };
    let (channel, name, _) = read_some(fixture, "untouched").await;
    let ours = |o: &LagObserved| {
        o.groups.iter().filter(|g| g.name.contains(&channel)).map(|g| (g.name.clone(), g.state)).collect::<Vec<_>>()
    };
    let before = probe.observe(&DETAILS).await.unwrap_or_else(|e| panic!("{e}"));
    let absent = format!("absent-{channel}");
    for _ in 0..3 {
        assert_eq!(probe.group(&absent).await, Ok(None));
        let found = probe.positions_at(&[(channel.clone(), 0)], Timestamp::EPOCH).await;
        assert_eq!(found, Ok(vec![Some(0)]));
        let after = probe.observe(&DETAILS).await.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((ours(&after), ours(&after).len()), (ours(&before), 1));
        assert_eq!(positions(&after, &name, &channel), positions(&before, &name, &channel));
    }
}

pub async fn positions_move_where_there_is_a_permit(fixture: &dyn Fixture) {
    let Some(probe) = probe(fixture) else { return };
    let (one, name, kind) = read_some(fixture, "moved").await;
    let other = fixture.create("other", 1).await;
    fixture.commit(&name, &other, 0, Position(0)).await;
    let to = |channel: &str, partition, to| Move { channel: channel.to_owned(), partition, to };
    let moves = [to(&one, 0, 4), to(&other, 0, 0), to(&one, 1, -1)];
    let moved = probe.move_positions(permits(fixture, &[&one]), &name, kind, &moves).await;
    let moved = moved.unwrap_or_else(|e| panic!("{e}"));
    let asked: Vec<_> = moved.iter().map(|m| (m.channel.as_str(), m.partition, m.problem.is_none())).collect();
    assert_eq!(asked, [(one.as_str(), 0, true), (other.as_str(), 0, false), (one.as_str(), 1, false)]);
    let now = look(&*probe, &name).await;
    assert_eq!(positions(&now, &name, &one), [(0, Some(4)), (1, Some(0))]);
    // Back and ahead, as often as it is wanted.
    for next in [0, 5] {
        let moved = probe.move_positions(permits(fixture, &[&one]), &name, kind, &[to(&one, 0, next)]).await;
        assert_eq!(moved.map(|m| m[0].problem.clone()), Ok(None));
        let observed = probe.observe(&DETAILS).await.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(positions(&observed, &name, &one), [(0, Some(next)), (1, Some(0))]);
    }
}

/// Whoever moves positions looked before: what is not as it was then is left alone.
pub async fn what_is_not_as_it_was_is_left_alone(fixture: &dyn Fixture) {
    let Some(probe) = probe(fixture) else { return };
    let (channel, name, kind) = read_some(fixture, "stale").await;
    let moves = [Move { channel: channel.clone(), partition: 0, to: 5 }];
    let move_it = async |kind| {
        let moved = probe.move_positions(permits(fixture, &[&channel]), &name, kind, &moves).await;
        moved.unwrap_or_else(|e| panic!("{e}")).remove(0).problem
    };
    let other = if kind == GroupKind::Share { GroupKind::Classic } else { GroupKind::Share };
    assert!(move_it(other).await.is_some(), "it is of another kind");
    // Somebody came in.
    let member = fixture.join(&name, &channel).await;
    let why = move_it(kind).await.expect("somebody is in it");
    assert!(why.contains(&name), "{why}");
    let refused = probe.delete_group(permits(fixture, &[&channel]), &name, kind).await;
    assert!(matches!(refused, Err(BrokerError::Declined(_))), "{refused:?}");
    assert_eq!(positions(&look(&*probe, &name).await, &name, &channel)[0], (0, Some(2)));
    member.leave().await;
    eventually("it is idle again", || async { move_it(kind).await.is_none().then_some(()) }).await;
    // It is gone, and moving does not make it anew.
    let deleted = probe.delete_group(permits(fixture, &[&channel]), &name, kind).await;
    assert_eq!(deleted, Ok(()));
    assert!(move_it(kind).await.is_some());
    assert_eq!(probe.group(&name).await, Ok(None));
}

pub async fn a_group_is_deleted_with_a_permit_for_all_it_has(fixture: &dyn Fixture) {
    let Some(probe) = probe(fixture) else { return };
    let (one, name, kind) = read_some(fixture, "forgotten").await;
    let other = fixture.create("kept", 1).await;
    fixture.commit(&name, &other, 0, Position(0)).await;
    for channels in [&[one.as_str()][..], &[]] {
        let refused = probe.delete_group(permits(fixture, channels), &name, kind).await;
        assert!(matches!(refused, Err(BrokerError::Declined(_))), "{refused:?}");
    }
    assert_eq!(positions(&look(&*probe, &name).await, &name, &one).len(), 2, "nothing was forgotten");
    assert_eq!(probe.delete_group(permits(fixture, &[&one, &other]), &name, kind).await, Ok(()));
    assert_eq!(probe.group(&name).await, Ok(None));
    let observed = probe.observe(&DETAILS).await.unwrap_or_else(|e| panic!("{e}"));
    assert!(observed.groups.iter().all(|g| g.name != name));
}

pub async fn a_time_leads_to_the_first_at_or_after_it(fixture: &dyn Fixture) {
    let Some(probe) = probe(fixture) else { return };
    let channel = fixture.create("times", 2).await;
    let at = |n: i64| 1_767_225_600_000 + n * 1_000;
    fixture.produce(&channel, 0, (0..5).map(|n| NewRecord::new("x").at(at(n))).collect()).await;
    let asked = [(channel.clone(), 0), (channel.clone(), 1), (channel.clone(), 9), (format!("no-{channel}"), 0)];
    for (time, first) in [(at(0), 0), (at(2) - 1, 2), (at(2), 2), (at(9), 5)] {
        let found = probe.positions_at(&asked, Timestamp::from_millis(time)).await;
        assert_eq!(found, Ok(vec![Some(first), Some(0), None, None]), "{time}");
    }
}

pub async fn a_channel_that_is_gone_is_told_so(fixture: &dyn Fixture) {
    let Some(probe) = probe(fixture) else { return };
    let channel_gone = fixture.create("gone", 1).await;
    let wanted = LagWanted { channels: vec![channel_gone.clone()], ..LagWanted::default() };
    let before = probe.observe(&wanted).await.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(channel(&before, &channel_gone).problem, None);
    fixture.delete(&channel_gone).await;
    eventually("the deletion", || async {
        let observed = probe.observe(&wanted).await.ok()?;
        channel(&observed, &channel_gone).problem.is_some().then_some(())
    })
    .await;
}

pub async fn observing_what_is_away_is_an_error(fixture: &dyn Fixture) {
    if !fixture.abilities().away {
        return;
    }
    let Some(probe) = probe(fixture) else { return };
    let (channel, name, kind) = read_some(fixture, "unreachable").await;
    let moves = [Move { channel: channel.clone(), partition: 0, to: 5 }];
    fixture.set_reachable(false).await;
    let observed = probe.observe(&DETAILS).await.map(drop);
    assert!(matches!(observed, Err(BrokerError::Unreachable(_))), "{observed:?}");
    let moved = probe.move_positions(permits(fixture, &[&channel]), &name, kind, &moves).await.map(drop);
    assert!(matches!(moved, Err(BrokerError::Unreachable(_))), "{moved:?}");
    fixture.set_reachable(true).await;
    let back = eventually("it is back", || async { probe.observe(&DETAILS).await.ok() }).await;
    assert_eq!(positions(&back, &name, &channel), [(0, Some(2)), (1, Some(0))], "and nothing was moved");
}
