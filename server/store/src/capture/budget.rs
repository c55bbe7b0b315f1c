//! The store's budget, as people see and set it.

use super::channels::{dearest_first, mode};
use crate::{Store, changes, error::failed, timestamp::Ts};
use async_trait::async_trait;
use uuid::Uuid;
use weir_domain::{
    ChannelId, PersonId, StoreError, Timestamp,
    access::View,
    capture::{
        BudgetDone, BudgetOutlook, BudgetSet, BudgetSetting, BudgetStanding, BudgetTold, Budgets, CaptureMode,
        Captured, ChannelPolicy,
    },
    changes::{ChangeKind, NewChange},
    figures::bytes,
};

#[async_trait]
impl Budgets for Store {
    async fn budget_standing(&self, _: &View) -> Result<BudgetStanding, StoreError> {
        self.standing_of_budget().await.map_err(failed)
    }

    async fn captured(&self, view: &View, now: Timestamp) -> Result<Captured, StoreError> {
        self.all_captured(view, now).await.map_err(failed)
    }

    async fn budget_history(&self, view: &View, most: u32) -> Result<Vec<BudgetTold>, StoreError> {
        let ids: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let rows = sqlx::query!(
            r#"select s.at as "at: Ts", s.done, s.channel_id, c.name as "name?", s.bytes, s.used, s.budget
               from capture_budget_step s left join channel c on c.id = s.channel_id
               where s.channel_id is null or s.channel_id = any($1)
               order by s.at desc, s.id desc limit $2"#,
            &ids,
            i64::from(most)
        );
        let rows = rows.fetch_all(self.pages()).await.map_err(failed)?;
        let number = |n: Option<i64>| n.map(i64::unsigned_abs);
        let told = rows.into_iter().filter_map(|r| {
            Some(BudgetTold {
                at: r.at.0,
                done: BudgetDone::parse(&r.done)?,
                channel: r.channel_id.map(ChannelId).zip(r.name),
                bytes: number(r.bytes),
                used: number(r.used),
                budget: number(r.budget),
            })
        });
        Ok(told.collect())
    }

    async fn set_budget(
        &self,
        _: &View,
        before: Option<u64>,
        after: Option<u64>,
        by: &PersonId,
        at: Timestamp,
    ) -> Result<BudgetSet, StoreError> {
        self.put_budget(before, after, by, at).await.map_err(failed)
    }
}

impl Store {
    async fn standing_of_budget(&self) -> sqlx::Result<BudgetStanding> {
        let row = sqlx::query!(
            r#"select b.bytes, b.from_file, b.changed_at as "changed_at: Ts", p.name as "by?", b.used, b.room,
                      b.measured_at as "measured_at: Ts",
                      (select count(*) from channel where withheld_at is not null) as "withheld!"
               from capture_budget b left join person p on p.id = b.changed_by"#
        )
        .fetch_one(self.pages())
        .await?;
        Ok(BudgetStanding {
            setting: BudgetSetting {
                bytes: row.bytes.map(i64::unsigned_abs),
                from_file: row.from_file,
                changed: row.changed_at.map(|at| (at.0, row.by)),
            },
            used: row.used.map(i64::unsigned_abs),
            room: row.room.unsigned_abs(),
            measured_at: row.measured_at.map(|at| at.0),
            withheld: u32::try_from(row.withheld).unwrap_or(u32::MAX),
            keeping: self.keeping().await?,
            in_files: super::budget_files::told(self.pages()).await?,
        })
    }

    async fn all_captured(&self, view: &View, now: Timestamp) -> sqlx::Result<Captured> {
        let standing = self.standing_of_budget().await?;
        let ids = sqlx::query_scalar!("select id from channel").fetch_all(self.pages()).await?;
        let mut channels = self.captures_of(&ids, None, now).await?;
        let outlook = BudgetOutlook::of(&standing, &channels);
        channels.retain(|c| view.channels().contains(c.channel));
        dearest_first(&mut channels);
        Ok(Captured { standing, channels, outlook })
    }

    /// Channels that keep payloads, all or some.
    async fn keeping(&self) -> sqlx::Result<u32> {
        let alike = sqlx::query!(
            r#"select c.policy, c.sampled_per_mille, s.capture as ceiling, count(*) as "channels!"
               from channel c join source s on s.id = c.source_id
               where c.withheld_at is null group by c.policy, c.sampled_per_mille, s.capture"#
        );
        let alike = alike.fetch_all(self.pages()).await?;
        let keep =
            alike.iter().filter(|r| mode(&r.policy, r.sampled_per_mille).under(&r.ceiling).share_per_mille() > 0);
        Ok(u32::try_from(keep.map(|r| r.channels).sum::<i64>()).unwrap_or(u32::MAX))
    }

    async fn put_budget(
        &self,
        before: Option<u64>,
        after: Option<u64>,
        by: &PersonId,
        at: Timestamp,
    ) -> sqlx::Result<BudgetSet> {
        let by = by.0.parse::<Uuid>().map_err(|e| crate::error::corrupt(format!("a person's id: {e}")))?;
        let number = |n: Option<u64>| n.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        let mut tx = self.for_a_page().await?;
        let set =
            sqlx::query!("select bytes, from_file, used from capture_budget for update").fetch_one(&mut *tx).await?;
        if set.from_file {
            return Ok(BudgetSet::FromFile);
        }
        if set.bytes != number(before) {
            return Ok(BudgetSet::Moved);
        }
        sqlx::query!(
            "update capture_budget set bytes = $1, changed_at = $2, changed_by = $3",
            number(after),
            Ts(at) as Ts,
            by
        )
        .execute(&mut *tx)
        .await?;
        let actor = sqlx::query_scalar!("select name from person where id = $1", by).fetch_optional(&mut *tx).await?;
        told_set(&mut tx, (set.bytes, number(after), set.used), actor, at).await?;
        tx.commit().await?;
        Ok(BudgetSet::Set)
    }
}

pub(super) fn of_budget(at: Timestamp, actor: Option<String>) -> NewChange {
    NewChange {
        at,
        kind: ChangeKind::Configuration,
        environment: None,
        source: None,
        channel: None,
        subject: None,
        title: String::new(),
        detail: String::new(),
        link: Some("/capture".into()),
        actor,
        once: None,
    }
}

/// In the history and in the change feed.
pub(super) async fn told_set(
    db: &mut sqlx::PgConnection,
    (before, after, used): (Option<i64>, Option<i64>, Option<i64>),
    actor: Option<String>,
    at: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into capture_budget_step (at, done, used, budget) values ($1, 'set', $2, $3)",
        Ts(at) as Ts,
        used,
        after
    )
    .execute(&mut *db)
    .await?;
    let words = |n: Option<i64>| n.map_or_else(|| "none".to_owned(), |n| bytes(n.unsigned_abs()));
    let change = NewChange {
        title: format!("The store's budget: {}", words(after)),
        detail: format!("It was {} before.", words(before)),
        ..of_budget(at, actor)
    };
    changes::append(db, &change).await.map(drop)
}

/// A policy in few words, for the change feed.
pub(super) fn told_policy(policy: &ChannelPolicy) -> String {
    let mode = match policy.mode {
        CaptureMode::Full => "everything".to_owned(),
        CaptureMode::Metadata => "metadata".to_owned(),
        CaptureMode::Sampled { per_mille } => format!("a sample of {}.{} %", per_mille / 10, per_mille % 10),
        CaptureMode::FailuresOnly => "failures".to_owned(),
        CaptureMode::Off => "nothing".to_owned(),
    };
    let limit = policy.payload_limit.map_or_else(String::new, |n| format!(", at most {}", bytes(n)));
    let erases = if policy.erase_on_tombstone { "; tombstones erase" } else { "" };
    format!(
        "{mode}; payloads {} d{limit}, metadata {} d; turn {}{erases}",
        policy.payload_days, policy.metadata_days, policy.turn
    )
}
