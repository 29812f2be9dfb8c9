"""Sign-in sessions: begun with a pair of tokens, carried on by refresh, ended once.

A refresh whose answer was lost may be repeated with its key: ADR 14 says for how long,
and why that hides no thief.
"""

from datetime import datetime, timedelta

import structlog

from handlers.errors import NotSignedIn
from handlers.idempotent import digest
from handlers.keys import Role
from handlers.security import Gate
from handlers.tokens import Bearer, Mint, Tokens
from store.token import SignIn, TokenRepository

log = structlog.get_logger()


class SignIns:
    """Begins, carries on and ends sign-in sessions."""

    def __init__(self, tokens: TokenRepository, mint: Mint, gate: Gate) -> None:
        self._tokens = tokens
        self._mint = mint
        self._gate = gate

    async def begin(self, user_id: str, role: Role) -> Tokens:
        """Open a session and return its first pair."""
        bearer = Bearer(user_id=user_id, role=role, sid=self._mint.fresh())
        refresh = self._mint.fresh()
        await self._tokens.open(
            SignIn(
                sid=bearer.sid,
                user_id=user_id,
                role=role,
                refresh=refresh,
                created_at=self._mint.clock.now(),
                expires_at=self._expiry(),
            )
        )
        return self._mint.pair(bearer, refresh)

    async def carry_on(
        self, bearer: Bearer, spent: str, key: str | None = None
    ) -> Tokens:
        """Return a new pair for the good refresh token `spent`, which it uses up.

        The one that was spent last gets another pair for a moment, by the `key` that it
        was spent with, until any that was given for it is spent in turn. Every other
        use of a spent one ends the whole session: somebody holds a copy.
        Raises NotSignedIn.
        """
        fresh, by = self._mint.fresh(), digest(key.encode()) if key else None
        won = await self._tokens.rotate(
            bearer.sid,
            spent=spent,
            by=by,
            fresh=fresh,
            role=bearer.role,
            at=self._mint.clock.now(),
            expires_at=self._expiry(),
        )
        return self._mint.pair(
            bearer, fresh if won else await self._again(bearer, spent, by)
        )

    async def end(self, sid: str) -> None:
        """End a session: its tokens are worth nothing, its sockets close."""
        await self._tokens.revoke(sid, self._mint.clock.now())
        self._gate.end(sid)

    async def end_all_of(self, user_id: str, *, merged_into: str | None = None) -> None:
        """End every session of a shopper; of a guest who became `merged_into`, say."""
        ended = await self._tokens.revoke_all_of(
            user_id, self._mint.clock.now(), merged_into=merged_into
        )
        for sid in ended:
            self._gate.end(sid)

    async def found(self, sid: str) -> SignIn:
        """Return the session `sid`, over or not. Raises NotSignedIn if unknown."""
        found = await self._tokens.of_sid(sid)
        if found is None:
            raise NotSignedIn
        return found

    async def _again(self, bearer: Bearer, spent: str, by: str | None) -> str:
        """Return the jti for a repeat, which is nobody else's. Raises NotSignedIn."""
        found = await self.found(bearer.sid)
        if found.revoked_at is not None:
            raise NotSignedIn
        if found.spent == spent and self._is_repeat(found, by):
            log.info("sign_in.refresh_repeated", user_id=found.user_id)
            return f"{found.refresh}.{self._mint.fresh()}"
        await self.end(bearer.sid)
        log.warning("sign_in.token_reused", sid=bearer.sid, user_id=found.user_id)
        raise NotSignedIn(
            "token_reused", "This refresh token was used before; sign in again."
        )

    def _is_repeat(self, found: SignIn, by: str | None) -> bool:
        if by is None or by != found.spent_by or found.spent_at is None:
            return False
        # In both directions: a clock that was set back makes no moment an hour.
        grace = timedelta(seconds=self._mint.lifetimes.refresh_grace_s)
        return abs(self._mint.clock.now() - found.spent_at) < grace

    def _expiry(self) -> datetime:
        lifetime = timedelta(seconds=self._mint.lifetimes.refresh_s)
        return self._mint.clock.now() + lifetime
