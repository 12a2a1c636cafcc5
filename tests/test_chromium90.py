"""What is served is scanned, libraries included, for what Chromium 90 lacks."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

# What came later and breaks a page (not what is merely ignored, such as text-wrap).
TOO_NEW_CSS = {
    ":has()": r":has\(",
    "container queries": r"@container|container-type\s*:",
    "cascade layers": r"@layer\b",
    "@scope": r"@scope\b",
    "nesting": r"[{;}]\s*&[\s.:>\[#]",
    "color-mix()": r"color-mix\(",
    "light-dark()": r"light-dark\(",
    "new colour spaces": r"\b(?:oklch|oklab|lch|lab|hwb|color)\(",
    "range media queries": r"@media[^{]*\([^)]*[<>]=?",
    "viewport units of 108": r"\b\d+(?:\.\d+)?[sld]v[hwib]\b",
    "single transforms": r"[{;]\s*(?:translate|rotate|scale)\s*:",
    "subgrid": r":\s*subgrid",
    "css maths of 111": r"[:\s(](?:sin|cos|tan|round|mod|rem|pow|sqrt)\(",
}
TOO_NEW_JS = {
    "Array.at": r"\.at\(\s*-?\d",
    "structuredClone": r"\bstructuredClone\(",
    "Object.hasOwn": r"\bObject\.hasOwn\b",
    "findLast": r"\.findLast(?:Index)?\(",
    "copying array methods": r"\.to(?:Sorted|Reversed|Spliced)\(",
    "groupBy": r"\b(?:Object|Map)\.groupBy\(",
    "Promise.withResolvers": r"\bPromise\.withResolvers\b",
    "Array.fromAsync": r"\bArray\.fromAsync\b",
    "static blocks": r"\bstatic\s*\{",
    "private in": r"#\w+ in ",
    "regular expressions with v": r"/[gimsuy]*v[gimsuy]*\.(?:test|exec)\(",
    "crypto.randomUUID": r"\bcrypto\.randomUUID\b",
    "AbortSignal.timeout": r"\bAbortSignal\.(?:timeout|any)\b",
    "popover": r"\.(?:show|hide|toggle)Popover\(",
    "eval": r"\beval\(|\bnew Function\(",
}
# Read by hand: asked for before use, so that an older browser goes without.
GUARDED: dict[str, set[str]] = {
    # htmx: only for hx-on, event filters and vals:js, which `allowEval: false` switches off.
    "django_htmx/htmx-2.min.js": {"eval"},
}


def served_files() -> list[str]:
    """Every style sheet and script that a template names, and all of our own."""
    named = set()
    for template in (settings.BASE_DIR / "templates").rglob("*.html"):
        named |= set(re.findall(r"{% static '([^']+\.(?:css|js))'", template.read_text(encoding="utf-8")))
    own = settings.BASE_DIR / "static"
    return sorted(named | {str(file.relative_to(own)) for kind in ("css", "js") for file in own.rglob(f"*.{kind}")})


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)


def test_the_templates_name_the_libraries_that_are_scanned() -> None:
    files = served_files()

    assert "vendor/bootstrap/css/bootstrap.min.css" in files
    assert "vendor/bootstrap-icons/bootstrap-icons.min.css" in files
    assert "django_htmx/htmx-2.min.js" in files
    assert "css/app.css" in files
    assert "js/app.js" in files


@pytest.mark.parametrize("name", served_files())
def test_chromium_90_can_read_what_is_served(name: str) -> None:
    found = finders.find(name)
    assert found, f"{name} is not there: run `npm ci`"
    text = without_comments(Path(str(found)).read_text(encoding="utf-8"))
    too_new = TOO_NEW_CSS if name.endswith(".css") else TOO_NEW_JS

    faults = {what for what, pattern in too_new.items() if re.search(pattern, text)}

    assert faults == GUARDED.get(name, set())


@pytest.mark.parametrize(
    ("css", "fault"),
    [
        ("a:has(b){c:d}", ":has()"),
        ("@media (width >= 600px){a{b:c}}", "range media queries"),
        (".a{color:red;&:hover{color:blue}}", "nesting"),
        (".a{color:color-mix(in srgb,red,blue)}", "color-mix()"),
        (".a{height:100dvh}", "viewport units of 108"),
        ("@container (min-width:1px){a{b:c}}", "container queries"),
    ],
)
def test_the_scan_finds_what_it_looks_for(css: str, fault: str) -> None:
    assert re.search(TOO_NEW_CSS[fault], css)


def test_our_own_files_call_nothing_outside() -> None:
    own = [settings.BASE_DIR / "static" / name for name in ("css/app.css", "js/app.js")]

    for file in own:
        assert not re.search(r"https?://|@import|url\(", file.read_text(encoding="utf-8")), file.name
