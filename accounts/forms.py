"""The shape of what people type into the pages of accounts; the actions decide."""

from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet

from accounts.actions.policies import CLOCK, CLOCK_WORDS, MOST
from accounts.enums import GRANTED_ROLES, DivisionKind
from accounts.intake.notice import MOST_CHARACTERS
from accounts.models import Division, Organization, User
from accounts.names import is_login_name, login_name
from accounts.policies import CLOCKS, DEFAULTS
from accounts.queries import leaders_of


class Form(forms.Form):
    """A form whose empty fields are asked for by name, and numbers with their limits, whichever way they are wrong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.required and field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                verb = "请选择" if isinstance(field, forms.ChoiceField) else "请填写"
                what = "日期" if isinstance(field, forms.DateField) else field.label  # 自、至 are no names
                field.error_messages["required"] = f"{verb}{what}"
            if isinstance(field, forms.IntegerField) and None not in (field.min_value, field.max_value):
                words = f"请填 {field.min_value} 至 {field.max_value} 的整数"
                own = {
                    code: said
                    for code, said in field.error_messages.items()
                    if said != forms.IntegerField.default_error_messages.get(code)
                }
                field.error_messages |= dict.fromkeys(("invalid", "min_value", "max_value"), words) | own


class SignInForm(Form):
    username = forms.CharField(
        label="登录名",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ChangePasswordForm(Form):
    old_password = forms.CharField(
        label="原密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new_password1 = forms.CharField(
        label="新密码", max_length=128, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    new_password2 = forms.CharField(
        label="再输一遍新密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new_password1(self) -> str:
        password: str = self.cleaned_data["new_password1"]
        validate_password(password, self.user)
        return password

    def clean_new_password2(self) -> str:
        again: str = self.cleaned_data["new_password2"]
        if "new_password1" in self.cleaned_data and again != self.cleaned_data["new_password1"]:
            raise forms.ValidationError("两次输入的新密码不一致。")
        return again


def day_field(label: str, *, required: bool = True) -> forms.DateField:
    """A day, typed or picked; browsers send 2026-11-22."""
    return forms.DateField(label=label, required=required, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class PersonForm(Form):
    name = forms.CharField(label="姓名", max_length=40)
    title = forms.CharField(label="职务", max_length=60, required=False)
    phone = forms.RegexField(
        label="手机",
        regex=r"^\+?[\d -]{5,30}$",
        required=False,
        error_messages={"invalid": "请填写电话号码，只用数字，或留空。"},
    )
    email = forms.EmailField(label="邮箱", required=False)


class PostForm(Form):
    role = forms.ChoiceField(label="角色", choices=[(role.value, role.label) for role in GRANTED_ROLES])
    division = forms.ModelChoiceField(
        label="处室",
        queryset=Division.objects.none(),
        required=False,
        empty_label="不属于处室",
        help_text="处室负责人和经办人须选处室，其他角色不选。",
    )

    def __init__(self, organization: Organization, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        divisions = cast("forms.ModelChoiceField[Division]", self.fields["division"])
        divisions.queryset = organization.divisions.filter(is_active=True)


class NewPersonForm(PostForm, PersonForm):
    username = forms.CharField(
        label="登录名", max_length=40, required=False, help_text="不填则按姓名拼音拟一个。字母不分大小写。"
    )
    field_order = ("name", "username", "role", "division", "title", "phone", "email")

    def clean_username(self) -> str:
        username = login_name(self.cleaned_data["username"])
        if username and not is_login_name(username):
            raise forms.ValidationError("请用 2 至 40 个字母、数字、汉字或 . _ - @。")
        if username and User.objects.filter(username=username).exists():
            raise forms.ValidationError("此登录名已有人使用，请换一个。")
        return username


class GrantForm(PostForm):
    starts_on = day_field("自")
    ends_on = day_field("至（含当日）", required=False)
    field_order = ("role", "division", "starts_on", "ends_on")


class EndPostForm(Form):
    ends_on = day_field("任职至（含当日）")


class DivisionForm(Form):
    name = forms.CharField(label="名称", max_length=60)
    short_name = forms.CharField(label="简称", max_length=20, required=False, help_text="窄栏里用，如 教科卫体委。")
    kind = forms.ChoiceField(label="类别", choices=DivisionKind)
    leader = forms.ModelChoiceField(
        label="分管领导", queryset=User.objects.none(), required=False, empty_label="暂不指定"
    )
    order = forms.IntegerField(label="次序", min_value=0, max_value=9999)
    supervises = forms.BooleanField(
        label="负责督办", required=False, help_text="该处室的人都是督办人员：可立项、交办、核实、验收。"
    )

    def __init__(self, organization: Organization, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leaders = cast("forms.ModelChoiceField[User]", self.fields["leader"])
        leaders.queryset = leaders_of(organization.pk, today=today)


class ExistingDivisionForm(DivisionForm):
    is_active = forms.BooleanField(label="在用", required=False)


class SecretaryGeneralForm(Form):
    person = forms.ModelChoiceField(
        label="秘书长", queryset=User.objects.none(), required=False, empty_label="暂不指定"
    )

    def __init__(self, organization: Organization, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = cast("forms.ModelChoiceField[User]", self.fields["person"])
        people.queryset = leaders_of(organization.pk, today=today)


class StaffFileForm(Form):
    file = forms.FileField(
        label="人员表",
        help_text=".xlsx .xls .ods .csv；栏目：姓名、处室、职务、角色、手机、登录名。名称不同也认得，如 部门、账号。",
        widget=forms.ClearableFileInput({"accept": ".xlsx,.xls,.ods,.csv"}),
        error_messages={"empty": "文件是空的，请重新选择。"},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            most = settings.IMPORT_MAX_BYTES // 1024 // 1024
            raise forms.ValidationError(f"文件超过 {most} MB，请分成几个文件。")
        return file


class CorrectionForm(Form):
    day = day_field("日期")
    is_workday = forms.TypedChoiceField(
        label="改为",
        choices=[("0", "放假"), ("1", "上班")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        initial="0",
    )
    name = forms.CharField(label="说明", max_length=40, required=False, help_text="如 三月三、全省统一调休。")
    source = forms.CharField(label="依据", max_length=160, help_text="文件名称、文号，或哪次会议决定。")


class NoticeForm(Form):
    text = forms.CharField(
        label="通知全文",
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea({"rows": 9, "spellcheck": "false"}),
        help_text="从政府网站复制《国务院办公厅关于××××年部分节假日安排的通知》，从“一、元旦”到“国庆节”都要有。先预览，再写入。",
    )


def policy_form(key: str, value: Any, data: Any = None) -> Form:
    """One value of the kind that this setting holds, and why it is changed."""
    default = DEFAULTS[key]
    if isinstance(default, bool):
        field: forms.Field = forms.TypedChoiceField(
            label="新值", choices=[("1", "是"), ("0", "否")], coerce=lambda text: text == "1", widget=forms.RadioSelect
        )
        value = "1" if value else "0"
    elif isinstance(default, int):
        field = forms.IntegerField(label="新值", min_value=0, max_value=MOST)
    elif key in CLOCKS:
        field = forms.RegexField(f"^{CLOCK}$", label="新值", error_messages={"invalid": CLOCK_WORDS})
    else:
        field = forms.CharField(label="新值", max_length=10)
    note = forms.CharField(label="理由", max_length=200, help_text="会记入这项规则的历史。")
    declared: type[Form] = type("PolicyForm", (Form,), {"value": field, "note": note})
    return declared(data, initial={"value": value})


class TokenForm(Form):
    name = forms.CharField(
        label="用途", max_length=40, help_text="哪个程序用，如 办公平台、数据大屏；日后凭它认出该撤销哪一个。"
    )


class PersonChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """People told apart by division: there are two 徐伟东."""

    def label_from_instance(self, obj: Any) -> str:
        where = "、".join(dict.fromkeys(m.division.name for m in obj.memberships.all() if m.division))
        return f"{obj.name}（{where or obj.title or obj.username}）"


class DeputyForm(Form):
    deputy = PersonChoiceField(label="代行人", queryset=User.objects.none(), empty_label="请选择")
    starts_on = day_field("自")
    ends_on = day_field("至（含当日）")
    note = forms.CharField(label="说明", max_length=200, required=False, help_text="如 出差、学习、休假。")

    def __init__(self, people: QuerySet[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("PersonChoiceField", self.fields["deputy"]).queryset = people

    def clean_ends_on(self) -> date:
        ends_on: date = self.cleaned_data["ends_on"]
        starts_on: date | None = self.cleaned_data.get("starts_on")
        if starts_on and ends_on < starts_on:
            raise forms.ValidationError("结束日期早于开始日期，请改正。")
        return ends_on
