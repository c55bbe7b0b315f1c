//! Policies of channels: who sets them, and what the audit log is told.

use crate::world::{NOW, World, anybody, caller};
use weir_domain::{
    CaseError, ChannelId, TokenId,
    access::{Caller, Credential, Grant, Role},
    audit::{Field, Outcome, Value},
    capture::{BudgetStanding, CaptureMode, ChannelPolicy},
};

const ORDERS: ChannelId = ChannelId(100);

#[tokio::test]
async fn a_policy_is_set_with_what_was_before_and_after_in_the_log() {
    let world = World::new();
    let before = ChannelPolicy::DEFAULT;
    let after = ChannelPolicy {
        mode: CaptureMode::Sampled { per_mille: 50 },
        payload_days: 1,
        payload_limit: Some(2_000_000),
        ..before
    };
    assert!(world.cases.capture.set(&anybody(), ORDERS, Some(&before), &after).await.unwrap());
    assert_eq!(world.ports.policy(ORDERS), after);
    let entry = world.audit.take().remove(0);
    assert_eq!((entry.use_case, entry.outcome), ("capture/set", Outcome::Allowed));
    let object = entry.about.object.unwrap();
    assert_eq!(
        (object.kind.as_str(), object.id.as_str(), object.name.as_deref()),
        ("channel", "100", Some("orders.placed"))
    );
    let told = |field| [entry.about.before.get(field).cloned(), entry.about.after.get(field).cloned()];
    assert_eq!(told(Field::Capture), ["full", "sampled"].map(|w| Some(Value::Text(w.into()))));
    assert_eq!(told(Field::Sample), [None, Some(Value::Number(50))]);
    assert_eq!(told(Field::Kept), [7, 1].map(|n| Some(Value::Number(n))));
    assert_eq!(told(Field::MostBytes), [None, Some(Value::Number(2_000_000))]);
    // The same again changes nothing and leaves nothing.
    assert!(world.cases.capture.set(&anybody(), ORDERS, None, &after).await.unwrap());
    assert!(world.audit.take().is_empty());
    // Whoever saw an older one is told, and nothing is changed.
    let late = world.cases.capture.set(&anybody(), ORDERS, Some(&before), &before).await;
    assert!(matches!(late, Err(CaseError::Conflict { .. })), "{late:?}");
    assert!(world.audit.take().is_empty());
    assert_eq!(world.ports.policy(ORDERS), after);
}

#[tokio::test]
async fn what_can_not_be_is_refused_and_what_is_hidden_is_not_there() {
    let world = World::new();
    let failures = ChannelPolicy { mode: CaptureMode::FailuresOnly, ..ChannelPolicy::DEFAULT };
    let refused = world.cases.capture.set(&anybody(), ORDERS, None, &failures).await;
    let Err(CaseError::Invalid { what, .. }) = refused else { panic!("{refused:?}") };
    assert!(what.contains("recognises"), "{what}");
    let grants = [Grant { channel_pattern: "payments.*".into(), ..Grant::everything() }];
    let other = caller(&[Role::Admin], &grants);
    let off = ChannelPolicy { mode: CaptureMode::Off, ..ChannelPolicy::DEFAULT };
    assert!(!world.cases.capture.set(&other, ORDERS, None, &off).await.unwrap());
    assert_eq!(world.cases.capture.detail(&other, ORDERS).await.unwrap(), None);
    let listed = world.cases.capture.list(&other, None).await.unwrap();
    assert_eq!((listed.channels.len(), listed.hidden_channels), (1, 3));
    // Who may look may not always change.
    let viewer = caller(&[Role::Viewer], &[Grant::everything()]);
    assert!(!world.cases.capture.detail(&viewer, ORDERS).await.unwrap().unwrap().may_edit);
    let refused = world.cases.capture.set(&viewer, ORDERS, None, &off).await;
    assert!(matches!(refused, Err(CaseError::NotAllowed { needs: "capture.edit", .. })), "{refused:?}");
    assert_eq!(world.ports.policy(ORDERS), ChannelPolicy::DEFAULT);
}

#[tokio::test]
async fn the_budget_is_set_with_its_entry_by_who_sees_every_channel() {
    let world = World::new();
    let set = async |by: Caller, seen, bytes| world.cases.capture.set_budget(&by, seen, bytes).await;
    set(anybody(), Some(None), Some(20_000_000_000)).await.unwrap();
    let entry = world.audit.take().remove(0);
    assert_eq!((entry.use_case, entry.outcome), ("capture/set_budget", Outcome::Allowed));
    let told = [entry.about.before.get(Field::Budget).cloned(), entry.about.after.get(Field::Budget).cloned()];
    assert_eq!(told, [None, Some(Value::Number(20_000_000_000))]);
    // Whoever saw another one is told; what can't be is refused; the same again leaves nothing.
    assert!(matches!(set(anybody(), Some(None), None).await, Err(CaseError::Conflict { .. })));
    assert!(matches!(set(anybody(), None, Some(10)).await, Err(CaseError::Invalid { .. })));
    set(anybody(), None, Some(20_000_000_000)).await.unwrap();
    let grants = [Grant { channel_pattern: "payments.*".into(), ..Grant::everything() }];
    let part = caller(&[Role::Admin], &grants);
    assert!(matches!(set(part.clone(), None, None).await, Err(CaseError::Conflict { .. })));
    let seen = world.cases.capture.budget(&part).await.unwrap();
    assert_eq!((seen.order.len(), seen.history.len(), seen.hidden_channels, seen.may_edit), (1, 1, 3, false));
    assert!(world.cases.capture.budget(&anybody()).await.unwrap().may_edit);
    // The page of both looks at channels once, and leaves out the same.
    world.ports.take_asked();
    let (list, shown) = world.cases.capture.with_budget(&part).await.unwrap();
    assert_eq!((list.channels.len(), list.hidden_channels, shown == seen), (1, 3, true));
    let asked: Vec<_> = world.ports.take_asked().into_iter().map(|a| a.what).collect();
    assert_eq!(asked, ["captured", "budget_history"]);
    assert_eq!(world.cases.capture.budget_standing(&part).await.unwrap(), seen.standing);
    assert_eq!(world.ports.take_asked().len(), 1);
    // What the file says is changed there.
    world.ports.budget.lock().unwrap().setting.from_file = true;
    assert!(matches!(set(anybody(), None, None).await, Err(CaseError::Conflict { .. })));
    assert!(!world.cases.capture.budget(&anybody()).await.unwrap().may_edit);
    assert!(world.audit.take().is_empty());
}

#[tokio::test]
async fn as_the_budget_fills_it_stands_first_among_what_needs_a_person() {
    let world = World::new();
    let attention = async |used, keeping| {
        let mut standing = BudgetStanding { used: Some(used), keeping, ..BudgetStanding::default() };
        standing.setting.bytes = Some(1_000);
        *world.ports.budget.lock().unwrap() = standing;
        world.cases.overview.summary(&anybody()).await.unwrap().attention.into_iter().next().map(|a| (a.kind, a.title))
    };
    assert!(attention(799, 4).await.is_none_or(|(kind, _)| kind != "budget"));
    assert_eq!(attention(815, 4).await.unwrap(), ("budget".into(), "The store's budget is used up to 81 %".into()));
    assert!(attention(950, 4).await.unwrap().1.contains("channels give way"));
    assert_eq!(attention(950, 0).await.unwrap().1, "Metadata alone fills the store's budget");
}

#[tokio::test]
async fn erasing_on_tombstones_is_switched_on_by_who_may_erase_and_has_signed_in() {
    let world = World::new();
    let on = ChannelPolicy { erase_on_tombstone: true, ..ChannelPolicy::DEFAULT };
    let by = Credential::Token { id: TokenId("t".into()), name: "ci".into(), expires: NOW.plus_secs(60) };
    let program = Caller { by, ..anybody() };
    let refused = world.cases.capture.set(&program, ORDERS, None, &on).await;
    assert!(matches!(refused, Err(CaseError::Conflict { .. })), "{refused:?}");
    assert_eq!(world.ports.policy(ORDERS), ChannelPolicy::DEFAULT);
    assert!(world.audit.take().is_empty());
    assert!(world.cases.capture.set(&anybody(), ORDERS, None, &on).await.unwrap());
    let entry = world.audit.take().remove(0);
    let told = [entry.about.before.get(Field::Tombstones).cloned(), entry.about.after.get(Field::Tombstones).cloned()];
    assert_eq!(told, [false, true].map(|on| Some(Value::Flag(on))));
    // Once it is on, a program changes the rest of the policy.
    let other = ChannelPolicy { turn: 1, ..on };
    assert!(world.cases.capture.set(&program, ORDERS, None, &other).await.unwrap());
}
