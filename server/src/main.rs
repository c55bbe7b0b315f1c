// Leptos views are types: a page is one deep type.
#![recursion_limit = "512"]

use std::process::ExitCode;

/// The system's keeps for each thread what a catch-up once needed, twice as much as this one (BENCHMARKS.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    weir::cli::main()
}
