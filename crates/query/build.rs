//! Puts the page that `cargo xtask ui` built into the binary: its index.html, and each file below `static/` as it was
//! packed there. Without one the binary is built all the same and says how to get it.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let folder = |name| env::var_os(name).map(PathBuf::from).ok_or(io::ErrorKind::NotFound);
    let (out, here) = (folder("OUT_DIR")?, folder("CARGO_MANIFEST_DIR")?);
    let ui = here.join("../../ui");
    println!("cargo::rerun-if-changed=build.rs");
    if ui.is_dir() {
        // What is not there cannot be watched: whoever builds the page touches this file.
        println!("cargo::rerun-if-changed={}", ui.join("index.html").display());
    }
    fs::write(out.join("built_in.rs"), built(&ui.join("dist"), &out)?)
}

fn built(dist: &Path, out: &Path) -> io::Result<String> {
    if !dist.join("index.html").is_file() {
        return Ok("const INDEX: Option<&str> = None;\nconst FILES: &[File] = &[];\n".to_owned());
    }
    println!("cargo::rerun-if-changed={}", dist.display());
    // Copied first: another build of the page may replace it while this crate is compiled.
    let copies = out.join("page");
    fs::create_dir_all(&copies)?;
    fs::copy(dist.join("index.html"), copies.join("index.html"))?;
    let mut code = String::from(
        "const INDEX: Option<&str> = Some(include_str!(\"page/index.html\"));\nconst FILES: &[File] = &[\n",
    );
    let mut names = Vec::new();
    for entry in fs::read_dir(dist.join("static"))? {
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    for name in &names {
        let Some(plain) = name.strip_suffix(".gz") else { continue };
        fs::copy(dist.join("static").join(name), copies.join(name))?;
        writeln!(code, "    File {{ name: {plain:?}, packed: include_bytes!({:?}) }},", format!("page/{name}"))
            .map_err(io::Error::other)?;
    }
    code.push_str("];\n");
    Ok(code)
}
