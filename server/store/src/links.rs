//! Short links to searches, and templates of links.

use crate::{
    Store,
    error::{corrupt, failed},
    pool::begin,
    timestamp::Ts,
};
use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;
use uuid::Uuid;
use weir_domain::{
    LinkId, StoreError, TemplateId, Timestamp,
    access::View,
    links::{LinkKept, LinkTemplate, Links, NewLink, SearchLink, TemplateKept},
    searches::EventsAddress,
};

/// Advisory lock for adding a template ("ltpl"): what is counted must hold when the row is written.
const TEMPLATES: i64 = 0x6c74_706c;

#[async_trait]
impl Links for Store {
    async fn keep_link(&self, _: &View, new: NewLink, most: u32) -> Result<LinkKept, StoreError> {
        keep(self.pages(), &new, most).await.map_err(failed)
    }
    async fn open_link(&self, _: &View, id: &LinkId, now: Timestamp) -> Result<Option<SearchLink>, StoreError> {
        open(self.pages(), id, now).await.map_err(failed)
    }
    async fn templates(&self, _: &View) -> Result<Vec<LinkTemplate>, StoreError> {
        templates(self.pages()).await.map_err(failed)
    }
    async fn add_template(&self, _: &View, new: LinkTemplate, most: u32) -> Result<TemplateKept, StoreError> {
        add(self.pages(), &new, most).await.map_err(failed)
    }
    async fn remove_template(&self, _: &View, id: &TemplateId) -> Result<bool, StoreError> {
        let Ok(id) = Uuid::parse_str(&id.0) else { return Ok(false) };
        let done = sqlx::query!("delete from link_template where id = $1", id).execute(self.pages()).await;
        Ok(done.map_err(failed)?.rows_affected() == 1)
    }
}

async fn keep(pool: &PgPool, new: &NewLink, most: u32) -> sqlx::Result<LinkKept> {
    let made_by = Uuid::parse_str(&new.made_by.0).map_err(|e| sqlx::Error::Decode(e.into()))?;
    let digest = Sha256::digest(new.address.as_str()).to_vec();
    let mut tx = begin(pool).await?;
    // One at a time for one person, as with saved searches.
    sqlx::query!("select id from person where id = $1 for no key update", made_by).fetch_one(&mut *tx).await?;
    // Handed out anew, it is as good as opened.
    let there = sqlx::query_scalar!(
        "update search_link set opened_at = greatest(opened_at, $2) where digest = $1 returning id",
        &digest,
        Ts(new.made) as Ts
    );
    if let Some(id) = there.fetch_optional(&mut *tx).await? {
        tx.commit().await?;
        return Ok(LinkKept::Kept(LinkId(id)));
    }
    let made = sqlx::query_scalar!(r#"select count(*) as "n!" from search_link where made_by = $1"#, made_by);
    if made.fetch_one(&mut *tx).await? >= i64::from(most) {
        return Ok(LinkKept::TooMany);
    }
    // Somebody else may be making the same one: theirs is given then.
    let id = sqlx::query_scalar!(
        "insert into search_link (id, address, digest, made_by, made_at, opened_at) values ($1, $2, $3, $4, $5, $5)
         on conflict (digest) do update set opened_at = excluded.opened_at
         returning id",
        new.id.0,
        new.address.as_str(),
        &digest,
        made_by,
        Ts(new.made) as Ts
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(LinkKept::Kept(LinkId(id)))
}

async fn open(pool: &PgPool, id: &LinkId, now: Timestamp) -> sqlx::Result<Option<SearchLink>> {
    let row = sqlx::query!(
        r#"select address, made_at as "made_at: Ts", opened_at as "opened_at: Ts" from search_link where id = $1"#,
        id.0
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if now.micros_since(row.opened_at.0) > 86_400_000_000 {
        sqlx::query!("update search_link set opened_at = $2 where id = $1", id.0, Ts(now) as Ts).execute(pool).await?;
    }
    let address = EventsAddress::new(row.address).map_err(|e| corrupt(e.to_string()))?;
    Ok(Some(SearchLink { id: id.clone(), address, made: row.made_at.0 }))
}

async fn templates(pool: &PgPool) -> sqlx::Result<Vec<LinkTemplate>> {
    let rows = sqlx::query!(
        r#"select id, name, field, channels, target, made_at as "made_at: Ts" from link_template
           order by lower(name), id"#
    )
    .fetch_all(pool)
    .await?;
    let read = rows.into_iter().map(|r| {
        let parts = (r.name.as_str(), r.field.as_str(), r.channels.as_str(), r.target.as_str());
        LinkTemplate::read(TemplateId(r.id.to_string()), parts, r.made_at.0).map_err(|e| corrupt(e.to_string()))
    });
    read.collect()
}

async fn add(pool: &PgPool, new: &LinkTemplate, most: u32) -> sqlx::Result<TemplateKept> {
    let id = Uuid::parse_str(&new.id.0).map_err(|e| sqlx::Error::Decode(e.into()))?;
    let mut tx = begin(pool).await?;
    sqlx::query("select pg_advisory_xact_lock($1)").bind(TEMPLATES).execute(&mut *tx).await?;
    let there = sqlx::query_scalar!(r#"select count(*) as "n!" from link_template"#).fetch_one(&mut *tx).await?;
    if there >= i64::from(most) {
        return Ok(TemplateKept::TooMany);
    }
    sqlx::query!(
        "insert into link_template (id, name, field, channels, target, made_at) values ($1, $2, $3, $4, $5, $6)",
        id,
        new.name,
        new.field.text(),
        new.channels,
        new.target.as_str(),
        Ts(new.made) as Ts
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(TemplateKept::Kept)
}
