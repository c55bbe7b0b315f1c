//! `weir keys`: what is known of each key of a list.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;
use weir_domain::{
    Clock, Timestamp,
    events::{FEW_KEYS, KeyList},
};

use super::{events::when::When, remote::Remote};
use crate::{
    ended::Ended,
    http::rest::{Key, Keys as Answer},
    print::{self, Column, Table, words},
};

/// Of a list, at most: 10,000 keys of some 200 bytes.
const LARGEST: u64 = 2 << 20;

/// Look for the keys of a list: found or not, where, and their last event
#[derive(Debug, Args)]
#[command(
    after_help = "A line, comma, semicolon or tab ends each key; up to 10,000 of them. The keys never stand in an \
    address.\nTimes: 2026-11-22T08:00:00Z (RFC 3339), or how long ago: 90s, 15m, 2h, 7d.\n\n\
    With --missing what is printed may be there all the same where not everything was looked at: that is said beside it.\n\n\
    Exit codes: 0 done, whether or not keys were found, 1 failed, 2 asked wrongly, 3 not allowed, 4 the server can't be reached."
)]
pub struct Keys {
    /// A file with the keys, or - for the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The event type, exactly
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// A channel, by its name or its id
    #[arg(long)]
    channel: Option<String>,
    /// A source, by its name or its id
    #[arg(long)]
    source: Option<String>,
    /// An environment, by its name or its id
    #[arg(long)]
    env: Option<String>,
    /// Events at or after this time
    #[arg(long, value_name = "TIME", value_parser = When::parse)]
    since: Option<When>,
    /// Events before this time
    #[arg(long, value_name = "TIME", value_parser = When::parse)]
    until: Option<When>,
    /// Only the keys that were not found, one a line
    #[arg(long, conflicts_with = "json")]
    missing: bool,
    /// One line of JSON for each key
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: Remote,
}

/// As the interface takes it.
#[derive(Serialize)]
struct Question<'k> {
    keys: &'k [String],
    #[serde(rename = "type")]
    event_type: Option<&'k str>,
    channel: Option<&'k str>,
    source: Option<&'k str>,
    from: Option<String>,
    to: Option<String>,
}

const COLUMNS: [Column; 5] = [
    Column::text("KEY"),
    Column::whole("LAST (UTC)"),
    Column::text("STATE"),
    Column::text("CHANNEL"),
    Column::number("EVENTS"),
];

impl Keys {
    pub async fn run(&self, clock: &dyn Clock) -> Result<(), Ended> {
        let client = self.remote.client()?;
        let list = KeyList::read(&text(&self.file)?).map_err(|why| Ended::usage(why.to_string(), why.what_to_do()))?;
        let now = clock.now();
        let time = |when: Option<When>| when.map(|w| Timestamp::rfc3339(w.at(now)));
        let question = Question {
            keys: list.keys(),
            event_type: self.event_type.as_deref(),
            channel: self.channel.as_deref(),
            source: self.source.as_deref(),
            from: time(self.since),
            to: time(self.until),
        };
        let query: Vec<_> = self.env.iter().map(|env| ("env", env.clone())).collect();
        let answer: Answer = client.sent("/api/v1/events/keys", &query, &question).await?;
        self.print(&answer)?;
        remarks(&answer, list.doubles());
        Ok(())
    }

    fn print(&self, answer: &Answer) -> Result<(), Ended> {
        if self.json {
            return answer.keys.iter().try_for_each(print::json);
        }
        if self.missing {
            return answer
                .keys
                .iter()
                .filter(|key| !key.found)
                .try_for_each(|key| print::line(&print::plain(&key.key)));
        }
        let rows: Vec<_> = answer.keys.iter().map(|key| cells(key, answer.scanned.complete)).collect();
        let table = Table::fitting(&COLUMNS, &rows, &[]);
        print::line(&table.head())?;
        rows.iter().try_for_each(|row| print::line(&table.row(row)))
    }
}

/// All of a file, or of the standard input.
fn text(file: &Path) -> Result<String, Ended> {
    let unreadable = |why: String| {
        Ended::usage(
            format!("The list {} can't be read: {why}.", file.display()),
            "Give a text file, or - and pipe it.",
        )
    };
    let read = |from: &mut dyn Read| {
        let mut bytes = Vec::new();
        from.take(LARGEST + 1).read_to_end(&mut bytes).map(|_| bytes)
    };
    let bytes = match file.as_os_str() == "-" {
        true => read(&mut io::stdin().lock()),
        false => File::open(file).and_then(|mut file| read(&mut file)),
    };
    let bytes = bytes.map_err(|why| unreadable(why.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(unreadable("it is larger than 2 MiB".into()));
    }
    String::from_utf8(bytes).map_err(|_| unreadable("it is no UTF-8 text".into()))
}

fn cells(of: &Key, complete: bool) -> Vec<String> {
    let Some(newest) = &of.newest else {
        return vec![of.key.clone(), "not found".into(), String::new(), String::new(), String::new()];
    };
    let at_least = if complete { "" } else { "≥ " };
    vec![
        of.key.clone(),
        words::date(newest.time.0),
        newest.event_type.clone(),
        newest.channel.name.clone(),
        format!("{at_least}{}", of.events),
    ]
}

fn remarks(answer: &Answer, doubles: usize) {
    let (found, all) = (answer.found, answer.keys.len());
    print::note(&format!("{found} of {all} keys were found."));
    if doubles > 0 {
        print::note(&format!("{doubles} stood there before and counted once."));
    }
    let scanned = &answer.scanned;
    if !scanned.complete {
        let since = match scanned.captured_since {
            Some(since) => format!("what was captured since {} UTC", words::date(since.0)),
            None => "a part of the newest events".to_owned(),
        };
        print::note(&format!(
            "Only {since} was looked at, so counts are \"at least\", and more keys may be there: set --channel or --since, \
             or look for at most {FEW_KEYS} keys at once."
        ));
    }
    if scanned.gaps > 0 {
        print::note(&format!("{} gaps lie in what was searched.", scanned.gaps));
    }
    if !scanned.silent_sources.is_empty() {
        let names: Vec<_> = scanned.silent_sources.iter().map(|s| print::plain(s)).collect();
        print::note(&format!("Not being read now, and may have more: {}.", names.join(", ")));
    }
    if answer.hidden_channels > 0 {
        print::note(&format!("{} channels are not looked at: this token may not see them.", answer.hidden_channels));
    }
}
