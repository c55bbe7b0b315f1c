//! Positions moved and groups deleted: with permits, of groups that nobody is in.

use crate::{
    cluster::Cluster,
    observing::{commit, group, positions, probe},
    states::join,
};
use krafka::consumer::GroupProtocol;
use weir_broker::{
    BrokerError, Guarded, Move, Permit,
    conformance::{Fixture as _, eventually},
    guard::{Act, Allowance, Ceiling},
    memory::NewRecord,
};
use weir_domain::{Timestamp, lag::GroupKind};
use weir_testkit::unique;

pub fn permits(cluster: &Cluster, act: Act, channels: &[&str]) -> Vec<Permit> {
    let allowance = Allowance { read_only: false, act: Ceiling::Replay, channels: vec!["*".into()] };
    let guarded = Guarded::new("shop", cluster.broker(), allowance);
    channels.iter().map(|channel| guarded.permit(act, channel, false).unwrap()).collect()
}

pub fn to(channel: &str, partition: i32, to: i64) -> Move {
    Move { channel: channel.to_owned(), partition, to }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_of_an_idle_group_move_where_there_is_a_permit() {
    let cluster = Cluster::shared().await;
    let (one, other, name) = (cluster.create("one", 2).await, cluster.create("other", 1).await, unique("billing"));
    cluster.produce(&one, 0, vec![NewRecord::new("a"), NewRecord::new("b")]).await;
    commit(&cluster, &name, &[(&one, 0, 1), (&other, 0, 0)]).await;
    let probe = probe(&cluster);
    let moves = [to(&one, 0, 2), to(&other, 0, 5), to(&one, 1, -4)];
    let allowed = permits(&cluster, Act::MoveOffsets, &[&one]);
    let moved = probe.move_positions(allowed, &name, GroupKind::Classic, &moves).await.unwrap();
    let problems: Vec<_> = moved.iter().map(|m| m.problem.as_deref()).collect();
    let none = "there is no permit to move positions in this channel";
    assert_eq!(problems, [None, Some(none), Some("-4 is no position")]);
    let of_another_kind = permits(&cluster, Act::Send, &[&one]);
    let moved = probe.move_positions(of_another_kind, &name, GroupKind::Classic, &moves[..1]).await.unwrap();
    assert_eq!(moved[0].problem.as_deref(), Some(none));
    let now = probe.group(&name).await.unwrap().unwrap();
    assert_eq!(positions(&now, &name, &one), [(0, Some(2))]);
    assert_eq!(positions(&now, &name, &other), [(0, Some(0))]);

    let gone = unique("nobody");
    let allowed = permits(&cluster, Act::MoveOffsets, &[&one]);
    let moved = probe.move_positions(allowed, &gone, GroupKind::Classic, &moves[..1]).await.unwrap();
    assert_eq!(moved[0].problem, Some(format!("there is no group {gone} any more")));
    assert_eq!(probe.group(&gone).await.unwrap(), None, "nothing was made by moving what is not there");
    let allowed = permits(&cluster, Act::MoveOffsets, &[&one]);
    let moved = probe.move_positions(allowed, &name, GroupKind::Share, &moves[..1]).await.unwrap();
    assert_eq!(moved[0].problem, Some(format!("{name} is a classic group now")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_with_members_is_left_alone() {
    let cluster = Cluster::shared().await;
    let channel = cluster.create("held", 2).await;
    let probe = probe(&cluster);
    for (protocol, kind) in
        [(GroupProtocol::Classic, GroupKind::Classic), (GroupProtocol::Consumer, GroupKind::Consumer)]
    {
        let name = unique("billing");
        let members = join(&cluster, &name, protocol, 2, &[&channel], 2).await;
        let busy = format!("{name} has 2 members: stop them first");
        let seen = probe.group(&name).await.unwrap().unwrap();
        let own = group(&seen, &name);
        assert_eq!((own.kind, own.members.as_ref().unwrap().len()), (kind, 2));
        for member in own.members.as_ref().unwrap() {
            assert_eq!((member.client_id.as_str(), member.host.as_str()), ("weir.test.member", "127.0.0.1"));
            assert_eq!(member.holds.len(), 1, "{member:?}");
            assert_eq!((&member.holds[0].0, member.holds[0].1.len()), (&channel, 1));
        }
        assert_eq!(positions(&seen, &name, &channel), [(0, None), (1, None)], "held, and not committed");
        let allowed = permits(&cluster, Act::MoveOffsets, &[&channel]);
        let moved = probe.move_positions(allowed, &name, kind, &[to(&channel, 0, 0)]).await.unwrap();
        assert_eq!(moved[0].problem.as_ref(), Some(&busy));
        let allowed = permits(&cluster, Act::MoveOffsets, &[&channel]);
        assert_eq!(probe.delete_group(allowed, &name, kind).await, Err(BrokerError::Declined(busy)));
        for member in members {
            member.close().await.unwrap();
        }
        let move_it = async || {
            let allowed = permits(&cluster, Act::MoveOffsets, &[&channel]);
            let moved = probe.move_positions(allowed, &name, kind, &[to(&channel, 0, 0)]).await.unwrap();
            moved[0].problem.is_none().then_some(())
        };
        eventually("the members to be gone", move_it).await;
        let now = probe.group(&name).await.unwrap().unwrap();
        assert_eq!(positions(&now, &name, &channel), [(0, Some(0))]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_is_deleted_with_a_permit_for_each_channel_it_has_positions_in() {
    let cluster = Cluster::shared().await;
    let (one, other, name) = (cluster.create("one", 1).await, cluster.create("other", 1).await, unique("billing"));
    commit(&cluster, &name, &[(&one, 0, 0), (&other, 0, 0)]).await;
    let probe = probe(&cluster);
    for channels in [&[one.as_str()][..], &[]] {
        let refused =
            probe.delete_group(permits(&cluster, Act::MoveOffsets, channels), &name, GroupKind::Classic).await;
        let Err(BrokerError::Declined(why)) = refused else { panic!("{refused:?}") };
        assert!(why.starts_with(&format!("{name} has positions in ")) && why.contains("no permit"), "{why}");
    }
    assert!(probe.group(&name).await.unwrap().is_some());
    let both = permits(&cluster, Act::MoveOffsets, &[&one, &other]);
    probe.delete_group(both, &name, GroupKind::Classic).await.unwrap();
    assert_eq!(probe.group(&name).await.unwrap(), None);
    let both = permits(&cluster, Act::MoveOffsets, &[&one, &other]);
    let again = probe.delete_group(both, &name, GroupKind::Classic).await;
    assert_eq!(again, Err(BrokerError::Declined(format!("there is no group {name} any more"))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starts_of_a_share_group_move() {
    let cluster = Cluster::shared().await;
    let (channel, name) = (cluster.create("shared", 1).await, unique("share"));
    cluster.produce(&channel, 0, (0..9).map(|n| NewRecord::new(n.to_string())).collect()).await;
    let share = crate::states::share(&cluster, &name, &[&channel], 1).await;
    let probe = probe(&cluster);
    let seen = probe.group(&name).await.unwrap().unwrap();
    let own = group(&seen, &name);
    assert_eq!((own.kind, own.members.as_ref().unwrap().len()), (GroupKind::Share, 1));
    assert_eq!(own.members.as_ref().unwrap()[0].holds, [(channel.clone(), vec![0])]);
    let moves = [to(&channel, 0, 3)];
    let allowed = permits(&cluster, Act::MoveOffsets, &[&channel]);
    let moved = probe.move_positions(allowed, &name, GroupKind::Share, &moves).await.unwrap();
    assert_eq!(moved[0].problem, Some(format!("{name} has 1 member: stop it first")));
    share.close().await.unwrap();
    let allowed = permits(&cluster, Act::MoveOffsets, &[&channel]);
    let moved = probe.move_positions(allowed, &name, GroupKind::Share, &moves).await.unwrap();
    assert_eq!(moved[0].problem, None);
    let now = probe.group(&name).await.unwrap().unwrap();
    assert_eq!(positions(&now, &name, &channel), [(0, Some(3))]);
    let allowed = permits(&cluster, Act::MoveOffsets, &[&channel]);
    probe.delete_group(allowed, &name, GroupKind::Share).await.unwrap();
    assert_eq!(probe.group(&name).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_has_a_position_in_each_partition() {
    let cluster = Cluster::shared().await;
    let channel = cluster.create("timed", 2).await;
    let at = |n: i64| 1_767_225_600_000 + n * 1_000;
    cluster.produce(&channel, 0, (0..5).map(|n| NewRecord::new("x").at(at(n))).collect()).await;
    let asked = [(channel.clone(), 0), (channel.clone(), 1), (channel.clone(), 7), (unique("nowhere"), 0)];
    let probe = probe(&cluster);
    for (time, first) in [(at(0), 0), (at(2) - 1, 2), (at(2), 2), (at(9), 5)] {
        let found = probe.positions_at(&asked, Timestamp::from_millis(time)).await.unwrap();
        assert_eq!(found, [Some(first), Some(0), None, None], "{time}");
    }
}
