"""People's pages, the same on every host; operators' stand apart from the public site."""

from __future__ import annotations

from django.urls import URLPattern, path

from accounts.pages import account, entering, links, security, team, tokens
from cloudlicenses.web.people import needs


def _entering(prefix: str) -> list[URLPattern]:
    return [
        path(f"{prefix}login", entering.sign_in, name="login"),
        path(f"{prefix}login/code", entering.second_step, name="second_step"),
        path(f"{prefix}login/passkey", entering.sign_in_by_passkey, name="sign_in_by_passkey"),
        path(f"{prefix}login/passkey/question", entering.ask_passkey, name="ask_passkey"),
        path(f"{prefix}logout", entering.sign_out, name="logout"),
        path(f"{prefix}forgotten-password", links.forgotten, name="forgotten"),
        path("invitations/<str:secret>", links.invitation, name="invitation"),
        path("resets/<str:secret>", links.reset, name="reset"),
    ]


def _account(prefix: str) -> list[URLPattern]:
    return [
        path(f"{prefix}account", account.profile, name="account"),
        path(f"{prefix}account/password", account.password, name="password"),
        path(f"{prefix}account/security", security.security, name="security"),
        path(f"{prefix}account/confirm", security.confirm, name="confirm"),
        path(f"{prefix}account/confirm/question", security.ask_own_passkey, name="ask_own_passkey"),
        path(f"{prefix}account/app", security.add_app, name="add_app"),
        path(f"{prefix}account/app/remove", security.remove_app, name="remove_app"),
        path(f"{prefix}account/recovery-codes", security.renew_recovery_codes, name="recovery_codes"),
        path(f"{prefix}account/passkeys", security.add_passkey, name="add_passkey"),
        path(f"{prefix}account/passkeys/question", security.ask_new_passkey, name="ask_new_passkey"),
        path(f"{prefix}account/passkeys/<int:passkey_id>/remove", security.remove_passkey, name="remove_passkey"),
        path(f"{prefix}account/sessions/end-others", account.end_other_sessions, name="end_other_sessions"),
        path(f"{prefix}account/sessions/<str:session_id>/end", account.end_session, name="end_session"),
    ]


TOKENS = [
    path("account/tokens", tokens.token_list, name="tokens"),
    path("account/tokens/create", tokens.create, name="create_token"),
    path("account/tokens/<str:token_id>/revoke", tokens.revoke, name="revoke_token"),
]


def _team(path_: str, noun: str) -> list[URLPattern]:
    """The same pages under the rights of each kind of host."""
    read, manage = needs(f"{noun}:read"), needs(f"{noun}:manage", confirmed=True)
    return [
        path(path_, read(team.members), name="team"),
        path(f"{path_}/invite", manage(team.invite), name="invite"),
        path(f"{path_}/policy", manage(team.policy), name="policy"),
        path(f"{path_}/<str:user_id>", manage(team.member), name="member"),
        path(f"{path_}/<str:user_id>/deactivate", manage(team.deactivate), name="deactivate"),
        path(f"{path_}/<str:user_id>/reactivate", manage(team.reactivate), name="reactivate"),
        path(f"{path_}/<str:user_id>/invite-again", manage(team.invite_again), name="invite_again"),
        path(f"{path_}/<str:user_id>/withdraw", manage(team.withdraw), name="withdraw"),
        path(f"{path_}/<str:user_id>/forget-factors", manage(team.forget_second_factors), name="forget_factors"),
    ]


apex = _entering("operator/") + _account("operator/")
vendors = _entering("") + _account("") + _team("team", "team")
tenant = _entering("") + _account("") + TOKENS + _team("users", "users")
