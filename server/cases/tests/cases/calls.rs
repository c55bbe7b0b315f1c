//! How to call each use case, by name. A name that is not here makes the access test fail.

mod capture;
mod erasures;
mod events;
mod lag;
mod own;
mod people;
mod sources;

use crate::world::World;
use async_trait::async_trait;
use serde_json::{Value, json};
use weir_cases::Recheck;
use weir_domain::{CaseError, access::Caller};

/// Everything a use case answers over the whole world, as JSON; the first refusal ends it.
pub async fn call(name: &str, world: &World, caller: &Caller, token: &str) -> Result<Value, CaseError> {
    let answers = match name.split('/').next().unwrap_or_default() {
        "access" | "people" => people::call(name, world, caller, token).await?,
        "capture" | "backfill" | "verify" => capture::call(name, world, caller).await?,
        "events" | "catalog" | "changes" | "overview" => events::call(name, world, caller).await?,
        "sources" => sources::call(name, world, caller).await?,
        "tokens" | "searches" | "links" => own::call(name, world, caller).await?,
        "erasures" | "holds" | "audit" => erasures::call(name, world, caller).await?,
        "lag" => lag::call(name, world, caller).await?,
        "monitors" => vec![crate::monitor_calls::call(name, world, caller).await?],
        _ => panic!("the access test does not know how to call {name}"),
    };
    Ok(Value::Array(answers))
}

/// Permitted, but not for channels beyond the grants: the table tells which.
pub fn unless_partly_hidden(done: Result<Value, CaseError>) -> Result<Value, CaseError> {
    match done {
        Err(CaseError::NotAllowed { needs, .. }) if needs.contains("every channel") => Ok(json!("partly hidden")),
        done => done,
    }
}

/// Nothing has changed.
pub struct Same(pub Caller);

#[async_trait]
impl Recheck for Same {
    async fn caller(&self) -> Result<Option<Caller>, CaseError> {
        Ok(Some(self.0.clone()))
    }
}
