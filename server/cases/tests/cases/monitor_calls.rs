//! How to call each use case of `monitors`.

use crate::{
    calls::unless_partly_hidden,
    fakes::{alert_id, outlet},
    world::{CHANNELS, NOW, World},
};
use serde_json::{Value, json};
use weir_domain::{
    CaseError, OutletId, RuleId, Secret, WindowId,
    access::Caller,
    monitors::{
        Alert, MailTls, OutletDraft, OutletField, OutletKind, RuleDraft, RuleKind, Scope, Severity, SnoozeFor, Takes,
        Window, WindowDraft,
    },
};

/// What somebody is told of it.
fn told(alert: &Alert) -> Value {
    let channels: Vec<_> = alert.parts.iter().map(|p| (&p.channel, &p.reason)).collect();
    json!([alert.title(), alert.source_name, channels])
}

pub async fn call(name: &str, world: &World, caller: &Caller) -> Result<Value, CaseError> {
    let cases = &world.cases.monitors;
    let rule = || RuleDraft {
        kind: RuleKind::TimeLag,
        scope: Scope::everything(),
        severity: Severity::Page,
        on: true,
        limit_min: 30,
    };
    let draft = OutletDraft {
        name: "On call".into(),
        on: true,
        kind: OutletKind::Slack,
        takes: Takes { page: true, notify: true, scope: Scope::everything() },
        server: String::new(),
        tls: MailTls::StartTls,
        user: String::new(),
        from: String::new(),
        to: String::new(),
        secrets: vec![(OutletField::Url, Secret::new("https://hooks.example/x"))],
    };
    let (id, rule_id, window_id) = (OutletId("o".into()), RuleId("time_lag".into()), WindowId("w".into()));
    *world.monitors.outlets.lock().unwrap() = vec![outlet("o", "ops")];
    *world.monitors.rules.lock().unwrap() = vec![rule().read(rule_id.clone())?];
    let scope = Scope::everything();
    let window = Window {
        id: window_id.clone(),
        scope: scope.clone(),
        from: NOW,
        to: NOW.plus_secs(60),
        reason: "upgrade".into(),
        made_name: "Mara".into(),
    };
    *world.monitors.windows.lock().unwrap() = vec![window];
    let done = match name {
        "monitors/alerts" => {
            let all = cases.alerts(caller).await?;
            json!([all.open.iter().map(told).collect::<Vec<_>>(), all.hidden])
        }
        "monitors/alert" => {
            let mut all = Vec::new();
            for (channel, ..) in CHANNELS {
                all.push(cases.alert(caller, &alert_id(channel)).await?.map(|page| told(&page.shown.alert)));
            }
            json!(all)
        }
        "monitors/acknowledge" | "monitors/snooze" => {
            for (channel, ..) in CHANNELS {
                match name {
                    "monitors/acknowledge" => drop(cases.acknowledge(caller, &alert_id(channel), true).await?),
                    _ => drop(cases.snooze(caller, &alert_id(channel), SnoozeFor::OneHour).await?),
                }
            }
            json!(null)
        }
        "monitors/list" => json!(cases.list(caller).await?.rules.len()),
        "monitors/outlets" => json!(cases.outlets(caller).await?.outlets.len()),
        _ => {
            let done = match name {
                "monitors/set_rule" => cases.set_rule(caller, Some(&rule_id), rule()).await.map(drop),
                "monitors/remove_rule" => cases.remove_rule(caller, &rule_id).await.map(drop),
                "monitors/maintenance" => {
                    let draft = WindowDraft { scope, from: NOW, to: NOW.plus_secs(60), reason: "upgrade".into() };
                    cases.maintenance(caller, draft).await.map(drop)
                }
                "monitors/end_maintenance" => cases.end_maintenance(caller, &window_id).await.map(drop),
                "monitors/add_outlet" => cases.add_outlet(caller, &draft).await.map(drop),
                "monitors/edit_outlet" => cases.edit_outlet(caller, &id, 1, &draft).await.map(drop),
                "monitors/remove_outlet" => cases.remove_outlet(caller, &id).await.map(drop),
                "monitors/test_outlet" => cases.test_outlet(caller, &id).await.map(drop),
                "monitors/set_heartbeat" => cases.set_heartbeat(caller, &Secret::new("https://hc.example/x")).await,
                other => panic!("{other} can't be called"),
            };
            unless_partly_hidden(done.map(|()| json!(null)))?
        }
    };
    Ok(done)
}
