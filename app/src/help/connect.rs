use leptos::prelude::*;

/// How a source comes into being.
#[component]
pub(super) fn Connect() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="connect">
            <div class="panel__head">
                <h2 class="panel__title" id="connect">
                    "Connect a source"
                </h2>
                <span class="panel__note">"in the browser, or in weir.toml"</span>
            </div>
            <div class="panel__body prose">
                <h3 class="med">"In the browser"</h3>
                <ol class="steps">
                    <li>
                        "Under Sources, "<a href="/sources/new">"Add a source"</a>
                        ": addresses, TLS, who signs in, its environment. The role admin and a grant on the whole environment are needed."
                    </li>
                    <li>
                        <b class="strong">"Test connection"</b>
                        " tells each step apart: the name has an address, the port opens, TLS, signed in, every broker reached, may list, may read; and what to do where one fails, with the command that grants a missing right. Nothing is stored by it."
                    </li>
                    <li>
                        <b class="strong">"Preview channels"</b>
                        " shows what the patterns include and leave out, with sizes, and how much will be read first."
                    </li>
                    <li>
                        <b class="strong">"Add source"</b>
                        ": reading begins within 10 s. Its page has "<b class="strong">"Edit"</b>
                        ": the connection, what is read, and removing it. Events stay when a source is removed."
                    </li>
                </ol>
                <p>
                    "Passwords and keys are sealed before they are stored, with a key that is not in the database ("
                    <code>"weir secrets-key"</code>", "<code>"secrets_key_file"</code>
                    "), and are never shown again. Sources made in the browser may not connect to this server itself, to link-local addresses, or to those by which clouds tell machines their credentials, unless "
                    <code>"allow_addresses"</code>" lists them."
                </p>
                <h3 class="med">"In weir.toml"</h3>
                <ol class="steps">
                    <li>
                        "Add it to " <code>"weir.toml"</code>
                        ": its addresses, its environment, which channels to include and how far Weir may go. The README and "
                        <code>"weir check"</code> " show every key with an example."
                    </li>
                    <li>
                        "Run " <code>"weir check"</code>
                        ": it tells every mistake at once, with line, what was expected and an example."
                    </li>
                    <li>
                        "Start Weir again. The source appears under Sources within seconds; new channels and partitions are picked up within 30 s. It is read-only here: the file is the administrator's own word, and wins its names."
                    </li>
                </ol>
                <h3 class="med">"Rights at the broker"</h3>
                <p>
                    "READ and DESCRIBE on the topics; DESCRIBE on the cluster for sizes on disk and for telling who holds a partition back. Where a right is missing on one channel, that channel says which, and everything else is read. Kerberos is not offered: let the cluster open one more listener with SCRAM, OAUTHBEARER or mutual TLS."
                </p>
            </div>
            <p class="panel__foot">
                "Reading starts at the newest event unless the source says otherwise. Weir needs permission to read and describe; it writes nothing."
            </p>
        </section>
    }
    .into_any()
}
