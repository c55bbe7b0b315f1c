//! Following: what comes, through broken connections and restarts of the server.

use std::time::Duration;

use serde::Deserialize;

use super::lines::Lines;
use crate::{
    client::{Client, Sent, Stream},
    ended::{Code, Ended},
    http::rest::Tail,
    print,
};

const PATH: &str = "/api/v1/events/tail";
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Bye {
    reason: String,
}

/// Why a stream ended, where it may go on.
enum Over {
    /// As many events came as were wanted.
    Enough,
    /// The connection is gone; connect again.
    Again(String),
}

struct Follower {
    lines: Lines,
    left: Option<u32>,
    last: Option<String>,
    wait: Duration,
}

pub async fn follow(
    client: &Client,
    query: &[(&'static str, String)],
    json: bool,
    limit: Option<u32>,
) -> Result<(), Ended> {
    let mut follower = Follower { lines: Lines::new(json, true), left: limit, last: None, wait: FIRST_WAIT };
    // Mistakes show at the first try; later ones may pass.
    let mut stream = client.stream(PATH, query, None).await?;
    print::note("Following; Ctrl-C ends it.");
    loop {
        match follower.read(&mut stream).await? {
            Over::Enough => return Ok(()),
            Over::Again(why) => print::note(&format!("{why} Trying again.")),
        }
        stream = follower.again(client, query).await?;
    }
}

impl Follower {
    async fn again(&mut self, client: &Client, query: &[(&'static str, String)]) -> Result<Stream, Ended> {
        loop {
            tokio::time::sleep(self.wait).await;
            self.wait = (self.wait * 2).min(LONGEST_WAIT);
            match client.stream(PATH, query, self.last.as_deref()).await {
                Ok(stream) => return Ok(stream),
                Err(ended) if ended.code == Code::Unreachable => {}
                Err(ended) => return Err(ended),
            }
        }
    }

    async fn read(&mut self, stream: &mut Stream) -> Result<Over, Ended> {
        loop {
            let sent = match stream.next().await {
                Ok(Some(sent)) => sent,
                Ok(None) => return Ok(Over::Again("The stream ended.".into())),
                Err(ended) => return Ok(Over::Again(ended.what)),
            };
            self.wait = FIRST_WAIT;
            if let Some(over) = self.take(sent)? {
                return Ok(over);
            }
        }
    }

    fn take(&mut self, sent: Sent) -> Result<Option<Over>, Ended> {
        match sent.event.as_str() {
            "tail" => {
                let mut tail: Tail = parsed(&sent.data)?;
                if tail.skipped > 0 {
                    print::note(&format!("{} events came too fast to be shown; they are stored.", tail.skipped));
                }
                if tail.unjudged > 0 {
                    print::note(&format!("{} events could not be judged and are left out.", tail.unjudged));
                }
                if let Some(left) = &mut self.left {
                    tail.events.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                    *left = left.saturating_sub(u32::try_from(tail.events.len()).unwrap_or(u32::MAX));
                }
                self.lines.print(&tail.events)?;
                self.last = sent.id.or(self.last.take());
                Ok((self.left == Some(0)).then_some(Over::Enough))
            }
            "missed" => {
                print::note("Some events were missed while the connection was away: look for them with weir events.");
                Ok(None)
            }
            "bye" => match parsed::<Bye>(&sent.data)?.reason.as_str() {
                "restarting" => Ok(Some(Over::Again("The server restarts.".into()))),
                "signed_out" => Err(Ended::new(
                    Code::NotAllowed,
                    "The token has ended: it expired, was revoked, or its person was deactivated.",
                    "Make another one on the page /account/tokens.",
                )),
                "not_allowed" => Err(Ended::new(
                    Code::NotAllowed,
                    "This token may not see these events any more.",
                    "Ask an administrator for the role that was taken away.",
                )),
                _ => Err(Ended::new(Code::Failed, "The server could not go on with the stream.", "Try again.")),
            },
            // Whatever a newer server tells besides.
            _ => Ok(None),
        }
    }
}

fn parsed<T: serde::de::DeserializeOwned>(data: &str) -> Result<T, Ended> {
    serde_json::from_str(data).map_err(|why| {
        Ended::new(
            Code::Failed,
            format!("The stream can't be understood: {why}."),
            "Is the server newer than this program?",
        )
    })
}
