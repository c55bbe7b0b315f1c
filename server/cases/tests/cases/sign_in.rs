use crate::world::{LOGIN, PASSWORD, World};
use futures::future::join_all;
use std::sync::atomic::Ordering;
use weir_cases::access::SESSION_SECS;
use weir_domain::CaseError;

const HERE: &str = "192.0.2.1";

fn words(error: CaseError) -> String {
    match error {
        CaseError::Invalid { what, what_to_do } => format!("{what} {what_to_do}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_session_lives_a_day_and_ends_with_sign_out() {
    let (world, _) = World::signed_in().await;
    let access = &world.cases.access;
    let session = access.log_in(" Mara ", PASSWORD, HERE).await.unwrap();
    let me = async |token: &str| access.caller(token, None, "r1".into()).await.unwrap();
    let caller = me(&session.token).await.unwrap();
    assert_eq!((caller.login.as_str(), caller.origin.request_id.as_str()), (LOGIN, "r1"));
    world.clock.pass_secs(SESSION_SECS - 1);
    assert!(me(&session.token).await.is_some());
    world.clock.pass_secs(1);
    assert!(me(&session.token).await.is_none(), "a day is over");

    let session = access.log_in(LOGIN, PASSWORD, HERE).await.unwrap();
    access.log_out(&session.token, "r".into()).await.unwrap();
    assert!(me(&session.token).await.is_none());
    assert!(matches!(access.log_out(&session.token, "r".into()).await, Err(CaseError::SignedOut)));

    let session = access.log_in(LOGIN, PASSWORD, HERE).await.unwrap();
    world.accounts.deactivate();
    assert!(me(&session.token).await.is_none(), "deactivated people have no session");
}

#[tokio::test]
async fn the_store_never_sees_a_token() {
    let (world, token) = World::signed_in().await;
    let digests = world.accounts.session_digests();
    assert!(digests.iter().all(|d| d.as_slice() != token.as_bytes() && !token.as_bytes().starts_with(&d[..8])));
    assert_eq!(digests, [<[u8; 32]>::from(<sha2::Sha256 as sha2::Digest>::digest(token.as_bytes()))]);
    assert!(!format!("{:?}", world.cases.access.log_in(LOGIN, PASSWORD, HERE).await.unwrap()).contains("token"));
}

#[tokio::test]
async fn no_answer_tells_who_has_an_account() {
    let (world, _) = World::signed_in().await;
    let access = &world.cases.access;
    let wrong = words(access.log_in(LOGIN, "a wrong sentence", HERE).await.unwrap_err());
    let unknown = words(access.log_in("nobody", PASSWORD, HERE).await.unwrap_err());
    let never = words(access.log_in("no such name!", PASSWORD, HERE).await.unwrap_err());
    let long = words(access.log_in(LOGIN, &"x".repeat(2000), "192.0.2.2").await.unwrap_err());
    world.accounts.deactivate();
    let inactive = words(access.log_in(LOGIN, PASSWORD, "192.0.2.3").await.unwrap_err());
    assert_eq!([&unknown, &never, &long, &inactive], [&wrong; 4]);
}

#[tokio::test]
async fn failures_make_the_next_attempt_wait_known_or_not() {
    for login in [LOGIN, "nobody"] {
        let (world, _) = World::signed_in().await;
        let access = &world.cases.access;
        for n in 0..5u32 {
            // From ever new addresses: the name alone is enough.
            words(access.log_in(login, "a wrong sentence", &format!("192.0.2.{n}")).await.unwrap_err());
        }
        let right = access.log_in(login, PASSWORD, "198.51.100.1").await;
        assert!(matches!(right, Err(CaseError::TooMany { seconds: 1 })), "{login}: {right:?}");
        world.clock.pass_secs(1);
        assert_eq!(access.log_in(login, PASSWORD, "198.51.100.1").await.is_ok(), login == LOGIN);
    }
}

#[tokio::test]
async fn an_address_that_tries_many_names_waits_too() {
    let (world, _) = World::signed_in().await;
    let access = &world.cases.access;
    for n in 0..5 {
        words(access.log_in(&format!("name{n}"), "a wrong sentence", HERE).await.unwrap_err());
    }
    assert!(matches!(access.log_in(LOGIN, PASSWORD, HERE).await, Err(CaseError::TooMany { .. })));
    assert!(access.log_in(LOGIN, PASSWORD, "198.51.100.1").await.is_ok(), "others don't");
    world.clock.pass_secs(2);
    assert!(access.log_in(LOGIN, PASSWORD, HERE).await.is_ok());
    for _ in 0..4 {
        words(access.log_in(LOGIN, "a wrong sentence", HERE).await.unwrap_err());
    }
    assert!(access.log_in(LOGIN, PASSWORD, HERE).await.is_ok(), "a success starts the count anew");
}

#[tokio::test]
async fn attempts_sent_at_once_do_not_pass_the_back_off() {
    let (world, _) = World::signed_in().await;
    let access = &world.cases.access;
    let flood = join_all((0..30).map(|_| access.log_in(LOGIN, "a wrong sentence", HERE))).await;
    let tried = flood.iter().filter(|r| matches!(r, Err(CaseError::Invalid { .. }))).count();
    let turned_away = flood.iter().filter(|r| matches!(r, Err(CaseError::TooMany { .. }))).count();
    assert_eq!(tried + turned_away, 30);
    // Two hash at once, so one more than the five free ones may have begun.
    assert!((5..=6).contains(&tried), "{tried}");
    assert_eq!(world.accounts.credentials_asked.load(Ordering::SeqCst) as usize, tried);
}

#[tokio::test]
async fn a_database_away_is_said_and_no_session_is_opened() {
    let (world, token) = World::signed_in().await;
    world.accounts.away.store(true, Ordering::SeqCst);
    let access = &world.cases.access;
    assert!(matches!(access.log_in(LOGIN, PASSWORD, HERE).await, Err(CaseError::Unavailable(_))));
    assert!(matches!(access.caller(&token, None, "r".into()).await, Err(CaseError::Unavailable(_))));
}

#[tokio::test]
async fn hanging_up_neither_frees_a_turn_early_nor_goes_uncounted() {
    let (world, _) = World::signed_in().await;
    let access = &world.cases.access;
    let mut failures = world.accounts.failures.subscribe();
    for attempts in 1..=5 {
        let mut attempt = Box::pin(access.log_in(LOGIN, "a wrong sentence", HERE));
        assert!(futures::poll!(attempt.as_mut()).is_pending());
        drop(attempt);
        // Each failure counts for the name and for the address.
        failures.wait_for(|n| *n == 2 * attempts).await.unwrap();
    }
    assert!(matches!(access.log_in(LOGIN, PASSWORD, HERE).await, Err(CaseError::TooMany { .. })));
}
