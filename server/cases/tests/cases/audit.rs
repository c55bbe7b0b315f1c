//! What each use case leaves in the audit log.

use crate::{
    calls::{Same, call},
    fakes::key_hash,
    world::{LOGIN, PASSWORD, SHOP, World, anybody, caller, event, event_id},
};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::sleep;
use weir_cases::tokens::Asked;
use weir_domain::{
    CaseError, PersonId, RequestId, SessionId, SourceId,
    access::{Access, Audit, Caller, Grant, Origin, Role, USE_CASES, Via, people::Refused},
    audit::{Field, NewEntry, Outcome, Value},
    events::{EventFilter, TimeRange},
};

/// Of the calls that [`call`] makes of a use case, by somebody who may everything: how each was told, in order.
fn promised(name: &str, audit: Audit) -> Vec<Outcome> {
    let times = |n| vec![Outcome::Allowed; n];
    match (name, audit) {
        // Signs in first.
        ("access/log_out", _) => times(2),
        // Somebody exists.
        ("access/set_up", _) => vec![Outcome::Refused],
        // One for each channel, one for each source.
        ("events/detail" | "events/missing" | "events/payload" | "events/around" | "events/live", Audit::View) => {
            times(4)
        }
        ("capture/set", Audit::Act) => times(4),
        (
            "sources/pause" | "sources/resume" | "sources/edit" | "sources/policy" | "sources/remove" | "verify/run",
            Audit::Act,
        ) => times(3),
        // One in each environment.
        ("sources/add", Audit::Act) => times(2),
        // One for each channel.
        ("backfill/start" | "backfill/pause" | "backfill/stop", Audit::Act) => times(4),
        // One for each group; one for each channel of each.
        ("lag/settings" | "lag/archive" | "lag/delete", Audit::Act) => times(5),
        // By the name of the source and by its id.
        // The second is like the first.
        ("lag/report", Audit::Act) => times(1),
        ("lag/reset" | "lag/undo", Audit::Act) | ("lag/hot_key", Audit::View) => times(6),
        ("backfill/fill_content" | "backfill/pause_content" | "backfill/stop_content", Audit::Act) => times(4),
        // One to be made, and each that is there.
        ("sources/examine" | "sources/preview", Audit::Act) => times(4),
        // The one text of them that is a key.
        ("catalog/complete", Audit::Quiet) => times(1),
        // By ids and by names.
        ("events/list" | "events/breakdown", Audit::View) => times(2),
        // With columns of payloads and without.
        ("events/table", Audit::View) => times(2),
        // One for each channel.
        ("events/gone" | "events/links", Audit::View) => times(4),
        ("events/from_broker", Audit::Batched) => [Outcome::Began, Outcome::Ended].repeat(4),
        // Somebody, and that there is nobody.
        ("people/detail", Audit::View) => times(2),
        // The first guess, and the count of those that followed.
        ("people/accept", _) => vec![Outcome::Refused; 2],
        // The new one is too short; see `what_one_does_with_ones_own_account_is_told`.
        ("access/password", _) => vec![],
        ("audit/detail", Audit::View) => times(4),
        // One for each channel's alert.
        ("monitors/acknowledge" | "monitors/snooze", Audit::Act) => times(4),
        (_, Audit::Act | Audit::View) => times(1),
        (_, Audit::Batched) => vec![Outcome::Began, Outcome::Ended],
        (_, Audit::Quiet) => vec![],
    }
}

/// What a port is asked to do.
const ACTS: [&str; 11] = [
    "report",
    "pause",
    "resume",
    "set_policy",
    "say",
    "archive",
    "begin_reset",
    "end_reset",
    "move_positions",
    "delete",
    "forgotten",
];

/// So that there is a role to ask for.
fn all_but_one_role() -> Caller {
    let roles: Vec<_> = Role::ALL.iter().copied().filter(|r| *r != Role::Approver).collect();
    caller(&roles, &[Grant::everything()])
}

#[tokio::test]
async fn every_use_case_leaves_what_it_promises() {
    let (world, token) = World::signed_in().await;
    let who = |e: &NewEntry| (e.who.login.clone(), e.who.via.clone(), e.who.request_id.clone());
    for case in USE_CASES {
        world.audit.take();
        let mut caller = all_but_one_role();
        caller.origin = Origin { request_id: "req-1".into(), remote: "192.0.2.7".into() };
        call(case.name, &world, &caller, &token).await.unwrap();
        world.cases.auditor.settle().await;
        let entries = world.audit.take();
        // A token that is made is revoked again.
        let others = |e: &&NewEntry| case.name != "tokens/create" || e.use_case != "tokens/revoke";
        let outcomes: Vec<_> = entries.iter().filter(others).map(|e| e.outcome).collect();
        assert_eq!(outcomes, promised(case.name, case.audit), "{}", case.name);
        let at_the_door = ["access/log_in", "access/log_out", "access/set_up", "people/accept"];
        for entry in entries.iter().filter(others).filter(|e| !at_the_door.contains(&e.use_case)) {
            assert_eq!(entry.use_case, case.name);
            assert_eq!(who(entry), (Some(LOGIN.into()), Some(Via::Session), "req-1".into()), "{}", case.name);
            assert_eq!(entry.who.remote, "192.0.2.7", "{}", case.name);
        }
    }
}

#[tokio::test]
async fn every_refusal_leaves_one_entry_of_its_own() {
    let (world, token) = World::signed_in().await;
    let nobody = caller(&[], &[Grant::everything()]);
    for case in USE_CASES {
        let Access::Needs(permission) = case.access else { continue };
        world.audit.take();
        assert!(matches!(call(case.name, &world, &nobody, &token).await, Err(CaseError::NotAllowed { .. })));
        let entries = world.audit.take();
        let told: Vec<_> = entries.iter().map(|e| (e.use_case, e.outcome, e.reason)).collect();
        assert_eq!(told, [(case.name, Outcome::Refused, Some(permission.as_str()))]);
    }
    // What only shows itself later is refused in the log all the same.
    let viewer = caller(&[Role::Viewer], &[Grant::everything()]);
    let by_key = EventFilter { key: Some("key-100".into()), ..EventFilter::default() };
    let part = caller(&[Role::Operator], &[Grant { channel_pattern: "orders.*".into(), ..Grant::everything() }]);
    world.cases.events.list(&viewer, by_key.clone(), None, 9).await.unwrap_err();
    assert!(world.cases.events.tail(&viewer, by_key, None, Arc::new(Same(viewer.clone()))).await.is_err());
    world.cases.catalog.complete(&viewer, "key:key-100").await.unwrap_err();
    world.cases.sources.pause(&part, SHOP).await.unwrap_err();
    let refused = |name| (name, Outcome::Refused);
    let want = ["events/list", "events/tail", "catalog/complete", "sources/pause"].map(refused);
    assert_eq!(world.audit.taken(), want);
}

#[tokio::test]
async fn what_has_no_entry_does_not_happen_and_is_not_shown() {
    let (world, token) = World::signed_in().await;
    let people = world.accounts.people();
    world.audit.away.store(true, Ordering::SeqCst);
    // What these call is refused before there is anything to write; see below.
    let refused = ["access/set_up", "access/password", "people/accept"];
    for case in USE_CASES.iter().filter(|c| c.audit != Audit::Quiet && !refused.contains(&c.name)) {
        drop((
            world.ports.take_asked(),
            world.people.take_acted(),
            world.searches.take_acted(),
            world.links.take_acted(),
            world.erasures.take_acted(),
            world.monitors.take_acted(),
        ));
        let tokens = world.accounts.tokens_made();
        let answer = call(case.name, &world, &all_but_one_role(), &token).await;
        assert!(matches!(answer, Err(CaseError::Unavailable(_))), "{}: {answer:?}", case.name);
        let acted = world.ports.take_asked().iter().any(|a| ACTS.contains(&a.what));
        let reported = world.ports.reported.load(Ordering::SeqCst);
        let searches = world.searches.take_acted()
            + world.links.take_acted()
            + world.erasures.take_acted()
            + world.monitors.take_acted();
        let done = (acted, world.people.take_acted(), reported, searches);
        assert_eq!(done, (false, 0, 0, 0), "{} was done", case.name);
        let given = if case.name == "tokens/revoke" { 1 } else { 0 };
        assert_eq!(world.accounts.tokens_made(), tokens + given, "{} was done", case.name);
    }
    assert_eq!(world.accounts.living_tokens(), 1, "the one was not revoked");
    let mine = Caller { session: Some(SessionId(1)), ..anybody() };
    let changed = world.cases.access.password(&mine, PASSWORD, "another long sentence", "192.0.2.1").await;
    assert!(matches!(changed, Err(CaseError::Unavailable(_))), "{changed:?}");
    assert_eq!(world.people.take_acted(), 0);
    assert_eq!(people, world.accounts.people());
    assert_eq!(world.accounts.session_digests().len(), 1, "nobody was signed in");
    let log_out = world.cases.access.log_out(&token, "r".into()).await;
    assert!(matches!(log_out, Err(CaseError::Unavailable(_))), "{log_out:?}");
    assert_eq!(world.accounts.session_digests().len(), 1, "nor out");
    // A refusal needs no entry to stand.
    let refused = world.cases.sources.pause(&caller(&[Role::Viewer], &[Grant::everything()]), SHOP).await;
    assert!(matches!(refused, Err(CaseError::NotAllowed { .. })), "{refused:?}");
    // Nor does anybody come by a link.
    world.audit.away.store(false, Ordering::SeqCst);
    let link = world.cases.people.invite(&anybody(), "ann", "Ann", &["viewer".into()], Vec::new()).await.unwrap();
    world.audit.away.store(true, Ordering::SeqCst);
    world.people.take_acted();
    let accepted = world.cases.people.accept(&link.token, "Ann", PASSWORD, &"r".into()).await;
    assert!(matches!(accepted, Err(CaseError::Unavailable(_))), "{accepted:?}");
    let by_operator = world.cases.people.link_by_operator(LOGIN).await;
    assert!(matches!(by_operator, Err(CaseError::Unavailable(_))), "{by_operator:?}");
    assert_eq!((world.people.take_acted(), world.people.link_digests().len()), (0, 1));
    // Nor does the first administrator come into being.
    let world = World::new();
    let setup = world.cases.access.new_setup_token().await.unwrap().unwrap();
    world.audit.away.store(true, Ordering::SeqCst);
    let set_up = world.cases.access.set_up(&setup, LOGIN, "Mara", PASSWORD, &"r".into()).await;
    assert!(matches!(set_up, Err(CaseError::Unavailable(_))), "{set_up:?}");
    assert!(world.accounts.people().is_empty());
}

#[tokio::test]
async fn an_act_tells_before_and_after_and_whether_it_came_to_be() {
    let world = World::new();
    world.cases.sources.pause(&anybody(), SHOP).await.unwrap();
    let paused = world.audit.take().remove(0);
    let standing = [&paused.about.before, &paused.about.after].map(|facts| facts.get(Field::Paused).cloned());
    assert_eq!(standing, [false, true].map(|b| Some(Value::Flag(b))));
    let object = paused.about.object.unwrap();
    assert_eq!(
        (object.kind.as_str(), object.id.as_str(), object.name.as_deref()),
        ("source", "10", Some("shop-kafka"))
    );
    assert!(!world.cases.sources.pause(&anybody(), SourceId(99)).await.unwrap());
    assert!(world.audit.take().is_empty(), "there is nothing to act on");

    world.ports.sealed.store(true, Ordering::SeqCst);
    world.cases.sources.resume(&anybody(), SHOP).await.unwrap_err();
    let told: Vec<_> = world.audit.take().into_iter().map(|e| (e.outcome, e.reason)).collect();
    assert_eq!(told, [(Outcome::Allowed, None), (Outcome::Failed, Some("the database was away"))]);
}

/// Who did it, to whom, and the facts before and after as `name: value`.
fn change(entry: &NewEntry) -> (&'static str, Outcome, Option<String>, String, String) {
    let facts = |facts: &weir_domain::audit::Facts| {
        let all = facts.iter().map(|(name, value)| format!("{name}: {}", serde_json::to_string(value).unwrap()));
        all.collect::<Vec<_>>().join(", ")
    };
    let name = entry.about.object.as_ref().and_then(|o| o.name.clone());
    (entry.use_case, entry.outcome, name, facts(&entry.about.before), facts(&entry.about.after))
}

#[tokio::test]
async fn changes_of_people_tell_rights_before_and_after_and_no_link() {
    let (world, _) = World::signed_in().await;
    let (people, admin) = (&world.cases.people, anybody());
    world.audit.take();
    let on = |pattern: &str| Grant { channel_pattern: pattern.into(), source: Some(SHOP), ..Grant::everything() };
    let link = people.invite(&admin, "ann", "Ann", &["viewer".into()], vec![on("order.*")]).await.unwrap();
    let ann = &link.person;
    let session = people.accept(&link.token, "Ann Lee", PASSWORD, &"r".into()).await.unwrap();
    people.change(&admin, ann, 1, "Ann Lee", &["support".into(), "auditor".into()], vec![on("*")]).await.unwrap();
    people.deactivate(&admin, ann).await.unwrap();
    people.reactivate(&admin, ann).await.unwrap();
    let again = people.reset(&admin, ann).await.unwrap();
    people.revoke_invite(&admin, ann).await.unwrap();
    *world.people.refuse.lock().unwrap() = Some(Refused::LastOne);
    people.deactivate(&admin, ann).await.unwrap_err();
    people.deactivate(&admin, &PersonId("nobody".into())).await.unwrap_err();
    let entries = world.audit.take();
    let told: Vec<_> = entries.iter().map(change).collect();
    let (allowed, ann) = (Outcome::Allowed, || Some("ann".to_owned()));
    let want = [
        (
            "people/invite",
            allowed,
            "",
            r#"expires: "2026-09-24T14:13:20.000000Z", grants: ["order.* of shop-kafka"], login: "ann", name: "Ann", roles: ["viewer"]"#,
        ),
        ("people/accept", allowed, r#"name: "Ann""#, r#"name: "Ann Lee", password: "(replaced)""#),
        (
            "people/change",
            allowed,
            r#"grants: ["order.*"], name: "Ann Lee", roles: ["viewer"]"#,
            r#"grants: ["* of shop-kafka"], name: "Ann Lee", roles: ["support","auditor"]"#,
        ),
        ("people/deactivate", allowed, "active: true", "active: false"),
        ("people/reactivate", allowed, "active: false", "active: true"),
        ("people/reset", allowed, "", r#"expires: "2026-09-24T14:13:20.000000Z", password: "(replaced)""#),
        (
            "people/revoke_invite",
            allowed,
            r#"grants: ["order.*"], login: "ann", name: "Ann Lee", roles: ["support","auditor"]"#,
            "",
        ),
        ("people/deactivate", allowed, "active: true", "active: false"),
        ("people/deactivate", Outcome::Failed, "active: true", "active: false"),
    ];
    for (told, (name, outcome, before, after)) in told.iter().zip(&want) {
        assert_eq!(told, &(*name, *outcome, ann(), (*before).to_owned(), (*after).to_owned()));
    }
    assert_eq!(told.len(), want.len(), "who is nobody was not acted on");
    assert_eq!(entries.last().unwrap().reason, Some("in conflict with another change"));
    // Before anybody is signed in, the link tells who it is.
    assert_eq!((entries[1].who.login.as_deref(), &entries[1].who.via), (Some("ann"), &None));
    let text = format!("{entries:?}");
    for secret in [&link.token, &again.token, &session.token, &PASSWORD.to_owned()] {
        assert!(!text.contains(secret.as_str()));
    }

    assert!(people.link_by_operator(LOGIN).await.unwrap().is_some());
    assert!(people.link_by_operator("nobody").await.unwrap().is_none());
    let entries = world.audit.take();
    let told: Vec<_> = entries.iter().map(|e| (e.use_case, e.outcome, e.who.via.clone())).collect();
    let by = |outcome| ("people/reset", outcome, Some(Via::CommandLine));
    assert_eq!(told, [allowed, allowed, Outcome::Failed].map(by));
}

#[tokio::test]
async fn an_answer_to_a_request_tells_whose_role_it_changes() {
    let (world, _) = World::signed_in().await;
    let viewer = caller(&[Role::Viewer], &[Grant::everything()]);
    world.audit.take();
    world.cases.access.ask(&viewer, "support", "events.payload", "/events", "order ord-4711 hangs").await.unwrap();
    let id = RequestId("0193-asked".into());
    world.cases.people.answer_request(&anybody(), &id, true, "").await.unwrap();
    world.cases.people.answer_request(&anybody(), &id, false, "Ask Bob about ord-4711").await.unwrap();
    world.cases.people.answer_request(&anybody(), &RequestId("gone".into()), true, "").await.unwrap();
    let entries = world.audit.take();
    let told: Vec<_> = entries.iter().map(change).collect();
    let all = Role::ALL.iter().map(|r| format!("{:?}", r.as_str())).collect::<Vec<_>>().join(",");
    let (allowed, mara) = (Outcome::Allowed, Some(LOGIN.to_owned()));
    let asked = r#"asked: "support""#;
    assert_eq!(told[0], ("access/ask", allowed, mara.clone(), String::new(), asked.to_owned()));
    let want = ("people/answer_request", allowed, mara.clone());
    assert_eq!((told[1].0, told[1].1, told[1].2.clone()), want);
    assert_eq!(told[1].4, format!(r#"{asked}, granted: true, roles: [{all}]"#));
    assert_eq!(told[2].4, format!("{asked}, granted: false"));
    assert_eq!((&told[3].2, told[3].4.as_str()), (&None, "granted: true"));
    assert!(!format!("{entries:?}").contains("4711"), "what people write to one another stays between them");
}

#[tokio::test]
async fn what_one_does_with_ones_own_account_is_told() {
    let (world, token) = World::signed_in().await;
    let access = &world.cases.access;
    let me = access.caller(&token, None, "r".into()).await.unwrap().unwrap();
    world.audit.take();
    access.rename(&me, "Mara L.").await.unwrap();
    access.password(&me, "not the present one", "another long sentence", "192.0.2.1").await.unwrap_err();
    access.password(&me, PASSWORD, "another long sentence", "192.0.2.1").await.unwrap();
    access.end_session(&me, None).await.unwrap();
    let asked = Asked { name: "report".into(), days: 2, roles: vec![Role::Viewer] };
    let made = world.cases.tokens.create(&me, asked.clone()).await.unwrap();
    world.cases.tokens.create(&me, asked).await.unwrap_err();
    let program = world.cases.tokens.caller(&made.text, None, "r".into(), "events/list").await.unwrap().unwrap();
    world.cases.events.detail(&program, event_id(100, 1)).await.unwrap();
    world.cases.access.rename(&program, "Eve").await.unwrap_err();
    assert!(world.cases.tokens.revoke(&me, &made.id).await.unwrap());
    let gone = world.cases.tokens.caller(&made.text, None, "r".into(), "events/list").await.unwrap();
    assert!(gone.is_none());
    let entries = world.audit.take();
    let told: Vec<_> = entries.iter().map(change).collect();
    let (allowed, mara) = (Outcome::Allowed, || Some(LOGIN.to_owned()));
    let told: Vec<_> = told.iter().map(|(a, b, c, d, e)| (*a, *b, c.clone(), d.as_str(), e.as_str())).collect();
    let token = r#"expires: "2026-09-23T14:13:20.000000Z", roles: ["viewer"]"#;
    let report = || Some("report".to_owned());
    assert_eq!(
        told,
        [
            ("access/rename", allowed, mara(), r#"name: "Mara Lindqvist""#, r#"name: "Mara L.""#),
            ("access/password", Outcome::Refused, mara(), "", ""),
            ("access/password", allowed, mara(), "", r#"password: "(replaced)""#),
            ("access/end_session", allowed, mara(), "", r#"sessions: "all others ended""#),
            ("tokens/create", allowed, report(), "", token),
            ("tokens/create", allowed, report(), "", token),
            ("tokens/create", Outcome::Failed, report(), "", token),
            ("events/detail", allowed, Some("orders.placed".into()), "", ""),
            ("access/rename", Outcome::Refused, None, "", ""),
            ("tokens/revoke", allowed, report(), "", ""),
            ("events/list", Outcome::Refused, None, "", ""),
        ]
    );
    // The token is known by the id that the entry of its making has.
    let id = entries[4].about.object.as_ref().unwrap().id.clone();
    assert_eq!(id, made.id.0);
    for entry in &entries[7..9] {
        assert_eq!(entry.who.via, Some(Via::Token(id.clone())), "{entry:?}");
    }
    assert_eq!(entries[8].reason, Some("only for a signed-in person"));
    assert_eq!((entries[10].reason, &entries[10].who.person), (Some("the token is not valid"), &None));
    let text = format!("{entries:?}");
    assert!(!text.contains(&made.text) && !text.contains(PASSWORD) && !text.contains("another long sentence"));
}

#[tokio::test]
async fn a_view_tells_whose_keys_it_showed_and_which_parts() {
    let world = World::new();
    let hash = |n: i64| key_hash(format!("key-{n}").as_bytes());
    let support = caller(&[Role::Support], &[Grant { channel_pattern: "orders.*".into(), ..Grant::everything() }]);
    world.cases.events.detail(&support, event_id(100, 1)).await.unwrap();
    world.cases.events.detail(&support, event_id(101, 1)).await.unwrap();
    world.cases.events.payload(&support, event_id(100, 1)).await.unwrap();
    let by_key = EventFilter {
        key: Some("no such key".into()),
        range: TimeRange { from: Some(crate::world::NOW), to: None },
        ..EventFilter::default()
    };
    world.ports.data.lock().unwrap().events.push(event(100, SHOP, 2));
    world.cases.events.list(&support, by_key, None, 10).await.unwrap();
    let mut entries = world.audit.take();
    let (list, payload) = (entries.pop().unwrap(), entries.pop().unwrap());
    let (hidden, detail) = (entries.pop().unwrap(), entries.pop().unwrap());

    let object = detail.about.object.unwrap();
    assert_eq!((object.kind.as_str(), object.id.as_str(), object.channel.map(|c| c.0)), ("event", "100-1", Some(100)));
    let parts: Value = ["key", "headers", "payload"].into_iter().collect();
    assert_eq!((detail.about.shape.get(Field::Parts), &*detail.about.keys), (Some(&parts), &[hash(100)][..]));
    let object = hidden.about.object.unwrap();
    assert_eq!((object.id.as_str(), object.name, object.channel), ("101-1", None, None), "it may not even be named");
    assert_eq!((hidden.about.count, hidden.about.keys.len()), (Some(0), 0));
    assert_eq!((payload.about.count, &*payload.about.keys), (Some(24), &[hash(100)][..]));
    // The fake finds everything, whatever is asked; the hidden one is not shown. The same key twice is one.
    let mut shown = vec![hash(100), hash(110), hash(200), key_hash(b"no such key")];
    shown.sort_unstable();
    assert_eq!((list.about.count, list.about.keys), (Some(4), shown));
    assert_eq!(list.about.shape.get(Field::By), Some(&["key", "time"].into_iter().collect()));

    // Whoever may not see the key has seen its event all the same.
    world.cases.events.detail(&caller(&[Role::Viewer], &[Grant::everything()]), event_id(100, 1)).await.unwrap();
    let viewed = world.audit.take().remove(0);
    assert_eq!(
        (viewed.about.shape.get(Field::Parts), viewed.about.keys),
        (Some(&Value::List(vec![])), vec![hash(100)])
    );
}

#[tokio::test]
async fn log_ins_are_told_apart_and_no_typing_error_is_kept() {
    let (world, token) = World::signed_in().await;
    let access = &world.cases.access;
    let set_up = world.audit.take().remove(0);
    assert_eq!((set_up.use_case, set_up.who.login.as_deref()), ("access/set_up", Some(LOGIN)));
    assert_eq!(set_up.about.after.iter().find(|(name, _)| *name == "password").unwrap().1, &"(replaced)".into());

    access.log_in(LOGIN, PASSWORD, "192.0.2.1").await.unwrap();
    access.log_in(LOGIN, "a wrong sentence", "192.0.2.2").await.unwrap_err();
    access.log_in("MySecretPassword1", PASSWORD, "192.0.2.3").await.unwrap_err();
    access.log_in("no name at all!", "x", "192.0.2.4").await.unwrap_err();
    access.log_out(&token, Origin { request_id: "r".into(), remote: "192.0.2.5".into() }).await.unwrap();
    world.accounts.deactivate();
    access.log_in(LOGIN, PASSWORD, "192.0.2.6").await.unwrap_err();
    let entries = world.audit.take();
    let mara = Some(LOGIN);
    let told: Vec<_> = entries
        .iter()
        .map(|e| (e.use_case, e.outcome, e.reason, e.who.login.as_deref(), e.who.remote.as_str()))
        .collect();
    let unknown = Some("nobody has this log-in name");
    assert_eq!(
        told,
        [
            ("access/log_in", Outcome::Allowed, None, mara, "192.0.2.1"),
            ("access/log_in", Outcome::Refused, Some("wrong password"), mara, "192.0.2.2"),
            ("access/log_in", Outcome::Refused, unknown, None, "192.0.2.3"),
            ("access/log_in", Outcome::Refused, unknown, None, "192.0.2.4"),
            ("access/log_out", Outcome::Allowed, None, mara, "192.0.2.5"),
            ("access/log_in", Outcome::Refused, Some("the account is switched off"), mara, "192.0.2.6"),
        ]
    );
    assert!(entries.iter().all(|e| e.who.person.is_some() == e.who.login.is_some()));
    let text = format!("{entries:?}").to_lowercase();
    assert!(!text.contains("mysecretpassword1") && !text.contains(PASSWORD) && !text.contains("wrong sentence"));
    assert_eq!(entries[0].who.person, Some(PersonId("0193-first".into())));
}

#[tokio::test(start_paused = true)]
async fn who_is_not_signed_in_can_not_fill_the_log() {
    let (world, _) = World::signed_in().await;
    let access = &world.cases.access;
    for _ in 0..5 {
        access.log_in(LOGIN, "a wrong sentence", "192.0.2.1").await.unwrap_err();
    }
    assert_eq!(world.audit.take().len(), 6);
    for _ in 0..500 {
        access.log_in(LOGIN, PASSWORD, "192.0.2.1").await.unwrap_err();
        access
            .set_up("guess", "eve", "Eve", PASSWORD, &Origin { remote: "192.0.2.9".into(), ..Origin::default() })
            .await
            .unwrap_err();
    }
    assert_eq!(world.audit.taken(), [("access/log_in", Outcome::Refused), ("access/set_up", Outcome::Refused)]);
    sleep(Duration::from_secs(61)).await;
    world.cases.auditor.settle().await;
    let mut counted: Vec<_> =
        world.audit.take().iter().map(|e| (e.use_case, e.who.remote.clone(), e.about.count)).collect();
    counted.sort_unstable();
    let want =
        [("access/log_in", "192.0.2.1".to_owned(), Some(499)), ("access/set_up", "192.0.2.9".to_owned(), Some(499))];
    assert_eq!(counted, want);
}
