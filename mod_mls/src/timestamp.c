#include "timestamp.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

/* Days between 1970-01-01 and a date of the proleptic Gregorian calendar; March begins the counted year. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void date_from_days(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    int64_t era = days / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    *month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

void mod_mls_timestamp_write(char out[MOD_MLS_TIMESTAMP_SIZE], uint64_t unix_ms)
{
    const uint64_t last = UINT64_C(253402300799);
    uint64_t seconds = unix_ms / 1000 > last ? last : unix_ms / 1000;
    unsigned in_day = (unsigned)(seconds % 86400);
    int year, month, day;

    date_from_days((int64_t)(seconds / 86400), &year, &month, &day);
    (void)snprintf(out, MOD_MLS_TIMESTAMP_SIZE, "%04d-%02d-%02dT%02u:%02u:%02uZ", year, month, day,
                   in_day / 3600, in_day / 60 % 60, in_day % 60);
}

/* Reads exactly `n` digits. */
static bool digits(int *out, const char **at, int n)
{
    *out = 0;
    for (; n > 0; n--, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool literal(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static int milliseconds(const char **at)
{
    int value = 0, scale = 100;

    if (!literal(at, '.'))
        return 0;
    for (; **at >= '0' && **at <= '9'; (*at)++, scale /= 10)
        value += (**at - '0') * scale;
    return value;
}

static bool offset_minutes(int *out, const char **at)
{
    int hours, minutes, sign;

    *out = 0;
    if (literal(at, 'Z'))
        return true;
    sign = **at == '+' ? 1 : **at == '-' ? -1 : 0;
    if (sign == 0)
        return false;
    (*at)++;
    if (!digits(&hours, at, 2) || !literal(at, ':') || !digits(&minutes, at, 2) || hours > 14 || minutes > 59)
        return false;
    *out = sign * (hours * 60 + minutes);
    return true;
}

bool mod_mls_timestamp_read(uint64_t *unix_ms, const char *stamp)
{
    int year, month, day, hour, minute, second, offset;
    const char *at = stamp;

    *unix_ms = 0;
    if (stamp == NULL || !digits(&year, &at, 4) || !literal(&at, '-') || !digits(&month, &at, 2) ||
        !literal(&at, '-') || !digits(&day, &at, 2) || !literal(&at, 'T') || !digits(&hour, &at, 2) ||
        !literal(&at, ':') || !digits(&minute, &at, 2) || !literal(&at, ':') || !digits(&second, &at, 2))
        return false;
    int fraction = milliseconds(&at);
    if (!offset_minutes(&offset, &at) || *at != '\0' || month < 1 || month > 12 || day < 1 || day > 31 ||
        hour > 23 || minute > 59 || second > 60)
        return false;
    int64_t seconds =
        days_from_date(year, month, day) * 86400 + hour * 3600 + (minute - offset) * 60 + second;
    if (seconds < 0)
        return false;
    *unix_ms = (uint64_t)seconds * 1000 + (uint64_t)fraction;
    return true;
}
