//! What streams share: frames, and the re-check of who listens (decision 22).

use async_trait::async_trait;
use futures::{StreamExt, stream::BoxStream};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use weir_domain::{CaseError, access::Caller};

/// Decision 22 asks for 30 s at most; the rest is room for one wait between frames and the question itself.
const RECHECK_AFTER: Duration = Duration::from_secs(20);
const RECHECK_LIMIT: Duration = Duration::from_secs(30);
const RECHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// One step of a stream. `Bye` is always the last.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame<T> {
    Data(T),
    Bye(Bye),
}

pub type FrameStream<T> = BoxStream<'static, Frame<T>>;

/// Why a stream ended for good: connecting again won't help until the person does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bye {
    SignedOut,
    /// The session lives, but the permission is gone.
    NotAllowed,
}

impl Bye {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::NotAllowed => "not_allowed",
        }
    }

    /// `None` for what may pass by itself (the database is away). What was asked was allowed when the stream began:
    /// found invalid later, it filters by something that is masked now.
    fn because(error: &CaseError) -> Option<Self> {
        match error {
            CaseError::SignedOut => Some(Self::SignedOut),
            CaseError::NotAllowed { .. } | CaseError::SessionsOnly | CaseError::Invalid { .. } => {
                Some(Self::NotAllowed)
            }
            _ => None,
        }
    }
}

/// What a stream tells, step by step; [`frames`] makes the stream of it.
pub(crate) trait Told: Send + 'static {
    type Item: Send + 'static;
    /// Of its use case.
    const NAME: &'static str;

    /// Until there may be something to tell; at once if somebody signed out, for it may have been this listener.
    fn wait(&mut self, listener: &mut Listener) -> impl Future<Output = ()> + Send;

    /// It is over, for this reason.
    fn ending(&mut self, _bye: Bye) {}

    /// What there is to tell this caller; `None` for nothing yet. Authorises anew.
    fn look(&mut self, caller: &Caller) -> impl Future<Output = Result<Option<Self::Item>, CaseError>> + Send;
}

/// The frames of `told` until its listener may listen no more. What may pass by itself is waited out.
pub(crate) fn frames<T: Told>(told: T, listener: Listener) -> FrameStream<T::Item> {
    futures::stream::unfold(Some((told, listener)), |state| async {
        let (mut told, mut listener) = state?;
        let frame = next(&mut told, &mut listener).await;
        let more = matches!(frame, Frame::Data(_)).then_some((told, listener));
        Some((frame, more))
    })
    .boxed()
}

async fn next<T: Told>(told: &mut T, listener: &mut Listener) -> Frame<T::Item> {
    loop {
        told.wait(listener).await;
        let caller = match listener.caller().await {
            Ok(Some(caller)) => caller,
            Ok(None) => continue,
            Err(bye) => return over(told, bye),
        };
        match told.look(&caller).await {
            Ok(Some(item)) => return Frame::Data(item),
            Ok(None) => {}
            Err(error) => match Bye::because(&error) {
                Some(bye) => return over(told, bye),
                None => tracing::warn!(use_case = T::NAME, request = %caller.origin.request_id, %error, "no frame"),
            },
        }
    }
}

fn over<T: Told>(told: &mut T, bye: Bye) -> Frame<T::Item> {
    told.ending(bye);
    Frame::Bye(bye)
}

/// Asks anew who is behind a stream: the session may have ended, roles and grants may have changed.
/// [`crate::access::AccessCases::recheck`] makes the ordinary one.
#[async_trait]
pub trait Recheck: Send + Sync {
    /// `Ok(None)`: the session has ended.
    async fn caller(&self) -> Result<Option<Caller>, CaseError>;
}

/// Tells this process's streams that somebody signed out, or that somebody's rights changed, so that they ask at once.
/// Those of other processes ask by themselves within [`RECHECK_LIMIT`].
pub(crate) struct SignOuts(watch::Sender<u64>);

impl Default for SignOuts {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl SignOuts {
    pub fn tell(&self) {
        self.0.send_modify(|n| *n = n.wrapping_add(1));
    }
}

/// The listener of a stream, never older than [`RECHECK_LIMIT`].
pub(crate) struct Listener {
    caller: Caller,
    recheck: Arc<dyn Recheck>,
    checked: Instant,
    due: bool,
    sign_outs: watch::Receiver<u64>,
}

impl Listener {
    pub fn new(caller: Caller, recheck: Arc<dyn Recheck>, sign_outs: &SignOuts) -> Self {
        Self { caller, recheck, checked: Instant::now(), due: false, sign_outs: sign_outs.0.subscribe() }
    }

    /// Who listens; `Ok(None)` while that can't be asked: show nothing and try again.
    pub async fn caller(&mut self) -> Result<Option<Caller>, Bye> {
        if self.sign_outs.has_changed().unwrap_or(false) {
            self.sign_outs.mark_unchanged();
            self.due = true;
        }
        if !self.due && self.checked.elapsed() < RECHECK_AFTER {
            return Ok(Some(self.caller.clone()));
        }
        match timeout(RECHECK_TIMEOUT, self.recheck.caller()).await {
            Ok(Ok(Some(caller))) => {
                self.caller = caller;
                self.checked = Instant::now();
                self.due = false;
                Ok(Some(self.caller.clone()))
            }
            Ok(Ok(None)) => Err(Bye::SignedOut),
            Ok(Err(error)) => Bye::because(&error).map_or_else(|| Ok(self.unanswered()), Err),
            Err(_) => Ok(self.unanswered()),
        }
    }

    fn unanswered(&self) -> Option<Caller> {
        (!self.due && self.checked.elapsed() < RECHECK_LIMIT).then(|| self.caller.clone())
    }

    /// Resolves when somebody signed out in this process; ask [`Self::caller`] then.
    pub async fn somebody_signed_out(&mut self) {
        if self.sign_outs.changed().await.is_err() {
            // The use cases are gone with their sender: the process is ending.
            std::future::pending::<()>().await;
        }
        self.due = true;
    }
}
