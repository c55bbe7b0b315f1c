//! Role x grant x use case, generated from `USE_CASES` (issue: "the access test is a table"). The
//! other half, over what the server mounts, is in the server's tests.

use crate::{
    calls::call,
    world::{BANK, CHANNELS, PRODUCTION, STAGING, World},
};
use serde_json::Value;
use std::collections::BTreeSet;
use weir_cases::IMPLEMENTED;
use weir_domain::{
    CaseError, EnvironmentId,
    access::{Access, Caller, Grant, Permission, Role, USE_CASES},
    events::EventFilter,
};

/// Decision 13, written out once more by hand: if a role changes in the code, this has to be changed too.
fn decision_13(role: Role, permission: &str) -> bool {
    const VIEWER: &str = "events.exist lag.see flows.see failures.see catalog.see sources.see";
    let has = |list: &str| list.split(' ').any(|p| p == permission);
    match role {
        Role::Viewer => has(VIEWER),
        Role::Operator => has(VIEWER) || has("sources.pause lag.reset monitors.edit"),
        Role::Support => {
            has(VIEWER)
                || has("events.key events.headers events.payload events.export failures.triage replay.draft replay.run")
        }
        Role::Approver => has("replay.approve"),
        Role::Architect => {
            has(VIEWER)
                || has("events.key events.headers flows.model schemas.edit schemas.see policies.edit policies.see")
        }
        Role::Auditor => has("audit.see"),
        Role::Admin => {
            ["people.", "sources.", "capture."].iter().any(|slice| permission.starts_with(slice))
                || has("audit.see events.erase")
        }
    }
}

fn may(roles: &[Role], permission: &str) -> bool {
    roles.iter().any(|r| decision_13(*r, permission))
}

#[test]
fn the_roles_are_those_of_decision_13() {
    for role in Role::ALL {
        for permission in Permission::ALL {
            let want = decision_13(*role, permission.as_str());
            assert_eq!(role.allows(*permission), want, "{role:?} {}", permission.as_str());
        }
    }
}

#[test]
fn every_listed_use_case_is_implemented_and_no_other() {
    let listed: BTreeSet<_> = USE_CASES.iter().map(|u| u.name).collect();
    let implemented: BTreeSet<_> = IMPLEMENTED.iter().copied().collect();
    assert_eq!(listed, implemented);
    assert_eq!(IMPLEMENTED.len(), implemented.len(), "one of them twice");
}

/// A name, the grants, and the channels they reach.
fn grants() -> Vec<(&'static str, Vec<Grant>, Vec<i64>)> {
    let one =
        |environment, source, pattern: &str| vec![Grant { environment, source, channel_pattern: pattern.to_owned() }];
    vec![
        ("none", vec![], vec![]),
        ("everything", vec![Grant::everything()], vec![100, 101, 110, 200]),
        ("one environment", one(Some(STAGING), None, "*"), vec![200]),
        ("one source", one(None, Some(BANK), "*"), vec![110]),
        ("one pattern", one(None, None, "orders.*"), vec![100, 110, 200]),
        ("one channel of a source", one(Some(PRODUCTION), None, "payments.failed"), vec![101]),
    ]
}

fn roles() -> Vec<Vec<Role>> {
    let mut each: Vec<_> = Role::ALL.iter().map(|r| vec![*r]).collect();
    each.push(vec![]);
    each.push(Role::ALL.to_vec());
    each
}

#[tokio::test]
async fn role_by_grant_by_use_case() {
    let (world, token) = World::signed_in().await;
    let mut calls = 0;
    for roles in roles() {
        for (grant, grants, reached) in grants() {
            world.accounts.become_person(&roles, &grants);
            for environment in [None, Some(PRODUCTION), Some(STAGING)] {
                let caller = world.cases.access.caller(&token, environment, "r".into()).await.unwrap().unwrap();
                for case in USE_CASES {
                    let line = format!("{roles:?}, grant {grant}, {environment:?}, {}", case.name);
                    let visible = visible(&reached, environment);
                    one(&world, &caller, &token, case.name, case.access, &visible, &line).await;
                    calls += 1;
                }
            }
        }
    }
    assert_eq!(calls, 9 * 6 * 3 * USE_CASES.len());
}

fn visible(reached: &[i64], environment: Option<EnvironmentId>) -> Vec<i64> {
    let inside = |c: &i64| CHANNELS.iter().any(|(id, _, _, _, e, _)| id == c && environment.is_none_or(|w| w == *e));
    reached.iter().copied().filter(inside).collect()
}

async fn one(
    world: &World,
    caller: &Caller,
    token: &str,
    name: &'static str,
    access: Access,
    visible: &[i64],
    line: &str,
) {
    world.ports.take_asked();
    let answer = call(name, world, caller, token).await;
    let asked = world.ports.take_asked();
    match (access, answer) {
        (Access::Needs(p), answer) if !may(&caller.roles, p.as_str()) => {
            let Err(CaseError::NotAllowed { needs, roles }) = answer else { panic!("{line}: {answer:?}") };
            assert_eq!(needs, p.as_str(), "{line}");
            assert!(!roles.is_empty(), "{line}: nobody to ask");
            assert_eq!(asked, [], "{line}: a refused call asked a port");
        }
        (_, Err(error)) => panic!("{line}: refused with {error:?}"),
        (_, Ok(answer)) => {
            let want = (
                may(&caller.roles, "events.key"),
                may(&caller.roles, "events.headers"),
                may(&caller.roles, "events.payload"),
            );
            for a in &asked {
                let ids: Vec<_> = a.channels.iter().map(|c| c.0).collect();
                assert_eq!(
                    (ids.as_slice(), a.may, a.environment),
                    (visible, want, caller.environment),
                    "{line}: {a:?}"
                );
            }
            told(name, &answer, visible, caller, line);
        }
    }
}

/// Where each part of an event is told, if it may be.
fn tells(name: &str, part: &str) -> bool {
    match part {
        "key" => ["events/list", "events/detail", "events/tail"].contains(&name),
        "header" => name == "events/detail",
        "payload" => ["events/list", "events/detail", "events/tail", "events/payload"].contains(&name),
        _ => false,
    }
}

/// Hidden channels never appear; parts of events only where permitted, and there they do.
fn told(name: &str, answer: &Value, visible: &[i64], caller: &Caller, line: &str) {
    let text = answer.to_string();
    for (id, channel, ..) in CHANNELS {
        let seen = visible.contains(&id);
        let names_channels = !name.starts_with("access/")
            && !["catalog/environments", "events/payload", "sources/list", "sources/pause", "sources/resume"]
                .contains(&name);
        assert_eq!(text.contains(channel), seen && names_channels, "{line}: {channel} in {text}");
        for part in ["key", "header", "payload"] {
            let permission = match part {
                "key" => "events.key",
                "header" => "events.headers",
                _ => "events.payload",
            };
            let want = seen && tells(name, part) && may(&caller.roles, permission);
            // The one key that the palette is asked for by name is told back to who may see keys.
            let want =
                want || (name == "catalog/complete" && part == "key" && id == 100 && may(&caller.roles, permission));
            assert_eq!(text.contains(&format!("{part}-{id}")), want, "{line}: {part}-{id} in {text}");
        }
    }
    for (_, _, source, source_name, environment, _) in CHANNELS {
        let reached = caller.grants.iter().any(|g| {
            g.channel_pattern == "*"
                && g.environment.is_none_or(|e| e == environment)
                && g.source.is_none_or(|s| s == source)
        });
        let chosen = caller.environment.is_none_or(|e| e == environment);
        let known = chosen && (reached || CHANNELS.iter().any(|(id, _, s, ..)| *s == source && visible.contains(id)));
        assert!(known || !text.contains(source_name), "{line}: {source_name} in {text}");
        if known && ["sources/list", "sources/detail", "overview/summary", "overview/live"].contains(&name) {
            assert!(text.contains(source_name), "{line}: {source_name} not in {text}");
        }
    }
    // What is not captured is named by the same grants.
    let left_out = caller.grants.iter().any(|g| g.channel_pattern == "*");
    assert!(left_out || !text.contains("hidden.unread"), "{line}: {text}");
    if let Some(hidden) = answer[0]["hidden_channels"].as_u64().filter(|_| name.starts_with("events/")) {
        let all = CHANNELS.iter().filter(|c| caller.environment.is_none_or(|e| e == c.4)).count();
        assert_eq!(hidden as usize, all - visible.len(), "{line}");
    }
}

#[tokio::test]
async fn what_may_not_be_seen_may_not_be_searched() {
    let world = World::new();
    for roles in roles() {
        let caller = crate::world::caller(&roles, &[Grant::everything()]);
        let by_key = EventFilter { key: Some("key-100".into()), ..EventFilter::default() };
        let recheck = || std::sync::Arc::new(crate::calls::Same(caller.clone()));
        world.ports.take_asked();
        let refused = [
            world.cases.events.list(&caller, by_key.clone(), None, 10).await.err(),
            world.cases.events.tail(&caller, by_key, None, recheck()).await.err(),
            world.cases.catalog.complete(&caller, "key:key-100").await.err(),
        ];
        let asked = world.ports.take_asked();
        for (error, base) in refused.into_iter().zip(["events.exist", "events.exist", "catalog.see"]) {
            let want = [base, "events.key"].into_iter().find(|p| !may(&roles, p));
            match (want, error) {
                (None, None) => {}
                (Some(want), Some(CaseError::NotAllowed { needs, .. })) => assert_eq!(needs, want, "{roles:?}"),
                other => panic!("{roles:?}: {other:?}"),
            }
        }
        if !may(&roles, "events.key") {
            assert_eq!(asked, [], "{roles:?}");
            // A free word looks at no key.
            let free = world.cases.catalog.complete(&caller, "key-100").await;
            assert!(free.is_err() || free.unwrap().is_empty(), "{roles:?}");
            assert!(world.ports.take_asked().iter().all(|a| a.what != "key_exists"), "{roles:?}");
        }
    }
}

#[tokio::test]
async fn nobody_gets_nowhere() {
    let (world, _) = World::signed_in().await;
    for token in ["", "x", &"A".repeat(43)] {
        assert!(world.cases.access.caller(token, None, String::new()).await.unwrap().is_none());
        assert!(matches!(world.cases.access.log_out(token).await, Err(CaseError::SignedOut)));
    }
}
