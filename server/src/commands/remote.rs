//! What every command asks that speaks to a running Weir.

use std::path::{Path, PathBuf};

use clap::Args;
use weir_broker::Secret;

use crate::{
    client::{Address, Client},
    ended::{Code, Ended},
    print,
};

/// The token never stands on the command line, where every process list shows it.
const TOKEN: &str = "WEIR_TOKEN";
/// Of a file with a token or with certificates.
const LARGEST: u64 = 1 << 20;

#[derive(Debug, Args)]
#[command(next_help_heading = "The server")]
pub struct Remote {
    /// Where Weir is
    #[arg(long, value_name = "URL", env = "WEIR_URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// A file with the token and nothing else; without it the variable WEIR_TOKEN holds one
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificate authorities to trust instead of the system's (PEM)
    #[arg(long, value_name = "FILE", env = "WEIR_CA_FILE")]
    pub ca_file: Option<PathBuf>,
}

impl Remote {
    /// The way to the server; needs a token.
    pub fn client(&self) -> Result<Client, Ended> {
        let token = self.token()?.ok_or_else(|| {
            Ended::new(
                Code::NotAllowed,
                "There is no token to show.",
                "Make one on the page /account/tokens, and put it into the variable WEIR_TOKEN, or into a file that \
                 --token-file names.",
            )
        })?;
        self.client_with(Some(token))
    }

    /// The same with whatever there is.
    pub fn client_with(&self, token: Option<Secret>) -> Result<Client, Ended> {
        let address = Address::parse(&self.url)?;
        if token.is_some() && !address.https && !address.is_local() {
            print::note("Note: the token travels unencrypted to another machine; use https.");
        }
        let ca = self.ca_file.as_deref().map(read).transpose()?;
        Client::new(address, token, ca.as_deref())
    }

    pub fn token(&self) -> Result<Option<Secret>, Ended> {
        let text = match &self.token_file {
            Some(file) => Some(read(file)?),
            None => std::env::var(TOKEN).ok(),
        };
        Ok(text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).map(Secret::new))
    }
}

fn read(file: &Path) -> Result<String, Ended> {
    let unreadable = |why: String| {
        Ended::usage(format!("The file {} can't be read: {why}.", file.display()), "Check its name and its rights.")
    };
    let size = std::fs::metadata(file).map_err(|e| unreadable(e.to_string()))?.len();
    if size > LARGEST {
        return Err(unreadable("it is larger than 1 MiB".into()));
    }
    std::fs::read_to_string(file).map_err(|e| unreadable(e.to_string()))
}
