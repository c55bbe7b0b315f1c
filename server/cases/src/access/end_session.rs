use super::{AccessCases, password::only_in_a_session};
use weir_domain::{
    CaseError, SessionId,
    access::{Caller, people::EndSessions},
    audit::{About, Facts, Field, Object},
};

pub const NAME: &str = "access/end_session";

impl AccessCases {
    /// Ends one of one's own sessions, or (`None`) all but the one that asks; how many ended. Their streams end with
    /// them.
    pub async fn end_session(&self, caller: &Caller, session: Option<SessionId>) -> Result<u64, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let which = match session {
            Some(id) => EndSessions::One(id),
            None => EndSessions::AllBut(caller.session.ok_or_else(only_in_a_session)?),
        };
        let ended = match which {
            EndSessions::One(_) => "one ended",
            EndSessions::AllBut(_) => "all others ended",
        };
        let about = About::object(Object::person(&caller.person, &caller.login))
            .change(Facts::new(), Facts::new().with(Field::Sessions, ended));
        let act = sight.trail.act(about).await?;
        let ended = self.0.own.end_sessions(&sight.view, &caller.person, which, self.0.clock.now()).await;
        let ended = act.done(ended).await?;
        self.0.sign_outs.tell();
        Ok(ended)
    }
}
