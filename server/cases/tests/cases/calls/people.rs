//! How to call the use cases of accounts and people.

use crate::world::{LOGIN, PASSWORD, World};
use serde_json::{Value, json};
use weir_domain::{CaseError, PersonId, RequestId, SessionId, access::Caller, access::Role};

pub async fn call(name: &str, world: &World, caller: &Caller, token: &str) -> Result<Vec<Value>, CaseError> {
    let cases = &world.cases;
    let mut answers = Vec::new();
    match name {
        "access/log_in" => {
            cases.access.log_in(LOGIN, PASSWORD, "192.0.2.1").await?;
        }
        "access/log_out" => {
            let own = cases.access.log_in(LOGIN, PASSWORD, "192.0.2.1").await?;
            cases.access.log_out(&own.token, "r".into()).await?;
            assert!(cases.access.caller(&own.token, None, "r".into()).await?.is_none());
        }
        "access/set_up" => {
            // Somebody exists: it may be called by anybody and does nothing.
            let refused = cases.access.set_up(token, "eve", "Eve", PASSWORD, &"r".into()).await;
            assert!(matches!(refused, Err(CaseError::Conflict { .. })), "{refused:?}");
            assert!(world.accounts.people().iter().all(|p| p.login != "eve"));
        }
        "access/me" => answers.push(json!(cases.access.me(caller).await?)),
        "access/page" => answers.push(json!(cases.access.page(caller).await?)),
        "access/account" => answers.push(json!(cases.access.account(caller).await?)),
        "access/rename" => answers.push(json!(cases.access.rename(caller, &caller.name).await?)),
        "access/password" => {
            // Anybody may try; this one is too short, and so costs no hashing.
            let refused = cases.access.password(caller, PASSWORD, "short", "192.0.2.1").await;
            assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{refused:?}");
        }
        "access/sessions" => answers.push(json!(cases.access.sessions(caller).await?)),
        "access/end_session" => answers.push(json!(cases.access.end_session(caller, Some(SessionId(-1))).await?)),
        "access/ask" => {
            let role = Role::ALL.iter().find(|r| !caller.roles.contains(r)).map_or("", |r| r.as_str());
            let asked = cases.access.ask(caller, role, "events.payload", "/events?key=key-100", "to help").await;
            match asked {
                Err(CaseError::Invalid { .. }) => assert!(role.is_empty(), "{role}"),
                asked => drop(asked?),
            }
        }
        "people/list" => answers.push(json!(cases.people.list(caller, "").await?)),
        "people/detail" => {
            answers.push(json!(cases.people.detail(caller, &caller.person).await?));
            answers.push(json!(cases.people.detail(caller, &PersonId("nobody".into())).await?));
            answers.push(json!(cases.people.places(caller).await?));
        }
        "people/invite" => {
            let login = format!("new{}", world.accounts.people().len());
            let link = cases.people.invite(caller, &login, "New", &["viewer".into()], Vec::new()).await?;
            assert!(!format!("{link:?}").contains(&link.token));
        }
        "people/change" => cases.people.change(caller, &caller.person, 1, "Mara", &[], Vec::new()).await?,
        "people/deactivate" => cases.people.deactivate(caller, &PersonId("other".into())).await?,
        "people/reactivate" => cases.people.reactivate(caller, &PersonId("other".into())).await?,
        "people/reset" => drop(cases.people.reset(caller, &PersonId("other".into())).await?),
        "people/revoke_invite" => cases.people.revoke_invite(caller, &PersonId("other".into())).await?,
        "people/accept" => {
            // Anybody may, and without a link nobody gets anywhere.
            for link in ["", "guess", token] {
                let refused = cases.people.accept(link, "Eve", PASSWORD, &"r".into()).await.map(drop);
                assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{refused:?}");
            }
        }
        "people/requests" => answers.push(json!(cases.people.requests(caller).await?)),
        "people/answer_request" => {
            cases.people.answer_request(caller, &RequestId("none".into()), true, "").await?;
        }
        unknown => panic!("the access test does not know how to call {unknown}"),
    }
    Ok(answers)
}
