//! What became of sources: reached, lost, paused, added, removed, configured differently.

use crate::{name::storable, timestamp::Ts};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use std::collections::HashMap;
use weir_domain::{
    EnvironmentId, SourceId, Timestamp,
    changes::{ChangeKind, NewChange},
};

/// A source as it was seen last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    /// "up" | "down" | "paused" | "off"
    state: String,
    /// µs since 1970.
    since: i64,
    description: String,
    capture: String,
    act: String,
    read_only: bool,
    orphan: bool,
    /// Of a source made in the browser: every change of its settings raises it.
    #[serde(default)]
    version: Option<i64>,
    #[serde(default)]
    environment: Option<i64>,
}

struct Row {
    id: i64,
    environment: i64,
    name: String,
    /// `None` while it is only starting: neither reached nor lost.
    state: Option<&'static str>,
    since: Option<Timestamp>,
    reason: Option<String>,
    /// Made in the browser, or was until it was removed.
    made: bool,
    /// Who changed it last, as far as that is known: nobody does of the configuration's own.
    by: Option<String>,
    now: Seen,
}

pub(super) async fn changed(connection: &mut PgConnection, at: Timestamp) -> sqlx::Result<Vec<NewChange>> {
    let rows = sqlx::query!(
        r#"select s.id, s.environment_id, s.name, s.description, s.capture, s.act, s.read_only, s.orphan, s.paused,
                  s.wish_at as "wish_at: Ts", s.state, s.since as "since: Ts", s.reason, s.origin,
                  m.version as "version?", p.name as "by?"
           from source s left join source_made m on m.source_id = s.id
                left join person p on p.id = coalesce(s.removed_by, m.changed_by)
           order by s.id"#
    )
    .fetch_all(&mut *connection)
    .await?;
    let seen = sqlx::query!("select what, value from change_seen where starts_with(what, 'source/')")
        .fetch_all(&mut *connection)
        .await?;
    let mut seen: HashMap<String, Seen> =
        seen.into_iter().filter_map(|r| Some((r.what, serde_json::from_str(&r.value).ok()?))).collect();
    let mut changes = Vec::new();
    for r in rows {
        let (state, since) = match (r.orphan || r.paused, r.state.as_str()) {
            (true, _) => (Some("paused"), r.wish_at),
            (_, "up") => (Some("up"), r.since),
            (_, "down") => (Some("down"), r.since),
            (_, "off") => (Some("off"), r.since),
            _ => (None, r.since),
        };
        let since = since.map(|t| t.0);
        let name = format!("source/{}", r.id);
        let before = seen.remove(&name);
        let now = Seen {
            state: state.map_or_else(|| before.as_ref().map(|b| b.state.clone()).unwrap_or_default(), str::to_owned),
            since: state.and(since).or(before.as_ref().map(|b| Timestamp(b.since))).unwrap_or(at).0,
            description: r.description,
            capture: r.capture,
            act: r.act,
            read_only: r.read_only,
            orphan: r.orphan,
            version: r.version,
            environment: Some(r.environment_id),
        };
        if before.as_ref() == Some(&now) {
            continue;
        }
        let row = Row {
            id: r.id,
            environment: r.environment_id,
            name: storable(&r.name),
            state,
            since,
            reason: r.reason,
            made: r.origin == "browser",
            by: r.by.as_deref().map(storable),
            now,
        };
        changes.extend(told(&row, before.as_ref(), at));
        sqlx::query!(
            "insert into change_seen (what, value) values ($1, $2) on conflict (what) do update set value = excluded.value",
            name,
            serde_json::to_string(&row.now).map_err(|e| sqlx::Error::Encode(e.into()))?
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(changes)
}

fn told(row: &Row, before: Option<&Seen>, at: Timestamp) -> Vec<NewChange> {
    let change = |kind: ChangeKind, at: Timestamp, title: String, detail: String| NewChange {
        at,
        kind,
        environment: Some(EnvironmentId(row.environment)),
        source: Some(SourceId(row.id)),
        channel: None,
        subject: None,
        title,
        detail,
        link: Some(format!("/sources/{}", row.id)),
        actor: None,
        once: None,
    };
    let by_somebody = |kind: ChangeKind, title: String, detail: String| NewChange {
        actor: row.by.clone(),
        ..change(kind, at, title, detail)
    };
    let Some(before) = before else {
        let title = format!("Source {} added", row.name);
        return vec![by_somebody(ChangeKind::SourceAdded, title, row.now.description.clone())];
    };
    let mut changes = Vec::new();
    let parts = differences(before, &row.now);
    if before.orphan && !row.now.orphan {
        let title = format!("Source {} added again", row.name);
        changes.push(by_somebody(ChangeKind::SourceAdded, title, row.now.description.clone()));
    } else if !parts.is_empty() {
        let title = format!("Source {} configured differently: {}", row.name, parts.join(", "));
        let detail =
            if before.description == row.now.description { String::new() } else { row.now.description.clone() };
        changes.push(by_somebody(ChangeKind::Configuration, title, detail));
    }
    if row.now.orphan && !before.orphan {
        let of = if row.made { "" } else { " from the configuration" };
        let title = format!("Source {} removed{of}", row.name);
        changes.push(by_somebody(ChangeKind::SourceRemoved, title, "Its events are kept.".into()));
        // That it stands still from now on goes without saying.
        return changes;
    }
    if let Some(state) = row.state.filter(|s| *s != before.state) {
        let since = row.since.unwrap_or(at);
        let (kind, title, detail) = match state {
            "up" if before.state == "down" => {
                let away = minutes(since.micros_since(Timestamp(before.since)));
                (ChangeKind::SourceUp, format!("{} reached again after {away}", row.name), String::new())
            }
            "up" => (ChangeKind::SourceUp, format!("{} is read", row.name), String::new()),
            "down" => (
                ChangeKind::SourceDown,
                format!("{} can't be reached", row.name),
                row.reason.clone().unwrap_or_default(),
            ),
            "paused" => (ChangeKind::SourcePaused, format!("{} stands still", row.name), "Paused.".into()),
            _ => (
                ChangeKind::SourcePaused,
                format!("{} is not read by anybody", row.name),
                row.reason.clone().unwrap_or_default(),
            ),
        };
        changes.push(change(kind, since, title, detail));
    }
    changes
}

/// What differs, as words: `capture metadata (was full)`.
fn differences(before: &Seen, now: &Seen) -> Vec<String> {
    let mut parts = Vec::new();
    if before.capture != now.capture {
        parts.push(format!("capture {} (was {})", now.capture, before.capture));
    }
    if before.act != now.act {
        parts.push(format!("act {} (was {})", now.act, before.act));
    }
    if before.read_only != now.read_only {
        parts.push(if now.read_only { "read-only".into() } else { "no longer read-only".into() });
    }
    if before.description != now.description {
        parts.push("addresses or channels".into());
    }
    if before.environment.is_some_and(|e| Some(e) != now.environment) {
        parts.push("environment".into());
    }
    // Where reading begins, a certificate, a password: told without its values.
    if parts.is_empty() && !now.orphan && before.version != now.version {
        parts.push("settings".into());
    }
    parts
}

/// `42 s`, `3 m 12 s`, `2 h 05 m`.
fn minutes(us: i64) -> String {
    let seconds = us.max(0) / 1_000_000;
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(state: &str, since: i64) -> Seen {
        Seen {
            state: state.into(),
            since,
            description: "k:9092, channels *".into(),
            capture: "full".into(),
            act: "none".into(),
            read_only: false,
            orphan: false,
            version: None,
            environment: Some(1),
        }
    }

    fn row(state: &'static str, since: i64) -> Row {
        Row {
            id: 3,
            environment: 1,
            name: "shop".into(),
            state: Some(state),
            since: Some(Timestamp(since)),
            reason: Some("connection refused".into()),
            made: false,
            by: None,
            now: seen(state, since),
        }
    }

    fn titles(row: &Row, before: Option<&Seen>) -> Vec<String> {
        told(row, before, Timestamp(0)).into_iter().map(|c| c.title).collect()
    }

    #[test]
    fn a_source_that_was_away_says_for_how_long() {
        assert_eq!(
            titles(&row("up", 200_000_000), Some(&seen("down", 8_000_000))),
            ["shop reached again after 3 m 12 s"]
        );
        assert_eq!(titles(&row("down", 1), Some(&seen("up", 0))), ["shop can't be reached"]);
        assert_eq!(titles(&row("up", 1), Some(&seen("up", 0))), [""; 0]);
        assert_eq!(titles(&row("up", 1), None), ["Source shop added"]);
    }

    #[test]
    fn what_is_configured_differently_is_named() {
        let mut now = row("up", 0);
        now.now.capture = "metadata".into();
        now.now.read_only = true;
        let want = "Source shop configured differently: capture metadata (was full), read-only";
        assert_eq!(titles(&now, Some(&seen("up", 0))), [want]);
    }

    #[test]
    fn what_people_did_says_who_and_nothing_twice() {
        let mut made = row("up", 0);
        (made.made, made.by) = (true, Some("Mara Lindqvist".into()));
        made.now.version = Some(2);
        let before = Seen { version: Some(1), ..seen("up", 0) };
        let told_of = |row: &Row, before: &Seen| told(row, Some(before), Timestamp(0));
        let changed = told_of(&made, &before);
        assert_eq!(changed[0].title, "Source shop configured differently: settings");
        assert_eq!((changed.len(), changed[0].actor.as_deref()), (1, Some("Mara Lindqvist")));
        made.now.environment = Some(2);
        assert_eq!(titles(&made, Some(&before)), ["Source shop configured differently: environment"]);
        let mut gone = row("paused", 1);
        (gone.made, gone.now.orphan) = (true, true);
        assert_eq!(titles(&gone, Some(&before)), ["Source shop removed"]);
        gone.made = false;
        assert_eq!(titles(&gone, Some(&before)), ["Source shop removed from the configuration"]);
        let back = told_of(&row("up", 2), &gone.now);
        assert_eq!(
            back.iter().map(|c| c.title.as_str()).collect::<Vec<_>>(),
            ["Source shop added again", "shop is read"]
        );
        // What was seen by an earlier version of Weir is read, and is no change by itself.
        let earlier = r#"{"state":"up","since":0,"description":"k:9092, channels *","capture":"full","act":"none",
                          "read_only":false,"orphan":false}"#;
        assert_eq!(titles(&row("up", 0), Some(&serde_json::from_str(earlier).unwrap())), [""; 0]);
    }

    #[test]
    fn lengths_of_time() {
        assert_eq!([-1, 59_000_000, 60_000_000, 7_500_000_000].map(minutes), ["0 s", "59 s", "1 m 00 s", "2 h 05 m"]);
    }
}
