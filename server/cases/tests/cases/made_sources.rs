//! Sources made in the browser: who may, what becomes of their secrets, and what is refused at which field.

use crate::world::{BANK, PRODUCTION, SHOP, STAGING, TRIAL, World, anybody, caller, settings};
use weir_cases::sources::{Checked, KEY_FIELD, TrialDraft};
use weir_domain::{
    CaseError, Secret, SourceId,
    access::{Grant, Role},
    sources::{
        EnvironmentChoice, PasswordMechanism, SecretField, SignInSettings, SourceChange, SourceDraft, SourceSettings,
        TlsSettings,
    },
};

fn draft(name: &str) -> SourceDraft {
    SourceDraft {
        name: name.into(),
        environment: EnvironmentChoice::Existing(PRODUCTION),
        settings: settings(),
        secrets: vec![(SecretField::Password, Secret::new("correct horse"))],
    }
}

fn change(settings: SourceSettings, password: &str) -> SourceChange {
    SourceChange {
        version: 1,
        environment: EnvironmentChoice::Existing(PRODUCTION),
        settings,
        secrets: vec![(SecretField::Password, Secret::new(password))],
    }
}

fn fields<T: std::fmt::Debug>(checked: Checked<T>) -> Vec<String> {
    match checked {
        Checked::Wrong(problems) => problems.into_iter().map(|p| p.field).collect(),
        Checked::Done(done) => panic!("carried out: {done:?}"),
    }
}

fn sealed(world: &World, id: SourceId) -> Vec<String> {
    let data = world.ports.data.lock().unwrap();
    let made = data.made.iter().find(|m| m.id == id).unwrap();
    made.secrets.iter().map(|(_, s)| String::from_utf8(s.bytes.clone()).unwrap()).collect()
}

#[tokio::test]
async fn a_secret_is_sealed_for_its_source_and_never_told() {
    let world = World::new();
    let Checked::Done(id) = world.cases.sources.add(&anybody(), draft("new")).await.unwrap() else { panic!("refused") };
    assert_eq!(sealed(&world, id), [format!("{id}/password/correct horse")]);
    let shown = world.cases.sources.settings(&anybody(), id).await.unwrap().unwrap();
    assert_eq!(shown.kept, [SecretField::Password]);
    assert!(!serde_json::to_string(&shown).unwrap().contains("correct horse"));
    assert!(!format!("{:?}", draft("new")).contains("correct horse"));
}

#[tokio::test]
async fn without_a_key_nothing_secret_is_kept_and_the_rest_still_works() {
    let world = World::new();
    world.ports.data.lock().unwrap().key = None;
    assert!(!world.cases.sources.keeps_secrets());
    assert_eq!(fields(world.cases.sources.add(&anybody(), draft("new")).await.unwrap()), [KEY_FIELD]);
    let open = SourceSettings { sign_in: SignInSettings::Nothing, ..settings() };
    let plain = SourceDraft { settings: open, secrets: Vec::new(), ..draft("new") };
    assert!(matches!(world.cases.sources.add(&anybody(), plain).await.unwrap(), Checked::Done(_)));
    // A test keeps nothing, so it needs no key.
    let trial = TrialDraft { of: None, name: String::new(), settings: settings(), secrets: draft("").secrets };
    assert!(matches!(world.cases.sources.examine(&anybody(), trial).await.unwrap(), Checked::Done(_)));
}

#[tokio::test]
async fn names_are_taken_once_and_a_removed_one_goes_on_where_it_was() {
    let world = World::new();
    let add = async |draft| world.cases.sources.add(&anybody(), draft).await.unwrap();
    assert_eq!(fields(add(draft("shop-kafka")).await), ["name"]);
    assert_eq!(fields(add(draft("Shop")).await), ["name"]);
    world.ports.data.lock().unwrap().sources.iter_mut().for_each(|d| d.source.orphan = true);
    assert_eq!(add(draft("shop-kafka")).await, Checked::Done(SHOP), "its events go on under it");
    let moved = SourceDraft { environment: EnvironmentChoice::Existing(STAGING), ..draft("bank-kafka") };
    assert_eq!(fields(add(moved).await), ["name"], "they would be seen by others");
    let new = |name: &str| EnvironmentChoice::New { name: name.into(), production: false, colour: None };
    let known = SourceDraft { environment: new("staging"), ..draft("new") };
    assert_eq!(fields(add(known).await), ["new_environment"]);
    let gone = SourceDraft { environment: EnvironmentChoice::Existing(weir_domain::EnvironmentId(99)), ..draft("new") };
    assert_eq!(fields(add(gone).await), ["environment"]);
}

#[tokio::test]
async fn grants_cover_the_whole_environment_or_nothing_is_made() {
    let world = World::new();
    let grant = |environment, source, pattern: &str| Grant { environment, source, channel_pattern: pattern.into() };
    let new = || SourceDraft {
        environment: EnvironmentChoice::New { name: "lab".into(), production: false, colour: Some("teal".into()) },
        ..draft("new")
    };
    for (grants, in_production, in_a_new_one) in [
        (vec![Grant::everything()], true, true),
        (vec![grant(Some(PRODUCTION), None, "*")], true, false),
        (vec![grant(Some(STAGING), None, "*")], false, false),
        (vec![grant(None, Some(SHOP), "*")], false, false),
        (vec![grant(None, None, "orders.*")], false, false),
        (vec![], false, false),
    ] {
        let admin = caller(&[Role::Admin], &grants);
        for (draft, may) in [(draft("new"), in_production), (new(), in_a_new_one)] {
            let done = world.cases.sources.add(&admin, draft).await;
            match may {
                true => assert!(matches!(done, Ok(Checked::Done(_))), "{grants:?}: {done:?}"),
                false => assert!(matches!(done, Err(CaseError::NotAllowed { .. })), "{grants:?}: {done:?}"),
            }
        }
    }
    // Moving one needs both ends.
    let here = caller(&[Role::Admin], &[grant(Some(PRODUCTION), None, "*")]);
    let moved = SourceChange { environment: EnvironmentChoice::Existing(STAGING), ..change(settings(), "") };
    let refused = world.cases.sources.edit(&here, SHOP, moved).await;
    assert!(matches!(refused, Err(CaseError::NotAllowed { .. })), "{refused:?}");
    assert!(
        world.cases.sources.edit(&here, TRIAL, change(settings(), "")).await.unwrap().is_none(),
        "hidden is absent"
    );
}

#[tokio::test]
async fn what_is_left_empty_is_kept_unless_it_would_be_sent_elsewhere() {
    let world = World::new();
    let edit = async |id, change| world.cases.sources.edit(&anybody(), id, change).await.unwrap().unwrap();
    assert_eq!(edit(SHOP, change(SourceSettings { rack: Some("a".into()), ..settings() }, "")).await, Checked::Done(2));
    assert_eq!(sealed(&world, SHOP), ["10/password/hunter2"]);
    assert_eq!(edit(BANK, change(settings(), "new one")).await, Checked::Done(2));
    assert_eq!(sealed(&world, BANK), ["11/password/new one"]);

    let elsewhere = [
        SourceSettings { addresses: vec!["kafka:9092".into(), "evil.example:9092".into()], ..settings() },
        SourceSettings { tls: Some(TlsSettings::default()), ..settings() },
        SourceSettings {
            sign_in: SignInSettings::Password { mechanism: PasswordMechanism::ScramSha512, username: "weir".into() },
            ..settings()
        },
        SourceSettings {
            sign_in: SignInSettings::Password { mechanism: PasswordMechanism::Plain, username: "other".into() },
            ..settings()
        },
    ];
    for settings in elsewhere {
        let staging = EnvironmentChoice::Existing(STAGING);
        let leads_away = SourceChange { environment: staging, ..change(settings.clone(), "") };
        assert_eq!(fields(edit(TRIAL, leads_away).await), ["password"]);
        assert_eq!(sealed(&world, TRIAL), ["20/password/hunter2"], "and nothing has changed");
        // Nor by a test.
        let trial =
            TrialDraft { of: Some(TRIAL), name: String::new(), settings: settings.clone(), secrets: Vec::new() };
        assert_eq!(fields(world.cases.sources.examine(&anybody(), trial.clone()).await.unwrap()), ["password"]);
        assert_eq!(fields(world.cases.sources.preview(&anybody(), trial).await.unwrap()), ["password"]);
    }
    assert_eq!(world.ports.data.lock().unwrap().trials.len(), 0);
    let same = TrialDraft { of: Some(TRIAL), name: String::new(), settings: settings(), secrets: Vec::new() };
    world.cases.sources.examine(&anybody(), same).await.unwrap();
    let tried = world.ports.data.lock().unwrap().trials.pop().unwrap();
    assert_eq!(tried.secrets, [(SecretField::Password, Secret::new("hunter2"))]);

    // What the new way of signing in does not take is forgotten.
    let open = SourceSettings { sign_in: SignInSettings::Nothing, ..settings() };
    let staging = EnvironmentChoice::Existing(STAGING);
    assert_eq!(edit(TRIAL, SourceChange { environment: staging, ..change(open, "") }).await, Checked::Done(2));
    assert_eq!(sealed(&world, TRIAL), [""; 0]);
}

#[tokio::test]
async fn two_who_edit_at_once_do_not_undo_each_other() {
    let world = World::new();
    let policy =
        |pattern: &str| weir_domain::sources::CapturePolicy { channels: vec![pattern.into()], ..settings().policy };
    let first = world.cases.sources.policy(&anybody(), SHOP, 1, policy("order.*")).await.unwrap();
    assert_eq!(first, Some(Checked::Done(2)));
    assert_eq!(sealed(&world, SHOP), ["10/password/hunter2"], "what is read does not touch how");
    for late in [
        world.cases.sources.policy(&anybody(), SHOP, 1, policy("*")).await.err(),
        world.cases.sources.edit(&anybody(), SHOP, change(settings(), "")).await.err(),
    ] {
        assert!(matches!(late, Some(CaseError::Conflict { .. })), "{late:?}");
    }
    let none = world.cases.sources.policy(&anybody(), SHOP, 2, policy("")).await.unwrap().unwrap();
    assert_eq!(fields(none), ["channels"]);
}
