//! `weir events`: find events, and follow them.

mod export;
mod follow;
mod from_broker;
mod lines;
pub(super) mod when;

use clap::Args;
use weir_domain::{Clock, search::CEL_MARK};

use self::{export::Format, lines::Lines, when::When};
use super::remote::Remote;
use crate::{
    client::Client,
    ended::{Code, Ended},
    http::rest::{Events as Page, Scanned},
    print::{self, words},
};

/// Rows of one question, at most.
const PAGE: u32 = 200;
/// Events if not said.
const FEW: u32 = 50;

/// Find events, newest first or oldest first; export them; or follow what comes
#[derive(Debug, Args)]
#[command(after_help = "Queries: declined 'type:payment.failed data.amount>900' 'header.tenant:acme NOT key:ord-*'\n\
    Times: 2026-11-22T08:00:00Z (RFC 3339), or how long ago: 90s, 15m, 2h, 7d.\n\
    With --json and --csv the token needs events.export, and payloads come along.\n\n\
    Exit codes: 0 done, 1 failed, 2 asked wrongly, 3 not allowed, 4 the server can't be reached.")]
pub struct Events {
    /// What must hold, as the query bar of the page Events takes it
    #[arg(value_name = "QUERY")]
    query: Option<String>,
    /// An expression of CEL that must be true: data.amount > 900 && size(headers) > 2
    #[arg(long, value_name = "EXPR", conflicts_with = "query")]
    cel: Option<String>,
    /// The whole key, exactly; or hex: and its bytes
    #[arg(long)]
    key: Option<String>,
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
    /// What is oldest comes first
    #[arg(long, conflicts_with = "follow")]
    oldest_first: bool,
    /// Events in all, at most [default: 50; with --json and --csv all there are; with --follow as many as come]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: Option<u32>,
    /// All that is found, one line of JSON for each event with its headers and payload; the last line tells whether that
    /// is all
    #[arg(long)]
    json: bool,
    /// All that is found, as a table for spreadsheets (RFC 4180)
    #[arg(long, conflicts_with_all = ["json", "follow"])]
    csv: bool,
    /// What comes from now on, oldest first, until interrupted
    #[arg(long, conflicts_with_all = ["since", "until"])]
    follow: bool,
    /// Ask the channel's broker instead of the store: for payloads that are not stored. Oldest first, in bounded steps;
    /// needs events.payload
    #[arg(long, requires = "channel", conflicts_with_all = ["csv", "follow", "env"])]
    from_broker: bool,
    #[command(flatten)]
    remote: Remote,
}

impl Events {
    pub async fn run(&self, clock: &dyn Clock) -> Result<(), Ended> {
        let client = self.remote.client()?;
        if self.follow {
            return follow::follow(&client, &self.filter(), self.json, self.limit).await;
        }
        let mut query = self.filter();
        let now = clock.now();
        for (name, when) in [("from", self.since), ("to", self.until)] {
            query.extend(when.map(|w| (name, w.at(now).rfc3339())));
        }
        if let (true, Some(channel)) = (self.from_broker, &self.channel) {
            if self.cel.is_some() && (self.key.is_some() || self.event_type.is_some()) {
                return Err(Ended::new(
                    Code::Usage,
                    "With --from-broker, --cel goes with neither --key nor --type.",
                    "Write them into the expression.",
                ));
            }
            let mut asked: Vec<_> = self.as_query().map(|q| ("q", q)).into_iter().collect();
            asked.extend(query.into_iter().filter(|(name, _)| ["from", "to"].contains(name)));
            let source = self.source.as_deref();
            return from_broker::search(&client, channel, source, &asked, self.limit, self.json).await;
        }
        query.extend(self.oldest_first.then(|| ("order", "oldest".to_owned())));
        match (self.json, self.csv) {
            (false, false) => self.pages(&client, query).await,
            (true, _) => export::export(&client, &query, self.limit, Format::Json).await,
            (_, true) => export::export(&client, &query, self.limit, Format::Csv).await,
        }
    }

    fn filter(&self) -> Vec<(&'static str, String)> {
        let cel = self.cel.as_ref().map(|expression| format!("{CEL_MARK} {expression}"));
        let all = [
            ("query", if cel.is_some() { &cel } else { &self.query }),
            ("key", &self.key),
            ("type", &self.event_type),
            ("channel", &self.channel),
            ("source", &self.source),
            ("env", &self.env),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }

    /// All that must hold, in the language of the query bar.
    fn as_query(&self) -> Option<String> {
        if let Some(expression) = &self.cel {
            return Some(format!("{CEL_MARK} {expression}"));
        }
        let quoted = |text: &String| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let terms = [
            self.query.as_ref().map(|q| format!("({q})")),
            self.event_type.as_ref().map(|t| format!("type:{}", quoted(t))),
            self.key.as_ref().map(|k| format!("key:{}", quoted(k))),
        ];
        let terms: Vec<_> = terms.into_iter().flatten().collect();
        (!terms.is_empty()).then(|| terms.join(" "))
    }

    async fn pages(&self, client: &Client, query: Vec<(&'static str, String)>) -> Result<(), Ended> {
        let mut left = self.limit.unwrap_or(FEW);
        let mut lines = Lines::new(false, false);
        let (mut cursor, mut told, mut gaps) = (None::<String>, 0_u32, 0_u32);
        loop {
            let mut asked = query.clone();
            asked.push(("limit", left.min(PAGE).to_string()));
            asked.extend(cursor.map(|c| ("cursor", c)));
            let page: Page = client.json("/api/v1/events", &asked).await?;
            lines.print(&page.events)?;
            let count = u32::try_from(page.events.len()).unwrap_or(u32::MAX);
            (told, left, gaps) =
                (told.saturating_add(count), left.saturating_sub(count), gaps.saturating_add(page.scanned.gaps));
            match page.next {
                Some(next) if left > 0 => cursor = Some(next),
                more => {
                    let more = more.is_some().then_some(if self.oldest_first { "newer" } else { "older" });
                    remarks(&page.scanned, told, gaps, page.hidden_channels, more);
                    return Ok(());
                }
            }
        }
    }
}

/// What the list does not show, beside it.
fn remarks(scanned: &Scanned, told: u32, gaps: u32, hidden: u32, more: Option<&str>) {
    if told == 0 {
        print::note("No event was found.");
    }
    if let Some(more) = more {
        let (to, bound) = if more == "newer" { ("up to", "--since") } else { ("down to", "--until") };
        let reached = scanned.down_to.map(|t| format!(" (shown {to} {} UTC)", words::date(t.0))).unwrap_or_default();
        print::note(&format!("There are {more} ones{reached}: raise --limit, or set {bound}."));
    }
    if gaps > 0 {
        print::note(&format!("{gaps} gaps lie in what was searched: the broker lost events before they were read."));
    }
    if !scanned.silent_sources.is_empty() {
        let names: Vec<_> = scanned.silent_sources.iter().map(|s| print::plain(s)).collect();
        print::note(&format!("Not being read now, and may have more: {}.", names.join(", ")));
    }
    if scanned.unjudged > 0 {
        print::note(&format!("{} events could not be judged and are left out.", scanned.unjudged));
    }
    if !scanned.unseen.is_empty() {
        print::note(&format!("Not looked into, because this token may not see it: {}.", scanned.unseen.join(", ")));
    }
    if hidden > 0 {
        print::note(&format!("{hidden} channels are not shown: this token may not see them."));
    }
}
