use crate::common::{World, now, psql, view, world};
use weir_domain::{
    PersonId, Timestamp, TokenId,
    access::{Accounts as _, Grant, NewPerson, Role},
    tokens::{Kept, NewToken, Tokens as _},
};

const DAY: i64 = 86_400;

async fn ann(w: &World) -> PersonId {
    let person = NewPerson {
        login: "ann".into(),
        name: "Ann".into(),
        password_hash: "$argon2id$x".into(),
        roles: vec![Role::Viewer, Role::Support],
        grants: vec![Grant::everything()],
    };
    w.store.put_setup_token(&[7; 32], now().plus_secs(900)).await.unwrap();
    w.store.create_first(&[7; 32], person, now()).await.unwrap().unwrap()
}

fn new(person: &PersonId, name: &str, hash: u8, made: Timestamp, days: i64) -> NewToken {
    NewToken {
        id: TokenId(format!("0193e7a2-4c1b-7d52-a0f3-{hash:012}")),
        person: person.clone(),
        name: name.into(),
        token_hash: [hash; 32],
        roles: vec![Role::Viewer, Role::Admin],
        made,
        expires: made.plus_secs(days * DAY),
    }
}

async fn keep(w: &World, token: NewToken, most: u32) -> Kept {
    w.store.keep_token(&view(&w.store).await, token, most).await.unwrap()
}

#[tokio::test]
async fn a_token_is_found_with_its_person_as_they_are_now() {
    let w = world().await;
    let ann = ann(&w).await;
    let report = new(&ann, "report", 1, now(), 30);
    let id = report.id.clone();
    assert_eq!(keep(&w, report, 5).await, Kept::Made);
    let found = w.store.token(&[1; 32], now()).await.unwrap().unwrap();
    assert_eq!((found.token, found.token_name.as_str(), &found.person), (id.clone(), "report", &ann));
    assert_eq!((found.token_roles, found.roles), (vec![Role::Viewer, Role::Admin], vec![Role::Support, Role::Viewer]));
    assert_eq!((found.grants, found.expires), (vec![Grant::everything()], now().plus_secs(30 * DAY)));

    psql(&w.url, "delete from person_role where role = 'support'").await;
    assert_eq!(w.store.token(&[1; 32], now()).await.unwrap().unwrap().roles, [Role::Viewer]);
    assert!(w.store.token(&[2; 32], now()).await.unwrap().is_none());
    assert!(w.store.token(&[1; 32], now().plus_secs(30 * DAY)).await.unwrap().is_none(), "expired");
    psql(&w.url, "update person set active = false").await;
    assert!(w.store.token(&[1; 32], now()).await.unwrap().is_none(), "deactivated");
    psql(&w.url, "update person set active = true").await;
    let see = view(&w.store).await;
    for (person, id, want) in [
        (&PersonId("0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f".into()), &id, false),
        (&ann, &TokenId("no id".into()), false),
        (&ann, &id, true),
        (&ann, &id, false),
    ] {
        assert_eq!(w.store.revoke_token(&see, person, id, now()).await.unwrap(), want, "{person:?} {id:?}");
    }
    assert!(w.store.token(&[1; 32], now()).await.unwrap().is_none(), "revoked");
    assert!(w.store.tokens_of(&see, &ann).await.unwrap().is_empty());
    assert_eq!(psql(&w.url, "select count(*) from api_token").await, "1", "who did what can still be told");
    assert_eq!(psql(&w.url, "select octet_length(token_hash) from api_token").await, "32");
}

#[tokio::test]
async fn use_is_noted_once_a_minute() {
    let w = world().await;
    let ann = ann(&w).await;
    keep(&w, new(&ann, "report", 1, now(), 30), 5).await;
    let last = || async { w.store.tokens_of(&view(&w.store).await, &ann).await.unwrap()[0].last_used };
    assert_eq!(last().await, None);
    for (seconds, want) in [(0, 0), (59, 0), (60, 60), (61, 60), (200, 200)] {
        w.store.token(&[1; 32], now().plus_secs(seconds)).await.unwrap().unwrap();
        assert_eq!(last().await, Some(now().plus_secs(want)), "{seconds}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_taken_once_and_there_are_only_so_many() {
    let w = world().await;
    let ann = ann(&w).await;
    // Two at once: one of them is told.
    let both = tokio::join!(keep(&w, new(&ann, "a", 1, now(), 1), 5), keep(&w, new(&ann, "a", 2, now(), 1), 5));
    assert!(matches!(both, (Kept::Made, Kept::NameTaken) | (Kept::NameTaken, Kept::Made)), "{both:?}");
    assert!(matches!(keep(&w, new(&ann, "b", 3, now(), 1), 2).await, Kept::Made));
    assert_eq!(keep(&w, new(&ann, "c", 4, now(), 1), 2).await, Kept::TooMany);
    // Expired ones count no more, and give their names away.
    let later = now().plus_secs(2 * DAY);
    assert!(matches!(keep(&w, new(&ann, "a", 5, later, 1), 2).await, Kept::Made));
    let names: Vec<_> =
        w.store.tokens_of(&view(&w.store).await, &ann).await.unwrap().into_iter().map(|t| t.name).collect();
    assert_eq!(names, ["a", "b"], "the newest first, expired ones too");
    // Long ended ones go.
    let much_later = now().plus_secs(500 * DAY);
    keep(&w, new(&ann, "z", 6, much_later, 1), 2).await;
    assert_eq!(psql(&w.url, "select string_agg(name, ',') from api_token").await, "z");
    let too_long = w.store.keep_token(&view(&w.store).await, new(&ann, "y", 7, now(), 367), 9).await;
    assert!(too_long.is_err(), "the table knows the longest life too");
}

#[tokio::test]
async fn health_is_told_of_any_database() {
    let (url, _database) = weir_testkit::fresh_database().await.unwrap();
    let store = weir_store::Store::connect(&url, weir_store::StoreOptions::default()).await.unwrap();
    let fresh = store.health().await.unwrap();
    assert_eq!((fresh.schema, fresh.instance), (None, None));
    assert!(
        fresh.server.split('.').next().unwrap().parse::<u32>().unwrap() >= 15 && fresh.bytes > 0,
        "{}",
        fresh.server
    );
    store.migrate().await.unwrap();
    let used = store.health().await.unwrap();
    assert_eq!(used.schema, Some(store.newest_migration()));
    assert_eq!(psql(&url, "select count(*) from instance").await, "0", "looking changes nothing");
}
