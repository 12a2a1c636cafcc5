"""接口令牌: one's own tokens for programs; a new one is shown once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import forms, rules
from accounts.actions import tokens as actions
from accounts.http import SignedInRequest
from accounts.models import ApiToken


@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: SignedInRequest) -> HttpResponse:
    form = forms.TokenForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        made = actions.create_token(request.user, name=form.cleaned_data["name"], now=request.now)
        form = forms.TokenForm()
    rows = [(row, row.is_live_at(request.now)) for row in ApiToken.objects.filter(user=request.user)]
    context = {"form": form, "made": made, "rows": rows, "most": rules.TOKENS_AT_MOST}
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@require_POST
def token_revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, user=request.user, pk=pk)
    actions.revoke_token(token, now=request.now)
    messages.success(request, f"已撤销令牌“{token.name}”，用它的程序不能再登录。")
    return redirect("tokens")
