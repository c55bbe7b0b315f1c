//! Searches that people keep.

use crate::{Store, error::failed, name::storable, pool::begin, timestamp::Ts};
use async_trait::async_trait;
use sqlx::PgPool;
use uuid::Uuid;
use weir_domain::{
    PersonId, SearchId, StoreError, Timestamp,
    access::View,
    searches::{
        EventsAddress, MOST_SHARED, NewSearch, SavedSearch, SavedSearches, SearchChange, SearchChanged, SearchKept,
    },
};

#[async_trait]
impl SavedSearches for Store {
    async fn searches_of(&self, _: &View, person: &PersonId) -> Result<Vec<SavedSearch>, StoreError> {
        of(self.pages(), person).await.map_err(failed)
    }
    async fn keep_search(&self, _: &View, new: NewSearch, most: u32) -> Result<SearchKept, StoreError> {
        keep(self.pages(), &new, most).await.map_err(failed)
    }
    async fn change_search(
        &self,
        _: &View,
        owner: &PersonId,
        id: &SearchId,
        change: &SearchChange,
        now: Timestamp,
    ) -> Result<SearchChanged, StoreError> {
        change_one(self.pages(), owner, id, change, now).await.map_err(failed)
    }
    async fn remove_search(&self, _: &View, owner: &PersonId, id: &SearchId) -> Result<bool, StoreError> {
        remove(self.pages(), owner, id).await.map_err(failed)
    }
}

async fn of(pool: &PgPool, person: &PersonId) -> sqlx::Result<Vec<SavedSearch>> {
    let rows = sqlx::query!(
        r#"select s.id as "id!", s.person_id as "person_id!", p.name as "owner!", s.name as "name!",
                  s.address as "address!", s.shared as "shared!", s.made_at as "made!: Ts", s.changed_at as "changed!: Ts"
           from (
               select * from saved_search where person_id = $1
               union all
               (select * from saved_search where person_id <> $1 and shared order by changed_at desc limit $2)
           ) s join person p on p.id = s.person_id
           where p.active or p.id = $1
           order by lower(s.name), s.id"#,
        uuid(&person.0)?,
        i64::from(MOST_SHARED)
    )
    .fetch_all(pool)
    .await?;
    let saved = rows.into_iter().map(|r| {
        let address = EventsAddress::new(r.address).map_err(|e| crate::error::corrupt(e.to_string()))?;
        Ok(SavedSearch {
            id: SearchId(r.id.to_string()),
            owner: PersonId(r.person_id.to_string()),
            owner_name: r.owner,
            name: r.name,
            address,
            shared: r.shared,
            made: r.made.0,
            changed: r.changed.0,
        })
    });
    saved.collect()
}

async fn keep(pool: &PgPool, new: &NewSearch, most: u32) -> sqlx::Result<SearchKept> {
    let (owner, id, name) = (uuid(&new.owner.0)?, uuid(&new.id.0)?, storable(&new.name));
    let mut tx = begin(pool).await?;
    // One at a time for one person: what is counted must hold when the row is written.
    sqlx::query!("select id from person where id = $1 for no key update", owner).fetch_one(&mut *tx).await?;
    let there = sqlx::query!(
        r#"select count(*) as "n!", coalesce(bool_or(name = $2), false) as "taken!"
           from saved_search where person_id = $1"#,
        owner,
        name
    )
    .fetch_one(&mut *tx)
    .await?;
    if there.taken {
        return Ok(SearchKept::NameTaken);
    }
    if there.n >= i64::from(most) {
        return Ok(SearchKept::TooMany);
    }
    sqlx::query!(
        "insert into saved_search (id, person_id, name, address, shared, made_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        id,
        owner,
        name,
        new.address.as_str(),
        new.shared,
        Ts(new.made) as Ts
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(SearchKept::Kept)
}

async fn change_one(
    pool: &PgPool,
    owner: &PersonId,
    id: &SearchId,
    change: &SearchChange,
    now: Timestamp,
) -> sqlx::Result<SearchChanged> {
    // What is no id is nobody's search.
    let Ok(id) = Uuid::parse_str(&id.0) else { return Ok(SearchChanged::Gone) };
    let (name, shared) = match change {
        SearchChange::Name(name) => (Some(storable(name)), None),
        SearchChange::Shared(shared) => (None, Some(*shared)),
    };
    let done = sqlx::query!(
        "update saved_search set name = coalesce($3, name), shared = coalesce($4, shared), changed_at = $5
         where id = $1 and person_id = $2",
        id,
        uuid(&owner.0)?,
        name,
        shared,
        Ts(now) as Ts
    )
    .execute(pool)
    .await;
    match done {
        Ok(done) if done.rows_affected() == 1 => Ok(SearchChanged::Changed),
        Ok(_) => Ok(SearchChanged::Gone),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(SearchChanged::NameTaken),
        Err(error) => Err(error),
    }
}

async fn remove(pool: &PgPool, owner: &PersonId, id: &SearchId) -> sqlx::Result<bool> {
    let Ok(id) = Uuid::parse_str(&id.0) else { return Ok(false) };
    let owner = uuid(&owner.0)?;
    let done = sqlx::query!("delete from saved_search where id = $1 and person_id = $2", id, owner);
    Ok(done.execute(pool).await?.rows_affected() == 1)
}

fn uuid(id: &str) -> sqlx::Result<Uuid> {
    Uuid::parse_str(id).map_err(|e| sqlx::Error::Decode(e.into()))
}
