use std::net::SocketAddr;

/// The server's configuration for the demo.
pub fn text(listen: SocketAddr, bootstrap: Option<&str>) -> String {
    // Secrets don't stand in a configuration: the address holds the database's password.
    let mut text = format!(
        "# Written by the demo at each start.\nlisten = \"{listen}\"\ndatabase_url_file = \"database-url\"\n\
         secrets_key_file = \"secrets.key\"\n\n\
         [environments.demo]\nkind = \"other\"\ncolour = \"teal\"\n"
    );
    if let Some(bootstrap) = bootstrap {
        text += &format!(
            "\n[sources.shop]\nkind = \"kafka\"\nenvironment = \"demo\"\nbootstrap = [\"{bootstrap}\"]\n\
             channels = [\"*\"]\ncapture = \"full\"\nact = \"offsets\"\nstart = \"earliest\"\n"
        );
    }
    text
}
