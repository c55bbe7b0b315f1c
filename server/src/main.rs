// Leptos views are types: a page is one deep type.
#![recursion_limit = "512"]

use std::process::ExitCode;

fn main() -> ExitCode {
    weir::cli::main()
}
