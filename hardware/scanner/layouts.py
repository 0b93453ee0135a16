"""What a scanner that types meant, where it types on another keyboard than the computer has, or with Caps Lock on.

Such a scanner presses keys, and the computer makes letters of them: set for an American keyboard, at a French
computer, it types `&` for 1. Pure: which reading is the right one, the caller judges by what a code must be.

Source of the layouts: the X keyboard data (xkeyboard-config), keys in the order of the rows of an American keyboard.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_DEAD = "\0"
"""A key that types nothing by itself, only an accent on the next letter: what it stood for is lost."""

_US = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./" + '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
_LAYOUTS = {
    "FR": "²&é\"'(-è_çà)=azertyuiop\0$*qsdfghjklmùwxcvbn,;:!"
    + "~1234567890°+AZERTYUIOP\0£µQSDFGHJKLM%WXCVBN?./§",
    "BE": "²&é\"'(§è!çà)-azertyuiop\0$µqsdfghjklmùwxcvbn,;:="
    + "³1234567890°_AZERTYUIOP\0*£QSDFGHJKLM%WXCVBN?./+",
    "DE": "\0"
    "1234567890ß\0qwertzuiopü+#asdfghjklöäyxcvbnm,.-" + "°!\"§$%&/()=?\0QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_",
    "CH": "§1234567890'\0qwertzuiopü\0$asdfghjklöäyxcvbnm,.-"
    + '°+"*ç%&/()=?\0QWERTZUIOPè!£ASDFGHJKLéàYXCVBNM;:_',
    "CH-FR": "§1234567890'\0qwertzuiopè\0$asdfghjkléàyxcvbnm,.-"
    + '°+"*ç%&/()=?\0QWERTZUIOPü!£ASDFGHJKLöäYXCVBNM;:_',
    "ES": "º1234567890'¡qwertyuiop\0+çasdfghjklñ\0zxcvbnm,.-"
    + 'ª!"·$%&/()=?¿QWERTYUIOP\0*ÇASDFGHJKLÑ\0ZXCVBNM;:_',
    "IT": "\\1234567890'ìqwertyuiopè+ùasdfghjklòàzxcvbnm,.-"
    + '|!"£$%&/()=?^QWERTYUIOPé*§ASDFGHJKLç°ZXCVBNM;:_',
    "SE": "§1234567890+\0qwertyuiopå\0'asdfghjklöäzxcvbnm,.-"
    + '½!"#¤%&/()=?\0QWERTYUIOPÅ\0*ASDFGHJKLÖÄZXCVBNM;:_',
    "NO": "|1234567890+\\qwertyuiopå\0'asdfghjkløæzxcvbnm,.-"
    + '§!"#¤%&/()=?\0QWERTYUIOPÅ\0*ASDFGHJKLØÆZXCVBNM;:_',
    "DK": "½1234567890+\0qwertyuiopå\0'asdfghjklæøzxcvbnm,.-"
    + '§!"#¤%&/()=?\0QWERTYUIOPÅ\0*ASDFGHJKLÆØZXCVBNM;:_',
    "UK": "`1234567890-=qwertyuiop[]#asdfghjkl;'zxcvbnm,./"
    + '¬!"£$%^&*()_+QWERTYUIOP{}~ASDFGHJKL:@ZXCVBNM<>?',
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a code may have been. `set_scanner_to` is the keyboard that the scanner should be set to, empty where that
    is right; `caps_lock` tells that Caps Lock was on."""

    code: str
    set_scanner_to: str
    caps_lock: bool


def readings(typed: str) -> Iterator[Reading]:
    """Everything else that `typed` can have been, each code once, the likeliest first: fewest things wrong."""
    seen = {typed}
    for caps_lock in (False, True):
        text = "".join(map(_other_case, typed)) if caps_lock else typed
        for set_to, keys in (("", {}), *_KEYS):
            code = "".join(keys.get(sign, "") for sign in text) if keys else text
            if len(code) == len(typed) and code not in seen:
                seen.add(code)
                yield Reading(code, set_to, caps_lock)


def _keys(typed_on: str, meant: str) -> dict[str, str]:
    """What each sign of the keyboard `typed_on` is on the keyboard `meant`; what either cannot type is left out."""
    keys = {sign: sign for sign in " \x1d"}
    for sign, real in zip(typed_on, meant, strict=True):
        if _DEAD not in (sign, real):
            keys.setdefault(sign, real)
    return keys


# The computer has the country's keyboard and the scanner America's, or the other way round.
_KEYS = (
    *((country, _keys(signs, _US)) for country, signs in _LAYOUTS.items()),
    *(("US", _keys(_US, signs)) for signs in _LAYOUTS.values()),
)


def _other_case(sign: str) -> str:
    other = sign.lower() if sign.isupper() else sign.upper()
    return other if len(other) == 1 else sign
