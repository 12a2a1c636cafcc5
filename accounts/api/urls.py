"""Addresses of this app under /api/v1/."""

from django.urls import path

from accounts.api.views import Me, OwnToken, Tokens

urlpatterns = [
    path("me/", Me.as_view(), name="api-me"),
    path("tokens/", Tokens.as_view(), name="api-tokens"),
    path("tokens/<int:pk>/", OwnToken.as_view(), name="api-token"),
]
