//! `weir verify`: compares what is stored with what the brokers have.

use std::time::Duration;

use clap::Args;
use serde::Serialize;
use weir_domain::Clock;

use super::{events::when::When, remote::Remote};
use crate::{
    client::Client,
    ended::{Code, Ended},
    http::rest::{Source, Sources, Time, VerifyAnswer, VerifyAsked},
    print::{self, WIDTH, words},
};

/// Differences printed of one source; all of them are counted.
const SHOWN: usize = 200;

/// Compare what is stored with what the brokers have
#[derive(Debug, Args)]
#[command(
    after_help = "What the broker's retention or compaction took is no difference. Bytes are compared where they are \
    kept, else sizes and times.\nTimes: 2026-11-22T08:00:00Z (RFC 3339), or how long ago: 90s, 15m, 2h, 7d.\n\n\
    Exit codes: 0 no difference, 1 differences or failed, 2 asked wrongly, 3 not allowed, 4 the server can't be reached."
)]
pub struct Verify {
    /// A source, by its name or its id; all of them if left out
    source: Option<String>,
    /// A channel, by its name or by # and its id
    #[arg(long)]
    channel: Option<String>,
    /// So many events of each source, from random places
    #[arg(long, value_name = "EVENTS", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    sample: u32,
    /// Everything that is stored
    #[arg(long, conflicts_with = "sample")]
    all: bool,
    /// Only events at or after this time, about
    #[arg(long, value_name = "TIME", value_parser = When::parse)]
    since: Option<When>,
    /// One line of JSON for each source
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: Remote,
}

/// What all calls about one source came to.
#[derive(Debug, Default, Serialize)]
struct Total {
    source: String,
    compared: u64,
    gone: u64,
    read_bytes: u64,
    partitions: u32,
    differences: u64,
    found: Vec<String>,
    unread: Vec<String>,
}

impl Total {
    fn add(&mut self, answer: VerifyAnswer) {
        self.compared += answer.compared;
        self.gone += answer.gone;
        self.read_bytes += answer.read_bytes;
        self.partitions += answer.partitions_done;
        self.differences += answer.differences;
        let room = SHOWN.saturating_sub(self.found.len());
        self.found.extend(answer.found.iter().take(room).map(|d| {
            format!("{} partition {} position {} {}", print::plain(&d.channel), d.partition, d.position, d.explained)
        }));
        let room = SHOWN.saturating_sub(self.unread.len());
        self.unread.extend(
            answer
                .unread
                .iter()
                .take(room)
                .map(|u| format!("{} partition {}: {}", print::plain(&u.channel), u.partition, print::plain(&u.why))),
        );
    }
}

impl Verify {
    pub async fn run(&self, clock: &dyn Clock) -> Result<(), Ended> {
        let client = self.remote.client()?;
        let Sources { sources, .. } = client.json("/api/v1/sources", &[]).await?;
        let wanted = |s: &&Source| self.source.as_ref().is_none_or(|asked| *asked == s.name || *asked == s.id);
        let wanted: Vec<&Source> = sources.iter().filter(wanted).filter(|s| !s.orphan).collect();
        if wanted.is_empty() {
            let which = self.source.as_deref().map_or("no source".to_owned(), |name| format!("no source {name:?}"));
            return Err(Ended::usage(
                format!("There is {which}, or none that this token may see."),
                "See `weir sources`.",
            ));
        }
        let (mut differences, mut unread) = (0, 0);
        for source in wanted {
            let total = self.one(&client, source, clock).await?;
            differences += total.differences;
            unread += total.unread.len();
            self.print(&total)?;
        }
        if differences > 0 {
            let what = format!("{differences} events are not stored as the brokers have them.");
            return Err(Ended::new(Code::Failed, what, "Look at the source's page, and keep the broker's log of it."));
        }
        match unread {
            0 => Ok(()),
            _ => Err(Ended::new(Code::Failed, "Not everything could be compared.", "See above why.")),
        }
    }

    async fn one(&self, client: &Client, source: &Source, clock: &dyn Clock) -> Result<Total, Ended> {
        let path = format!("/api/v1/sources/{}/verify", source.id);
        let mut total = Total { source: source.name.clone(), ..Total::default() };
        let since = self.since.map(|when| Time(when.at(clock.now())));
        let mut after: Option<String> = None;
        loop {
            let sample = (!self.all).then_some(self.sample);
            let asked = VerifyAsked { channel: self.channel.clone(), sample, since, after: after.clone() };
            let mut answer: VerifyAnswer = client.sent(&path, &[], &asked).await?;
            let next = answer.next.take();
            let stood_still = next == after && answer.compared == 0;
            total.add(answer);
            match next {
                None => return Ok(total),
                next => after = next,
            }
            if stood_still {
                // The cap of the source is used up by others: it fills again.
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            if self.all && !self.json {
                print::note(&format!("{}: {} events compared so far", print::plain(&source.name), total.compared));
            }
        }
    }

    fn print(&self, total: &Total) -> Result<(), Ended> {
        if self.json {
            return print::json(total);
        }
        let Total { source, compared, gone, partitions, differences, .. } = total;
        print::line(&format!(
            "{}: {compared} events of {partitions} partitions compared, {differences} differences; {} read",
            print::plain(source),
            words::bytes(total.read_bytes)
        ))?;
        if *gone > 0 {
            print::line(&format!("  {gone} are stored and not at the broker any more, which is no difference"))?;
        }
        total.found.iter().try_for_each(|line| print::line(&format!("  {line}")))?;
        if total.found.len() >= SHOWN {
            print::line("  and more")?;
        }
        total.unread.iter().try_for_each(|line| print::line(&print::wrapped(line, WIDTH, "  ")))
    }
}
