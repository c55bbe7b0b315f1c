//! A server in this process, on a database of its own, and a browser's way of asking it.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::allow_attributes, reason = "an expectation would fail in the binaries that use everything")]

pub mod client;
pub mod events;
pub mod html;
pub mod lag;
pub mod requests;
pub mod seed;

use std::{collections::BTreeMap, fs, net::SocketAddr, time::Duration};

use client::{Answer, Ask, ask};
use http::Method;
use tokio_util::sync::CancellationToken;
use weir::{
    commands::serve::{self, Running},
    config::{self, Config, Surroundings},
};
use weir_cases::tokens::{Asked, Made};
use weir_domain::access::{Caller, Role};
use weir_testkit::{Database, PrivateDir, fresh_database};

/// The longest that anything is waited for.
pub const LIMIT: Duration = Duration::from_secs(30);
pub const PASSWORD: &str = "correct horse battery staple";

pub struct World {
    pub running: Running,
    pub address: SocketAddr,
    pub database: String,
    /// Holds the state file.
    pub dir: PrivateDir,
    _database: Option<Database>,
}

/// A configuration without sources; `more` are whole lines.
pub fn configuration(dir: &PrivateDir, database: &str, more: &str) -> Config {
    let text = format!("listen = \"127.0.0.1:0\"\ndatabase_url_env = \"DATABASE\"\n{more}\n");
    let variables = BTreeMap::from([("DATABASE".to_owned(), database.to_owned())]);
    let surroundings = Surroundings { variables, dir: dir.path().to_owned() };
    config::parse("weir.toml", &text, &surroundings).unwrap_or_else(|e| panic!("{e}")).config
}

impl World {
    /// Ready to serve, with nobody in it.
    pub async fn start() -> Self {
        Self::start_with("[environments.test]\nkind = \"other\"").await
    }

    pub async fn start_with(more: &str) -> Self {
        let (url, database) = fresh_database().await.unwrap();
        let mut world = Self::start_on(&url, more).await;
        world._database = Some(database);
        world.until_ready().await;
        world
    }

    /// Not waited for.
    pub async fn start_on(database: &str, more: &str) -> Self {
        Self::start_in(PrivateDir::new("http").unwrap(), database, more).await
    }

    /// In a directory that may hold a state file.
    pub async fn start_in(dir: PrivateDir, database: &str, more: &str) -> Self {
        let config = configuration(&dir, database, more);
        let running = serve::start(config, CancellationToken::new()).await.unwrap();
        Self { address: running.address.unwrap(), running, dir, database: database.to_owned(), _database: None }
    }

    /// Ends it, as SIGTERM does; what it leaves behind.
    pub async fn end(self) -> (PrivateDir, String, Option<Database>) {
        self.running.end().await;
        (self.dir, self.database, self._database)
    }

    pub async fn until_ready(&self) {
        self.until(|a| a.status == 200).await;
    }

    /// Asks `/readyz` until the answer is as wanted.
    pub async fn until(&self, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let begun = std::time::Instant::now();
        loop {
            let answer = self.ask(Ask::get("/readyz")).await;
            if wanted(&answer) {
                return answer;
            }
            assert!(begun.elapsed() < LIMIT, "still {}: {}", answer.status, answer.text());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn ask(&self, request: Ask) -> Answer {
        ask(self.address, request).await
    }

    pub async fn setup_token(&self) -> Option<String> {
        self.running.parts.cases.access.new_setup_token().await.unwrap()
    }

    /// Makes the first administrator and returns the session's cookie, `name=value`.
    pub async fn administrator(&self) -> String {
        let token = self.setup_token().await.unwrap();
        let fields = [("token", &*token), ("login", "mara"), ("name", "Mara Lindqvist"), ("password", PASSWORD)];
        let answer = self.ask(Ask::form("/setup", &fields)).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"), "{}", answer.text());
        answer.cookie()
    }

    /// Another session of the same person.
    pub async fn log_in(&self) -> String {
        self.ask(Ask::form("/sign-in", &[("login", "mara"), ("password", PASSWORD)])).await.cookie()
    }

    /// Who is signed in with this cookie.
    pub async fn caller(&self, cookie: &str) -> Caller {
        let token = cookie.strip_prefix("weir=").unwrap();
        self.running.parts.cases.access.caller(token, None, "test".into()).await.unwrap().unwrap()
    }

    /// A token of whoever is signed in with this cookie.
    pub async fn token(&self, cookie: &str, name: &str, roles: &[Role]) -> Made {
        let asked = Asked { name: name.into(), days: 30, roles: roles.to_vec() };
        self.running.parts.cases.tokens.create(&self.caller(cookie).await, asked).await.unwrap()
    }

    /// An answer to a program.
    pub async fn rest(&self, token: &str, path: &str) -> Answer {
        self.ask(Ask::program(Method::GET, path).bearer(token)).await
    }

    /// Runs statements in the database, past the server; their last answer's rows, `|` between columns.
    pub async fn sql(&self, sql: &str) -> String {
        sql_on(&self.database, sql).await
    }

    /// Somebody else with the administrator's password, these roles and a grant on everything: their session's cookie.
    pub async fn another(&self, login: &str, roles: &[&str]) -> String {
        let roles = roles.iter().map(|r| format!("'{r}'")).collect::<Vec<_>>().join(", ");
        self.sql(&format!(
            "insert into person (id, login, name, password_hash)
             select gen_random_uuid(), '{login}', '{login}', password_hash from person where login = 'mara';
             insert into person_role select id, r from person, unnest(array[{roles}]::text[]) r where login = '{login}';
             insert into person_grant (person_id, channel_pattern) select id, '*' from person where login = '{login}'"
        ))
        .await;
        let answer = self.ask(Ask::form("/sign-in", &[("login", login), ("password", PASSWORD)])).await;
        assert_eq!(answer.header("location"), "/", "{login} can't sign in");
        answer.cookie()
    }

    /// Another server on the same database.
    pub async fn neighbour(&self) -> Self {
        let other = Self::start_on(&self.database, "[environments.test]\nkind = \"other\"").await;
        other.until_ready().await;
        other
    }

    /// Takes every role but the viewer's from everybody, and lets streams look anew at once, as they do whenever
    /// somebody signs out.
    pub async fn only_viewers_remain(&self) {
        let other = self.log_in().await;
        let sql = "insert into person_role select id, 'viewer' from person on conflict do nothing; delete from person_role where role <> 'viewer'";
        self.sql(sql).await;
        self.ask(Ask::form("/sign-out", &[]).cookie(&other)).await;
    }
}

/// Runs SQL on a database, and returns what `psql` prints.
pub async fn sql_on(database: &str, sql: &str) -> String {
    let done = tokio::process::Command::new("psql")
        .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql])
        .output()
        .await
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// Reads a file below the workspace.
pub fn read(path: &std::path::Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
