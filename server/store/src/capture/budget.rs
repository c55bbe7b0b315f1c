//! The store's budget, as people see and set it.

use crate::{Store, changes, error::failed, timestamp::Ts};
use async_trait::async_trait;
use uuid::Uuid;
use weir_domain::{
    ChannelId, PersonId, StoreError, Timestamp,
    access::View,
    audit::{About, AuditLog, Facts, Field, NewEntry, Outcome, Who},
    capture::{
        BudgetDone, BudgetOutlook, BudgetSet, BudgetSetting, BudgetStanding, BudgetTold, Budgets, CaptureMode,
        ChannelCapture, ChannelPolicy, Flow, GivingWay, forecast, in_order, told_bytes,
    },
    changes::{ChangeKind, NewChange},
};

#[async_trait]
impl Budgets for Store {
    async fn budget_standing(&self, _: &View) -> Result<BudgetStanding, StoreError> {
        self.standing_of_budget().await.map_err(failed)
    }

    async fn budget_outlook(&self, _: &View, now: Timestamp) -> Result<BudgetOutlook, StoreError> {
        self.outlook(now).await.map_err(failed)
    }

    async fn giving_way(&self, view: &View, now: Timestamp) -> Result<Vec<GivingWay>, StoreError> {
        let ids: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let mut captured = self.captures_of(&ids, None, now).await.map_err(failed)?;
        let stakes: Vec<_> = captured.iter().map(ChannelCapture::stake).collect();
        let order = in_order(&stakes).into_iter().filter_map(|s| {
            let at = captured.iter().position(|c| c.channel == s.channel)?;
            let c = captured.swap_remove(at);
            Some(GivingWay {
                channel: c.channel,
                name: c.name,
                source_name: c.source_name,
                turn: c.policy.turn,
                payload_bytes: c.cost.payload_bytes,
                withheld: c.withheld,
            })
        });
        Ok(order.collect())
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
        })
    }

    /// Of all channels, whoever asks: sums of bytes tell nothing of any one.
    async fn outlook(&self, now: Timestamp) -> sqlx::Result<BudgetOutlook> {
        let standing = self.standing_of_budget().await?;
        let ids = sqlx::query_scalar!("select id from channel").fetch_all(self.pages()).await?;
        let captured = self.captures_of(&ids, None, now).await?;
        let (mut flows, mut unknown) = (Vec::with_capacity(2 * captured.len()), 0);
        for c in &captured {
            match c.flows() {
                Some(of_channel) => flows.extend(of_channel),
                None => unknown += 1,
            }
        }
        let sum = |of: fn(&Flow) -> u64| flows.iter().map(of).fold(0, u64::saturating_add);
        let known = !flows.is_empty();
        Ok(BudgetOutlook {
            per_day: known.then(|| sum(|f| f.per_day)),
            comes_to: known.then(|| sum(|f| f.comes_to)),
            unknown,
            forecast: forecast(standing.setting.bytes, standing.used.unwrap_or(0), &flows),
        })
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

    /// What the configuration file says of the budget: it rules as long as it stands there. Taken out of the file, the budget
    /// stays as it was and can be changed in the browser. Either is in `log` before it is done, and in the change feed: another
    /// process may have another file.
    ///
    /// # Errors
    /// `Unavailable` if the database is away.
    pub async fn budget_of_file(
        &self,
        bytes: Option<u64>,
        log: &dyn AuditLog,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = crate::pool::begin(self.capture_pool()).await.map_err(failed)?;
        let Some(entry) = put_budget_of_file(&mut tx, bytes, at).await.map_err(failed)? else { return Ok(()) };
        log.append(&[entry]).await?;
        tx.commit().await.map_err(failed)
    }
}

/// `None`: nothing changes.
async fn put_budget_of_file(
    db: &mut sqlx::PgConnection,
    bytes: Option<u64>,
    at: Timestamp,
) -> sqlx::Result<Option<NewEntry>> {
    let after = bytes.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
    let set = sqlx::query!("select bytes, from_file, used from capture_budget for update").fetch_one(&mut *db).await?;
    if after.is_none() {
        if !set.from_file {
            return Ok(None);
        }
        tracing::warn!("this file no longer says the budget of the store: it can be changed in the browser");
        sqlx::query!("update capture_budget set from_file = false").execute(&mut *db).await?;
        let change = NewChange {
            title: "The store's budget stands in no configuration file any more".into(),
            detail: "It stays as it is, and can be changed in the browser.".into(),
            ..of_budget(at, Some(FILE.into()))
        };
        changes::append(db, &change).await?;
        return Ok(Some(entry("not_in_file", (set.bytes, set.bytes), at)));
    }
    if set.from_file && set.bytes == after {
        return Ok(None);
    }
    sqlx::query!(
        "update capture_budget set bytes = $1, from_file = true, changed_at = $2, changed_by = null",
        after,
        Ts(at) as Ts
    )
    .execute(&mut *db)
    .await?;
    if set.bytes != after {
        told_set(db, (set.bytes, after, set.used), Some(FILE.into()), at).await?;
    }
    Ok(Some(entry("in_file", (set.bytes, after), at)))
}

const FILE: &str = "the configuration file";

fn entry(reason: &'static str, (before, after): (Option<i64>, Option<i64>), at: Timestamp) -> NewEntry {
    let told = |n: Option<i64>| Facts::new().with_some(Field::Budget, n);
    let who = Who { person: None, login: None, via: None, remote: String::new(), request_id: String::new() };
    let about = About::nothing().change(told(before), told(after));
    let use_case = "capture/set_budget";
    NewEntry { at, who, use_case, outcome: Outcome::Allowed, reason: Some(reason), about }
}

fn of_budget(at: Timestamp, actor: Option<String>) -> NewChange {
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
async fn told_set(
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
    let words = |n: Option<i64>| n.map_or_else(|| "none".to_owned(), |n| told_bytes(n.unsigned_abs()));
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
    let limit = policy.payload_limit.map_or_else(String::new, |n| format!(", at most {}", told_bytes(n)));
    let erases = if policy.erase_on_tombstone { "; tombstones erase" } else { "" };
    format!(
        "{mode}; payloads {} d{limit}, metadata {} d; turn {}{erases}",
        policy.payload_days, policy.metadata_days, policy.turn
    )
}
