"""A URLconf without any page, for the frame that must not lead to one."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
