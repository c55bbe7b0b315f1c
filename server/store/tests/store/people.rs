//! Acts on people: their guards hold whoever comes at the same time.

use crate::common::{World, environment, now, psql, view, wanted, world};
use weir_domain::{
    EnvironmentId, PersonId, SessionId, SourceId, Timestamp,
    access::{
        Accounts as _, Grant, NewPerson, Role, View,
        people::{
            By, Change, EndSessions, NewInvite, NewLink, OwnAccount as _, People as _, PersonShown, PersonState,
            Refused, Rights,
        },
    },
    capture::TapCatalog as _,
};

const HASH: &str = "$argon2id$x";

pub struct Office {
    pub w: World,
    pub view: View,
    pub ann: PersonId,
}

fn later(secs: i64) -> Timestamp {
    now().plus_secs(secs)
}

fn link(n: u8) -> NewLink {
    NewLink { token_hash: [n; 32], expires: later(72 * 3600) }
}

pub fn rights(roles: &[Role], grants: &[Grant]) -> Rights {
    Rights::new(roles.iter().map(|r| r.as_str()), grants.to_vec()).unwrap()
}

pub fn by(person: &PersonId) -> By<'_> {
    By { person, at: now() }
}

/// With Ann, the first administrator.
pub async fn office() -> Office {
    let w = world().await;
    w.store.put_setup_token(&[7; 32], later(900)).await.unwrap();
    let ann = NewPerson {
        login: "ann".into(),
        name: "Ann".into(),
        password_hash: HASH.into(),
        roles: Role::ALL.to_vec(),
        grants: vec![Grant::everything()],
    };
    let ann = w.store.create_first(&[7; 32], ann, now()).await.unwrap().unwrap();
    let view = view(&w.store).await;
    Office { w, view, ann }
}

fn fresh(n: u8) -> PersonId {
    PersonId(format!("0193e7a2-4c1b-7d52-a0f3-{n:012}"))
}

impl Office {
    /// Somebody who has come, by an invitation of Ann's.
    pub async fn hire(&self, login: &str, n: u8, roles: &[Role]) -> PersonId {
        let new = NewInvite {
            id: fresh(n),
            login: login.into(),
            name: login.to_uppercase(),
            rights: rights(roles, &[Grant::everything()]),
            link: link(n),
        };
        self.w.store.invite(&self.view, &new, by(&self.ann)).await.unwrap().unwrap();
        assert_eq!(self.w.store.accept(&[n; 32], None, HASH, now()).await.unwrap(), Some(new.id.clone()));
        new.id
    }

    pub async fn see(&self, id: &PersonId) -> PersonShown {
        self.w.store.one(&self.view, id, now()).await.unwrap().unwrap()
    }

    async fn change(&self, id: &PersonId, roles: &[Role], by_whom: &PersonId) -> Result<(), Refused> {
        let version = self.see(id).await.version;
        let change = Change { version, name: "X".into(), rights: rights(roles, &[]) };
        self.w.store.change(&self.view, id, &change, by(by_whom)).await.unwrap()
    }

    async fn session(&self, id: &PersonId, n: u8) {
        assert!(self.w.store.open_session(id, HASH, &[n; 32], now(), later(86_400)).await.unwrap());
    }

    async fn lives(&self, n: u8) -> bool {
        self.w.store.session(&[n; 32], now()).await.unwrap().is_some()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_comes_by_a_link_that_works_once() {
    let o = office().await;
    let (store, view) = (&o.w.store, &o.view);
    let grant = Grant { source: Some(o.w.source), channel_pattern: "order.*".into(), ..Grant::everything() };
    let new = NewInvite {
        id: fresh(1),
        login: "Bob".into(),
        name: "Bob".into(),
        rights: rights(&[Role::Support], std::slice::from_ref(&grant)),
        link: link(1),
    };
    store.invite(view, &new, by(&o.ann)).await.unwrap().unwrap();
    let bob = new.id.clone();
    let again = NewInvite { id: fresh(2), login: "bOB".into(), link: link(2), ..new.clone() };
    assert_eq!(store.invite(view, &again, by(&o.ann)).await.unwrap(), Err(Refused::LoginTaken));
    assert!(store.credentials("bob").await.unwrap().is_none(), "without a password like nobody");

    let seen = o.see(&bob).await;
    assert_eq!((seen.state, seen.roles.as_slice(), seen.grants_total), (PersonState::Invited, &[Role::Support][..], 1));
    assert_eq!((seen.grants[0].grant.clone(), seen.grants[0].source.as_deref()), (grant, Some("shop")));
    let shown = seen.link.unwrap();
    assert_eq!((shown.expires, shown.by.as_deref()), (link(1).expires, Some("Ann")));

    let told = store.invited(&[1; 32], now()).await.unwrap().unwrap();
    assert_eq!((told.login.as_str(), told.new, told.by.as_deref()), ("Bob", true, Some("Ann")));
    assert!(store.invited(&[1; 32], link(1).expires).await.unwrap().is_none(), "run out");
    assert!(store.accept(&[1; 32], None, HASH, link(1).expires).await.unwrap().is_none());
    // A new one in its place: the one before leads nowhere.
    assert_eq!(store.renew_link(view, &bob, &link(3), by(&o.ann)).await.unwrap(), Ok(()));
    assert!(store.invited(&[1; 32], now()).await.unwrap().is_none());
    let (a, b) = tokio::join!(
        store.accept(&[3; 32], Some("Robert"), HASH, now()),
        store.accept(&[3; 32], Some("Mallory"), "$argon2id$y", now())
    );
    assert_eq!([a.unwrap(), b.unwrap()].iter().flatten().count(), 1, "one of two");
    let seen = o.see(&bob).await;
    assert_eq!((seen.state, seen.link), (PersonState::Active, None));
    assert!(["Robert", "Mallory"].contains(&seen.name.as_str()), "{}", seen.name);
    assert!(store.accept(&[3; 32], None, HASH, now()).await.unwrap().is_none(), "used");
    assert_eq!(store.revoke_invite(view, &bob, by(&o.ann)).await.unwrap(), Err(Refused::State(PersonState::Active)));
}

#[tokio::test]
async fn an_invitation_is_taken_back_without_a_trace() {
    let o = office().await;
    let new =
        NewInvite { id: fresh(1), login: "bob".into(), name: "Bob".into(), rights: Rights::default(), link: link(1) };
    o.w.store.invite(&o.view, &new, by(&o.ann)).await.unwrap().unwrap();
    let bob = new.id.clone();
    let off = o.w.store.set_active(&o.view, &bob, false, by(&o.ann)).await.unwrap();
    assert_eq!(off, Err(Refused::State(PersonState::Invited)));
    assert_eq!(o.w.store.revoke_invite(&o.view, &bob, by(&o.ann)).await.unwrap(), Ok(()));
    assert!(o.w.store.accept(&[1; 32], None, HASH, now()).await.unwrap().is_none());
    assert!(o.w.store.one(&o.view, &bob, now()).await.unwrap().is_none());
    assert_eq!(o.w.store.revoke_invite(&o.view, &bob, by(&o.ann)).await.unwrap(), Err(Refused::Absent));
    assert_eq!(psql(&o.w.url, "select count(*) from person_link").await, "0");
}

#[tokio::test]
async fn a_change_holds_at_once_and_a_second_tab_is_told_who_was_first() {
    let o = office().await;
    let bob = o.hire("bob", 1, &[Role::Viewer]).await;
    o.session(&bob, 9).await;
    let version = o.see(&bob).await.version;
    let grant = Grant { environment: Some(EnvironmentId(1)), ..Grant::everything() };
    let change =
        Change { version, name: "Robert".into(), rights: rights(&[Role::Support], std::slice::from_ref(&grant)) };
    psql(&o.w.url, &format!("insert into person_role values ('{}', 'of_a_newer_weir')", bob.0)).await;
    let at = later(60);
    let act = By { person: &o.ann, at };
    assert_eq!(o.w.store.change(&o.view, &bob, &change, act).await.unwrap(), Ok(()));
    let session = o.w.store.session(&[9; 32], now()).await.unwrap().unwrap();
    assert_eq!((session.name.as_str(), session.roles, session.grants), ("Robert", vec![Role::Support], vec![grant]));
    let kept = "select count(*) from person_role where role = 'of_a_newer_weir'";
    assert_eq!(psql(&o.w.url, kept).await, "1", "what this program does not know stays");

    let stale = Change { name: "Bobby".into(), ..change };
    let overtaken = o.w.store.change(&o.view, &bob, &stale, by(&o.ann)).await.unwrap();
    assert_eq!(overtaken, Err(Refused::Overtaken { by: Some("Ann".into()), at }));
    assert_eq!(o.see(&bob).await.name, "Robert");
    let nobody = PersonId("no-uuid".into());
    assert_eq!(o.w.store.change(&o.view, &nobody, &stale, by(&o.ann)).await.unwrap(), Err(Refused::Absent));
}

#[tokio::test]
async fn grants_name_places_that_are_there_and_belong_together() {
    let o = office().await;
    let put = [wanted("shop", "production"), wanted("trial", "staging")];
    let environments = [environment("production", true), environment("staging", false)];
    let sources = o.w.store.put_sources(&environments, &put).await.unwrap();
    let (shop, trial) = (sources[0].1, sources[1].1);
    let places = o.w.store.places(&o.view).await.unwrap();
    assert_eq!(places.environments.len(), 2);
    assert_eq!(places.sources.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["shop", "trial"]);
    let staging = places.sources[1].environment;
    let bob = o.hire("bob", 1, &[]).await;
    for (environment, source, fits) in [
        (None, None, true),
        (Some(staging), Some(trial), true),
        (None, Some(shop), true),
        (Some(staging), Some(shop), false),
        (Some(EnvironmentId(99)), None, false),
        (None, Some(SourceId(99)), false),
    ] {
        let first = Grant { channel_pattern: "first".into(), ..Grant::everything() };
        let grants = [first, Grant { environment, source, channel_pattern: "*".into() }];
        let change = Change { version: o.see(&bob).await.version, name: "B".into(), rights: rights(&[], &grants) };
        let done = o.w.store.change(&o.view, &bob, &change, by(&o.ann)).await.unwrap();
        let want = if fits { Ok(()) } else { Err(Refused::NoSuchPlace { row: 2 }) };
        assert_eq!(done, want, "{environment:?} {source:?}");
    }
    assert_eq!(o.see(&bob).await.grants_total, 2, "what was refused changed nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_may_edit_people_is_always_left() {
    let o = office().await;
    let (store, view) = (&o.w.store, &o.view);
    assert_eq!(o.change(&o.ann, &[Role::Viewer], &o.ann).await, Err(Refused::LastOne));
    assert_eq!(store.set_active(view, &o.ann, false, by(&o.ann)).await.unwrap(), Err(Refused::LastOne));
    // Who was invited and has not come could not act.
    let new = NewInvite {
        id: fresh(8),
        login: "cy".into(),
        name: "Cy".into(),
        rights: rights(&[Role::Admin], &[]),
        link: link(8),
    };
    store.invite(view, &new, by(&o.ann)).await.unwrap().unwrap();
    assert_eq!(o.change(&o.ann, &[Role::Viewer], &o.ann).await, Err(Refused::LastOne));
    let bob = o.hire("bob", 1, &[Role::Admin]).await;
    store.renew_link(view, &bob, &link(2), by(&o.ann)).await.unwrap().unwrap();
    assert_eq!(o.change(&o.ann, &[Role::Viewer], &o.ann).await, Err(Refused::LastOne), "a password is awaited");
    assert_eq!(store.accept(&[2; 32], None, HASH, now()).await.unwrap(), Some(bob.clone()));
    assert_eq!(o.change(&o.ann, &[Role::Viewer], &o.ann).await, Ok(()));
    assert_eq!(store.set_active(view, &bob, false, by(&bob)).await.unwrap(), Err(Refused::LastOne));
    assert_eq!(o.see(&bob).await.state, PersonState::Active);
}

/// Two administrators go for each other, and for themselves, at the same moment.
#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_can_not_leave_nobody() {
    let o = office().await;
    let (store, view) = (&o.w.store, &o.view);
    for round in 0..20_u8 {
        let bob = o.hire(&format!("bob{round}"), round + 10, &[Role::Admin]).await;
        let done = match round % 3 {
            0 => {
                let (a, b) = (by(&o.ann), by(&bob));
                let (a, b) =
                    tokio::join!(store.set_active(view, &o.ann, false, a), store.set_active(view, &bob, false, b));
                [a.unwrap(), b.unwrap()]
            }
            1 => {
                let (a, b) = (by(&o.ann), by(&bob));
                let (a, b) =
                    tokio::join!(store.set_active(view, &bob, false, a), store.set_active(view, &o.ann, false, b));
                [a.unwrap(), b.unwrap()]
            }
            _ => {
                let (a, b) = tokio::join!(o.change(&o.ann, &[], &o.ann), o.change(&bob, &[], &bob));
                [a, b]
            }
        };
        assert_eq!(done.iter().filter(|d| d.is_ok()).count(), 1, "round {round}: {done:?}");
        let refused = done.iter().find_map(|d| d.as_ref().err()).unwrap();
        assert!(matches!(refused, Refused::LastOne | Refused::NoLonger), "round {round}: {refused:?}");
        let left = "select count(*) from person p join person_role r on r.person_id = p.id where p.active and r.role = 'admin'";
        assert_eq!(psql(&o.w.url, left).await, "1", "round {round}");
        // As it was, for the next round.
        let again = format!(
            "update person set active = login = 'ann'; delete from person_role where person_id <> '{0}';
             insert into person_role values ('{0}', 'admin') on conflict do nothing",
            o.ann.0
        );
        psql(&o.w.url, &again).await;
    }
}

/// Whoever lost the right while their request was under way does nothing with it any more.
#[tokio::test]
async fn the_right_to_act_is_asked_in_the_act() {
    let o = office().await;
    let (store, view) = (&o.w.store, &o.view);
    let bob = o.hire("bob", 1, &[Role::Admin]).await;
    // Bob's request was let in as an administrator's; meanwhile Ann made him a viewer.
    o.change(&bob, &[Role::Viewer], &o.ann).await.unwrap();
    assert_eq!(o.change(&bob, &[Role::Admin], &bob).await, Err(Refused::NoLonger));
    let new = NewInvite {
        id: fresh(2),
        login: "eve".into(),
        name: "Eve".into(),
        rights: rights(&[Role::Admin], &[]),
        link: link(2),
    };
    assert_eq!(store.invite(view, &new, by(&bob)).await.unwrap(), Err(Refused::NoLonger));
    assert_eq!(store.renew_link(view, &o.ann, &link(3), by(&bob)).await.unwrap(), Err(Refused::NoLonger));
    assert_eq!(store.set_active(view, &o.ann, false, by(&bob)).await.unwrap(), Err(Refused::NoLonger));
    let nobody = PersonId("no-uuid".into());
    assert_eq!(store.set_active(view, &o.ann, false, by(&nobody)).await.unwrap(), Err(Refused::NoLonger));
}

#[tokio::test]
async fn nobody_gives_rights_to_themselves() {
    let o = office().await;
    let (store, view) = (&o.w.store, &o.view);
    let bob = o.hire("bob", 1, &[Role::Admin]).await;
    assert_eq!(o.change(&bob, &[Role::Admin, Role::Support], &bob).await, Err(Refused::OwnRights));
    let wider = Change {
        version: o.see(&bob).await.version,
        name: "B".into(),
        rights: rights(&[Role::Admin], &[Grant { channel_pattern: "more.*".into(), ..Grant::everything() }]),
    };
    assert_eq!(store.change(view, &bob, &wider, by(&bob)).await.unwrap(), Err(Refused::OwnRights));
    assert_eq!(store.renew_link(view, &bob, &link(2), by(&bob)).await.unwrap(), Err(Refused::OwnLink));
    assert_eq!(o.change(&bob, &[Role::Admin], &bob).await, Ok(()), "less is one's own affair");
    assert_eq!(o.see(&bob).await.grants_total, 0);
}

#[tokio::test]
async fn deactivating_ends_sessions_for_good_and_a_reset_takes_the_password() {
    let o = office().await;
    let (store, view) = (&o.w.store, &o.view);
    let bob = o.hire("bob", 1, &[Role::Viewer]).await;
    o.session(&bob, 20).await;
    o.session(&o.ann, 21).await;
    assert_eq!(o.see(&bob).await.sessions, 1);
    store.set_active(view, &bob, false, by(&o.ann)).await.unwrap().unwrap();
    assert!(!o.lives(20).await && o.lives(21).await);
    assert!(
        !store.open_session(&bob, HASH, &[22; 32], now(), later(60)).await.unwrap(),
        "a log-in under way comes to nothing"
    );
    let off = Err(Refused::State(PersonState::Deactivated));
    assert_eq!(store.set_active(view, &bob, false, by(&o.ann)).await.unwrap(), off);
    assert_eq!(store.renew_link(view, &bob, &link(2), by(&o.ann)).await.unwrap(), off);
    store.set_active(view, &bob, true, by(&o.ann)).await.unwrap().unwrap();
    assert!(!o.lives(20).await, "what ended stays ended");
    assert_eq!(o.see(&bob).await.roles, [Role::Viewer], "rights were kept");

    o.session(&bob, 23).await;
    store.renew_link(view, &bob, &link(3), by(&o.ann)).await.unwrap().unwrap();
    assert!(!o.lives(23).await);
    assert!(store.credentials("bob").await.unwrap().is_none());
    assert!(!store.open_session(&bob, HASH, &[24; 32], now(), later(60)).await.unwrap());
    assert_eq!(o.see(&bob).await.state, PersonState::Resetting);
    let told = store.invited(&[3; 32], now()).await.unwrap().unwrap();
    assert!(!told.new);
    // Deactivated meanwhile: the link is void.
    store.set_active(view, &bob, false, by(&o.ann)).await.unwrap().unwrap();
    assert!(store.accept(&[3; 32], None, HASH, now()).await.unwrap().is_none());

    assert!(!store.link_by_operator("bob", &link(4), now()).await.unwrap(), "deactivated");
    assert!(!store.link_by_operator("nobody", &link(4), now()).await.unwrap());
    assert!(store.link_by_operator("ANN", &link(4), now()).await.unwrap(), "the only administrator too");
    assert!(!o.lives(21).await);
    assert_eq!(store.accept(&[4; 32], None, "$argon2id$new", now()).await.unwrap(), Some(o.ann.clone()));
}

#[tokio::test]
async fn ones_own_password_name_and_sessions() {
    let o = office().await;
    let (store, view) = (&o.w.store, &o.view);
    for n in 1..=3 {
        o.session(&o.ann, n).await;
    }
    let bob = o.hire("bob", 40, &[]).await;
    o.session(&bob, 9).await;
    let present = store.session(&[1; 32], now()).await.unwrap().unwrap().session;
    let own = store.sessions(view, &o.ann, Some(present), now()).await.unwrap();
    assert_eq!((own.len(), own.iter().filter(|s| s.present).count()), (3, 1));
    let bobs = store.session(&[9; 32], now()).await.unwrap().unwrap().session;
    let end = async |which| store.end_sessions(view, &o.ann, which, now()).await.unwrap();
    assert_eq!(end(EndSessions::One(bobs)).await, 0, "nobody ends another's");
    assert_eq!(end(EndSessions::One(own[0].id)).await, 1);
    assert_eq!(end(EndSessions::One(SessionId(i64::MAX))).await, 0);
    assert_eq!(end(EndSessions::AllBut(present)).await, 1);
    assert!(o.lives(1).await && o.lives(9).await && !o.lives(2).await && !o.lives(3).await);

    o.session(&o.ann, 5).await;
    assert_eq!(store.password_hash(view, &o.ann).await.unwrap().as_deref(), Some(HASH));
    assert!(!store.set_password(view, &o.ann, "$argon2id$old", "$new", present, now()).await.unwrap());
    assert!(store.set_password(view, &o.ann, HASH, "$new", present, now()).await.unwrap());
    assert!(o.lives(1).await && !o.lives(5).await);
    let version = o.see(&o.ann).await.version;
    store.rename(view, &o.ann, "Ann Lee", later(5)).await.unwrap();
    store.rename(view, &o.ann, "Ann Lee", later(6)).await.unwrap();
    let seen = o.see(&o.ann).await;
    assert_eq!((seen.name.as_str(), seen.version), ("Ann Lee", version + 1));
    assert_eq!(seen.changed.unwrap().by.as_deref(), Some("Ann Lee"));
}

#[tokio::test]
async fn people_are_found_by_a_part_of_their_names() {
    let o = office().await;
    let bob = o.hire("bob.miller", 1, &[Role::Viewer]).await;
    o.hire("cy", 2, &[]).await;
    let many = Change {
        version: o.see(&bob).await.version,
        name: "Bob 100% Miller".into(),
        rights: rights(
            &[],
            &(0..50).map(|n| Grant { channel_pattern: format!("c{n}"), ..Grant::everything() }).collect::<Vec<_>>(),
        ),
    };
    o.w.store.change(&o.view, &bob, &many, by(&o.ann)).await.unwrap().unwrap();
    let find = async |text: &str, limit| o.w.store.list(&o.view, text, limit, now()).await.unwrap();
    let all = find("", 10).await;
    assert_eq!((all.people.len(), all.total, all.everybody), (3, 3, 3));
    assert_eq!((find("", 1).await.people.len(), find("", 1).await.total), (1, 3));
    for text in ["MILL", "100%", "b.m"] {
        let found = find(text, 10).await;
        assert_eq!((found.people.len(), found.everybody), (1, 3), "{text}");
        assert!(found.people[0].grants.len() < 10 && found.people[0].grants_total == 50);
    }
    assert!(find("_", 10).await.people.is_empty(), "no pattern, just text");
    assert!(find("\0", 10).await.people.is_empty());
    assert_eq!(o.see(&bob).await.grants.len(), 50);
    // Seen is noted, once a minute.
    o.session(&bob, 9).await;
    o.w.store.session(&[9; 32], later(61)).await.unwrap().unwrap();
    assert_eq!(o.see(&bob).await.last_seen, Some(later(61)));
}
