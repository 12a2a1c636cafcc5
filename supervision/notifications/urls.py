"""Addresses of this app."""

from django.urls import URLPattern, path

from supervision.notifications.views import channels, inbox, settings, undelivered

urlpatterns: list[URLPattern] = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/count/", inbox.count, name="inbox-count"),
    path("inbox/settings/", settings.settings, name="inbox-settings"),
    path("inbox/read/", inbox.read_all, name="inbox-read-all"),
    path("inbox/<int:pk>/open/", inbox.open_message, name="inbox-open"),
    path("inbox/<int:pk>/read/", inbox.read, name="inbox-read"),
    path("channels/", channels.channels, name="channels"),
    path("channels/new/", channels.channel_new, name="channel-new"),
    path("channels/<int:pk>/", channels.channel, name="channel"),
    path("channels/<int:pk>/switch/", channels.channel_switch, name="channel-switch"),
    path("channels/<int:pk>/test/", channels.channel_test, name="channel-test"),
    path("undelivered/", undelivered.undelivered, name="undelivered"),
    path("undelivered/retry/", undelivered.retry_all, name="undelivered-retry-all"),
    path("undelivered/<int:pk>/retry/", undelivered.retry, name="undelivered-retry"),
    path("undelivered/events/<int:pk>/retry/", undelivered.retry_untold, name="untold-retry"),
]
