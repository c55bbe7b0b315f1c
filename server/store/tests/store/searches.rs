use crate::common::{World, now, psql, view, world};
use weir_domain::{
    PersonId, SearchId,
    searches::{EventsAddress, NewSearch, SavedSearches as _, SearchChange, SearchChanged, SearchKept},
};

const ANN: &str = "0193e7a2-4c1b-7d52-a0f3-000000000001";
const BOB: &str = "0193e7a2-4c1b-7d52-a0f3-000000000002";

async fn people(w: &World) -> (PersonId, PersonId) {
    let sql = format!(
        "insert into person (id, login, name, password_hash, joined_at)
         values ('{ANN}', 'ann', 'Ann', 'x', now()), ('{BOB}', 'bob', 'Bob', 'x', now())"
    );
    psql(&w.url, &sql).await;
    (PersonId(ANN.into()), PersonId(BOB.into()))
}

fn new(owner: &PersonId, n: u32, name: &str, shared: bool) -> NewSearch {
    NewSearch {
        id: SearchId(format!("0193e7a2-4c1b-7d52-a0f3-{n:012}")),
        owner: owner.clone(),
        name: name.into(),
        address: EventsAddress::new("q=data.amount%3E900&from=-1h".into()).unwrap(),
        shared,
        made: now(),
    }
}

#[tokio::test]
async fn searches_are_kept_changed_and_removed_by_their_owner() {
    let w = world().await;
    let (ann, bob) = people(&w).await;
    let see = view(&w.store).await;
    let keep = async |search: NewSearch| w.store.keep_search(&see, search, 3).await.unwrap();
    let names = async |person: &PersonId| {
        let all = w.store.searches_of(&see, person).await.unwrap();
        all.into_iter().map(|s| (s.name, s.owner_name, s.shared)).collect::<Vec<_>>()
    };
    let told = |name: &str, owner: &str, shared: bool| (name.to_owned(), owner.to_owned(), shared);
    assert_eq!(keep(new(&ann, 1, "b", true)).await, SearchKept::Kept);
    assert_eq!(keep(new(&ann, 2, "A", false)).await, SearchKept::Kept);
    assert_eq!(keep(new(&ann, 3, "b", false)).await, SearchKept::NameTaken);
    assert_eq!(keep(new(&bob, 4, "b", false)).await, SearchKept::Kept);
    assert_eq!(keep(new(&ann, 5, "c", false)).await, SearchKept::Kept);
    assert_eq!(keep(new(&ann, 6, "d", false)).await, SearchKept::TooMany);
    assert_eq!(names(&ann).await, [told("A", "Ann", false), told("b", "Ann", true), told("c", "Ann", false)]);
    assert_eq!(names(&bob).await, [told("b", "Ann", true), told("b", "Bob", false)]);
    let kept = w.store.searches_of(&see, &bob).await.unwrap().remove(0);
    assert_eq!((kept.address.as_str(), kept.made), ("q=data.amount%3E900&from=-1h", now()));

    let (first, later) = (new(&ann, 1, "", true).id, now().plus_secs(60));
    let change = async |who: &PersonId, id: &SearchId, change: SearchChange| {
        w.store.change_search(&see, who, id, &change, later).await.unwrap()
    };
    assert_eq!(change(&bob, &first, SearchChange::Name("x".into())).await, SearchChanged::Gone);
    assert_eq!(change(&ann, &SearchId("no id".into()), SearchChange::Shared(true)).await, SearchChanged::Gone);
    assert_eq!(change(&ann, &first, SearchChange::Name("c".into())).await, SearchChanged::NameTaken);
    assert_eq!(change(&ann, &first, SearchChange::Name("z".into())).await, SearchChanged::Changed);
    assert_eq!(change(&ann, &first, SearchChange::Shared(false)).await, SearchChanged::Changed);
    assert_eq!(names(&ann).await[2], told("z", "Ann", false));
    assert_eq!(w.store.searches_of(&see, &ann).await.unwrap()[2].changed, later);
    assert_eq!(names(&bob).await, [told("b", "Bob", false)]);

    assert!(!w.store.remove_search(&see, &bob, &first).await.unwrap());
    assert!(w.store.remove_search(&see, &ann, &first).await.unwrap());
    assert!(!w.store.remove_search(&see, &ann, &first).await.unwrap());
}

#[tokio::test]
async fn what_somebody_shared_who_is_gone_is_not_shown() {
    let w = world().await;
    let (ann, bob) = people(&w).await;
    let see = view(&w.store).await;
    w.store.keep_search(&see, new(&ann, 1, "a", true), 9).await.unwrap();
    assert_eq!(w.store.searches_of(&see, &bob).await.unwrap().len(), 1);
    psql(&w.url, "update person set active = false where login = 'ann'").await;
    assert!(w.store.searches_of(&see, &bob).await.unwrap().is_empty());
    psql(&w.url, "delete from person where login = 'ann'").await;
    assert_eq!(psql(&w.url, "select count(*) from saved_search").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_do_not_pass_the_bound() {
    let w = world().await;
    let (ann, _) = people(&w).await;
    let see = view(&w.store).await;
    let keep = |n: u32| w.store.keep_search(&see, new(&ann, n, &format!("s{n}"), false), 3);
    let kept = futures::future::join_all((1..=8).map(keep)).await;
    let kept = kept.into_iter().filter(|k| matches!(k, Ok(SearchKept::Kept))).count();
    assert_eq!((kept, psql(&w.url, "select count(*) from saved_search").await.as_str()), (3, "3"));
}
