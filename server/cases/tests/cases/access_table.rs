//! Role x grant x use case, generated from `USE_CASES` (issue: "the access test is a table"). The
//! other half, over what the server mounts, is in the server's tests.

use crate::{
    calls::call,
    world::{BANK, CHANNELS, PRODUCTION, STAGING, World, caller, event_id},
};
use futures::StreamExt;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use weir_cases::{Frame, IMPLEMENTED, events::Wanted};
use weir_domain::{
    CaseError, ChannelId, EnvironmentId, SourceId,
    access::{Access, Caller, Grant, Permission, Role, USE_CASES},
    events::EventFilter,
};

/// Decision 13, written out once more by hand: if a role changes in the code, this has to be changed too.
fn decision_13(role: Role, permission: &str) -> bool {
    const VIEWER: &str = "events.exist lag.see flows.see failures.see catalog.see sources.see";
    let has = |list: &str| list.split(' ').any(|p| p == permission);
    match role {
        Role::Viewer => has(VIEWER),
        Role::Operator => has(VIEWER) || has("sources.pause lag.reset lag.report monitors.edit changes.report"),
        Role::Support => {
            has(VIEWER)
                || has("events.key events.headers events.payload events.export failures.triage replay.draft replay.run")
        }
        Role::Approver => has("replay.approve"),
        Role::Architect => {
            has(VIEWER)
                || has(
                    "events.key events.headers flows.model schemas.edit schemas.see policies.edit policies.see changes.report lag.report",
                )
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
    world.people.take_asked();
    let answer = call(name, world, caller, token).await;
    let (asked, acts) = (world.ports.take_asked(), world.people.take_asked());
    match (access, answer) {
        (Access::Needs(p), answer) if !may(&caller.roles, p.as_str()) => {
            let Err(CaseError::NotAllowed { needs, roles }) = answer else { panic!("{line}: {answer:?}") };
            assert_eq!(needs, p.as_str(), "{line}");
            assert!(!roles.is_empty(), "{line}: nobody to ask");
            assert_eq!((asked, acts), (vec![], 0), "{line}: a refused call asked a port");
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
        "key" => [
            "events/list",
            "events/table",
            "events/around",
            "events/breakdown",
            "events/detail",
            "events/export",
            "events/from_broker",
            "events/keys",
            "events/links",
            "events/live",
            "events/tail",
            "lag/hot_key",
        ]
        .contains(&name),
        "header" => ["events/detail", "events/export", "events/links", "events/live", "events/table"].contains(&name),
        "payload" => [
            "events/list",
            "events/table",
            "events/around",
            "events/detail",
            "events/export",
            "events/from_broker",
            "events/links",
            "events/tail",
            "events/payload",
            "events/live",
        ]
        .contains(&name),
        _ => false,
    }
}

/// Hidden channels never appear; parts of events only where permitted, and there they do.
fn told(name: &str, answer: &Value, visible: &[i64], caller: &Caller, line: &str) {
    let text = answer.to_string();
    for (id, channel, ..) in CHANNELS {
        // The audit log is of all environments, and names what the grants reach.
        let everywhere: Vec<_>;
        let visible = if name.starts_with("audit/") {
            everywhere = CHANNELS.iter().filter(|c| reaches(caller, c)).map(|c| c.0).collect();
            &everywhere
        } else {
            visible
        };
        let seen = visible.contains(&id);
        let names_channels = !name.starts_with("access/")
            && !name.starts_with("people/")
            && !name.starts_with("tokens/")
            && !name.starts_with("searches/")
            && !name.starts_with("links/")
            && (!name.starts_with("erasures/") || name == "erasures/detail")
            && (!name.starts_with("holds/") || name == "holds/list")
            && !["lag/settings", "lag/archive", "lag/delete", "lag/report"].contains(&name)
            && (!name.starts_with("monitors/") || ["monitors/alert", "monitors/alerts"].contains(&name))
            && !["changes/report", "events/links", "events/payload", "capture/set", "capture/set_budget"]
                .contains(&name)
            && (!name.starts_with("sources/") || name == "sources/detail");
        // One's own grant is told as it was given, which may be a channel's whole name.
        let own = ["access/account", "people/list", "people/detail"].contains(&name);
        let granted = own && caller.grants.iter().any(|g| g.channel_pattern == channel);
        assert_eq!(text.contains(channel), (seen && names_channels) || granted, "{line}: {channel} in {text}");
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
        // Who gives grants is told every source they can name, and everybody those that their own grants name.
        let named = name.starts_with("people/")
            || (name == "access/account" && caller.grants.iter().any(|g| g.source == Some(source)));
        assert!(known || named || !text.contains(source_name), "{line}: {source_name} in {text}");
        if known && ["sources/list", "sources/detail", "overview/summary", "overview/live"].contains(&name) {
            assert!(text.contains(source_name), "{line}: {source_name} not in {text}");
        }
    }
    // What is not captured is named by the same grants.
    let left_out = caller.grants.iter().any(|g| g.channel_pattern == "*");
    assert!(left_out || !text.contains("hidden.unread"), "{line}: {text}");
    hidden_is_counted(name, answer, visible, caller, line);
}

/// What spans channels says "n channels you may not see".
fn hidden_is_counted(name: &str, answer: &Value, visible: &[i64], caller: &Caller, line: &str) {
    let hidden = |of: Option<SourceId>| {
        let there = |c: &&(i64, &str, SourceId, &str, EnvironmentId, &str)| {
            of.is_none_or(|id| id == c.2) && caller.environment.is_none_or(|e| e == c.4)
        };
        CHANNELS.iter().filter(there).filter(|c| !visible.contains(&c.0)).count() as u64
    };
    let spans = [
        "capture/list",
        "capture/budget",
        "events/list",
        "events/table",
        "events/breakdown",
        "events/export",
        "events/keys",
        "overview/summary",
        "overview/live",
        "sources/list",
        "catalog/complete",
    ];
    if spans.contains(&name) {
        for part in answer.as_array().unwrap() {
            assert_eq!(part["hidden_channels"].as_u64(), Some(hidden(None)), "{line}");
        }
    }
    let sources = match name {
        "sources/list" | "overview/summary" | "overview/live" => answer[0]["sources"].as_array().cloned().unwrap(),
        "sources/detail" => answer.as_array().unwrap().iter().map(|d| d["source"].clone()).collect(),
        _ => Vec::new(),
    };
    for source in sources.iter().filter(|s| !s.is_null()) {
        let id = SourceId(source["id"].as_i64().unwrap());
        assert_eq!(source["hidden_channels"].as_u64(), Some(hidden(Some(id))), "{line}: {id}");
    }
}

/// A search, a tail, a link and a download answer for a hidden channel as for one that there is not.
#[tokio::test]
async fn hidden_is_the_same_as_absent() {
    let world = World::new();
    let part = caller(Role::ALL, &[Grant { channel_pattern: "orders.placed".into(), ..Grant::everything() }]);
    let (hidden, absent) = (101, 999);
    let of = async |channel: i64| {
        let cases = &world.cases;
        let filter = EventFilter { channel: Some(ChannelId(channel)), ..EventFilter::default() };
        let by_source = EventFilter { source: Some(SourceId(channel)), ..EventFilter::default() };
        let mut told = Vec::new();
        // The fake store answers every question with all it has: what is left over is the same.
        told.push(json!(cases.events.list(&part, filter.clone(), None, 10).await.unwrap()));
        told.push(json!(cases.events.list(&part, by_source, None, 10).await.unwrap()));
        let wanted = Wanted { channel: Some(format!("#{channel}")), ..Wanted::default() };
        let recheck = std::sync::Arc::new(crate::calls::Same(part.clone()));
        let export = cases.events.export(&part, wanted, None, 10, recheck).await.unwrap();
        let parts = export.map(|part| format!("{:?}", part.unwrap())).collect::<Vec<_>>().await;
        told.push(json!(parts));
        told.push(json!(cases.events.detail(&part, event_id(channel, 1)).await.unwrap()));
        told.push(json!(cases.events.gone(&part, event_id(channel, 1)).await.unwrap()));
        told.push(json!(cases.events.links(&part, event_id(channel, 1)).await.unwrap()));
        told.push(json!(cases.events.payload(&part, event_id(channel, 1)).await.unwrap()));
        told.push(json!(cases.catalog.complete(&part, &format!("channel:#{channel}")).await.unwrap()));
        let same = std::sync::Arc::new(crate::calls::Same(part.clone()));
        let mut tail = cases.events.tail(&part, filter, Some(Default::default()), same).await.unwrap();
        match tail.next().await {
            Some(Frame::Data((frame, _))) => told.push(json!(frame)),
            other => panic!("{other:?}"),
        }
        told
    };
    assert_eq!(of(hidden).await, of(absent).await);
    for id in [crate::world::BANK, SourceId(999)] {
        assert_eq!(world.cases.sources.detail(&part, id).await.unwrap(), None);
        assert!(!world.cases.sources.pause(&part, id).await.unwrap());
    }
}

/// Architects see keys and headers and no payload, viewers nothing of the three: on every path, sizes and counts too.
#[tokio::test]
async fn existence_key_headers_and_payload_are_four_things() {
    let world = World::new();
    for roles in roles().into_iter().filter(|r| may(r, "events.exist")) {
        let caller = caller(&roles, &[Grant::everything()]);
        let (key, headers, payload) =
            (may(&roles, "events.key"), may(&roles, "events.headers"), may(&roles, "events.payload"));
        let detail = world.cases.events.detail(&caller, event_id(100, 1)).await.unwrap().unwrap();
        let row = world.cases.events.list(&caller, EventFilter::default(), None, 50).await.unwrap();
        let row = row.rows.iter().find(|r| r.channel == ChannelId(100)).unwrap();
        let shown = |masked: Value| !masked["shown"].is_null();
        for (what, masked, want) in [
            ("key in a list", json!(row.key), key),
            ("summary in a list", json!(row.summary), payload),
            ("key", json!(detail.row.key), key),
            ("summary", json!(detail.row.summary), payload),
            ("headers", json!(detail.headers), headers),
            ("payload", json!(detail.payload), payload),
        ] {
            assert_eq!(shown(masked.clone()), want, "{roles:?}: {what}");
            // What is kept away says by what name to ask for it, and whom.
            let named = masked["needs_role"]["roles"].as_array().is_some_and(|r| !r.is_empty());
            assert_eq!(named, !want, "{roles:?}: {what}");
        }
        assert_eq!(detail.headers_total > 0, headers, "{roles:?}: how many headers there are is told with them");
        assert_eq!((row.size, row.event_type.as_str()), (64, "order.placed"), "{roles:?}: that it exists is told");
        let download = world.cases.events.payload(&caller, event_id(100, 1)).await;
        assert_eq!(download.is_ok(), payload, "{roles:?}");
    }
}

fn reaches(caller: &Caller, channel: &(i64, &str, SourceId, &str, EnvironmentId, &str)) -> bool {
    caller.grants.iter().any(|g| g.covers(channel.4, channel.2, channel.1))
}

#[tokio::test]
async fn what_may_not_be_seen_may_not_be_searched() {
    let world = World::new();
    for roles in roles() {
        let caller = caller(&roles, &[Grant::everything()]);
        let by_key = EventFilter { key: Some("key-100".into()), ..EventFilter::default() };
        let wanted = Wanted { query: Some("key:key-100".into()), ..Wanted::default() };
        let recheck = || std::sync::Arc::new(crate::calls::Same(caller.clone()));
        world.ports.take_asked();
        let refused = [
            world.cases.events.list(&caller, by_key.clone(), None, 10).await.err(),
            world.cases.events.tail(&caller, by_key, None, recheck()).await.err(),
            world.cases.events.export(&caller, wanted, None, 10, recheck()).await.err(),
            world.cases.catalog.complete(&caller, "key:key-100").await.err(),
        ];
        let asked = world.ports.take_asked();
        let bases = ["events.exist", "events.exist", "events.export", "catalog.see"];
        expressions_too(&world, &caller, &roles).await;
        for (error, base) in refused.into_iter().zip(bases) {
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
            assert!(free.is_err() || free.unwrap().lines.is_empty(), "{roles:?}");
            assert!(world.ports.take_asked().iter().all(|a| a.what != "key_exists"), "{roles:?}");
        }
    }
}

/// An expression names what it reads, however it reads it; what asks for nothing hidden is answered.
async fn expressions_too(world: &World, caller: &Caller, roles: &[Role]) {
    for (text, part) in [
        ("cel: key == 'key-100'", Some("events.key")),
        ("cel: type == 'a' || [1].exists(x, event.key != null)", Some("events.key")),
        ("cel: size(headers) > 2", Some("events.headers")),
        ("cel: data.amount > 900", Some("events.payload")),
        ("cel: false && has(payload.x)", Some("events.payload")),
        ("cel: type == 'order.placed' && size > 10 && time > timestamp('2026-01-01T00:00:00Z')", None),
    ] {
        let filter = EventFilter { query: Some(text.into()), ..EventFilter::default() };
        let error = world.cases.events.list(caller, filter, None, 10).await.err();
        let want = ["events.exist"].into_iter().chain(part).find(|p| !may(roles, p));
        match (want, error) {
            (None, None) => {}
            (Some(want), Some(CaseError::NotAllowed { needs, .. })) => assert_eq!(needs, want, "{roles:?}: {text}"),
            other => panic!("{roles:?}: {text}: {other:?}"),
        }
    }
    world.ports.take_asked();
}

#[tokio::test]
async fn nobody_gets_nowhere() {
    let (world, _) = World::signed_in().await;
    for token in ["", "x", &"A".repeat(43)] {
        assert!(world.cases.access.caller(token, None, "r".into()).await.unwrap().is_none());
        assert!(matches!(world.cases.access.log_out(token, "r".into()).await, Err(CaseError::SignedOut)));
    }
}
