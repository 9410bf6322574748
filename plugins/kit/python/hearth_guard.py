"""Between an author's functions and the engine: what goes wrong is written to the log with its file and line, and ends
the run. The engine by itself would stop without a word. Tracebacks are put together by hand: `traceback` reads source files,
and the first file call ends the run."""

import builtins

from componentize_py_types import Err
from hearth import Absence, Refusal
from wit_world.imports import log

# The function itself: what is lent below is checked, and this is called while a check has failed.
_write = log.write
# Is a question being answered? While the plugin is loaded, at build time, there is no host to ask.
_running = False

_print = builtins.print


def _said(*said, sep=" ", **how):
    """There is no output: what is printed stands in the log. While the plugin is built there is no log, but output."""
    if _running:
        _write(log.Level.DEBUG, sep.join(map(str, said)))
    else:
        _print(*said, sep=sep, **how)


builtins.print = _said


def lend(module, interface, functions):
    """Puts a checked function in the place of each of the module's. `functions`: [name, shape] of each parameter."""
    for name, params in functions.items():
        setattr(module, name, _lent(f"{interface}.{name}", getattr(module, name), params))


def _lent(name, ask, params):
    def lent(*args, **named):
        if not _running:
            raise RuntimeError(f"{name} is called while the plugin is loaded: call it inside a function, there is no family yet")
        given = {**dict(zip((param for param, _ in params), args)), **named}
        if len(args) + len(named) != len(params) or given.keys() != {param for param, _ in params}:
            raise TypeError(f"{name} takes {', '.join(param for param, _ in params) or 'no arguments'}")
        for param, shape in params:
            _check(shape, given[param], f"{name}: {param}")
        try:
            return ask(*(given[param] for param, _ in params))
        except Err as e:
            why = getattr(e.value, "why", None)
            if isinstance(why, str):
                raise Absence(name, why) from None
            raise

    lent.__doc__ = ask.__doc__
    return lent


def expect(plugin, offered, name):
    """Refuses, at build time, a plugin without one of its functions."""
    if not callable(getattr(getattr(plugin, offered, plugin), name, None)):
        raise TypeError(f"plugin.py has no function {name}, which {offered} in world.wit asks for")


def asked(plugin, offered, name, answers, refusal, *args):
    """Asks the author's function: of the object of the interface's name if there is one, or of the module itself."""
    global _running
    _running = True
    try:
        ask = getattr(getattr(plugin, offered, plugin), name)
        answer = ask(*args)
        if answers is not None:
            code = getattr(ask, "__code__", None)
            _check(answers, answer, f"the answer ({_file(code)}:{code.co_firstlineno})" if code else "the answer")
        return answer
    except (Refusal, Absence) as e:
        message = getattr(e, "message", None)
        if refusal is None or not isinstance(e.why, str) or type(message).__name__ not in ("NoneType", "Message"):
            _tell(name, TypeError(f"refuse takes a word and a message, and is given {e.why!r}, {message!r}").with_traceback(e.__traceback__))
            raise RuntimeError from None
        raise Err(refusal(e.why, message)) from None
    except BaseException as e:
        _tell(name, e)
        raise RuntimeError from None


def _tell(name, e):
    """`progress: ValueError: no rate, at plugin.py:12 in attendance, plugin.py:3 in progress`."""
    places, frame = [], e.__traceback__
    while frame:
        code = frame.tb_frame.f_code
        file = _file(code)
        if not file.startswith("hearth"):
            places.append(f"{file}:{frame.tb_lineno} in {code.co_name}")
        frame = frame.tb_next
    at = f", at {', '.join(reversed(places))}" if places else ""
    _write(log.Level.ERROR, f"{name}: {type(e).__name__}: {e}{at}")


def _file(code):
    """Without the folders of the build, which are numbered: /1/plugin.py."""
    return "/".join(part for part in code.co_filename.split("/") if part and not part.isdigit())


def _check(shape, value, where):
    """Raises where `value` has not the shape. The shapes are those of `host/src/plugins/author/shape.rs`."""

    def must(is_so, what):
        if not is_so:
            shown = "missing" if value is None else repr(value)
            raise TypeError(f"{where} is {shown[:80]}, and must be {what}")

    if shape == "any":
        return
    if shape == "bool":
        must(isinstance(value, bool), "True or False")
    elif shape == "text":
        must(isinstance(value, str), "text")
    elif shape == "number":
        must(isinstance(value, (int, float)) and not isinstance(value, bool), "a number")
    elif "whole" in shape:
        least, most = shape["whole"]
        must(isinstance(value, int) and not isinstance(value, bool) and least <= value <= most, f"a whole number from {least} to {most}")
    elif "option" in shape:
        if value is not None:
            _check(shape["option"], value, where)
    elif "list" in shape:
        must(isinstance(value, list), "a list")
        for i, item in enumerate(value):
            _check(shape["list"], item, f"{where}[{i}]")
    elif "tuple" in shape:
        must(isinstance(value, tuple) and len(value) == len(shape["tuple"]), f"a tuple of {len(shape['tuple'])}")
        for i, inner in enumerate(shape["tuple"]):
            _check(inner, value[i], f"{where}[{i}]")
    elif "enum" in shape:
        must(getattr(value, "name", None) in shape["enum"], f"one of {', '.join(shape['enum'])}")
    elif "variant" in shape:
        case = type(value).__name__
        must(case in shape["variant"], f"one of {', '.join(shape['variant'])}")
        if shape["variant"][case] is not None:
            _check(shape["variant"][case], value.value, f"{where}.value")
    else:
        must(type(value).__name__ == shape["name"], f"a {shape['name']}")
        for field, inner in shape["record"]:
            _check(inner, getattr(value, field), f"{where}.{field}")
