#!/bin/sh
# Makes a Debian machine ready, then becomes the command that follows:
#
#   sh xtask/setup.sh (build|run|test) [COMMAND...]
#
# What is missing is installed when it may be (root, or sudo that asks for no password); otherwise the one command
# that would do it is printed. When nothing is missing this takes a fraction of a second.
set -eu

for_what=${1:?usage: setup.sh build|run|test [COMMAND...]}
shift
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$top"

has() { command -v "$1" >/dev/null 2>&1; }
now() { date +%s.%N; }
# step NAME COMMAND...: says what is done and how long it took.
step() {
    name=$1
    shift
    echo "==> $name"
    started=$(now)
    "$@" || { echo "    $name: failed"; return 1; }
    echo "    $name: done in $(echo "$(now) $started" | awk '{ printf "%.1f s", $1 - $2 }')"
}

# --- Debian packages ------------------------------------------------------------------------------------------

missing=
need() { # need COMMAND PACKAGE...
    has "$1" && return
    shift
    missing="$missing $*"
}
words() { echo "$*" | tr ' ' '\n' | sort -u | tr '\n' ' ' | sed 's/^ *//; s/ *$//'; }
# Without these nothing is built.
find_missing() {
    missing=
    need cc gcc libc6-dev
    need setpriv util-linux
    # The newest PostgreSQL that Debian lays under /usr/lib/postgresql, or one in PATH.
    set -- /usr/lib/postgresql/*/bin/initdb
    [ -x "$1" ] || has initdb || [ -n "${WEIR_PG_BIN:-}" ] || missing="$missing postgresql"
    need npm nodejs npm ca-certificates
    need brotli brotli
    if [ "$for_what" = test ]; then
        [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || missing="$missing chromium"
        need openssl openssl
        # An ordinary client, for what ours does not send (zstd).
        need kcat kcat
        # The fuzzer of the interface is a Python program.
        python3 -c 'import venv, ensurepip' 2>/dev/null || missing="$missing python3-venv"
        find_broker_missing
    fi
    missing=$(words "$missing")
    [ -n "$missing" ]
}
# Without these there is no private Kafka, and the demo runs without it.
find_broker_missing() {
    need java default-jre-headless
    need mvn maven
}
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
may_install() { has apt-get && { [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }; }
apt_install() { as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >"$log" 2>&1; }
install_packages() {
    log=$(mktemp)
    # Package lists may be absent (fresh image) or too old.
    # shellcheck disable=SC2086
    apt_install $1 || { as_root apt-get update -q >>"$log" 2>&1 && apt_install $1; } || {
        tail -n 20 "$log" >&2
        echo "    the packages could not be installed: $1 (whole output in $log)" >&2
        return 1
    }
    rm -f "$log"
}

if find_missing; then
    if may_install; then
        step "install Debian packages: $missing" install_packages "$missing"
    else
        echo "Some packages are missing. Install them, then call make again:"
        echo
        find_broker_missing
        echo "    sudo apt-get install -y --no-install-recommends $(words "$missing")"
        exit 1
    fi
fi
if [ "$for_what" = run ]; then
    missing=
    find_broker_missing
    missing=$(words "$missing")
    if [ -n "$missing" ]; then
        { may_install && step "install Debian packages: $missing" install_packages "$missing"; } ||
            echo "The demo goes without Kafka. To have it: sudo apt-get install -y --no-install-recommends $missing"
    fi
fi

# --- A proxy for the browser tests: Debian's nginx, unpacked and not installed, because the package starts a server -----

nginx=target/private/nginx/usr/sbin/nginx
fetch_nginx() {
    has apt-get && has dpkg || { echo "there is no apt-get: install nginx, and say where by NGINX=" >&2; return 1; }
    work=$(mktemp -d)
    log=$work/log
    # As the user who downloads within it, if apt has one.
    chmod 755 "$work"
    (cd "$work" && { apt-get download -q nginx >"$log" 2>&1 || { as_root apt-get update -q >>"$log" 2>&1 && apt-get download -q nginx >>"$log" 2>&1; }; }) || {
        tail -n 20 "$log" >&2
        return 1
    }
    mkdir -p target/private
    dpkg -x "$work"/nginx_*.deb target/private/nginx
    rm -rf "$work"
    "$nginx" -v 2>/dev/null || { echo "nginx does not run here; its libraries: $(ldd "$nginx" | grep 'not found')" >&2; return 1; }
}
if [ "$for_what" = test ] && [ -z "${NGINX:-}" ] && [ ! -x "$nginx" ]; then
    step "fetch nginx for the tests" fetch_nginx
fi

# --- Rust: a compiler that is new enough, with the wasm target ---------------------------------------------------

# One toolchain for server and browser. There is no rust-toolchain.toml, because rustup would try to download it.
oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
chosen=target/private/toolchain
[ -f "$chosen" ] && RUSTUP_TOOLCHAIN=${RUSTUP_TOOLCHAIN:-$(cat "$chosen")} && export RUSTUP_TOOLCHAIN

new_enough() {
    version=$(rustc --version 2>/dev/null | sed 's/^rustc \([0-9.]*\).*/\1/')
    [ -n "$version" ] && [ "$(printf '%s\n%s\n' "$oldest" "$version" | sort -V | head -n 1)" = "$oldest" ]
}
has_wasm() {
    libs=$(rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null) || return 1
    set -- "$libs"/libstd-*.rlib
    [ -f "$1" ]
}
# A machine that reaches only package registries may wait for ever here: limits, then Debian's own compiler.
update_rust() { timeout 240 rustup toolchain install stable --profile minimal -c rustfmt -c clippy && timeout 10 rustup default stable; }
add_wasm() { timeout 20 rustup target add wasm32-unknown-unknown >/dev/null 2>&1; }

debian_rust() {
    may_install || {
        echo "rustup could not fetch what is needed. Debian has it; call make again after this command:" >&2
        echo "    sudo apt-get install -y rustc-web cargo-web rust-web-src rustfmt-web rust-web-clippy lld-19" >&2
        return 1
    }
    install_packages "rustc-web cargo-web rust-web-src rustfmt-web rust-web-clippy lld-19"
    if has rustup; then
        rustup toolchain link debian /usr
        RUSTUP_TOOLCHAIN=debian
        export RUSTUP_TOOLCHAIN
        mkdir -p target/private
        echo debian >"$chosen"
    fi
    new_enough || { echo "Debian's compiler is $(rustc --version); Weir needs $oldest" >&2; return 1; }
    has_wasm || build_wasm_std
}
# Debian ships the standard library for wasm as source only.
build_wasm_std() {
    work=$(mktemp -d)
    root=$(rustc --print sysroot)
    host=$(rustc -vV | sed -n 's/^host: //p')
    bin=$root/lib/rustlib/$host/bin
    libs=$root/lib/rustlib/wasm32-unknown-unknown/lib
    [ -e "$bin/rust-lld" ] || { as_root mkdir -p "$bin" && as_root ln -sf "$(command -v lld-19)" "$bin/rust-lld"; }
    mkdir "$work/src"
    : >"$work/src/lib.rs"
    printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n[workspace]\n' >"$work/Cargo.toml"
    (cd "$work" && RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" cargo build --quiet --release \
        --target wasm32-unknown-unknown -Z build-std=std,panic_abort) || return 1
    as_root mkdir -p "$libs"
    as_root cp "$work"/target/wasm32-unknown-unknown/release/deps/lib*.rlib "$libs/"
    rm -rf "$work"
}

prepare_rust() {
    has rustup || has rustc || { echo "there is no Rust: see https://rustup.rs" >&2; return 1; }
    new_enough || { has rustup && update_rust; } || true
    if new_enough && { has_wasm || { has rustup && add_wasm; }; } && has_wasm; then return; fi
    debian_rust
}
if ! new_enough || ! has_wasm; then
    step "prepare Rust for server and browser" prepare_rust
fi

# What `make` calls is a program too: its first compilation is a step like the others.
if [ "${2:-}" = run ] && [ ! -x "${CARGO_TARGET_DIR:-target}/debug/xtask" ]; then
    step "compile the task runner" cargo build --quiet --locked --package xtask
fi

[ $# -eq 0 ] || exec "$@"
