"""接口令牌: what a program signs in with in a person's place."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from knox.models import AbstractAuthToken


class ApiToken(AbstractAuthToken):  # type: ignore[misc]  # the library has no types
    """Kept as a digest only. `token_key`, its first signs, is how its owner and an address name it."""

    name = models.CharField("用途", max_length=40)
    created = models.DateTimeField("建立时间")
    expiry = models.DateTimeField("到期时间")

    objects: ClassVar[models.Manager["ApiToken"]] = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
        ordering = ("created", "digest")

    def __str__(self) -> str:
        return f"{self.name}（{self.token_key}…）"

    def is_live_at(self, now: datetime) -> bool:
        return self.expiry > now
