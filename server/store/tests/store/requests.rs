//! Requests for access.

use crate::{
    common::now,
    people::{Office, by, office},
};
use weir_domain::{
    PersonId, RequestId,
    access::{
        Permission, Role,
        people::{Answer, NewRequest, People as _, PersonState, Refused, Requests as _},
    },
};

impl Office {
    async fn ask(&self, person: &PersonId, role: Role) -> Result<RequestId, Refused> {
        let new = NewRequest {
            person: person.clone(),
            role,
            permission: Some(Permission::EventsPayload),
            path: "/events".into(),
            reason: "an order\nis stuck\0".into(),
        };
        self.w.store.ask(&self.view, &new, now()).await.unwrap()
    }

    async fn answer(&self, id: &RequestId, grant: bool, by_whom: &PersonId) -> Result<(), Refused> {
        let answer = Answer { grant, word: "a word".into() };
        self.w.store.answer(&self.view, id, &answer, by(by_whom)).await.unwrap()
    }

    async fn waiting(&self) -> usize {
        let open = self.w.store.open(&self.view).await.unwrap();
        assert_eq!(open.len(), self.w.store.count_open(&self.view).await.unwrap() as usize);
        open.len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_open_request_a_person_and_role_and_one_answer() {
    let o = office().await;
    let bob = o.hire("bob", 1, &[Role::Viewer]).await;
    let (a, b) = tokio::join!(o.ask(&bob, Role::Support), o.ask(&bob, Role::Support));
    let asked = [&a, &b].into_iter().flatten().next().unwrap().clone();
    assert!([a, b].contains(&Err(Refused::AskedAlready { at: now() })));
    let other = o.ask(&bob, Role::Operator).await.unwrap();
    assert_eq!(o.waiting().await, 2);
    let shown = &o.w.store.open(&o.view).await.unwrap()[0];
    assert_eq!(
        (shown.login.as_str(), shown.permission, shown.path.as_str()),
        ("bob", Some(Permission::EventsPayload), "/events")
    );
    assert_eq!(shown.reason, "an order\nis stuck\u{fffd}");

    let version = o.see(&bob).await.version;
    let (a, b) = tokio::join!(o.answer(&asked, true, &o.ann), o.answer(&asked, false, &o.ann));
    let done = [a, b];
    assert_eq!(done.iter().filter(|d| d.is_ok()).count(), 1, "{done:?}");
    assert!(done.contains(&Err(Refused::Answered { by: Some("Ann".into()), at: now() })), "{done:?}");
    let given = o.w.store.of(&o.view, &bob).await.unwrap().into_iter().find(|r| r.id == asked).unwrap().answer.unwrap();
    let seen = o.see(&bob).await;
    assert_eq!(
        (seen.roles.contains(&Role::Support), seen.version - version),
        (given.granted, i64::from(given.granted))
    );
    o.answer(&other, false, &o.ann).await.unwrap();
    assert_eq!(o.waiting().await, 0);
    let own = o.w.store.of(&o.view, &bob).await.unwrap();
    assert!(own.iter().all(|r| r.answer.as_ref().is_some_and(|a| a.word == "a word")));
    assert!(o.ask(&bob, Role::Operator).await.is_ok(), "declined ones may be asked again");
}

#[tokio::test]
async fn only_who_may_gives_and_nobody_to_themselves() {
    let o = office().await;
    let bob = o.hire("bob", 1, &[Role::Admin]).await;
    let cy = o.hire("cy", 2, &[]).await;
    let (bobs, cys) = (o.ask(&bob, Role::Support).await.unwrap(), o.ask(&cy, Role::Support).await.unwrap());
    assert_eq!(o.answer(&bobs, true, &bob).await, Err(Refused::OwnRights));
    assert_eq!(o.answer(&cys, true, &cy).await, Err(Refused::NoLonger));
    for unknown in ["", "no-uuid", "0193b2f0-0000-7000-8000-000000000000"] {
        assert_eq!(o.answer(&RequestId(unknown.into()), true, &o.ann).await, Err(Refused::Absent));
    }
    o.w.store.set_active(&o.view, &cy, false, by(&o.ann)).await.unwrap().unwrap();
    assert_eq!(o.waiting().await, 1, "who is gone waits for nothing");
    assert_eq!(o.answer(&cys, true, &o.ann).await, Err(Refused::State(PersonState::Deactivated)));
    assert_eq!(o.answer(&bobs, true, &o.ann).await, Ok(()));
    assert_eq!(o.see(&bob).await.roles, [Role::Support, Role::Admin]);
}
