//! Sources made in the browser: stored sealed, changed by compare-and-set, removed without their events.

use crate::common::{append, batch, environment, event, now, open, psql, system, view, wanted, world};
use weir_domain::{
    EnvironmentId, PersonId, SourceId, StoreError,
    capture::{EventLog as _, Fence, Shares as _, TapCatalog as _},
    sources::{
        CapturePolicy, EnvironmentChoice, KeptSource, MadeSources as _, MadeVersion, Sealed, SecretField,
        SignInSettings, SourceSettings, Sources as _, StartSetting,
    },
};
use weir_store::Store;

fn settings(address: &str) -> SourceSettings {
    SourceSettings {
        format: SourceSettings::FORMAT,
        kind: "kafka".into(),
        addresses: vec![address.into()],
        tls: None,
        sign_in: SignInSettings::Nothing,
        rack: Some("a\u{fffd}b".into()),
        policy: CapturePolicy {
            capture: "metadata".into(),
            act: "none".into(),
            read_only: true,
            channels: vec!["order.*".into()],
            include_internal: false,
            start: StartSetting::Earliest,
            catch_up_bytes_per_s: Some(1_000_000),
            type_header: None,
            type_field: None,
        },
    }
}

pub fn sealed(key_id: &str, bytes: &[u8]) -> (SecretField, Sealed) {
    (SecretField::Password, Sealed { key_id: key_id.into(), bytes: bytes.to_vec() })
}

pub fn kept(id: SourceId, name: &str, environment: EnvironmentChoice) -> KeptSource {
    KeptSource {
        id,
        name: name.into(),
        environment,
        settings: settings("kafka:9092"),
        secrets: vec![sealed("k1", b"sealed bytes")],
        by: PersonId("nobody of the database".into()),
        at: now(),
    }
}

async fn production(store: &Store) -> EnvironmentId {
    let view = view(store).await;
    store.name_taken(&view, "shop").await.unwrap().unwrap().environment
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_added_changed_and_removed_and_its_events_stay() {
    let w = world().await;
    let view = view(&w.store).await;
    let here = EnvironmentChoice::Existing(production(&w.store).await);
    let id = w.store.reserve(&view).await.unwrap();
    assert_ne!(w.store.reserve(&view).await.unwrap(), id, "an id is given once");
    w.store.add(&view, &kept(id, "made", here.clone())).await.unwrap();
    let made = w.store.made(&view, id).await.unwrap().unwrap();
    assert_eq!((made.name.as_str(), made.version, &made.settings), ("made", 1, &settings("kafka:9092")));
    assert_eq!(made.secrets, [sealed("k1", b"sealed bytes")]);
    assert_eq!(made.environment_name, "production");
    let version = |source, name: &str| MadeVersion { source, name: name.into(), version: 1 };
    assert_eq!(w.store.versions(&system()).await.unwrap(), [version(id, "made")]);
    assert_eq!(w.store.for_tap(&system(), id).await.unwrap(), Some(made));
    let shown = w.store.list(&view, now()).await.unwrap().into_iter().find(|s| s.id == id).unwrap();
    assert_eq!((shown.capture.as_str(), shown.may_edit, shown.orphan), ("metadata", true, false));
    assert_eq!(shown.description, "kafka:9092 (rack a\u{fffd}b), channels order.*");
    let of_the_file = w.store.list(&view, now()).await.unwrap().into_iter().find(|s| s.id == w.source).unwrap();
    assert!(!of_the_file.may_edit && of_the_file.description.ends_with(", from weir.toml"), "{of_the_file:?}");

    // Only from the version that was seen.
    let other = KeptSource { settings: settings("kafka:9093"), secrets: Vec::new(), ..kept(id, "made", here.clone()) };
    assert!(!w.store.change(&view, 2, &other).await.unwrap());
    assert!(w.store.change(&view, 1, &other).await.unwrap());
    assert!(!w.store.change(&view, 1, &other).await.unwrap());
    let made = w.store.made(&view, id).await.unwrap().unwrap();
    assert_eq!((made.version, made.settings.addresses[0].as_str(), made.secrets.len()), (2, "kafka:9093", 0));

    let channel = w.store.put_channel(id, "order.placed").await.unwrap();
    let fence = Fence::Finder(w.store.join(id, "test", 3_600_000).await.unwrap());
    let partition = open(&w.store, fence, channel, 0).await;
    append(&w.store, partition, None, vec![event(0, "k", "{}")]).await;
    assert!(w.store.remove(&view, id, &PersonId("p".into()), now()).await.unwrap());
    assert!(!w.store.remove(&view, id, &PersonId("p".into()), now()).await.unwrap());
    assert_eq!(w.store.made(&view, id).await.unwrap(), None);
    assert!(w.store.paused(&system(), id).await.unwrap(), "its tap stands still");
    assert_eq!(psql(&w.url, &format!("select count(*) from event where partition_id = {}", partition.0)).await, "1");
    let view = crate::common::view(&w.store).await;
    let gone = w.store.list(&view, now()).await.unwrap().into_iter().find(|s| s.id == id).unwrap();
    assert!(gone.orphan && !gone.may_edit && gone.reason.unwrap().starts_with("It was removed"));

    // Under its name again, it goes on where it stood.
    let taken = w.store.name_taken(&view, "made").await.unwrap().unwrap();
    assert!(taken.gone && taken.id == id);
    w.store.add(&view, &kept(id, "made", here)).await.unwrap();
    assert!(!w.store.paused(&system(), id).await.unwrap());
    let again = w.store.append(&batch(partition, Some(1), vec![event(1, "k", "{}")])).await.unwrap();
    assert!(matches!(again, weir_domain::capture::AppendOutcome::Stored { .. }), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_environments_are_taken_once() {
    let w = world().await;
    let view = view(&w.store).await;
    let here = EnvironmentChoice::Existing(production(&w.store).await);
    let id = w.store.reserve(&view).await.unwrap();
    // The file's own name, under an id of its own or the file's.
    for id in [id, w.source] {
        let taken = w.store.add(&view, &kept(id, "shop", here.clone())).await;
        assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    }
    let lab = |name: &str| EnvironmentChoice::New { name: name.into(), production: false, colour: Some("teal".into()) };
    w.store.add(&view, &kept(id, "first", lab("lab"))).await.unwrap();
    let other = w.store.reserve(&view).await.unwrap();
    let twice = w.store.add(&view, &kept(other, "second", lab("lab"))).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
    assert_eq!(w.store.name_taken(&view, "second").await.unwrap(), None, "all or nothing");
    let gone = EnvironmentChoice::Existing(EnvironmentId(9999));
    let nowhere = w.store.add(&view, &kept(other, "third", gone)).await;
    assert!(matches!(nowhere, Err(StoreError::Conflict(_))), "{nowhere:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_keeps_winning_its_names_and_leaves_the_others_alone() {
    let w = world().await;
    let view = view(&w.store).await;
    let here = EnvironmentChoice::Existing(production(&w.store).await);
    let (mine, theirs) = (w.store.reserve(&view).await.unwrap(), w.store.reserve(&view).await.unwrap());
    w.store.add(&view, &kept(mine, "mine", here.clone())).await.unwrap();
    w.store.add(&view, &kept(theirs, "theirs", here)).await.unwrap();
    // A start of the server with its file as it was.
    let start = async |names: &[&str]| {
        let sources: Vec<_> = names.iter().map(|n| wanted(n, "production")).collect();
        w.store.put_sources(&[environment("production", true)], &sources).await.unwrap()
    };
    start(&["shop"]).await;
    assert!(!w.store.paused(&system(), mine).await.unwrap(), "what people made is not gone from the file");
    // A server that did not know of made sources paused them: the next one makes that good.
    psql(&w.url, "update source set orphan = true where name = 'mine'").await;
    start(&["shop"]).await;
    assert!(!w.store.paused(&system(), mine).await.unwrap());
    // The file takes a name.
    let put = start(&["shop", "theirs"]).await;
    assert_eq!(put[1].1, theirs, "its events go on under the file's");
    assert_eq!(w.store.made(&view, theirs).await.unwrap(), None);
    assert_eq!(psql(&w.url, "select count(*) from source_secret").await, "1", "its secrets are forgotten");
    let left = w.store.versions(&system()).await.unwrap();
    assert_eq!(left, [MadeVersion { source: mine, name: "mine".into(), version: 1 }]);
    // And a removed one stays removed.
    w.store.remove(&view, mine, &PersonId("p".into()), now()).await.unwrap();
    start(&["shop", "theirs"]).await;
    assert!(w.store.paused(&system(), mine).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_old_key_sealed_is_replaced_once() {
    let w = world().await;
    let view = view(&w.store).await;
    let id = w.store.reserve(&view).await.unwrap();
    let here = EnvironmentChoice::Existing(production(&w.store).await);
    w.store.add(&view, &kept(id, "made", here)).await.unwrap();
    let (old, new) = (sealed("k1", b"sealed bytes").1, sealed("k2", b"other bytes").1);
    assert!(w.store.reseal(id, SecretField::Password, &old, &new).await.unwrap());
    assert!(!w.store.reseal(id, SecretField::Password, &old, &new).await.unwrap(), "somebody was quicker");
    let made = w.store.made(&view, id).await.unwrap().unwrap();
    assert_eq!((made.secrets, made.version), (vec![sealed("k2", b"other bytes")], 1), "no tap starts anew for that");
}

#[tokio::test(flavor = "multi_thread")]
async fn taps_are_told_of_a_change_at_once() {
    let w = world().await;
    let view = view(&w.store).await;
    let here = EnvironmentChoice::Existing(production(&w.store).await);
    // The first hint says that one listens now.
    w.store.hint().await;
    let store = w.store.clone();
    let hint = tokio::spawn(async move { store.hint().await });
    let id = w.store.reserve(&view).await.unwrap();
    w.store.add(&view, &kept(id, "made", here.clone())).await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(30), hint).await.expect("a hint").unwrap();
}
