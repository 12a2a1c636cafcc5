"""The top of the house: health page, checks of the settings, vendor files, proxy, heartbeat."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.storage import Storage
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from pytest_django.fixtures import Settings

from cppcc_office import checks, health, jobs
from cppcc_office.proxy import ProxyMiddleware
from cppcc_office.schedule import BEAT_SCHEDULE
from cppcc_office.vendor import VendorFinder
from tests.pages import CheckingClient


@pytest.fixture(autouse=True)
def heartbeat(settings: Settings, tmp_path: Path) -> Path:
    file = tmp_path / "var" / "heartbeat"
    settings.HEARTBEAT_FILE = file
    return file


@pytest.mark.django_db
def test_the_health_page_is_open_to_everybody(client: CheckingClient) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"database": "ok", "background": "never"}


def test_background_work_that_ticks_is_well() -> None:
    jobs.tick()

    assert health.background_state(timezone.now()) == "ok"


def test_background_work_that_stopped_ticking_is_late() -> None:
    jobs.tick()

    assert health.background_state(timezone.now() + timedelta(seconds=61)) == "late"


def test_a_tick_comes_often_enough_for_the_health_page() -> None:
    assert BEAT_SCHEDULE["tick"]["schedule"] * 3 < health.LATE_AFTER


@pytest.mark.parametrize("key", ["", "short"])
def test_a_missing_or_short_secret_key_is_an_error(settings: Settings, key: str) -> None:
    settings.SECRET_KEY = key

    (error,) = checks.secret_key_is_set(None)

    assert error.id == "cppcc_office.E001"


def test_a_long_secret_key_is_accepted(settings: Settings) -> None:
    settings.SECRET_KEY = "k" * 50

    assert checks.secret_key_is_set(None) == []


def test_uploads_inside_the_static_folder_are_an_error(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"

    (error,) = checks.uploads_are_not_served(None)

    assert error.id == "cppcc_office.E002"


def test_uploads_of_the_real_settings_are_not_served() -> None:
    assert checks.uploads_are_not_served(None) == []


def test_a_vendor_file_that_is_not_installed_is_named(settings: Settings) -> None:
    settings.VENDOR_FILES = {"vendor/x.css": "no-such-package/x.css"}

    (error,) = checks.vendor_files_are_installed(None)

    assert "no-such-package/x.css" in error.msg


def test_vendor_files_are_those_listed_and_can_be_read(settings: Settings) -> None:
    listed: list[tuple[str, Storage]] = list(VendorFinder().list([]))

    assert [path for path, _ in listed] == list(settings.VENDOR_FILES)
    for path, storage in listed:
        with storage.open(path) as file:
            assert file.read(1)


def test_only_listed_files_of_a_package_are_found() -> None:
    assert finders.find("vendor/bootstrap/css/bootstrap.min.css")
    assert finders.find("vendor/bootstrap/css/bootstrap-grid.css") is None
    assert finders.find("vendor/bootstrap/css/bootstrap.min.css", find_all=True) != []


def address_seen(forwarded: str) -> str:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "10.0.0.1"} | ({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {})
    ProxyMiddleware(view)(request)
    return seen[0]


@pytest.mark.parametrize(
    ("behind", "forwarded", "expected"),
    [
        (True, "192.168.1.5", "192.168.1.5"),
        (True, "1.2.3.4, 192.168.1.5", "192.168.1.5"),
        (True, "", "10.0.0.1"),
        (False, "192.168.1.5", "10.0.0.1"),
    ],
)
def test_the_sender_is_who_our_own_proxy_says(settings: Settings, behind: bool, forwarded: str, expected: str) -> None:
    settings.BEHIND_PROXY = behind

    assert address_seen(forwarded) == expected
