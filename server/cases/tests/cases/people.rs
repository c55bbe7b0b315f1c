//! People: what an administrator types is checked, what the store refuses is put into words, links and streams.

use crate::world::{LOGIN, NOW, PASSWORD, World};
use futures::StreamExt;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use weir_cases::{Bye, Frame, people::LINK_SECS};
use weir_domain::{
    CaseError, PersonId,
    access::{
        Caller, Grant, Role,
        people::{PersonState, Refused},
    },
};

async fn administrator() -> (World, String, Caller) {
    let (world, token) = World::signed_in().await;
    let caller = world.cases.access.caller(&token, None, "r".into()).await.unwrap().unwrap();
    (world, token, caller)
}

fn on(pattern: &str) -> Grant {
    Grant { channel_pattern: pattern.into(), ..Grant::everything() }
}

fn what<T: std::fmt::Debug>(result: Result<T, CaseError>) -> String {
    match result {
        Err(CaseError::Invalid { what, what_to_do } | CaseError::Conflict { what, what_to_do }) => {
            assert!(what.ends_with('.') && what_to_do.ends_with('.'), "{what} {what_to_do}");
            what
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_an_invitation_holds_is_checked_before_anything_is_made() {
    let (world, _, admin) = administrator().await;
    world.people.take_asked();
    let many: Vec<_> = (0..101).map(|n| on(&n.to_string())).collect();
    for (login, name, role, grants, about) in [
        ("a", "Ann", "viewer", vec![], "log-in name"),
        ("ann", " ", "viewer", vec![], "name"),
        ("ann", "Ann", "root", vec![], "There is no role \"root\""),
        ("ann", "Ann", "viewer", vec![on("a"), on("")], "Grant 2 names no channel"),
        ("ann", "Ann", "viewer", vec![on("a\u{7}b")], "control character"),
        ("ann", "Ann", "viewer", vec![on(&"a".repeat(256))], "longer than 255"),
        ("ann", "Ann", "viewer", many, "More than 100 grants"),
    ] {
        let said = what(world.cases.people.invite(&admin, login, name, &[role.into()], grants).await);
        assert!(said.contains(about), "{said}");
    }
    assert_eq!(world.people.take_asked(), 0);
    assert_eq!(world.accounts.people().len(), 1);
}

#[tokio::test]
async fn a_link_is_good_once_and_for_three_days_and_only_its_digest_is_kept() {
    let (world, _, admin) = administrator().await;
    let people = &world.cases.people;
    let invite = async |login: &str| {
        people.invite(&admin, login, "Ann", &["support".into()], vec![on("order.*")]).await.unwrap()
    };
    let link = invite("ann").await;
    assert_eq!(link.expires, NOW.plus_secs(LINK_SECS));
    assert!(world.people.link_digests().iter().all(|d| !link.token.as_bytes().starts_with(&d[..8])));
    let told = people.invited(&link.token, &"r".into()).await.unwrap();
    assert_eq!((told.login.as_str(), told.name.as_str(), told.new), ("ann", "Ann", true));
    assert_eq!(told.roles, [Role::Support]);
    // What won't do does not use it up.
    for (name, password) in [("", PASSWORD), ("Ann", "short"), ("Ann", "ann-12345678"), ("Ann", "aaaaaaaaaaaaaaaaa")] {
        what(people.accept(&link.token, name, password, &"r".into()).await);
    }
    let session = people.accept(&link.token, " Ann Lee ", PASSWORD, &"r".into()).await.unwrap();
    let ann = world.cases.access.caller(&session.token, None, "r".into()).await.unwrap().unwrap();
    assert_eq!((ann.login.as_str(), ann.name.as_str()), ("ann", "Ann Lee"));
    assert_eq!((ann.roles.as_slice(), ann.grants.as_slice()), (&[Role::Support][..], &[on("order.*")][..]));
    assert!(world.cases.access.log_in("ann", PASSWORD, "192.0.2.1").await.is_ok());

    let stale = what(people.accept(&link.token, "Ann", PASSWORD, &"r".into()).await);
    assert!(stale.contains("works once"), "{stale}");
    let late = invite("bob").await;
    world.clock.pass_secs(LINK_SECS);
    for token in [late.token.as_str(), "guess", ""] {
        assert_eq!(what(people.invited(token, &"r".into()).await), stale, "all the same");
        assert_eq!(what(people.accept(token, "Bob", PASSWORD, &"r".into()).await), stale);
    }
}

#[tokio::test]
async fn a_lost_password_is_mended_by_a_link() {
    let (world, token, admin) = administrator().await;
    let people = &world.cases.people;
    let link = people.reset(&admin, &admin.person).await.unwrap();
    assert!(world.cases.access.caller(&token, None, "r".into()).await.unwrap().is_none(), "their sessions end");
    let old = world.cases.access.log_in(LOGIN, PASSWORD, "192.0.2.1").await;
    assert!(matches!(old, Err(CaseError::Invalid { .. })), "the old one is off at once");
    assert!(!people.invited(&link.token, &"r".into()).await.unwrap().new);
    // The name is not asked for, and stays.
    people.accept(&link.token, "", "another long sentence", &"r".into()).await.unwrap();
    assert_eq!(world.accounts.people()[0].name, "Mara Lindqvist");
    assert!(world.cases.access.log_in(LOGIN, "another long sentence", "192.0.2.2").await.is_ok());

    assert_eq!(people.link_by_operator("nobody").await.unwrap(), None);
    let token = people.link_by_operator(" mara ").await.unwrap().unwrap();
    assert_eq!(people.invited(&token, &"r".into()).await.unwrap().login, LOGIN);
}

#[tokio::test]
async fn what_the_store_refuses_is_told_in_words() {
    let (world, _, admin) = administrator().await;
    let ann = PersonId("ann".into());
    let change = async |why: Refused| {
        *world.people.refuse.lock().unwrap() = Some(why);
        world.cases.people.change(&admin, &ann, 1, "Ann", &[], Vec::new()).await
    };
    let by = Some("Bob".to_owned());
    for (why, about) in [
        (Refused::Overtaken { by: by.clone(), at: NOW }, "Bob changed this person at 2026-09-21 14:13:20 UTC"),
        (Refused::LastOne, "Nobody who may edit people would be left"),
        (Refused::OwnRights, "Nobody gives rights to themselves"),
        (Refused::OwnLink, "Nobody makes a link for themselves"),
        (Refused::LoginTaken, "has this log-in name already"),
        (Refused::NoSuchPlace { row: 3 }, "Grant 3"),
        (Refused::State(PersonState::Deactivated), "deactivated"),
        (Refused::Answered { by, at: NOW }, "Bob answered this request"),
        (Refused::Absent, "not there any more"),
    ] {
        let said = what(change(why).await);
        assert!(said.contains(about), "{said}");
    }
    let gone = change(Refused::NoLonger).await;
    assert!(matches!(gone, Err(CaseError::NotAllowed { needs: "people.edit", .. })), "{gone:?}");
}

/// Deactivating and changing somebody tells the streams of this process at once; what they then show, or that they end,
/// comes of asking anew.
#[tokio::test]
async fn streams_of_who_is_changed_ask_at_once() {
    let (world, token, admin) = administrator().await;
    let people = &world.cases.people;
    let at_once = Duration::from_secs(1);
    let link = people.invite(&admin, "ann", "Ann", &["viewer".into()], vec![on("*")]).await.unwrap();
    let session = people.accept(&link.token, "Ann", PASSWORD, &"r".into()).await.unwrap();
    let open = async |token: &str| {
        let caller = world.cases.access.caller(token, None, "r".into()).await.unwrap().unwrap();
        let recheck = world.cases.access.recheck(token.to_owned(), None, "r".into());
        let mut frames = world.cases.overview.live(&caller, Arc::new(recheck)).await.unwrap();
        assert!(matches!(frames.next().await, Some(Frame::Data(_))));
        frames
    };
    let (mut anns, mut own) = (open(&session.token).await, open(&token).await);
    people.change(&admin, &link.person, 1, "Ann", &["auditor".into()], Vec::new()).await.unwrap();
    let over = timeout(at_once, anns.next()).await.expect("asks at once");
    assert_eq!(over, Some(Frame::Bye(Bye::NotAllowed)));
    assert!(matches!(timeout(at_once, own.next()).await.unwrap(), Some(Frame::Data(_))), "mine goes on");

    people.change(&admin, &link.person, 2, "Ann", &["viewer".into()], Vec::new()).await.unwrap();
    let mut anns = open(&session.token).await;
    people.deactivate(&admin, &link.person).await.unwrap();
    let over = timeout(at_once, anns.next()).await.expect("asks at once");
    assert_eq!(over, Some(Frame::Bye(Bye::SignedOut)));
    people.reactivate(&admin, &link.person).await.unwrap();
    assert!(world.cases.access.caller(&session.token, None, "r".into()).await.unwrap().is_none(), "it stays ended");
}

#[tokio::test]
async fn a_request_is_declined_with_a_word_and_administrators_see_how_many_wait() {
    let (world, _, admin) = administrator().await;
    let id = weir_domain::RequestId("0193-asked".into());
    let people = &world.cases.people;
    assert!(what(people.answer_request(&admin, &id, false, " ").await).contains("with a word"));
    assert!(what(people.answer_request(&admin, &id, false, &"x".repeat(301)).await).contains("too long"));
    people.answer_request(&admin, &id, false, "ask Bob").await.unwrap();
    people.answer_request(&admin, &id, true, "").await.unwrap();

    let asker = crate::world::caller(&[Role::Viewer], &[]);
    world.cases.access.ask(&asker, "support", "events.payload", "/events", "a reason").await.unwrap();
    assert_eq!(world.cases.access.me(&admin).await.unwrap().requests, 1);
    assert_eq!(world.cases.access.me(&asker).await.unwrap().requests, 0);
}
