//! Clients hang up at any moment. What they leave behind must not touch who comes next.

use crate::common::{append, event, now, psql, view, world};
use futures::FutureExt as _;
use sha2::{Digest as _, Sha256};
use weir_domain::{
    access::{Accounts as _, Grant, NewPerson, Role},
    events::{EventFilter, EventRows as _},
    search::Query,
};
use weir_store::{Store, StoreOptions};

/// Drops a page's question after every number of steps, and then writes over the one connection there is: written
/// must mean stored.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_given_up_half_way_takes_nobody_elses_write_with_it() {
    let w = world().await;
    append(&w.store, w.partition, None, vec![event(0, "k", "{}")]).await;
    let setup = Sha256::digest(b"setup").into();
    w.store.put_setup_token(&setup, now().plus_secs(60)).await.unwrap();
    let person = NewPerson {
        login: "mara".into(),
        name: "Mara".into(),
        password_hash: "x".into(),
        roles: vec![Role::Viewer],
        grants: vec![Grant::everything()],
    };
    let person = w.store.create_first(&setup, person, now()).await.unwrap().unwrap();
    let one = StoreOptions { page_connections: 1, ..StoreOptions::default() };
    let store = Store::connect(&w.url, one).await.unwrap();
    let view = view(&store).await;
    let (filter, mut given_up) = (EventFilter::default(), 0);
    for steps in 0..40u32 {
        let query = Query::default();
        let mut asking = Box::pin(store.list(&view, &filter, &query, None, 10));
        let mut done = false;
        for _ in 0..steps {
            done = asking.as_mut().now_or_never().is_some();
            if done {
                break;
            }
            tokio::task::yield_now().await;
        }
        given_up += u32::from(!done);
        drop(asking);
        let token: [u8; 32] = Sha256::digest(steps.to_be_bytes()).into();
        store.open_session(&person, "x", &token, now(), now().plus_secs(60)).await.unwrap();
        let stored =
            psql(&w.url, &format!("select count(*) from session where token_hash = decode('{}', 'hex')", hex(&token)))
                .await;
        assert_eq!(stored, "1", "after {steps} steps of a question that was given up");
    }
    assert!(given_up >= 3, "nothing was given up: the test tests nothing");
}

fn hex(bytes: &[u8]) -> String {
    weir_domain::events::hex(bytes)
}
