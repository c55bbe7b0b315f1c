//! `weir lag explain`: what observations of partitions mean, by Weir's rules and by Burrow's.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use weir_domain::lag::{Status, Verdict, rules};

use super::{
    given::{self, Given},
    live,
};
use crate::{
    commands::remote::Remote,
    ended::Ended,
    http::rest::{GroupChannel, GroupPartition, GroupVerdict},
    print::{self, Column, Table, WIDTH},
};

/// Of a file, at most.
const LARGEST: u64 = 16 << 20;
/// What a reason has at least beside the other columns.
const LEAST_REASON: usize = 30;

/// Say what observed commits mean, by Weir's rules and by Burrow's, and why
#[derive(Debug, Args)]
#[command(
    after_help = "A file is JSON: one partition, an array of them, or {\"partitions\": […]}. The oldest comes first, times are \
    milliseconds since 1970, null is unknown:\n\n  \
    {\"partition\": 0, \"now\": 1795357928000, \"allowed_lag\": 0, \"current_lag\": 1204,\n   \
    \"end_offsets\": [5500, 5915],\n   \
    \"commits\": [{\"offset\": 4711, \"at\": 1795357678000, \"lag\": 789}],\n   \
    \"context\": {\"group_active\": true, \"held_by\": \"app-1 at 10.0.0.7\", \"usual_interval_ms\": 5000,\n               \
    \"time_lag_ms\": 250000, \"arrived\": 415}}\n\n\
    now and commits must be there. Nothing is asked of a server or a broker.\n\n\
    With --group it is a group that a running Weir observes: what its partitions' last observations mean.\n\n\
    Exit codes: 0 done, whatever the verdicts, 1 failed, 2 asked wrongly, 3 not allowed, 4 the server can't be reached."
)]
pub struct Explain {
    /// A file with observations, or - for the standard input
    #[arg(value_name = "FILE", required_unless_present = "group", conflicts_with = "group")]
    file: Option<PathBuf>,
    /// A group that Weir observes, in place of a file
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Of this source, where several have a group of that name
    #[arg(long, value_name = "NAME", requires = "group")]
    source: Option<String>,
    /// One line of JSON for each partition
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: Remote,
}

/// What is said of one partition.
#[derive(Serialize)]
struct Explained {
    /// Of a group that is observed.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    partition: Value,
    weir: Verdict,
    burrow: Verdict,
}

impl Explained {
    fn of(Given { name, seen, context }: Given) -> Self {
        Self { channel: None, partition: name, weir: rules::weir(&seen, &context), burrow: rules::burrow(&seen) }
    }

    fn observed(channel: &str, p: GroupPartition) -> Self {
        Self {
            channel: Some(channel.to_owned()),
            partition: p.partition.into(),
            weir: verdict(p.verdict),
            burrow: verdict(p.burrow),
        }
    }
}

impl Explain {
    pub async fn run(&self) -> Result<(), Ended> {
        let all = match (&self.file, &self.group) {
            (Some(file), _) => of_file(file)?,
            (None, Some(group)) => {
                let group = live::one(&self.remote.client()?, group, self.source.as_deref()).await?;
                if group.hidden_channels > 0 {
                    print::note(&format!(
                        "{} of its channels are beyond what this token may see.",
                        group.hidden_channels
                    ));
                }
                let on = |c: GroupChannel| {
                    c.partitions.into_iter().map(|p| Explained::observed(&c.channel, p)).collect::<Vec<_>>()
                };
                group.channels.into_iter().flat_map(on).collect()
            }
            (None, None) => return Err(Ended::usage("Neither a file nor a group is named.", "Name one of them.")),
        };
        if all.is_empty() {
            print::note("There is no partition in it.");
        }
        if self.json {
            all.iter().try_for_each(print::json)
        } else {
            table(&all).iter().try_for_each(|l| print::line(l))
        }
    }
}

fn of_file(file: &Path) -> Result<Vec<Explained>, Ended> {
    let text = text(file)?;
    let given = given::read(&text).map_err(|why| wrong(file, &why))?;
    remarks(&text, &given);
    Ok(given.into_iter().map(Explained::of).collect())
}

/// A status that this version does not know counts as unknown.
fn verdict(of: GroupVerdict) -> Verdict {
    Verdict { status: Status::parse(&of.status).unwrap_or(Status::Unknown), rule: of.rule, reason: of.reason }
}

/// What may not be as it was meant.
fn remarks(text: &str, given: &[Given]) {
    let others: Vec<_> = given::passed_over(text).into_iter().take(9).map(|name| print::plain(&name)).collect();
    if !others.is_empty() {
        print::note(&format!("These names mean nothing here and were passed over: {}.", others.join(", ")));
    }
    if let Some(i) = given.iter().position(|g| !given::in_order(&g.seen)) {
        print::note(&format!(
            "Commits of partition {} are not in order of time, or after \"now\": put the oldest first.",
            label(i, &given[i].name)
        ));
    }
}

/// Its name, or its place in the file.
fn label(place: usize, name: &Value) -> String {
    match name {
        Value::Null => format!("#{}", place + 1),
        Value::String(text) => print::plain(text),
        other => other.to_string(),
    }
}

const COLUMNS: [Column; 5] = [
    Column::text("PARTITION"),
    Column::whole("BY"),
    Column::whole("STATUS"),
    Column::whole("RULE"),
    Column::whole("REASON"),
];

/// Two rows for each partition; reasons go on below themselves.
fn table(all: &[Explained]) -> Vec<String> {
    let mut cells: Vec<Vec<String>> = Vec::new();
    for (i, explained) in all.iter().enumerate() {
        for (by, verdict) in [("Weir", &explained.weir), ("Burrow", &explained.burrow)] {
            let name = match (by, &explained.channel) {
                ("Weir", Some(channel)) => format!("{channel}/{}", label(i, &explained.partition)),
                ("Weir", None) => label(i, &explained.partition),
                _ => String::new(),
            };
            cells.push(vec![name, by.into(), verdict.status.as_str().into(), verdict.rule.clone()]);
        }
    }
    let others = Table::fitting(&COLUMNS[..4], &cells, &[]);
    let room = WIDTH.saturating_sub(others.width() + 2).max(LEAST_REASON);
    let reasons = all.iter().flat_map(|e| [&e.weir.reason, &e.burrow.reason]);
    let mut rows = Vec::new();
    for (mut cells, reason) in cells.into_iter().zip(reasons) {
        for line in print::wrapped(&print::plain(reason), room, "").lines() {
            cells.push(line.to_owned());
            rows.push(std::mem::replace(&mut cells, vec![String::new(); 4]));
        }
    }
    let table = Table::fitting(&COLUMNS, &rows, &[]);
    if rows.is_empty() {
        Vec::new()
    } else {
        std::iter::once(table.head()).chain(rows.iter().map(|r| table.row(r))).collect()
    }
}

/// What the file says.
fn text(file: &Path) -> Result<String, Ended> {
    let unreadable = |why: String| {
        let what = match file == Path::new("-") {
            true => format!("The standard input can't be read: {why}."),
            false => format!("The file {} can't be read: {why}.", file.display()),
        };
        Ended::usage(what, "Check its name and its rights; see `weir lag explain --help`.")
    };
    let mut bytes = Vec::new();
    let read = match file == Path::new("-") {
        true => io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes),
        false => File::open(file).and_then(|f| f.take(LARGEST + 1).read_to_end(&mut bytes)),
    };
    read.map_err(|e| unreadable(e.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Ended::usage(
            format!("{} is larger than 16 MiB.", named(file)),
            "Leave older commits out: ten minutes of them are enough, and ten at least. Or ask in several parts.",
        ));
    }
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is no text in UTF-8".into()))?;
    // As some editors begin it.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn named(file: &Path) -> String {
    if file == Path::new("-") { "The standard input".into() } else { format!("The file {}", file.display()) }
}

fn wrong(file: &Path, why: &serde_json::Error) -> Ended {
    let said = why.to_string();
    // The place is said before.
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    Ended::usage(
        format!(
            "{} holds no observations: line {}, column {}: {}.",
            named(file),
            why.line(),
            why.column(),
            print::plain(said)
        ),
        "`weir lag explain --help` shows how they are written.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_fit_and_keep_every_word() {
        let verdict = |status, rule: &str, reason: &str| Verdict { status, rule: rule.into(), reason: reason.into() };
        let explained = |partition| Explained {
            channel: None,
            partition,
            weir: verdict(
                Status::Stop,
                "silent",
                "no commit for 4 min 10 s though app-1 at 10.0.0.7 holds it; 5 events unread",
            ),
            burrow: verdict(Status::Warn, "lag-not-decreasing", "unread went from 1 event to 5 events and never fell"),
        };
        let lines =
            table(&[explained(Value::Null), explained("orders-of-a-very-long-name/12".into()), explained(7.into())]);
        assert!(lines.iter().all(|l| l.chars().count() <= WIDTH), "{lines:#?}");
        let words = lines.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.starts_with("PARTITION BY STATUS RULE REASON #1 Weir STOP silent no commit for"), "{words}");
        assert!(
            words.contains("7 Weir STOP silent") && words.contains("Burrow WARN lag-not-decreasing unread"),
            "{words}"
        );
        assert!(words.ends_with("and never fell"), "{words}");
        assert!(table(&[]).is_empty());
    }
}
