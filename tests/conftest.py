"""For all tests: signals as a terminal leaves them, also where the tests were started in the background or by nohup."""

from __future__ import annotations

import signal

for _name, _usual in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)
