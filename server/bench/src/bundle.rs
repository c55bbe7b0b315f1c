use crate::Failure;
use std::path::Path;

/// Size of what a browser must fetch before the console is alive, compressed as it is served.
pub fn report(site: &Path) -> Result<(), Failure> {
    let mut rows = Vec::new();
    collect(site, &mut rows)?;
    if rows.is_empty() {
        return Err(format!("no bundle in {}: run `cargo run -p xtask -- bundle` first", site.display()).into());
    }
    for kind in ["wasm", "js", "css"] {
        let of_kind: Vec<_> = rows.iter().filter(|(name, ..)| name.ends_with(&format!(".{kind}"))).collect();
        let (raw, br) = of_kind.iter().fold((0, 0), |(r, b), (_, raw, br)| (r + raw, b + br));
        println!("bundle {kind:>4}: {:>5} KB brotli, {:>5} KB raw", br / 1024, raw / 1024);
    }
    Ok(())
}

fn collect(dir: &Path, rows: &mut Vec<(String, u64, u64)>) -> Result<(), Failure> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, rows)?;
            continue;
        }
        let name = path.display().to_string();
        let compressed = format!("{name}.br");
        if let Ok(br) = std::fs::metadata(compressed) {
            rows.push((name, std::fs::metadata(&path)?.len(), br.len()));
        }
    }
    Ok(())
}
