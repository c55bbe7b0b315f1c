//! How to call the use cases of erasures, holds and the audit log.

use crate::{
    calls::{Same, unless_partly_hidden},
    world::{CHANNELS, World},
};
use futures::StreamExt as _;
use serde_json::{Value, json};
use weir_cases::{audit::Exported, holds::place::Wanted as Held};
use weir_domain::{
    CaseError, ErasureId, HoldId, access::Caller, audit::EntryId, audit::Question, erasures::Subject,
    erasures::SubjectKind,
};

pub async fn call(name: &str, world: &World, caller: &Caller) -> Result<Vec<Value>, CaseError> {
    let cases = &world.cases;
    let mut answers = Vec::new();
    match name {
        "erasures/list" => {
            let all = cases.erasures.list(caller).await?;
            answers.push(json!(all.iter().map(|e| e.id.0.as_str()).collect::<Vec<_>>()));
        }
        "erasures/detail" => {
            let page = cases.erasures.detail(caller, &ErasureId("0193-erasure".into())).await?.unwrap();
            answers.push(json!(page.counted.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>()));
        }
        "erasures/ask" => {
            let key = Subject::read(SubjectKind::Key, "customer-77").unwrap();
            let asked = cases.erasures.ask(caller, &key, &[], "They asked for it").await;
            answers.push(unless_partly_hidden(asked.map(|id| json!(id.0.len())))?);
        }
        "erasures/approve" | "erasures/decline" | "erasures/withdraw" => {
            let id = ErasureId("0193-erasure".into());
            let done = match name {
                "erasures/approve" => cases.erasures.approve(caller, &id).await,
                "erasures/decline" => cases.erasures.decline(caller, &id, "Not theirs").await,
                _ => cases.erasures.withdraw(caller, &id).await,
            };
            answers.push(unless_partly_hidden(done.map(|d| json!(d)))?);
        }
        "holds/list" => {
            let (all, _) = cases.holds.list(caller).await?;
            answers.push(json!(all.into_iter().map(|h| h.channel_name).collect::<Vec<_>>()));
        }
        "holds/place" => {
            let ends = crate::world::NOW.plus_secs(86_400);
            cases.holds.place(caller, "Case 12", &Held::Key("customer-77".into()), "A court asked", ends).await?;
        }
        "holds/end" => assert!(cases.holds.end(caller, &HoldId("0193-hold-100".into())).await?),
        "audit/list" => answers.push(json!(cases.audit.list(caller, &Question::default(), None, 200).await?.entries)),
        "audit/detail" => {
            for (channel, ..) in CHANNELS {
                answers.push(json!(cases.audit.detail(caller, EntryId(channel)).await?));
            }
        }
        "audit/export" => {
            let same = std::sync::Arc::new(Same(caller.clone()));
            let mut parts = cases.audit.export(caller, Question::default(), None, same).await?;
            while let Some(part) = parts.next().await {
                match part? {
                    Exported::Entries(entries) => answers.push(json!(entries)),
                    more => panic!("{more:?}"),
                }
            }
        }
        unknown => panic!("the access test does not know how to call {unknown}"),
    }
    Ok(answers)
}
