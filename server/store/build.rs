//! The migrations are embedded by a macro that only sees the files it saw last time: say when one is added.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
    println!("cargo:rerun-if-changed=queries");
}
