// A real proxy before Weir: Debian's nginx with the very configuration that README.md gives, on a free port, with a
// certificate made here. It ends with the process that started it, at the latest.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join, resolve } from "node:path";

const LIMIT = 20_000;

/** A port nobody listens on. */
export const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const server = createServer().once("error", fail).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });

/** Resolves once something listens. */
export const listens = async (port: number, ended: () => string | undefined): Promise<void> => {
  for (const begun = Date.now(); ; await new Promise((next) => setTimeout(next, 50))) {
    const open = await new Promise<boolean>((done) => {
      const socket = connect(port, "127.0.0.1", () => { socket.destroy(); done(true); }).once("error", () => done(false));
    });
    if (open) return;
    const why = ended() ?? (Date.now() - begun > LIMIT ? "it did not listen in time" : undefined);
    if (why) throw new Error(why);
  }
};

export interface Proxy {
  port: number;
  stop(): Promise<void>;
}

/** The first block of README.md that is written in `language`. */
export const example = (language: string): string => {
  const readme = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8");
  const found = new RegExp("```" + language + "\\n(.*?)```", "s").exec(readme)?.[1];
  if (!found) throw new Error(`README.md has no example in ${language}`);
  return found;
};

const replaced = (text: string, changes: [string, string][]): string =>
  changes.reduce((all, [from, to]) => {
    if (!all.includes(from)) throw new Error(`the nginx example of README.md has no ${JSON.stringify(from)} any more`);
    return all.replaceAll(from, to);
  }, text);

/** Starts it before the Weir on `upstream`. `changes` are made to the example. */
export async function nginx(dir: string, upstream: number, changes: [string, string][] = []): Promise<Proxy> {
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  const [certificate, key] = [join(dir, "weir.pem"), join(dir, "weir.key")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const algorithm = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", ["req", "-x509", ...algorithm, "-days", "2", ...subject, "-keyout", key, "-out", certificate], { stdio: "pipe" });
  const site = replaced(example("nginx"), [
    ["listen 443 ssl;", `listen 127.0.0.1:${port} ssl;`],
    ["server_name weir.example.com;", "server_name localhost;"],
    ["/etc/ssl/weir.pem", certificate],
    ["/etc/ssl/weir.key", key],
    ["http://127.0.0.1:8080", `http://127.0.0.1:${upstream}`],
    ...changes,
  ]);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((t) => `${t}_temp_path ${join(dir, t)};`);
  const own = ["daemon off;", "master_process off;", `pid ${join(dir, "pid")};`, "error_log stderr warn;", "events {}"];
  const file = join(dir, "nginx.conf");
  writeFileSync(file, [...own, "http {", "access_log off;", ...temporary, site, "}"].join("\n"));

  const program = process.env.NGINX ?? resolve(import.meta.dirname, "../target/private/nginx/usr/sbin/nginx");
  const child: ChildProcess = spawn("setpriv", ["--pdeathsig", "TERM", "--", program, "-p", dir, "-c", file], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "", over: string | undefined;
  child.stderr?.on("data", (text) => { said += text; });
  child.once("error", (e) => { over = `nginx could not be started (sh xtask/setup.sh test fetches it): ${e.message}`; });
  child.once("exit", (code) => { over = `nginx ended with ${code}: ${said}`; });
  const last = () => void child.kill("SIGKILL");
  process.once("exit", last);
  await listens(port, () => over);
  const stop = async () => {
    const gone = new Promise((done) => child.once("exit", done));
    process.off("exit", last);
    if (child.exitCode === null && child.kill("SIGTERM")) await gone;
  };
  return { port, stop };
}
