//! `weir lag`: groups by urgency, or one group's partitions.

use clap::Args;
use weir_domain::Timestamp;

use super::live;
use crate::{
    commands::remote::Remote,
    ended::Ended,
    http::rest::{
        Group, GroupChannel, GroupForecast, GroupInFull, GroupLoss, GroupPartition, GroupTimeLag, Groups, Time,
    },
    print::{self, Column, Table, WIDTH, words},
};

#[derive(Debug, Args)]
pub struct List {
    /// One group, with its partitions
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Of one source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// With this status: OK, UNKNOWN, REWIND, WARN, STALL or STOP
    #[arg(long, conflicts_with = "group")]
    status: Option<String>,
    /// Archived, ephemeral and deleted ones as well
    #[arg(long, conflicts_with = "group")]
    all: bool,
    /// One line of JSON for each group, or for each partition
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: Remote,
}

const GROUPS: [Column; 6] = [
    Column::whole("STATUS"),
    Column::text("GROUP"),
    Column::text("SOURCE"),
    Column::number("LAG"),
    Column::whole("TIME"),
    Column::text("FORECAST"),
];

const PARTITIONS: [Column; 8] = [
    Column::text("CHANNEL"),
    Column::number("PART"),
    Column::whole("STATUS"),
    Column::number("NEXT"),
    Column::number("END"),
    Column::number("LAG"),
    Column::whole("TIME"),
    Column::text("HELD BY"),
];

/// A partition with the channel that it is of.
#[derive(serde::Serialize)]
struct OnChannel<'a> {
    channel: &'a str,
    #[serde(flatten)]
    partition: &'a GroupPartition,
}

impl List {
    pub async fn run(&self) -> Result<(), Ended> {
        let client = self.remote.client()?;
        if let Some(name) = &self.group {
            let group = live::one(&client, name, self.source.as_deref()).await?;
            return if self.json { partitions_as_json(&group) } else { partitions(&group) };
        }
        let mut query: Vec<(&'static str, String)> = Vec::new();
        if let Some(status) = &self.status {
            query.push(("status", status.clone()));
        }
        if let Some(named) = &self.source {
            query.push(("source", live::source(&client, named).await?));
        }
        if self.all {
            query.push(("all", "true".to_owned()));
        }
        let (groups, page) = live::all(&client, &query).await?;
        if self.json {
            return groups.iter().try_for_each(print::json);
        }
        remarks(&page, groups.is_empty());
        if groups.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = groups.iter().map(|g| cells(g, page.at.0)).collect();
        let table = Table::fitting(&GROUPS, &rows, &[]);
        print::line(&table.head())?;
        for (group, row) in groups.iter().zip(&rows) {
            print::line(&table.row(row))?;
            if group.status != "OK" {
                print::line(&print::wrapped(&format!("  {}", print::plain(&group.reason)), WIDTH, "  "))?;
            }
        }
        Ok(())
    }
}

/// What the table does not show.
fn remarks(page: &Groups, none: bool) {
    for source in &page.sources {
        let name = print::plain(&source.source.name);
        if source.paused {
            continue;
        }
        if let Some(why) = &source.failed {
            let since = source.observed_at.map(|t| format!(" since {} UTC", words::date(t.0))).unwrap_or_default();
            print::note(&format!("{name} could not be observed{since}: {}", print::plain(why)));
        }
        for problem in &source.problems {
            print::note(&format!("{name}: {}", print::plain(problem)));
        }
    }
    if page.hidden_groups > 0 {
        print::note(&format!("{} groups are beyond what this token may see.", page.hidden_groups));
    }
    if page.left_out > 0 {
        print::note(&format!("{} groups are archived, deleted, or come and go; --all shows them.", page.left_out));
    }
    if none {
        print::note("No group matches.");
    }
}

fn cells(group: &Group, now: Timestamp) -> Vec<String> {
    vec![
        group.status.clone(),
        group.name.clone(),
        group.source.name.clone(),
        words::known(group.lag),
        time(&group.time_lag),
        forecast(&group.forecast, group.loss.as_ref(), now),
    ]
}

fn partitions_as_json(group: &GroupInFull) -> Result<(), Ended> {
    let each = group
        .channels
        .iter()
        .flat_map(|c| c.partitions.iter().map(|partition| OnChannel { channel: &c.channel, partition }));
    each.into_iter().try_for_each(|one| print::json(&one))
}

fn partitions(group: &GroupInFull) -> Result<(), Ended> {
    let now = group.at.0;
    let head = format!(
        "{} at {}: {}, {}",
        print::plain(&group.name),
        print::plain(&group.source.name),
        group.kind.replace('_', " "),
        standing(group)
    );
    print::line(&print::wrapped(&head, WIDTH, ""))?;
    for on in &group.channels {
        print::line(&print::wrapped(&format!("  {}", channel(on, now)), WIDTH, "  "))?;
    }
    if group.hidden_channels > 0 {
        print::note(&format!("{} of its channels are beyond what this token may see.", group.hidden_channels));
    }
    let rows: Vec<Vec<String>> =
        group.channels.iter().flat_map(|c| c.partitions.iter().map(|p| place(&c.channel, p))).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let table = Table::fitting(&PARTITIONS, &rows, &[]);
    print::line(&table.head())?;
    rows.iter().try_for_each(|row| print::line(&table.row(row)))
}

/// What the broker says it is doing.
fn standing(group: &GroupInFull) -> String {
    if let Some(at) = group.gone_at {
        return format!("not listed by the broker since {} UTC", words::date(at.0));
    }
    match group.members.as_ref().map(Vec::len) {
        Some(1) => format!("{}, 1 member", group.state),
        Some(n) if n > 0 => format!("{}, {n} members", group.state),
        _ => group.state.clone(),
    }
}

fn channel(on: &GroupChannel, now: Timestamp) -> String {
    format!(
        "{}: {}, {} unread, {}, {}. {}",
        print::plain(&on.channel),
        on.verdict.status,
        words::known(on.lag),
        match time(&on.time_lag).as_str() {
            words::UNKNOWN => "how old is not known".to_owned(),
            known => format!("{known} old"),
        },
        forecast(&on.forecast, on.loss.as_ref(), now),
        print::plain(&on.verdict.reason)
    )
}

fn place(channel: &str, p: &GroupPartition) -> Vec<String> {
    vec![
        channel.to_owned(),
        p.partition.to_string(),
        p.verdict.status.clone(),
        words::known(p.next.as_ref()),
        words::known(p.end.as_ref()),
        words::known(p.lag),
        time(&p.time_lag),
        p.held_by.as_ref().map_or_else(|| words::UNKNOWN.to_owned(), |h| format!("{} at {}", h.client_id, h.host)),
    ]
}

/// How old the oldest unread event is.
fn time(of: &GroupTimeLag) -> String {
    match of.ms {
        None => words::UNKNOWN.to_owned(),
        Some(0) => "0 s".to_owned(),
        Some(ms) => {
            let length = words::length(i64::try_from(ms).unwrap_or(i64::MAX).saturating_mul(1_000));
            if of.exact { length } else { format!("~ {length}") }
        }
    }
}

/// What is to come, the worst first.
fn forecast(of: &GroupForecast, loss: Option<&GroupLoss>, now: Timestamp) -> String {
    let until = |at: Time| words::length(at.0.micros_since(now).max(0));
    if let Some(loss) = loss {
        return match loss.first.0 > now {
            true => format!("loses unread events in {}", until(loss.first)),
            false => "loses unread events now".to_owned(),
        };
    }
    match (of.kind.as_str(), of.at) {
        ("drains", Some(at)) => format!("drains in {}", until(at)),
        ("keeps_up", _) => "keeps up".to_owned(),
        ("stays_level", _) => "stays level".to_owned(),
        ("never_drains", _) => match of.grows_per_min {
            Some(per_min) => format!("never drains: +{per_min:.0} a minute"),
            None => "never drains".to_owned(),
        },
        _ => words::UNKNOWN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_come_is_said_in_words() {
        let now = Timestamp::from_millis(1_795_357_928_000);
        let of = |kind: &str| GroupForecast {
            kind: kind.into(),
            at: Some(Time(now.plus_secs(300))),
            earliest: None,
            latest: None,
            grows_per_min: Some(30.4),
            why_unknown: None,
        };
        let loss = |s| GroupLoss {
            first: Time(now.plus_secs(s)),
            earliest: Time(now),
            events_per_s: None,
            by: "retention of 24 h".into(),
        };
        for (kind, want) in [
            ("drains", "drains in 5 min"),
            ("keeps_up", "keeps up"),
            ("stays_level", "stays level"),
            ("never_drains", "never drains: +30 a minute"),
            ("unknown", "–"),
            ("of a later version", "–"),
        ] {
            assert_eq!(forecast(&of(kind), None, now), want);
        }
        assert_eq!(forecast(&of("keeps_up"), Some(&loss(7_200)), now), "loses unread events in 2 h");
        assert_eq!(forecast(&of("keeps_up"), Some(&loss(-7_200)), now), "loses unread events now");
        let lag = |ms, exact| time(&GroupTimeLag { ms, exact, from_arrival: false, why_unknown: None });
        assert_eq!((lag(None, false), lag(Some(0), true)), ("–".into(), "0 s".into()));
        assert_eq!((lag(Some(4_200), true), lag(Some(4_200), false)), ("4 s".into(), "~ 4 s".into()));
    }
}
