use crate::world::{PASSWORD, World};
use weir_cases::access::setup_token::SETUP_SECS;
use weir_domain::{
    CaseError,
    access::{Grant, Role},
};

fn refused(result: Result<weir_cases::access::NewSession, CaseError>) -> String {
    match result {
        Err(CaseError::Invalid { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_first_administrator_holds_every_role_and_is_signed_in() {
    let world = World::new();
    let access = &world.cases.access;
    let token = access.new_setup_token().await.unwrap().unwrap();
    let session = access.set_up(&token, "Mara@Example.org", " Mara Lindqvist ", PASSWORD, &"r".into()).await.unwrap();
    let caller = access.caller(&session.token, None, "r".into()).await.unwrap().unwrap();
    assert_eq!((caller.login.as_str(), caller.name.as_str()), ("mara@example.org", "Mara Lindqvist"));
    assert_eq!((caller.roles.as_slice(), caller.grants.as_slice()), (Role::ALL, &[Grant::everything()][..]));
    let me = access.me(&caller).await.unwrap();
    assert!(me.permissions.contains(&"events.payload".to_owned()) && me.environments.len() == 2);
    assert!(world.accounts.people()[0].password_hash.starts_with("$argon2id$"));

    assert!(access.new_setup_token().await.unwrap().is_none(), "somebody exists");
    let too_late = access.set_up(&token, "eve", "Eve", PASSWORD, &"r".into()).await.map(drop);
    assert!(matches!(too_late, Err(CaseError::Conflict { .. })), "{too_late:?}");
}

#[tokio::test]
async fn a_mistake_does_not_use_the_link_up() {
    let world = World::new();
    let access = &world.cases.access;
    let token = access.new_setup_token().await.unwrap().unwrap();
    for (login, name, password, about) in [
        ("m", "Mara", PASSWORD, "log-in name"),
        ("mara", "", PASSWORD, "name"),
        ("mara", "Ma\nra", PASSWORD, "name"),
        ("mara", "Mara", "too short", "too short"),
        ("mara", "Mara", &"long ".repeat(300), "too long"),
    ] {
        let what = refused(access.set_up(&token, login, name, password, &"r".into()).await);
        assert!(what.contains(about), "{what}");
    }
    assert!(access.set_up(&token, "mara", "Mara", PASSWORD, &"r".into()).await.is_ok());
}

#[tokio::test]
async fn the_link_ends_after_a_quarter_of_an_hour_or_with_a_newer_one() {
    let world = World::new();
    let access = &world.cases.access;
    let old = access.new_setup_token().await.unwrap().unwrap();
    let new = access.new_setup_token().await.unwrap().unwrap();
    refused(access.set_up(&old, "mara", "Mara", PASSWORD, &"r".into()).await);
    world.clock.pass_secs(SETUP_SECS);
    refused(access.set_up(&new, "mara", "Mara", PASSWORD, &"r".into()).await);
    refused(access.set_up("guess", "mara", "Mara", PASSWORD, &"r".into()).await);
    let fresh = access.new_setup_token().await.unwrap().unwrap();
    world.clock.pass_secs(SETUP_SECS - 1);
    assert!(access.set_up(&fresh, "mara", "Mara", PASSWORD, &"r".into()).await.is_ok());
}
