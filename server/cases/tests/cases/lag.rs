//! What may be done to consumer groups, and what is told of them.

use crate::{
    fakes::lag::{BOTH, member, reset},
    world::{NOW, World, anybody, caller},
};
use serde_json::json;
use std::sync::atomic::Ordering;
use weir_cases::lag::settings::Typed;
use weir_domain::{
    CaseError, GroupId,
    access::{Caller, Grant, Role},
    audit::{Field, NewEntry, Outcome},
    lag::{
        Expectation, GroupKind, GroupSort, GroupState, GroupsWanted, MoveDone, Refused, ResetDone, ResetTo,
        ResetWanted, Status,
    },
};

const PLACED: &str = "orders.placed";
const FAILED: &str = "payments.failed";

fn placed_only() -> Caller {
    caller(Role::ALL, &[Grant { channel_pattern: PLACED.into(), ..Grant::everything() }])
}

fn to(channel: &str, to: ResetTo) -> ResetWanted {
    ResetWanted { channel: channel.into(), partitions: None, to }
}

fn earliest(channel: &str) -> ResetWanted {
    to(channel, ResetTo::Earliest)
}

fn refusal() -> Refused {
    Refused { what: "The broker said no.".into(), what_to_do: "Ask it why.".into() }
}

fn conflict<T: std::fmt::Debug>(done: Result<T, CaseError>) -> String {
    match done {
        Err(CaseError::Conflict { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

fn at(world: &World, positions: &[(i32, Option<i64>)]) {
    *world.ports.lag.positions.lock().unwrap() = positions.iter().copied().collect();
}

fn acted(world: &World) -> Vec<&'static str> {
    let acts = ["say", "archive", "begin_reset", "end_reset", "move_positions", "delete", "forgotten"];
    world.ports.take_asked().iter().map(|a| a.what).filter(|what| acts.contains(what)).collect()
}

#[tokio::test]
async fn hidden_channels_are_absent_and_counted() {
    let world = World::new();
    let lag = &world.cases.lag;
    *world.ports.lag.resets.lock().unwrap() =
        [PLACED, FAILED].map(|channel| reset(BOTH, channel, &[(0, Some(9), 5)])).to_vec();
    let all = GroupsWanted { most: 100, ..GroupsWanted::default() };
    let page = lag.groups(&placed_only(), &all).await.unwrap();
    let told: Vec<_> = page.rows.iter().map(|r| (r.group, r.channels.clone(), r.hidden_channels)).collect();
    let placed = || vec![PLACED.to_owned()];
    assert_eq!(told, [(GroupId(100), placed(), 0), (BOTH, placed(), 1)]);
    assert_eq!((page.matching, page.hidden), (2, 3));
    let sources: Vec<_> = page.sources.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(sources, ["shop-kafka"]);

    let shown = lag.group(&placed_only(), BOTH).await.unwrap().unwrap();
    assert_eq!((shown.channels.len(), shown.hidden_channels), (1, 1));
    let holds = |m: &weir_domain::lag::Member| m.holds.iter().map(|(c, _)| c.clone()).collect::<Vec<_>>();
    assert_eq!(holds(&shown.group.members.as_ref().unwrap()[0]), placed());
    assert_eq!(holds(&shown.group.last_members[0].0), placed());
    let happened: Vec<_> = shown.happened.iter().map(|h| h.channel.as_deref()).collect();
    assert_eq!(happened, [Some(PLACED), None]);
    let resets: Vec<_> = shown.resets.iter().map(|r| r.channel.as_str()).collect();
    assert_eq!(resets, [PLACED]);
    assert!(!json!(shown).to_string().contains(FAILED));
    let whole = lag.group(&anybody(), BOTH).await.unwrap().unwrap();
    assert_eq!((whole.channels.len(), whole.hidden_channels, whole.resets.len()), (2, 0, 2));
}

#[tokio::test]
async fn the_past_is_thinned_to_what_an_answer_may_hold() {
    let world = World::new();
    let past = async |most| world.cases.lag.history(&anybody(), BOTH, PLACED, (NOW, NOW), most).await.unwrap().unwrap();
    for (most, kept, left_out) in [((9, 9), 9, 0), ((3, 9), 3, 6), ((9, 3), 3, 6), ((1, 1), 1, 8)] {
        let past = past(most).await;
        assert_eq!((past.chunks.len(), past.left_out), (kept, left_out), "{most:?}");
        assert_eq!(past.chunks.last().unwrap().ticks[0].at, NOW.plus_secs(8));
    }
    let drawn = world.cases.lag.trend(&anybody(), BOTH, PLACED, (NOW, NOW.plus_secs(48))).await.unwrap().unwrap();
    assert_eq!((drawn.points.len(), drawn.points[8].lag), (9, Some(5)));
    assert_eq!(drawn.partitions[&0].iter().flatten().count(), 9);
}

#[tokio::test]
async fn hidden_is_the_same_as_absent() {
    let world = World::new();
    let (lag, who) = (&world.cases.lag, placed_only());
    let typed = Typed::default();
    for id in [GroupId(101), GroupId(999)] {
        assert_eq!(lag.group(&who, id).await.unwrap(), None);
        assert_eq!(lag.history(&who, id, FAILED, (NOW, NOW), (9, 9)).await.unwrap(), None);
        assert!(!lag.settings(&who, id, &typed).await.unwrap());
        assert!(!lag.archive(&who, id, true).await.unwrap());
        assert!(!lag.delete(&who, id, "reader-101").await.unwrap());
        assert_eq!(lag.undo(&who, id, "reset-101-payments.failed").await.unwrap(), None);
    }
    *world.ports.lag.resets.lock().unwrap() = vec![reset(BOTH, FAILED, &[(0, Some(9), 5)])];
    // Of a group that is seen, its channels that are not.
    for channel in [FAILED, "no.such"] {
        assert_eq!(lag.plan(&who, BOTH, &earliest(channel)).await.unwrap(), None);
        assert_eq!(lag.reset(&who, BOTH, &earliest(channel), &[]).await.unwrap(), None);
        assert_eq!(lag.history(&who, BOTH, channel, (NOW, NOW), (9, 9)).await.unwrap(), None);
        assert_eq!(lag.trend(&who, BOTH, channel, (NOW, NOW)).await.unwrap(), None);
        assert_eq!(lag.undo(&who, BOTH, &format!("reset-1-{channel}")).await.unwrap(), None);
    }
    assert_eq!(acted(&world), Vec::<&str>::new());
    assert_eq!(world.audit.taken(), []);
}

#[tokio::test]
async fn groups_are_filtered_sorted_and_cut() {
    let world = World::new();
    let names = async |wanted: GroupsWanted| {
        let page = world.cases.lag.groups(&anybody(), &wanted).await.unwrap();
        let rows = page.rows.iter().map(|r| r.name.clone()).collect::<Vec<_>>();
        (rows.join(" "), page.matching)
    };
    let all = GroupsWanted { most: 100, sort: GroupSort::Group, ..GroupsWanted::default() };
    let found = "reader-100 reader-101 reader-110 reader-200 reads-both".to_owned();
    assert_eq!(names(all.clone()).await, (found, 5));
    let part = GroupsWanted { from: 1, most: 2, ..all.clone() };
    assert_eq!(names(part).await, ("reader-101 reader-110".to_owned(), 5));
    let of_channel = GroupsWanted { channel: Some(FAILED.into()), reverse: true, ..all.clone() };
    assert_eq!(names(of_channel).await, ("reads-both reader-101".to_owned(), 2));
    let of_source = GroupsWanted { text: "BANK".into(), ..all.clone() };
    assert_eq!(names(of_source).await, ("reader-110".to_owned(), 1));
    assert_eq!(names(GroupsWanted { status: Some(Status::Stop), ..all }).await, (String::new(), 0));
}

#[tokio::test]
async fn settings_are_read_as_they_were_typed() {
    let world = World::new();
    let lag = &world.cases.lag;
    let typed = |expectation: &str, owner: &str, note: &str| Typed {
        expectation: expectation.into(),
        owner: owner.into(),
        note: note.into(),
    };
    let long = "x".repeat(201);
    for (wrong, word) in [
        (typed("sometimes", "", ""), "sometimes"),
        (typed("daily 25:00-26:00", "", ""), "25:00"),
        (typed("", &long, ""), "too long"),
        (typed("", "", &"x".repeat(2_001)), "too long"),
        (typed("", "a\0b", ""), "NUL"),
    ] {
        let refused = lag.settings(&anybody(), BOTH, &wrong).await;
        assert!(matches!(&refused, Err(CaseError::Invalid { what, .. }) if what.contains(word)), "{refused:?}");
    }
    assert_eq!((acted(&world), world.audit.taken()), (vec![], vec![]), "nothing came of it");
    assert!(lag.settings(&anybody(), BOTH, &typed(" daily 02:00-02:40 ", " Billing ", " ")).await.unwrap());
    assert!(lag.settings(&anybody(), BOTH, &Typed::default()).await.unwrap());
    let said = world.ports.lag.said.lock().unwrap().clone();
    assert!(matches!(said[0].expectation, Some(Expectation::Scheduled { .. })));
    assert_eq!((said[0].owner.as_deref(), said[0].note.as_deref()), (Some("Billing"), None));
    assert_eq!(said[1], Default::default());
    let entries = world.audit.take();
    assert_eq!(fact(&entries[0], true, Field::Expectation), r#""continuous""#);
    assert_eq!(fact(&entries[0], false, Field::Expectation), r#""daily 02:00-02:40""#);
    assert_eq!(fact(&entries[0], false, Field::Owner), r#""Billing""#);
    assert_eq!(fact(&entries[1], false, Field::Expectation), r#""continuous""#, "as learnt");
}

fn fact(entry: &NewEntry, before: bool, field: Field) -> String {
    let facts = if before { &entry.about.before } else { &entry.about.after };
    serde_json::to_string(&facts.get(field)).unwrap()
}

#[tokio::test]
async fn archived_ones_say_by_whom() {
    let world = World::new();
    for archived in [true, false] {
        assert!(world.cases.lag.archive(&anybody(), BOTH, archived).await.unwrap());
    }
    assert_eq!(*world.ports.lag.archived.lock().unwrap(), [Some("Mara Lindqvist".to_owned()), None]);
    let entries = world.audit.take();
    assert_eq!(
        (fact(&entries[0], true, Field::Archived), fact(&entries[0], false, Field::Archived)),
        ("false".into(), "true".into())
    );
    let object = entries[0].about.object.as_ref().unwrap();
    assert_eq!((object.kind.as_str(), object.id.as_str(), object.name.as_deref()), ("group", "1", Some("reads-both")));
}

#[tokio::test]
async fn a_plan_says_what_would_be_and_does_nothing() {
    let world = World::new();
    let lag = &world.cases.lag;
    at(&world, &[(0, Some(5)), (1, None)]);
    let plan = lag.plan(&anybody(), BOTH, &earliest(PLACED)).await.unwrap().unwrap();
    assert_eq!((plan.again(), plan.skipped(), plan.refused.as_ref()), (5, 0, None));
    assert_eq!(plan.moves().collect::<Vec<_>>(), [(0, Some(5), 0), (1, None, 0)]);
    let by_time = lag.plan(&anybody(), BOTH, &to(PLACED, ResetTo::Time { at: NOW })).await.unwrap().unwrap();
    assert_eq!(by_time.moves().map(|m| m.2).collect::<Vec<_>>(), [7, 7]);
    let one = ResetWanted { partitions: Some(vec![1]), ..earliest(PLACED) };
    assert_eq!(lag.plan(&anybody(), BOTH, &one).await.unwrap().unwrap().planned.len(), 1);
    *world.ports.lag.state.lock().unwrap() = Some((GroupState::Stable, vec![member("app", &[PLACED])]));
    let active = lag.plan(&anybody(), BOTH, &earliest(PLACED)).await.unwrap().unwrap();
    assert_eq!(active.refused.unwrap().what, "reads-both has a member: app at 10.0.0.7.");
    *world.ports.lag.not_allowed.lock().unwrap() = Some(refusal());
    let not_allowed = lag.plan(&anybody(), BOTH, &earliest(PLACED)).await.unwrap().unwrap();
    assert_eq!(not_allowed.refused, Some(refusal()));
    *world.ports.lag.unknown.lock().unwrap() = true;
    let unknown = lag.plan(&anybody(), BOTH, &earliest(PLACED)).await.unwrap().unwrap();
    assert!(unknown.refused.unwrap().what.contains("does not know the group"));
    assert_eq!((acted(&world), world.audit.taken()), (vec![], vec![]));
}

#[tokio::test]
async fn what_can_not_be_reset_says_why_and_is_left_alone() {
    let world = World::new();
    let lag = &world.cases.lag;
    let seen = [(0, Some(5))];
    let moved = async |seen: &[(i32, Option<i64>)]| lag.reset(&anybody(), BOTH, &earliest(PLACED), seen).await;
    at(&world, &[(0, Some(6))]);
    assert!(conflict(moved(&seen).await).contains("has moved since you looked"));
    at(&world, &[(0, None)]);
    assert!(conflict(moved(&seen).await).contains("has moved since you looked"));
    at(&world, &[(0, Some(0))]);
    assert!(conflict(moved(&[(0, Some(0))]).await).contains("there already"));
    let beyond = to(PLACED, ResetTo::Position { position: 99 });
    assert!(conflict(lag.reset(&anybody(), BOTH, &beyond, &[]).await).contains("ends at 10"));
    at(&world, &[(0, Some(5))]);
    *world.ports.lag.state.lock().unwrap() = Some((GroupState::Stable, vec![member("app", &[PLACED])]));
    assert!(conflict(moved(&seen).await).contains("has a member: app at 10.0.0.7"));
    *world.ports.lag.state.lock().unwrap() = None;
    *world.ports.lag.not_allowed.lock().unwrap() = Some(refusal());
    assert_eq!(conflict(moved(&seen).await), refusal().what);
    *world.ports.lag.not_allowed.lock().unwrap() = None;
    *world.ports.lag.unknown.lock().unwrap() = true;
    assert!(conflict(moved(&seen).await).contains("does not know the group"));
    assert_eq!((acted(&world), world.audit.taken()), (vec![], vec![]));
}

#[tokio::test]
async fn a_reset_is_written_down_before_it_is_done() {
    let world = World::new();
    let lag = &world.cases.lag;
    at(&world, &[(0, Some(5)), (1, None)]);
    let done = lag.reset(&anybody(), BOTH, &earliest(PLACED), &[(0, Some(5)), (1, None)]).await.unwrap().unwrap();
    assert_eq!(acted(&world), ["begin_reset", "move_positions", "end_reset"]);
    assert_eq!((done.by.as_deref(), done.undoes.as_deref(), done.at), (Some("Mara Lindqvist"), None, NOW));
    let entry = world.audit.take().remove(0);
    assert_eq!((entry.use_case, entry.outcome), ("lag/reset", Outcome::Allowed));
    assert_eq!(fact(&entry, true, Field::Positions), r#""0: 5, 1: none""#);
    assert_eq!(fact(&entry, false, Field::Positions), r#""0: 0, 1: 0""#);
    assert_eq!(fact(&entry, false, Field::OnChannel), r#""orders.placed""#);
    let moved = world.ports.lag.moved.lock().unwrap().clone();
    assert_eq!(moved, [("reads-both".to_owned(), PLACED.to_owned(), vec![(0, 0), (1, 0)])]);

    // What can't be written down does not happen.
    world.audit.away.store(true, Ordering::SeqCst);
    let refused = lag.reset(&anybody(), BOTH, &earliest(PLACED), &[]).await;
    assert!(matches!(refused, Err(CaseError::Unavailable(_))), "{refused:?}");
    assert_eq!(acted(&world), Vec::<&str>::new());
    world.audit.away.store(false, Ordering::SeqCst);
    world.ports.sealed.store(true, Ordering::SeqCst);
    let refused = lag.reset(&anybody(), BOTH, &earliest(PLACED), &[]).await;
    assert!(matches!(refused, Err(CaseError::Unavailable(_))), "{refused:?}");
    assert_eq!(acted(&world), ["begin_reset"], "a reset that could not be taken back is not done");
    assert_eq!(world.audit.taken(), [("lag/reset", Outcome::Allowed), ("lag/reset", Outcome::Failed)]);
}

#[tokio::test]
async fn what_was_moved_in_part_is_told() {
    let world = World::new();
    let lag = &world.cases.lag;
    at(&world, &[(0, Some(5)), (1, Some(6)), (2, Some(7))]);
    *world.ports.lag.problems.lock().unwrap() = vec![None, Some("no leader".into())];
    let done = lag.reset(&anybody(), BOTH, &earliest(PLACED), &[]).await.unwrap().unwrap();
    let told = |done: &ResetDone| done.moves.iter().map(|m| m.problem.clone()).collect::<Vec<_>>();
    assert_eq!(told(&done), [None, Some("no leader".into()), None]);
    assert_eq!(world.ports.lag.resets.lock().unwrap()[0].moves, done.moves, "and kept so");
    assert_eq!(world.audit.taken(), [("lag/reset", Outcome::Allowed)]);

    *world.ports.lag.problems.lock().unwrap() = vec![Some("no leader".into()); 3];
    let done = lag.reset(&anybody(), BOTH, &earliest(PLACED), &[]).await.unwrap().unwrap();
    assert!(done.moves.iter().all(|m| m.problem.is_some()));
    let told = [("lag/reset", Outcome::Allowed), ("lag/reset", Outcome::Failed)];
    assert_eq!(world.audit.taken(), told);

    *world.ports.lag.refuse.lock().unwrap() = Some(refusal());
    assert_eq!(conflict(lag.reset(&anybody(), BOTH, &earliest(PLACED), &[]).await), refusal().what);
    assert_eq!(world.audit.taken(), told);
    let kept = world.ports.lag.resets.lock().unwrap().last().unwrap().clone();
    assert!(kept.moves.iter().all(|m| m.problem == Some(refusal().what)), "{kept:?}");
}

#[tokio::test]
async fn what_was_read_on_since_is_not_taken_back() {
    let world = World::new();
    let lag = &world.cases.lag;
    at(&world, &[(0, Some(1)), (1, Some(2))]);
    let done = lag.reset(&anybody(), BOTH, &to(PLACED, ResetTo::Latest), &[]).await.unwrap().unwrap();
    at(&world, &[(0, Some(10)), (1, Some(12))]);
    acted(&world);
    let refused = conflict(lag.undo(&anybody(), BOTH, &done.id).await);
    assert!(refused.contains("partition 1 stands at 12, not at 10"), "{refused}");
    assert_eq!(acted(&world), Vec::<&str>::new());
    // Nobody heard whether it was moved: where it stands tells.
    for one in &mut world.ports.lag.resets.lock().unwrap()[0].moves {
        one.problem = Some("whether it was moved is not known".into());
    }
    at(&world, &[(0, Some(10)), (1, Some(2))]);
    let back = lag.undo(&anybody(), BOTH, &done.id).await.unwrap().unwrap();
    assert_eq!(back.moves.iter().map(|m| (m.partition, m.to)).collect::<Vec<_>>(), [(0, 1)]);
}

#[tokio::test]
async fn what_is_looked_at_is_all_that_is_moved() {
    let world = World::new();
    let lag = &world.cases.lag;
    at(&world, &[(0, Some(5)), (1, Some(5))]);
    let part = lag.reset(&anybody(), BOTH, &earliest(PLACED), &[(0, Some(5))]).await;
    assert!(conflict(part).contains("has moved since you looked"));
    assert!(lag.reset(&anybody(), BOTH, &earliest(PLACED), &[(0, Some(5)), (1, Some(5))]).await.is_ok());
}

#[tokio::test]
async fn a_reset_is_taken_back_once() {
    let world = World::new();
    let lag = &world.cases.lag;
    at(&world, &[(0, Some(5)), (1, Some(6)), (2, Some(7)), (3, None)]);
    let done = lag.reset(&anybody(), BOTH, &to(PLACED, ResetTo::Latest), &[]).await.unwrap().unwrap();
    // One that failed was not moved, and is not moved back.
    world.ports.lag.resets.lock().unwrap()[0].moves[2].problem = Some("no leader".into());
    at(&world, &[(0, Some(10)), (1, Some(10)), (2, Some(7)), (3, Some(10))]);
    world.audit.take();
    let back = lag.undo(&anybody(), BOTH, &done.id).await.unwrap().unwrap();
    assert_eq!(back.undoes.as_ref(), Some(&done.id));
    let one = |partition, from, to, problem: Option<&str>| MoveDone {
        partition,
        from: Some(from),
        to,
        problem: problem.map(str::to_owned),
    };
    let why = "it had no position before; brokers forget one only with the whole group";
    assert_eq!(back.moves, [one(0, 10, 5, None), one(1, 10, 6, None), one(3, 10, 10, Some(why))]);
    let moved = world.ports.lag.moved.lock().unwrap().last().unwrap().clone();
    assert_eq!(moved.2, [(0, 5), (1, 6)]);
    let entry = world.audit.take().remove(0);
    assert_eq!(fact(&entry, true, Field::Positions), r#""0: 10, 1: 10""#);
    assert_eq!(fact(&entry, false, Field::Positions), r#""0: 5, 1: 6""#);

    acted(&world);
    assert!(conflict(lag.undo(&anybody(), BOTH, &done.id).await).contains("taken back already"));
    assert_eq!(lag.undo(&anybody(), BOTH, "no-such-reset").await.unwrap(), None);
    assert_eq!((acted(&world), world.audit.taken()), (vec![], vec![]));
    // What took it back can be taken back itself.
    at(&world, &[(0, Some(5)), (1, Some(6)), (2, Some(7)), (3, Some(10))]);
    let again = lag.undo(&anybody(), BOTH, &back.id).await.unwrap().unwrap();
    assert_eq!(again.moves, [one(0, 5, 10, None), one(1, 6, 10, None)]);
}

#[tokio::test]
async fn of_two_undos_at_once_one_moves_positions() {
    let world = World::new();
    let lag = &world.cases.lag;
    let asked = async || lag.undo(&anybody(), BOTH, "reset-1-orders.placed").await;
    *world.ports.lag.resets.lock().unwrap() = vec![reset(BOTH, PLACED, &[(0, Some(9), 5), (1, Some(8), 5)])];
    at(&world, &[(0, Some(5)), (1, Some(5))]);
    let (one, other) = tokio::join!(asked(), asked());
    // Whichever came first.
    let (one, other) = if one.is_ok() { (one, other) } else { (other, one) };
    assert!(conflict(other).contains("are being moved right now"));
    one.unwrap().unwrap();
    let mut acted = acted(&world);
    acted.sort_unstable();
    assert_eq!(acted, ["begin_reset", "begin_reset", "end_reset", "move_positions"], "the broker is asked once");
    let told = [Outcome::Allowed, Outcome::Allowed, Outcome::Failed].map(|outcome| ("lag/undo", outcome));
    assert_eq!(world.audit.taken(), told);
    assert!(conflict(asked().await).contains("taken back already"));
}

#[tokio::test]
async fn what_a_broker_refused_to_take_back_is_tried_again_alone() {
    let world = World::new();
    let lag = &world.cases.lag;
    let asked = async || lag.undo(&anybody(), BOTH, "reset-1-orders.placed").await;
    *world.ports.lag.resets.lock().unwrap() = vec![reset(BOTH, PLACED, &[(0, Some(9), 5), (1, Some(8), 5)])];
    at(&world, &[(0, Some(5)), (1, Some(5))]);
    *world.ports.lag.refuse.lock().unwrap() = Some(refusal());
    assert_eq!(conflict(asked().await), refusal().what);
    *world.ports.lag.problems.lock().unwrap() = vec![None, Some("no leader".into())];
    asked().await.unwrap().unwrap();
    // The group read on where it was taken back: it stays there.
    at(&world, &[(0, Some(10)), (1, Some(5))]);
    let rest = asked().await.unwrap().unwrap();
    assert_eq!(rest.moves.iter().map(|m| (m.partition, m.from, m.to)).collect::<Vec<_>>(), [(1, Some(5), 8)]);
    let moved: Vec<_> = world.ports.lag.moved.lock().unwrap().iter().map(|m| m.2.clone()).collect();
    assert_eq!(moved, [vec![(0, 9), (1, 8)], vec![(1, 8)]]);
    assert!(conflict(asked().await).contains("taken back already"));
}

#[tokio::test]
async fn an_undo_is_refused_as_a_reset_is() {
    let world = World::new();
    let lag = &world.cases.lag;
    *world.ports.lag.resets.lock().unwrap() = vec![reset(BOTH, PLACED, &[(0, Some(9), 5)])];
    *world.ports.lag.state.lock().unwrap() = Some((GroupState::Rebalancing, Vec::new()));
    let undone = async || conflict(lag.undo(&anybody(), BOTH, "reset-1-orders.placed").await);
    assert!(undone().await.contains("is rebalancing"));
    *world.ports.lag.state.lock().unwrap() = None;
    *world.ports.lag.not_allowed.lock().unwrap() = Some(refusal());
    assert_eq!(undone().await, refusal().what);
    *world.ports.lag.not_allowed.lock().unwrap() = None;
    // What was there is not there any more.
    *world.ports.lag.resets.lock().unwrap() = vec![reset(BOTH, PLACED, &[(0, Some(-3), 5)])];
    assert!(undone().await.contains("begins at 0"));
    assert_eq!(acted(&world), Vec::<&str>::new());
}

#[tokio::test]
async fn a_group_is_deleted_by_who_typed_its_name_and_sees_it_whole() {
    let world = World::new();
    let lag = &world.cases.lag;
    let wrong = lag.delete(&anybody(), BOTH, "reads-Both").await;
    assert!(matches!(&wrong, Err(CaseError::Invalid { what_to_do, .. }) if what_to_do.contains("reads-both")));
    assert!(conflict(lag.delete(&placed_only(), BOTH, "reads-both").await).contains("may not see"));
    *world.ports.lag.state.lock().unwrap() = Some((GroupState::Stable, vec![member("app", &[PLACED])]));
    assert!(conflict(lag.delete(&anybody(), BOTH, "reads-both").await).contains("has a member"));
    *world.ports.lag.state.lock().unwrap() = None;
    *world.ports.lag.not_allowed.lock().unwrap() = Some(refusal());
    assert_eq!(conflict(lag.delete(&anybody(), BOTH, "reads-both").await), refusal().what);
    *world.ports.lag.not_allowed.lock().unwrap() = None;
    assert_eq!((acted(&world), world.audit.taken()), (vec![], vec![]));

    *world.ports.lag.refuse.lock().unwrap() = Some(refusal());
    assert_eq!(conflict(lag.delete(&anybody(), BOTH, "reads-both").await), refusal().what);
    assert_eq!(acted(&world), ["delete"], "it is still there");
    assert_eq!(world.audit.taken(), [("lag/delete", Outcome::Allowed), ("lag/delete", Outcome::Failed)]);
    at(&world, &[(0, Some(5)), (1, None)]);
    assert!(lag.delete(&anybody(), BOTH, " reads-both ").await.unwrap());
    let channels = vec![PLACED.to_owned(), FAILED.to_owned()];
    assert_eq!(*world.ports.lag.deleted.lock().unwrap(), [("reads-both".to_owned(), channels)]);
    assert_eq!(*world.ports.lag.forgotten.lock().unwrap(), [BOTH]);
    let entry = world.audit.take().remove(0);
    assert_eq!(fact(&entry, true, Field::Positions), r#""orders.placed 0: 5, payments.failed 0: 5""#);
}

#[tokio::test]
async fn what_is_only_reported_can_not_be_moved() {
    let world = World::new();
    let lag = &world.cases.lag;
    *world.ports.lag.kind.lock().unwrap() = Some(GroupKind::Reported);
    *world.ports.lag.resets.lock().unwrap() = vec![reset(BOTH, PLACED, &[(0, Some(9), 5)])];
    let plan = lag.plan(&anybody(), BOTH, &earliest(PLACED)).await.unwrap().unwrap();
    assert!(plan.refused.unwrap().what.contains("keeps its positions elsewhere"));
    let elsewhere = |what: String| assert!(what.contains("keeps its positions elsewhere"), "{what}");
    elsewhere(conflict(lag.reset(&anybody(), BOTH, &earliest(PLACED), &[]).await));
    elsewhere(conflict(lag.undo(&anybody(), BOTH, "reset-1-orders.placed").await));
    elsewhere(conflict(lag.delete(&anybody(), BOTH, "reads-both").await));
    assert_eq!(acted(&world), Vec::<&str>::new());
}
