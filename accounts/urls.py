"""Addresses of this app."""

from django.urls import path

from accounts.views import audit, calendar, deputies, divisions, people, policies, sign_in, staff_import, tokens

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("password/", sign_in.change_password, name="change-password"),
    path("people/", people.people, name="people"),
    path("people/new/", people.person_new, name="person-new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/posts/", people.person_grant, name="person-grant"),
    path("people/<int:pk>/posts/<int:membership_pk>/end/", people.person_end_post, name="person-end-post"),
    path("people/<int:pk>/password/", people.person_reset_password, name="person-reset-password"),
    path("people/<int:pk>/switch/", people.person_switch, name="person-switch"),
    path("people/import/", staff_import.staff_import, name="staff-import"),
    path("people/import/passwords/", staff_import.staff_import_passwords, name="staff-import-passwords"),
    path("people/import/<int:pk>/", staff_import.staff_import_check, name="staff-import-check"),
    path("people/import/<int:pk>/answers/", staff_import.staff_import_answer, name="staff-import-answer"),
    path("people/import/<int:pk>/drop/", staff_import.staff_import_drop, name="staff-import-drop"),
    path("divisions/", divisions.divisions, name="divisions"),
    path("divisions/new/", divisions.division_new, name="division-new"),
    path("divisions/<int:pk>/", divisions.division, name="division"),
    path("divisions/secretary-general/", divisions.secretary_general, name="division-secretary-general"),
    path("deputies/", deputies.deputies, name="deputies"),
    path("deputies/<int:pk>/end/", deputies.deputy_end, name="deputy-end"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/<int:year>/", calendar.calendar, name="calendar-year"),
    path("calendar/<int:year>/notice/", calendar.calendar_notice, name="calendar-notice"),
    path("calendar/<int:year>/days/", calendar.calendar_correct, name="calendar-correct"),
    path("calendar/days/<int:pk>/withdraw/", calendar.calendar_withdraw, name="calendar-withdraw"),
    path("calendar/<int:year>/confirm/", calendar.calendar_confirm, name="calendar-confirm"),
    path("calendar/<int:year>/unconfirm/", calendar.calendar_unconfirm, name="calendar-unconfirm"),
    path("policies/", policies.policies, name="policies"),
    path("policies/<slug:key>/", policies.policy, name="policy"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("audit/", audit.audit, name="audit"),
    path("audit/export/", audit.audit_export, name="audit-export"),
]
