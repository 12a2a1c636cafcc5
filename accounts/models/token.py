"""接口令牌: what a program signs in with in a person's place."""

from datetime import datetime

from django.db import models

from accounts.models.user import User


class ApiToken(models.Model):
    """The fields that django-rest-knox asks for; the token itself is kept as a digest only."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name="人员")
    name = models.CharField("用途", max_length=40)
    digest = models.CharField(max_length=128, unique=True)
    token_key = models.CharField("前几位", max_length=15, db_index=True)
    created = models.DateTimeField("建立时间")
    expiry = models.DateTimeField("到期时间")

    text = ""  # the token itself, in the hands of whoever just made it

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.name}（{self.token_key}…）"

    def is_live_at(self, now: datetime) -> bool:
        return self.expiry > now
