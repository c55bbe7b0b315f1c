//! What exports share: part after part to a reader who is asked for anew, until the end or an error.

use crate::{
    audit::Batch,
    stream::{Bye, Listener},
};
use futures::{StreamExt as _, stream::BoxStream};
use std::future::Future;
use weir_domain::{CaseError, access::Caller};

/// A part of an export.
pub(crate) enum Part<T> {
    More(T),
    Last(T),
}

/// What is exported, part by part; [`parts`] makes the stream of it.
pub(crate) trait Export: Send + 'static {
    type Item: Send + 'static;

    /// The next part for this caller. Authorises anew.
    fn part(&mut self, caller: &Caller) -> impl Future<Output = Result<Part<Self::Item>, CaseError>> + Send;

    /// What it leaves in the audit log.
    fn batch(&mut self) -> &mut Batch;
}

/// The parts of `export` up to the last one. Ends with an error when the session ends or the permission goes, or the
/// database is away: what came before is then not all. Dropped, it ends where it is.
pub(crate) fn parts<E: Export>(export: E, listener: Listener) -> BoxStream<'static, Result<E::Item, CaseError>> {
    futures::stream::unfold(Some((export, listener)), |state| async {
        let (mut export, mut listener) = state?;
        match next(&mut export, &mut listener).await {
            Ok(Part::More(item)) => Some((Ok(item), Some((export, listener)))),
            Ok(Part::Last(item)) => Some((Ok(item), None)),
            Err(error) => {
                export.batch().ending(match error {
                    CaseError::SignedOut => "signed out",
                    CaseError::NotAllowed { .. } => "no longer allowed",
                    _ => "failed",
                });
                Some((Err(error), None))
            }
        }
    })
    .boxed()
}

async fn next<E: Export>(export: &mut E, listener: &mut Listener) -> Result<Part<E::Item>, CaseError> {
    let caller = match listener.caller().await {
        Ok(Some(caller)) => caller,
        Ok(None) => return Err(CaseError::Unavailable("the session can't be checked".into())),
        // Whose permission is gone is refused by the use case, by name.
        Err(Bye::SignedOut | Bye::NotAllowed) => return Err(CaseError::SignedOut),
    };
    export.part(&caller).await
}
