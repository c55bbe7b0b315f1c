use super::{MonitorsCases, scope, words};
use crate::id;
use weir_domain::{
    CaseError, WindowId,
    access::Caller,
    audit::{About, Facts, Field, Object},
    monitors::{MOST_WINDOWS, Window, WindowDraft},
};

pub const NAME: &str = "monitors/maintenance";
pub const END: &str = "monitors/end_maintenance";

impl MonitorsCases {
    /// Nobody is told of what it covers, from its beginning to its end.
    pub async fn maintenance(&self, caller: &Caller, draft: WindowDraft) -> Result<WindowId, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let now = self.0.clock.now();
        let id = WindowId(id::new(now));
        self.everything(&sight, About::object(Object::window(&id))).await?;
        let window = draft.read(id.clone(), &caller.name, now)?;
        let about = About::object(Object::window(&id)).change(Facts::new(), facts(&window));
        let act = sight.trail.act(about).await?;
        act.told(self.0.monitors.add_window(&sight.view, &window, now, MOST_WINDOWS).await, words).await?;
        Ok(id)
    }

    /// Ends one now. `Ok(false)`: there is none that is not over.
    pub async fn end_maintenance(&self, caller: &Caller, id: &WindowId) -> Result<bool, CaseError> {
        let sight = self.0.views.authorise(caller, END).await?;
        let now = self.0.clock.now();
        self.everything(&sight, About::object(Object::window(id))).await?;
        let all = self.0.monitors.windows(&sight.view, now).await?;
        let Some(window) = all.into_iter().find(|w| w.id == *id && w.to > now) else { return Ok(false) };
        let about = About::object(Object::window(id)).change(facts(&window), Facts::new().with(Field::To, now));
        let act = sight.trail.act(about).await?;
        act.done(self.0.monitors.end_window(&sight.view, id, now).await).await
    }
}

fn facts(window: &Window) -> Facts {
    scope(Facts::new(), &window.scope).with(Field::From, window.from).with(Field::To, window.to)
}
