//! Short links to searches, templates of links, and where an event's values lead.

use crate::world::{World, anybody, caller, event_id};
use weir_cases::links::add::TemplateDraft;
use weir_domain::{
    CaseError, LinkId, PersonId, TemplateId,
    access::{Caller, Grant, Role},
    audit::{Field, Value},
    events::Fate,
    links::{MOST_LINKS, MOST_TEMPLATES},
    searches::EventsAddress,
};

fn address(query: &str) -> EventsAddress {
    EventsAddress::new(query.to_owned()).unwrap()
}

#[tokio::test]
async fn one_search_has_one_link_whoever_makes_it() {
    let world = World::new();
    let links = &world.cases.links;
    let other = Caller { person: PersonId("0193-second".into()), ..anybody() };
    let first = links.keep(&anybody(), address("q=declined")).await.unwrap();
    assert_eq!(LinkId::parse(&first.0), Some(first.clone()));
    assert_eq!(links.keep(&other, address("q=declined")).await.unwrap(), first);
    assert_ne!(links.keep(&other, address("q=refused")).await.unwrap(), first);
    let opened = links.open(&other, &first).await.unwrap().unwrap();
    assert_eq!(opened.address.as_str(), "q=declined");
    assert_eq!(links.open(&other, &LinkId("111111111111".into())).await.unwrap(), None);
    // What was typed is in no entry.
    assert!(world.audit.take().iter().all(|e| !format!("{e:?}").contains("declined")));
    for n in 0..MOST_LINKS {
        let kept = links.keep(&anybody(), address(&format!("q={n}"))).await;
        assert_eq!(kept.is_ok(), n + 1 < MOST_LINKS, "{n}: {kept:?}");
    }
    assert_eq!(links.keep(&anybody(), address("q=declined")).await.unwrap(), first, "there already");
}

#[tokio::test]
async fn values_lead_elsewhere_for_those_who_may_see_them() {
    let world = World::new();
    let all = world.cases.events.links(&anybody(), event_id(100, 1)).await.unwrap().unwrap();
    let told: Vec<_> = all.iter().map(|l| (l.field.as_str(), l.value.as_str(), l.url.as_str())).collect();
    assert_eq!(
        told,
        [
            ("key", "key-100", "https://crm.example/key-100"),
            ("header.trace", "header-100", "https://crm.example/header-100"),
            ("reason", "payload-100", "https://crm.example/payload-100"),
        ]
    );
    let entry = world.audit.take().pop().unwrap();
    assert_eq!((entry.about.count, entry.about.keys.len()), (Some(3), 1));
    assert!(matches!(entry.about.shape.get(Field::Parts), Some(Value::List(parts)) if parts.len() == 3));
    let architect = caller(&[Role::Architect], &[Grant::everything()]);
    let some = world.cases.events.links(&architect, event_id(100, 1)).await.unwrap().unwrap();
    assert_eq!(some.iter().map(|l| l.field.as_str()).collect::<Vec<_>>(), ["key", "header.trace"]);
    let viewer = caller(&[Role::Viewer], &[Grant::everything()]);
    assert!(world.cases.events.links(&viewer, event_id(100, 1)).await.unwrap().unwrap().is_empty());
    // Another channel's templates say nothing of this one.
    for template in world.links.templates.lock().unwrap().iter_mut() {
        template.channels = "payments.*".into();
    }
    assert!(world.cases.events.links(&anybody(), event_id(100, 1)).await.unwrap().unwrap().is_empty());
    // Without any template nobody learns whether there is such an event, and nothing was seen.
    world.links.templates.lock().unwrap().clear();
    world.audit.take();
    for id in [event_id(100, 1), event_id(999, 1)] {
        assert_eq!(world.cases.events.links(&anybody(), id).await.unwrap(), Some(Vec::new()));
    }
    assert!(world.audit.take().is_empty());
}

#[tokio::test]
async fn templates_are_bounded_and_audited() {
    let world = World::new();
    let links = &world.cases.links;
    let draft = |target: &str| TemplateDraft {
        name: "CRM".into(),
        field: "data.orderId".into(),
        channels: "orders.*".into(),
        target: target.into(),
    };
    let id = links.add(&anybody(), &draft("https://crm.example/o/{value}")).await.unwrap();
    let entry = world.audit.take().pop().unwrap();
    let fact = |field| entry.about.after.get(field).cloned();
    assert_eq!(fact(Field::Target), Some(Value::Text("https://crm.example/o/{value}".into())));
    assert_eq!(fact(Field::LinkedField), Some(Value::Text("data.orderId".into())));
    for bad in ["javascript:alert({value})", "https://{value}", "https://a@b.example/{value}", ""] {
        let refused = links.add(&anybody(), &draft(bad)).await;
        assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{bad}: {refused:?}");
    }
    assert!(world.audit.take().is_empty(), "nothing was done");
    assert!(links.remove(&anybody(), &id).await.unwrap());
    assert!(!links.remove(&anybody(), &TemplateId("nothing".into())).await.unwrap());
    while links.templates(&anybody()).await.unwrap().len() < MOST_TEMPLATES as usize {
        links.add(&anybody(), &draft("https://crm.example/o/{value}")).await.unwrap();
    }
    let more = links.add(&anybody(), &draft("https://crm.example/o/{value}")).await;
    assert!(matches!(more, Err(CaseError::Conflict { .. })), "{more:?}");
}

#[tokio::test]
async fn an_event_that_is_gone_is_told_to_who_might_have_seen_it() {
    let world = World::new();
    let gone = world.cases.events.gone(&anybody(), event_id(100, 77)).await.unwrap().unwrap();
    assert_eq!((gone.channel_name.as_str(), gone.source_name.as_str()), ("orders.placed", "shop-kafka"));
    assert_eq!(gone.fate, Fate::Unknown);
    let part = caller(Role::ALL, &[Grant { channel_pattern: "payments.*".into(), ..Grant::everything() }]);
    let hidden = world.cases.events.gone(&part, event_id(100, 77)).await.unwrap();
    let absent = world.cases.events.gone(&part, event_id(999, 77)).await.unwrap();
    assert_eq!((hidden, absent), (None, None));
}
