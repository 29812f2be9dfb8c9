"""Sign-in sessions: begun with a pair of tokens, carried on by refresh, ended once."""

from datetime import datetime, timedelta
from typing import Never

import structlog

from handlers.errors import NotSignedIn
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

    async def carry_on(self, bearer: Bearer, spent: str) -> Tokens:
        """Return a new pair for the good refresh token `spent`, which it uses up.

        Exactly one of many at once gets it. A used one again ends the whole session:
        somebody holds a copy. Raises NotSignedIn.
        """
        fresh = self._mint.fresh()
        won = await self._tokens.rotate(
            bearer.sid,
            spent=spent,
            fresh=fresh,
            role=bearer.role,
            expires_at=self._expiry(),
        )
        if not won:
            await self._refuse(bearer.sid)
        return self._mint.pair(bearer, fresh)

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

    async def _refuse(self, sid: str) -> Never:
        found = await self.found(sid)
        if found.revoked_at is not None:
            raise NotSignedIn
        await self.end(sid)
        log.warning("sign_in.token_reused", sid=sid, user_id=found.user_id)
        raise NotSignedIn(
            "token_reused", "This refresh token was used before; sign in again."
        )

    def _expiry(self) -> datetime:
        lifetime = timedelta(seconds=self._mint.lifetimes.refresh_s)
        return self._mint.clock.now() + lifetime
