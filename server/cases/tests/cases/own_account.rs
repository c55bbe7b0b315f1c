//! One's own account: password, sessions, asking for access.

use crate::world::{LOGIN, PASSWORD, World, caller};
use weir_domain::{
    CaseError, SessionId,
    access::{Caller, Grant, Permission, Role},
};

const NEW: &str = "a longer sentence to enter";
const HERE: &str = "192.0.2.1";

#[expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]
async fn signed_in() -> (World, String, Caller) {
    let (world, token) = World::signed_in().await;
    let caller = world.cases.access.caller(&token, None, "r".into()).await.unwrap().unwrap();
    (world, token, caller)
}

#[tokio::test]
async fn a_new_password_needs_the_present_one_and_ends_every_other_session() {
    let (world, token, me) = signed_in().await;
    let access = &world.cases.access;
    let other = access.log_in(LOGIN, PASSWORD, HERE).await.unwrap();
    let wrong = access.password(&me, "not the present one", NEW, HERE).await;
    assert!(matches!(wrong, Err(CaseError::Invalid { ref what, .. }) if what.contains("present password is wrong")));
    let short = access.password(&me, PASSWORD, "short", HERE).await;
    assert!(matches!(short, Err(CaseError::Invalid { .. })), "{short:?}");
    assert!(access.log_in(LOGIN, PASSWORD, HERE).await.is_ok(), "nothing has changed");

    access.password(&me, PASSWORD, NEW, HERE).await.unwrap();
    assert!(access.caller(&token, None, "r".into()).await.unwrap().is_some(), "the one that asked lives");
    assert!(access.caller(&other.token, None, "r".into()).await.unwrap().is_none());
    assert!(access.log_in(LOGIN, PASSWORD, HERE).await.is_err());
    assert!(access.log_in(LOGIN, NEW, HERE).await.is_ok());

    let program = Caller { session: None, ..me };
    assert!(matches!(access.password(&program, NEW, PASSWORD, HERE).await, Err(CaseError::Invalid { .. })));
    assert!(access.log_in(LOGIN, NEW, HERE).await.is_ok());
}

#[tokio::test]
async fn guessing_at_the_present_password_gets_slow() {
    let (world, _, me) = signed_in().await;
    let access = &world.cases.access;
    for _ in 0..5 {
        assert!(access.password(&me, "a wrong sentence", NEW, HERE).await.is_err());
    }
    let right = access.password(&me, PASSWORD, NEW, HERE).await;
    assert!(matches!(right, Err(CaseError::TooMany { .. })), "{right:?}");
    world.clock.pass_secs(2);
    access.password(&me, PASSWORD, NEW, HERE).await.unwrap();
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let (world, token, me) = signed_in().await;
    let access = &world.cases.access;
    let others =
        [access.log_in(LOGIN, PASSWORD, HERE).await.unwrap(), access.log_in(LOGIN, PASSWORD, HERE).await.unwrap()];
    let own = access.sessions(&me).await.unwrap();
    assert_eq!((own.len(), own.iter().filter(|s| s.present).count()), (3, 1));
    let one = own.iter().find(|s| !s.present).unwrap().id;
    assert_eq!(access.end_session(&me, Some(one)).await.unwrap(), 1);
    assert_eq!(access.end_session(&me, Some(one)).await.unwrap(), 0);
    assert_eq!(access.end_session(&me, Some(SessionId(99))).await.unwrap(), 0);
    assert_eq!(access.end_session(&me, None).await.unwrap(), 1);
    for session in &others {
        assert!(access.caller(&session.token, None, "r".into()).await.unwrap().is_none());
    }
    assert!(access.caller(&token, None, "r".into()).await.unwrap().is_some());
}

#[tokio::test]
async fn one_asks_for_a_role_with_a_reason() {
    let (world, ..) = signed_in().await;
    let access = &world.cases.access;
    let me = caller(&[Role::Viewer], &[Grant::everything()]);
    let long = "x".repeat(501);
    for (role, reason) in
        [("root", "why"), ("", "why"), ("viewer", "why"), ("support", " "), ("support", &long), ("support", "a\u{7}")]
    {
        let refused = access.ask(&me, role, "events.payload", "/events", reason).await;
        assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{role} {reason}: {refused:?}");
    }
    access.ask(&me, "support", "events.payload", "/events?key=ord-4711", " order ord-1\r\nis stuck ").await.unwrap();
    access.ask(&me, "operator", "events.payload", "https://evil.example/", "x").await.unwrap();
    let asked = world.people.requests.lock().unwrap().clone();
    assert_eq!((asked[0].role, asked[0].permission), (Role::Support, Some(Permission::EventsPayload)));
    assert_eq!((asked[0].path.as_str(), asked[0].reason.as_str()), ("/events", "order ord-1\nis stuck"));
    assert_eq!((asked[1].permission, asked[1].path.as_str()), (None, ""), "a role that would not help is no reason");
}
