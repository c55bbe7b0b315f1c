//! Erasures and holds: who may, about what, and what is told.

use crate::{
    fakes::SUBJECT,
    world::{NOW, World, anybody, caller},
};
use weir_cases::holds::place::Wanted;
use weir_domain::{
    CaseError, ChannelId, ErasureId, HoldId,
    access::{Credential, Grant, Role},
    audit::{Field, Outcome, Value},
    erasures::{Decision, ErasureRefused, ErasureState, Subject, SubjectKind},
    events::TimeRange,
    holds::Held,
};

fn key() -> Subject {
    Subject::read(SubjectKind::Key, SUBJECT).unwrap()
}

fn one() -> ErasureId {
    ErasureId("0193-erasure".into())
}

#[tokio::test]
async fn what_is_asked_for_is_bounded_by_what_the_asker_sees() {
    let world = World::new();
    let erasures = &world.cases.erasures;
    let orders = caller(&[Role::Admin], &[Grant { channel_pattern: "orders.placed".into(), ..Grant::everything() }]);
    erasures.ask(&anybody(), &key(), &[], "They asked for it").await.unwrap();
    let beyond = erasures.ask(&orders, &key(), &[], "They asked for it").await;
    assert!(matches!(beyond, Err(CaseError::NotAllowed { .. })), "{beyond:?}");
    let hidden = erasures.ask(&orders, &key(), &["payments.failed".into()], "They asked for it").await;
    let absent = erasures.ask(&orders, &key(), &["no.such".into()], "They asked for it").await;
    for refused in [hidden, absent] {
        assert!(matches!(&refused, Err(CaseError::Invalid { what, .. }) if what.contains("none that you may see")));
    }
    erasures.ask(&orders, &key(), &["orders.placed".into()], "They asked for it").await.unwrap();
    erasures.ask(&orders, &key(), &["#100".into()], "They asked for it").await.unwrap();
    let events = Subject::read(SubjectKind::Events, "100-1 100-2").unwrap();
    erasures.ask(&orders, &events, &[], "They asked for it").await.unwrap();
    let of_others = Subject::read(SubjectKind::Events, "100-1 101-2").unwrap();
    assert!(matches!(erasures.ask(&orders, &of_others, &[], "x").await, Err(CaseError::Invalid { .. })));
    assert!(matches!(erasures.ask(&orders, &key(), &["#100".into()], " ").await, Err(CaseError::Invalid { .. })));
    let channels: Vec<_> = world.erasures.asked.lock().unwrap().iter().map(|new| new.channels.clone()).collect();
    let placed = || Some(vec![ChannelId(100)]);
    assert_eq!(channels, [None, placed(), placed(), placed()]);
    let ends = world.erasures.asked.lock().unwrap()[0].ends_at;
    assert_eq!(ends, NOW.plus_secs(7 * 86_400));
}

#[tokio::test]
async fn who_does_not_see_all_of_it_decides_nothing_and_does_not_see_the_subject() {
    let world = World::new();
    let erasures = &world.cases.erasures;
    let orders = caller(&[Role::Admin], &[Grant { channel_pattern: "orders.*".into(), ..Grant::everything() }]);
    let page = erasures.detail(&orders, &one()).await.unwrap().unwrap();
    assert_eq!((page.subject, page.counted.len(), page.elsewhere, page.whole), (None, 3, 2, false));
    for refused in [erasures.approve(&orders, &one()).await, erasures.decline(&orders, &one(), "no").await] {
        assert!(matches!(refused, Err(CaseError::NotAllowed { .. })), "{refused:?}");
    }
    *world.erasures.channels.lock().unwrap() = Some(vec![ChannelId(100), ChannelId(110)]);
    let page = erasures.detail(&orders, &one()).await.unwrap().unwrap();
    assert_eq!((page.subject.as_deref(), page.whole, page.own), (Some(SUBJECT), true, false));
    assert!(erasures.approve(&orders, &one()).await.unwrap());
    assert!(erasures.decline(&anybody(), &one(), "no").await.unwrap());
    assert!(!erasures.approve(&anybody(), &ErasureId("none".into())).await.unwrap());
    let decisions = world.erasures.decisions.lock().unwrap().clone();
    assert_eq!(decisions, [Decision::Approve, Decision::Decline("no".into())]);
    assert!(matches!(erasures.decline(&anybody(), &one(), " ").await, Err(CaseError::Invalid { .. })));
}

#[tokio::test]
async fn no_token_approves_and_what_the_store_refuses_is_said_in_words() {
    let world = World::new();
    let mut program = anybody();
    program.by = Credential::Token { id: weir_domain::TokenId("t".into()), name: "t".into(), expires: NOW };
    assert!(matches!(world.cases.erasures.approve(&program, &one()).await, Err(CaseError::SessionsOnly)));
    for (why, word) in [
        (ErasureRefused::Own, "yourself"),
        (ErasureRefused::State(ErasureState::Counting), "counted"),
        (ErasureRefused::State(ErasureState::Done), "done already"),
        (ErasureRefused::Nothing, "nothing to erase"),
        (ErasureRefused::Held(3, vec!["Case 12".into()]), "held: Case 12"),
    ] {
        *world.erasures.refuse.lock().unwrap() = Some(why);
        let refused = world.cases.erasures.approve(&anybody(), &one()).await;
        assert!(matches!(&refused, Err(CaseError::Conflict { what, .. }) if what.contains(word)), "{refused:?}");
    }
}

#[tokio::test]
async fn no_entry_and_no_error_names_the_subject() {
    let world = World::new();
    let erasures = &world.cases.erasures;
    erasures.ask(&anybody(), &key(), &[], "They asked for it").await.unwrap();
    erasures.detail(&anybody(), &one()).await.unwrap();
    erasures.approve(&anybody(), &one()).await.unwrap();
    *world.erasures.refuse.lock().unwrap() = Some(ErasureRefused::Own);
    let refused = erasures.approve(&anybody(), &one()).await;
    world
        .cases
        .holds
        .place(&anybody(), "Case 13", &Wanted::Key(SUBJECT.into()), "A court", NOW.plus_secs(60))
        .await
        .unwrap();
    let entries = world.audit.take();
    let text = format!("{entries:?} {refused:?}");
    assert!(!text.contains(SUBJECT) && !text.contains("They asked"), "{text}");
    let asked = format!("{:?}", world.erasures.asked.lock().unwrap());
    assert!(!asked.contains(SUBJECT), "nor does the log of a process: {asked}");
    assert!(entries.iter().all(|e| e.about.keys.is_empty()), "whoever erases has not seen the key's events");
    let told: Vec<_> = entries.iter().map(|e| (e.use_case, e.outcome)).collect();
    let allowed = |name| (name, Outcome::Allowed);
    let failed = ("erasures/approve", Outcome::Failed);
    let names = ["erasures/ask", "erasures/detail", "erasures/approve", "erasures/approve"].map(allowed);
    assert_eq!(told, [&names[..], &[failed, allowed("holds/place")]].concat());
    assert_eq!(entries[0].about.after.get(Field::Kind), Some(&Value::Text("key".into())));
}

#[tokio::test]
async fn holds_are_read_bounded_and_named() {
    let world = World::new();
    let holds = &world.cases.holds;
    let (who, end) = (anybody(), NOW.plus_secs(30 * 86_400));
    let channel = |name: &str| Wanted::Channel { name: name.into(), range: TimeRange::default() };
    holds.place(&who, " Case 12 ", &channel("orders.placed"), "A court", end).await.unwrap();
    holds.place(&who, "b", &Wanted::Events("100-7".into()), "A court", end).await.unwrap();
    holds.place(&who, "c", &Wanted::Key(SUBJECT.into()), "A court", end).await.unwrap();
    {
        let placed = world.erasures.placed.lock().unwrap();
        assert_eq!(placed[0].name, "Case 12");
        assert!(matches!(placed[0].held, Held::Channel { channel: ChannelId(100), .. }));
        assert!(matches!(&placed[1].held, Held::Events(ids) if ids.len() == 1));
        assert!(matches!(placed[2].held, Held::Key(Some(_))));
    }
    for (name, wanted, reason, ends) in [
        ("", channel("orders.placed"), "r", end),
        ("a", channel("no.such"), "r", end),
        ("a", channel("orders.placed"), " ", end),
        ("a", channel("orders.placed"), "r", NOW),
        ("a", channel("orders.placed"), "r", NOW.plus_secs(4_000 * 86_400)),
        ("a", Wanted::Events("none".into()), "r", end),
    ] {
        let refused = holds.place(&who, name, &wanted, reason, ends).await;
        assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{refused:?}");
    }
    assert!(holds.end(&who, &HoldId("0193-hold-100".into())).await.unwrap());
    assert!(!holds.end(&who, &HoldId("none".into())).await.unwrap());
}
