//! How to call each use case, by name. A name that is not here makes the access test fail.

use crate::world::{BANK, CHANNELS, LOGIN, PASSWORD, SHOP, TRIAL, World, event_id};
use async_trait::async_trait;
use futures::StreamExt;
use serde_json::{Value, json};
use weir_cases::{Frame, Recheck};
use weir_domain::{CaseError, access::Caller, events::EventFilter};

/// Everything a use case answers over the whole world, as JSON; the first refusal ends it.
pub async fn call(name: &str, world: &World, caller: &Caller, token: &str) -> Result<Value, CaseError> {
    let cases = &world.cases;
    let mut answers = Vec::new();
    match name {
        "access/log_in" => {
            cases.access.log_in(LOGIN, PASSWORD, "192.0.2.1").await?;
        }
        "access/log_out" => {
            let own = cases.access.log_in(LOGIN, PASSWORD, "192.0.2.1").await?;
            cases.access.log_out(&own.token).await?;
            assert!(cases.access.caller(&own.token, None, String::new()).await?.is_none());
        }
        "access/set_up" => {
            // Somebody exists: it may be called by anybody and does nothing.
            let refused = cases.access.set_up(token, "eve", "Eve", PASSWORD).await;
            assert!(matches!(refused, Err(CaseError::Conflict { .. })), "{refused:?}");
            assert_eq!(world.accounts.people().len(), 1);
        }
        "access/me" => answers.push(json!(cases.access.me(caller).await?)),
        "catalog/environments" => answers.push(json!(cases.catalog.environments(caller).await?)),
        "catalog/complete" => {
            for text in ["", "orders", "payments", "kafka", "order.placed", "key-100", "source:", "channel:#100"] {
                answers.push(json!(cases.catalog.complete(caller, text).await?));
            }
        }
        "overview/summary" => answers.push(json!(cases.overview.summary(caller).await?)),
        "overview/live" => {
            let mut frames = cases.overview.live(caller, std::sync::Arc::new(Same(caller.clone()))).await?;
            match frames.next().await {
                Some(Frame::Data(summary)) => answers.push(json!(summary)),
                other => panic!("{other:?}"),
            }
        }
        "events/list" => {
            answers.push(json!(cases.events.list(caller, EventFilter::default(), None, 50).await?));
        }
        "events/detail" => {
            for (channel, ..) in CHANNELS {
                answers.push(json!(cases.events.detail(caller, event_id(channel, 1)).await?));
            }
        }
        "events/payload" => {
            for (channel, ..) in CHANNELS {
                let bytes = cases.events.payload(caller, event_id(channel, 1)).await?;
                answers.push(json!(bytes.map(|b| String::from_utf8(b).unwrap())));
            }
        }
        "events/tail" => {
            let recheck = std::sync::Arc::new(Same(caller.clone()));
            // After nothing at all: the whole world comes as news.
            let after = Some(Default::default());
            let mut frames = cases.events.tail(caller, EventFilter::default(), after, recheck).await?;
            match frames.next().await {
                Some(Frame::Data((frame, _))) => answers.push(json!(frame)),
                other => panic!("{other:?}"),
            }
        }
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
        unknown => panic!("the access test does not know how to call {unknown}"),
    }
    Ok(Value::Array(answers))
}

/// Nothing has changed.
pub struct Same(pub Caller);

#[async_trait]
impl Recheck for Same {
    async fn caller(&self) -> Result<Option<Caller>, CaseError> {
        Ok(Some(self.0.clone()))
    }
}
