//! The console as WebAssembly, and the JavaScript that starts it.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use walrus::{
    FunctionBuilder, FunctionId, FunctionKind, Module, ModuleConfig,
    ir::{Call, Visitor, dfs_in_order},
};
use wasm_bindgen_cli_support::Bindgen;

use super::site::Files;
use crate::{Failure, Result, command, place::at};

const TARGET: &str = "wasm32-unknown-unknown";

/// What rustc emits for the target by default. Named, because a stripped module no longer says so; `--all-features`
/// would emit what browsers refuse.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-multivalue",
];

/// Flat code without local control flow first: rebuilt from that, it compresses better.
const PASSES: [&str; 7] =
    ["--flatten", "--rereloop", "-Oz", "-Oz", "--reorder-functions", "--strip-producers", "--strip-target-features"];

/// Compiles `app/frontend`, small before fast, and returns the raw module.
pub fn compile() -> Result<PathBuf> {
    let args = ["build", "--package=weir-frontend", "--profile=wasm-release", "--locked", "--target", TARGET];
    command::run(command::cargo(args).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags()))?;
    Ok(at("target").join(TARGET).join("wasm-release/weir_frontend.wasm"))
}

/// Names that tell every type (`v0`), for [`UNREACHED`]; and no path of the machine that built it in what is shipped.
/// Whoever sets flags for this target replaces those of `.cargo/config.toml`, so they stand here again.
fn flags() -> String {
    let home = std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| home + "/.cargo"));
    let remap = home.map(|home| format!(" --remap-path-prefix={home}/registry/src=")).unwrap_or_default();
    format!("--cfg erase_components -Csymbol-mangling-version=v0{remap}")
}

/// Binds it to JavaScript and makes it small.
pub fn bind(module: &Path, files: &mut Files) -> Result<()> {
    let work = at("target/site.work");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let said = |error: &dyn std::fmt::Debug| -> Failure { format!("wasm-bindgen: {error:?}").into() };
    let mut bindgen = Bindgen::new();
    bindgen.web(true).map_err(|e| said(&e))?;
    // The loader names the module, whose name has a hash: no default path is needed.
    bindgen
        .input_module("weir", unreached_removed(module)?)
        .out_name("weir")
        .typescript(false)
        .omit_default_module_path(true);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(&work).map_err(|e| said(&e))?;
    let (bound, small) = (work.join("weir_bg.wasm"), work.join("weir.wasm"));
    let opt = at("style/node_modules/.bin/wasm-opt");
    let mut optimise = command::program(opt, PASSES);
    optimise.args(FEATURES).arg(&bound).arg("-o").arg(&small).current_dir(&work);
    command::output(&mut optimise)?;
    files.add("weir.wasm", fs::read(&small)?);
    files.add("weir.js", fs::read(work.join("weir.js"))?);
    // Pieces of JavaScript that crates bring along; `weir.js` imports them by these very paths.
    let snippets = work.join("snippets");
    if snippets.is_dir() {
        files.add_fixed(&work, &snippets)?;
    }
    Ok(fs::remove_dir_all(work)?)
}

/// What the names of functions hold that the console never calls, though pointers to them exist: a view behind a
/// pointer carries every way to use it. `hydrate_async` is for lazily loaded routes, and the console has none
/// (`hydrate_body` is synchronous); `into_any_attr::clone` is for attributes handed to components; `wasm_streams`
/// serves streamed server functions. Names as symbols write them.
const UNREACHED: [&str; 3] = ["13hydrate_async", "13into_any_attr5clone", "12wasm_streams"];

/// Is it code of [`UNREACHED`] and of nothing else? Descriptions are what wasm-bindgen runs to learn the types of its
/// imports; how a value is dropped may be shared by all values of its shape.
fn unreached(name: &str) -> bool {
    // The end tells which crate asked for the code first; others may share it.
    let name = name.strip_suffix("12wasm_streams").unwrap_or(name);
    UNREACHED.iter().any(|part| name.contains(part))
        && !["8describe", "13drop_in_place"].iter().any(|p| name.contains(p))
}

/// The module with an `unreachable` in place of the code of [`UNREACHED`].
fn unreached_removed(path: &Path) -> Result<Module> {
    let mut module = ModuleConfig::new().parse_file(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut removed: HashSet<FunctionId> = (module.funcs.iter_local())
        .filter(|(id, _)| module.funcs.get(*id).name.as_deref().is_some_and(unreached))
        .map(|(id, _)| id)
        .collect();
    if removed.is_empty() {
        return Err("no function of the module has a name: is it stripped?".into());
    }
    // The compiler makes one of functions that are alike: what the rest calls stays, with all that it calls in turn.
    loop {
        let mut called = Called::default();
        for (_, function) in module.funcs.iter_local().filter(|(id, _)| !removed.contains(id)) {
            dfs_in_order(&mut called, function, function.entry_block());
        }
        let before = removed.len();
        removed.retain(|id| !called.0.contains(id));
        if removed.len() == before {
            break;
        }
    }
    for id in removed {
        let ty = module.types.get(module.funcs.get(id).ty());
        let (params, results) = (ty.params().to_vec(), ty.results().to_vec());
        let mut stub = FunctionBuilder::new(&mut module.types, &params, &results);
        stub.func_body().unreachable();
        let args = params.iter().map(|ty| module.locals.add(*ty)).collect();
        module.funcs.get_mut(id).kind = FunctionKind::Local(stub.local_func(args));
    }
    Ok(module)
}

/// Functions that are called by name.
#[derive(Default)]
struct Called(HashSet<FunctionId>);

impl Visitor<'_> for Called {
    fn visit_call(&mut self, call: &Call) {
        self.0.insert(call.func);
    }
}
