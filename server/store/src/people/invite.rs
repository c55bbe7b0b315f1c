use super::{
    act::{Act, Stop, uuid},
    link,
};
use crate::{Store, access::people::insert};
use weir_domain::access::{
    NewPerson,
    people::{By, NewInvite, Refused},
};

impl Store {
    pub(super) async fn invite_person(&self, new: &NewInvite, by: By<'_>) -> Result<(), Stop> {
        let id = uuid(&new.id.0).ok_or(Refused::Absent)?;
        let mut act = Act::begin(self.pages(), by).await?;
        let taken = sqlx::query_scalar!(
            r#"select exists (select from person where lower(login) = lower($1)) as "taken!""#,
            new.login
        )
        .fetch_one(act.connection())
        .await?;
        if taken {
            return Err(Refused::LoginTaken.into());
        }
        act.check_places(&new.rights).await?;
        let person = NewPerson {
            login: new.login.clone(),
            name: new.name.clone(),
            password_hash: String::new(),
            roles: new.rights.roles().to_vec(),
            grants: new.rights.grants().to_vec(),
        };
        let (at, by) = (act.at, act.by());
        insert(act.connection(), id, &person, at).await?;
        link::put(act.connection(), id, &new.link, Some(by), at).await?;
        act.finish().await
    }
}
