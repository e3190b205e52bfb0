"""Words of dates in the languages that tables are written in: months, weekdays, and names of columns of dates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

NAMES = """
january januar janvier enero gennaio janeiro januari januari januar
february februar fevrier febrero febbraio fevereiro februari februari februar
march marz mars marzo marzo marco maart mars marts
april april avril abril aprile abril april april april
may mai mai mayo maggio maio mei maj maj
june juni juin junio giugno junho juni juni juni
july juli juillet julio luglio julho juli juli juli
august august aout agosto agosto agosto augustus augusti august
september september septembre septiembre settembre setembro setiembre september september
october oktober octobre octubre ottobre outubro oktober oktober oktober
november november novembre noviembre novembre novembro november november november
december dezember decembre diciembre dicembre dezembro december december december
"""
"""Every month on a line: English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Danish."""

OTHERS = """
styczen stycznia leden ledna tammikuu ocak январь января
luty lutego unor unora helmikuu subat февраль февраля
marzec marca brezen brezna maaliskuu mart март марта
kwiecien kwietnia duben dubna huhtikuu nisan апрель апреля
maj maja kveten kvetna toukokuu mayis май мая
czerwiec czerwca cerven cervna kesakuu haziran июнь июня
lipiec lipca cervenec cervence heinakuu temmuz июль июля
sierpien sierpnia srpen srpna elokuu agustos август августа
wrzesien wrzesnia zari syyskuu eylul сентябрь сентября
pazdziernik pazdziernika rijen rijna lokakuu ekim октябрь октября
listopad listopada listopadu marraskuu kasim ноябрь ноября
grudzien grudnia prosinec prosince joulukuu aralik декабрь декабря
"""
"""Likewise in Polish, Czech, Finnish, Turkish and Russian, as they stand alone and as they stand in a date."""

SHORT = """
jan janv ene gen sty янв jaen janner jaenner
feb fev fevr lut фев
mar mrz mrt marz мар maerz
apr avr abr kwi апр
may mai mei maj mag maio май
jun juin giu июн
jul juil lug июл
aug aou ago sie авг
sep sept set wrz сен
oct okt ott out paz окт
nov lis ноя
dec dez dic des gru дек
"""


def plain(text: str) -> str:
    """A text in small letters without accents."""
    if text.isascii():
        return text.lower()
    return "".join(sign for sign in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(sign))


MONTH = {
    plain(word): number for lines in (SHORT, NAMES, OTHERS)
    for number, line in enumerate(lines.strip().splitlines(), start=1) for word in line.split()
}  # fmt: skip
"""Number of a month by its name, in small letters and without accents."""

NOISE_WORDS = """
of the de del d di le la el den der the st nd rd th er um uhr at a las alle kl o mon monday tue
tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday mo montag di
dienstag mi mittwoch do donnerstag fr freitag sa samstag sonnabend so sonntag lun lundi lunes
lunedi mar mardi martes martedi mer mercredi mie miercoles mercoledi jeu jeudi jue jueves gio
giovedi ven vendredi vie viernes venerdi sam samedi sab sabado sabato dim dimanche dom domingo
domenica г года г. roku r
"""
NOISE = frozenset(NOISE_WORDS.split())
"""Words in dates that carry nothing: weekdays and little words."""

CLOCKS_WORDS = """
time hour hours hr uhrzeit zeit heure hora ora orario tijd tid klockslag czas stunde godzina время
"""
CLOCKS = frozenset(CLOCKS_WORDS.split())
"""What a column of the time of day is called."""

STRONG_WORDS = """
date datum datetime timestamp fecha zeitstempel epoch dato datetimeutc datehour data_ora дата
日期 时间 時間 日付 日時 年月 날짜
"""
STRONG = frozenset(STRONG_WORDS.split())
"""Words that only columns of dates have in their names."""

YEAR, MONTH_WORDS, DAY, HOUR, MINUTE = (
    frozenset(words.split()) for words in (
        "year yr yyyy jahr annee an ano anno jaar ar rok год",
        "month mon mo mm monat mois mes mese maand manad mies miesiac mesic месяц",
        "day dd tag jour dia giorno dag dzien den день",
        "hour hr hh stunde std heure hora ora uur timme time godzina час",
        "minute min minuto minuut minut",
    )
)  # fmt: skip
"""What a column of one part of a date is called."""

DAY_OF_YEAR = frozenset({"doy", "dy", "yday", "jday", "ddd", "dayofyear", "day of year", "julian", "julian day",
                         "ordinal day", "tag des jahres", "jour de l'annee", "dia juliano"})  # fmt: skip
"""What a column of the number of a day in its year is called."""

HINTS = (
    STRONG | YEAR | MONTH_WORDS | DAY | HOUR | CLOCKS
    | {"ds", "dt", "data", "quarter", "quartal", "trimestre", "week", "woche", "kw", "semaine", "semana", "settimana",
       "vecka", "uge", "period", "periode", "when", "quand", "wann", "utc", "gmt", "t"}
)  # fmt: skip
"""Words that columns of dates often have in their names."""

ENDINGS = ("date", "datum", "time", "zeit", "timestamp", "epoch")
"""How words end that do likewise."""


def is_called(column: str, names: Iterable[str]) -> bool:
    """Whether a column is called by one of the names, with or without a unit."""
    words = f" {' '.join(_words_with_digits(column))} "
    return any(f" {' '.join(_words_with_digits(name))} " in words for name in names)


def _words_with_digits(name: str) -> list[str]:
    """The words and numbers in the name of a column, in small letters: ``pm2.5 (µg/m³)`` has five."""
    return re.findall(r"\d+|[^\W\d_]+", plain(name))


def words_of(name: str) -> list[str]:
    """The words in the name of a column: ``MESS_DATUM`` and ``startTime`` have two."""
    return plain(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).replace("_", " ").translate(_NO_WORD).split()


_NO_WORD = {number: " " for number in range(128) if not chr(number).isalpha()}


def is_hinted(name: str) -> bool:
    """Whether a column is named as columns of dates are."""
    return any(word in HINTS or word.endswith(ENDINGS) for word in words_of(name))


def is_named_date(name: str) -> bool:
    """Whether a column is named as columns of dates alone are: by one word of time, or with ``date`` in it."""
    words = words_of(name)
    alone = len(words) == 1 and words[0] in HINTS - {"data", "t", "an", "ar"}
    return alone or any(word in STRONG for word in words)


def counts_days(name: str) -> bool:
    """Whether a column is named as one of numbers of days."""
    return any(word in ("jd", "mjd", "datenum", "julian") for word in words_of(name))


def is_modified(name: str) -> bool:
    """Whether a column is named as one of Modified Julian dates."""
    words = words_of(name)
    return "mjd" in words or {"modified", "julian"} <= set(words)
