//! Builds the web app into the binary: from `SYMPOSIUM_WEB_DIST` when packagers give one, else with npm.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    println!("cargo:rerun-if-env-changed=SYMPOSIUM_WEB_DIST");
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    if let Some(given) = std::env::var_os("SYMPOSIUM_WEB_DIST") {
        return embed(Path::new(&given));
    }
    let web = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../web");
    watch(&web);
    let dist = out.join("web-dist");
    match build(&web, &dist) {
        Ok(()) => embed(&dist),
        // A release without the app would be useless; while developing, the rest must still compile.
        Err(reason) if std::env::var_os("PROFILE").is_some_and(|profile| profile == "release") => {
            eprintln!("the web app cannot be built: {reason}");
            ExitCode::FAILURE
        }
        Err(reason) => {
            println!("cargo:warning=the web app was not built: {reason}");
            let _ = std::fs::create_dir_all(&dist);
            embed(&dist)
        }
    }
}

fn embed(dist: &Path) -> ExitCode {
    println!("cargo:rustc-env=SYMPOSIUM_WEB_BUILT={}", dist.display());
    ExitCode::SUCCESS
}

/// Names what the app is made of; not `web` itself, because npm and paraglide write there.
fn watch(web: &Path) {
    for name in
        ["index.html", "package.json", "package-lock.json", "vite.config.ts", "svelte.config.js", "tsconfig.json"]
    {
        println!("cargo:rerun-if-changed={}", web.join(name).display());
    }
    for name in ["public", "messages", "project.inlang/settings.json"] {
        println!("cargo:rerun-if-changed={}", web.join(name).display());
    }
    watch_sources(&web.join("src"));
}

fn watch_sources(directory: &Path) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_name().to_str() {
            Some("paraglide") => {}
            Some("lib") => watch_sources(&path),
            _ => println!("cargo:rerun-if-changed={}", path.display()),
        }
    }
}

fn build(web: &Path, dist: &Path) -> Result<(), String> {
    let (installed, lock) = (web.join("node_modules/.package-lock.json"), web.join("package-lock.json"));
    let changed = |path: &Path| path.metadata().and_then(|about| about.modified()).ok();
    if changed(&installed).is_none() || changed(&installed) < changed(&lock) {
        npm(web, &["ci", "--prefer-offline", "--no-audit", "--no-fund"])?;
    }
    let to = dist.to_str().ok_or("the target directory has a strange name")?;
    npm(web, &["run", "build", "--", "--outDir", to, "--emptyOutDir"])
}

fn npm(web: &Path, arguments: &[&str]) -> Result<(), String> {
    let done =
        Command::new("npm").args(arguments).current_dir(web).output().map_err(|error| format!("npm: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    let (said, complained) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    let words = format!("{said} {complained}").replace('\n', " ");
    Err(format!("npm {}: {}", arguments.join(" "), words.chars().take(600).collect::<String>()))
}
