//! The files that credentials come from. They are read again when they change.

use std::path::{Path, PathBuf};

use weir_broker::{OAuth, Secret, SignIn, Tls, TokenFrom};

use super::{connection::is_pem, secret};

/// Of one source; what is not here came from the environment, or is not used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialFiles {
    pub ca: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    /// The password, the client's secret or the secret access key, by how it signs in.
    pub secret: Option<PathBuf>,
    pub session_token: Option<PathBuf>,
    pub token_ca: Option<PathBuf>,
}

impl CredentialFiles {
    pub fn is_empty(&self) -> bool {
        self.paths().is_empty()
    }

    pub fn paths(&self) -> Vec<PathBuf> {
        let all = [&self.ca, &self.cert, &self.key, &self.secret, &self.session_token, &self.token_ca];
        all.into_iter().flatten().cloned().collect()
    }

    /// The same TLS and SASL with what the files hold now.
    ///
    /// # Errors
    /// Which file can't be used and why, for a person; nothing of what it holds.
    pub fn read(&self, tls: Option<&Tls>, sasl: Option<&SignIn>) -> Result<(Option<Tls>, Option<SignIn>), String> {
        let (mut tls, mut sasl) = (tls.cloned(), sasl.cloned());
        if let Some(tls) = &mut tls {
            if let Some(file) = &self.ca {
                tls.ca_pem = Some(pem(file, "CERTIFICATE")?);
            }
            if let Some(file) = &self.cert {
                tls.client_cert_pem = Some(pem(file, "CERTIFICATE")?);
            }
            if let Some(file) = &self.key {
                tls.client_key_pem = Some(Secret::new(pem(file, "PRIVATE KEY")?));
            }
        }
        if let (Some(sasl), Some(file)) = (&mut sasl, &self.secret) {
            let new = secret(file)?;
            match sasl {
                SignIn::Password(sasl) => sasl.password = new,
                SignIn::OAuth(OAuth { token: TokenFrom::Endpoint(endpoint), .. }) => endpoint.client_secret = new,
                // That file is read for each connection anyway.
                SignIn::OAuth(_) => {}
                SignIn::AwsIam(iam) => iam.secret_access_key = new,
            }
        }
        if let (Some(SignIn::AwsIam(iam)), Some(file)) = (&mut sasl, &self.session_token) {
            iam.session_token = Some(secret(file)?);
        }
        if let (Some(SignIn::OAuth(OAuth { token: TokenFrom::Endpoint(endpoint), .. })), Some(file)) =
            (&mut sasl, &self.token_ca)
        {
            endpoint.ca_pem = Some(pem(file, "CERTIFICATE")?);
        }
        Ok((tls, sasl))
    }
}

/// The database's address as the file holds it now.
///
/// # Errors
/// As [`CredentialFiles::read`].
pub fn database_url_of(file: &Path) -> Result<Secret, String> {
    let url = secret(file)?;
    if super::root::is_database_url(&url) {
        Ok(url)
    } else {
        Err(format!("{} holds no address that begins with postgres://", file.display()))
    }
}

fn secret(file: &Path) -> Result<Secret, String> {
    let text = text(file)?;
    secret::in_text(&text).ok_or_else(|| format!("{} is empty", file.display()))
}

fn pem(file: &Path, kind: &str) -> Result<String, String> {
    let text = text(file)?;
    if is_pem(&text, kind) { Ok(text) } else { Err(format!("{} holds no PEM {}", file.display(), kind.to_lowercase())) }
}

fn text(file: &Path) -> Result<String, String> {
    secret::read_file(file).map_err(|why| format!("{} {why}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use weir_broker::{AwsIam, TokenEndpoint};

    #[test]
    fn only_what_came_from_files_is_read_again() {
        let dir = weir_testkit::PrivateDir::new("files").unwrap();
        let (ca, password) = (dir.path().join("ca.pem"), dir.path().join("password"));
        let files = CredentialFiles { ca: Some(ca.clone()), secret: Some(password.clone()), ..Default::default() };
        assert_eq!(files.paths(), [ca.clone(), password.clone()]);
        let tls = Tls { client_cert_pem: Some("from the environment".into()), ..Tls::default() };
        let sasl = SignIn::Password(weir_broker::Sasl {
            mechanism: weir_broker::SaslMechanism::Plain,
            username: "weir".into(),
            password: Secret::new("old"),
        });
        fs::write(&ca, "-----BEGIN CERTIFICATE-----").unwrap();
        fs::write(&password, "new\n").unwrap();
        let (new_tls, new_sasl) = files.read(Some(&tls), Some(&sasl)).unwrap();
        assert_eq!(new_tls.as_ref().unwrap().client_cert_pem, tls.client_cert_pem);
        assert!(matches!(new_sasl, Some(SignIn::Password(sasl)) if sasl.password.expose() == "new"));
        assert_eq!(files.read(None, None), Ok((None, None)));
        for (file, text, why) in [(&password, "", "is empty"), (&ca, "hunter2", "holds no PEM certificate")] {
            fs::write(file, text).unwrap();
            let told = files.read(Some(&tls), Some(&sasl)).unwrap_err();
            assert!(told.contains(why) && !told.contains("hunter2"), "{told}");
        }
        fs::remove_file(&ca).unwrap();
        assert!(files.read(Some(&tls), None).unwrap_err().contains("cannot be read"));
    }

    #[test]
    fn every_way_to_sign_in_takes_its_new_secret() {
        let dir = weir_testkit::PrivateDir::new("files").unwrap();
        let files = CredentialFiles {
            secret: Some(dir.path().join("secret")),
            session_token: Some(dir.path().join("session")),
            token_ca: Some(dir.path().join("ca.pem")),
            ..Default::default()
        };
        let contents = ["new-secret", "new-session", "-----BEGIN CERTIFICATE-----new"];
        for (file, text) in files.paths().iter().zip(contents) {
            fs::write(file, text).unwrap();
        }
        let oauth = SignIn::OAuth(OAuth {
            token: TokenFrom::Endpoint(TokenEndpoint {
                url: "https://id.example.com/token".into(),
                client_id: "weir".into(),
                client_secret: Secret::new("old"),
                scope: None,
                ca_pem: None,
            }),
            extensions: Vec::new(),
        });
        let (_, read) = files.read(None, Some(&oauth)).unwrap();
        let Some(SignIn::OAuth(OAuth { token: TokenFrom::Endpoint(endpoint), .. })) = read else { panic!("{read:?}") };
        assert_eq!(endpoint.client_secret.expose(), contents[0]);
        assert_eq!(endpoint.ca_pem.as_deref(), Some(contents[2]));
        let iam = SignIn::AwsIam(AwsIam {
            region: "eu-central-1".into(),
            access_key_id: "AKIA".into(),
            secret_access_key: Secret::new("old"),
            session_token: None,
        });
        let (_, read) = files.read(None, Some(&iam)).unwrap();
        let Some(SignIn::AwsIam(iam)) = read else { panic!("{read:?}") };
        assert_eq!(iam.secret_access_key.expose(), contents[0]);
        assert_eq!(iam.session_token.unwrap().expose(), contents[1]);
    }
}
