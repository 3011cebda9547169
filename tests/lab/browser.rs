//! `papo lab web` under a real browser: a page with an image, a style sheet and a script.

use std::fs;
use std::io::Write;
use std::process::Command;

use super::Service;

const PAGE: &str = r#"<!doctype html><link rel="stylesheet" href="a%20style.css">
<img id="image" src="image.svg"><p id="said">no script</p><script src="script.js"></script>"#;

const STYLE: &str = "#said { padding-left: 17px }";

const IMAGE: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="23" height="29"/>"#;

/// Writes into the page what can only be known where all three were loaded.
const SCRIPT: &str = "
addEventListener('load', () => {
    const said = document.getElementById('said'), image = document.getElementById('image');
    const style = getComputedStyle(said).paddingLeft;
    said.textContent = `style ${style}, image ${image.naturalWidth}x${image.naturalHeight}`;
});";

/// The page as the browser has it in the end. `None` where there is no browser, and said so.
fn browse(url: &str, profile: &str) -> Option<String> {
    let mut browser = Command::new("timeout");
    browser.args(["120", "chromium", "--headless", "--no-sandbox", "--disable-gpu"]);
    browser.args(["--disable-dev-shm-usage", "--virtual-time-budget=5000", "--dump-dom"]);
    let output = browser.arg(format!("--user-data-dir={profile}")).arg(url).output();
    let output = output.expect("timeout runs");
    // timeout(1): the command cannot be found.
    if output.status.code() == Some(127) {
        let _ = writeln!(std::io::stderr(), "NOT CHECKED with chromium: there is none");
        return None;
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {errors}", output.status);
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_browser_shows_a_page_with_an_image_a_style_sheet_and_a_script() {
    let place = std::env::temp_dir().join(format!("papo-browser-{}", std::process::id()));
    let root = place.join("public");
    fs::create_dir_all(&root).expect("folders");
    let files =
        [("index.html", PAGE), ("a style.css", STYLE), ("image.svg", IMAGE), ("script.js", SCRIPT)];
    for (name, text) in files {
        fs::write(root.join(name), text).expect("is written");
    }
    let service = Service::start(&["web", "--root", root.to_str().expect("UTF-8")]);
    let profile = place.join("profile");
    let page = browse(&format!("http://{}/", service.address), profile.to_str().expect("UTF-8"));
    let _ = fs::remove_dir_all(&place);
    if let Some(page) = page {
        assert!(page.contains("style 17px, image 23x29"), "{page}");
    }
}
