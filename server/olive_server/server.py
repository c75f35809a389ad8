"""The server as the client sees it: the connection, its life from `initialize` to `exit`, and what it holds.

pygls gives the types, the capabilities and the requests to the client; reading, dispatch of what was cancelled, and the
texts are ours. Nothing but messages is written to the connection: whatever else prints goes to stderr.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method

from . import VERSION
from .transport import Inbox, Read

if TYPE_CHECKING:
    from .session import Session

LOG = logging.getLogger(__name__)
_NOT_INITIALIZED, _INVALID_REQUEST, _PARSE_ERROR, _CANCELLED, _INTERNAL = (
    -32002,
    -32600,
    -32700,
    -32800,
    -32603,
)

Command = Callable[[list[Any]], Any]


class Protocol(LanguageServerProtocol):
    """pygls's dispatch without its own copy of the texts, and with an answer to every request."""

    session: Session

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        self.plain: dict[str, Callable[[dict[str, Any]], Any]] = {}
        """Handlers that take plain JSON, by method: types cost more than what these do."""
        self._asked = 0
        self._awaited: dict[str, asyncio.Future[Any]] = {}

    def receive(self, message: dict[str, Any], *, cancelled: bool) -> None:
        """One message as it came. Never raises."""
        method, identity = message.get("method"), message.get("id")
        if method is None:
            self._answered(message)
            return
        is_request = "id" in message
        if is_request:
            refusal = self._refusal(str(method), message.get("params"), cancelled)
            if refusal is not None:
                self.refuse(identity, *refusal)
                return
        elif method != types.EXIT and not self.session.initialized:
            return
        self.session.told = params = message.get("params")
        if method in self.plain:
            self._handle(self.plain[method], params if isinstance(params, dict) else {}, message)
            return
        message["jsonrpc"] = self.VERSION
        try:
            structured = self.structure_message(message)
        except JsonRpcException as error:
            LOG.error("%s: its parameters are not as the protocol has them", method)
            if is_request:
                why = error.message or "wrong parameters"
                self.refuse(identity, JsonRpcInvalidParams.CODE, f"{method}: {why}")
            return
        handler = self.fm.features.get(method)
        if is_request and handler is not None:
            self._handle(handler, structured.params, message)
            return
        try:
            self.handle_message(structured)
        except Exception:
            LOG.exception("%s failed", method)

    def _handle(self, handler: Callable[[Any], Any], params: Any, message: dict[str, Any]) -> None:
        """Answers at once where the handler does, else when its coroutine has ended; it may be cancelled until then."""
        identity = message.get("id")
        try:
            result = handler(params)
        except JsonRpcException as error:
            self.refuse(identity, error.code, error.message, error.data)
            return
        if asyncio.iscoroutine(result):
            task = self.session.loop.create_task(result)
            self._request_futures[identity] = task  # type: ignore[index, assignment]
            task.add_done_callback(lambda done: self._send_handler_result(done, msg_id=identity))
        elif "id" in message:
            self._send_response(identity, result)

    def _refusal(self, method: str, params: Any, cancelled: bool) -> tuple[int, str] | None:
        if cancelled:
            return _CANCELLED, f"{method} was cancelled"
        if self._shutdown:
            return _INVALID_REQUEST, "the server is shutting down"
        if not self.session.initialized and method != types.INITIALIZE:
            return _NOT_INITIALIZED, "the server has not been initialized"
        if self.session.initialized and method == types.INITIALIZE:
            return _INVALID_REQUEST, "the server has been initialized before"
        if method == types.WORKSPACE_EXECUTE_COMMAND:
            command = str(params.get("command")) if isinstance(params, dict) else None
            if command not in self.fm.commands:
                return JsonRpcInvalidParams.CODE, f"there is no command {command!r}"
        return None

    def refuse(self, identity: Any, code: int, message: str, data: Any = None) -> None:
        error = {"code": code, "message": message, **({} if data is None else {"data": data})}
        self._send_data({"jsonrpc": self.VERSION, "id": identity, "error": error})

    def send(self, method: str, params: Any) -> None:
        """A notification whose parameters are plain JSON already."""
        self._send_data({"jsonrpc": self.VERSION, "method": method, "params": params})

    def make_types(self) -> None:
        """What turns JSON into typed parameters: made at the first message that needs it, or before."""
        place = {"textDocument": {"uri": ""}, "position": {"line": 0, "character": 0}}
        for method in (types.TEXT_DOCUMENT_COMPLETION, types.TEXT_DOCUMENT_HOVER):
            self.structure_message({"jsonrpc": self.VERSION, "id": 0, "method": method, "params": place})

    def ask(self, method: str, params: Any) -> asyncio.Future[Any]:
        """A request to the client in plain JSON, and its answer to come, as plain JSON too.

        Where the client refuses, the answer raises JsonRpcException; nobody need await it.
        """
        self._asked += 1
        identity = f"olivepress-{self._asked}"
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._awaited[identity] = future
        self._send_data({"jsonrpc": self.VERSION, "id": identity, "method": method, "params": params})
        return future

    def _answered(self, message: dict[str, Any]) -> None:
        future = self._awaited.pop(str(message.get("id")), None)
        if future is None or future.done():
            return
        error = message.get("error")
        if error is None:
            future.set_result(message.get("result"))
        else:
            text = error.get("message") if isinstance(error, dict) else None
            future.set_exception(JsonRpcException(str(text or "refused by the client")))

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        self._result_types.pop(msg_id, None)
        if error is not None:
            self.refuse(msg_id, error.code, error.message)
        else:
            self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "result": result})

    def _send_handler_result(self, future: Any, *, msg_id: Any) -> None:
        """Refusals are answers and no defects: only what nobody foresaw goes into the log."""
        self._request_futures.pop(msg_id, None)
        error = None if future.cancelled() else future.exception()
        if future.cancelled():
            self.refuse(msg_id, _CANCELLED, "cancelled")
        elif error is None:
            self._send_response(msg_id, future.result())
        elif isinstance(error, JsonRpcException):
            self.refuse(msg_id, error.code, error.message, error.data)
        else:
            LOG.error("a request failed", exc_info=error)
            self.refuse(msg_id, _INTERNAL, f"{type(error).__name__}: {error}")

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        future = self._request_futures.pop(msg_id, None)
        if future is not None:
            future.cancel()

    def _call(self, method: str, params: Any) -> None:
        handler = self.fm.features.get(method)
        if handler is not None:
            handler(params)

    @lsp_method(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def lsp_workspace__did_change_workspace_folders(
        self, params: types.DidChangeWorkspaceFoldersParams
    ) -> None:
        self._call(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, params)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(  # type: ignore[override]
        self, params: types.ExecuteCommandParams
    ) -> Any:
        command = self.fm.commands[params.command]
        return await command(list(params.arguments or ()))

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        self._call(types.WINDOW_WORK_DONE_PROGRESS_CANCEL, params)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> None:  # type: ignore[override]
        self.session.stop(0 if self._shutdown else 1)


def make_server() -> OliveServer:
    """A server with everything that it answers registered, and not yet connected."""
    from .handlers import register
    from .session import Session

    server = OliveServer()
    server.protocol.session = Session(server)
    register(server, server.protocol.session)
    return server


class _Converter:
    """pygls's converter between types and JSON, made when a message first needs it."""

    def __init__(self) -> None:
        self._made: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            from pygls.protocol import default_converter

            self._made = default_converter()  # type: ignore[no-untyped-call]
        return getattr(self._made, name)


class OliveServer(LanguageServer):
    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("olivepress", VERSION, protocol_cls=Protocol, converter_factory=_Converter)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Into the log, by name; never as a box in the user's face."""
        LOG.error("%s: %s", getattr(source, "__name__", source), error)

    async def serve(self, read: Read, write: Callable[[bytes], None]) -> int:
        """Until the client says `exit` or its stream ends; the exit code that the protocol asks for."""
        loop = asyncio.get_running_loop()
        self.protocol.set_writer(_Writer(write))
        session = self.protocol.session
        inbox = Inbox(read, lambda: _soon(loop, deliver))

        def deliver() -> None:
            arrived = inbox.take()
            if arrived is None:
                if inbox.ended:
                    session.stop(1)
            elif arrived.message is None:
                self.protocol.refuse(None, _PARSE_ERROR, "this message is not JSON")
            else:
                self.protocol.receive(arrived.message, cancelled=arrived.cancelled)

        session.begin(loop, lambda: inbox.busy)
        inbox.start()
        return await session.stopped


class _Writer:
    """pygls's idea of a stream. A client that is gone is noticed by the reader."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self._write(data)

    def close(self) -> None:
        return


def _soon(loop: asyncio.AbstractEventLoop, action: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: there is nobody to tell
        loop.call_soon_threadsafe(action)
