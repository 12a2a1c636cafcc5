"""Signing in and out, changing one's own password."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import forms
from accounts.actions import sign_in as actions
from accounts.http import ClockedRequest, SignedInRequest
from accounts.models import Organization
from cppcc_office.lib.errors import Refused


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: ClockedRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    form = forms.SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = actions.sign_in(
            form.cleaned_data["username"],
            password=form.cleaned_data["password"],
            now=request.now,
        )
        if answer.user is not None:
            login(request, answer.user)
            return redirect(_safe_next(request))
        form.add_error(None, answer.sentence)
    names = Organization.objects.values_list("name", flat=True)[:2]
    context = {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        # Where several offices share a server, the door does not say which they are.
        "organization_name": names[0] if len(names) == 1 else "",
    }
    return render(request, "accounts/sign_in.html", context, status=422 if form.errors else 200)


def _safe_next(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    is_safe = target.startswith("/") and url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_safe else resolve_url(settings.LOGIN_REDIRECT_URL)


@require_POST
def sign_out(request: SignedInRequest) -> HttpResponse:
    actions.sign_out(request.user, now=request.now)
    logout(request)
    messages.info(request, "您已退出登录。")
    return redirect("sign-in")


@never_cache
@sensitive_post_parameters("old_password", "new_password1", "new_password2")
@require_http_methods(["GET", "POST"])
def change_password(request: SignedInRequest) -> HttpResponse:
    form = forms.ChangePasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.change_password(request.user, old=data["old_password"], new=data["new_password1"], now=request.now)
        except Refused as refused:
            # Said in the form itself: the page for refusals would have to repeat the passwords.
            form.add_error(None, "".join(refused.reasons))
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, "密码已修改。")
            return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/password_change.html", {"form": form}, status=422 if form.errors else 200)
