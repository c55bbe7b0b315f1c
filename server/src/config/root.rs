//! The keys at the top of the file.

use std::net::SocketAddr;

use weir_broker::Secret;

use super::{
    Config, environment, limits,
    public_url::PublicUrl,
    secret::SecretKeys,
    section::{Found, Key, Section},
    source,
};

const LISTEN: Key = Key {
    name: "listen",
    expected: "an address and a port to serve on (127.0.0.1:8080 if not said)",
    example: "listen = \"127.0.0.1:8080\"",
};
const PUBLIC_URL: Key = Key {
    name: "public_url",
    expected: "the address people type, without a path; https wherever it is not this machine alone",
    example: "public_url = \"https://weir.example.com\"",
};
const DATABASE_URL: Key = Key {
    name: "database_url",
    expected: "the address of a PostgreSQL database (15 or later) that Weir may own, without a password",
    example: "database_url = \"postgres://weir@127.0.0.1:5432/weir\"",
};
const DATABASE: SecretKeys = SecretKeys {
    by_variable: Key {
        name: "database_url_env",
        expected: "the name of an environment variable that holds the database's address, password and all",
        example: "database_url_env = \"WEIR_DATABASE_URL\"",
    },
    by_file: Key {
        name: "database_url_file",
        expected: "a file that holds the database's address, password and all, and nothing else",
        example: "database_url_file = \"/run/secrets/weir-database-url\"",
    },
    inline: "database_url",
};
const STATE_FILE: Key = Key {
    name: "state_file",
    expected: "a writable file in which Weir keeps its instance id (weir.state beside this file if not said)",
    example: "state_file = \"/var/lib/weir/weir.state\"",
};
const READ_ONLY: Key = Key {
    name: "read_only",
    expected: "true or false; true removes every broker write, whatever roles and sources say",
    example: "read_only = true",
};
const LIMITS: Key = Key { name: "limits", expected: "a table of limits", example: "[limits]\nstreams = 500" };
const ENVIRONMENTS: Key = Key {
    name: "environments",
    expected: "a table of environments by name",
    example: "[environments.production]\nkind = \"production\"",
};
const SOURCES: Key =
    Key { name: "sources", expected: "a table of sources by name", example: "[sources.shop]\nkind = \"kafka\"" };

pub fn read(root: Section<'_, '_>) -> Option<Config> {
    let listen = listen(&root);
    let public_url = public_url(&root, listen);
    let database_url = database_url(&root);
    let state_file = root.text(&STATE_FILE).map(|f| f.value).filter(|f| !f.is_empty());
    let state_file = root.reading.surroundings.path(state_file.as_deref().unwrap_or("weir.state"));
    let read_only = root.flag(&READ_ONLY).is_some_and(|f| f.value);
    let limits = limits::read(root.child_or_empty(&LIMITS));
    let environments = environment::read(root.children(&ENVIRONMENTS));
    let sources = source::read(root.children(&SOURCES), &environments, read_only);
    root.end();
    let (listen, database_url) = (listen?, database_url?);
    Some(Config { listen, public_url, database_url, state_file, read_only, limits, environments, sources })
}

fn listen(root: &Section<'_, '_>) -> Option<SocketAddr> {
    match root.text(&LISTEN) {
        Some(found) => match found.value.parse() {
            Ok(address) => Some(address),
            Err(_) => {
                root.wrong(&LISTEN, &found.place, format!("is {:?}, which is no address with a port", found.value));
                None
            }
        },
        // Said, and wrong: that is told already.
        None if root.has(&LISTEN) => None,
        None => Some(SocketAddr::from(([127, 0, 0, 1], 8080))),
    }
}

fn public_url(root: &Section<'_, '_>, listen: Option<SocketAddr>) -> Option<PublicUrl> {
    let found = root.text(&PUBLIC_URL);
    match &found {
        Some(found) => match PublicUrl::parse(&found.value) {
            Ok(url) => return Some(url),
            Err(why) => root.wrong(&PUBLIC_URL, &found.place, format!("can't be used: {why}")),
        },
        // Whom to believe about the browser's address, and whether cookies may leave https, must be said.
        None if listen.is_some_and(|l| !l.ip().is_loopback()) && !root.has(&PUBLIC_URL) => {
            root.wrong(
                &PUBLIC_URL,
                &root.place(),
                "is missing, and is needed because listen is open to other machines",
            );
        }
        None => {}
    }
    None
}

fn database_url(root: &Section<'_, '_>) -> Option<Secret> {
    let inline = root.text(&DATABASE_URL);
    root.know(&DATABASE.by_variable);
    root.know(&DATABASE.by_file);
    let said_otherwise = root.has(&DATABASE.by_variable) || root.has(&DATABASE.by_file);
    let (found, key) = match inline {
        Some(found) if !said_otherwise => {
            let in_file = matches!(found.place, super::Place::Line(_));
            if in_file && has_password(&found.value) {
                root.wrong(&DATABASE.by_variable, &found.place, "is needed: database_url here holds a password");
                return None;
            }
            (found.map(Secret::new), DATABASE_URL)
        }
        // The variable over the file wins over the file's other ways, as it does for every key.
        Some(found) if matches!(found.place, super::Place::Environment(_)) => (found.map(Secret::new), DATABASE_URL),
        Some(found) => {
            root.wrong(&DATABASE_URL, &found.place, "stands beside database_url_env or database_url_file");
            return None;
        }
        None if said_otherwise => {
            let secret = DATABASE.read_by_reference(root)?;
            (Found { value: secret, place: root.place() }, DATABASE.by_variable)
        }
        None => {
            if !root.has(&DATABASE_URL) {
                root.missing(&DATABASE_URL);
            }
            return None;
        }
    };
    let known = ["postgres://", "postgresql://"].iter().any(|scheme| found.value.expose().starts_with(scheme));
    if !known {
        // Its text may hold a password: it is not shown.
        root.wrong(&key, &found.place, "does not begin with postgres://");
        return None;
    }
    Some(found.value)
}

fn has_password(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || rest.split(['?', '&']).any(|p| p.starts_with("password="))
}
