"""Tells a URL of alerts, signed, so that whoever listens there knows it was us.

`Souk-Signature: t=<unix seconds>,v1=<hex>`: HMAC-SHA256 by the secret over the time, a
dot, and the body. A receiver that refuses old times cannot be told twice by a stranger;
the `id` in the body lets it pass over what comes twice from us.
"""

import hashlib
import hmac
from datetime import datetime

import aiohttp

from commerce.alert import Alert
from messages.base import encode_json
from scheduler.alerts import NotTaken

WITHIN_S = 10.0


class SignedWebhook:
    """Fulfils `scheduler.alerts.Webhook` over HTTP."""

    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str) -> None:
        self._http = http
        self._url = url
        self._secret = secret.encode()

    async def tell(self, alert: Alert, now: datetime) -> None:
        """Post `alert`; any answer but 2xx, and none at all, raises NotTaken."""
        said = encode_json(
            {
                "id": alert.id,
                "type": "stock.low",
                "sku": alert.sku,
                "product_id": alert.product_id,
                "available": alert.available,
                "at": alert.at,
            }
        )
        headers = {
            "Content-Type": "application/json",
            "Souk-Signature": signature(self._secret, said, now),
        }
        try:
            async with self._http.post(
                self._url,
                data=said,
                headers=headers,
                # Whoever answers for that address is told, and nobody it points to.
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=WITHIN_S),
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as trouble:
            raise NotTaken(f"no answer: {type(trouble).__name__}") from trouble
        if not 200 <= status < 300:
            raise NotTaken(f"answered {status}")


def signature(secret: bytes, said: bytes, now: datetime) -> str:
    """Return what vouches for `said` at `now`."""
    at = int(now.timestamp())
    signed = hmac.new(secret, b"%d.%s" % (at, said), hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"
