"""What the API takes and gives of people and tokens."""

from typing import Any

from rest_framework import serializers

from accounts.enums import Role


class NamedSerializer(serializers.Serializer[Any]):
    """Whatever has a number and a name."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()


class PostSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=Role.choices)
    role_label = serializers.CharField(source="role.label")
    organization_id = serializers.IntegerField()
    division_id = serializers.IntegerField(allow_null=True)
    deputising_for = serializers.CharField(source="principal_name", help_text="代谁履职；本人任职为空")


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="user.pk")
    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.name")
    title = serializers.CharField(source="user.title")
    posts = PostSerializer(many=True)
    today = serializers.DateField(help_text="办公日期，北京时间")


class TokenSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    starts_with = serializers.CharField(source="token_key", help_text="令牌的前 15 位")
    name = serializers.CharField(help_text="用途")
    created_at = serializers.DateTimeField(source="created")
    expires_at = serializers.DateTimeField(source="expiry")


class NewTokenSerializer(TokenSerializer):
    token = serializers.CharField(source="text", help_text="只给这一次")


class SignInSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=40, help_text="登录名")
    password = serializers.CharField(max_length=128, trim_whitespace=False, help_text="密码")
    name = serializers.CharField(max_length=40, required=False, default="接口", help_text="用途，如 办公平台")
