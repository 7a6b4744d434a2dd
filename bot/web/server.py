"""The web server, which lets open pages go before it waits for them to end."""

from __future__ import annotations

import socket

import uvicorn


class Server(uvicorn.Server):
    """uvicorn's own, for an app whose `state.let_go()` ends every page that stays open.

    uvicorn tells an app that it stops only after it has waited for every answer to end, and a page
    that hears of news ends only when it is told: so each stop took the whole of that patience, and
    ended with the pages cut off and a traceback.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: whoever waits for news goes home, and what is being answered is finished."""
        state = getattr(self.config.app, "state", None)
        let_go = getattr(state, "let_go", None)
        if let_go is not None:
            let_go()
        await super().shutdown(sockets)
