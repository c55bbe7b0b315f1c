use crate::{
    calls::Same,
    world::{PRODUCTION, STAGING, World, anybody, caller},
};
use futures::StreamExt;
use std::{sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};
use weir_cases::{Bye, Frame, tokens::Asked};
use weir_domain::{
    CaseError, EnvironmentId, TokenId,
    access::{Caller, Credential, Grant, Role, USE_CASES},
    events::{EventFilter, Positions},
};

const DAY: i64 = 86_400;

fn asked(roles: &[Role]) -> Asked {
    Asked { name: "nightly report".into(), days: 30, roles: roles.to_vec() }
}

/// The one person, with every role, and who they are.
async fn world() -> (World, Caller) {
    let (world, session) = World::signed_in().await;
    let mara = world.cases.access.caller(&session, None, "r".into()).await.unwrap().unwrap();
    (world, mara)
}

async fn by(world: &World, token: &str) -> Option<Caller> {
    world.cases.tokens.caller(token, None, "r".into(), "access/me").await.unwrap()
}

#[tokio::test]
async fn a_token_stands_for_its_person_and_never_above_them() {
    let (world, mara) = world().await;
    let made = world.cases.tokens.create(&mara, asked(&[Role::Support, Role::Viewer, Role::Support])).await.unwrap();
    assert!(made.text.starts_with("weir_") && !format!("{made:?}").contains(&made.text));
    let program = by(&world, &made.text).await.unwrap();
    assert_eq!(
        (program.person.clone(), program.roles.clone()),
        (mara.person.clone(), vec![Role::Viewer, Role::Support])
    );
    assert_eq!(program.grants, mara.grants);
    let Credential::Token { id, name, expires } = program.by else { panic!("{:?}", program.by) };
    assert_eq!((id, name.as_str(), expires), (made.id, "nightly report", made.expires));
    assert_eq!(made.expires.micros_since(world.cases.tokens.now()), 30 * DAY * 1_000_000);

    // What is taken from the person is taken from the token, and what they get later it does not get.
    let fewer = vec![Grant { channel_pattern: "orders.*".into(), ..Grant::everything() }];
    world.accounts.become_person(&[Role::Support, Role::Admin], &fewer);
    let program = by(&world, &made.text).await.unwrap();
    assert_eq!((program.roles, program.grants), (vec![Role::Support], fewer));
    world.accounts.become_person(&[], &[]);
    let program = by(&world, &made.text).await.unwrap();
    assert!(program.roles.is_empty());
    let refused = world.cases.events.list(&program, EventFilter::default(), None, 1).await;
    assert!(matches!(refused, Err(CaseError::NotAllowed { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_token_ends_by_time_by_choice_and_with_its_person() {
    let (world, mara) = world().await;
    let first = world.cases.tokens.create(&mara, asked(&[Role::Viewer])).await.unwrap();
    let second =
        world.cases.tokens.create(&mara, Asked { name: "other".into(), ..asked(&[Role::Viewer]) }).await.unwrap();
    assert_ne!(first.text, second.text);
    assert!(world.cases.tokens.revoke(&mara, &first.id).await.unwrap());
    assert!(!world.cases.tokens.revoke(&mara, &first.id).await.unwrap(), "once is enough");
    assert!(by(&world, &first.text).await.is_none() && by(&world, &second.text).await.is_some());
    world.clock.pass_secs(30 * DAY - 1);
    assert!(by(&world, &second.text).await.is_some());
    world.clock.pass_secs(1);
    assert!(by(&world, &second.text).await.is_none());

    let third = world.cases.tokens.create(&mara, asked(&[Role::Viewer])).await.unwrap();
    let session = world.accounts.session_digests().len();
    world.accounts.deactivate();
    assert!(by(&world, &third.text).await.is_none());
    assert_eq!(world.accounts.session_digests().len(), session, "tokens are no sessions");
    for nonsense in ["", "weir_", &third.text[5..], &format!("weir_{}", "A".repeat(43)), &third.text.to_uppercase()] {
        assert!(by(&world, nonsense).await.is_none(), "{nonsense}");
        assert!(world.cases.access.caller(nonsense, None, "r".into()).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn what_cannot_be_given_is_told() {
    let (world, mara) = world().await;
    world.accounts.become_person(&[Role::Viewer], &[Grant::everything()]);
    let viewer = Caller { roles: vec![Role::Viewer], ..mara };
    let with = |name: &str, days, roles: &[Role]| Asked { name: name.into(), days, roles: roles.to_vec() };
    for (asked, why) in [
        (with("a", 30, &[Role::Admin]), "role admin"),
        (with("a", 30, &[Role::Viewer, Role::Support]), "role support"),
        (with("a", 30, &[]), "without a role"),
        (with("a", 0, &[Role::Viewer]), "1 to 366"),
        (with("a", 367, &[Role::Viewer]), "1 to 366"),
        (with(" ", 30, &[Role::Viewer]), "name"),
        (with(&"a".repeat(81), 30, &[Role::Viewer]), "name"),
        (with("a\nb", 30, &[Role::Viewer]), "name"),
    ] {
        let line = format!("{asked:?}");
        let Err(CaseError::Invalid { what, what_to_do }) = world.cases.tokens.create(&viewer, asked).await else {
            panic!("{line}")
        };
        assert!(what.contains(why) && !what_to_do.is_empty(), "{line}: {what}");
    }
    world.cases.tokens.create(&viewer, with("a", 366, &[Role::Viewer])).await.unwrap();
    let twice = world.cases.tokens.create(&viewer, with(" a ", 1, &[Role::Viewer])).await;
    assert!(matches!(twice, Err(CaseError::Conflict { .. })), "{twice:?}");
    for n in 1..weir_cases::tokens::MOST {
        world.cases.tokens.create(&viewer, with(&format!("n{n}"), 1, &[Role::Viewer])).await.unwrap();
    }
    let beyond = world.cases.tokens.create(&viewer, with("one more", 1, &[Role::Viewer])).await;
    assert!(matches!(beyond, Err(CaseError::Conflict { .. })), "{beyond:?}");
    assert_eq!(world.cases.tokens.list(&viewer).await.unwrap().len(), 50);
    // Somebody else's are neither seen nor ended.
    let other = Caller { person: weir_domain::PersonId("0193-other".into()), ..viewer };
    assert!(world.cases.tokens.list(&other).await.unwrap().is_empty());
    assert!(!world.cases.tokens.revoke(&other, &TokenId("0193-token-0".into())).await.unwrap());
}

#[tokio::test]
async fn a_token_makes_no_tokens() {
    let (world, mara) = world().await;
    let made = world.cases.tokens.create(&mara, asked(Role::ALL)).await.unwrap();
    let program = by(&world, &made.text).await.unwrap();
    let refused = [
        world.cases.tokens.create(&program, asked(&[Role::Viewer])).await.err(),
        world.cases.tokens.list(&program).await.err(),
        world.cases.tokens.revoke(&program, &made.id).await.err(),
    ];
    assert!(refused.iter().all(|e| matches!(e, Some(CaseError::SessionsOnly))), "{refused:?}");
    let sessions_only: Vec<_> = USE_CASES.iter().filter(|u| u.sessions_only).map(|u| u.name).collect();
    for name in ["access/log_out", "tokens/create", "tokens/list", "tokens/revoke"] {
        assert!(sessions_only.contains(&name), "{name}");
    }
    assert!(by(&world, &made.text).await.is_some(), "it still lives");
}

#[tokio::test]
async fn environments_are_named_and_what_is_not_reached_is_not_told_from_what_is_not_there() {
    let (world, mara) = world().await;
    let made = world.cases.tokens.create(&mara, asked(&[Role::Viewer])).await.unwrap();
    let of = |env: &str| {
        let (cases, text, env) = (&world.cases, made.text.clone(), env.to_owned());
        async move { cases.tokens.caller(&text, Some(&env), "r".into(), "access/me").await.map(|c| c.unwrap().environment) }
    };
    assert_eq!(of("production").await.unwrap(), Some(PRODUCTION));
    assert_eq!(of("2").await.unwrap(), Some(STAGING));
    assert_eq!(of("77").await.unwrap(), Some(EnvironmentId(77)), "nothing is there to be seen");
    world.accounts.become_person(&[Role::Viewer], &[Grant { environment: Some(STAGING), ..Grant::everything() }]);
    let [hidden, unknown] = [of("production").await.unwrap_err(), of("prodution").await.unwrap_err()];
    let words = |e: CaseError| match e {
        CaseError::Invalid { what, what_to_do } => (what.replace("prodution", "production"), what_to_do),
        other => panic!("{other:?}"),
    };
    assert_eq!(words(hidden), words(unknown));
    assert_eq!(of("staging").await.unwrap(), Some(STAGING));
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_token() {
    let (world, mara) = world().await;
    let made = world.cases.tokens.create(&mara, asked(&[Role::Viewer])).await.unwrap();
    let program = by(&world, &made.text).await.unwrap();
    let recheck = Arc::new(world.cases.tokens.recheck(made.text.clone(), &program));
    let mut frames = world.cases.events.tail_wanted(&program, Default::default(), None, recheck).await.unwrap();
    assert!(matches!(frames.next().await, Some(Frame::Data(_))));
    assert!(world.cases.tokens.revoke(&mara, &made.id).await.unwrap());
    let ended = timeout(Duration::from_secs(2), frames.next()).await.expect("at once");
    assert_eq!(ended, Some(Frame::Bye(Bye::SignedOut)));

    // By time nobody is told: it is found out within 30 s.
    let made = world.cases.tokens.create(&mara, asked(&[Role::Viewer])).await.unwrap();
    let recheck = Arc::new(world.cases.tokens.recheck(made.text.clone(), &program));
    let mut frames = world.cases.events.tail_wanted(&program, Default::default(), None, recheck).await.unwrap();
    assert!(matches!(frames.next().await, Some(Frame::Data(_))));
    world.clock.pass_secs(31 * DAY);
    let ended = timeout(Duration::from_secs(30), frames.next()).await.expect("checked within 30 s");
    assert_eq!(ended, Some(Frame::Bye(Bye::SignedOut)));
}

#[tokio::test(start_paused = true)]
async fn names_stand_for_ids_where_there_is_one_of_them() {
    let world = World::new();
    let wanted = |source: &str, channel: &str| weir_cases::events::Wanted {
        source: Some(source.to_owned()).filter(|s| !s.is_empty()),
        channel: Some(channel.to_owned()).filter(|c| !c.is_empty()),
        ..Default::default()
    };
    let tail = |caller: Caller, source: &str, channel: &str| {
        let (cases, wanted) = (&world.cases, wanted(source, channel));
        async move {
            cases
                .events
                .tail_wanted(&caller, wanted, Some(Positions::default()), Arc::new(Same(caller.clone())))
                .await
                .err()
        }
    };
    for (source, channel) in [
        ("", "orders.placed"),
        ("shop-kafka", ""),
        ("shop-kafka", "orders.placed"),
        ("10", "100"),
        ("#10", "#100"),
        ("#999", "12345"),
    ] {
        assert!(tail(anybody(), source, channel).await.is_none(), "{source} {channel}");
        let listed = world.cases.events.list_wanted(&anybody(), wanted(source, channel), None, 5).await;
        assert!(listed.is_ok(), "{source} {channel}: {listed:?}");
    }
    let said = |error: Option<CaseError>| match error {
        Some(CaseError::Invalid { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    assert!(said(tail(anybody(), "", "orders.plcd").await).contains("no channel \"orders.plcd\""));
    assert!(said(tail(anybody(), "bank-kafka", "orders.placed").await).contains("no channel"), "it is the shop's");
    let one = Grant { channel_pattern: "payments.*".into(), ..Grant::everything() };
    let hidden = said(tail(caller(&[Role::Viewer], &[one]), "", "orders.placed").await);
    assert_eq!(hidden, said(tail(anybody(), "", "orders.placed2").await).replace("placed2", "placed"));

    // Two of a name: which one must be said, and the ways to say it are told.
    world.ports.data.lock().unwrap().entries[2].channel_name = "orders.placed".into();
    sleep(Duration::from_secs(2)).await;
    let two = said(tail(anybody(), "", "orders.placed").await);
    assert!(two.contains("#100 of shop-kafka") && two.contains("#110 of bank-kafka"), "{two}");
    for by in ["shop-kafka", "bank-kafka"] {
        assert!(tail(anybody(), by, "orders.placed").await.is_none(), "{by}");
    }
    assert!(tail(Caller { environment: Some(STAGING), ..anybody() }, "", "orders.tried").await.is_none());
}
