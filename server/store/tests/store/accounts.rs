use crate::common::{now, psql, world};
use weir_domain::access::{Accounts as _, Grant, NewPerson, Role};

fn person(login: &str) -> NewPerson {
    NewPerson {
        login: login.into(),
        name: "Ann".into(),
        password_hash: "$argon2id$x".into(),
        roles: Role::ALL.to_vec(),
        grants: vec![Grant::everything()],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_link_works_once_even_for_two_at_once() {
    let w = world().await;
    assert!(w.store.nobody_yet().await.unwrap());
    let token = [7; 32];
    w.store.put_setup_token(&[6; 32], now().plus_secs(900)).await.unwrap();
    w.store.put_setup_token(&token, now().plus_secs(900)).await.unwrap();
    assert!(w.store.create_first(&[6; 32], person("eve"), now()).await.unwrap().is_none(), "replaced");
    assert!(w.store.create_first(&token, person("late"), now().plus_secs(901)).await.unwrap().is_none(), "expired");
    let other = w.store.clone();
    let (a, b) = tokio::join!(
        w.store.create_first(&token, person("ann"), now()),
        tokio::spawn(async move { other.create_first(&token, person("bob"), now()).await })
    );
    let made = [a.unwrap(), b.unwrap().unwrap()];
    assert_eq!(made.iter().flatten().count(), 1, "{made:?}");
    assert!(!w.store.nobody_yet().await.unwrap());
    // A new token changes nothing once somebody is there.
    w.store.put_setup_token(&[8; 32], now().plus_secs(900)).await.unwrap();
    assert!(w.store.create_first(&[8; 32], person("eve"), now()).await.unwrap().is_none());
    let id = made.into_iter().flatten().next().unwrap().0;
    assert_eq!(&id[14..15], "7", "a UUIDv7: {id}");
    assert_eq!(psql(&w.url, "select count(*) from person").await, "1");
}

#[tokio::test]
async fn a_session_ends_by_time_by_choice_and_with_its_person() {
    let w = world().await;
    w.store.put_setup_token(&[7; 32], now().plus_secs(900)).await.unwrap();
    let ann = w.store.create_first(&[7; 32], person("Ann"), now()).await.unwrap().unwrap();
    let found = w.store.credentials("aNN").await.unwrap().unwrap();
    assert!(found.person == ann && found.active && found.password_hash == "$argon2id$x");
    assert!(w.store.credentials("ann\0").await.unwrap().is_none());
    assert!(w.store.credentials("nobody").await.unwrap().is_none());
    let expires = now().plus_secs(3600);
    for token in [[1; 32], [2; 32]] {
        assert!(w.store.open_session(&ann, "$argon2id$x", &token, now(), expires).await.unwrap());
    }
    assert!(!w.store.open_session(&ann, "$argon2id$old", &[4; 32], now(), expires).await.unwrap());
    let s = w.store.session(&[1; 32], now().plus_secs(61)).await.unwrap().unwrap();
    assert_eq!(
        (s.person, s.login.as_str(), s.expires, s.grants),
        (ann.clone(), "Ann", expires, vec![Grant::everything()])
    );
    assert_eq!(s.roles.len(), Role::ALL.len());
    assert_eq!(psql(&w.url, "select count(*) from session where last_seen > made_at").await, "1");
    assert!(w.store.session(&[3; 32], now()).await.unwrap().is_none());
    assert!(w.store.session(&[1; 32], expires).await.unwrap().is_none());
    w.store.end_session(&[1; 32]).await.unwrap();
    assert!(w.store.session(&[1; 32], now()).await.unwrap().is_none());
    psql(&w.url, "update person set active = false").await;
    assert!(w.store.session(&[2; 32], now()).await.unwrap().is_none());
    assert!(!w.store.credentials("ann").await.unwrap().unwrap().active);
    assert!(!w.store.open_session(&ann, "$argon2id$x", &[4; 32], now(), expires).await.unwrap());
}

#[tokio::test]
async fn failed_log_ins_wait_longer_and_longer() {
    let w = world().await;
    let subject = [9; 32];
    let mut waits = Vec::new();
    for _ in 0..6 {
        let next = w.store.log_in_failed(&subject, now()).await.unwrap();
        waits.push(next.micros_since(now()) / 1_000_000);
    }
    assert_eq!(waits, [0, 0, 0, 2, 4, 8]);
    assert_eq!(w.store.log_in_wait(&subject, now()).await.unwrap(), Some(now().plus_secs(8)));
    assert_eq!(w.store.log_in_wait(&subject, now().plus_secs(8)).await.unwrap(), None);
    assert_eq!(w.store.log_in_wait(&[1; 32], now()).await.unwrap(), None);
    // An hour of quiet is forgiven; so is success.
    let later = now().plus_secs(3601);
    assert_eq!(w.store.log_in_failed(&subject, later).await.unwrap(), later);
    for _ in 0..5 {
        w.store.log_in_failed(&subject, later).await.unwrap();
    }
    w.store.log_in_succeeded(&subject).await.unwrap();
    assert_eq!(w.store.log_in_wait(&subject, later).await.unwrap(), None);
}
