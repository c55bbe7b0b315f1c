//! Saved searches.

use crate::world::{World, anybody};
use weir_domain::{
    CaseError, PersonId, SearchId,
    access::Caller,
    audit::{Field, ObjectKind, Outcome, Value},
    searches::{EventsAddress, MOST_OWN},
};

fn address() -> EventsAddress {
    EventsAddress::new("key=ord-4711&from=-1h".into()).unwrap()
}

fn ben() -> Caller {
    Caller { person: PersonId("0193-ben".into()), login: "ben".into(), ..anybody() }
}

#[tokio::test]
async fn a_search_is_its_owners_and_shown_to_others_only_if_shared() {
    let world = World::new();
    let (searches, mara, ben) = (&world.cases.searches, anybody(), ben());
    let id = searches.save(&mara, " Stuck ", address(), false).await.unwrap();
    assert_eq!(searches.list(&mara).await.unwrap()[0].name, "Stuck");
    assert!(searches.list(&ben).await.unwrap().is_empty());
    assert!(searches.share(&mara, &id, true).await.unwrap());
    let seen = searches.list(&ben).await.unwrap().remove(0);
    assert_eq!((seen.owner, seen.address, seen.shared), (mara.person.clone(), address(), true));
    // To see it is not to rule it.
    assert!(!searches.rename(&ben, &id, "Mine").await.unwrap());
    assert!(!searches.share(&ben, &id, false).await.unwrap());
    assert!(!searches.remove(&ben, &id).await.unwrap());
    assert!(!searches.remove(&mara, &SearchId("nothing".into())).await.unwrap());
    assert_eq!(searches.list(&ben).await.unwrap()[0].name, "Stuck");
    assert!(searches.rename(&mara, &id, "Hanging").await.unwrap());
    assert!(searches.share(&mara, &id, false).await.unwrap());
    assert!(searches.list(&ben).await.unwrap().is_empty());
    assert!(searches.remove(&mara, &id).await.unwrap());
    assert!(searches.list(&mara).await.unwrap().is_empty());
}

#[tokio::test]
async fn names_are_told_apart_and_searches_are_bounded() {
    let world = World::new();
    let (searches, mara) = (&world.cases.searches, anybody());
    let first = searches.save(&mara, "one", address(), false).await.unwrap();
    let again = searches.save(&mara, "one", address(), false).await;
    assert!(matches!(again, Err(CaseError::Conflict { .. })), "{again:?}");
    searches.save(&ben(), "one", address(), false).await.unwrap();
    searches.save(&mara, "two", address(), false).await.unwrap();
    let taken = searches.rename(&mara, &first, "two").await;
    assert!(matches!(taken, Err(CaseError::Conflict { .. })), "{taken:?}");
    for bad in ["", "a\nb", &"x".repeat(101)] {
        let (saved, renamed) =
            (searches.save(&mara, bad, address(), false).await, searches.rename(&mara, &first, bad).await);
        assert!(
            matches!((saved, renamed), (Err(CaseError::Invalid { .. }), Err(CaseError::Invalid { .. }))),
            "{bad:?}"
        );
    }
    for n in 2..MOST_OWN {
        searches.save(&mara, &format!("search {n}"), address(), false).await.unwrap();
    }
    let beyond = searches.save(&mara, "beyond", address(), false).await;
    assert!(matches!(&beyond, Err(CaseError::Conflict { what, .. }) if what.contains("200")), "{beyond:?}");
}

#[tokio::test]
async fn every_change_is_told_and_never_what_is_searched_for() {
    let world = World::new();
    let (searches, mara) = (&world.cases.searches, anybody());
    let id = searches.save(&mara, "Stuck", address(), true).await.unwrap();
    searches.rename(&mara, &id, "Hanging").await.unwrap();
    searches.share(&mara, &id, false).await.unwrap();
    searches.save(&mara, "Hanging", address(), false).await.unwrap_err();
    searches.remove(&mara, &id).await.unwrap();
    let entries = world.audit.take();
    let told: Vec<_> = entries.iter().map(|e| (e.use_case, e.outcome)).collect();
    let allowed = |name| (name, Outcome::Allowed);
    assert_eq!(
        told,
        [
            allowed("searches/save"),
            allowed("searches/rename"),
            allowed("searches/share"),
            allowed("searches/save"),
            ("searches/save", Outcome::Failed),
            allowed("searches/remove"),
        ]
    );
    let object = entries[1].about.object.clone().unwrap();
    assert_eq!((object.kind, object.id, object.name.as_deref()), (ObjectKind::Search, id.0, Some("Stuck")));
    assert_eq!(entries[1].about.after.get(Field::Name), Some(&Value::Text("Hanging".into())));
    assert_eq!(entries[2].about.before.get(Field::Shared), Some(&Value::Flag(true)));
    assert!(!format!("{entries:?}").contains("4711"));
}
