use super::{AccessCases, names};
use weir_domain::{
    CaseError,
    access::Caller,
    audit::{About, Facts, Field, Object},
};

pub const NAME: &str = "access/rename";

impl AccessCases {
    /// One's own name, as others read it. The log-in name stays.
    pub async fn rename(&self, caller: &Caller, name: &str) -> Result<(), CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let name = names::name_or_say(name)?;
        let named = |name: &str| Facts::new().with(Field::Name, name);
        let about =
            About::object(Object::person(&caller.person, &caller.login)).change(named(&caller.name), named(&name));
        let act = sight.trail.act(about).await?;
        act.done(self.0.own.rename(&sight.view, &caller.person, &name, self.0.clock.now()).await).await
    }
}
