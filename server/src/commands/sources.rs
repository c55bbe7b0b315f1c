//! `weir sources`: what is read, and how far it has come.

use clap::Args;

use super::remote::Remote;
use crate::{
    ended::Ended,
    http::rest::{Source, Sources as All},
    print::{self, Column, Table, WIDTH, words},
};

/// List sources with their state and figures
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 asked wrongly, 3 not allowed, 4 the server can't be reached.")]
pub struct Sources {
    /// An environment, by its name or its id
    #[arg(long)]
    env: Option<String>,
    /// One line of JSON for each source
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: Remote,
}

const COLUMNS: [Column; 8] = [
    Column::whole("ID"),
    Column::text("NAME"),
    Column::text("ENVIRONMENT"),
    Column::whole("STATE"),
    Column::number("EVENTS/S"),
    Column::number("BEHIND"),
    Column::number("GAPS"),
    Column::number("CHANNELS"),
];

impl Sources {
    pub async fn run(&self) -> Result<(), Ended> {
        let client = self.remote.client()?;
        let query: Vec<_> = self.env.iter().map(|env| ("env", env.clone())).collect();
        let All { sources, hidden_channels } = client.json("/api/v1/sources", &query).await?;
        if self.json {
            return sources.iter().try_for_each(print::json);
        }
        if hidden_channels > 0 {
            print::note(&format!(
                "{hidden_channels} channels are beyond what this token may see; figures leave them out."
            ));
        }
        if sources.is_empty() {
            print::note("There is no source, or none that this token may see.");
            return Ok(());
        }
        let rows: Vec<_> = sources.iter().map(cells).collect();
        let table = Table::fitting(&COLUMNS, &rows, &[]);
        print::line(&table.head())?;
        rows.iter().try_for_each(|row| print::line(&table.row(row)))?;
        sources.iter().filter_map(remark).try_for_each(|text| print::line(&print::wrapped(&text, WIDTH, "  ")))
    }
}

fn cells(source: &Source) -> Vec<String> {
    vec![
        source.id.clone(),
        source.name.clone(),
        source.environment.name.clone(),
        source.state.clone(),
        words::rate(source.events_per_s),
        words::known(source.behind),
        source.gaps.to_string(),
        source.channels.to_string(),
    ]
}

/// Why one is not up.
fn remark(source: &Source) -> Option<String> {
    let name = print::plain(&source.name);
    if source.orphan {
        return Some(format!("{name}: taken out of the configuration; it keeps its events."));
    }
    let reason = source.reason.as_deref().map(print::plain)?;
    let since = source.since.map(|t| format!(" since {} UTC", words::date(t.0))).unwrap_or_default();
    Some(format!("{name}: {}{since}: {reason}", source.state))
}
