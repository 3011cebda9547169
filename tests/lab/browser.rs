//! `papo lab web` under a real browser: a page with an image, a style sheet and a script.

use std::process::Command;

use super::Service;
use crate::support::{Folder, tools};

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

/// The page as the browser has it in the end. `None`, and SKIPPED: there is no browser.
fn browse(url: &str, profile: &str) -> Option<String> {
    let browser = tools::wanted(&["chromium"])?;
    let mut command = Command::new("timeout");
    command.arg("120").arg(browser).args(["--headless", "--no-sandbox", "--disable-gpu"]);
    command.args(["--disable-dev-shm-usage", "--virtual-time-budget=5000", "--dump-dom"]);
    let output = command.arg(format!("--user-data-dir={profile}")).arg(url).output();
    let output = output.expect("timeout runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {errors}", output.status);
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_browser_shows_a_page_with_an_image_a_style_sheet_and_a_script() {
    let folder = Folder::new("browser");
    let files =
        [("index.html", PAGE), ("a style.css", STYLE), ("image.svg", IMAGE), ("script.js", SCRIPT)];
    for (name, text) in files {
        folder.write(&format!("public/{name}"), text);
    }
    let service = Service::start(&["web", "--root", &folder.file("public")]);
    let page = browse(&format!("http://{}/", service.address), &folder.file("profile"));
    if let Some(page) = page {
        assert!(page.contains("style 17px, image 23x29"), "{page}");
    }
}
