//! Policies of channels: who sets them, and what the audit log is told.

use crate::world::{World, anybody, caller};
use weir_domain::{
    CaseError, ChannelId,
    access::{Grant, Role},
    audit::{Field, Outcome, Value},
    capture::{CaptureMode, ChannelPolicy},
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
