//! How to call the use cases of consumer groups.

use crate::{
    calls::Same,
    fakes::lag::{groups, name_of, pairs, reset},
    world::{CHANNELS, NOW, World},
};
use futures::StreamExt as _;
use serde_json::{Value, json};
use std::sync::Arc;
use weir_cases::lag::{export::Exported, report::Report, settings::Typed};
use weir_domain::{
    CaseError, ChannelId, Timestamp,
    access::Caller,
    lag::{GroupsWanted, ReportedPosition, ResetTo, ResetWanted},
};

pub async fn call(name: &str, world: &World, caller: &Caller) -> Result<Vec<Value>, CaseError> {
    let lag = &world.cases.lag;
    let mut answers = Vec::new();
    let wanted = |channel: &str| ResetWanted { channel: channel.into(), partitions: None, to: ResetTo::Earliest };
    match name {
        "lag/groups" => {
            let all = GroupsWanted { most: 100, ..GroupsWanted::default() };
            answers.push(json!(lag.groups(caller, &all).await?));
        }
        "lag/group" => {
            for id in groups() {
                answers.push(json!(lag.group(caller, id).await?));
            }
        }
        "lag/history" => {
            for (id, channel) in pairs() {
                let found = lag.history(caller, id, channel, (Timestamp::EPOCH, NOW), (9, 9)).await?;
                answers.push(json!(found.map(|past| (channel, past.chunks.len()))));
            }
        }
        "lag/hot_key" => {
            for (id, channel) in pairs() {
                let of = CHANNELS.iter().find(|c| c.1 == channel).unwrap().0;
                let found = lag.hot_key(caller, id, ChannelId(of)).await?;
                answers.push(json!(found.map(|found| (channel, found))));
            }
        }
        "lag/export" => {
            let all = GroupsWanted::default();
            let mut parts = lag.export(caller, all, Arc::new(Same(caller.clone()))).await?;
            while let Some(part) = parts.next().await {
                match part? {
                    Exported::Groups(rows) => answers.push(json!(rows)),
                    Exported::End(end) => answers.push(json!((end.groups, end.hidden, end.left_out, end.sources))),
                }
            }
        }
        "lag/settings" => {
            let typed = Typed { expectation: "daily 02:00-02:40".into(), owner: "Billing".into(), ..Typed::default() };
            for id in groups() {
                answers.push(unless_hidden(lag.settings(caller, id, &typed).await)?);
            }
        }
        "lag/archive" => {
            for id in groups() {
                answers.push(unless_hidden(lag.archive(caller, id, true).await)?);
            }
        }
        "lag/plan" => {
            for (id, channel) in pairs() {
                answers.push(json!(lag.plan(caller, id, &wanted(channel)).await?));
            }
        }
        "lag/reset" => {
            for (id, channel) in pairs() {
                answers.push(json!(lag.reset(caller, id, &wanted(channel), &[(0, Some(5))]).await?));
            }
        }
        "lag/undo" => {
            let all = pairs().map(|(id, channel)| reset(id, channel, &[(0, Some(9), 5)]));
            *world.ports.lag.resets.lock().unwrap() = all.collect();
            for (id, channel) in pairs() {
                answers.push(json!(lag.undo(caller, id, &format!("reset-{id}-{channel}")).await?));
            }
        }
        "lag/delete" => {
            for id in groups() {
                answers.push(unless_hidden(lag.delete(caller, id, &name_of(id)).await)?);
            }
        }
        "lag/report" => {
            let positions = vec![ReportedPosition { channel: "orders.placed".into(), partition: 0, next: 7 }];
            for source in ["shop-kafka", "10"] {
                let report = Report {
                    source: source.into(),
                    group: "spark-totals".into(),
                    application: "totals".into(),
                    positions: positions.clone(),
                };
                match lag.report(caller, report).await {
                    Err(CaseError::Invalid { what, .. }) if what.contains("that you may see") => {}
                    done => done?,
                }
            }
        }
        unknown => panic!("the access test does not know how to call {unknown}"),
    }
    Ok(answers)
}

/// Permitted, but not beyond the grants.
fn unless_hidden(done: Result<bool, CaseError>) -> Result<Value, CaseError> {
    match done {
        Err(CaseError::Conflict { what, .. }) if what.contains("may not see") => Ok(json!("partly hidden")),
        done => Ok(json!(done?)),
    }
}
