"""What comes in about people who sign in."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_

Email = Annotated[str, Meta(title=lazy_("Email"), min_length=3, max_length=254)]
Password = Annotated[str, Meta(title=lazy_("Password"), min_length=1, max_length=300)]
NewPassword = Annotated[
    str,
    Meta(title=lazy_("New password"), min_length=1, max_length=300,
         description=lazy_("At least 15 characters. Four or five words make a good one. You may paste it.")),
]
Code = Annotated[str, Meta(title=lazy_("Code"), min_length=6, max_length=40)]


class SignInForm(Struct, forbid_unknown_fields=True, kw_only=True):
    email: Email
    password: Password
    next: Annotated[str, Meta(max_length=500)] = ""


class CodeForm(Struct, forbid_unknown_fields=True, kw_only=True):
    code: Code
    next: Annotated[str, Meta(max_length=500)] = ""


class LinkForm(Struct, forbid_unknown_fields=True, kw_only=True):
    email: Email


class LinkCodeForm(Struct, forbid_unknown_fields=True, kw_only=True):
    email: Email
    code: Code


class FirstAdminForm(Struct, forbid_unknown_fields=True, kw_only=True):
    email: Email
    name: Annotated[str, Meta(title=lazy_("Your name"), min_length=2, max_length=120)]
    password: NewPassword


class NewPasswordForm(Struct, forbid_unknown_fields=True, kw_only=True):
    password: NewPassword


class InvitationCodeForm(Struct, forbid_unknown_fields=True, kw_only=True):
    email: Email
    code: Code
    password: NewPassword


class StepUpForm(Struct, forbid_unknown_fields=True, kw_only=True):
    password: Password
    code: Annotated[str, Meta(title=lazy_("Code, if you use an app for codes"), max_length=40)] = ""
    next: Annotated[str, Meta(max_length=500)] = ""


class TotpForm(Struct, forbid_unknown_fields=True, kw_only=True):
    secret: Annotated[str, Meta(max_length=64, pattern="^[A-Z2-7]{16,64}$")]
    code: Code


class InvitationForm(Struct, forbid_unknown_fields=True, kw_only=True):
    email: Email
    name: Annotated[str, Meta(title=lazy_("Name"), min_length=2, max_length=120)]
    role: Annotated[
        Literal["board_staff", "board_manager", "partner", "employer_owner", "employer_member", "state_analyst", "auditor",
                "state_admin"],
        Meta(title=lazy_("Role")),
    ]  # fmt: skip
    board_id: Annotated[UUID | None, Meta(title=lazy_("Board"), description=lazy_("For board staff and managers"))] = None
    partner_id: Annotated[UUID | None, Meta(title=lazy_("Partner"), description=lazy_("For a partner's people"))] = None
    employer_id: Annotated[
        UUID | None, Meta(title=lazy_("Employer"), description=lazy_("For an employer's people: open the employer and invite there"))
    ] = None
    language: Annotated[Literal["en", "es"], Meta(title=lazy_("Language of the invitation"))] = "en"


class DensityForm(Struct, forbid_unknown_fields=True, kw_only=True):
    density: Annotated[Literal["comfortable", "compact"], Meta(title=lazy_("Lists"))]


class PreferencesForm(DensityForm, forbid_unknown_fields=True, kw_only=True):
    name: Annotated[str, Meta(title=lazy_("Your name"), min_length=2, max_length=120)]
    language: Annotated[Literal["en", "es"], Meta(title=lazy_("Language"))]


class TokenForm(Struct, forbid_unknown_fields=True, kw_only=True):
    name: Annotated[str, Meta(title=lazy_("What it is for"), description=lazy_("For example: nightly report"), min_length=2, max_length=80)]
    rights: Annotated[Literal["read", "write"], Meta(title=lazy_("What it may do"))]
    board_id: Annotated[UUID | None, Meta(title=lazy_("Only for this board"), description=lazy_("Left empty, wherever you work"))] = None
    expires_on: Annotated[date, Meta(title=lazy_("Last day"), description=lazy_("At most a year from today"))]
