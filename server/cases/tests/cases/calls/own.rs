//! How to call the use cases of tokens, saved searches and links.

use crate::world::World;
use serde_json::{Value, json};
use weir_cases::{links::add::TemplateDraft, tokens::Asked};
use weir_domain::{
    CaseError, LinkId, TemplateId, TokenId, access::Caller, links::LinkTemplate, searches::EventsAddress,
    tokens::TokenShown,
};

pub async fn call(name: &str, world: &World, caller: &Caller) -> Result<Vec<Value>, CaseError> {
    let cases = &world.cases;
    let mut answers = Vec::new();
    match name {
        "tokens/list" => answers.push(json!(names(&cases.tokens.list(caller).await?))),
        "tokens/create" => match caller.roles.first() {
            Some(role) => {
                let asked =
                    Asked { name: format!("call {}", world.accounts.tokens_made()), days: 1, roles: vec![*role] };
                let made = cases.tokens.create(caller, asked).await?;
                let program = cases.tokens.caller(&made.text, None, "r".into(), "access/me").await?.unwrap();
                assert_eq!((program.roles, &program.grants), (vec![*role], &caller.grants));
                assert!(cases.tokens.revoke(caller, &made.id).await?);
            }
            None => {
                let asked = Asked { name: "without a role".into(), days: 1, roles: Vec::new() };
                let refused = cases.tokens.create(caller, asked).await;
                assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{refused:?}");
            }
        },
        "tokens/revoke" => {
            assert!(!cases.tokens.revoke(caller, &TokenId("0193-nobody's".into())).await?);
            // Kept by its person's side of the store, so that there is one to revoke.
            let id = world.accounts.a_token_of(&caller.person);
            assert!(cases.tokens.revoke(caller, &id).await?);
        }
        "searches/list" => {
            let found = cases.searches.list(caller).await?;
            answers.push(json!(found.iter().map(|s| s.name.as_str()).collect::<Vec<_>>()));
        }
        "searches/save" => {
            let name = format!("call {}", world.searches.kept.lock().unwrap().len());
            // Its owner does not matter here; without one of the earlier there is room.
            world.searches.kept.lock().unwrap().clear();
            let address = EventsAddress::new("q=declined".into()).unwrap();
            cases.searches.save(caller, &name, address, false).await?;
        }
        "searches/rename" | "searches/share" | "searches/remove" => {
            let id = world.searches.one_of(&caller.person, false);
            let done = match name {
                "searches/rename" => cases.searches.rename(caller, &id, &format!("renamed {}", id.0)).await?,
                "searches/share" => cases.searches.share(caller, &id, true).await?,
                _ => cases.searches.remove(caller, &id).await?,
            };
            assert!(done);
        }
        "links/keep" => {
            cases.links.keep(caller, EventsAddress::new("q=declined".into()).unwrap()).await?;
        }
        "links/open" => {
            let kept = world.links.kept.lock().unwrap().first().map(|k| k.id.clone());
            let id = kept.unwrap_or(LinkId("111111111111".into()));
            answers.push(json!(cases.links.open(caller, &id).await?.map(|l| l.address.as_str().to_owned())));
        }
        "links/templates" => {
            let all = cases.links.templates(caller).await?;
            answers.push(json!(all.iter().map(|t| t.name.as_str()).collect::<Vec<_>>()));
        }
        "links/add" => {
            // Without one of the earlier calls' there is room.
            world.links.templates.lock().unwrap().truncate(3);
            let draft = TemplateDraft {
                name: "CRM".into(),
                field: "data.orderId".into(),
                channels: String::new(),
                target: "https://crm.example/{value}".into(),
            };
            cases.links.add(caller, &draft).await?;
        }
        "links/remove" => {
            let parts = ("CRM", "data.orderId", "", "https://crm.example/{value}");
            let id = TemplateId("0193-template-to-go".into());
            let one = LinkTemplate::read(id.clone(), parts, crate::world::NOW).unwrap();
            world.links.templates.lock().unwrap().push(one);
            assert!(cases.links.remove(caller, &id).await?);
        }
        unknown => panic!("the access test does not know how to call {unknown}"),
    }
    Ok(answers)
}

fn names(tokens: &[TokenShown]) -> Vec<&str> {
    tokens.iter().map(|t| t.name.as_str()).collect()
}
