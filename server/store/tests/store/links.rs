use crate::common::{World, now, psql, view, world};
use weir_domain::{
    LinkId, PersonId, TemplateId,
    capture::Maintenance as _,
    links::{LinkKept, LinkTemplate, Links as _, NewLink, TemplateKept, link_id},
    searches::EventsAddress,
};

const ANN: &str = "0193e7a2-4c1b-7d52-a0f3-000000000001";
const BOB: &str = "0193e7a2-4c1b-7d52-a0f3-000000000002";

async fn people(w: &World) {
    let sql = format!(
        "insert into person (id, login, name, password_hash, joined_at)
         values ('{ANN}', 'ann', 'Ann', 'x', now()), ('{BOB}', 'bob', 'Bob', 'x', now())"
    );
    psql(&w.url, &sql).await;
}

fn new(by: &str, n: u128, query: &str) -> NewLink {
    let address = EventsAddress::new(query.into()).unwrap();
    NewLink { id: link_id(n), address, made_by: PersonId(by.into()), made: now() }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_one_link_and_nobody_makes_too_many() {
    let w = world().await;
    people(&w).await;
    let see = view(&w.store).await;
    let keep = async |link: NewLink| w.store.keep_link(&see, link, 2).await.unwrap();
    assert_eq!(keep(new(ANN, 1, "q=a")).await, LinkKept::Kept(link_id(1)));
    assert_eq!(keep(new(BOB, 2, "q=a")).await, LinkKept::Kept(link_id(1)));
    assert_eq!(keep(new(ANN, 3, "q=b")).await, LinkKept::Kept(link_id(3)));
    assert_eq!(keep(new(ANN, 4, "q=c")).await, LinkKept::TooMany);
    assert_eq!(keep(new(ANN, 5, "q=b")).await, LinkKept::Kept(link_id(3)), "there already");
    // Two who make the same one at once get one; and one person at once no more than they may.
    let same =
        futures::future::join_all([ANN, BOB].map(|by| w.store.keep_link(&see, new(by, by.len() as u128, "q=d"), 9)));
    let ids: Vec<_> = same.await.into_iter().map(Result::unwrap).collect();
    assert_eq!(ids[0], ids[1]);
    let many = (10..18).map(|n| w.store.keep_link(&see, new(BOB, n, Box::leak(format!("q={n}").into_boxed_str())), 3));
    let kept = futures::future::join_all(many).await;
    let kept = kept.into_iter().filter(|k| matches!(k, Ok(LinkKept::Kept(_)))).count();
    assert!(kept <= 3, "{kept}");
    // They outlive who made them.
    psql(&w.url, &format!("delete from person where id = '{ANN}'")).await;
    let opened = w.store.open_link(&see, &link_id(1), now()).await.unwrap().unwrap();
    assert_eq!(opened.address.as_str(), "q=a");
    assert_eq!(w.store.open_link(&see, &LinkId("1".repeat(12)), now()).await.unwrap(), None);
}

#[tokio::test]
async fn a_link_lasts_for_as_long_as_it_is_opened() {
    let w = world().await;
    people(&w).await;
    let see = view(&w.store).await;
    for (n, query) in [(1, "q=a"), (2, "q=b")] {
        w.store.keep_link(&see, new(ANN, n, query), 9).await.unwrap();
    }
    psql(&w.url, "update search_link set opened_at = now() - interval '401 days'").await;
    let at = psql(&w.url, "select (extract(epoch from clock_timestamp()) * 1000000)::bigint").await;
    let at = weir_domain::Timestamp(at.parse().unwrap());
    assert!(w.store.open_link(&see, &link_id(1), at).await.unwrap().is_some());
    w.store.retire_buckets(at).await.unwrap();
    assert!(w.store.open_link(&see, &link_id(1), at).await.unwrap().is_some(), "opened just now");
    assert_eq!(w.store.open_link(&see, &link_id(2), at).await.unwrap(), None);
}

/// That a link is used is written down once a day at most, and never turned back.
#[tokio::test]
async fn when_a_link_was_opened_moves_on_with_its_use() {
    let w = world().await;
    people(&w).await;
    let see = view(&w.store).await;
    w.store.keep_link(&see, new(ANN, 1, "q=a"), 9).await.unwrap();
    let opened =
        async || psql(&w.url, "select (extract(epoch from opened_at) * 1000000)::bigint from search_link").await;
    let made = now().0.to_string();
    assert_eq!(opened().await, made, "making it is opening it");
    for (seconds, moved) in [(3_600, false), (86_399, false), (2 * 86_400, true), (2 * 86_400 - 60, true)] {
        let at = now().plus_secs(seconds);
        assert!(w.store.open_link(&see, &link_id(1), at).await.unwrap().is_some());
        let want = if moved { now().plus_secs(2 * 86_400).0.to_string() } else { made.clone() };
        assert_eq!(opened().await, want, "opened {seconds} s after it was made");
    }
    // Asked for anew, it counts as opened too.
    let again = NewLink { made: now().plus_secs(9 * 86_400), ..new(BOB, 2, "q=a") };
    assert_eq!(w.store.keep_link(&see, again, 9).await.unwrap(), LinkKept::Kept(link_id(1)));
    assert_eq!(opened().await, now().plus_secs(9 * 86_400).0.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_kept_listed_and_removed() {
    let w = world().await;
    let see = view(&w.store).await;
    let template = |n: u32, name: &str| {
        let id = TemplateId(format!("0193e7a2-4c1b-7d52-a0f3-{n:012}"));
        let parts = (name, "data.orderId", "orders.*", "https://crm.example/o/{value}?a=b#c");
        LinkTemplate::read(id, parts, now()).unwrap()
    };
    let (first, second) = (template(1, "Tracing"), template(2, "crm"));
    for one in [&first, &second] {
        assert_eq!(w.store.add_template(&see, one.clone(), 2).await.unwrap(), TemplateKept::Kept);
    }
    assert_eq!(w.store.add_template(&see, template(3, "x"), 2).await.unwrap(), TemplateKept::TooMany);
    assert_eq!(w.store.templates(&see).await.unwrap(), [second.clone(), first.clone()]);
    assert!(w.store.remove_template(&see, &first.id).await.unwrap());
    for none in [&first.id, &TemplateId("no id".into())] {
        assert!(!w.store.remove_template(&see, none).await.unwrap());
    }
    assert_eq!(w.store.templates(&see).await.unwrap(), [second]);
}
