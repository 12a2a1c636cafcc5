"""Addresses of this app."""

from django.urls import path

from accounts.views import sign_in

urlpatterns = [
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("password", sign_in.change_password, name="change-password"),
]
