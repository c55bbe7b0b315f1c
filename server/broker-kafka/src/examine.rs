//! A connection tried out step by step. What krafka hides behind one error is asked here bit by bit, so that a wrong
//! port, TLS on one side only, an unknown authority, a wrong password, an advertised address that leads nowhere and a
//! missing right are told apart.

mod brokers;
mod channels;
mod secure;

use crate::{acl, connect::Connection, spoken::Entry};
use krafka::KrafkaError;
use std::time::{Duration, Instant};
use weir_broker::{AFTER_A_FAILURE, BrokerError, SignIn, Wanted};
use weir_domain::sources::{Step, StepKind};

/// A name's address, a port, a handshake: each of them at most this long, so that all fit into the time of a test.
const ONE: Duration = Duration::from_secs(4);

/// What went wrong and what to do about it.
struct Wrong {
    what: String,
    what_to_do: String,
}

impl Wrong {
    fn new(what: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { what: what.into(), what_to_do: what_to_do.into() }
    }

    /// What a broker's error already tells in full.
    fn of(error: &BrokerError) -> Self {
        let text = error.to_string();
        // "What happened. What to do next"
        match text.split_once(". ") {
            Some((what, next)) => Self::new(format!("{what}."), format!("{}.", next.trim_end_matches('.'))),
            None => Self::new(text, "Set it right and test again."),
        }
    }
}

/// How a step ended that did not fail.
enum Well {
    Passed(String),
    Skipped(String),
}

type Ended = Result<Well, Wrong>;

pub(crate) async fn examine(connection: &Connection, wanted: &Wanted, tell: &mut (dyn FnMut(Step) + Send)) {
    let mut test = Test { connection, wanted, at: String::new(), entry: Entry::Untold };
    for (i, kind) in StepKind::ALL.into_iter().enumerate() {
        match test.step(kind).await {
            Ok(Well::Passed(detail)) => tell(Step::passed(kind, detail)),
            Ok(Well::Skipped(why)) => tell(Step::skipped(kind, why)),
            Err(wrong) => {
                tell(Step::failed(kind, wrong.what, wrong.what_to_do));
                for kind in StepKind::ALL.into_iter().skip(i + 1) {
                    tell(Step::skipped(kind, AFTER_A_FAILURE));
                }
                return;
            }
        }
    }
}

struct Test<'a> {
    connection: &'a Connection,
    wanted: &'a Wanted,
    /// The first bootstrap address that opened.
    at: String,
    entry: Entry,
}

impl Test<'_> {
    async fn step(&mut self, kind: StepKind) -> Ended {
        match kind {
            StepKind::Resolves => self.resolves().await,
            StepKind::Opens => self.opens().await,
            StepKind::Secures => self.secures().await,
            StepKind::SignsIn => self.signs_in().await,
            StepKind::Answers => self.answers().await,
            StepKind::Lists => self.lists().await,
            StepKind::Reads => self.reads().await,
        }
    }

    async fn resolves(&self) -> Ended {
        let settings = self.connection.settings();
        let look = settings.addresses.iter().map(|a| async move { (a, settings.reach.resolve(a, ONE).await) });
        let (mut found, mut wrong) = (Vec::new(), Vec::new());
        for (address, result) in futures::future::join_all(look).await {
            match result {
                Ok(all) => match all.iter().find(|(_, why)| why.is_none()) {
                    Some((at, _)) => found.push(format!("{address} is {}", at.ip())),
                    None => wrong.extend(all.into_iter().filter_map(|(at, why)| {
                        Some(not_reached(address, &weir_broker::NotReached::NotAllowed { address: at.ip(), why: why? }))
                    })),
                },
                Err(error) => wrong.push(not_reached(address, &error)),
            }
        }
        // One that may not be used is told even if another may: the cluster would be read by what is left.
        let not_allowed = wrong.iter().position(|w| w.what.contains("may not use"));
        match (found.is_empty(), not_allowed) {
            (_, Some(at)) => Err(wrong.swap_remove(at)),
            (true, None) => {
                Err(wrong.pop().unwrap_or_else(|| Wrong::new("No address is set.", "Give one as host:port.")))
            }
            (false, None) => {
                let others = wrong.into_iter().map(|w| format!("{} (the others are used)", w.what));
                Ok(Well::Passed(found.into_iter().chain(others).collect::<Vec<_>>().join("; ")))
            }
        }
    }

    async fn opens(&mut self) -> Ended {
        let settings = self.connection.settings();
        let begun = Instant::now();
        let open = settings.addresses.iter().map(|a| async move { (a, settings.reach.connect(a, ONE).await) });
        let mut wrong = None;
        for (address, result) in futures::future::join_all(open).await {
            match result {
                Ok(_) if self.at.is_empty() => self.at.clone_from(address),
                Ok(_) => {}
                Err(error) => wrong = wrong.or_else(|| Some(not_reached(address, &error))),
            }
        }
        match (self.at.is_empty(), wrong) {
            (true, Some(wrong)) => Err(wrong),
            (true, None) => Err(Wrong::new("No address is set.", "Give one as host:port.")),
            (false, Some(wrong)) => Ok(Well::Passed(format!("{} opens. {} The others are used.", self.at, wrong.what))),
            (false, None) => Ok(Well::Passed(format!("{} opened after {} ms", self.at, begun.elapsed().as_millis()))),
        }
    }

    async fn signs_in(&self) -> Ended {
        let settings = self.connection.settings();
        let at = &self.at;
        let Some(sign_in) = &settings.sasl else {
            return match &self.entry {
                Entry::Sasl(offered) => Err(Wrong::new(
                    format!("The listener at {at} wants a sign-in; it offers {}.", offered.join(", ")),
                    "Choose how to sign in, or use the port of a listener that wants none.",
                )),
                Entry::Open | Entry::Untold => {
                    Ok(Well::Skipped("No sign-in is set, and the listener wants none.".into()))
                }
            };
        };
        let mechanism = sign_in.mechanism();
        match &self.entry {
            Entry::Open => {
                return Err(Wrong::new(
                    format!("The listener at {at} takes no sign-in."),
                    "Choose no sign-in, or use the port of the listener with SASL.",
                ));
            }
            Entry::Sasl(offered) if !offered.iter().any(|m| m == mechanism) => {
                return Err(Wrong::new(
                    format!("The listener at {at} does not offer {mechanism}; it offers {}.", offered.join(", ")),
                    "Choose one of these, or have the broker offer it (sasl.enabled.mechanisms).",
                ));
            }
            Entry::Sasl(_) | Entry::Untold => {}
        }
        match self.connection.sign_in(at).await.map_err(|e| Wrong::of(&e))? {
            Ok(signed_in) => {
                signed_in.close().await;
                Ok(Well::Passed(format!("as {} by {mechanism}", sign_in.user())))
            }
            Err(KrafkaError::Auth { message, .. }) => Err(refused(sign_in, &message)),
            Err(error) => Err(Wrong::of(&self.connection.explain(&error, "sign in"))),
        }
    }
}

/// Brokers don't tell a wrong password from a user that they don't know.
fn refused(sign_in: &SignIn, message: &str) -> Wrong {
    if message.contains("the token ") {
        return Wrong::new(
            format!("No token could be had: {message}."),
            "Set the endpoint or its client right and test again.",
        );
    }
    let message = message.trim_start_matches("SASL authentication failed: ").trim_end_matches('.');
    let (user, mechanism) = (sign_in.user(), sign_in.mechanism());
    match sign_in {
        SignIn::Password(_) => Wrong::new(
            format!("The broker refuses {user:?}: wrong user or password ({message})."),
            format!("Check both; a user of {mechanism} must have been made for {mechanism}."),
        ),
        SignIn::OAuth(_) => Wrong::new(
            format!("The broker refuses the token ({message})."),
            "Check the token's audience, scope and issuer against what the broker expects.",
        ),
        SignIn::AwsIam(_) => Wrong::new(
            format!("Amazon refuses the keys of {user} ({message})."),
            "Check key, secret, region, session token and this server's clock; the policy must allow kafka-cluster:Connect.",
        ),
    }
}

fn not_reached(address: &str, error: &weir_broker::NotReached) -> Wrong {
    Wrong::new(format!("{address} {error}."), error.what_to_do())
}

/// The first of many, and how many more.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{shown} and {more} more"),
        _ => shown,
    }
}

/// `READ` on a few topics, one command a line.
fn commands(connection: &Connection, operations: &[&str], topics: &[String]) -> String {
    let one = |t: &String| acl::grant(connection.settings(), operations, &acl::topic(t));
    topics.iter().take(3).map(one).collect::<Vec<_>>().join("\n")
}
