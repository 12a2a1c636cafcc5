"""A field for several attachments at once, checked as the action will check them."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from cppcc_office.lib.errors import Refused
from tasks.actions.attachments import AT_ONCE, SUFFIXES, check_file


class FilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:  # noqa: ARG002 (Django's signature)
        return list(files.getlist(name)) if hasattr(files, "getlist") else [f for f in [files.get(name)] if f]


class FilesField(forms.FileField):
    """Cleans to a list of files, empty where none was chosen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", FilesInput(attrs={"multiple": True, "accept": ",".join(sorted(SUFFIXES))}))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:  # noqa: ARG002 (Django's signature)
        # Checked by hand: Django's own checks are for one file and name the wrong one of several.
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(files) > AT_ONCE:
            raise forms.ValidationError(f"一次最多上传 {AT_ONCE} 个附件，请分次上传")
        faults: list[str] = []
        for file in files:
            try:
                check_file(file)
            except Refused as refused:
                faults += refused.reasons
        if faults:
            raise forms.ValidationError(faults)
        return files
