//! How to call the use cases of sources.

use crate::{
    calls::unless_partly_hidden,
    world::{BANK, PRODUCTION, SHOP, STAGING, TRIAL, World, settings},
};
use serde_json::{Value, json};
use weir_cases::sources::TrialDraft;
use weir_domain::{
    CaseError, Secret, access::Caller, sources::EnvironmentChoice, sources::SecretField, sources::SourceChange,
    sources::SourceDraft,
};

pub async fn call(name: &str, world: &World, caller: &Caller) -> Result<Vec<Value>, CaseError> {
    let cases = &world.cases;
    let mut answers = Vec::new();
    match name {
        "sources/list" => answers.push(json!(cases.sources.list(caller).await?)),
        "sources/detail" => {
            for id in [SHOP, BANK, TRIAL] {
                answers.push(json!(cases.sources.detail(caller, id).await?));
            }
        }
        "sources/pause" | "sources/resume" => {
            for id in [SHOP, BANK, TRIAL] {
                let done = match name {
                    "sources/pause" => cases.sources.pause(caller, id).await,
                    _ => cases.sources.resume(caller, id).await,
                };
                answers.push(match done {
                    // Permitted, but not for channels beyond the grants: the table tells which.
                    Err(CaseError::NotAllowed { needs, .. }) if needs.contains("every channel") => {
                        json!("partly hidden")
                    }
                    done => json!(done?),
                });
            }
        }
        "sources/settings" | "sources/edit" | "sources/policy" | "sources/remove" => {
            for id in [SHOP, BANK, TRIAL] {
                let change = || SourceChange {
                    version: version(world, id),
                    environment: EnvironmentChoice::Existing(if id == TRIAL { STAGING } else { PRODUCTION }),
                    settings: settings(),
                    secrets: Vec::new(),
                };
                let done = match name {
                    "sources/settings" => cases.sources.settings(caller, id).await.map(|d| json!(d)),
                    "sources/edit" => cases.sources.edit(caller, id, change()).await.map(|d| json!(d.is_some())),
                    "sources/policy" => {
                        let version = version(world, id);
                        cases.sources.policy(caller, id, version, settings().policy).await.map(|d| json!(d.is_some()))
                    }
                    _ => cases.sources.remove(caller, id).await.map(|d| json!(d)),
                };
                answers.push(unless_partly_hidden(done)?);
            }
        }
        "sources/examine" | "sources/preview" => {
            for of in [None, Some(SHOP), Some(BANK), Some(TRIAL)] {
                // Without a source of one's own the secret has to be given.
                let secrets = vec![(SecretField::Password, Secret::new("given"))];
                let draft = TrialDraft { of, name: "new".into(), settings: settings(), secrets };
                let done = match name {
                    "sources/examine" => {
                        cases.sources.examine(caller, draft).await.map(|d| json!(d.or_invalid().is_ok()))
                    }
                    _ => cases.sources.preview(caller, draft).await.map(|d| json!(d.or_invalid().is_ok())),
                };
                answers.push(unless_partly_hidden(done)?);
            }
        }
        "sources/add" => {
            for environment in [PRODUCTION, STAGING] {
                let draft = SourceDraft {
                    name: "quite-new".into(),
                    environment: EnvironmentChoice::Existing(environment),
                    settings: settings(),
                    secrets: vec![(SecretField::Password, Secret::new("given"))],
                };
                let done = cases.sources.add(caller, draft).await.map(|d| json!(d.or_invalid().is_ok()));
                answers.push(unless_partly_hidden(done)?);
            }
        }
        unknown => panic!("the access test does not know how to call {unknown}"),
    }
    Ok(answers)
}

fn version(world: &World, id: weir_domain::SourceId) -> i64 {
    world.ports.data.lock().unwrap().made.iter().find(|m| m.id == id).unwrap().version
}
