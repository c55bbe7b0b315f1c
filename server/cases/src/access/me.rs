use super::AccessCases;
use weir_domain::{
    CaseError,
    access::{Caller, Permission},
    catalog::Me,
};

pub const NAME: &str = "access/me";

impl AccessCases {
    /// Who is signed in, what they may do, the environments they may choose, and how many wait for
    /// access, for who can give it.
    pub async fn me(&self, caller: &Caller) -> Result<Me, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let requests = match caller.may(Permission::PeopleEdit) {
            true => self.0.requests.count_open(&sight.view).await?,
            false => 0,
        };
        let permissions = Permission::ALL.iter().filter(|p| caller.may(**p));
        Ok(Me {
            name: caller.name.clone(),
            login: caller.login.clone(),
            roles: caller.roles.iter().map(|r| r.as_str().to_owned()).collect(),
            permissions: permissions.map(|p| p.as_str().to_owned()).collect(),
            environments: sight.environments(self.0.views.all_environments().await?),
            requests,
            read_only: self.0.read_only,
        })
    }
}
